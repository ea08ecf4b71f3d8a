"""The filters of the smaller lists and pages; that of companies is in company_filter."""

import datetime
from functools import cached_property
from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Commitment,
    Correction,
    Milestone,
    Pact,
    Pledge,
    Signing,
    Source,
    implementation_on,
)

from .clocks import Dated, Recorded
from .parameters import Day, PactChoice, RegisterFilter, StrictFilter


class CommitmentFilter(Dated, RegisterFilter):
    """Commitments of all pacts, or of some."""

    pact = PactChoice(field_name="pact")
    kind = django_filters.MultipleChoiceFilter(
        label=_("kind"), choices=Commitment.Kind.choices, distinct=False
    )
    audience = django_filters.MultipleChoiceFilter(
        label=_("audience"), choices=Commitment.Audience.choices, distinct=False
    )

    class Meta:
        model = Commitment
        fields: list[str] = []


class PactFilter(Dated, RegisterFilter):
    """Pacts; only pages and days can be chosen."""

    class Meta:
        model = Pact
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        rows: Any = super().filter_queryset(queryset)
        return rows.known_on(self.day)


class SigningFilter(Dated, RegisterFilter):
    """Periods of signing status, past and present."""

    company = django_filters.CharFilter(
        field_name="company__slug",
        label=_("company"),
        max_length=100,
        help_text=_("Its public id."),
    )
    pact = PactChoice(field_name="pact")
    status = django_filters.MultipleChoiceFilter(
        label=_("Status"), choices=Signing.Status.choices, distinct=False
    )
    on = Day(method="filter_on", label=_("in force on"), help_text=_("A day as YYYY-MM-DD."))

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_on(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset.on(value) if value else queryset

    def filter_queryset(self, queryset: Any) -> Any:
        """Of a past day: the periods in force on it, whose end was not known."""
        rows: Any = super().filter_queryset(queryset)
        day = self.as_of_day
        return rows.on(day).known_on(day) if day else rows


class PledgeFilter(Dated, RegisterFilter):
    """Pledges, whatever the signing status of the company; on a past day, of signatories only."""

    company = django_filters.CharFilter(
        field_name="company__slug",
        label=_("company"),
        max_length=100,
        help_text=_("Its public id."),
    )
    pact = PactChoice(field_name="commitment__pact")
    commitment = django_filters.CharFilter(
        field_name="commitment__code",
        label=_("commitment"),
        max_length=60,
        help_text=_("Its code."),
    )
    implementation = django_filters.MultipleChoiceFilter(
        method="filter_implementation",
        label=_("implementation"),
        choices=Pledge.Implementation.choices,
    )
    basis = django_filters.MultipleChoiceFilter(
        label=_("basis"), choices=Pledge.Basis.choices, distinct=False
    )

    class Meta:
        model = Pledge
        fields: list[str] = []

    def filter_implementation(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        return queryset.alias(then=implementation_on(self.day)).filter(then__in=value)

    def filter_queryset(self, queryset: Any) -> Any:
        rows: Any = super().filter_queryset(queryset)
        day = self.as_of_day
        return rows.of_signatories(day).known_on(day) if day else rows


class SourceFilter(Recorded, RegisterFilter):
    """Documents the register cites."""

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
    """Dated events of the pacts and of the AI Act."""

    topic = django_filters.MultipleChoiceFilter(
        label=_("topic"), choices=Milestone.Topic.choices, distinct=False
    )

    class Meta:
        model = Milestone
        fields: list[str] = []


class PactQuery(Dated):
    """What is about one pact: a record, the statistics, its reports, its absences."""

    pact = PactChoice(
        method="unfiltered", help_text=_("The pact it is about; eu-ai-pact when left out.")
    )

    class Meta:
        model = Pact
        fields: list[str] = []

    @cached_property
    def chosen_pact(self) -> Pact:
        """The pact asked for; BadQuery when the query cannot be answered."""
        self.refuse_faults()
        return self.pact_then(self.form.cleaned_data["pact"])


class VerifyQuery(PactQuery):
    """One company and one pact: did it sign?"""

    company = django_filters.CharFilter(
        method="unfiltered",
        label=_("company"),
        max_length=200,
        help_text=_("A company’s name or public id."),
    )

    @property
    def company_asked(self) -> str:
        """The name or public id asked for; BadQuery when the query cannot be answered."""
        self.refuse_faults()
        return " ".join(self.form.cleaned_data["company"].split())


class BadgeQuery(StrictFilter):
    """A badge says what is true now, toward one pact."""

    pact = PactChoice(
        method="unfiltered", help_text=_("The pact it is about; eu-ai-pact when left out.")
    )

    class Meta:
        model = Pact
        fields: list[str] = []


class CorrectionQuery(StrictFilter):
    """What a form for a correction begins with."""

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


class ReceiptQuery(StrictFilter):
    """A receipt number, however it was typed."""

    receipt = django_filters.CharFilter(
        method="unfiltered", label=_("receipt number"), max_length=100
    )

    class Meta:
        model = Correction
        fields: list[str] = []
