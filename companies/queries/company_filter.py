"""Companies: how they are filtered, counted and sorted, for pages and API alike."""

import datetime
from collections import Counter
from collections.abc import Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Any

import django_filters
from django.core.paginator import Page
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum, When
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
    implementation_on,
)
from companies.names.letters import fold
from companies.names.spelling import spell

from .change_log import Instant, changed_since
from .clocks import RECORDED_AS_OF, Dated
from .parameters import UNKNOWN, BadQuery, Fault, PactChoice, RegisterFilter
from .querysets import country_place, listing
from .signing_state import (
    EvidenceLevel,
    core_pledges,
    evidence_rules,
    evidenced,
    report_states,
    with_last_change,
)

COMMITMENT, IMPLEMENTATION = "commitment", "implementation"
FEW_NAMED = 500  # companies, whose numbers a query can hold


class CompanyFilter(Dated, RegisterFilter):
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
        return self._sorted(self._filtered(on="status"))

    def page_of_rows(self) -> Page[Any]:
        """The numbers of its companies come first: all the rest is read for these alone."""
        self.refuse_faults()
        numbers = self._sorted(self._filtered(on=self._sort)).values_list("pk", flat=True)
        page = self.page_of(numbers)
        companies = Company.objects.with_status(self.chosen_pact, self.day)
        shown = self._sorted(companies).filter(pk__in=list(page.object_list))
        page.object_list = listing(shown, self.chosen_pact, self.day)
        return page

    @property
    def _sort(self) -> str:
        """Which way round makes no difference to what has to be read for it."""
        return (self.form.cleaned_data["sort"] or "name").removeprefix("-")

    def _sorted(self, companies: Any) -> Any:
        if self._sort == "changed":
            self._refuse_recorded("sort")
            companies = with_last_change(companies)
        if self._sort == "country":
            companies = companies.alias(country_place=country_place())
        return companies.order_by(*self.SORTS[self.form.cleaned_data["sort"] or "name"])

    @cached_property
    def searched(self) -> str:
        """What is searched: `q`, without its legal form where no company has all its words.

        Nothing, where it has neither letter nor digit.
        """
        q: str = self.form.cleaned_data["q"]
        if not fold(q):
            return ""
        bare = spell(q).bare_name
        if bare in ("", fold(q)) or Company.objects.search(q).exists():
            return q
        return bare

    @cached_property
    def _named(self) -> list[int] | None:
        """The companies with `searched` in a name, where they are few; None where they are many.

        No index finds a part of a word: it is looked for once, not for the list and each facet.
        """
        companies = Company.objects.search(self.searched).order_by()
        found = list(companies.values_list("pk", flat=True)[: FEW_NAMED + 1])
        return found if len(found) <= FEW_NAMED else None

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        if not self.searched:
            return queryset
        if self._named is None:
            return queryset.search(self.searched)
        return queryset.filter(pk__in=self._named)

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
        rules = evidence_rules(self.chosen_pact, self._core, self.day)
        return self._signatories(queryset).filter(reduce(or_, (rules[level] for level in value)))

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
        return self._by_column() | {
            COMMITMENT: self._by_commitment(),
            IMPLEMENTATION: self._by_implementation(),
            "evidence": self._evidence(),
            "report": self._reports(),
        }

    def _by_column(self) -> dict[str, dict[str, int]]:
        """Facets of columns. Those not in force are about the same companies: read these once.

        Nothing has to be read for a register that is not narrowed: indexes count it faster.
        """
        values = self.form.cleaned_data
        narrowed = any(values[name] for name in NARROWING)
        together = [name for name in COLUMNS if narrowed and not values[name]]
        counts = self._counted(*together)
        for name in COLUMNS:
            if name not in together:
                counts |= self._counted(name)
        countries = counts
        if values["country"] or values["region"]:
            countries = self._counted("country", but="region")
        return counts | {"region": _by_region(countries["country"])}

    def _counted(self, *names: str, but: str = "") -> dict[str, dict[str, int]]:
        """For each of these facets, companies by its values; a facet alone leaves itself out."""
        if not names:
            return {}
        but = but or (names[0] if len(names) == 1 else "")
        on = "status" if "status" in names else ""
        rows = self._filtered(but=but, on=on).order_by().values_list(*map(COLUMNS.get, names))
        counts = {name: Counter[str]() for name in names}
        for *held, companies in rows.annotate(companies=Count("pk")):
            for name, value in zip(names, held, strict=True):
                counts[name][value or UNKNOWN] += companies
        return {name: dict(counted) for name, counted in counts.items()}

    def _by_commitment(self) -> dict[str, int]:
        pledges = self._pledges(but=COMMITMENT).filter(company__in=self._pledging())
        rows = pledges.order_by().values_list("commitment__code")
        return dict(rows.annotate(companies=Count("pk")))  # a company pledges each once

    def _by_implementation(self) -> dict[str, int]:
        """Companies with any pledge at each level; a company may have pledges at several."""
        pledges = self._pledges(but=IMPLEMENTATION).filter(company__in=self._pledging())
        levels = {
            str(level): Max(Case(When(Q(then=level), then=1), default=0))
            for level in Pledge.Implementation.values
        }
        companies = pledges.order_by().values("company").annotate(**levels)
        counts = companies.aggregate(**{f"of_{level}": Sum(level) for level in levels})
        return {level: n for level in levels if (n := counts[f"of_{level}"])}

    def _pledging(self) -> Any:
        return self._filtered(but=COMMITMENT, on="status").order_by().signed().values("pk")

    def _evidence(self) -> dict[str, int]:
        """Companies by the number of core commitments with evidence, as that number says."""
        signatories = self._signatories(self._filtered(but="evidence", on="status").order_by())
        if not self._core:
            return {}
        pledges = evidenced(core_pledges(self.chosen_pact), self.day)
        held = pledges.filter(company__in=signatories.values("pk")).order_by().values("company")
        counts = held.annotate(done=Count("pk")).aggregate(
            **{str(EvidenceLevel.SOME): Count("company", filter=Q(done__lt=self._core))},
            **{str(EvidenceLevel.ALL): Count("company", filter=Q(done__gte=self._core))},
        )
        counts[str(EvidenceLevel.NONE)] = signatories.count() - sum(counts.values())
        return {level: number for level, number in counts.items() if number}

    def _signatories(self, companies: Any) -> Any:
        """Those among `companies` of whom evidence can be asked: the pact has core commitments."""
        return companies.signed() if self._core else companies.none()

    @property
    def _core(self) -> int:
        return sum(one.kind == Commitment.Kind.CORE for one in self.commitments)

    def _reports(self) -> dict[str, int]:
        companies = self._filtered(but="report").order_by().values("pk")
        states = report_states(self.chosen_pact, self.day).filter(company__in=companies)
        rows = states.order_by().values_list("report_state")
        return dict(rows.annotate(companies=Count("pk")))

    def _filtered(self, *, but: str = "", on: str = "") -> Any:
        """The companies chosen by all filters but one; commitment and implementation are one.

        They have their status only where a filter or what they are counted `on` needs it:
        without the periods, an index counts a hundred thousand companies at once.
        """
        companies: Any = Company.objects.all()
        values = self.form.cleaned_data
        if on in OF_PERIOD or any(values[name] for name in ABOUT_STATUS if name != but):
            companies = companies.with_status(self.chosen_pact, self.day)
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


def _by_region(countries: Mapping[str, int]) -> dict[str, int]:
    counts = Counter[str]()
    for country, companies in countries.items():
        code = "" if country == UNKNOWN else country
        counts[Company(country=code).region.value] += companies
    return dict(counts)


def _commitment_codes(pact: str = "") -> list[str]:
    # Not the copy of a past day: a commitment may be asked for that was not recorded then.
    commitments = Commitment.objects.using("default").order_by("pact__position", "position", "pk")
    if pact:
        commitments = commitments.filter(pact__slug=pact)
    return list(dict.fromkeys(commitments.values_list("code", flat=True)))


COLUMNS = {
    "status": "status",
    "country": "country",
    "sector": "sector__code",
    "size": "size",
    "role": "role",
}
ABOUT_STATUS = ("status", COMMITMENT, IMPLEMENTATION, "evidence", "report")
NARROWING = (*COLUMNS, *ABOUT_STATUS, "region", "q", "changed_since")
OF_PERIOD = ("status", "since")
