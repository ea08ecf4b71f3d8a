"""The companies that a name somebody typed may mean."""

from collections.abc import Iterable

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Company,
    CompanyName,
    CompanyQuerySet,
    CompanyRedirect,
    Correction,
    Pact,
)
from companies.names.letters import fold

from .filters import PactQuery
from .parameters import PactChoice, StrictFilter

SUGGESTED = 20


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


def companies_named(text: str) -> CompanyQuerySet:
    """Companies of which `text` is a name or a public id, now or before, in whatever case."""
    folded = fold(text)
    slug = text.strip().lower()
    names = CompanyName.objects.filter(name_folded=folded).order_by().values("company")
    redirects = CompanyRedirect.objects.filter(old_slug=slug).order_by().values("company")
    found = Q(slug=slug) | Q(pk__in=redirects)
    if folded:
        found |= Q(name_folded=folded) | Q(pk__in=names)
    return Company.objects.filter(found)


def company_meant(text: str) -> Company | None:
    """The one company that `text` names; None where none or several do."""
    found = list(companies_named(text)[:2])
    return found[0] if len(found) == 1 else None


def companies_like(text: str) -> Iterable[Company]:
    """Companies whose names hold every word of `text`, a page of them at most."""
    return Company.objects.search(text)[:SUGGESTED] if fold(text) else []
