"""Answers the API before the middleware of sessions and pages, which takes a third of the time."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

from pactwatch.guards import is_api


class AnswerAPI:
    """Middleware that calls a view of REST framework itself, with what its answer has to say.

    These read no session, no user and no message, and are exempt from the check of forms; their
    language is that of the settings. All else takes the long way: pages, a URL without its slash.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = _view_of_the_api(request)
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


def _view_of_the_api(request: HttpRequest) -> ResolverMatch | None:
    if not is_api(request):
        return None
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    return match if hasattr(match.func, "cls") else None
