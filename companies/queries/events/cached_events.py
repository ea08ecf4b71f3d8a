"""The companies of each event, and the sources that support all of them.

Grouping the periods of 1,000,000 companies takes the database 3 to 5 s, so a process caches the
groups, reads again only the companies written since, and leaves a file for the next process.
"""

import datetime
from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from threading import RLock
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast

from companies.models import Citation, Precision, ProgressReport, Signing
from companies.queries.records.prepared import Prepared, parameter_count, placeholder_keys
from companies.queries.roster import table_state
from companies.queries.roster.roster_files import EVENTS, newest_version, read_parts, write_parts
from companies.queries.roster.table_scan import gone_between
from companies.queries.roster.table_state import TableState, state, written_since

Status = Signing.Status
# A company that was looked for and not found did nothing that day: that is no event.
BEGUN = (Status.SIGNED, Status.REMOVED, Status.WITHDRAWN, Status.DECLINED, Status.INTERESTED)
REPORT = "report"
MANY = 500  # companies; with more, all are read
MANY_IN_FILE = 200  # versions of the register since a file was written
FEW = 8  # companies that are looked for in each group
SMALL = 20  # companies of a group whose sources are only read where it is shown
CHUNK = 5_000  # rows that are read together


class Ground(NamedTuple):
    """What the companies of one event share."""

    since: datetime.date
    precision: str
    pact: int
    status: str
    basis: str


class Supporting(NamedTuple):
    """The companies that each source lacks, where it supports at least half of a group.

    After at most `left` more companies were written, no other source supports all.
    """

    lacking: Mapping[int, frozenset[int]]
    left: int

    @property
    def sources(self) -> list[int]:
        """The sources that support all companies of the group."""
        return [source for source, companies in self.lacking.items() if not companies]


Groups = dict[Ground, "array[int]"]  # primary keys of companies, sorted
Cited = Mapping[int, Collection[int]]  # the sources of each company of a group


@dataclass(frozen=True)
class CachedEvents:
    """The groups of one state of the register; `common` has those that were requested."""

    state: TableState = field(default_factory=TableState)
    groups: Groups = field(default_factory=dict)
    common: dict[Ground, Supporting] = field(default_factory=dict)

    def sources_of(self, grounds: Iterable[Ground]) -> dict[Ground, list[int]]:
        """The sources that support all companies of each event. A query, if one is unknown."""
        statuses = [one for one in grounds if one.status != REPORT]
        unknown = [one for one in statuses if one not in self.common]
        few = {one for one in unknown if len(self.groups[one]) <= SMALL}
        cited = _cited_by({key for one in few for key in self.groups[one]})
        for ground in unknown:
            found = cited[ground] if ground in few else _cited_for(ground)
            self.common[ground] = _common(self.groups[ground], found)
        return {one: self.common[one].sources for one in statuses}


_cached = CachedEvents()
_keeping = RLock()


def forget() -> None:
    global _cached
    _cached = CachedEvents()


table_state.on_forgetting(forget)


def events() -> CachedEvents:
    """The events of all days, also of those to come. Two queries after an edit, else none."""
    global _cached
    now = state()
    if not now.follows:
        return CachedEvents(now, _read())
    with _keeping:
        if now != _cached.state:
            before = _cached if _cached.groups else _of_file(now) or _cached
            then = before.state
            gone = gone_between(then, now) if then.number <= now.number else None
            written = None if gone is None else written_since(then.number, MANY)
            changed = [*(written or ()), *(gone or ())]
            _cached = _whole(now) if written is None else _followed(before, now, changed)
            since_file = now.number - newest_version(EVENTS)
            if written is None or gone or since_file >= MANY_IN_FILE:  # none follows gone ones
                _write(_cached)
        return _cached


# All of them


def _whole(now: TableState) -> CachedEvents:
    groups = _read()
    large = [one for one, keys in groups.items() if one.status != REPORT and len(keys) > SMALL]
    common = {one: _common(groups[one], _cited_for(one)) for one in large}
    return CachedEvents(now, groups, common)


def _read() -> Groups:
    """The companies by event. Two queries."""
    found = defaultdict[tuple[Any, ...], list[int]](list)
    proved = Exists(Citation.objects.filter(signing=OuterRef("pk")))
    statuses = Signing.objects.filter(proved, status__in=BEGUN).order_by()
    # A day as a text, of which all companies of an event share one.
    columns = (Cast("since", TextField()), "since_precision", "pact_id", "status", "since_basis")
    for company, *ground in statuses.values_list("company_id", *columns).iterator(CHUNK):
        found[tuple(ground)].append(company)
    groups = {_ground(*ground): array("q", sorted(keys)) for ground, keys in found.items()}
    for row in _published(ProgressReport.objects.all()).iterator(CHUNK):
        ground, company = _of_report(row)
        insort(groups.setdefault(ground, array("q")), company)
    return groups


def _ground(since: str, *rest: Any) -> Ground:
    return Ground(datetime.date.fromisoformat(since), *rest)


def _published(reports: QuerySet[ProgressReport]) -> QuerySet[ProgressReport, Any]:
    rows = reports.filter(published_on__isnull=False).order_by()
    return rows.values_list("published_on", "pact_id", "company_id")


def _of_report(row: tuple[Any, ...]) -> tuple[Ground, int]:
    published_on, pact, company = row
    stated = Signing.SinceBasis.STATED.value
    return Ground(published_on, Precision.DAY.value, pact, REPORT, stated), company


def _cited_for(ground: Ground) -> Cited:
    """The sources of each company of an event. One query."""
    since, precision, pact, status, basis = ground
    rows = Citation.objects.filter(
        signing__pact=pact,
        signing__status=status,
        signing__since=since,
        signing__since_precision=precision,
        signing__since_basis=basis,
    )
    found = defaultdict[int, list[int]](list)
    for company, source in rows.order_by().values_list("signing__company_id", "source_id"):
        found[company].append(source)
    return found


def _common(companies: Collection[int], cited: Cited) -> Supporting:
    """The sources that at least half of the companies cite, with those that do not."""
    most = len(companies) // 2
    counted = Counter(chain.from_iterable(map(set, cited.values())))
    near = [source for source, number in counted.items() if number >= len(companies) - most]
    lacking = {
        source: frozenset(key for key in companies if source not in cited.get(key, ()))
        for source in near
    }
    return Supporting(lacking, most)


# After an edit


def _cited_by(companies: Collection[int]) -> Mapping[Ground, dict[int, set[int]]]:
    """The sources of each event of some companies. One query, none without a company."""
    found = defaultdict[Ground, dict[int, set[int]]](dict)
    for *ground, company, source in _evidence(parameter_count([*companies])).values([*companies]):
        found[Ground(*ground)].setdefault(company, set()).add(source)
    return found


@lru_cache(16)
def _evidence(number: int) -> Prepared[Citation]:
    keys = placeholder_keys(number)
    # Of eight companies or more, SQLite would begin with the statuses.
    periods = Signing.objects.filter(company__in=keys).order_by().values("pk")
    cited = Citation.objects.filter(signing__in=periods, signing__status__in=BEGUN).order_by()
    ground = ("since", "since_precision", "pact_id", "status", "since_basis", "company_id")
    return Prepared(cited.values_list(*(f"signing__{name}" for name in ground), "source_id"), keys)


@lru_cache(16)
def _reports(number: int) -> Prepared[ProgressReport]:
    keys = placeholder_keys(number)
    return Prepared(_published(ProgressReport.objects.filter(company__in=keys)), keys)


def _followed(before: CachedEvents, now: TableState, changed: list[int]) -> CachedEvents:
    """The events after some companies were written. Two queries, none without a company."""
    cited, reported = _cited_by(changed), defaultdict[Ground, list[int]](list)
    for row in _reports(parameter_count(changed)).values(changed):
        ground, company = _of_report(row)
        reported[ground].append(company)
    groups, common = dict(before.groups), dict(before.common)
    members = _members(changed, groups)
    for ground in {*members, *cited, *reported}:
        old, news = members[ground], reported[ground] or [*cited[ground]]
        groups[ground] = _replaced(groups.get(ground, array("q")), old, news)
        if not groups[ground]:
            del groups[ground]
        if known := common.pop(ground, None):
            touched = {*old, *news}
            left = known.left - len(touched)
            if left > 0 and ground in groups:
                common[ground] = Supporting(
                    _followed_by(known.lacking, touched, cited[ground]), left
                )
    return CachedEvents(now, groups, common)


def _replaced(keys: "array[int]", old: Iterable[int], news: Iterable[int]) -> "array[int]":
    found = keys[:]
    for key in old:
        del found[bisect_left(found, key)]
    for key in news:
        insort(found, key)
    return found


def _followed_by(
    lacking: Mapping[int, frozenset[int]], touched: Collection[int], cited: Cited
) -> dict[int, frozenset[int]]:
    return {
        source: companies.difference(touched).union(
            key for key, sources in cited.items() if source not in sources
        )
        for source, companies in lacking.items()
    }


def _members(changed: list[int], groups: Groups) -> defaultdict[Ground, list[int]]:
    """The changed companies in each group; one with two reports of a day is in it twice."""
    found, some = defaultdict[Ground, list[int]](list), frozenset(changed)
    for ground, keys in groups.items():
        if len(changed) <= FEW:
            found_here = [key for key in changed for _one in range(_number_of(keys, key))]
        else:
            found_here = [key for key in keys if key in some]
        if found_here:
            found[ground] = found_here
    return found


def _number_of(keys: "array[int]", key: int) -> int:
    at = bisect_left(keys, key)
    return bisect_right(keys, key, at) - at if at < len(keys) and keys[at] == key else 0


# The file


def _write(cached: CachedEvents) -> None:
    heads = [
        [ground.since.isoformat(), *ground[1:], _plain(cached.common.get(ground))]
        for ground in cached.groups
    ]
    parts = [keys.tobytes() for keys in cached.groups.values()]
    write_parts(EVENTS, cached.state, heads, parts, companies=sum(map(len, cached.groups.values())))


def _plain(common: Supporting | None) -> list[Any] | None:
    """The supporting sources as lists, for the JSON of the file."""
    return common and [common.left, [[one, [*keys]] for one, keys in common.lacking.items()]]


def _of_file(now: TableState) -> CachedEvents | None:
    found = read_parts(EVENTS, now)
    if found is None:
        return None
    then, heads, parts = found
    cached = CachedEvents(then)
    for (*ground, common), part in zip(heads, parts, strict=True):
        one = _ground(*ground)
        cached.groups[one] = array("q", part)
        if common:
            left, lacking = common
            cached.common[one] = Supporting({key: frozenset(keys) for key, keys in lacking}, left)
    return cached
