"""Filters of the public changes: page by page, or from a cursor on."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import compress, count, groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, Max, Min, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from companies.models import Change, Citation, Commitment, Company, CompanyRedirect, Pact, Source

from .clocks import Clock
from .parameters import (
    PAGE_SIZE,
    UNKNOWN,
    Instant,
    KnownCompany,
    KnownCompanyField,
    LastInstant,
    PactChoice,
    RegisterFilter,
    StrictFilter,
    WholeNumber,
    companies_named,
    country_choices,
    first_pact,
    slugs_of,
    stored_countries,
)
from .read_query import CHANGES, LONGEST_NUMBER, CursorField, cursor_after
from .records.prepared import ANY_KEY, Prepared, parameter_count, placeholder_texts
from .roster.roster import Roster
from .roster.rosters import roster_of
from .wording.values import values_said_by

if TYPE_CHECKING:
    pass

LINES = 20  # of a page
FEW = 500  # companies whose changes are found by their public ids
TOGETHER = 10  # changes of one edit that a page shows one by one
BATCHES = 6  # of a page, each of which takes two queries


class ChangesCursorField(CursorField):
    """Refuses a cursor beyond the last change: it is made up, or a backup was restored."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        last = Change.objects.aggregate(last=Max("number"))["last"] or 0
        if number is not None and number > last:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class Cursor(django_filters.Filter):
    field_class = ChangesCursorField


class RecordedCompanyField(KnownCompanyField):
    """A company field that also accepts deleted companies, found in the changes."""

    def slugs_known(self, slug: str) -> list[str]:
        known = super().slugs_known(slug)
        if known or not Change.objects.filter(company_slug=slug).exists():
            return known
        return [slug]


class RecordedCompany(KnownCompany):
    field_class = RecordedCompanyField


class ChangeQuery(StrictFilter):
    """The filters of changes; each subclass decides whether editorial ones are included."""

    MATERIAL = "every"  # the default of `material`

    q = django_filters.CharFilter(
        method="filter_q",
        label=_("company or words"),
        max_length=200,
        help_text=_("Every word must appear in a changed value or in any of the company’s names."),
    )
    company, company__not = companies_named(RecordedCompany, field_name="company_slug")
    pact = PactChoice(method="filter_pact", of_all=True)
    kind = django_filters.MultipleChoiceFilter(
        label=_("kind"), choices=Change.Kind.choices, distinct=False
    )
    country = django_filters.MultipleChoiceFilter(
        method="filter_country",
        label=_("Country"),
        choices=country_choices,
        help_text=_("ISO 3166-1 code of the company’s headquarters today, or unknown."),
    )
    country__not = django_filters.MultipleChoiceFilter(
        method="filter_country_not",
        label=_("Excluding: Country"),
        choices=country_choices,
        help_text=_("Leaves out changes of companies with headquarters there today."),
    )
    since = Instant(
        field_name="recorded_at",
        lookup_expr="gte",
        label=_("recorded since"),
        help_text=_("A date or an RFC 3339 time, inclusive."),
    )
    until = LastInstant(
        field_name="recorded_at",
        lookup_expr="lte",
        label=_("recorded until"),
        help_text=_("A date or an RFC 3339 time, inclusive."),
    )
    material = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("of substance"),
        choices=[(value, value) for value in ("true", "false", "all", "every")],
        empty_label=None,
        help_text=_(
            "true: changes of substance. false: wording only. all: both. every: each write, even "
            "if the line of another change covers it. Default: every in the API, true in feeds "
            "and on pages."
        ),
    )

    class Meta:
        model = Change
        fields: list[str] = []

    @property
    def chosen_material(self) -> str:
        return self.form.cleaned_data["material"] or self.MATERIAL

    def filter_queryset(self, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return self._of_substance(super().filter_queryset(queryset))

    def _of_substance(self, changes: QuerySet[Change]) -> QuerySet[Change]:
        match self.chosen_material:
            case "every":
                return changes
            case "all":
                return changes.filter(has_line=True)
            case chosen:
                return changes.filter(has_line=True, material=chosen == "true")

    def filter_q(self, queryset: Any, name: str, value: str) -> Any:
        said = Q()
        for word in value.split():
            said &= Q(company_name__icontains=word) | _saying(word)
        return queryset.filter(said | about_many(Company.objects.search(value)))

    def filter_pact(self, queryset: Any, name: str, value: Any) -> Any:
        return queryset.filter(pact_slug=value.slug)

    def filter_country(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        here = Company.objects.filter(country__in=stored_countries(value))
        are_few = _every_company().having("country", value).bit_count() <= FEW
        return queryset.filter(about_companies(here) if are_few else about_many(here))

    def filter_country_not(self, queryset: Any, name: str, value: list[str]) -> Any:
        here = Company.objects.filter(country__in=stored_countries(value))
        return queryset.exclude(about_many(here)) if value else queryset


@dataclass(frozen=True)
class Batch:
    """Changes recorded together that are too many to list.

    `lowest` is the number of the oldest, and `is_first` says that they opened the register.
    """

    recorded_at: datetime.datetime
    by_role: str
    numbers: dict[str, int]
    lowest: int
    is_first: bool

    @property
    def total(self) -> int:
        return sum(self.numbers.values())


class ChangeFilter(ChangeQuery, RegisterFilter):
    """Changes for pages and feeds: the newest first, and only material ones by default."""

    MATERIAL = "true"

    view = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("view"),
        choices=[("recorded", "recorded")],
        empty_label=None,
        help_text=_("What happened in the world, or what we recorded."),
    )
    before = WholeNumber(
        field_name="number",
        lookup_expr="lt",
        label=_("before"),
        min_value=1,
        max_value=10**LONGEST_NUMBER - 1,
        help_text=_("The number of a change; the page starts with the next older one."),
    )

    def entries(self) -> tuple[list[Change | Batch], int | None]:
        """The newest changes, large batches collapsed into one entry.

        Returned with the change number below which the next page begins, None for the last
        page. Two queries for each of at most `BATCHES` batches, and one for the changes
        after the last.
        """
        rows, size = self.rows, self.form.cleaned_data["page_size"] or LINES
        found: list[Change | Batch] = []
        for _round in range(BATCHES):
            window = list(rows[: size + TOGETHER + 1])
            for instant, group in groupby(window, key=attrgetter("recorded_at")):
                together = list(group)
                if len(together) > TOGETHER and not self._is_about_one_instant:
                    found.append(self._batch(rows.filter(recorded_at=instant), together[0]))
                    break
                if len(found) >= size:
                    return found, _lowest(found[-1])
                found += together
            else:
                return self._cut(found, size, full=len(window) > size + TOGETHER)
            rows = rows.filter(number__lt=_lowest(found[-1]))
            if len(found) >= size:
                break
        return found, _lowest(found[-1]) if rows.exists() else None

    @property
    def _is_about_one_instant(self) -> bool:
        """Whether the query asks for a single instant, whose changes are not collapsed."""
        values = self.form.cleaned_data
        return bool(values["since"]) and values["since"] == values["until"]

    @staticmethod
    def _cut(
        found: list[Change | Batch], size: int, *, full: bool
    ) -> tuple[list[Change | Batch], int | None]:
        if len(found) <= size and not full:
            return found, None
        return found[:size], _lowest(found[:size][-1])

    @staticmethod
    def _batch(rows: QuerySet[Change], newest: Change) -> Batch:
        kinds = rows.order_by().values_list("kind").annotate(n=Count("pk"), low=Min("pk"))
        counted = sorted(kinds, key=lambda row: (-row[1], row[0]))
        first = Change.objects.order_by("number").values_list("recorded_at", flat=True).first()
        return Batch(
            newest.recorded_at,
            newest.by_role,
            {kind: number for kind, number, _low in counted},
            min(low for _kind, _number, low in counted),
            is_first=first == newest.recorded_at,
        )

    def since_counts(self, instants: Mapping[str, datetime.datetime]) -> dict[str, int]:
        """The number of changes since each instant, ignoring the days in the query. One query."""
        self.refuse_faults()
        values = {**self.form.cleaned_data, "since": None, "until": None, "before": None}
        rows: Any = self.queryset
        rows = rows.filter(recorded_at__gte=min(instants.values()))
        for name, value in values.items():
            rows = self.filters[name].filter(rows, value)
        wanted = {
            name: Count("pk", filter=Q(recorded_at__gte=instant))
            for name, instant in instants.items()
        }
        return self._of_substance(rows).order_by().aggregate(**wanted)


def _lowest(entry: Change | Batch) -> int:
    return entry.number if isinstance(entry, Change) else entry.lowest


class CompanyChangeFilter(ChangeFilter):
    """The changes of the company in the URL, for pages."""

    company = None
    company__not = None
    country = None  # type: ignore[assignment]  # how django-filter drops a filter
    country__not = None  # type: ignore[assignment]  # how django-filter drops a filter


class ChangeLog(ChangeQuery):
    """Changes for programs: oldest first, from a cursor on."""

    cursor = Cursor(
        field_name="number",
        lookup_expr="gt",
        of=CHANGES,
        label=_("cursor"),
        help_text=_("The next_cursor of the previous response. Default: the beginning."),
    )
    page_size = WholeNumber(
        method="unfiltered",
        label=_("rows per page"),
        min_value=1,
        max_value=100,
        help_text=_("At most 100. Default: 50."),
    )

    def read(self) -> tuple[list[Change], str, bool]:
        """The next changes, the cursor after them, and whether more exist already.

        BadQuery when the query cannot be answered. Changes are numbered in commit order, so
        that none appears later before a cursor that was given out.
        """
        self.refuse_faults()
        values = self.form.cleaned_data
        size = values["page_size"] or PAGE_SIZE
        found = list(self.qs.order_by("number")[: size + 1])
        changes = found[:size]
        last = changes[-1].number if changes else values["cursor"] or 0
        return changes, cursor_after(last), len(found) > size


class CompanyChangeLog(ChangeLog):
    """The changes of the company in the URL, for programs."""

    company = None
    company__not = None
    country = None  # type: ignore[assignment]  # how django-filter drops a filter
    country__not = None  # type: ignore[assignment]  # how django-filter drops a filter


def changes_of(company: Company) -> QuerySet[Change]:
    """The changes of a company under all public ids it has had."""
    return Change.objects.filter(company_slug__in=slugs_of(company))


def newest_changes(company: Company, most: int) -> list[Change]:
    """The newest material changes of a company that have a line. Two queries."""
    slugs = [company.slug, *(slug for (slug,) in _former_ids().values([company.pk]))]
    return _newest_changes(parameter_count(slugs), most).of(slugs)


@cache
def _former_ids() -> Prepared[CompanyRedirect]:
    former = CompanyRedirect.objects.filter(company=ANY_KEY)
    return Prepared(former.values_list("old_slug"), [ANY_KEY])


@lru_cache(8)
def _newest_changes(number: int, most: int) -> Prepared[Change]:
    slugs = placeholder_texts(number)
    changes = Change.objects.filter(company_slug__in=slugs, has_line=True, material=True)
    return Prepared(changes[:most], slugs)


def companies_of(changes: Iterable[Change]) -> Mapping[str, Company]:
    """The current companies of changes, by the public id in the change.

    Deleted ones are missing. Two queries for any number of changes.
    """
    slugs = {change.company_slug for change in changes} - {""}
    if not slugs:
        return {}
    moved = CompanyRedirect.objects.filter(old_slug__in=slugs).select_related("company")
    found = {redirect.old_slug: redirect.company for redirect in moved}
    return found | {company.slug: company for company in Company.objects.filter(slug__in=slugs)}


@dataclass(frozen=True)
class Trace:
    """Everything that a source supports or supported.

    `facts` pairs each row that it supports with the number of other sources that support the
    row; `rows` are rows of other tables that refer to it; `changes` all that were recorded with
    it.
    """

    source: Source
    facts: list[tuple[Model, int]]
    rows: list[Model]
    changes: list[Change]

    @property
    def companies(self) -> list[str]:
        """The former public ids of the companies whose records it supported."""
        return sorted({change.company_slug for change in self.changes} - {""})


def trace(source: Source, company: Company | None = None) -> Trace:
    """Trace a source; with a company, only what is about that."""
    citations = source.citations.select_related("signing", "pledge", "report", "company")
    supported: dict[Any, None] = dict.fromkeys(
        c.signing or c.pledge or c.report or c.company for c in citations
    )
    facts = [(fact, _others(fact, source)) for fact in supported]
    changes = Change.objects.filter(
        Q(table="citations", key__source=source.slug) | Q(subject=source.slug)
    )
    if company:
        facts = [(fact, others) for fact, others in facts if company in _companies_of(fact)]
        changes = changes.filter(company_slug__in=slugs_of(company))
    return Trace(
        source, facts, [] if company else _naming(source), list(changes.order_by("number"))
    )


def _others(fact: Any, source: Source) -> int:
    others = fact.citations.exclude(source=source)
    number: int = others.values("source").distinct().count()
    return number


def _companies_of(fact: Any) -> list[Company]:
    return [fact if isinstance(fact, Company) else fact.company]


def _naming(source: Source) -> list[Model]:
    """Rows of other tables that refer to the source; citations and their history are not."""
    relations = [
        relation
        for relation in source._meta.related_objects
        if relation.related_model is not Citation and not relation.hidden  # those of histories
    ]
    return [
        row
        for relation in relations
        for row in relation.related_model._default_manager.filter(**{relation.field.name: source})
    ]


def _saying(word: str) -> Q:
    """Changes of values that contain `word`, or of rows so named."""
    titled = Q(title_en__icontains=word) | Q(title_fr__icontains=word)
    return (
        Q(fields__icontains=word)
        | Q(about__icontains=word)
        | Q(subject__icontains=word)
        | Q(subject__in=Commitment.objects.filter(titled).values("code"))
        | Q(subject__in=Source.objects.filter(title__icontains=word).values("slug"))
        | values_said_by(word)
    )


def about_companies(companies: QuerySet[Company]) -> Q:
    """Changes of some companies under all public ids they have had."""
    former = CompanyRedirect.objects.filter(company__in=companies)
    return Q(company_slug__in=companies.values("slug")) | Q(
        company_slug__in=former.values("old_slug")
    )


def about_many(companies: QuerySet[Company]) -> Q:
    """As `about_companies`, with one query a change: better if most are about these companies."""
    now, former = Q(slug=OuterRef("company_slug")), Q(redirects__old_slug=OuterRef("company_slug"))
    return Q(Exists(companies.filter(now))) | Q(Exists(companies.filter(former)))


def _every_company() -> Roster:
    """A roster of all companies, for what depends on no pact."""
    return roster_of(first_pact(Clock()) or Pact(pk=0), Clock())


def countries_of_companies() -> set[str]:
    """The codes of the countries that companies have today, without that of unknown ones."""
    known = _every_company().values["country"]
    return {code for code, places in known.items() if places} - {UNKNOWN}


def number_of_companies() -> int:
    return len(_every_company())


def keys_of_companies(first: int, end: int) -> list[int]:
    """A slice of the primary keys of all companies, in their order."""
    return list(islice(compress(count(), _every_company().keys.places), first, end))
