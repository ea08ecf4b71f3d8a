"""Answers API requests before the middleware of sessions and pages, a third of the time."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.limits.api_limit import count
from pactwatch.guards import is_api
from pactwatch.response_cache.quick_answers import QuickResponse

LONGEST = 300  # characters of a path that is worth remembering


class AnswerAPI:
    """Middleware that calls REST framework views directly.

    These use no session, user or message, and are CSRF-exempt; their language is that of the
    settings. All else passes through the other middleware: pages, a URL without its slash.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = _match(request)
        if match is None:
            return self.get_response(request)
        request.resolver_match = match
        translation.activate(settings.LANGUAGE_CODE)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        if hasattr(response, "render") and callable(response.render):
            response = response.render()
        # As LocaleMiddleware and CommonMiddleware say.
        patch_vary_headers(response, ["Accept-Language"])
        response.headers.setdefault("Content-Language", settings.LANGUAGE_CODE)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def quick_response(request: HttpRequest) -> QuickResponse | None:
    """The quick answer of a view before any middleware; None if it has none, or none may be sent.

    It counts toward the limit; one that is over it is counted again by the middleware.
    """
    match = _match(request)
    view: Any = match.func if match else None
    if match is None or not hasattr(view.cls, "quick"):
        return None
    translation.activate(settings.LANGUAGE_CODE)
    response: QuickResponse | None = view.cls.quick(request, **match.kwargs)
    counted = count(request) if response is not None else None
    if response is None or counted is None:
        return response
    counted.add_headers(response)
    return None if counted.is_over else response


def _match(request: HttpRequest) -> ResolverMatch | None:
    is_short = is_api(request) and len(request.path_info) < LONGEST
    return _view_at(request.path_info, settings.ROOT_URLCONF) if is_short else None


@lru_cache(1000)
def _view_at(path: str, urlconf: str) -> ResolverMatch | None:
    """The match if a REST framework view serves the path, else None."""
    try:
        match = resolve(path, urlconf)
    except Resolver404:
        return None
    return match if hasattr(match.func, "cls") else None
