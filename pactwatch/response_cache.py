"""Whole public answers, kept until the register changes.

An answer depends on nothing but its address, the register's version, the day and the code that made
it: there is no login and no cookie on the public site. So each address is rendered once per version
and day, and a client that still has it gets 304.
"""

import datetime
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.module_loading import import_string

_UNCACHED = ("/admin/", "/fr/admin/", "/static/", "/healthz/")
_KEPT_HEADERS = ("Content-Type", "Content-Language", "Link", "Content-Disposition", "X-Robots-Tag")
_WORTH_COMPRESSING = 500


@dataclass(frozen=True)
class Kept:
    """One rendered answer, plain and compressed."""

    status: int
    headers: dict[str, str]
    body: bytes
    compressed: bytes
    etag: str


class ResponseCache:
    """Serves kept answers to GET and HEAD, with strong validators and gzip."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.version: Callable[[], int] = import_string(settings.REGISTER_VERSION)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or request.path_info.startswith(_UNCACHED):
            return self.get_response(request)
        key = self._key(request)
        kept: Kept | None = cache.get(key)
        if kept is None:
            response = self.get_response(request)
            if response.status_code != 200 or response.streaming or response.cookies:
                return response
            kept = _keep(response)
            cache.set(key, kept, timeout=datetime.timedelta(days=1).total_seconds())
        return _answer(request, kept)

    def _key(self, request: HttpRequest) -> str:
        address = (
            f"{request.get_host()} {request.get_full_path()} {request.META.get('HTTP_ACCEPT', '')}"
        )
        digest = hashlib.sha256(address.encode()).hexdigest()
        return f"response:{self.version()}:{timezone.localdate()}:{digest}"


def _keep(response: HttpResponse) -> Kept:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    body = response.content
    compressed = gzip.compress(body, mtime=0) if len(body) > _WORTH_COMPRESSING else b""
    etag = hashlib.sha256(body).hexdigest()[:32]
    return Kept(response.status_code, headers, body, compressed, etag)


def _answer(request: HttpRequest, kept: Kept) -> HttpResponse:
    compress = bool(kept.compressed) and "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{kept.etag}-gzip"' if compress else f'"{kept.etag}"'
    response = HttpResponse(kept.compressed if compress else kept.body, status=kept.status)
    for name, value in kept.headers.items():
        response.headers[name] = value
    if compress:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    patch_vary_headers(response, ["Accept-Encoding"])
    return get_conditional_response(request, etag=etag, response=response) or response
