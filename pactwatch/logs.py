"""What reaches the log: one line for a refused request, no secret of an address, no e-mail."""

import logging
import re

# The token of a kept list, which is all that its owner needs to read and delete it.
SECRET = re.compile(r"(/check/kept/)[^/?\s\"']+")
# Whatever stands around an @: what a mail server or a database says repeats the address.
EMAIL = re.compile(r"[^\s@\"'<>()\[\]=]{1,64}@\[?[^\s@\"'<>()\[\]=]{1,255}")
PLAIN = logging.Formatter()
# What would begin a line of its own, colour a terminal or turn a line around.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class PublicLines(logging.Filter):
    """Takes secrets out of a record, and the traceback of a request that was only refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = UNSEEN.sub(escaped, record.getMessage())
        record.msg, record.args = without_secrets(message), ()
        if getattr(record, "status_code", 500) < 500:  # of django.request and django.security
            record.exc_info = None
        if record.exc_info:
            record.exc_text = without_secrets(PLAIN.formatException(record.exc_info))
        return True


def without_secrets(text: str) -> str:
    return EMAIL.sub("…@…", SECRET.sub(r"\1…", text))


def escaped(found: re.Match[str]) -> str:
    return ascii(found.group())[1:-1]
