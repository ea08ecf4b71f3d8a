"""Log filters and formatters: no secret, no e-mail address, one line for a refusal or an outage.

Every line logged during a request carries its request ID.
"""

import json
import logging
import re
import time
from typing import Any

from .measuring.request_ids import current, id_of
from .outages import is_outage

# The token of a kept list, of alerts or of a webhook, which is all that its owner needs to read and
# delete it, and the code of a link that a mail has about a statement.
SECRET = re.compile(
    r"(/(?:check/kept|alerts|webhooks)/|/corrections/[^/\s\"']+/(?:confirm|untold)/)[^/?\s\"']+"
)
# Whatever surrounds an @: messages of mail servers and databases repeat the address.
EMAIL = re.compile(r"[^\s@\"'<>()\[\]=]{1,64}@\[?[^\s@\"'<>()\[\]=]{1,255}")
PLAIN = logging.Formatter()
# What would begin a line of its own, colour a terminal or turn a line around.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
SILENCE = 60.0  # seconds between two lines about outages of one kind


class PublicLines(logging.Filter):
    """Logging filter that removes secrets, and the traceback unless the program has a bug."""

    def __init__(self) -> None:
        super().__init__()
        self.silent_until: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        message = UNSEEN.sub(escaped, record.getMessage())
        record.msg, record.args = without_secrets(message), ()
        environ = getattr(getattr(record, "request", None), "META", current.environ)
        record.request_id = id_of(environ) if environ is not None else ""
        if getattr(record, "status_code", 500) < 500:  # of django.request and django.security
            record.exc_info = None
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if is_outage(error):
            record.msg = f"{record.msg}: {without_secrets(' '.join(str(error).split()))}"
            record.exc_info = None
            return self._is_first(type(error).__name__)
        if record.exc_info:
            record.exc_text = without_secrets(PLAIN.formatException(record.exc_info))
        # The pool says of each connection that it cannot be opened.
        return record.name != "psycopg.pool" or self._is_first(record.name)

    def _is_first(self, kind: str) -> bool:
        """Whether this kind of outage was not logged lately; repeats are dropped."""
        now = time.monotonic()
        if now < self.silent_until.get(kind, 0):
            return False
        self.silent_until[kind] = now + SILENCE
        return True


class TextLines(logging.Formatter):
    """Formatter for one line per event, followed by the traceback of a bug."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        line = super().formatMessage(record)
        number = getattr(record, "request_id", "")
        return f"{line} (request {number})" if number else line


class JsonLines(logging.Formatter):
    """Formatter for one line of ASCII JSON per event, the traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "request_id", ""),
            "message": record.getMessage(),
            "traceback": record.exc_text
            or (record.exc_info and self.formatException(record.exc_info)),
        }
        return json.dumps({name: value for name, value in fields.items() if value})


def without_secrets(text: str) -> str:
    return EMAIL.sub("…@…", SECRET.sub(r"\1…", text))


def escaped(found: re.Match[str]) -> str:
    return ascii(found.group())[1:-1]
