"""A comparison: which companies stand beside each other, and what of them is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from companies.models import Company, CompanyRedirect

from .filters import PactQuery
from .querysets import record

MOST_COMPARED = 6
_MOST_READ = 24  # of a longer address; the page says that not all were taken


class AnyIdsField(forms.MultipleChoiceField):
    """Public ids, known or not: the page itself says which companies it does not know."""

    def valid_value(self, value: Any) -> bool:
        return True


class PublicIds(django_filters.Filter):
    field_class = AnyIdsField


@dataclass(frozen=True)
class Compared:
    """The companies of a comparison in the order asked for, and what was asked for in vain."""

    companies: list[Company]
    left_out: list[Company]  # known, but there were six already
    repeated: list[Company]
    unknown: list[str]

    @property
    def is_full(self) -> bool:
        return len(self.companies) >= MOST_COMPARED


class CompareQuery(PactQuery):
    """Two to six companies beside each other, toward one pact."""

    company = PublicIds(
        method="unfiltered",
        label=_("company"),
        help_text=_("A public id; give it once for each company, for two to six."),
    )
    add = django_filters.CharFilter(
        method="unfiltered",
        label=_("company to add"),
        max_length=200,
        help_text=_("A name as one would write it."),
    )
    show = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("Show"),
        choices=[("all", "all"), ("differences", "differences")],
        empty_label=None,
        help_text=_("All properties, or only those in which the companies differ."),
    )

    @property
    def name_to_add(self) -> str:
        """What a reader typed into the field; BadQuery when the query cannot be answered."""
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
        found = {c.slug: c for c in record(self.chosen_pact, self.day).filter(slug__in=wanted)}
        return _compared([moves.get(slug, slug) for slug in slugs], found)


def _compared(slugs: list[str], found: Mapping[str, Company]) -> Compared:
    known = [found[slug] for slug in dict.fromkeys(slugs) if slug in found]
    return Compared(
        companies=known[:MOST_COMPARED],
        left_out=known[MOST_COMPARED:],
        repeated=[company for company in known if slugs.count(company.slug) > 1],
        unknown=[slug for slug in dict.fromkeys(slugs) if slug not in found],
    )
