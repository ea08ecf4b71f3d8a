"""Companies: how they are filtered, counted and sorted, for pages and API alike."""

import datetime
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import django_filters
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.countries import country_codes
from companies.models import Company, Pact, Region, Sector, Signing
from companies.models.company import REGION_OF_COMPANY

from .changes import Instant, changed_since
from .moments import RECORDED_AS_OF, Dated
from .rows import listing
from .strict import UNKNOWN, BadQuery, Fault, PactChoice, RegisterFilter


class CompanyFilter(Dated, RegisterFilter):
    """Companies with their status toward one pact, on one day."""

    SORTS: Mapping[str, tuple[Any, ...]] = {
        "name": ("name_folded", "pk"),
        "-name": ("-name_folded", "-pk"),
        "since": (F("since").asc(nulls_last=True), "name_folded", "pk"),
        "-since": (F("since").desc(nulls_last=True), "name_folded", "pk"),
        "country": ("country", "name_folded", "pk"),
        "-country": ("-country", "name_folded", "pk"),
    }

    q = django_filters.CharFilter(
        method="filter_q",
        label=_("company name"),
        max_length=200,
        help_text=_(
            "Every word, in any of the company’s names, without regard to case and accents."
        ),
    )
    pact = PactChoice(
        method="unfiltered",
        help_text=_("The pact that status and since are about; eu-ai-pact when left out."),
    )
    status = django_filters.MultipleChoiceFilter(
        method="filter_status", label=_("Status"), choices=Signing.Status.choices
    )
    country = django_filters.MultipleChoiceFilter(
        method="filter_country",
        label=_("Country"),
        choices=lambda: [(code, code) for code in sorted(country_codes())] + [(UNKNOWN, UNKNOWN)],
        help_text=_("ISO 3166-1 code of the headquarters, or unknown."),
    )
    region = django_filters.MultipleChoiceFilter(
        method="filter_region", label=_("Headquarters"), choices=Region.choices
    )
    sector = django_filters.MultipleChoiceFilter(
        method="filter_sector",
        label=_("Sector"),
        choices=lambda: (
            [(s.code, s.label) for s in Sector.objects.all()] + [(UNKNOWN, _("not known"))]
        ),
    )
    size = django_filters.MultipleChoiceFilter(
        label=_("Size"), choices=Company.Size.choices, distinct=False
    )
    role = django_filters.MultipleChoiceFilter(
        label=_("Role under the AI Act"), choices=Company.Role.choices, distinct=False
    )
    changed_since = Instant(
        method="filter_changed_since",
        label=_("changed since"),
        help_text=_("A day or an RFC 3339 instant: with any change recorded then or later."),
    )
    sort = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("Sort"),
        choices=[(key, key) for key in SORTS],
        empty_label=None,
        help_text=_("name when left out; a minus sign turns the order round."),
    )

    class Meta:
        model = Company
        fields: list[str] = []

    @cached_property
    def chosen_pact(self) -> Pact:
        return self.pact_then(self.form.cleaned_data.get("pact"))

    def filter_queryset(self, queryset: QuerySet[Company]) -> QuerySet[Company]:
        filtered = listing(self._filtered(), self.chosen_pact, self.day)
        return filtered.order_by(*self.SORTS[self.form.cleaned_data["sort"] or "name"])

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def filter_status(self, queryset: Any, name: str, value: list[str]) -> Any:
        chosen = Q(status__in=value)
        if Signing.Status.UNKNOWN in value:
            chosen |= Q(status__isnull=True)
        return queryset.filter(chosen) if value else queryset

    def filter_country(self, queryset: Any, name: str, value: list[str]) -> Any:
        codes = ["" if code == UNKNOWN else code for code in value]
        return queryset.filter(country__in=codes) if codes else queryset

    def filter_region(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.in_regions(value) if value else queryset

    def filter_sector(self, queryset: Any, name: str, value: list[str]) -> Any:
        chosen = Q(sector__code__in=value)
        if UNKNOWN in value:
            chosen |= Q(sector__isnull=True)
        return queryset.filter(chosen) if value else queryset

    def filter_changed_since(self, queryset: Any, name: str, value: datetime.datetime) -> Any:
        if self.recorded_day:
            reason = gettext("It asks for changes until today: it cannot stand beside %(name)s.")
            raise BadQuery([Fault(name, reason % {"name": RECORDED_AS_OF}, [])])
        return queryset.filter(changed_since(value))

    def facets(self) -> dict[str, dict[str, int]]:
        """For each facet, how many companies each value would give, all other filters kept."""
        self.refuse_faults()
        return {name: self._facet(name, value) for name, value in FACETS.items()}

    def _facet(self, name: str, value: Any) -> dict[str, int]:
        companies = self._filtered(but=name).order_by().annotate(facet=value)
        rows = companies.values_list("facet").annotate(companies=Count("pk"))
        return {facet or UNKNOWN: count for facet, count in rows}

    def _filtered(self, *, but: str = "") -> Any:
        companies: Any = Company.objects.with_status(self.chosen_pact, self.day)
        for name, value in self.form.cleaned_data.items():
            if name != but:
                companies = self.filters[name].filter(companies, value)
        return companies


FACETS: Mapping[str, Any] = {
    "status": F("status"),
    "region": REGION_OF_COMPANY,
    "country": F("country"),
    "sector": F("sector__code"),
    "size": F("size"),
    "role": F("role"),
}
