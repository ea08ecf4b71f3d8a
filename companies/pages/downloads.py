"""Downloads of all companies that a query finds.

Column names and codes are the same in every language, so that a file means the same everywhere.
"""

import datetime
import html
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Literal, Protocol

from babel.numbers import get_decimal_symbol
from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from companies import queries
from companies.importers.spreadsheet import Cover, CsvCells, Value, encoded, write_xlsx
from companies.models import PartialDate
from companies.queries import WholeResult
from companies.queries.company_table import CompanyTable, Joined, Written
from companies.queries.roster.table_state import state
from companies.register.history import current_version
from pactwatch.outages.cached_files import CachedFiles

if TYPE_CHECKING:
    from companies.queries.company_filter import ProfileFilter

BLOCK = 500  # rows written at once
# One version is requested in many ways, and 100,000 companies are 40 MB.
FILES = CachedFiles(".file", most=50, most_bytes=500_000_000)
RECORD_URL = "record_url"
SLUG = "\x7f"  # a placeholder that no URL contains
LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
Kind = Literal["csv", "xlsx", "json"]
MEDIA_TYPES: Mapping[Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


_process = token_hex()


class FileRows(Protocol):
    """A protocol for tables: rows of companies with columns, the public id first."""

    @property
    def columns(self) -> list[str]: ...
    @property
    def meanings(self) -> dict[str, str]: ...
    def __iter__(self) -> Iterator[list[Any]]: ...
    def rows(self, written: Written[str], joined: Joined[str, str]) -> Iterator[str]: ...


def companies(request: HttpRequest, kind: Kind) -> FileResponse:
    query = (queries.CsvResult if kind == "csv" else WholeResult).of(request)
    query.refuse_faults()
    found = CompanyTable(query)
    chosen = query.form.cleaned_data["sep"] if kind == "csv" else ""
    return as_file(
        request,
        found,
        about_all_rows(query),
        name=f"{file_name(query)}.{kind}",
        kind=kind,
        cover=lambda: what_it_proves(query, found),
        sep=queries.CsvResult.SEPARATORS.get(chosen, ""),
    )


def as_file(
    request: HttpRequest,
    found: FileRows,
    about: Mapping[str, Value],
    *,
    name: str,
    kind: Kind,
    cover: Callable[[], Iterable[tuple[str, str]]],
    sep: str = "",
) -> FileResponse:
    """Serve the rows with the URL of each record as a file; `cover` is the workbook's cover.

    The file is complete before it is sent: a failure is a 500, a truncated download does not
    match its Content-Length, and a slow reader blocks nobody.
    """

    def make(path: Path) -> None:
        with path.open("wb") as file:
            if kind == "xlsx":
                columns, rows = [*found.columns, RECORD_URL, *about], with_url(found, about)
                write_xlsx(file, rows, headers=columns, cover=in_every_language(cover))
            elif kind == "json":
                file.writelines(_json_parts(found, about))
            else:
                file.writelines(_csv_parts(found, about, sep or separator()))

    return FileResponse(
        FILES.opened(cached_name(request), make, lambda path: path.open("rb")),
        as_attachment=True,
        filename=name,
        content_type=MEDIA_TYPES[kind],
        headers={"X-Robots-Tag": "noindex"},
    )


def cached_name(request: HttpRequest) -> str:
    """The cache key of a file: its URL, the register version and the day."""
    made_of = (_process, state(), timezone.localdate(), request.get_full_path())
    return sha256(repr(made_of).encode()).hexdigest()[:32]


def forget() -> None:
    """Delete the cached files, as a process with other code does."""
    global _process
    _process = token_hex()


def separator() -> str:
    """The CSV separator: the one that Excel expects in the page's language."""
    return ";" if get_decimal_symbol(get_language() or "en") == "," else ","


def about_all_rows(query: WholeResult) -> dict[str, Any]:
    """Columns equal in every row: the date, the query and the licence."""
    known = {
        "known_signatories": queries.signatories(query.chosen_pact, query.clock),
        "listed_total": query.chosen_pact.listed_total,
        "listed_total_on": query.chosen_pact.listed_total_on,
    }
    about = about_the_query(query)
    licence = about.pop("licence")
    return {**about, **known, "licence": licence}


def about_the_query(query: "ProfileFilter") -> dict[str, Any]:
    """The columns equal in every row of a file that is not about one pact."""
    return {
        "as_of": query.day,
        "recorded_as_of": query.clock.recorded_as_of or timezone.localdate(),
        "register_version": current_version(),
        "question": _question(query),
        "licence": LICENCE,
    }


def _question(query: "ProfileFilter") -> str | None:
    """The query without parameters that only choose the format."""
    parameters = query.data.copy()
    parameters.pop("sep", None)
    return parameters.urlencode() or None


def with_url(found: FileRows, about: Mapping[str, Value]) -> Iterator[list[Any]]:
    """The rows, each with the URL of its record and the columns equal in all."""
    url = _record_url(SLUG)
    for row in found:
        yield [*row, url.replace(SLUG, row[0]), *about.values()]  # the slug is the first column


def _record_url(slug: str) -> str:
    with override("en"):
        return f"{settings.SITE_URL}{reverse('companies')}{slug}/"


def _lines(
    found: FileRows, about: Mapping[str, Value], cells: Written[str], between: str, end: str = ""
) -> Iterator[str]:
    """The rows as CSV text; columns that are equal in all rows are formatted once."""
    ends = cells([RECORD_URL, *about], (_record_url(SLUG), *about.values()))
    before, after = f"{between}{ends}{end}".split(SLUG, 1)
    return found.rows(cells, lambda slug, parts: f"{between.join(parts)}{before}{slug}{after}")


def file_name(query: WholeResult) -> str:
    """pactwatch-eu-ai-pact-2026-11-23, with `recorded_as_of` if the query has it."""
    name = f"pactwatch-{query.chosen_pact.slug}-{query.day}"
    recorded_as_of = query.clock.recorded_as_of
    return f"{name}-recorded-{recorded_as_of}" if recorded_as_of else name


# The first sheet of a workbook


def in_every_language(cover: Callable[[], Iterable[tuple[str, str]]]) -> Cover:
    """The cover sheet in each language of the site, the reader's first."""
    here = get_language() or "en"
    languages = sorted((code for code, _name in settings.LANGUAGES), key=lambda one: one != here)
    sides = []
    for language in languages:
        with override(language):
            sides.append([(str(what), str(text)) for what, text in cover()])
    rows = [[text for side in row for text in side] for row in zip(*sides, strict=True)]
    return Cover("about", rows, widths=(24, 80) * len(languages))


def what_it_proves(query: WholeResult, found: CompanyTable) -> Iterator[tuple[str, str]]:
    pact, day = query.chosen_pact, _in_words(query.day)
    known = {"pact": pact, "signatories": queries.signatories(pact, query.clock)}
    newest = queries.full_lists(query.clock).newest(pact)
    yield "PactWatch", _("Companies and the %(pact)s on %(day)s") % {"pact": pact.name, "day": day}
    yield (
        _("What it holds"),
        _("One company per row, with its status and the number of its sources."),
    )
    yield (
        _("What it proves"),
        _("The sources of each status are on the company’s record."),
    )
    yield from what_no_list_proves()
    yield _("What is missing"), _plain(render_to_string("companies/_known.html", known))
    yield _("Newest list read"), _in_words(newest.day) if newest else _("none")
    yield from how_to_cite(query.day)
    yield from ((name, str(meaning)) for name, meaning in found.meanings.items())


def what_no_list_proves() -> Iterator[tuple[str, str]]:
    yield _("What it does not prove"), _("Not being listed is not a refusal.")
    yield (
        "",
        _(
            "The pledges are voluntary and not legally binding: neither a signature nor its "
            "absence says whether a company complies with the law."
        ),
    )


def how_to_cite(day: datetime.date) -> Iterator[tuple[str, str]]:
    facts = {"site_url": settings.SITE_URL, "day": _in_words(day)}
    yield _("Cite as"), _("PactWatch, %(site_url)s, as of %(day)s, CC BY 4.0") % facts
    yield _("Licence"), LICENCE
    yield _("Version of the register"), str(current_version())
    yield (
        _("Dates"),
        _(
            "Full dates are stored as dates. Where only a month or a year is known, the cell "
            "holds a text such as 2024-10: no day is made up."
        ),
    )
    yield _("Texts"), _("Texts are unchanged; none is a formula.")


def _in_words(day: datetime.date) -> str:
    return PartialDate(day).in_words(get_language() or "en")


def _plain(text: str) -> str:
    return html.unescape(" ".join(text.split(" ")).strip())


# CSV and JSON


def _csv_parts(found: FileRows, about: Mapping[str, Value], sep: str) -> Iterator[bytes]:
    cells = CsvCells(sep)
    headings = cells((), [*found.columns, RECORD_URL, *about])
    return encoded(chain([f"{headings}\r\n"], _lines(found, about, cells, sep, "\r\n")))


def _json_parts(found: FileRows, about: Mapping[str, Value]) -> Iterator[bytes]:
    yield _json(about).removesuffix("}").encode() + b', "results": ['
    between, lines = "\n", _lines(found, {}, _json_cells, ", ")
    while block := "},\n".join([f"{{{line}" for line in islice(lines, BLOCK)]):
        yield f"{between}{block}}}".encode()
        between = ",\n"
    yield b"\n]}\n"


def _json_cells(columns: Sequence[str], values: Sequence[Value]) -> str:
    """Most are texts or nothing, of which the encoder itself takes three times as long."""
    return ", ".join(
        [
            f'"{name}": {_quoted(value) if type(value) is str else _json(value)}'
            if value is not None
            else f'"{name}": null'
            for name, value in zip(columns, values, strict=True)
        ]
    )


# One encoder for all rows: json.dumps would make one for each.
_json = json.JSONEncoder(ensure_ascii=False, default=datetime.date.isoformat).encode
_quoted = json.encoder.encode_basestring  # what it calls for texts
