"""Cached rosters: of the present, updated after each edit, and of past days.

Those of the present are read from the read table if it is up to date, the others from the periods.
"""

import datetime
from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from itertools import islice
from operator import itemgetter, or_
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    CompanyRedirect,
    CompanyRow,
    Pact,
    Pledge,
    ProgressReport,
    Region,
    ReportStates,
    Sector,
    Signing,
    implementation_on,
)
from companies.queries.records.prepared import Prepared, parameter_count, placeholder_keys

from . import roster_files, table_scan, table_state
from .keys import Companies, Key, among
from .roster import (
    UNKNOWN,
    Coded,
    Codes,
    CompanyKeys,
    EvidenceLevel,
    Overtaken,
    Places,
    Roster,
    SortKeys,
    ValueColumn,
    by_code,
    without_empty,
)
from .roster_files import RosterFile
from .table_scan import Ordinals, Pledged, first_days, microseconds, scan, scan_past
from .table_state import TableState, Written, cached_shared, state, written_since

if TYPE_CHECKING:
    from companies.queries.clocks import Clock

MOST_CACHED = 6  # rosters; one of a million companies has 25 MB
MANY = 500  # companies; with more, a new roster is made faster
MANY_IN_FILE = 200  # companies that changed since a file was written
CHUNK = 5_000  # rows that are read together
PROFILE = ("country", "sector", "size", "role")
PROFILE_FIELDS = ("pk", "country", "sector__code", "size", "role")
# The values of PROFILE_FIELDS, the instant of the last change, the number of sources, and those
# of a StatusValues.
PeriodRow = tuple[Any, ...]


# The cache


@dataclass(frozen=True)
class _Cached:
    roster: Roster
    state: TableState
    day: datetime.date
    in_file: int = 0  # the version of the newest file that it follows, or was written as
    since_file: int = 0  # companies that changed since
    shared: Any = None  # what it depends on besides companies


_cached: "OrderedDict[Any, _Cached]" = OrderedDict()
# One thread at a time: others wait for a roster instead of making another one.
_making = RLock()
_making_past = RLock()  # so that requests about today do not wait


def roster_of(pact: Pact, clock: "Clock") -> Roster:
    """The roster of `pact` by the clock. One query if cached."""
    now, of_pact = state(), (pact.pk, pact.report_after_months)
    key = (*of_pact, clock.day, clock.past.get("recorded_as_of"), now)
    with _making:
        if not clock.is_past and now.is_whole(clock):
            return _up_to_date(of_pact, pact, clock.day, now)
        if found := _used(key):
            return found.roster
    with _making_past:
        with _making:
            if found := _used(key):
                return found.roster
        roster = _past_roster(pact, clock, now)
        with _making:
            _cache(key, _Cached(roster, now, clock.day))
        return roster


def _used(key: Any) -> _Cached | None:
    if key in _cached:
        _cached.move_to_end(key)
    return _cached.get(key)


def forget() -> None:
    """Clear this process's cache of rosters and of what was read for them."""
    with _making:
        _cached.clear()
    table_state.forget()


def _cache(key: Any, cached: _Cached) -> None:
    _cached[key] = cached
    _cached.move_to_end(key)
    if len(_cached) > MOST_CACHED:
        _cached.popitem(last=False)


def _up_to_date(key: roster_files.Key, pact: Pact, day: datetime.date, now: TableState) -> Roster:
    cached = _cached.get(key)
    if cached is None or (cached.state, cached.day) != (now, day):
        found = cached or _from_file(key, now)
        followed = _updated(found, pact, day, now) if found else None
        if followed is None:
            cached = _Cached(replace(_from_table(pact, day), stored=True), now, day, now.number)
            roster_files.write(key, RosterFile(cached.roster, cached.state, cached.day))
        else:
            cached = _with_new_file(key, followed)
        _cache(key, replace(cached, shared=_shared(pact)))
    _cached.move_to_end(key)
    return cached.roster


def _past_roster(pact: Pact, clock: "Clock", now: TableState) -> Roster:
    """The roster of a past day, made from that of today where possible, else from the periods."""
    if "recorded_as_of" in clock.past or not now.is_whole(clock):
        return from_periods(pact, clock.day)
    with _making:
        key = pact.pk, pact.report_after_months
        present = _up_to_date(key, pact, clock.today, now)
    return of_past(present, pact, clock.day)


def _from_file(key: roster_files.Key, now: TableState) -> _Cached | None:
    found = roster_files.read(key, now)
    return _Cached(*found, found.state.number) if found else None


def _with_new_file(key: roster_files.Key, cached: _Cached) -> _Cached:
    """Write a new file if much changed since, unless another process did."""
    if cached.since_file < MANY_IN_FILE:
        return cached
    newest = roster_files.newest_version(key)
    if newest <= cached.in_file:
        roster_files.write(key, RosterFile(cached.roster, cached.state, cached.day))
        newest = cached.state.number
    return replace(cached, in_file=newest, since_file=0)


def _updated(cached: _Cached, pact: Pact, day: datetime.date, now: TableState) -> _Cached | None:
    """The cached roster updated by the edits since, on this day; None if it must be rebuilt."""
    before = cached.state
    if before.number > now.number:
        return None
    changed = written_since(before.number, MANY)
    if changed is None:
        return None
    roster, since_file = cached.roster, cached.since_file + len(changed)
    if before.written != now.written:  # companies are gone, or what they share changed
        is_shared = cached.shared == _shared(pact)
        gone = table_scan.gone_from(roster.keys, changed, now.number) if is_shared else None
        if gone is None:
            return None
        for one in gone:
            roster = roster.without(one)
        since_file += MANY_IN_FILE  # nobody can follow a file with companies that are gone
        table_scan.note_gone(before, now, gone)
    roster = roster if cached.day == day else _with_reports(roster, pact, day)
    try:
        roster = _changed_in(roster, pact, day, changed, before.number)
    except Overtaken:
        return None
    return _Cached(roster, now, day, cached.in_file, since_file)


@cached_shared
def _shared(pact: Pact) -> tuple[dict[int, str], Any]:
    """The codes of sectors, and what decides of the commitments of a pact."""
    sectors = dict(Sector.objects.values_list("pk", "code"))
    return sectors, [(one.pk, one.code, one.kind) for one in _commitments(pact)]


@lru_cache(64)
def _rows(pact: int, number: int) -> Prepared[Company]:
    """The compiled query for `number` companies of the read table, by name."""
    keys = placeholder_keys(number)
    found = FilteredRelation("status_rows", condition=Q(status_rows__pact=pact))
    fields = {f"of_{name}": F(f"found__{name}") for name in StatusValues._fields}
    companies = Company.objects.filter(pk__in=keys).annotate(found=found, **fields)
    companies = companies.order_by("name_folded", "pk")
    columns = (*PROFILE_FIELDS, "row__changed_at", "row__sources", *fields)
    return Prepared(companies.values_list(*columns), keys)


def _changed_in(
    roster: Roster, pact: Pact, day: Any, changed: dict[int, Written], version: int
) -> Roster:
    """The roster after some companies changed; the last by name comes first.

    So the company that follows one by name already has its place.
    """
    if not changed:
        return roster
    rows = _rows(pact.pk, parameter_count([*changed])).values([*changed])
    moved = [row[0] for row in rows if changed[row[0]].placed > version]
    for pk in moved:
        roster = roster.without(pk)
    for pk in reversed(moved):
        follower = _next_by_name(pk)
        roster = roster.with_one(pk, len(roster) if follower is None else roster.keys.at(follower))
    return roster.with_values(build(pact, day, rows, _commitments(pact)))


def _next_by_name(pk: int) -> int | None:
    """The company after this one in the order of names."""
    one = Company.objects.only("pk", "name_folded").get(pk=pk)
    later = Q(name_folded__gt=one.name_folded) | Q(name_folded=one.name_folded, pk__gt=pk)
    # The first condition alone lets the index of names be used.
    after = Company.objects.filter(later, name_folded__gte=one.name_folded)
    return after.order_by("name_folded", "pk").values_list("pk", flat=True).first()


# Made of rows


def from_periods(pact: Pact, day: datetime.date) -> Roster:
    """Build the roster of any day from periods, pledges and reports. Eight queries."""
    companies = Company.objects.order_by("name_folded", "pk").values_list(*PROFILE_FIELDS)
    found, nothing = status_values(day, pact=pact), StatusValues()
    instants, cited = _last_changes(), sources_of(day)
    rows = (
        (*row, instants.get(row[0]), cited.get(row[0]), *found.get((row[0], pact.pk), nothing))
        for row in companies.iterator(chunk_size=CHUNK)
    )
    return build(pact, day, rows, list(Commitment.objects.filter(pact=pact)))


def of_past(present: Roster, pact: Pact, day: datetime.date) -> Roster:
    """The same as `from_periods`, of the roster of today and what differs on `day`. Four queries.

    Of 100,000 companies on SQLite in 0.5 s of processor time in place of 2.0.
    """
    keys, commitments = present.keys.by_place, _commitments(pact)
    periods = Signing.objects.on(day).filter(pact=pact).order_by()
    # The last row of a company wins: its first report.
    reports = ProgressReport.objects.filter(pact=pact).order_by("-period")
    later = Pledge.objects.known().filter(commitment__pact=pact, as_of__gt=day).order_by()
    then, counted = scan_past(keys, periods, reports, later), sources_of(day)
    levels = {one.code: present.undone(one.code, then.undone[one.pk]) for one in commitments}
    status = by_code(then.statuses.column(itemgetter(0)).places())
    values = {"status": status, "implementation_evidence": _evidence(status, levels, commitments)}
    sources = array("q", (counted.get(key, 0) for key in keys))
    orders = {"since": first_days(then.statuses), "sources": sources}
    roster = replace(
        present,
        values={**present.values, **values},
        levels=levels,
        orders={**present.orders, **{name: SortKeys.of(order) for name, order in orders.items()}},
        grounds=then.statuses,
        stored=False,
    )
    return _with_reports(roster, pact, day)


def _last_changes() -> dict[int, datetime.datetime | None]:
    """The times of the last changes; empty for a recorded past, not sorted by them."""
    if Company.objects.db != DEFAULT_DB_ALIAS:
        return {}
    if state().follows:
        return dict(CompanyRow.objects.values_list("pk", "changed_at"))
    return dict(last_changes())


@cached_shared
def _commitments(pact: Pact) -> list[Commitment]:
    """The commitments of a pact today."""
    return list(Commitment.objects.filter(pact=pact))


def build(
    pact: Pact, day: datetime.date, rows: Iterable[PeriodRow], commitments: Sequence[Commitment]
) -> Roster:
    """Build a roster from rows, for a pact with these commitments."""
    keys, left = array("q"), iter(rows)
    orders = {name: array("q") for name in ("since", "changed", "sources")}
    columns = {name: ValueColumn() for name in (*PROFILE, "status")}
    pledged, ordinals, grounds, deciding = (
        Pledged(commitments),
        Ordinals(),
        Codes(),
        array("I"),
    )
    while chunk := list(islice(left, CHUNK)):
        pks, *of_all = zip(*chunk, strict=True)
        profile: Any = of_all[: len(PROFILE)]
        changed, sources = of_all[len(PROFILE) : len(PROFILE) + 2]
        of: Any = StatusValues._make(of_all[len(PROFILE) + 2 :])  # each field is a column here
        keys.extend(pks)
        orders["since"].extend(map(ordinals.__getitem__, of.since))
        orders["changed"].extend(map(microseconds, changed))
        orders["sources"].extend(number or 0 for number in sources)
        for column, each in zip(columns.values(), (*profile, of.status), strict=True):
            column.extend(each)
        days = (of.due_on, of.submitted_on, of.published_on)
        each_ground = zip(of.status, of.since, of.since_precision, *days, strict=True)
        deciding.extend(map(grounds.__getitem__, each_ground))
        pledged.extend(of.pledges)
    pledges, decided_by = pledged.columns.values(), Coded(list(grounds), deciding)
    roster = _finished(commitments, keys, columns, pledges, orders, decided_by)
    return _with_reports(roster, pact, day)


def _from_table(pact: Pact, day: datetime.date) -> Roster:
    """Build the current roster from the whole read table. Six queries."""
    table, commitments = scan(pact.pk), _commitments(pact)
    sectors, known = _shared(pact)[0], Pledged(commitments)
    of_each = Coded([known[text] for text in table.pledges.values], table.pledges.numbers)
    columns = {
        "country": table.profiles.column(itemgetter(0)),
        "sector": table.profiles.column(lambda one: sectors.get(one[1])),
        "size": table.profiles.column(itemgetter(2)),
        "role": table.profiles.column(itemgetter(3)),
        "status": table.statuses.column(itemgetter(0)),
    }
    pledged = [of_each.column(itemgetter(place)) for place in range(len(commitments))]
    orders = {
        "since": first_days(table.statuses),
        "changed": table.changed,
        "sources": table.sources,
    }
    roster = _finished(commitments, table.keys, columns, pledged, orders, table.statuses)
    return _with_reports(roster, pact, day)


def _finished(
    commitments: Sequence[Commitment],
    keys: "array[int]",
    columns: Mapping[str, ValueColumn],
    pledged: Iterable[ValueColumn],
    orders: Mapping[str, "array[int]"],
    grounds: Coded,
) -> Roster:
    """Build the roster from its columns: properties, and one per commitment; no reports."""
    values = {name: by_code(column.places()) for name, column in columns.items()}
    values["region"] = _regions(values["country"])
    levels = {
        one.code: without_empty(column.places())
        for one, column in zip(commitments, pledged, strict=True)
    }
    values["implementation_evidence"] = _evidence(values["status"], levels, commitments)
    sorting = {name: SortKeys.of(order) for name, order in orders.items()}
    return Roster(CompanyKeys(keys), values, levels, sorting, grounds)


def _with_reports(roster: Roster, pact: Pact, day: datetime.date) -> Roster:
    """The roster with the report states of this day; empty for others than signatories."""
    states = ReportStates(pact.report_after_months or 0, day)
    found = roster.grounds.column(lambda one: _report_state(pact, states, one))
    report = without_empty(found.places())
    return replace(roster, values={**roster.values, "report": report})


def _report_state(pact: Pact, states: ReportStates, row: PeriodRow) -> str:
    status, since, precision, *days = row
    invited = status == "signed" and pact.report_after_months
    return states.of(since, precision, *days).value if invited else ""


def _regions(countries: Places) -> Places:
    found = dict.fromkeys(Region.values, 0)
    for country, places in countries.items():
        found[Company(country="" if country == UNKNOWN else country).region.value] |= places
    return found


def _evidence(
    status: Places, by_commitment: Mapping[str, Places], commitments: Iterable[Commitment]
) -> Places:
    """Signatories by evidence for none, some or all of the core commitments."""
    core = [by_commitment[one.code] for one in commitments if one.kind == Commitment.Kind.CORE]
    if not core:
        return {}
    signed = status.get("signed", 0)
    every, some = signed, 0
    for levels in core:
        doing = [levels[one] for one in levels if one not in Pledge.WITHOUT_EVIDENCE]
        evidenced = signed & reduce(or_, doing, 0)
        every, some = every & evidenced, some | evidenced
    return {
        EvidenceLevel.NONE_FOUND.value: signed ^ some,
        EvidenceLevel.SOME_CORE.value: some ^ every,
        EvidenceLevel.ALL_CORE.value: every,
    }


# From periods, pledges and reports


class StatusValues(NamedTuple):
    """The values of a company toward one pact that lists show and filter by.

    `pledges` has the primary key of each commitment pledged and its implementation, as in
    "7:full 8:no_evidence". The days are those of the first report.
    """

    status: str | None = None
    since: datetime.date | None = None
    since_precision: str | None = None
    since_basis: str | None = None
    signing_id: int | None = None
    pledges: str = ""
    due_on: datetime.date | None = None
    submitted_on: datetime.date | None = None
    published_on: datetime.date | None = None


Values = Mapping[Key, tuple[Any, ...]]
_BOTH = ("company_id", "pact_id")
_NOTHING = (None,) * 5


def status_values(
    day: datetime.date, *, pact: Pact | None = None, companies: Companies | None = None
) -> dict[Key, StatusValues]:
    """The values by company and pact on `day`; all companies and pacts, or some. Three queries."""
    of = among(companies)
    periods = _periods(day, of | ({"pact": pact.pk} if pact else {}))
    reports = _reports(of | ({"pact": pact.pk} if pact else {}))
    pledges = _pledges(day, of | ({"commitment__pact": pact.pk} if pact else {}))
    return {
        key: StatusValues._make(
            [*periods.get(key, _NOTHING), pledges.get(key, ""), *reports.get(key, _NOTHING[:3])]
        )
        for key in {**periods, **pledges, **reports}
    }


def _periods(day: datetime.date, of: Mapping[str, Any]) -> Values:
    rows = Signing.objects.on(day).filter(**of).order_by()
    columns = ("status", "since", "since_precision", "since_basis", "pk")
    return {(one, pact): tuple(row) for one, pact, *row in rows.values_list(*_BOTH, *columns)}


def _reports(of: Mapping[str, Any]) -> Values:
    rows = ProgressReport.objects.filter(**of).order_by("-period")  # so that the first report wins
    columns = ("due_on", "submitted_on", "published_on")
    return {(one, pact): tuple(row) for one, pact, *row in rows.values_list(*_BOTH, *columns)}


def _pledges(day: datetime.date, of: Mapping[str, Any]) -> dict[Key, str]:
    rows = Pledge.objects.known().filter(**of).annotate(then=implementation_on(day))
    found = defaultdict[Key, list[str]](list)
    for one, pact, commitment, then in rows.order_by("commitment").values_list(
        "company_id", "commitment__pact_id", "commitment_id", "then"
    ):
        found[one, pact].append(f"{commitment}:{then}")
    return {key: " ".join(texts) for key, texts in found.items()}


def sources_of(day: datetime.date, companies: Companies | None = None) -> dict[int, int]:
    """The number of sources of all periods of a company that had begun by `day`."""
    cited = Citation.objects.filter(signing__since__lte=day, **among(companies, "signing__company"))
    rows = cited.order_by().values_list("signing__company")
    return dict(rows.annotate(number=Count("source", distinct=True)))


def last_changes(**of: Any) -> QuerySet[Company, tuple[int, datetime.datetime | None]]:
    """Primary keys of companies with the instant of their last recorded change."""
    recorded = Change.objects.filter(has_line=True).order_by("-number").values("recorded_at")
    former = CompanyRedirect.objects.filter(company=OuterRef(OuterRef("pk"))).values("old_slug")
    companies = Company.objects.filter(**of).annotate(
        changed_at=Coalesce(
            Subquery(recorded.filter(company_slug=OuterRef("slug"))[:1]),
            Subquery(recorded.filter(company_slug__in=former)[:1]),
        )
    )
    return companies.order_by().values_list("pk", "changed_at")
