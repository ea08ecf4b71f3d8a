"""Filters of events, newest first: new statuses, published reports and milestones."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

import django_filters
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Citation,
    Company,
    Milestone,
    Pact,
    PartialDate,
    Precision,
    ProgressReport,
    Signing,
    Source,
)
from companies.queries.parameters import Day, PactChoice, StrictFilter

EVENTS = 18  # of a page, and those of the same day as the last of them
LAST_DAY = datetime.date(9998, 12, 31)  # the last one that has a following year
NAMED = 3  # companies of one event; of more, two and a number
ALL_NAMED = 300  # companies, where the query asks for one kind of event of one pact
Status = Signing.Status
# A company that was looked for and not found did nothing that day: that is no event.
BEGUN = (Status.SIGNED, Status.REMOVED, Status.WITHDRAWN, Status.DECLINED, Status.INTERESTED)
REPORT, MILESTONE = "report", "milestone"
EVENT_KINDS = (
    *((one.value, one.label) for one in BEGUN),
    (REPORT, _("Report")),
    (MILESTONE, _("Milestone")),
)
# Companies that share these are one event.
GROUND = ("since", "since_precision", "pact", "status", "since_basis")
_KIND_OF_SOURCE = list(Source.Kind.values)


@dataclass(frozen=True)
class WorldEvent:
    """An event of one or more companies on one day, or a milestone.

    `companies` are the first of the `number`, and `source` supports all of them, if one does.
    """

    when: PartialDate
    kind: str
    basis: str = ""
    pact: Pact | None = None
    companies: list[Company] = field(default_factory=list)
    number: int = 1
    source: Source | None = None
    milestone: Milestone | None = None
    url: str = ""

    @property
    def until(self) -> datetime.date:
        """The last day of the month or year stated."""
        day = self.when.date
        if self.when.precision == Precision.DAY:
            return day
        month = 12 if self.when.precision == Precision.YEAR else day.month
        following = datetime.date(day.year + month // 12, month % 12 + 1, 1)
        return following - datetime.timedelta(days=1)


def within(since: datetime.date | None, until: datetime.date | None) -> Q:
    """Condition for events whose whole day, month or year is within `since` and `until`."""
    found = Q(since__gte=since) if since else Q()
    if until is None:
        return found
    following = min(until, LAST_DAY) + datetime.timedelta(days=1)
    return found & (
        Q(since_precision=Precision.DAY, since__lte=until)
        | Q(since_precision=Precision.MONTH, since__lt=following.replace(day=1))
        | Q(since_precision=Precision.YEAR, since__lt=following.replace(month=1, day=1))
    )


class EventFilter(StrictFilter):
    """The filter set of events, paged by whole days."""

    view = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("view"),
        choices=[("happened", "happened"), ("recorded", "recorded")],
        empty_label=None,
        help_text=_("What happened in the world, or what we recorded."),
    )
    pact = PactChoice(method="unfiltered", of_all=True)
    event = django_filters.MultipleChoiceFilter(
        method="unfiltered", label=_("kind of event"), choices=EVENT_KINDS
    )
    since = Day(method="unfiltered", label=_("happened since"), help_text=_("A date (YYYY-MM-DD)."))
    until = Day(method="unfiltered", label=_("happened until"), help_text=_("A date (YYYY-MM-DD)."))
    before = Day(
        method="unfiltered",
        label=_("before"),
        help_text=_("A date (YYYY-MM-DD); the page starts with the day before."),
    )

    class Meta:
        model = Signing
        fields: list[str] = []

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The parameter values; BadQuery when the query is invalid."""
        self.refuse_faults()
        return dict(self.form.cleaned_data)

    @property
    def named(self) -> int:
        """The number of companies named for each event."""
        return ALL_NAMED if self.chosen["pact"] and len(self.chosen["event"]) == 1 else NAMED

    def counts(self, ranges: dict[str, tuple[Any, Any]]) -> dict[str, int]:
        """The number of events in each range of days. One query per table."""
        wanted = {name: Count("since", filter=within(*days)) for name, days in ranges.items()}
        found = [groups.aggregate(**wanted) for groups in map(_groups, self._tables())]
        return {name: sum(one[name] for one in found) for name in ranges}

    def kinds(self) -> dict[str, int]:
        """The number of events of each kind, ignoring the selected kinds. One query per table."""
        days = within(self.chosen["since"], self.chosen["until"])
        found: dict[str, int] = dict.fromkeys((value for value, _label in EVENT_KINDS), 0)
        for groups in map(_groups, self._tables(every=True)):
            wanted = {kind: Count("since", filter=Q(status=kind)) for kind in found}
            for kind, number in groups.filter(days).aggregate(**wanted).items():
                found[kind] += number
        return found

    def page(self) -> tuple[list[WorldEvent], datetime.date | None]:
        """The events of a page, and the day before which the next page begins, if any.

        Three queries find the days, six what happened on them, and three whether there are
        more.
        """
        days = within(self.chosen["since"], self.chosen["until"])
        if self.chosen["before"]:
            days &= Q(since__lt=self.chosen["before"])
        tables = [rows.filter(days) for rows in self._tables()]
        dates = sorted((day for rows in tables for day in _dates(rows)), reverse=True)
        if len(dates) <= EVENTS:
            return self._events(tables), None
        last = dates[EVENTS - 1]
        events = self._events([rows.filter(since__gte=last) for rows in tables])
        more = any(rows.filter(since__lt=last).exists() for rows in tables)
        return events, last if more else None

    def newest(self) -> PartialDate | None:
        """The date of the newest event, ignoring the days in the query. One query per table."""
        order = ("-since", "since_precision")
        columns = ("since", "since_precision")
        found = [rows.order_by(*order).values_list(*columns).first() for rows in self._tables()]
        return max((PartialDate(*one) for one in found if one), default=None)

    def _tables(self, *, every: bool = False) -> list[QuerySet[Any]]:
        """Statuses, reports and milestones of the query until today, of any kind."""
        kinds, pact = self.chosen["event"], self.chosen["pact"]
        tables: list[QuerySet[Any]] = [_statuses(), _reports(), _milestones()]
        tables = [rows.filter(since__lte=timezone.localdate()) for rows in tables]
        tables = [rows.filter(pact=pact) for rows in tables] if pact else tables
        return [rows.filter(status__in=kinds) for rows in tables] if kinds and not every else tables

    def _events(self, tables: list[QuerySet[Any]]) -> list[WorldEvent]:
        statuses, reports, milestones = tables
        found = [
            *_of_companies(statuses, self.named, _sources_of(statuses)),
            *_of_companies(reports, self.named, {}),
            *(_of_milestone(one) for one in milestones.select_related("pact", "source")),
        ]
        return sorted(found, key=_order)


def _order(event: WorldEvent) -> tuple[int, str, int, str]:
    place = event.pact.position if event.pact else 99
    return -event.when.date.toordinal(), event.when.precision, place, event.kind


def _statuses() -> QuerySet[Any]:
    """New statuses with a source."""
    proved = Exists(Citation.objects.filter(signing=OuterRef("pk")))
    return Signing.objects.filter(proved, status__in=BEGUN)


def _reports() -> QuerySet[Any]:
    return ProgressReport.objects.filter(published_on__isnull=False).annotate(
        since=F("published_on"),
        since_precision=_text(Precision.DAY),
        status=_text(REPORT),
        since_basis=_text(Signing.SinceBasis.STATED),
    )


def _milestones() -> QuerySet[Any]:
    """Milestones; each is an event by itself."""
    return Milestone.objects.annotate(
        since=F("date"),
        since_precision=F("date_precision"),
        status=_text(MILESTONE),
        since_basis=F("title_en"),
    )


def _text(value: str) -> Value:
    return Value(str(value), output_field=CharField())


def _groups(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values(*GROUND).distinct()


def _dates(rows: QuerySet[Any], number: int = EVENTS + 1) -> list[datetime.date]:
    """The dates of the newest events."""
    return [row["since"] for row in _groups(rows).order_by("-since")[:number]]


def _of_companies(
    rows: QuerySet[Any], named: int, sources: dict[tuple[Any, ...], Source]
) -> Iterator[WorldEvent]:
    """Group rows that share all grounds into one event, with the first companies by name."""
    by_name = ["company__name_folded", "pk"]
    grounds = [F(name) for name in GROUND]
    shown = rows.annotate(
        place=Window(RowNumber(), partition_by=grounds, order_by=by_name),
        number=Window(Count("pk"), partition_by=grounds),
    ).filter(place__lte=named)
    shown = shown.select_related("company", "pact").order_by(*GROUND, "place")
    columns = attrgetter("since", "since_precision", "pact_id", "status", "since_basis")
    for ground, alike in groupby(shown, key=columns):
        first, *others = alike
        some = [first, *others]
        some = some if first.number <= len(some) else some[: max(len(some) - 1, 2)]
        yield WorldEvent(
            when=PartialDate(first.since, first.since_precision),
            kind=first.status,
            basis=first.since_basis,
            pact=first.pact,
            companies=[one.company for one in some],
            number=first.number,
            source=sources.get(ground),
            url=getattr(first, "url", "") if first.number == 1 else "",
        )


def _sources_of(statuses: QuerySet[Any]) -> dict[tuple[Any, ...], Source]:
    """The best source that supports all periods of a group, by group."""
    totals = _numbers(statuses.order_by().values_list(*GROUND).annotate(number=Count("pk")))
    path = [f"signing__{name}" for name in GROUND]
    cited = Citation.objects.filter(signing__in=statuses).order_by().values_list(*path, "source")
    supported: dict[tuple[Any, ...], list[int]] = {}
    for *ground, source, number in cited.annotate(number=Count("signing", distinct=True)):
        if totals.get(tuple(ground)) == number:
            supported.setdefault(tuple(ground), []).append(source)
    sources = Source.objects.in_bulk({pk for pks in supported.values() for pk in pks})
    return {ground: _best(sources[pk] for pk in pks) for ground, pks in supported.items()}


def _numbers(rows: Iterable[Any]) -> dict[tuple[Any, ...], int]:
    return {tuple(ground): number for *ground, number in rows}


def _best(sources: Iterable[Source]) -> Source:
    return min(sources, key=lambda source: (_KIND_OF_SOURCE.index(source.kind), source.pk))


def _of_milestone(one: Any) -> WorldEvent:
    when = PartialDate(one.date, one.date_precision)
    return WorldEvent(when, MILESTONE, pact=one.pact, source=one.source, milestone=one)
