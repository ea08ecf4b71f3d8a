"""Requests that Django and its libraries would answer with a 500, refused with a reason instead."""

import codecs
from collections.abc import Callable
from email.message import Message
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse

# A form may be in no other encoding; Django decodes names and values with whatever it is told.
_FORM_ENCODINGS = frozenset({"utf-8", "ascii", "iso8859-1"})


class RefuseMalformedRequests:
    """Answers 400 to what no form or link of ours sends, before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        fault = _fault(request)
        if fault:
            return HttpResponse(f"{fault}\n", status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


def _fault(request: HttpRequest) -> str | None:
    query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
    if "\0" in request.path_info or b"\0" in query:
        return "The address holds a NUL byte, which no text on this site does."
    charset = _charset(request.META.get("CONTENT_TYPE", ""))
    if charset and _codec(charset) not in _FORM_ENCODINGS:
        return f"The body is said to be in {charset[:40]!r}. Please send UTF-8."
    return None


def _charset(content_type: str) -> str | None:
    message = Message()
    message["content-type"] = content_type
    return message.get_content_charset()


def _codec(charset: str) -> str | None:
    try:
        return codecs.lookup(charset).name
    except (LookupError, ValueError):
        return None
