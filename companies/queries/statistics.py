"""Counts over the register, each over the signatories of one pact on one day."""

import datetime
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Count, F, Max, Q, QuerySet

from companies.models import (
    REGION_OF_COMPANY,
    Change,
    Citation,
    Commitment,
    Company,
    Pact,
    Pledge,
    ProgressReport,
    Region,
    Signing,
    Source,
    checks_of_quotes,
    implementation_on,
)

UNKNOWN = "unknown"
# The tables of the package whose columns may stand empty because no source says more.
COVERED = (Company, Signing, Pledge, ProgressReport, Source)
MOST_SOURCES = 500  # of one answer


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


def known_values() -> list[dict[str, Any]]:
    """For each column that may be empty or unknown, how many rows state a value. Five queries."""
    found = []
    for model in COVERED:
        conditions = {field.name: _states(field) for field in _optional(model)}
        counts = {f"{name}_known": Count("pk", filter=one) for name, one in conditions.items()}
        known = model._default_manager.order_by().aggregate(rows=Count("pk"), **counts)
        rows = known.pop("rows")
        for name, number in zip(conditions, known.values(), strict=True):
            share = round(number / rows, 4) if rows else None
            told = {"model": model.__name__, "column": name, "known": number}
            found.append(told | {"rows": rows, "share": share})
    return found


def _optional(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    fields = [one for one in model._meta.concrete_fields if one.editable]
    return [one for one in fields if one.blank or one.null or UNKNOWN in dict(one.flatchoices)]


def _states(field: "models.Field[Any, Any]") -> Q:
    """A condition on rows whose value is neither empty nor unknown."""
    states = Q(**{f"{field.name}__isnull": False})
    if isinstance(field, models.CharField | models.TextField):
        states &= ~Q(**{f"{field.name}__in": ["", UNKNOWN]})
    return states


def checks_of_sources() -> list[dict[str, Any]]:
    """When the page of each cited source was last asked for, the longest ago first; None: never."""
    rows = Source.objects.filter(citations__isnull=False).annotate(
        checked_at=Max("citations__quote_check__checked_at")
    )
    ordered = rows.order_by(F("checked_at").asc(nulls_first=True), "slug")
    return list(ordered.values("slug", "url", "checked_at")[:MOST_SOURCES])


def changes_of_method() -> QuerySet[Change]:
    """Changes of how the register counts or words, each with its date."""
    return Change.objects.filter(cause=Change.Cause.METHOD, has_line=True).order_by("number")
