"""Filter sets of the smaller lists and pages; that of companies is in company_filter."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django import forms
from django.core.paginator import Page
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Commitment,
    Company,
    CompanyRedirect,
    Correction,
    Milestone,
    Pact,
    Pledge,
    Signing,
    Source,
)

from .counting.signings_by_day import SigningsByDay
from .parameters import (
    Dated,
    Day,
    KnownCompany,
    PactChoice,
    PactQuery,
    Recorded,
    RegisterFilter,
    StatusDays,
    StrictFilter,
    companies_named,
)
from .querysets import commitments, pledges
from .records.company_record import records_of
from .roster.orders import ByName, InGroups, Ordered
from .roster.roster import Roster
from .roster.rosters import roster_of

MOST_COMPARED = 6
_MOST_READ = 24  # public ids of a longer query; the page says that not all were taken


class CommitmentFilter(Dated, RegisterFilter):
    """Filters of commitments."""

    pact = PactChoice(field_name="pact", of_all=True)
    kind = django_filters.MultipleChoiceFilter(
        label=_("kind"), choices=Commitment.Kind.choices, distinct=False
    )
    audience = django_filters.MultipleChoiceFilter(
        label=_("audience"), choices=Commitment.Audience.choices, distinct=False
    )

    class Meta:
        model = Commitment
        fields: list[str] = []


# The order of a commitment's page.
LEVELS = (
    Pledge.Implementation.FULL,
    Pledge.Implementation.PARTIAL,
    Pledge.Implementation.PLANNED,
    Pledge.Implementation.EVIDENCE_WITHDRAWN,
    Pledge.Implementation.NO_EVIDENCE,
)


class CommitmentQuery(PactQuery, RegisterFilter):
    """The query of a commitment's page, whether or not its pact was read."""

    pact = PactChoice(method="unfiltered", of_all=True)

    def commitment(self, code: str) -> Commitment:
        found = commitments().filter(pact=self.chosen_pact, code=code).first()
        if found is None:
            reason = gettext("This pact has no commitment called “%(code)s”.")
            raise Http404(reason % {"code": code[:100]})
        return found

    def counts(self, commitment: Commitment) -> dict[str, int]:
        """The number of pledges of signatories on the day, by implementation."""
        return {level: places.bit_count() for level, places in self._levels(commitment).items()}

    def page_of_pledges(self, commitment: Commitment) -> Page[Any]:
        """A page of these pledges, by implementation and name.

        The roster chooses and orders the companies: of 1,000,000 the page would name 667,000.
        """
        groups = [*self._levels(commitment).values()]
        found = Ordered(self._roster, reduce(or_, groups), [InGroups(groups), ByName()])
        page = self.page_of(found)
        made = pledges(self.day).filter(commitment=commitment, company__in=page.object_list)
        by_company = {one.company_id: one for one in made.order_by()}
        page.object_list = [by_company[key] for key in page.object_list if key in by_company]
        return page

    @cached_property
    def _roster(self) -> Roster:
        return roster_of(self.chosen_pact, self.clock)

    def _levels(self, commitment: Commitment) -> dict[str, int]:
        code, roster = commitment.code, self._roster
        return {one.value: roster.signed & roster.pledging([code], [one]) for one in LEVELS}


class PactFilter(Dated, RegisterFilter):
    """Pacts; only paging and dates can be chosen."""

    class Meta:
        model = Pact
        fields: list[str] = []


class SigningFilter(Dated, RegisterFilter, StatusDays):
    """Filters of periods of signing status, past and present."""

    company, company__not = companies_named(KnownCompany, field_name="company__slug")
    pact = PactChoice(field_name="pact")
    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=Signing.Status.choices, distinct=False
    )
    # By these the periods of each day are counted; without one, the first rows are soon found.
    CONDITIONS = ("pact", "status", "since__gte", "since__lte")
    PAGE = ("page", "page_size")
    SOON_FOUND = 10  # pages

    on = Day(method="filter_on", label=_("in force on"), help_text=_("A date (YYYY-MM-DD)."))

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_on(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset.on(value) if value else queryset

    def filter_queryset(self, queryset: Any) -> Any:
        """With a day, only periods in force on it."""
        rows: Any = super().filter_queryset(queryset)
        return rows.on(self.clock.as_of) if self.clock.as_of else rows

    def page_of_rows(self) -> Page[Any]:
        found = self._by_day
        return self.page_of(self.rows if found is None else found)

    def number_of_rows(self) -> int:
        found = self._by_day
        return super().number_of_rows() if found is None else len(found)

    @cached_property
    def _by_day(self) -> SigningsByDay | None:
        """The periods by counts of each day; None where the database has to choose."""
        self.refuse_faults()
        chosen = self.form.cleaned_data
        is_first = (chosen["page"] or 1) <= self.SOON_FOUND
        is_soon_found = is_first and not any(chosen[name] for name in self.CONDITIONS)
        others = chosen.keys() - {*self.CONDITIONS, *self.PAGE}
        if is_soon_found or any(chosen[name] for name in others):
            return None
        days = chosen["since__gte"], chosen["since__lte"]
        return SigningsByDay(
            *(self.clock, self.qs, roster_of),
            pact=chosen["pact"],
            statuses=chosen["status"],
            days=days,
        )


class SourceFilter(Recorded, RegisterFilter):
    """Filters of cited documents."""

    kind = django_filters.MultipleChoiceFilter(
        label=_("kind"), choices=Source.Kind.choices, distinct=False
    )
    q = django_filters.CharFilter(
        field_name="title", lookup_expr="icontains", label=_("words of the title"), max_length=200
    )

    class Meta:
        model = Source
        fields: list[str] = []


class MilestoneFilter(Recorded, RegisterFilter):
    """Filters of dated events of the pacts and of the AI Act."""

    topic = django_filters.MultipleChoiceFilter(
        label=_("topic"), choices=Milestone.Topic.choices, distinct=False
    )

    class Meta:
        model = Milestone
        fields: list[str] = []


class VerifyQuery(PactQuery):
    """The query of the page that answers whether one company signed one pact."""

    company = django_filters.CharFilter(
        method="unfiltered",
        label=_("company"),
        max_length=200,
        help_text=_("A company’s name or public id."),
    )

    @property
    def named_company(self) -> str:
        """The submitted name or public id; BadQuery when the query is invalid."""
        self.refuse_faults()
        return " ".join(self.form.cleaned_data["company"].split())


class BadgeQuery(StrictFilter):
    """The query of a badge, which is about one pact and about today."""

    pact = PactChoice(method="unfiltered", help_text=_("The pact. Default: eu-ai-pact."))

    class Meta:
        model = Pact
        fields: list[str] = []


class CorrectionQuery(StrictFilter):
    """The initial values of the correction form."""

    company = django_filters.CharFilter(
        method="unfiltered",
        label=_("company"),
        max_length=200,
        help_text=_("A company’s name or public id."),
    )
    kind = django_filters.ChoiceFilter(
        method="unfiltered", label=_("kind"), choices=Correction.Kind.choices
    )

    class Meta:
        model = Correction
        fields: list[str] = []


class NamesQuery(StrictFilter):
    """The prefix of a company's name."""

    q = django_filters.CharFilter(method="unfiltered", label=_("company name"), max_length=200)

    class Meta:
        model = Company
        fields: list[str] = []


class ReceiptQuery(StrictFilter):
    """A receipt number in any spelling."""

    receipt = django_filters.CharFilter(
        method="unfiltered", label=_("receipt number"), max_length=100
    )

    class Meta:
        model = Correction
        fields: list[str] = []


# The comparison


class AnyIdsField(forms.MultipleChoiceField):
    """A field of public ids, known or not: the page reports unknown ones."""

    def valid_value(self, value: Any) -> bool:
        return True


class PublicIds(django_filters.Filter):
    field_class = AnyIdsField


@dataclass(frozen=True)
class Compared:
    """The companies of a comparison in query order, and those that cannot be shown."""

    companies: list[Company]
    left_out: list[Company]  # known, but there were six already
    repeated: list[Company]
    unknown: list[str]

    @property
    def is_full(self) -> bool:
        return len(self.companies) >= MOST_COMPARED


class CompareQuery(PactQuery):
    """The query of a comparison: two to six companies toward one pact."""

    company = PublicIds(
        method="unfiltered",
        label=_("company"),
        help_text=_("A public id. Repeat for two to six companies."),
    )
    add = django_filters.CharFilter(
        method="unfiltered",
        label=_("company to add"),
        max_length=200,
        help_text=_("The name of a company."),
    )
    show = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("Show"),
        choices=[("all", "all"), ("differences", "differences")],
        empty_label=None,
        help_text=_("All rows, or only those in which the companies differ."),
    )

    @property
    def name_to_add(self) -> str:
        """The name typed into the field; BadQuery when the query is invalid."""
        self.refuse_faults()
        return str(self.form.cleaned_data["add"]).strip()

    @property
    def only_differences(self) -> bool:
        self.refuse_faults()
        return bool(self.form.cleaned_data["show"] == "differences")

    @cached_property
    def compared(self) -> Compared:
        self.refuse_faults()
        slugs = self.form.cleaned_data["company"][:_MOST_READ]
        moved = CompanyRedirect.objects.filter(old_slug__in=slugs)
        moves = dict(moved.values_list("old_slug", "company__slug"))
        wanted = {moves.get(slug, slug) for slug in slugs}
        found = {c.slug: c for c in records_of(list(wanted), self.chosen_pact, self.day)}
        return _compared([moves.get(slug, slug) for slug in slugs], found)


def _compared(slugs: list[str], found: Mapping[str, Company]) -> Compared:
    known = [found[slug] for slug in dict.fromkeys(slugs) if slug in found]
    return Compared(
        companies=known[:MOST_COMPARED],
        left_out=known[MOST_COMPARED:],
        repeated=[company for company in known if slugs.count(company.slug) > 1],
        unknown=[slug for slug in dict.fromkeys(slugs) if slug not in found],
    )
