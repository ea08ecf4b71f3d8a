"""The envelope of a page: the total, and the URLs of the neighbouring pages."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Page
from django.http import QueryDict
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

if TYPE_CHECKING:
    from .parameters.api_parameters import RowsAfter

ENVELOPE = {
    "count": ("integer", "Rows on all pages.", 230),
    "page": ("integer", "This page, from 1.", 2),
    "pages": ("integer", "Pages in all; 1 when there are no rows.", 5),
    "page_size": ("integer", "Most rows on one page.", 50),
    "next": ("uri", "The page after this one; null on the last.", None),
    "previous": ("uri", "The page before this one; null on the first.", None),
    "next_cursor": ("cursor", "Where to read on, now or later; only in answers to `cursor`.", None),
}
# An answer to `cursor` has no numbers of pages, one with numbers no cursor.
ALWAYS = ("count", "page_size", "next")


class RegisterPagination(BasePagination):
    """The envelope around the rows that a RegisterFilter gives, with links as in RFC 8288."""

    def answer(
        self, page: "Page[Any] | RowsAfter", rows: list[Any], request: Request, **members: Any
    ) -> Response:
        about, headers = envelope(page, PageLinks(request.path, request.query_params))
        return Response({**about, **members, "results": rows}, headers=headers)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        for name, (kind, description, example) in ENVELOPE.items():
            properties[name] = {"description": description} | (
                {"type": "integer", "examples": [example]}
                if kind == "integer"
                else {"type": "string"}
                if kind == "cursor"
                else {"type": ["string", "null"], "format": kind}
            )
        properties["results"] = schema
        return {"type": "object", "required": [*ALWAYS, "results"], "properties": properties}


class PageLinks:
    """The URLs of the same query for another page, or from another cursor on."""

    def __init__(self, path: str, query: QueryDict) -> None:
        self.path, self.query = path, query
        self.around = dict[str, tuple[str, str]]()

    def url(self, name: str, value: str) -> str:
        """The URL with this page or cursor; `value` needs no quoting."""
        if name not in self.around:
            query = dict(self.query.lists()) | {name: ["\0"]}  # which no query holds
            before, _, after = urlencode(query, doseq=True).partition("%00")
            self.around[name] = (f"{self.path}?{before}", after)
        before, after = self.around[name]
        return f"{settings.SITE_URL}{before}{value}{after}"


def envelope(
    page: "Page[Any] | RowsAfter", links: PageLinks
) -> tuple[dict[str, Any], dict[str, str]]:
    """The members of the envelope before the rows, and the Link header."""
    of = _of_page if isinstance(page, Page) else _of_rows
    about, urls = of(page, links)  # type: ignore[arg-type]  # of either
    header = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())
    return about, {"Link": header} if header else {}


def _of_page(page: Page[Any], links: PageLinks) -> tuple[dict[str, Any], dict[str, str]]:
    urls = _urls(page, links)
    return {
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "page_size": page.paginator.per_page,
        "next": urls.get("next"),
        "previous": urls.get("prev"),
    }, urls


def _of_rows(rows: "RowsAfter", links: PageLinks) -> tuple[dict[str, Any], dict[str, str]]:
    urls = {"next": links.url("cursor", rows.cursor)} if rows.more else {}
    about = {"count": rows.count, "page_size": rows.size, "next_cursor": rows.cursor}
    return about | {"next": urls.get("next")}, urls


def _urls(page: Page[Any], links: PageLinks) -> dict[str, str]:
    """The URLs of other pages by link relation; only those that exist."""
    numbers = {
        "first": 1,
        "prev": page.number - 1 if page.has_previous() else None,
        "next": page.number + 1 if page.has_next() else None,
        "last": page.paginator.num_pages,
    }
    return {rel: links.url("page", str(one)) for rel, one in numbers.items() if one}
