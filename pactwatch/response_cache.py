"""Caches whole public responses until the register changes.

A response depends on its URL, the version of the register, the day and the code alone: the public
site has no login and no cookie. So each URL is rendered once per version and day, and a client
that still has the response gets 304.

While the database is away, the newest response of a URL is served, with a notice that says so.

Request headers are not part of the cache key. A response that depends on Accept says so in Vary
and is not cached; a cached one is served only to clients that accept its media type.
"""

import datetime
import gzip
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache as once
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.request import MediaType
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import has_vary_header, patch_vary_headers
from django.utils.http import parse_etags
from django.utils.module_loading import import_string
from django.utils.translation import get_language_from_path, override

from .outages import Patient, is_outage, reopen_replaced_file

_WITHOUT_DATABASE = ("/static/", "/healthz")
_UNCACHED = ("/admin/", "/fr/admin/")
_CACHED_HEADERS = (
    "Content-Type",
    "Content-Language",
    "Link",
    "Content-Disposition",
    "X-Robots-Tag",
    "Cache-Control",
)
# The attributes with which a view overrides the policy of django-csp, or may be framed.
_POLICY = ("_csp_exempt", "_csp_update", "_csp_replace", "xframe_options_exempt")
_WORTH_COMPRESSING = 500  # bytes
DAY = datetime.timedelta(days=1).total_seconds()
# Browsers ask each time; a proxy may answer for a second, and for a day while we cannot.
FRESH = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
PLACE = b"<!-- notice -->"  # in base.html
_REFUSED = re.compile(r"\s*q=0(\.0*)?\s*")
_CODE = (".py", ".html", ".txt", ".xml", ".js", ".json", ".svg", ".ttf", ".mo")


@dataclass(frozen=True)
class CachedResponse:
    """One rendered response, plain and compressed."""

    headers: dict[str, str]
    policy: dict[str, Any]
    body: bytes
    compressed: bytes
    etag: str

    @property
    def media_type(self) -> str:
        return self.headers["Content-Type"].partition(";")[0]


class ResponseCache:
    """Middleware that serves GET and HEAD from the cache, with strong ETags and gzip."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.version = Patient(import_string(settings.REGISTER_VERSION))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(_WITHOUT_DATABASE):
            return self.get_response(request)
        if request.method not in ("GET", "HEAD") or request.path_info.startswith(_UNCACHED):
            reopen_replaced_file()
            if self.version.is_away:
                self.version()
            return self.get_response(request)
        url = _digest(request)
        try:
            reopen_replaced_file()
            version = self.version()
            request.register_version = version  # type: ignore[attr-defined]  # an attribute of ours
            key = f"response:{code_version()}:{version}:{timezone.localdate()}:{url}"
        except Exception as error:
            if is_outage(error) and (kept := _last_good(request, url)):
                return kept
            raise
        return self._answer(request, key, url)

    def _answer(self, request: HttpRequest, key: str, url: str) -> HttpResponse:
        cached: CachedResponse | None = _get(key)
        if cached is None or not _accepts(request, cached.media_type):
            response = self.get_response(request)
            if not _is_cacheable(response):
                went_away = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
                return (went_away and _last_good(request, url)) or response
            cached = _cached(response)
            _set(key, cached)
            _set(f"last:{url}", (key, timezone.now()))
        return _respond(request, cached)


def _get(key: str) -> Any:
    with _cache_may_be_away():
        return cache.get(key)
    return None


def _set(key: str, value: Any) -> None:
    with _cache_may_be_away():
        cache.set(key, value, timeout=DAY)


@contextmanager
def _cache_may_be_away() -> Iterator[None]:
    """Go on where the cache's server is away or its folder is full: the page is made anew."""
    try:
        yield
    except Exception as error:
        if not is_outage(error):
            raise


def _digest(request: HttpRequest) -> str:
    url = f"{request.scheme} {request.get_host()} {request.get_full_path()}"
    return hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()


def _last_good(request: HttpRequest, url: str) -> HttpResponse | None:
    """The newest response that was kept for a URL, with the time at which it was made."""
    key, made = _get(f"last:{url}") or ("", None)
    cached: CachedResponse | None = _get(key)
    if made is None or cached is None or not _accepts(request, cached.media_type):
        return None
    language = get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with override(language):
        notice = render_to_string("_last_good.html", {"made": made}).encode()
    response = HttpResponse(cached.body.replace(PLACE, notice, 1), headers=cached.headers)
    for name, value in cached.policy.items():
        setattr(response, name, value)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cache-Status"] = f'PactWatch; hit; detail="kept {made:%Y-%m-%dT%H:%M:%SZ}"'
    return response


@once
def code_version() -> str:
    """A hash of code and templates, so that machines with a shared cache agree."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    for folder in ("accounts", "companies", "pactwatch", "templates", "locale"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in _CODE:
                yield path


def _is_cacheable(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not has_vary_header(response, "Accept")
        and "no-store" not in response.headers.get("Cache-Control", "")
        and "Content-Type" in response.headers
    )


def matches(accepted: MediaType, offered: str) -> bool:
    """Whether an entry of Accept matches a media type, ignoring its parameters."""
    main_type, _, sub_type = offered.partition("/")
    return accepted.main_type in ("*", main_type) and accepted.sub_type in ("*", sub_type)


def _accepts(request: HttpRequest, media_type: str) -> bool:
    return any(matches(accepted, media_type) for accepted in request.accepted_types)


def _cached(response: HttpResponse) -> CachedResponse:
    body = response.content
    return CachedResponse(
        headers={n: response.headers[n] for n in _CACHED_HEADERS if n in response.headers},
        policy={name: getattr(response, name) for name in _POLICY if hasattr(response, name)},
        body=body,
        compressed=gzip.compress(body, mtime=0) if len(body) > _WORTH_COMPRESSING else b"",
        etag=hashlib.sha256(body).hexdigest()[:32],
    )


def _respond(request: HttpRequest, cached: CachedResponse) -> HttpResponse:
    compress = bool(cached.compressed) and _accepts_gzip(request)
    etag = f'"{cached.etag}-gzip"' if compress else f'"{cached.etag}"'
    if _etag_matches(request, etag):
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    else:
        response = _full_response(cached, compress=compress, with_body=request.method == "GET")
    for name, value in cached.policy.items():
        setattr(response, name, value)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cached.headers.get("Cache-Control", FRESH)
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _full_response(cached: CachedResponse, *, compress: bool, with_body: bool) -> HttpResponse:
    body = cached.compressed if compress else cached.body
    response = HttpResponse(body if with_body else b"", headers=cached.headers)
    response.headers["Content-Length"] = str(len(body))
    if compress:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _accepts_gzip(request: HttpRequest) -> bool:
    for offer in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return not _REFUSED.fullmatch(weight)
    return False


def _etag_matches(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match has this ETag; a proxy may have made it weak."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]
