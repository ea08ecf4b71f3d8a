"""What the site answers while its database is away, locked or read-only."""

import time
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from .problems import API_PREFIX, problem

AWAY = (InterfaceError, OperationalError)
READ_ONLY = "25006"  # PostgreSQL's read_only_sql_transaction
RETRY_AFTER = {"Retry-After": "5"}  # seconds
# While the database is away, each process asks for it once in this time; the rest answers at once.
PAUSE = 1.0  # seconds


def is_outage(error: BaseException | None) -> bool:
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", "") == READ_ONLY
    return isinstance(error, AWAY)


class Patient:
    """Calls `ask`, but not again for a while after the database did not answer."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self.ask = ask
        self.away_until = 0.0

    def __call__(self) -> Any:
        if time.monotonic() < self.away_until:
            message = "The database was away a moment ago."
            raise OperationalError(message)
        try:
            return self.ask()
        except AWAY:
            self.away_until = time.monotonic() + PAUSE
            raise


def unavailable(request: HttpRequest) -> HttpResponse:
    """A page that needs no database, with what the reader typed, to be sent again."""
    if request.path_info.startswith(API_PREFIX):
        detail = "The register cannot be reached right now. Please try again in a few seconds."
        return problem(request, 503, detail, headers=RETRY_AFTER)
    context = {"typed": typed(request), "again": request.get_full_path()}
    page = render_to_string("503.html", context)
    headers = RETRY_AFTER | {"Cache-Control": "no-store"}
    return HttpResponse(page, status=503, headers=headers)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that was not saved; none of a form with a password."""
    if request.method != "POST" or any("password" in name for name in request.POST):
        return []
    return [(name, text) for name, texts in request.POST.lists() for text in texts]
