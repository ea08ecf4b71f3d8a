"""Companies: how they are filtered, counted and sorted, for pages and API alike."""

import datetime
from collections.abc import Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Any

import django_filters
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.countries import country_codes
from companies.models import (
    Commitment,
    Company,
    Pact,
    Pledge,
    Region,
    ReportState,
    Sector,
    Signing,
)
from companies.models.company import REGION_OF_COMPANY
from companies.models.signing import implementation_on
from companies.models.spelling import spell
from companies.models.text import fold

from .changes import Instant, changed_since
from .moments import RECORDED_AS_OF, Dated
from .rows import listing
from .standing import EvidenceLevel, evidence_rules, report_states, with_last_change
from .strict import UNKNOWN, BadQuery, Fault, PactChoice, RegisterFilter

COMMITMENT, IMPLEMENTATION = "commitment", "implementation"


class CompanyFilter(Dated, RegisterFilter):
    """Companies with their status toward one pact, on one day."""

    SORTS: Mapping[str, tuple[Any, ...]] = {
        "name": ("name_folded", "pk"),
        "-name": ("-name_folded", "-pk"),
        "since": (F("since").asc(nulls_last=True), "name_folded", "pk"),
        "-since": (F("since").desc(nulls_last=True), "name_folded", "pk"),
        "country": ("country", "name_folded", "pk"),
        "-country": ("-country", "name_folded", "pk"),
        "changed": (F("changed_at").asc(nulls_last=True), "name_folded", "pk"),
        "-changed": (F("changed_at").desc(nulls_last=True), "name_folded", "pk"),
    }

    q = django_filters.CharFilter(
        method="filter_q",
        label=_("company name"),
        max_length=200,
        help_text=_(
            "Every word, in any of the company’s names, without regard to case and accents. "
            "A legal form at the end, such as S.A., is left out where no company has it."
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
    commitment = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Commitment"),
        choices=lambda: [(code, code) for code in _commitment_codes()],
        help_text=_("Code of a commitment of the pact: signatories that pledged one of these."),
    )
    implementation = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Implementation"),
        choices=Pledge.Implementation.choices,
        help_text=_(
            "What is known of the doing: of the commitments named, or else of any of the pact."
        ),
    )
    evidence = django_filters.MultipleChoiceFilter(
        method="filter_evidence",
        label=_("Evidence"),
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
        help_text=_("Where the report clock of a signatory stands."),
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

    @cached_property
    def commitments(self) -> list[Commitment]:
        """Those of the pact chosen, in its order."""
        return list(self.chosen_pact.commitments.all())

    def filter_queryset(self, queryset: QuerySet[Company]) -> QuerySet[Company]:
        return listing(self.chosen(), self.chosen_pact, self.day)

    def chosen(self) -> Any:
        """The companies chosen, in the order asked for, without what a list shows beside them."""
        sort = self.form.cleaned_data["sort"] or "name"
        companies = self._filtered()
        if sort.endswith("changed"):
            self._refuse_recorded("sort")
            companies = with_last_change(companies)
        return companies.order_by(*self.SORTS[sort])

    @cached_property
    def searched(self) -> str:
        """What is searched: `q`, without its legal form where no company has all its words."""
        q: str = self.form.cleaned_data["q"]
        bare = spell(q).bare_name
        if bare in ("", fold(q)) or Company.objects.search(q).exists():
            return q
        return bare

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(self.searched) if value else queryset

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

    def filter_evidence(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        signatories, rules = self._evidence_rules(queryset)
        return signatories.filter(reduce(or_, (rules[level] for level in value)))

    def filter_report(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        states = report_states(self.chosen_pact, self.day).filter(report_state__in=value)
        return queryset.filter(signing_id__in=states.values("pk"))

    def filter_changed_since(self, queryset: Any, name: str, value: datetime.datetime) -> Any:
        self._refuse_recorded(name)
        return queryset.filter(changed_since(value))

    def _refuse_recorded(self, name: str) -> None:
        if self.recorded_day:
            reason = gettext("It asks for changes until today: it cannot stand beside %(name)s.")
            raise BadQuery([Fault(name, reason % {"name": RECORDED_AS_OF}, [])])

    def facets(self) -> dict[str, dict[str, int]]:
        """For each facet, how many companies each value would give, all other filters kept."""
        self.refuse_faults()
        counts = {name: self._counted(name, value) for name, value in COLUMNS.items()}
        counts |= {name: self._pledged(name) for name in (COMMITMENT, IMPLEMENTATION)}
        return counts | {"evidence": self._evidence(), "report": self._reports()}

    def _counted(self, name: str, value: Any) -> dict[str, int]:
        companies = self._filtered(but=name).order_by().annotate(facet=value)
        rows = companies.values_list("facet").annotate(companies=Count("pk"))
        return {facet or UNKNOWN: count for facet, count in rows}

    def _pledged(self, name: str) -> dict[str, int]:
        companies = self._filtered(but=COMMITMENT).signed().values("pk")
        value = "commitment__code" if name == COMMITMENT else "then"
        rows = self._pledges(but=name).filter(company__in=companies).order_by().values_list(value)
        return dict(rows.annotate(companies=Count("company", distinct=True)))

    def _evidence(self) -> dict[str, int]:
        signatories, rules = self._evidence_rules(self._filtered(but="evidence").order_by())
        counts = {level: Count("pk", filter=rule) for level, rule in rules.items()}
        return {str(level): n for level, n in signatories.aggregate(**counts).items() if n}

    def _evidence_rules(self, companies: Any) -> tuple[Any, dict[str, Q]]:
        """The signatories among `companies`, and which of them stand at which level."""
        core = sum(one.kind == Commitment.Kind.CORE for one in self.commitments)
        signatories = companies.signed() if core else companies.none()
        return signatories, evidence_rules(self.chosen_pact, core, self.day)

    def _reports(self) -> dict[str, int]:
        companies = self._filtered(but="report").order_by().values("pk")
        states = report_states(self.chosen_pact, self.day).filter(company__in=companies)
        rows = states.order_by().values_list("report_state")
        return dict(rows.annotate(companies=Count("pk")))

    def _filtered(self, *, but: str = "") -> Any:
        """The companies chosen by all filters but one; commitment and implementation are one."""
        companies: Any = Company.objects.with_status(self.chosen_pact, self.day)
        values = self.form.cleaned_data
        for name, value in values.items():
            if name != but:
                companies = self.filters[name].filter(companies, value)
        if but != COMMITMENT and (values[COMMITMENT] or values[IMPLEMENTATION]):
            pledges = self._pledges().filter(company=OuterRef("pk"))
            companies = companies.signed().filter(Exists(pledges))
        return companies

    def _pledges(self, *, but: str = "") -> Any:
        """Pledges to the commitments chosen, with the implementation chosen; `then` has it."""
        pledges: Any = Pledge.objects.filter(commitment__pact=self.chosen_pact)
        pledges = pledges.annotate(then=implementation_on(self.day))
        codes, levels = (self.form.cleaned_data[name] for name in (COMMITMENT, IMPLEMENTATION))
        if codes and but != COMMITMENT:
            self._refuse_foreign(codes)
            pledges = pledges.filter(commitment__code__in=codes)
        return pledges.filter(then__in=levels) if levels and but != IMPLEMENTATION else pledges

    def _refuse_foreign(self, codes: list[str]) -> None:
        if set(codes) - set(self._codes):
            reason = gettext("The pact “%(pact)s” has no such commitment.")
            told = reason % {"pact": self.chosen_pact.slug}
            raise BadQuery([Fault(COMMITMENT, told, self._codes)])

    @cached_property
    def _codes(self) -> list[str]:
        return _commitment_codes(self.chosen_pact.slug)


class CompanyPage(CompanyFilter):
    """The same for the page, which shows rows as a table or as cards."""

    VIEWS = {"table": _("table"), "cards": _("cards")}

    view = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("view"),
        choices=list(VIEWS.items()),
        empty_label=None,
        help_text=_("table when left out; on a narrow screen both are cards."),
    )


class WholeResult(CompanyFilter):
    """The same for files, which hold every company chosen."""

    page = None  # type: ignore[assignment]  # how django-filter drops a filter
    page_size = None  # type: ignore[assignment]


def _commitment_codes(pact: str = "") -> list[str]:
    # Not the copy of a past day: a commitment may be asked for that was not recorded then.
    commitments = Commitment.objects.using("default").order_by("pact__position", "position", "pk")
    if pact:
        commitments = commitments.filter(pact__slug=pact)
    return list(dict.fromkeys(commitments.values_list("code", flat=True)))


COLUMNS: Mapping[str, Any] = {
    "status": F("status"),
    "region": REGION_OF_COMPANY,
    "country": F("country"),
    "sector": F("sector__code"),
    "size": F("size"),
    "role": F("role"),
}
