"""Querysets with everything that a page or response shows, in a fixed number of queries."""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from companies.countries import country_codes, country_name
from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    CompanyQuerySet,
    CompanyRedirect,
    Correction,
    Milestone,
    Pact,
    Pledge,
    PledgeQuerySet,
    Signing,
    SigningQuerySet,
    Source,
    surest_first,
    with_report_state,
)
from companies.names.letters import alphabetical

from .clocks import Clock
from .records.prepared import ANY_KEY, Prepared
from .roster.table_state import cached_shared

CITATIONS = Prefetch(
    "citations", Citation.objects.select_related("source", "quote_check").order_by(*surest_first())
)


def number_of(rows: QuerySet[Any], group: str) -> Coalesce:
    """A subquery counting `rows` with the same `group`."""
    counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def number_of_sources(signing: str) -> Coalesce:
    """A subquery counting the sources of the period that `signing` refers to."""
    sources = (
        Citation.objects.filter(signing=OuterRef(signing))
        .order_by()
        .values("signing")
        .annotate(number=Count("source", distinct=True))
        .values("number")
    )
    return Coalesce(Subquery(sources), 0)


def cited_outside_lists() -> Exists:
    """Whether a source other than an official list supports a period."""
    citations = Citation.objects.filter(signing=OuterRef("pk"))
    return Exists(citations.exclude(source__kind=Source.Kind.OFFICIAL_LIST))


# Companies


def listing(companies: CompanyQuerySet, pact: Pact, day: datetime.date) -> CompanyQuerySet:
    """Companies for a list, with sector, number of sources and `core_pledges` of `pact`."""
    core = (
        Pledge.objects.known(day)
        .filter(commitment__pact=pact, commitment__kind=Commitment.Kind.CORE)
        .select_related("commitment")
    )
    return (
        companies.select_related("sector")
        .annotate(source_count=number_of_sources("signing_id"))
        .prefetch_related(Prefetch("pledges", core, to_attr="core_pledges"))
    )


def companies_on(day: datetime.date, pks: Iterable[int]) -> dict[int, Company]:
    """Companies by primary key, with their reports, periods in force on `day` and citations."""
    periods = Signing.objects.on(day).select_related("pact").prefetch_related(CITATIONS)
    companies = Company.objects.prefetch_related(Prefetch("signings", periods), "reports")
    return companies.in_bulk(set(pks))


def companies_with_ids(slugs: Collection[str]) -> dict[str, int]:
    """Primary keys of companies by public id, present or former. Two queries."""
    moved = CompanyRedirect.objects.using("default").filter(old_slug__in=slugs)
    present = Company.objects.using("default").filter(slug__in=slugs).order_by()
    return dict(moved.values_list("old_slug", "company")) | dict(present.values_list("slug", "pk"))


def company_moved_from(slug: str) -> Company | None:
    """The company that had `slug` before a merge or a renaming."""
    return Company.objects.filter(redirects__old_slug=slug).first()


def changed_since(instant: datetime.datetime) -> QuerySet[Company, int]:
    """Companies with a change recorded at `instant` or later, as primary keys."""
    recent = Change.objects.filter(recorded_at__gte=instant).order_by().values("company_slug")
    former = CompanyRedirect.objects.filter(old_slug__in=recent).values("company")
    changed = Company.objects.filter(Q(slug__in=recent) | Q(pk__in=former))
    return changed.order_by().values_list("pk", flat=True)


def country_labels() -> dict[str, str]:
    """Every country's name in the reader's language, by its code."""
    language = get_language() or "en"
    return {code: country_name(code, language) for code in country_codes()}


def countries_in_order(*, falling: bool) -> list[str]:
    """All country codes, sorted by name in the active language."""
    in_order = _countries_in_order(get_language() or "en")
    return in_order[::-1] if falling else in_order


@cache
def _countries_in_order(language: str) -> list[str]:
    return sorted(country_codes(), key=lambda code: alphabetical(country_name(code, language)))


# Periods, and what follows from them


def signings() -> SigningQuerySet:
    """Periods with their company, pact and citations."""
    return (
        Signing.objects.select_related("company", "pact")
        .prefetch_related(CITATIONS)
        .order_by("-since", "company__name_folded", "pk")
    )


def report_states(pact: Pact, day: datetime.date) -> Any:
    """Periods of signatories annotated with `report_state`; empty if the pact has no reports."""
    months = pact.report_after_months or 0
    signed = Signing.objects.on(day).signed().filter(pact=pact)
    return with_report_state(signed if months else signed.none(), months=months, day=day)


# Pledges and the evidence for them


def pledges(day: datetime.date | None = None) -> PledgeQuerySet:
    """Pledges made by `day`, today when left out, with company, commitment and citations."""
    return (
        Pledge.objects.known(day)
        .select_related("company", "commitment__pact")
        .prefetch_related(CITATIONS)
        .order_by(
            *("company__name_folded", "company_id"),
            *("commitment__pact__position", "commitment__position", "pk"),
        )
    )


# Pacts, commitments, milestones


def commitments() -> QuerySet[Commitment]:
    return Commitment.objects.select_related("pact", "source")


@cached_shared
def pacts_read(clock: Clock) -> list[tuple[Pact, list[Commitment]]]:
    """The pacts that were read, each with its commitments. Two queries."""
    of_pact = groupby(commitments(), key=attrgetter("pact_id"))
    by_pact = {pact: list(rows) for pact, rows in of_pact}
    return [(pact, by_pact.get(pact.pk, [])) for pact in Pact.objects.with_list_read()]


def milestones() -> QuerySet[Milestone]:
    return Milestone.objects.select_related("pact", "source")


@cached_shared
def known_milestones() -> list[Milestone]:
    """All of them; no edit of a company changes one."""
    return list(milestones())


# Corrections


@dataclass(frozen=True)
class AnswerTime:
    """How long corrections take: median, number of answers, and when the first was sent."""

    number: int
    since: datetime.datetime
    median: datetime.timedelta

    @property
    def days(self) -> int:
        """The median in whole days, rounded up."""
        return -(-self.median // datetime.timedelta(days=1))


def answer_time() -> AnswerTime | None:
    """The answer time of corrections; None without answers. Two queries."""
    closed = Correction.objects.closed().order_by()
    known = closed.aggregate(number=Count("pk"), since=Min("closed_at"))
    number = known["number"]
    if not number:
        return None
    took = closed.annotate(took=F("closed_at") - F("received_at")).order_by("took", "pk")
    middle = list(took.values_list("took", flat=True)[(number - 1) // 2 : number // 2 + 1])
    return AnswerTime(number, known["since"], sum(middle, datetime.timedelta()) / len(middle))


def correction_counts() -> dict[str, int]:
    """The number of corrections by state, zeros included. One query."""
    rows = Correction.objects.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(Correction.State.values, 0) | dict(rows)


def statements(company: Company, day: datetime.date) -> list[Correction]:
    """Company statements published by `day`, newest first."""
    return _statements(day).of([company.pk])


@lru_cache(8)
def _statements(day: datetime.date) -> Prepared[Correction]:
    published = Correction.objects.published().filter(company_id=ANY_KEY)
    published = published.filter(closed_at__date__lte=day)
    return Prepared(published.order_by("-closed_at", "-pk"), [ANY_KEY])
