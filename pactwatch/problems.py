"""Errors as application/problem+json of RFC 9457."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from .measuring.request_ids import id_of

MEDIA_TYPE = "application/problem+json"
API_PREFIX = "/api/"


def problem(
    request: HttpRequest,
    status: int,
    detail: str,
    *,
    kind: str = "about:blank",
    members: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """An error response; `members` are the extension members of this kind of problem."""
    number = request_id(request)
    body = {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.get_full_path(),
        "request_id": number,
        **(members or {}),
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False).encode(errors="replace"),
        status=status,
        content_type=MEDIA_TYPE,
        headers={"X-Request-Id": number, **(headers or {})},
    )


def request_id(request: HttpRequest) -> str:
    """The ID of a request, as its log lines have it."""
    return id_of(request.META)
