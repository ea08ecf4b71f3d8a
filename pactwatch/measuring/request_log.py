"""Count each request and log one line for it, cached responses included.

A line has no IP address, no query string and no user name. It is written directly and not through
`logging`, which would take as long as sending a cached response.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from pactwatch.logs import without_secrets

from .counters import counters
from .request_ids import ROLE, current, id_of

READER = "reader"
LONGEST = 300  # characters of a path
LOGGER = "pactwatch.requests"
_KINDS = {"api": "api", "admin": "admin", "static": "static", "healthz": "health"}
_KINDS |= {"metrics": "health"}
_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}


class Observed:
    """WSGI application that counts and logs the responses of another one."""

    def __init__(self, application: Callable[..., Any], *, logs: bool, as_json: bool) -> None:
        self.application, self.counters = application, counters()
        self.line = (json_line if as_json else text_line) if logs else None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        began, current.environ, status = time.perf_counter(), None, 500
        number = id_of(environ) if self.line else ""

        def begin(status_line: str, headers: Any, *error: Any) -> Any:
            nonlocal status
            status = int(status_line[:3])
            return start(status_line, headers, *error)

        try:
            return self.application(environ, begin)
        finally:
            seconds = time.perf_counter() - began
            kind, path = named(environ["PATH_INFO"])
            of_django = current.environ  # of the request to Django; a cached response has none
            self.counters.count_request(kind, status, seconds, is_cached=of_django is None)
            if self.line:
                role = of_django.get(ROLE, READER) if of_django else READER
                method = environ["REQUEST_METHOD"]
                method = method if method in _METHODS else "OTHER"
                answer = "fresh" if of_django else "kept"
                sys.stderr.write(self.line(number, method, path, status, seconds, answer, role))


def json_line(
    number: str, method: str, path: str, status: int, seconds: float, answer: str, role: str
) -> str:
    """One request as JSON; `path` and `role` must be JSON already, the rest needs no escaping."""
    return (
        f'{{"time": "{_now()}", "level": "INFO", "logger": "{LOGGER}", "request": "{number}", '
        f'"method": "{method}", "path": {path}, "status": {status}, "ms": {seconds * 1000:.1f}, '
        f'"answer": "{answer}", "role": {_quoted(role)}}}\n'
    )


def text_line(
    number: str, method: str, path: str, status: int, seconds: float, answer: str, role: str
) -> str:
    return (
        f"{_now()} INFO {LOGGER}: {method} {path} {status} {seconds * 1000:.1f} ms {answer} "
        f"{_quoted(role)} (request {number})\n"
    )


@lru_cache(maxsize=2048)
def named(path_info: str) -> tuple[str, str]:
    """The kind of a URL, and its path as ASCII JSON, which cannot contain a line break."""
    path = path_info.encode("latin-1", "replace").decode(errors="replace")
    parts = path.split("/")
    first = parts[2] if len(parts) > 2 and parts[1] in _languages() else parts[1:2] and parts[1]
    return _KINDS.get(first or "", "page"), _quoted(without_secrets(path[:LONGEST]))


@lru_cache(maxsize=64)
def _quoted(text: str) -> str:
    return json.dumps(text)


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    return frozenset(code for code, _name in settings.LANGUAGES)


def _now() -> str:
    return _second(int(time.time()))


@lru_cache(maxsize=2)
def _second(second: int) -> str:
    at = datetime.fromtimestamp(second, tz=timezone.get_default_timezone())
    return f"{at:%Y-%m-%dT%H:%M:%S%z}"
