"""The envelope of a page of rows: how many there are, and the URLs of the pages around it."""

from typing import Any

from django.conf import settings
from django.core.paginator import Page
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from .asked.program_query import RowsAfter

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
        self, page: Page[Any] | RowsAfter, rows: list[Any], request: Request, **members: Any
    ) -> Response:
        told, urls = _of_page(page, request) if isinstance(page, Page) else _of_rows(page, request)
        links = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())
        headers = {"Link": links} if links else {}
        return Response({**told, **members, "results": rows}, headers=headers)

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


def _of_page(page: Page[Any], request: Request) -> tuple[dict[str, Any], dict[str, str]]:
    urls = _urls(page, request)
    return {
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "page_size": page.paginator.per_page,
        "next": urls.get("next"),
        "previous": urls.get("prev"),
    }, urls


def _of_rows(rows: RowsAfter, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
    urls = {"next": _url(request, "cursor", rows.cursor)} if rows.more else {}
    told = {"count": rows.count, "page_size": rows.size, "next_cursor": rows.cursor}
    return told | {"next": urls.get("next")}, urls


def _urls(page: Page[Any], request: Request) -> dict[str, str]:
    """The URLs of other pages by their relation to `page`; none where there is no such page."""
    numbers = {
        "first": 1,
        "prev": page.number - 1 if page.has_previous() else None,
        "next": page.number + 1 if page.has_next() else None,
        "last": page.paginator.num_pages,
    }
    return {rel: _url(request, "page", str(one)) for rel, one in numbers.items() if one}


def _url(request: Request, name: str, value: str) -> str:
    query = request.query_params.copy()
    query[name] = value
    return f"{settings.SITE_URL}{request.path}?{query.urlencode()}"
