"""Counts over the register, each over the signatories of one pact on one day."""

import datetime
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from django.db.models import Count, Q, QuerySet

from companies.models import Citation, Pact, Pledge, Region, Signing, checks_of_quotes

from .clocks import Clock
from .roster.roster import Places, numbers
from .roster.rosters import roster_of
from .roster.table_state import kept


@dataclass(frozen=True)
class Statistics:
    """Counts of one pact on one day.

    Every mapping goes from a code to a number of companies; all but `by_status` count signatories,
    so that each adds up to `signatories`. "unknown" is the code where no source says. `quotes` goes
    from what the last check of its page found to a number of quotes.
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

    @cached_property
    def quotes(self) -> dict[str, int]:
        return checks_of_quotes(_cited_for(self.pact, self.day), self.day)


@kept
def statistics_of(pact: Pact, clock: Clock) -> Statistics:
    """The statistics by the clock, counted in the roster. One query where it is kept."""
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
    )


def _cited_for(pact: Pact, day: datetime.date) -> QuerySet[Citation]:
    """Citations of statuses that had begun by `day`, of pledges and of reports toward `pact`."""
    status = Q(signing__pact=pact, signing__since__lte=day)
    return Citation.objects.filter(status | Q(pledge__commitment__pact=pact) | Q(report__pact=pact))


def signatories(pact: Pact, clock: Clock) -> int:
    """The number of companies known to be signatories of `pact` by the clock."""
    return roster_of(pact, clock).signed.bit_count()


def _by_level(places: Places, among: int) -> dict[str, int]:
    counts = numbers(places, among)
    return {level: counts[level] for level in Pledge.Implementation.values if level in counts}


def _most_frequent_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))


@kept
def signatories_over_time(pact: Pact, clock: Clock) -> list[tuple[datetime.date, int]]:
    """The number of known signatories after each day on which it changed, until the clock's.

    The roster has the first days of those who are signatories, a query the others' periods.
    """
    roster = roster_of(pact, clock)
    steps = Counter(roster.orders["since"].keys_of(roster.signed))
    ended = Signing.objects.signed().filter(pact=pact, until__lte=clock.day).order_by()
    rows = ended.values_list("since", "until").annotate(number=Count("pk"))
    for since, until, number in rows:
        steps[since.toordinal()] += number
        steps[until.toordinal()] -= number
    days = sorted(steps)
    totals = accumulate(steps[day] for day in days)
    return list(zip(map(datetime.date.fromordinal, days), totals, strict=True))
