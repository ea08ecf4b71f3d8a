"""Refuse oversized login requests before a password is hashed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pactwatch.guards import refused

LONGEST = 1_000  # characters of a name, a password or a code
# The answer of a security key: base64 in JSON, some kilobytes with its certificates.
LONGEST_ANSWER = 50_000


def bounded(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        sent = request.POST.lists() if request.method == "POST" else ()
        if any(is_nonsense(name, text) for name, texts in sent for text in texts):
            return refused(request, 400, "A field of this form cannot be read.")
        return view(request, *args, **kwargs)

    return answer


def is_nonsense(name: str, text: str) -> bool:
    if name == "credential":
        # Escapes could hide characters that PostgreSQL does not store.
        return len(text) > LONGEST_ANSWER or not text.isascii() or "\\" in text
    return len(text) > LONGEST


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "account/too_many.html", status=429)
