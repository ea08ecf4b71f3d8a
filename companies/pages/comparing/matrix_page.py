"""The matrix: companies beside all pacts."""

from collections.abc import Iterator

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Sector
from companies.names.letters import alphabetical
from companies.pages import downloads
from companies.pages.definitions import short_name
from companies.pages.shown_matrix import groups, known_of, sentences
from companies.queries.matrix.matrix_filter import MatrixFilter, MatrixTable, Show

# Parameters that the form passes on in hidden fields.
KEPT = (
    *("show", "region", "size", "role", "page_size", "as_of", "recorded_as_of"),
    *(f"{name}{queries.NOT}" for name in ("country", "region", "sector", "size", "role")),
)


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


def download(request: HttpRequest, kind: downloads.Kind) -> FileResponse:
    query = MatrixFilter.of(request)
    table = MatrixTable(query)
    name = f"pactwatch-matrix-{query.day}.{kind}"
    about = downloads.about_the_query(query)
    return downloads.as_file(
        request, table, about, name=name, kind=kind, cover=lambda: proves(query, table)
    )


def proves(query: MatrixFilter, table: MatrixTable) -> Iterator[tuple[str, str]]:
    """The cover sheet of the workbook, as (label, text)."""
    yield "PactWatch", _("Who signed what")
    yield _("What it holds"), _("Companies and their status for each pact")
    yield from downloads.what_no_list_proves()
    yield from downloads.how_to_cite(query.day)
    yield from table.meanings.items()
