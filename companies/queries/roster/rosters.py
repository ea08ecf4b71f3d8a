"""The rosters that a process keeps: of the present, brought up to date after each act, and others.

Those of the present are read from the read table where it is whole, the others from the periods.
"""

import datetime
from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from itertools import islice
from operator import itemgetter, or_
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

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
from companies.queries.records.prepared import Prepared, number_for, some_numbers

from . import roster_files, table_state
from .keys import Companies, Key, among
from .roster import (
    UNKNOWN,
    Coded,
    Codes,
    CompanyKeys,
    Overtaken,
    Places,
    Roster,
    SortKeys,
    ValueColumn,
)
from .roster_files import RosterFile
from .table_scan import scan
from .table_state import TableState, Written, kept_of_shared, state, written_since

if TYPE_CHECKING:
    from companies.queries.clocks import Clock

MOST_KEPT = 6  # rosters; one of a million companies has 25 MB
MANY = 500  # companies; with more, a new roster is made faster
MANY_IN_FILE = 200  # companies that changed since a file was written
CHUNK = 5_000  # rows that are read together
PROFILE = ("country", "sector", "size", "role")
PROFILE_FIELDS = ("pk", "country", "sector__code", "size", "role")
# The values of PROFILE_FIELDS, the instant of the last change, the number of sources, and those
# of a PresentStanding.
PeriodRow = tuple[Any, ...]


# What is kept


@dataclass(frozen=True)
class _Kept:
    roster: Roster
    state: TableState
    day: datetime.date
    in_file: int = 0  # the version of the newest file that it follows, or was written as
    since_file: int = 0  # companies that changed since


_kept: "OrderedDict[Any, _Kept]" = OrderedDict()
# One thread at a time: others wait for a roster instead of making another one.
_making = RLock()


def roster_of(pact: Pact, clock: "Clock") -> Roster:
    """How all companies stand toward `pact` by the clock. One query where it is kept."""
    now, of_pact = state(), (pact.pk, pact.report_after_months)
    with _making:
        if not clock.is_past and now.is_whole(clock):
            return _up_to_date(of_pact, pact, clock.day, now)
        key = (*of_pact, clock.day, clock.past.get("recorded_as_of"), now)
        if key not in _kept:
            _keep(key, _Kept(from_periods(pact, clock.day), now, clock.day))
        _kept.move_to_end(key)
        return _kept[key].roster


def forget() -> None:
    """Drop the rosters that this process keeps, and what was read of them."""
    with _making:
        _kept.clear()
    table_state.forget()


def _keep(key: Any, kept: _Kept) -> None:
    _kept[key] = kept
    _kept.move_to_end(key)
    if len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


def _up_to_date(key: roster_files.Key, pact: Pact, day: datetime.date, now: TableState) -> Roster:
    kept = _kept.get(key)
    if kept is None or (kept.state, kept.day) != (now, day):
        found = kept or _of_file(key, now)
        followed = _followed(found, pact, day, now) if found else None
        if followed is None:
            kept = _Kept(replace(_of_table(pact, day), stored=True), now, day, now.number)
            roster_files.write(key, RosterFile(kept.roster, kept.state, kept.day))
        else:
            kept = _with_file(key, followed)
        _keep(key, kept)
    _kept.move_to_end(key)
    return kept.roster


def _of_file(key: roster_files.Key, now: TableState) -> _Kept | None:
    found = roster_files.read(key, now)
    return _Kept(*found, found.state.number) if found else None


def _with_file(key: roster_files.Key, kept: _Kept) -> _Kept:
    """Write it anew where much changed since, unless another process did: all can follow it."""
    if kept.since_file < MANY_IN_FILE:
        return kept
    newest = roster_files.newest_version(key)
    if newest <= kept.in_file:
        roster_files.write(key, RosterFile(kept.roster, kept.state, kept.day))
        newest = kept.state.number
    return replace(kept, in_file=newest, since_file=0)


def _followed(kept: _Kept, pact: Pact, day: datetime.date, now: TableState) -> _Kept | None:
    """The roster after the acts since, and of this day; None where it has to be read anew."""
    before = kept.state
    if before.number > now.number or before.written != now.written:
        return None
    changed = written_since(before.number, MANY)
    if changed is None:
        return None
    roster = kept.roster if kept.day == day else _with_reports(kept.roster, pact, day)
    try:
        roster = _changed_in(roster, pact, day, changed, before.number)
    except Overtaken:
        return None
    return _Kept(roster, now, day, kept.in_file, kept.since_file + len(changed))


@lru_cache(64)
def _rows(pact: int, number: int) -> Prepared[Company]:
    """The rows of so many companies, by name, from the read table. One query."""
    keys = some_numbers(number)
    found = FilteredRelation("status_rows", condition=Q(status_rows__pact=pact))
    fields = {f"of_{name}": F(f"found__{name}") for name in PresentStanding._fields}
    companies = Company.objects.filter(pk__in=keys).annotate(found=found, **fields)
    companies = companies.order_by("name_folded", "pk")
    columns = (*PROFILE_FIELDS, "row__changed_at", "row__sources", *fields)
    return Prepared(companies.values_list(*columns), keys)


def _changed_in(
    roster: Roster, pact: Pact, day: Any, changed: dict[int, Written], version: int
) -> Roster:
    """The roster after some companies changed; the last in the order of names first.

    So the company that follows one by name has its place already.
    """
    if not changed:
        return roster
    rows = _rows(pact.pk, number_for([*changed])).values([*changed])
    moved = [row[0] for row in rows if changed[row[0]].placed > version]
    for pk in moved:
        roster = roster.without(pk)
    for pk in reversed(moved):
        follower = _next_by_name(pk)
        roster = roster.with_one(pk, len(roster) if follower is None else roster.keys.at(follower))
    return roster.with_values(made(pact, day, rows, _commitments(pact)))


def _next_by_name(pk: int) -> int | None:
    """The company after this one in the order of names."""
    one = Company.objects.only("pk", "name_folded").get(pk=pk)
    later = Q(name_folded__gt=one.name_folded) | Q(name_folded=one.name_folded, pk__gt=pk)
    # The first condition alone lets the index of names be used.
    after = Company.objects.filter(later, name_folded__gte=one.name_folded)
    return after.order_by("name_folded", "pk").values_list("pk", flat=True).first()


# Made of rows


def from_periods(pact: Pact, day: datetime.date) -> Roster:
    """The roster of any day, told from periods, pledges and reports. Eight queries."""
    companies = Company.objects.order_by("name_folded", "pk").values_list(*PROFILE_FIELDS)
    found, nothing = standings(day, pact=pact), PresentStanding()
    instants, cited = _last_changes(), sources_of(day)
    rows = (
        (*row, instants.get(row[0]), cited.get(row[0]), *found.get((row[0], pact.pk), nothing))
        for row in companies.iterator(chunk_size=CHUNK)
    )
    return made(pact, day, rows, list(Commitment.objects.filter(pact=pact)))


def _last_changes() -> dict[int, datetime.datetime | None]:
    """The instants of the last changes; none for a recorded past, which is not sorted by them."""
    if Company.objects.db != DEFAULT_DB_ALIAS:
        return {}
    if state().follows:
        return dict(CompanyRow.objects.values_list("pk", "changed_at"))
    return dict(last_changes())


@kept_of_shared
def _commitments(pact: Pact) -> list[Commitment]:
    """The commitments of a pact today."""
    return list(Commitment.objects.filter(pact=pact))


def made(
    pact: Pact, day: datetime.date, rows: Iterable[PeriodRow], commitments: Sequence[Commitment]
) -> Roster:
    """The roster of these rows, toward a pact with these commitments."""
    keys, left = array("q"), iter(rows)
    orders = {name: array("q") for name in ("since", "changed", "sources")}
    columns = {name: ValueColumn() for name in (*PROFILE, "status")}
    pledged, ordinals, grounds, deciding = _Pledged(commitments), _Ordinals(), Codes(), array("I")
    while chunk := list(islice(left, CHUNK)):
        pks, *of_all = zip(*chunk, strict=True)
        profile: Any = of_all[: len(PROFILE)]
        changed, sources = of_all[len(PROFILE) : len(PROFILE) + 2]
        of: Any = PresentStanding._make(of_all[len(PROFILE) + 2 :])  # each field is a column here
        keys.extend(pks)
        orders["since"].extend(map(ordinals.__getitem__, of.since))
        orders["changed"].extend(map(_microseconds, changed))
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


def _of_table(pact: Pact, day: datetime.date) -> Roster:
    """The roster of the present, from the read table whole. Six queries."""
    table, commitments = scan(pact.pk), _commitments(pact)
    sectors, ordinals = dict(Sector.objects.values_list("pk", "code")), _Ordinals()
    known = _Pledged(commitments)
    of_each = Coded([known[text] for text in table.pledges.values], table.pledges.numbers)
    columns = {
        "country": table.profiles.column(itemgetter(0)),
        "sector": table.profiles.column(lambda one: sectors.get(one[1])),
        "size": table.profiles.column(itemgetter(2)),
        "role": table.profiles.column(itemgetter(3)),
        "status": table.standings.column(itemgetter(0)),
    }
    pledged = [of_each.column(itemgetter(place)) for place in range(len(commitments))]
    orders = {
        "since": table.standings.keys(lambda one: ordinals[one[1]]),
        "changed": table.changed,
        "sources": table.sources,
    }
    roster = _finished(commitments, table.keys, columns, pledged, orders, table.standings)
    return _with_reports(roster, pact, day)


def _finished(
    commitments: Sequence[Commitment],
    keys: "array[int]",
    columns: Mapping[str, ValueColumn],
    pledged: Iterable[ValueColumn],
    orders: Mapping[str, "array[int]"],
    grounds: Coded,
) -> Roster:
    """The roster of these columns, those of properties and one for each commitment; no reports."""
    values = {name: _named(column.places()) for name, column in columns.items()}
    values["region"] = _regions(values["country"])
    levels = {
        one.code: _without_empty(column.places())
        for one, column in zip(commitments, pledged, strict=True)
    }
    core = [levels[one.code] for one in commitments if one.kind == Commitment.Kind.CORE]
    values["implementation_evidence"] = _evidence(values["status"].get("signed", 0), core)
    sorting = {name: SortKeys.of(order) for name, order in orders.items()}
    return Roster(CompanyKeys(keys), values, levels, sorting, grounds)


def _with_reports(roster: Roster, pact: Pact, day: datetime.date) -> Roster:
    """With the states of reports on this day: empty for others than signatories."""
    states = ReportStates(pact.report_after_months or 0, day)
    found = roster.grounds.column(lambda one: _report_state(pact, states, one))
    report = _without_empty(found.places())
    return replace(roster, values={**roster.values, "report": report})


class _Ordinals(dict[Any, int]):
    """The number of a day; 0 for None."""

    def __missing__(self, day: datetime.date | None) -> int:
        self[day] = day.toordinal() if day else 0
        return self[day]


_FIRST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


def _microseconds(instant: datetime.datetime | None) -> int:
    return (instant - _FIRST) // _MICROSECOND if instant else 0


def _named(places: Mapping[Any, int]) -> Places:
    """The places of what no source says under the code that queries have for it."""
    found = dict(places)
    unsaid = found.pop(None, 0) | found.pop("", 0)
    return found | {UNKNOWN: found.get(UNKNOWN, 0) | unsaid}


def _without_empty(places: Mapping[str, int]) -> Places:
    return {value: having for value, having in places.items() if value}


def _report_state(pact: Pact, states: ReportStates, row: PeriodRow) -> str:
    status, since, precision, *days = row
    invited = status == "signed" and pact.report_after_months
    return states.of(since, precision, *days).value if invited else ""


def _regions(countries: Places) -> Places:
    found = dict.fromkeys(Region.values, 0)
    for country, places in countries.items():
        found[Company(country="" if country == UNKNOWN else country).region.value] |= places
    return found


def _evidence(signed: int, core: Collection[Places]) -> Places:
    """Signatories by evidence for none, some or all of these commitments, given by level."""
    if not core:
        return {}
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


class _Pledged(dict[str | None, tuple[str, ...]]):
    """What is known of each commitment, from the texts of all companies: many have the same."""

    def __init__(self, commitments: Collection[Commitment]) -> None:
        self.columns = {str(one.pk): ValueColumn() for one in commitments}

    def __missing__(self, text: str | None) -> tuple[str, ...]:
        known = dict(one.split(":") for one in (text or "").split())
        self[text] = tuple(known.get(key, "") for key in self.columns)
        return self[text]

    def extend(self, texts: Iterable[str | None]) -> None:
        if self.columns:
            of_each = zip(*map(self.__getitem__, texts), strict=True)
            for column, each in zip(self.columns.values(), of_each, strict=True):
                column.extend(each)
        self.clear()


class EvidenceLevel(models.TextChoices):
    """For how many of a pact's core commitments there is evidence of a signatory's doing."""

    NONE_FOUND = "none_found", _("no core commitment")
    SOME_CORE = "some_core", _("some core commitments")
    ALL_CORE = "all_core", _("all core commitments")


def evidence_level(done: int, core: int) -> str:
    """The level of a signatory with evidence for `done` of `core` commitments."""
    if done >= core:
        return str(EvidenceLevel.ALL_CORE)
    return str(EvidenceLevel.SOME_CORE if done else EvidenceLevel.NONE_FOUND)


# Told from periods, pledges and reports


class PresentStanding(NamedTuple):
    """What lists show and choose of one company and pact.

    `pledges` has the primary key of each commitment pledged and what is known of its doing, as in
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


def standings(
    day: datetime.date, *, pact: Pact | None = None, companies: Companies | None = None
) -> dict[Key, PresentStanding]:
    """The standings on `day` of all companies or some toward all pacts or one. Three queries."""
    of = among(companies)
    periods = _periods(day, of | ({"pact": pact.pk} if pact else {}))
    reports = _reports(of | ({"pact": pact.pk} if pact else {}))
    pledges = _pledges(day, of | ({"commitment__pact": pact.pk} if pact else {}))
    return {
        key: PresentStanding._make(
            [*periods.get(key, _NOTHING), pledges.get(key, ""), *reports.get(key, _NOTHING[:3])]
        )
        for key in {**periods, **pledges, **reports}
    }


def _periods(day: datetime.date, of: Mapping[str, Any]) -> Values:
    rows = Signing.objects.on(day).filter(**of).order_by()
    columns = ("status", "since", "since_precision", "since_basis", "pk")
    return {(one, pact): tuple(row) for one, pact, *row in rows.values_list(*_BOTH, *columns)}


def _reports(of: Mapping[str, Any]) -> Values:
    rows = ProgressReport.objects.filter(**of).order_by("-period")  # so that the first is kept
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


def days_to_come(day: datetime.date, companies: Companies | None) -> dict[Key, datetime.date]:
    """The next day on which a standing changes by itself, where it will. Two queries."""
    of, found = among(companies), dict[Key, datetime.date]()
    ahead = Q(since__gt=day) | Q(until__gt=day)
    periods = Signing.objects.filter(ahead, **of).order_by()
    days = list(periods.values_list(*_BOTH, "since", "until"))
    known = Pledge.objects.known().filter(as_of__gt=day, **of).order_by()
    days += known.values_list("company_id", "commitment__pact_id", "as_of", "as_of")
    for one, pact, *both in days:
        coming = [when for when in both if when and when > day]
        found[one, pact] = min([*coming, found.get((one, pact), datetime.date.max)])
    return found


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
