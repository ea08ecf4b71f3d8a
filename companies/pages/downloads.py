"""The whole result of a question about companies, as a file.

Its headings and codes are the same in every language, so that a file means the same everywhere.
"""

import tempfile
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from companies.pages.result_files import Kind, write_result
from companies.queries import WholeResult
from companies.queries.company_table import CompanyTable
from companies.register.history import current_version

from .errors import register_page

LICENCE = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
MEDIA_TYPES = {
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
    return f"{name}-recorded-{asked.clock.recorded_as_of}" if asked.clock.recorded_as_of else name
