"""The full lists that were read, the companies missing from them, and the state of the watch.

A full list is a complete official list that was read and not refused, or one that the register
cites for its signatories. Everything that says "the list", "looked for" or "last checked" calls
here.
"""

import datetime
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.functional import cached_property

from companies.models import (
    ImportRun,
    ListsWithout,
    OfficialList,
    Pact,
    PartialDate,
    Signing,
    Source,
)

from .clocks import Clock
from .lookup import look_up_all, names_edition
from .records.prepared import Prepared
from .roster import table_state
from .roster.cited_lists import named_by_lists
from .roster.table_state import cached, cached_shared

if TYPE_CHECKING:
    from companies.names.matcher import Match

WEEK = datetime.timedelta(days=7)
# A cited list that names fewer of the signatories then known is rather a part of the list.
NEARLY_ALL = 0.8
LONGEST_REMARK = 12  # words; a name within a longer one is not looked for


@dataclass(frozen=True)
class FullList:
    """The full list of a pact on one day.

    `read_at` and `url` are those of the run that read it, if any; `from_file` means a saved
    file, and `received_from` who provided it. `may_name` are the companies that a name or
    remark on it means or may mean: the list says nothing about these until a person decides.
    """

    pact_id: int
    day: datetime.date
    names: int
    read_at: datetime.datetime | None = None
    url: str = ""
    may_name: frozenset[int] = frozenset()
    from_file: bool = False
    received_from: str = ""


@dataclass(frozen=True)
class FullLists:
    """The full lists of all pacts until a day, oldest first."""

    lists: tuple[FullList, ...]

    @cached_property
    def _by_pact(self) -> dict[int, list[FullList]]:
        by_pact = groupby(self.lists, key=attrgetter("pact_id"))
        return {pact_id: list(lists) for pact_id, lists in by_pact}

    def of(self, pact_id: int) -> list[FullList]:
        return self._by_pact.get(pact_id, [])

    def newest(self, pact: Pact) -> FullList | None:
        return next(iter(reversed(self.of(pact.pk))), None)

    def mark(self, periods: Iterable[Signing]) -> None:
        """Set `lists_without` of each period: None if it is no absence."""
        for one in periods:
            one.lists_without = self.without(one.company_id, one.pact_id, one, one.until)

    def mark_companies(self, companies: Iterable[Any], pact: Pact) -> None:
        """Set `lists_without` of companies annotated with their status toward `pact`."""
        for one in companies:
            one.lists_without = self.without(one.pk, pact.pk, one)

    def without(
        self, company_id: int, pact_id: int, status: Any, until: datetime.date | None = None
    ) -> ListsWithout | None:
        """The list first missing a company, and each later one that cannot name it.

        `status` has its values: status, since and since_precision.
        """
        if status.status != Signing.Status.NOT_SIGNED:
            return None
        first = PartialDate(status.since, status.since_precision)
        later = [
            PartialDate(one.day)
            for one in self.of(pact_id)
            if first.date <= one.day
            and (until is None or one.day < until)
            and company_id not in one.may_name
        ]
        # A list of the day, or perhaps of that month or year, is that on which it was missed.
        is_that = bool(later) and (first.date == later[0].date or first.may_be_after(later[0].date))
        return ListsWithout(tuple(later if is_that else [first, *later]))


@cached
def full_lists(clock: Clock) -> FullLists:
    """The full lists until the clock's day. One query, and three to eight after an edit."""
    known = _full_lists(clock.past.get("recorded_as_of"))
    return FullLists(tuple(one for one in known if one.day <= clock.day))


@cached
def _full_lists(recorded_on: datetime.date | None) -> tuple[FullList, ...]:
    """All full lists, by pact and day."""
    cited = _cited_lists()
    runs = _runs_that_count(cited, recorded_on)
    one_of_each = frozenset({run.sha256: run.pk for run in runs.values()}.values())
    may_name = _may_name(one_of_each, names_edition()) if runs else {}
    read = {
        key: FullList(
            *(run.pact_id, run.seen_on, run.names, run.read_at, run.url, may_name[run.sha256]),
            from_file=bool(run.file_name),
            received_from=run.received_from,
        )
        for key, run in runs.items()
    }
    return tuple((cited | read)[key] for key in sorted(cited | read))


def day_of_newest_list(pact: Pact) -> datetime.date | None:
    """The date of the newest full list of a pact, as of now. Two queries."""
    cited = _cited_lists()
    days = [day for pact_id, day in cited | _runs_that_count(cited, None) if pact_id == pact.pk]
    return max(days, default=None)


def forget() -> None:
    """Clear this process's cache of lists."""
    table_state.forget()
    _may_name.cache_clear()


def cited_list(one: FullList) -> Source | None:
    """The official list of that day that periods of its pact cite, if any. One query."""
    lists = Source.objects.filter(kind=Source.Kind.OFFICIAL_LIST, published_on=one.day)
    return lists.filter(citations__signing__pact=one.pact_id).order_by("pk").first()


Key = tuple[int, datetime.date]  # a pact and the day of its list


def _cited_lists() -> dict[Key, FullList]:
    """The lists cited for periods, unless they name too few signatories of their day."""
    return {
        (pact, day): FullList(pact, day, one.names)
        for (pact, day), one in named_by_lists().items()
        if one.names >= NEARLY_ALL * one.known
    }


class Run(NamedTuple):
    """A run that read a whole list."""

    pk: int
    pact_id: int
    seen_on: datetime.date
    read_at: datetime.datetime
    sha256: str
    names: int
    url: str
    file_name: str
    received_from: str


def _runs_that_count(
    cited: Mapping[Key, FullList], recorded_on: datetime.date | None
) -> dict[Key, Run]:
    """The last run that read the whole list, by pact and day, in reading order.

    An older copy read after a newer list changes nothing, nor does a run whose names were not
    stored.
    """
    newest = dict(sorted(cited))
    found: dict[Key, Run] = {}
    for run in map(Run._make, _whole_runs().every()):
        if recorded_on and timezone.localdate(run.read_at) > recorded_on:
            break
        if run.seen_on >= newest.get(run.pact_id, run.seen_on):
            newest[run.pact_id] = run.seen_on
            found[run.pact_id, run.seen_on] = run
    return found


@cache
def _whole_runs() -> Prepared[ImportRun]:
    """The runs that read a whole list and stored its names, in the order of reading."""
    whole = ImportRun.objects.of_lists().that_reached().filter(partial=False).exclude(listed=[])
    columns = (
        *("pk", "pact", "seen_on", "retrieved_at", "sha256", "names_count", "source_url"),
        *("file_name", "received_from"),
    )
    return Prepared(whole.order_by("retrieved_at", "pk").values_list(*columns), [])


# Whom a list may name


@lru_cache(maxsize=8)
def _may_name(runs: frozenset[int], edition: Hashable) -> dict[str, frozenset[int]]:
    """The companies that each list, by hash, names or may name, in names and remarks.

    Cached until a name may mean another company, which most edits do not cause.
    """
    listed = dict(ImportRun.objects.filter(pk__in=runs).values_list("sha256", "listed"))
    meant = _meant({entry["name"] for entries in listed.values() for entry in entries})
    noted = {entry.get("note", "") for entries in listed.values() for entry in entries} - {""}
    named = _meant_by_remarks(noted)
    return {
        sha256: frozenset[int]().union(
            *(meant[entry["name"]] | named.get(entry.get("note"), set()) for entry in entries)
        )
        for sha256, entries in listed.items()
    }


def _meant(names: Iterable[str]) -> dict[str, set[int]]:
    """The companies that each name means or may mean."""
    return {
        match.listed: {one.company_id for one in match.suggestions} | _certain(match)
        for match in look_up_all(names)
    }


def _meant_by_remarks(remarks: Collection[str]) -> dict[str, set[int]]:
    """The companies that each remark, or words in it, may mean."""
    parts = {remark: set(_parts(remark)) for remark in remarks}
    named = {match.listed: _certain(match) for match in look_up_all(set().union(*parts.values()))}
    return {
        remark: found.union(*(named[part] for part in parts[remark]))
        for remark, found in _meant(remarks).items()
    }


def _certain(match: "Match") -> set[int]:
    """The company that a name means, or those sharing it."""
    return {match.company_id} if match.company_id else match.shared


def _parts(remark: str) -> Iterator[str]:
    """Every run of one to four words of a remark."""
    words = remark.split()[:LONGEST_REMARK]
    for start in range(len(words)):
        for end in range(start + 1, min(start + 4, len(words)) + 1):
            yield " ".join(words[start:end])


# The watch


@dataclass(frozen=True)
class ListRead:
    """A watched list: its newest reading, and the newest of at least a week before."""

    pact: Pact
    url: str
    newest: FullList | None
    before: FullList | None
    is_first: bool

    @property
    def is_a_week_after(self) -> bool:
        both = self.newest and self.before
        return bool(both) and self.before.day == self.newest.day - WEEK  # type: ignore[union-attr]  # never None here

    @property
    def more(self) -> int:
        """How many more names the newest has than the one before; negative for fewer."""
        return self.newest.names - self.before.names if self.newest and self.before else 0

    @property
    def fewer(self) -> int:
        return -self.more


def lists_read(known: FullLists) -> list[ListRead]:
    """The watched lists in the order of their pacts."""
    return [_list_read(one, known.of(one.pact_id)) for one in _watched_lists()]


@cached_shared
def _watched_lists() -> list[OfficialList]:
    """One query, also after an edit of a pact or of a list to watch."""
    return list(OfficialList.objects.filter(watched=True).select_related("pact"))


def _list_read(watched: OfficialList, lists: list[FullList]) -> ListRead:
    newest = lists[-1] if lists else None
    older = [one for one in lists if newest and one.day <= newest.day - WEEK]
    before = older[-1] if older else None
    return ListRead(watched.pact, watched.url, newest, before, is_first=len(lists) == 1)


def due_lists(now: datetime.datetime) -> Iterator[OfficialList]:
    """Watched lists that are due, failed fetches included.

    A saved page or a partial list does not count as reading the list.
    """
    for watched in OfficialList.objects.filter(watched=True).select_related("pact"):
        runs = ImportRun.objects.of_lists().filter(pact=watched.pact, file_name="")
        answered = runs.requested_as(partial=False).exclude(state=ImportRun.State.FAILED)
        last = answered.values_list("retrieved_at", flat=True).first()
        if last is None or last <= now - datetime.timedelta(hours=watched.every_hours):
            yield watched


def last_states() -> dict[int, str]:
    """The state of the last run for each pact's list, by primary key of the pact. One query."""
    attempts = ImportRun.objects.of_lists().order_by("-retrieved_at", "-pk")
    newest = attempts.filter(pact=OuterRef("pact")).values("pk")[:1]
    return dict(attempts.filter(pk=Subquery(newest)).values_list("pact_id", "state"))
