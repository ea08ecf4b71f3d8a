"""Whole public answers, kept until the register changes.

An answer depends on nothing but its address, the register's version, the day and the code that made
it: there is no login and no cookie on the public site. So each address is rendered once per version
and day, and a client that still has it gets 304.

What a client may put into a request beside the address is not part of the key: an answer that
depends on it says so with `Vary: Accept` and is not kept, and one kept goes only to clients that
accept its media type.
"""

import datetime
import gzip
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.request import MediaType
from django.utils import timezone
from django.utils.cache import has_vary_header, patch_vary_headers
from django.utils.http import parse_etags
from django.utils.module_loading import import_string

_UNCACHED = ("/admin/", "/fr/admin/", "/static/", "/healthz/")
_KEPT_HEADERS = (
    "Content-Type",
    "Content-Language",
    "Link",
    "Content-Disposition",
    "X-Robots-Tag",
    "Cache-Control",
)
# How a view tells django-csp of its own policy.
_POLICY = ("_csp_exempt", "_csp_update", "_csp_replace")
_WORTH_COMPRESSING = 500
_REFUSED = re.compile(r"\s*q=0(\.0*)?\s*")
_CODE = (".py", ".html", ".txt", ".xml", ".js", ".json", ".svg", ".ttf", ".mo")


@dataclass(frozen=True)
class Kept:
    """One rendered answer, plain and compressed."""

    headers: dict[str, str]
    policy: dict[str, Any]
    body: bytes
    compressed: bytes
    etag: str

    @property
    def media_type(self) -> str:
        return self.headers["Content-Type"].partition(";")[0]


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
        if kept is None or not _accepts(request, kept.media_type):
            response = self.get_response(request)
            if not _may_be_kept(response):
                return response
            kept = _keep(response)
            cache.set(key, kept, timeout=datetime.timedelta(days=1).total_seconds())
        return _answer(request, kept)

    def _key(self, request: HttpRequest) -> str:
        address = f"{request.scheme} {request.get_host()} {request.get_full_path()}"
        digest = hashlib.sha256(address.encode(errors="surrogatepass")).hexdigest()
        return f"response:{code()}:{self.version()}:{timezone.localdate()}:{digest}"


@once
def code() -> str:
    """What the code and templates of this process are, so that machines sharing a cache agree."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    for folder in ("companies", "pactwatch", "templates", "locale"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in _CODE:
                yield path


def _may_be_kept(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not has_vary_header(response, "Accept")
        and "no-store" not in response.headers.get("Cache-Control", "")
        and "Content-Type" in response.headers
    )


def takes(wanted: MediaType, offered: str) -> bool:
    """Whether an entry of Accept covers a media type, whatever parameters the entry has."""
    main_type, _, sub_type = offered.partition("/")
    return wanted.main_type in ("*", main_type) and wanted.sub_type in ("*", sub_type)


def _accepts(request: HttpRequest, media_type: str) -> bool:
    return any(takes(wanted, media_type) for wanted in request.accepted_types)


def _keep(response: HttpResponse) -> Kept:
    body = response.content
    return Kept(
        headers={n: response.headers[n] for n in _KEPT_HEADERS if n in response.headers},
        policy={name: getattr(response, name) for name in _POLICY if hasattr(response, name)},
        body=body,
        compressed=gzip.compress(body, mtime=0) if len(body) > _WORTH_COMPRESSING else b"",
        etag=hashlib.sha256(body).hexdigest()[:32],
    )


def _answer(request: HttpRequest, kept: Kept) -> HttpResponse:
    compress = bool(kept.compressed) and _takes_gzip(request)
    body = kept.compressed if compress else kept.body
    etag = f'"{kept.etag}-gzip"' if compress else f'"{kept.etag}"'
    response = HttpResponse()
    if _still_has(request, etag):
        response.status_code = 304
        del response.headers["Content-Type"]
    else:
        for name, value in kept.headers.items():
            response.headers[name] = value
        response.headers["Content-Length"] = str(len(body))
        if compress:
            response.headers["Content-Encoding"] = "gzip"
        if request.method == "GET":
            response.content = body
    for name, value in kept.policy.items():
        setattr(response, name, value)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = kept.headers.get(
        "Cache-Control", "public, max-age=0, must-revalidate"
    )
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    for offer in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return not _REFUSED.fullmatch(weight)
    return False


def _still_has(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match names this answer; a proxy may have weakened the tag on its way."""
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]
