"""The headers that neither Django nor django-csp sets."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from .problems import API_PREFIX

FEEDS = ("/feed.atom", "/feed.json")
BADGES = ("/badge.svg", "/badge.json")  # made to stand on other sites
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class ResponseHeaders:
    """Permissions and resource policy everywhere, CORS where open, no cache for editors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = request.path_info.startswith(API_PREFIX)
        is_open = is_api or request.path_info.endswith((*FEEDS, *BADGES))
        if is_api:
            # It knows nobody: a stale session or CSRF cookie must not be answered with another.
            request.META.pop("HTTP_COOKIE", None)
        asks_first = request.method == "OPTIONS" and (
            "Access-Control-Request-Method" in request.headers
        )
        if is_open and asks_first:
            response = HttpResponse(status=204, headers=_PREFLIGHT)
        else:
            response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        if is_open:
            # Open to every site's scripts, and never with credentials: there are none to send.
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
        if request.path_info.startswith(("/admin/", "/fr/admin/")):
            patch_cache_control(response, no_store=True, private=True)
        return response
