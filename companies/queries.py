"""The read side: what pages, API, exports and feeds ask of the register, and how it may be asked.

One FilterSet a table declares every parameter once: its name, its values and its help text. Pages
and API both use it, so they cannot disagree. A parameter or value it does not know is a `Fault`.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from companies.countries import country_codes
from companies.models import (
    DEFAULT_PACT,
    Citation,
    Commitment,
    Company,
    Milestone,
    Pact,
    Pledge,
    ProgressReport,
    Region,
    Sector,
    Signing,
    Source,
)
from companies.models.company import REGION_RULES, CompanyQuerySet

UNKNOWN = "unknown"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Fault:
    """One parameter that cannot be used: which, why, and what could stand there instead."""

    parameter: str
    reason: str
    valid: list[str]


class BadQuery(Exception):  # noqa: N818 - it names what was wrong, as Http404 does
    """A query that asks for something the register does not offer."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.reason}" for fault in faults))
        self.faults = faults


def refuse_parameters(data: QueryDict, *, known: Iterable[str] = ()) -> None:
    """Raise BadQuery for any parameter not in `known`."""
    valid = sorted(known)
    unknown = sorted(set(data) - set(valid))
    if unknown:
        raise BadQuery(
            [Fault(name[:100], _now("There is no such parameter."), valid) for name in unknown]
        )


class WholeNumber(django_filters.NumberFilter):
    field_class = forms.IntegerField


def unfiltered(queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:  # noqa: ARG001
    """For parameters that say how to show rows, not which."""
    return queryset


class RegisterFilter(django_filters.FilterSet):
    """What all lists of the register have in common: strictness, sorting, pages."""

    page = WholeNumber(
        method="unfiltered",
        label=_("page"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("From 1."),
    )
    page_size = WholeNumber(
        method="unfiltered",
        label=_("rows a page"),
        min_value=1,
        max_value=100,
        help_text=_("At most 100; 50 when left out."),
    )
    unfiltered = staticmethod(unfiltered)

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(_without_blanks(data), *args, **kwargs)

    @cached_property
    def faults(self) -> list[Fault]:
        """Every parameter that cannot be used; empty when the query is fine."""
        names = list(self.filters)
        faults = [
            Fault(name[:100], _now("There is no such parameter."), names)
            for name in self.data
            if name not in self.filters
        ]
        for name, field in self.form.fields.items():
            many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
            if not many and len(self.data.getlist(name)) > 1:
                faults.append(Fault(name, _now("It may be given only once."), []))
        for name, errors in self.form.errors.items():
            reason = " ".join(str(error) for error in errors)
            faults.append(Fault(name, reason, _valid_values(self.form.fields[name])))
        return faults

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows asked for; BadQuery when the query cannot be answered."""
        if self.faults:
            raise BadQuery(self.faults)
        return self.qs

    def page_of_rows(self) -> Page[Any]:
        """The page asked for; Http404 past the last one."""
        rows = self.rows
        values = self.form.cleaned_data
        paginator = Paginator(rows, values["page_size"] or PAGE_SIZE)
        try:
            return paginator.page(values["page"] or 1)
        except EmptyPage as error:
            raise Http404(
                _now("There is no page %(page)s; the last one is %(last)s.")
                % {"page": values["page"], "last": paginator.num_pages}
            ) from error


def _without_blanks(data: QueryDict | None) -> QueryDict:
    """A form sends its empty fields too; they ask for nothing."""
    stripped = QueryDict(mutable=True)
    for name, values in (data or QueryDict()).lists():
        filled = [value for value in values if value.strip()]
        if filled:
            stripped.setlist(name, filled)
    return stripped


def _valid_values(field: forms.Field) -> list[str]:
    if isinstance(field, forms.ModelChoiceField):
        key = field.to_field_name or "pk"
        return [str(value) for value in field.queryset.values_list(key, flat=True)]
    if isinstance(field, forms.ChoiceField):
        return [str(value) for value, _label in field.choices if value]
    if isinstance(field, forms.IntegerField):
        return [f"{field.min_value}..{field.max_value}"]
    return []


class PactChoice(django_filters.ModelChoiceFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            queryset=Pact.objects.all(),
            to_field_name="slug",
            label=_("pact"),
            **kwargs,
        )


class CompanyFilter(RegisterFilter):
    """Companies with their status toward one pact, today."""

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
    def day(self) -> datetime.date:
        return timezone.localdate()

    @cached_property
    def chosen_pact(self) -> Pact:
        chosen: Pact | None = self.form.cleaned_data.get("pact")
        return chosen or pact_or_404(DEFAULT_PACT)

    def filter_queryset(self, queryset: QuerySet[Company]) -> QuerySet[Company]:
        filtered = listing(self._filtered(), self.chosen_pact)
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

    def facets(self) -> dict[str, dict[str, int]]:
        """For each facet, how many companies each of its values would give, all other filters kept."""
        return {name: self._facet(name, value) for name, value in FACETS.items()}

    def _facet(self, name: str, value: Any) -> dict[str, int]:
        companies = self._filtered(but=name).order_by().annotate(facet=value)
        rows = companies.values_list("facet").annotate(companies=Count("pk"))
        return {facet or UNKNOWN: count for facet, count in rows}

    def _filtered(self, *, but: str = "") -> Any:
        companies = Company.objects.with_status(self.chosen_pact, self.day)
        for name, value in self.form.cleaned_data.items():
            if name != but:
                companies = self.filters[name].filter(companies, value)
        return companies


FACETS: Mapping[str, Any] = {
    "status": F("status"),
    "country": F("country"),
    "region": Case(
        *(When(rule, then=Value(region.value)) for region, rule in REGION_RULES.items()),
        output_field=CharField(),
    ),
    "sector": F("sector__code"),
    "size": F("size"),
    "role": F("role"),
}


class CommitmentFilter(RegisterFilter):
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


class PactFilter(RegisterFilter):
    """Pacts; only pages can be chosen."""

    class Meta:
        model = Pact
        fields: list[str] = []


class SigningFilter(RegisterFilter):
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
    on = django_filters.DateFilter(
        method="filter_on", label=_("in force on"), help_text=_("A day as YYYY-MM-DD.")
    )

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_on(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset.on(value)


class PledgeFilter(RegisterFilter):
    """Pledges, whatever the signing status of the company is today."""

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
        label=_("implementation"), choices=Pledge.Implementation.choices, distinct=False
    )
    basis = django_filters.MultipleChoiceFilter(
        label=_("basis"), choices=Pledge.Basis.choices, distinct=False
    )

    class Meta:
        model = Pledge
        fields: list[str] = []


class SourceFilter(RegisterFilter):
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


class MilestoneFilter(RegisterFilter):
    """Dated events of the pacts and of the AI Act."""

    topic = django_filters.MultipleChoiceFilter(
        label=_("topic"), choices=Milestone.Topic.choices, distinct=False
    )

    class Meta:
        model = Milestone
        fields: list[str] = []


# Querysets with all that one row's page or answer shows, in a fixed number of queries.

_CITATIONS = Prefetch("citations", Citation.objects.select_related("source"))


def listing(companies: CompanyQuerySet, pact: Pact) -> CompanyQuerySet:
    """Rows of a list: the sector, the sources behind the status, and `core_pledges` of `pact`."""
    sources = (
        Citation.objects.filter(signing=OuterRef("signing_id"))
        .order_by()
        .values("signing")
        .annotate(number=Count("source", distinct=True))
        .values("number")
    )
    core = Pledge.objects.filter(
        commitment__pact=pact, commitment__kind=Commitment.Kind.CORE
    ).select_related("commitment")
    return (
        companies.select_related("sector")
        .annotate(source_count=Coalesce(Subquery(sources), 0))
        .prefetch_related(Prefetch("pledges", core, to_attr="core_pledges"))
    )


def record(pact: Pact, day: datetime.date) -> CompanyQuerySet:
    """Companies with everything the register knows of each."""
    return (
        Company.objects.with_status(pact, day)
        .select_related("sector", "parent")
        .prefetch_related(
            "names",
            "identifiers",
            "subsidiaries",
            _CITATIONS,
            Prefetch(
                "signings",
                Signing.objects.select_related("pact").prefetch_related(_CITATIONS),
            ),
            Prefetch(
                "pledges",
                Pledge.objects.select_related("commitment__pact").prefetch_related(_CITATIONS),
            ),
            Prefetch(
                "reports",
                ProgressReport.objects.select_related("pact").prefetch_related(_CITATIONS),
            ),
        )
    )


def signings() -> QuerySet[Signing]:
    """Periods with their company, pact and citations."""
    return (
        Signing.objects.select_related("company", "pact")
        .prefetch_related(_CITATIONS)
        .order_by("-since", "company__name_folded", "pk")
    )


def pledges() -> QuerySet[Pledge]:
    """Pledges with their company, commitment and citations."""
    return (
        Pledge.objects.select_related("company", "commitment__pact")
        .prefetch_related(_CITATIONS)
        .order_by(
            "company__name_folded", "commitment__pact__position", "commitment__position", "pk"
        )
    )


def absent(pact: Pact, day: datetime.date) -> QuerySet[Signing]:
    """Companies known not to be signatories of `pact` on `day`, each with its reason and sources."""
    return signings().filter(pact=pact).on(day).absent().order_by("company__name_folded")


def commitments() -> QuerySet[Commitment]:
    return Commitment.objects.select_related("pact", "source")


def milestones() -> QuerySet[Milestone]:
    return Milestone.objects.select_related("source")


def pact_or_404(slug: str) -> Pact:
    pact = Pact.objects.filter(slug=slug).first()
    if pact is None:
        raise Http404(_now("The register knows no pact called “%(slug)s”.") % {"slug": slug[:100]})
    return pact


def company_moved_from(slug: str) -> Company | None:
    """The company that had `slug` before a merge or a renaming."""
    return Company.objects.filter(redirects__old_slug=slug).first()
