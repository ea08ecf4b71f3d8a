"""Response headers that neither Django nor django-csp sets."""

from collections.abc import Callable
from functools import cache
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from .problems import API_PREFIX, request_id

FEEDS = ("/feed.atom", "/feed.json")
BADGES = ("/badge.svg", "/badge.json")  # embedded by other sites
FILES = "/data/"  # the register as files, which scripts of other sites read
EXPOSED = "Deprecation, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Sunset, X-Request-Id"
OF_DATA = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class ResponseHeaders:
    """Middleware for permissions, resource policy, CORS on open URLs and no-store in the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = request.path_info.startswith(API_PREFIX)
        path = request.path_info
        is_file = path.startswith(FILES) and not path.endswith("/")
        is_open = is_api or is_file or path.endswith((*FEEDS, *BADGES))
        if is_api:
            # The API has no sessions: a stale cookie must not be answered with a new one.
            request.META.pop("HTTP_COOKIE", None)
        is_preflight = request.method == "OPTIONS" and (
            "Access-Control-Request-Method" in request.headers
        )
        if is_open and is_preflight:
            response = HttpResponse(status=204, headers=_PREFLIGHT)
        else:
            response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        if response.status_code >= 400:
            # A reader who reports a fault names it, and the log has it.
            response.headers.setdefault("X-Request-Id", request_id(request))
        if is_open:
            # Scripts of every site may read it, without credentials: there are none.
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
        if request.path_info.startswith(("/admin/", "/fr/admin/")):
            patch_cache_control(response, no_store=True, private=True)
        ended = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if ended is not None and not ended.value:
            # The session is over: a browser shows none of its pages again, not even by "back".
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class ContentSecurityPolicy(CSPMiddleware):
    """Middleware for the CSP header: built once, unless a view has a policy of its own.

    JSON loads nothing, so that its policy allows nothing, as OWASP's REST Security Cheat Sheet has
    it. It is also shorter: nginx reads it again for each cached response.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        has_its_own = any(name.startswith("_csp") for name in vars(response))
        if settings.DEBUG or has_its_own or hasattr(request, "_csp_nonce"):
            return super().process_response(request, response)
        is_json = response.headers.get("Content-Type", "").partition(";")[0].endswith("json")
        response.headers.setdefault(HEADER, OF_DATA if is_json else usual_policy())
        return response


@cache
def usual_policy() -> str:
    policy: str = build_policy()
    return policy
