"""The filter of companies for pages, API and files: its parameters, and what each one filters."""

import datetime
from collections.abc import Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Any

import django_filters
from django.core.paginator import Page
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Commitment,
    Company,
    Pact,
    Pledge,
    Region,
    ReportState,
    Sector,
    Signing,
    implementation_on,
)

from .clocks import RECORDED_AS_OF
from .lookup import Search
from .parameters import (
    UNKNOWN,
    BadParameter,
    BadQuery,
    Dated,
    Instant,
    KnownCompanies,
    PactChoice,
    RegisterFilter,
    commitment_codes,
    country_choices,
    refuse_foreign,
    stored_countries,
)
from .querysets import (
    EvidenceLevel,
    changed_since,
    country_place,
    evidence_rules,
    listing,
    report_states,
    with_last_change,
)

COMMITMENT, IMPLEMENTATION = "commitment", "implementation"
ABOUT_STATUS = ("status", COMMITMENT, IMPLEMENTATION, "implementation_evidence", "report")
OF_PERIOD = ("status", "since", "known")
WITHOUT_STATUS = Case(When(Q(status__isnull=True) | Q(status="unknown"), then=1), default=0)


class ProfileFilter(Dated, RegisterFilter):
    """Companies by what they are: name, headquarters, sector, size and role."""

    q = django_filters.CharFilter(
        method="filter_q",
        label=_("company name"),
        max_length=200,
        help_text=_(
            "Every word must appear in one of the company’s names; case and accents do not "
            "matter. A legal form at the end, such as S.A., is ignored if no company has it."
        ),
    )
    country = django_filters.MultipleChoiceFilter(
        method="filter_country",
        label=_("Country"),
        choices=country_choices,
        help_text=_("ISO 3166-1 code of the headquarters, or unknown."),
    )
    region = django_filters.MultipleChoiceFilter(
        method="filter_region", label=_("Headquarters"), choices=Region.choices
    )
    sector = django_filters.MultipleChoiceFilter(
        method="filter_sector",
        label=_("Sector"),
        choices=lambda: (
            [(s.code, s.label) for s in Sector.objects.all()] + [(UNKNOWN, _("unknown"))]
        ),
    )
    size = django_filters.MultipleChoiceFilter(
        label=_("Size"), choices=Company.Size.choices, distinct=False
    )
    role = django_filters.MultipleChoiceFilter(
        label=_("Role under the AI Act"), choices=Company.Role.choices, distinct=False
    )

    class Meta:
        model = Company
        fields: list[str] = []

    @cached_property
    def search(self) -> Search:
        return Search(self.form.cleaned_data["q"])

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        return self.search.narrow(queryset)

    def filter_country(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.filter(country__in=stored_countries(value)) if value else queryset

    def filter_region(self, queryset: Any, name: str, value: list[str]) -> Any:
        return queryset.in_regions(value) if value else queryset

    def filter_sector(self, queryset: Any, name: str, value: list[str]) -> Any:
        chosen = Q(sector__code__in=value)
        if UNKNOWN in value:
            chosen |= Q(sector__isnull=True)
        return queryset.filter(chosen) if value else queryset


class CompanyFilter(ProfileFilter):
    """Companies with their status toward one pact, on one day."""

    SORTS: Mapping[str, tuple[Any, ...]] = {
        "name": ("name_folded", "pk"),
        "-name": ("-name_folded", "-pk"),
        "since": (F("since").asc(nulls_last=True), "name_folded", "pk"),
        "-since": (F("since").desc(nulls_last=True), "name_folded", "pk"),
        "country": (F("country_place").asc(nulls_last=True), "name_folded", "pk"),
        "-country": (F("country_place").desc(nulls_last=True), "name_folded", "pk"),
        "changed": (F("changed_at").asc(nulls_last=True), "name_folded", "pk"),
        "-changed": (F("changed_at").desc(nulls_last=True), "name_folded", "pk"),
        "known": (WITHOUT_STATUS.asc(), "name_folded", "pk"),
        "-known": (WITHOUT_STATUS.desc(), "name_folded", "pk"),
    }
    DEFAULT_SORT = "name"

    pact = PactChoice(
        method="unfiltered",
        help_text=_("The pact for status and since. Default: eu-ai-pact."),
    )
    status = django_filters.MultipleChoiceFilter(
        method="filter_status", label=_("Status"), choices=Signing.Status.choices
    )
    commitment = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Commitment"),
        choices=lambda: [(code, code) for code in commitment_codes()],
        help_text=_("Code of a commitment of the pact; finds signatories that pledged it."),
    )
    implementation = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Implementation"),
        choices=Pledge.Implementation.choices,
        help_text=_(
            "What is known about implementation of the given commitments, or of any if none is "
            "given."
        ),
    )
    implementation_evidence = django_filters.MultipleChoiceFilter(
        method="filter_evidence",
        label=_("Evidence of implementation"),
        choices=EvidenceLevel.choices,
        help_text=_(
            "Signatories with evidence of implementation for none, some or all of the pact’s "
            "core commitments."
        ),
    )
    report = django_filters.MultipleChoiceFilter(
        method="filter_report",
        label=_("Progress report"),
        choices=ReportState.choices,
        help_text=_("The state of a signatory’s progress report."),
    )
    changed_since = Instant(
        method="filter_changed_since",
        label=_("changed since"),
        help_text=_(
            "A date or an RFC 3339 time; finds companies with a change recorded since then."
        ),
    )
    sort = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("Sort"),
        choices=[(key, key) for key in SORTS],
        empty_label=None,
        help_text=_(
            "Default: name. known puts companies without a status last; a minus sign reverses "
            "the order."
        ),
    )

    class Meta:
        model = Company
        fields: list[str] = []

    @cached_property
    def chosen_pact(self) -> Pact:
        return self.pact_or_default(self.form.cleaned_data.get("pact"))

    @cached_property
    def commitments(self) -> list[Commitment]:
        """Those of the pact chosen, in its order."""
        return list(self.chosen_pact.commitments.all())

    @property
    def core(self) -> int:
        """The number of core commitments of the pact."""
        return sum(one.kind == Commitment.Kind.CORE for one in self.commitments)

    # The result

    def page_of_rows(self) -> Page[Any]:
        """Fetch the page's primary keys first, then annotate only those rows."""
        self.refuse_faults()
        keys = self._sorted(self.narrowed(counted_by=self._sort)).values_list("pk", flat=True)
        page = self.page_of(keys)
        companies = Company.objects.with_status(self.chosen_pact, self.day)
        shown = self._sorted(companies).filter(pk__in=list(page.object_list))
        page.object_list = listing(shown, self.chosen_pact, self.day)
        return page

    def filter_queryset(self, queryset: QuerySet[Company]) -> Any:
        """All companies of the result with their status, for a file: a page needs more of fewer."""
        return self._sorted(self.narrowed(counted_by="status"))

    def narrowed(self, *, without: str = "", counted_by: str = "") -> Any:
        """The companies that fit every parameter, or all `without` one: its facet counts these.

        They are joined with their status only where a parameter or what they are `counted_by`
        needs it: without the periods, an index counts a hundred thousand companies at once.
        Commitment and implementation are one parameter here.
        """
        companies: Any = Company.objects.all()
        values = self.form.cleaned_data
        needed = (values[name] for name in ABOUT_STATUS if name != without)
        if counted_by in OF_PERIOD or any(needed):
            companies = companies.with_status(self.chosen_pact, self.day)
        for name, value in values.items():
            if name != without:
                companies = self.filters[name].filter(companies, value)
        if without != COMMITMENT and (values[COMMITMENT] or values[IMPLEMENTATION]):
            pledges = self.pledges().filter(company=OuterRef("pk"))
            companies = companies.signed().filter(Exists(pledges))
        return companies

    def pledges(self, *, without: str = "") -> Any:
        """Pledges to the commitments chosen with the implementation chosen, annotated as `then`."""
        pledges: Any = Pledge.objects.known().filter(commitment__pact=self.chosen_pact)
        pledges = pledges.annotate(then=implementation_on(self.day))
        codes, levels = (self.form.cleaned_data[name] for name in (COMMITMENT, IMPLEMENTATION))
        if codes and without != COMMITMENT:
            refuse_foreign(codes, self.chosen_pact)
            pledges = pledges.filter(commitment__code__in=codes)
        if levels and without != IMPLEMENTATION:
            pledges = pledges.filter(then__in=levels)
        return pledges

    def with_evidence_levels(self, companies: Any) -> Any:
        """The signatories among `companies`; none where the pact has no core commitments."""
        return companies.signed() if self.core else companies.none()

    @property
    def order(self) -> str:
        """The order in force."""
        return self.form.cleaned_data["sort"] or self.DEFAULT_SORT

    @property
    def _sort(self) -> str:
        """The property sorted by, in whichever direction."""
        return self.order.removeprefix("-")

    def _sorted(self, companies: Any) -> Any:
        if self._sort == "changed":
            self._refuse_recorded("sort")
            companies = with_last_change(companies)
        if self._sort == "country":
            companies = companies.alias(country_place=country_place())
        return companies.order_by(*self.SORTS[self.order])

    # What each parameter filters

    def filter_status(self, queryset: Any, name: str, value: list[str]) -> Any:
        chosen = Q(status__in=value)
        if Signing.Status.UNKNOWN in value:
            chosen |= Q(status__isnull=True)
        return queryset.filter(chosen) if value else queryset

    def filter_evidence(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        rules = evidence_rules(self.chosen_pact, self.core, self.day)
        chosen = reduce(or_, (rules[level] for level in value))
        return self.with_evidence_levels(queryset).filter(chosen)

    def filter_report(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        states = report_states(self.chosen_pact, self.day).filter(report_state__in=value)
        return queryset.filter(signing_id__in=states.values("pk"))

    def filter_changed_since(self, queryset: Any, name: str, value: datetime.datetime) -> Any:
        self._refuse_recorded(name)
        return queryset.filter(changed_since(value))

    def _refuse_recorded(self, name: str) -> None:
        if self.clock.recorded_as_of:
            reason = gettext(
                "This parameter covers changes up to today. Do not combine it with %(name)s."
            )
            raise BadQuery([BadParameter(name, reason % {"name": RECORDED_AS_OF}, [])])


class CompanyPage(CompanyFilter):
    """The same for the page: a table or cards, where companies without a status come last."""

    DEFAULT_SORT = "known"
    VIEWS = {"table": _("table"), "cards": _("cards")}

    view = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("view"),
        choices=list(VIEWS.items()),
        empty_label=None,
        help_text=_("Default: table. Narrow screens always show cards."),
    )
    compare = KnownCompanies(
        method="unfiltered",
        label=_("ticked"),
        help_text=_("Public id of a company ticked to compare. Does not filter."),
    )
    to = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("to"),
        choices=[("compare", "compare")],
        empty_label=None,
        help_text=_("compare: go to the comparison of the ticked companies."),
    )


class WholeResult(CompanyFilter):
    """The same for files, which hold every company chosen."""

    page = None  # type: ignore[assignment]  # how django-filter drops a filter
    page_size = None  # type: ignore[assignment]  # how django-filter drops a filter


class CsvResult(WholeResult):
    """The same as CSV, whose separator a reader may choose."""

    SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}

    sep = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("separator"),
        choices=[("comma", _("comma")), ("semicolon", _("semicolon")), ("tab", _("tab"))],
        help_text=_("Default: comma; semicolon on the French pages, as Excel expects."),
    )
