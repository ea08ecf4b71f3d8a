"""All companies that a query chooses, as a file to download.

Column names and codes are the same in every language, so that a file means the same everywhere.
"""

import datetime
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Literal

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from companies import queries
from companies.importers.spreadsheet import Value, write_to
from companies.queries import WholeResult
from companies.queries.company_table import CompanyTable
from companies.register.history import current_version

LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
Kind = Literal["csv", "xlsx", "json"]
MEDIA_TYPES: Mapping[Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def companies(request: HttpRequest, kind: Kind) -> HttpResponse:
    query = WholeResult.of(request)
    query.refuse_faults()
    found = CompanyTable(query)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_result(
        file,
        with_url(found),
        columns=[*found.columns, "record_url"],
        about=about_all_rows(query),
        kind=kind,
        meanings=found.meanings,
    )
    file.seek(0)
    return FileResponse(  # type: ignore[return-value]  # a stream is an answer too
        file,
        as_attachment=True,
        filename=f"{file_name(query)}.{kind}",
        content_type=MEDIA_TYPES[kind],
        headers={"X-Robots-Tag": "noindex"},
    )


def about_all_rows(query: WholeResult) -> dict[str, Any]:
    """What holds for every row: its day, the query and the licence."""
    return {
        "as_of": str(query.day),
        "recorded_as_of": str(query.clock.recorded_as_of or timezone.localdate()),
        "register_version": current_version(),
        "question": query.data.urlencode() or None,
        "known_signatories": queries.signatories(query.chosen_pact, query.day),
        "listed_total": query.chosen_pact.listed_total,
        "listed_total_on": query.chosen_pact.listed_total_on,
        "licence": LICENCE,
    }


def with_url(found: CompanyTable) -> Iterator[list[Any]]:
    """The rows, each with the URL of its record; the slug is the first column."""
    with override("en"):
        url = settings.SITE_URL + reverse("companies")
    for row in found:
        yield [*row, f"{url}{row[0]}/"]


def file_name(query: WholeResult) -> str:
    """pactwatch-eu-ai-pact-2026-11-23, with `recorded_as_of` if the query has it."""
    name = f"pactwatch-{query.chosen_pact.slug}-{query.day}"
    recorded_as_of = query.clock.recorded_as_of
    return f"{name}-recorded-{recorded_as_of}" if recorded_as_of else name


# Formats


def write_result(
    file: IO[bytes],
    rows: Iterable[Sequence[Value]],
    *,
    columns: Sequence[str],
    about: Mapping[str, Value],
    kind: Kind,
    meanings: Mapping[str, str],
) -> None:
    """Write every row into an open file, one at a time.

    `about` is the beginning of a JSON document; in a table, it is repeated in each row.
    """
    if kind == "json":
        _write_json(file, rows, columns, about)
    else:
        full_rows = ([*row, *about.values()] for row in rows)
        write_to(file, full_rows, headers=[*columns, *about], kind=kind, meanings=meanings)


def _write_json(
    file: IO[bytes],
    rows: Iterable[Sequence[Value]],
    columns: Sequence[str],
    about: Mapping[str, Value],
) -> None:
    file.write(_json(about).removesuffix("}").encode() + b', "results": [')
    between = b"\n"
    for row in rows:
        file.write(between + _json(dict(zip(columns, row, strict=True))).encode())
        between = b",\n"
    file.write(b"\n]}\n")


def _json(values: Mapping[str, Value]) -> str:
    return json.dumps(values, ensure_ascii=False, default=datetime.date.isoformat)
