"""The whole result of a question about companies, as a file.

Its headings and codes are the same in every language, so that a file means the same everywhere.
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

from companies.importers.spreadsheet import Value, write_to
from companies.queries import WholeResult
from companies.queries.company_table import CompanyTable
from companies.register.history import current_version

from .errors import register_page

LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
Kind = Literal["csv", "xlsx", "json"]
MEDIA_TYPES: Mapping[Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@register_page
def companies(request: HttpRequest, kind: Kind) -> HttpResponse:
    asked = WholeResult.of(request)
    asked.refuse_faults()
    found = CompanyTable(asked)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_result(
        file,
        with_address(found),
        columns=[*found.columns, "record_url"],
        about=told_of_all(asked),
        kind=kind,
    )
    file.seek(0)
    return FileResponse(  # type: ignore[return-value]  # a stream is an answer too
        file,
        as_attachment=True,
        filename=f"{file_name(asked)}.{kind}",
        content_type=MEDIA_TYPES[kind],
        headers={"X-Robots-Tag": "noindex"},
    )


def told_of_all(asked: WholeResult) -> dict[str, Any]:
    """What holds for every row: of which day it is, what was asked, under which licence."""
    return {
        "as_of": str(asked.day),
        "recorded_as_of": str(asked.clock.recorded_as_of or timezone.localdate()),
        "register_version": current_version(),
        "question": asked.data.urlencode() or None,
        "licence": LICENCE,
    }


def with_address(found: CompanyTable) -> Iterator[list[Any]]:
    """The rows, each with the address of its record, whose public id it begins with."""
    with override("en"):
        address = settings.SITE_URL + reverse("companies")
    for row in found:
        yield [*row, f"{address}{row[0]}/"]


def file_name(asked: WholeResult) -> str:
    """pactwatch-eu-ai-pact-2026-11-23; what was recorded on another day says so."""
    name = f"pactwatch-{asked.chosen_pact.slug}-{asked.day}"
    recorded_as_of = asked.clock.recorded_as_of
    return f"{name}-recorded-{recorded_as_of}" if recorded_as_of else name


# The forms


def write_result(
    file: IO[bytes],
    rows: Iterable[Sequence[Value]],
    *,
    columns: Sequence[str],
    about: Mapping[str, Value],
    kind: Kind,
) -> None:
    """Every row into an open file, one at a time.

    What all rows are `about` begins a JSON document; in a table, each row says it.
    """
    if kind == "json":
        _write_json(file, rows, columns, about)
    else:
        told = ([*row, *about.values()] for row in rows)
        write_to(file, told, headers=[*columns, *about], kind=kind)


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
