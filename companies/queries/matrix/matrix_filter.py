"""The matrix: companies beside all pacts; its filters, order and rows."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import django_filters
from django.core.paginator import Page
from django.db import models
from django.db.models import Case, Count, F, FilteredRelation, Max, Min, OuterRef, Q, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import (
    DEFAULT_PACT,
    Commitment,
    Company,
    Pact,
    Pledge,
    Signing,
    in_force,
    meaning,
)
from companies.queries.company_filter import NOT, ProfileFilter
from companies.queries.querysets import CITATIONS, counted_pacts, number_of
from companies.queries.readings import full_lists

Status = Signing.Status
PROFILE = ("q", "country", "region", "sector", "size", "role")
OWN = ("name", "country", "sector")  # columns of a file
CHUNK = 1000  # companies

if TYPE_CHECKING:
    from companies.queries.company_table import Joined, T, U, Written


class Pattern(models.IntegerChoices):
    """A company's statuses toward all pacts together, in page order."""

    ALL = 1, _("Signed all pacts in this table")
    MAIN_AND_OTHER = 2, _("Signed the EU AI Pact and another")
    OTHER_NOT_LISTED = 3, _("Not on the list of the EU AI Pact, signed another")
    OTHER_LEFT = 4, _("No longer a signatory of the EU AI Pact, signed another")
    OTHER_NOT_MAIN = 5, _("Signed another pact, not the EU AI Pact")
    OTHER = 6, _("Signed another pact; no information on the EU AI Pact")
    MAIN = 7, _("Signed the EU AI Pact, and no other that we know of")
    LEFT = 8, _("No longer a signatory")
    NONE = 9, _("Not a signatory of any pact we checked")
    UNKNOWN = 10, _("No information")


# Those that the sentence on top counts, whatever is shown.
QUOTED = (Pattern.ALL, Pattern.OTHER_NOT_LISTED)


def _pattern(pacts: int) -> Case:
    """The pattern of a row of `MatrixFilter`, for this number of pacts."""
    another = Q(signed__gte=1)
    rules = {
        Pattern.ALL: Q(signed=pacts) if pacts > 1 else None,
        Pattern.MAIN_AND_OTHER: Q(main=Status.SIGNED, signed__gte=2),
        Pattern.MAIN: Q(main=Status.SIGNED),
        Pattern.OTHER_NOT_LISTED: another & Q(main=Status.NOT_SIGNED),
        Pattern.OTHER_LEFT: another & Q(main__in=Signing.LEFT),
        Pattern.OTHER_NOT_MAIN: another & Q(main__isnull=False),
        Pattern.OTHER: another,
        Pattern.LEFT: Q(left__gte=1),
        Pattern.NONE: Q(known__gte=1),
    }
    whens = [When(rule, then=Value(int(pattern))) for pattern, rule in rules.items() if rule]
    return Case(*whens, default=Value(int(Pattern.UNKNOWN)), output_field=models.IntegerField())


class Show(models.TextChoices):
    """Which rows are shown."""

    SEVERAL = "several", _("Two pacts or more")
    ALL = "all", _("All companies")
    DIFFERENCES = "differences", _("Differences only")
    LEFT = "left", _("Who left")


SHOWN = {
    Show.SEVERAL: Q(known__gte=2),
    Show.ALL: Q(),
    Show.DIFFERENCES: Q(known__gte=2) & ~Q(lowest=F("highest")),
    Show.LEFT: Q(left__gte=1),
}


@dataclass(frozen=True)
class CountedRows:
    """Rows with a known count, so that the paginator need not count."""

    rows: Any
    number: int
    ordered = True

    def count(self) -> int:
        return self.number

    def __getitem__(self, part: slice) -> Any:
        return self.rows[part]


@dataclass(frozen=True)
class Standings:
    """The periods of some companies toward the pacts, and the number of chapters each signed."""

    periods: dict[tuple[int, int], Signing]
    chapters: Counter[tuple[int, int]]


class MatrixFilter(ProfileFilter):
    """Companies with their status toward every pact that was read, on one day."""

    show = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("Show"),
        choices=Show.choices,
        empty_label=None,
        help_text=_(
            "several: companies with a known status for two pacts or more. all: every company. "
            "differences: those whose status differs between pacts. left: those that left one. "
            "Default: several, or all for a search by name."
        ),
    )

    @cached_property
    def pacts(self) -> list[Pact]:
        """The pacts that were read, each with its `signatories` and its number of `chapters`."""
        chapters = Commitment.objects.filter(kind=Commitment.Kind.CHAPTER, pact=OuterRef("pk"))
        read = counted_pacts(self.day).with_list_read()
        return list(read.annotate(chapters=number_of(chapters, "pact")))

    @property
    def shown(self) -> Show:
        """The selected rows; all if the selection would hide the search result."""
        values = self.form.cleaned_data
        plain = Show.ALL if values["q"] or len(self.pacts) < 2 else Show.SEVERAL
        return Show(values["show"] or plain)

    @property
    def keys(self) -> Any:
        """The primary keys and patterns of the companies shown, in the order of the page."""
        rows = self._standing("pk", "name_folded").filter(SHOWN[self.shown], self._may_be_shown())
        return rows.order_by("pattern", "name_folded", "pk").values_list("pk", "pattern")

    def page_of_rows(self) -> Page[Any]:
        """A page of `keys`."""
        self.refuse_faults()
        return self.page_of(CountedRows(self.keys, self.counts[f"of_{self.shown}"]))

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of companies by selection and by pattern."""
        chosen = SHOWN[self.shown]
        patterns = {f"in_{int(p)}": Q(pattern=int(p)) for p in QUOTED}
        among = {f"shown_{int(p)}": Q(pattern=int(p)) & chosen for p in Pattern}
        whole = {f"of_{show}": rule for show, rule in SHOWN.items()}
        rules = {**whole, **patterns, **among}
        counted = {name: Count("pk", filter=rule or None) for name, rule in rules.items()}
        return dict(self._standing("pk").aggregate(**counted))

    def standings(self, companies: Collection[int]) -> Standings:
        """The statuses of these companies by pact. Three queries, and those of the lists."""
        pacts = [pact.pk for pact in self.pacts]
        periods = Signing.objects.on(self.day).filter(company__in=companies, pact__in=pacts)
        periods = periods.exclude(status=Status.UNKNOWN)
        found = list(periods.prefetch_related(CITATIONS))
        full_lists(self.clock).mark(found)
        pledges = Pledge.objects.known().filter(
            company__in=companies, commitment__kind=Commitment.Kind.CHAPTER
        )
        return Standings(
            {(one.company_id, one.pact_id): one for one in found},
            Counter(pledges.order_by().values_list("company", "commitment__pact")),
        )

    def _may_be_shown(self) -> Q:
        """A condition on a column of Company, so that few companies are joined and sorted."""
        if self.shown == Show.ALL:
            return Q()
        pacts = [pact.pk for pact in self.pacts]
        known = Signing.objects.on(self.day).exclude(status=Status.UNKNOWN)
        periods = known.filter(pact__in=pacts).order_by().values("company")
        if self.shown == Show.LEFT:
            return Q(pk__in=periods.filter(status__in=Signing.LEFT))
        return Q(pk__in=periods.annotate(known=Count("pk")).filter(known__gte=2).values("company"))

    def _standing(self, *columns: str) -> Any:
        """The companies matching the profile filters, annotated for the patterns."""
        companies: Any = Company.objects.order_by()
        for name in PROFILE:
            companies = self.filters[name].filter(companies, self.form.cleaned_data[name])
            if left_out := self.form.cleaned_data.get(f"{name}{NOT}"):
                others = self.filters[name].filter(Company.objects.order_by(), left_out)
                companies = companies.exclude(pk__in=others.values("pk"))
        pacts = [pact.pk for pact in self.pacts]
        main = [pact.pk for pact in self.pacts if pact.slug == DEFAULT_PACT]
        known = Q(signings__pact__in=pacts) & ~Q(signings__status=Status.UNKNOWN)
        rows = companies.values(*columns).annotate(
            period=FilteredRelation("signings", condition=in_force(self.day, "signings__") & known),
            signed=Count("period", filter=Q(period__status=Status.SIGNED)),
            known=Count("period"),
            left=Count("period", filter=Q(period__status__in=Signing.LEFT)),
            main=Max("period__status", filter=Q(period__pact__in=main)),
            lowest=Min("period__status"),
            highest=Max("period__status"),
        )
        return rows.annotate(pattern=_pattern(len(pacts)))


# The file


class MatrixTable:
    """The rows of the matrix, read in chunks: one query, and five more for each chunk."""

    def __init__(self, query: MatrixFilter) -> None:
        query.refuse_faults()
        self.query = query

    @property
    def columns(self) -> list[str]:
        """The headings, the same in every language."""
        return ["slug", *OWN, *(name for pact in self.query.pacts for name in columns_of(pact))]

    @property
    def meanings(self) -> dict[str, str]:
        """The meaning of each column with facts, in the active language."""
        said = {name: meaning(Company._meta.get_field(name)) for name in OWN}  # type: ignore[arg-type]  # a column, no relation
        status, since = (meaning(Signing._meta.get_field(one)) for one in ("status", "since"))  # type: ignore[arg-type]  # a column, no relation
        checked = gettext("Date of the newest list without the company")
        source = gettext("Its most reliable source")
        for pact in self.query.pacts:
            told = (f"{pact.name}. {text}" for text in (status, since, checked, source))
            said |= dict(zip(columns_of(pact), told, strict=True))
        return said

    def __iter__(self) -> Iterator[list[Any]]:
        keys = (pk for pk, _pattern in self.query.keys.iterator(chunk_size=CHUNK))
        while chunk := list(islice(keys, CHUNK)):
            yield from self._rows(chunk)

    def rows(self, written: "Written[T]", joined: "Joined[T, U]") -> "Iterator[U]":
        """Each row, in one part."""
        return (joined(row[0], [written(self.columns, tuple(row))]) for row in self)

    def _rows(self, chunk: Sequence[int]) -> Iterator[list[Any]]:
        companies = Company.objects.select_related("sector").in_bulk(chunk)
        periods = self.query.standings(chunk).periods
        for pk in chunk:
            company = companies[pk]
            sector = company.sector.code if company.sector else None
            row: list[Any] = [company.slug, company.name, company.country or None, sector]
            for pact in self.query.pacts:
                row += cells(periods.get((pk, pact.pk)))
            yield row


def columns_of(pact: Pact) -> list[str]:
    prefix = pact.slug.replace("-", "_")
    return [f"{prefix}_{name}" for name in ("status", "since", "last_checked", "source_url")]


def cells(period: Signing | None) -> list[datetime.date | str | None]:
    """Status, start date, date of the newest list without the company, and best source."""
    if period is None:
        return [Status.UNKNOWN.value, None, None, None]
    lists, cited = period.lists_without, list(period.citations.all())
    return [
        period.status,
        period.started.typed,
        lists.last.typed if lists else None,
        cited[0].source.url if cited else None,
    ]
