"""The newest reading of each official list, for pages and for operators."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Subquery

from companies.models import ImportRun, OfficialList, Pact, Source

WEEK = datetime.timedelta(days=7)
NEWEST_LIST_FIRST = ("-seen_on", "-retrieved_at", "-pk")


@dataclass(frozen=True)
class ListReading:
    """A full list of a day, compared with an older one where there is one."""

    seen_on: datetime.date
    retrieved_at: datetime.datetime
    names: int
    is_first: bool
    before_on: datetime.date | None = None
    names_before: int = 0

    @property
    def is_a_week_after(self) -> bool:
        return self.before_on == self.seen_on - WEEK

    @property
    def more(self) -> int:
        return max(self.names - self.names_before, 0)

    @property
    def fewer(self) -> int:
        return max(self.names_before - self.names, 0)


@dataclass(frozen=True)
class ListRead:
    """A watched list and its last good reading; None before the first."""

    pact: Pact
    url: str
    reading: ListReading | None


def lists_read() -> list[ListRead]:
    """The watched lists in the order of their pacts, with their last good reading. Two queries."""
    watched = list(OfficialList.objects.filter(watched=True).select_related("pact"))
    readings = _readings([one.pact_id for one in watched])
    return [ListRead(one.pact, one.url, readings.get(one.pact_id)) for one in watched]


def last_reading(pact: Pact) -> ListReading | None:
    """The last good reading of the watched list of a pact."""
    return next((one.reading for one in lists_read() if one.pact.pk == pact.pk), None)


def last_states() -> dict[int, str]:
    """The state of the newest attempt at each list, by primary key of the pact. One query."""
    attempts = ImportRun.objects.of_lists().order_by("-retrieved_at", "-pk")
    return dict(_newest_of_each_pact(attempts).values_list("pact_id", "state"))


def _readings(pacts: list[int]) -> dict[int, ListReading]:
    """For each pact, the newest full list and the newest that is at least a week older."""
    full = ImportRun.objects.of_lists().that_reached().filter(partial=False)
    full = full.order_by(*NEWEST_LIST_FIRST)
    others = full.filter(pact=OuterRef("pact")).exclude(pk=OuterRef("pk"))
    older = others.filter(seen_on__lte=OuterRef("a_week_before"))
    newest = (
        _newest_of_each_pact(full)
        .filter(pact__in=pacts)
        .annotate(a_week_before=ExpressionWrapper(F("seen_on") - WEEK, DateField()))
        .annotate(
            has_others=Exists(others),
            before_on=Subquery(older.values("seen_on")[:1]),
            names_before=Subquery(older.values("names_count")[:1]),
        )
        .defer("content", "listed")
    )
    return {run.pact_id: _reading(run) for run in newest}


def _reading(run: Any) -> ListReading:
    return ListReading(
        seen_on=run.seen_on,
        retrieved_at=run.retrieved_at,
        names=run.names_count,
        is_first=not run.has_others,
        before_on=run.before_on,
        names_before=run.names_before or 0,
    )


def _newest_of_each_pact(runs: QuerySet[ImportRun]) -> QuerySet[ImportRun]:
    """Of ordered `runs`, the first of each pact."""
    return runs.filter(pk=Subquery(runs.filter(pact=OuterRef("pact")).values("pk")[:1]))


def newest_list_on(pact: Pact) -> datetime.date | None:
    """The day of the newest official list among the sources of a pact."""
    lists = Source.objects.filter(
        kind=Source.Kind.OFFICIAL_LIST, citations__signing__pact=pact, published_on__isnull=False
    )
    return lists.order_by("-published_on").values_list("published_on", flat=True).first()
