"""Request IDs: the same in every log line of a request and in its response."""

import re
import secrets
import threading
from typing import Any

from django.conf import settings

KEY = "pactwatch.request_id"  # of the environment
ROLE = "pactwatch.role"  # of the environment: of a login, by accounts/sessions.py
GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")


class _Current(threading.local):
    """The WSGI environ of the request that this thread answers; None before the first."""

    environ: dict[str, Any] | None = None


current = _Current()


def id_of(environ: dict[str, Any]) -> str:
    """The request ID: that of a trusted proxy if it is well-formed, else a new one."""
    number: str | None = environ.get(KEY)
    if number is None:
        given = environ.get("HTTP_X_REQUEST_ID", "") if settings.BEHIND_PROXY else ""
        number = environ[KEY] = given if GIVEN.fullmatch(given) else secrets.token_hex(8)
    return number
