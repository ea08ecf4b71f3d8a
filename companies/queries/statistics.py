"""Counts over the register, each over the signatories of one pact on one day."""

import datetime
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from companies.models import (
    REGION_OF_COMPANY,
    Citation,
    Commitment,
    Company,
    Pact,
    Pledge,
    Region,
    Signing,
    checks_of_quotes,
    implementation_on,
)

UNKNOWN = "unknown"


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


def statistics_of(pact: Pact, day: datetime.date) -> Statistics:
    companies = Company.objects.with_status(pact, day)
    by_status = _count(companies, F("status"))
    signed = companies.signed()
    return Statistics(
        pact=pact,
        day=day,
        companies=sum(by_status.values()),
        signatories=by_status.get(Signing.Status.SIGNED, 0),
        by_status=by_status,
        by_region={str(r): 0 for r in Region} | _count(signed, REGION_OF_COMPANY),
        by_country=_count(signed, F("country")),
        by_sector=_count(signed, F("sector__code")),
        by_size=_count(signed, F("size")),
        by_role=_count(signed, F("role")),
        implementation=_implementation(pact, day),
        over_time=signatories_over_time(pact, day),
    )


def _cited_for(pact: Pact, day: datetime.date) -> QuerySet[Citation]:
    """Citations of statuses that had begun by `day`, of pledges and of reports toward `pact`."""
    status = Q(signing__pact=pact, signing__since__lte=day)
    return Citation.objects.filter(status | Q(pledge__commitment__pact=pact) | Q(report__pact=pact))


def signatories(pact: Pact, day: datetime.date) -> int:
    """The number of companies known to be signatories of `pact` on `day`."""
    return Signing.objects.on(day).signed().filter(pact=pact).count()


def _count(companies: QuerySet[Company], key: Any) -> dict[str, int]:
    """Companies per value of `key`, the most frequent first."""
    rows = companies.order_by().annotate(key=key).values_list("key").annotate(number=Count("pk"))
    counts = [(value or UNKNOWN, number) for value, number in rows]
    return dict(sorted(counts, key=lambda row: (-row[1], row[0])))


def _implementation(pact: Pact, day: datetime.date) -> dict[str, dict[str, int]]:
    """For each commitment, the pledges of signatories by implementation."""
    signed = Signing.objects.on(day).signed().filter(pact=pact).values("company")
    counts: dict[str, dict[str, int]] = {
        code: {} for code in Commitment.objects.filter(pact=pact).values_list("code", flat=True)
    }
    rows = (
        Pledge.objects.known()
        .filter(commitment__pact=pact, company__in=signed)
        .order_by()
        .annotate(then=implementation_on(day))
        .values_list("commitment__code", "then")
        .annotate(number=Count("pk"))
    )
    for code, implementation, number in rows:
        counts[code][implementation] = number
    return counts


def signatories_over_time(pact: Pact, day: datetime.date) -> list[tuple[datetime.date, int]]:
    """The number of known signatories after each day on which it changed, up to `day`."""
    steps: Counter[datetime.date] = Counter()
    periods = Signing.objects.signed().filter(pact=pact, since__lte=day)
    for since, until in periods.values_list("since", "until"):
        steps[since] += 1
        if until and until <= day:
            steps[until] -= 1
    total = 0
    points = []
    for changed_on in sorted(steps):
        total += steps[changed_on]
        points.append((changed_on, total))
    return points
