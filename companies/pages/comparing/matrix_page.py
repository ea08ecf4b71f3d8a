"""Who signed what: companies beside all pacts at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from companies import queries
from companies.models import DEFAULT_PACT, Company, Pact, PartialDate, Precision, Sector, Signing
from companies.names.letters import alphabetical
from companies.pages import downloads
from companies.queries.matrix.matrix_filter import (
    QUOTED,
    MatrixFilter,
    MatrixTable,
    Pattern,
    Show,
    Standings,
)

# A narrow column and a line on a phone have no room for a whole name.
SHORT_NAMES = {
    DEFAULT_PACT: gettext_lazy("EU AI Pact"),
    "gpai-code": gettext_lazy("GPAI Code"),
    "seoul-frontier": gettext_lazy("Seoul"),
    "transparency-code": gettext_lazy("Transparency Code"),
    "haip": gettext_lazy("HAIP"),
}

# Parameters that the form passes on in hidden fields.
KEPT = ("show", "region", "size", "role", "page_size", "as_of", "recorded_as_of")


def matrix(request: HttpRequest) -> HttpResponse:
    query = MatrixFilter.of(request)
    page = query.page_of_rows()
    context = {
        "page": page,
        "pacts": [(pact, short_name(pact), known_of(pact)) for pact in query.pacts],
        "groups": list(groups(query, list(page.object_list))),
        "sentences": list(sentences(query)),
        "shows": [(show, query.counts[f"of_{show}"]) for show in Show],
        "shown": query.shown,
        "values": query.form.cleaned_data,
        "kept": [(name, value) for name in KEPT for value in query.data.getlist(name)],
        "countries": sorted(queries.country_labels().items(), key=lambda one: alphabetical(one[1])),
        "sectors": [(sector.code, sector.label) for sector in Sector.objects.all()],
    }
    return render(request, "companies/comparing/matrix.html", context)


def download(request: HttpRequest, kind: downloads.Kind) -> HttpResponse:
    query = MatrixFilter.of(request)
    table = MatrixTable(query)
    name = f"pactwatch-matrix-{query.day}.{kind}"
    about = downloads.about_the_query(query)
    return downloads.as_file(table, about, name=name, kind=kind, told=lambda: proves(query, table))


def proves(query: MatrixFilter, table: MatrixTable) -> Iterator[tuple[str, str]]:
    """What a workbook says of itself on its first sheet."""
    yield "PactWatch", _("Who signed what")
    yield _("What it holds"), _("Companies and their status for each pact")
    yield from downloads.what_no_list_proves()
    yield from downloads.how_to_cite(query.day)
    yield from table.meanings.items()


def short_name(pact: Pact) -> str:
    return str(SHORT_NAMES.get(pact.slug, pact.name))


def known_of(pact: Any) -> str:
    """How many signatories are known, beside the announced total, in the fewest words."""
    if pact.listed_total is None:
        said = ngettext("%(number)s known", "%(number)s known", pact.signatories)
    elif pact.announces_a_minimum:
        said = ngettext(
            "%(number)s known of more than %(total)s",
            "%(number)s known of more than %(total)s",
            pact.signatories,
        )
    else:
        said = ngettext(
            "%(number)s known of %(total)s", "%(number)s known of %(total)s", pact.signatories
        )
    return said % {"number": pact.signatories, "total": pact.listed_total}


# The sentence on top


def sentences(query: MatrixFilter) -> Iterator[str]:
    """How many signed every pact, and how many another than the EU AI Pact."""
    every, other = (query.counts[f"in_{int(p)}"] for p in QUOTED)
    if every:
        yield ngettext(
            "%(number)s company has signed all %(pacts)s pacts in this table.",
            "%(number)s companies have signed all %(pacts)s pacts in this table.",
            every,
        ) % {"number": every, "pacts": len(query.pacts)}
    if other:
        yield ngettext(
            "%(number)s company signed another pact and is not on the list of the EU AI Pact.",
            "%(number)s companies signed another pact and are not on the list of the EU AI Pact.",
            other,
        ) % {"number": other}
    if not (every or other):
        yield _("No company that we know of has signed all of them.")


# The rows


@dataclass(frozen=True)
class Standing:
    """One cell: how a company stands toward one pact, since which month, by which source."""

    name: str  # of the pact, short
    record: str  # URL of the company's record
    signing: Signing | None
    chapters: str = ""

    @property
    def status(self) -> str:
        return self.signing.status if self.signing else Signing.Status.UNKNOWN.value

    @property
    def label(self) -> str:
        """The status in the fewest words."""
        short = {
            Signing.Status.NOT_SIGNED.value: pgettext("in a narrow table", "Not on the list"),
            Signing.Status.REMOVED.value: pgettext("in a narrow table", "No longer listed"),
        }
        return short.get(self.status) or str(Signing.Status(self.status).label)

    @property
    def day(self) -> PartialDate | None:
        """The first day of the status; for an absence, that of the newest list without it."""
        if self.signing is None:
            return None
        lists = self.signing.lists_without
        return lists.last if lists else self.signing.started

    @property
    def month(self) -> PartialDate | None:
        """The same without the day of the month."""
        if self.day is None or self.day.precision != Precision.DAY:
            return self.day
        return PartialDate(self.day.date, Precision.MONTH)

    @property
    def source(self) -> Any:
        """The surest source of the status; of an absence from several lists, the record tells."""
        cited = list(self.signing.citations.all()) if self.signing else []
        return cited[0].source if cited and self.signing and not self.signing.is_absence else None


@dataclass(frozen=True)
class PatternGroup:
    """The companies of one pattern that are on this page, and how many the whole list has."""

    label: str
    number: int
    rows: list[tuple[Company, list[Standing]]]


def groups(query: MatrixFilter, keys: list[tuple[int, int]]) -> Iterator[PatternGroup]:
    companies = Company.objects.in_bulk([pk for pk, _pattern in keys])
    standings = query.standings(list(companies))
    for pattern, here in groupby(keys, key=itemgetter(1)):
        rows = [(companies[pk], cells(query, standings, companies[pk])) for pk, _pattern in here]
        label = str(Pattern(pattern).label)
        yield PatternGroup(label, query.counts[f"shown_{pattern}"], rows)


def cells(query: MatrixFilter, standings: Standings, company: Company) -> list[Standing]:
    return [
        Standing(
            short_name(pact),
            company.get_absolute_url(),
            standings.periods.get((company.pk, pact.pk)),
            chapters(standings.chapters[company.pk, pact.pk], pact),
        )
        for pact in query.pacts
    ]


def chapters(signed: int, pact: Any) -> str:
    """How many chapters were signed, where not all; nothing where no source says which."""
    if not 0 < signed < pact.chapters:
        return ""
    return ngettext("%(number)s chapter", "%(number)s chapters", signed) % {"number": signed}
