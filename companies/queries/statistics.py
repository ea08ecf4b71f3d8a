"""Statistics: counts over the signatories of one pact on one day."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, zip_longest
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.functional import cached_property

from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    Pact,
    Pledge,
    QuoteCheck,
    Region,
    Signing,
    Source,
    StatusRow,
    results_of_checks,
)

from .clocks import Clock
from .records.prepared import ANY_KEY, Prepared, parameter_count, placeholder_keys
from .roster.bitmaps import members
from .roster.orders import ByKeys, ByName, Ordered
from .roster.roster import Places, Roster, SortKeys, numbers
from .roster.rosters import roster_of
from .roster.table_state import cached, on_forgetting

MOST_SOURCES = 500  # of one answer


@dataclass(frozen=True)
class Statistics:
    """Counts of one pact on one day.

    Every mapping goes from a code to a number of companies; all but `by_status` count
    signatories, so that each adds up to `signatories`. The code "unknown" means that no source
    says. `quotes` goes from the result of the last check to a number of quotes.
    """

    pact: Pact
    day: datetime.date
    companies: int
    signatories: int
    by_status: dict[str, int]
    by_region: dict[str, int]
    by_country: dict[str, int]
    by_sector: dict[str, int]
    by_size: dict[str, int]
    by_role: dict[str, int]
    implementation: dict[str, dict[str, int]]
    over_time: list[tuple[datetime.date, int]]
    of_read_table: bool  # which has the number of quotes, too

    @cached_property
    def quotes(self) -> dict[str, int]:
        checked = results_of_checks(_checks(self.day).values([self.pact.pk]), self.day)
        return checked | {"not_checked": self._number_of_quotes() - sum(checked.values())}

    def _number_of_quotes(self) -> int:
        if self.of_read_table:
            ((number,),) = _quotes_of_rows().values([self.pact.pk]) or ((0,),)
            return number or 0
        cited = Citation.objects.filter(_toward(self.pact, self.day, ""))
        return cited.exclude(quote="").count()


@lru_cache(8)
def _checks(day: datetime.date) -> Prepared[QuoteCheck]:
    """The results of the checks of quotes toward a pact, each with its instant."""
    of = _toward(Pact(pk=ANY_KEY), day, "citation__")
    checks = QuoteCheck.objects.of_current_quotes().filter(of).exclude(quote="")
    return Prepared(checks.values_list("result", "checked_at"), [ANY_KEY])


@cache
def _quotes_of_rows() -> Prepared[StatusRow]:
    """The number of quotes toward a pact, as the read table has it."""
    rows = StatusRow.objects.filter(pact=ANY_KEY).order_by().values("pact")
    number = rows.annotate(number=Sum("quotes")).values_list("number")
    return Prepared(number, [ANY_KEY])


@cached
def statistics_of(pact: Pact, clock: Clock) -> Statistics:
    """The statistics by the clock, from the roster. One query if cached."""
    roster = roster_of(pact, clock)
    signed, by_status = roster.signed, roster.counts("status", roster.all)
    of_signed = {
        name: _most_frequent_first(roster.counts(name, signed))
        for name in ("region", "country", "sector", "size", "role")
    }
    return Statistics(
        pact=pact,
        day=clock.day,
        companies=len(roster),
        signatories=signed.bit_count(),
        by_status=_most_frequent_first(by_status),
        by_region={str(r): 0 for r in Region} | of_signed["region"],
        by_country=of_signed["country"],
        by_sector=of_signed["sector"],
        by_size=of_signed["size"],
        by_role=of_signed["role"],
        implementation={code: _by_level(of, signed) for code, of in roster.levels.items()},
        over_time=signatories_over_time(pact, clock),
        of_read_table=roster.stored,
    )


def _toward(pact: Pact, day: datetime.date, path: str) -> Q:
    """Condition for citations of statuses begun by `day`, pledges and reports toward `pact`."""
    status = {f"{path}signing__pact": pact, f"{path}signing__since__lte": day}
    pledge, report = f"{path}pledge__commitment__pact", f"{path}report__pact"
    return Q(**status) | Q(**{pledge: pact}) | Q(**{report: pact})


def signatories(pact: Pact, clock: Clock) -> int:
    """The number of known signatories of `pact` by the clock."""
    return roster_of(pact, clock).signed.bit_count()


def with_signatories(pacts: Iterable[Pact], clock: Clock) -> list[Any]:
    """Pacts with the number of their known `signatories` by the clock."""
    found: list[Any] = list(pacts)
    for pact in found:
        pact.signatories = signatories(pact, clock)
    return found


def with_counts(commitments: Iterable[Commitment], clock: Clock) -> list[Any]:
    """Commitments with the `signatories` of their pact and how many of them pledged it.

    `evidenced` counts the pledges among these for whose implementation there is evidence;
    `was_read` is that of the pact. Counted in the rosters, because the database takes 8 s of
    1,000,000 companies.
    """
    found: list[Any] = list(commitments)
    read = {pact.pk for pact in Pact.objects.with_list_read()}
    for one in found:
        roster = roster_of(one.pact, clock)
        levels = numbers(roster.levels[one.code], roster.signed)
        one.was_read, one.signatories = one.pact_id in read, roster.signed.bit_count()
        one.pledged = sum(levels.values())
        shown = (number for level, number in levels.items() if level not in Pledge.WITHOUT_EVIDENCE)
        one.evidenced = sum(shown)
    return found


def _by_level(places: Places, among: int) -> dict[str, int]:
    counts = numbers(places, among)
    return {level: counts[level] for level in Pledge.Implementation.values if level in counts}


def _most_frequent_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))


@cached
def signatories_over_time(pact: Pact, clock: Clock) -> list[tuple[datetime.date, int]]:
    """The number of known signatories after each day on which it changed, until the clock's.

    The roster has the first days of those who are signatories, a query the others' periods.
    """
    steps = _begun(pact.pk, roster_of(pact, clock)).copy()
    for since, until, number in _ended(clock.day).values([pact.pk]):
        steps[since.toordinal()] += number
        steps[until.toordinal()] -= number
    days = sorted(steps)
    totals = accumulate(steps[day] for day in days)
    return list(zip(map(datetime.date.fromordinal, days), totals, strict=True))


class _Begun(NamedTuple):
    """How many signatories of a roster began on each day."""

    roster: Roster
    days: Counter[int]


_cached: dict[int, _Begun] = {}  # by pact
on_forgetting(_cached.clear)


def _begun(pact: int, roster: Roster) -> Counter[int]:
    """The days on which its signatories began, counted, from those of the roster before.

    Of the same companies in the same order; then only places that differ are counted again.
    """
    before, begun = _cached.get(pact), roster.orders["since"]
    if before and before.roster.keys is roster.keys:
        then = before.roster.orders["since"]
        differ = _differing(then, begun) | before.roster.signed ^ roster.signed
        days = before.days.copy()
        days.subtract(_at(then, before.roster.signed & differ))
        days.update(_at(begun, roster.signed & differ))
        days += Counter()  # leaves out days on which nobody began
    else:
        days = Counter(begun.keys_of(roster.signed))
    _cached[pact] = _Begun(roster, days)
    return days


def _differing(one: SortKeys, other: SortKeys) -> int:
    """The places whose keys differ; the slices of both end with the lowest bit."""
    differ = 0
    for here, there in zip_longest(reversed(one.slices), reversed(other.slices), fillvalue=0):
        differ |= here ^ there
    return differ


def _at(keys: SortKeys, places: int) -> list[int]:
    return [keys.keys[place] for place in members(places, 0, places.bit_count())]


@lru_cache(8)
def _ended(day: datetime.date) -> Prepared[Signing]:
    """The periods of signatories that are over, counted by their first day and the day after."""
    ended = Signing.objects.signed().filter(pact=ANY_KEY, until__lte=day).order_by()
    return Prepared(ended.values_list("since", "until").annotate(number=Count("pk")), [ANY_KEY])


@cached
def most_cited(pact: Pact, clock: Clock, status: str, number: int) -> list[Signing]:
    """Periods of this status; the companies with the most sources come first, then by name.

    The sources of all statuses of a company count. The page /method/ states this rule.
    """
    roster = roster_of(pact, clock)
    by_sources = ByKeys(roster.orders["sources"], falling=True)
    keys = Ordered(roster, roster.having("status", [status]), [by_sources])[:number]
    periods = _periods(pact.pk, clock.day, parameter_count(keys)).of(keys)
    found = {one.company_id: one for one in periods}
    return [found[key] for key in keys if key in found]


def first_signatory(pact: Pact, clock: Clock) -> Company | None:
    """The first signatory by name."""
    roster = roster_of(pact, clock)
    return Company.objects.filter(pk__in=Ordered(roster, roster.signed, [ByName()])[:1]).first()


@lru_cache(32)
def _periods(pact: int, day: datetime.date, number: int) -> Prepared[Signing]:
    """The periods of so many companies that are in force on a day."""
    keys = placeholder_keys(number)
    periods = Signing.objects.on(day).filter(pact=pact, company__in=keys)
    return Prepared(periods.select_related("company"), keys)


def checks_of_sources() -> list[dict[str, Any]]:
    """When each cited source was last checked, longest ago first; None: never. Two queries."""
    # Each check in order, the last of a source last: grouped by source, SQLite reads all citations.
    checks = QuoteCheck.objects.order_by("checked_at", "pk")
    checked = dict(checks.values_list("citation__source", "checked_at"))
    cited = Source.objects.filter(Exists(Citation.objects.filter(source=OuterRef("pk"))))
    sources = [
        {"slug": slug, "url": url, "checked_at": checked.get(pk)}
        for pk, slug, url in cited.order_by("slug").values_list("pk", "slug", "url")
    ]
    sources.sort(key=lambda one: (one["checked_at"] is not None, one["checked_at"]))
    return sources[:MOST_SOURCES]


def changes_of_method() -> QuerySet[Change]:
    """Changes of counting or wording methods, with dates."""
    return Change.objects.filter(cause=Change.Cause.METHOD, has_line=True).order_by("number")
