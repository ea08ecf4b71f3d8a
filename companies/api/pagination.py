"""The envelope of a page of rows: how many there are, and the URLs of the pages around it."""

from typing import Any

from django.conf import settings
from django.core.paginator import Page
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

ENVELOPE = {
    "count": ("integer", "Rows on all pages.", 230),
    "page": ("integer", "This page, from 1.", 2),
    "pages": ("integer", "Pages in all; 1 when there are no rows.", 5),
    "page_size": ("integer", "Most rows on one page.", 50),
    "next": ("uri", "The page after this one; null on the last.", None),
    "previous": ("uri", "The page before this one; null on the first.", None),
}


class RegisterPagination(BasePagination):
    """The envelope around the rows that a RegisterFilter gives, with links as in RFC 8288."""

    def answer(self, page: Page[Any], rows: list[Any], request: Request) -> Response:
        urls = _urls(page, request)
        body = {
            "count": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
            "page_size": page.paginator.per_page,
            "next": urls.get("next"),
            "previous": urls.get("prev"),
            "results": rows,
        }
        links = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())
        return Response(body, headers={"Link": links})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        for name, (kind, description, example) in ENVELOPE.items():
            properties[name] = (
                {"type": "integer", "description": description, "examples": [example]}
                if kind == "integer"
                else {"type": ["string", "null"], "format": kind, "description": description}
            )
        properties["results"] = schema
        return {"type": "object", "required": list(properties), "properties": properties}


def _urls(page: Page[Any], request: Request) -> dict[str, str]:
    """The URLs of other pages by their relation to `page`; none where there is no such page."""
    numbers = {
        "first": 1,
        "prev": page.number - 1 if page.has_previous() else None,
        "next": page.number + 1 if page.has_next() else None,
        "last": page.paginator.num_pages,
    }
    return {rel: _url(request, number) for rel, number in numbers.items() if number}


def _url(request: Request, number: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(number)
    return f"{settings.SITE_URL}{request.path}?{query.urlencode()}"
