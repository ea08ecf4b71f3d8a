"""Rendered responses ready to be sent: header lists and bodies, plain and compressed."""

import gzip
import hashlib
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_max_age

from .freshness import Stamp

Headers = list[tuple[str, str]]
# Scheme, host, path and query, as Django sees them.
Key = tuple[str, str, str, str]
# What one request is sent: the stamp for which it is valid, the status, headers and body.
Sent = tuple[object, str, Headers, list[bytes]]

# Browsers revalidate each time; a proxy may answer for a second, and for a day while we cannot.
FRESH = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
# Headers that are sent afresh, or are about the request that was rendered.
_DROPPED = {
    *("allow", "cache-control", "content-length", "last-modified", "ratelimit", "vary"),
    "surrogate-key",
}
# What is about the body, which a 304 has not.
_OF_BODY = {"content-type", "content-language", "content-disposition", "link", "x-robots-tag"}
# What a cached response may vary on: the language is that of the path.
_VARIES = {"", "accept-encoding", "accept-language"}
_PRIVATE = ("no-store", "private")
_WORTH_COMPRESSING = 500  # bytes
# Of the levels of gzip, the default of most servers: each body is made once for a version.
_LEVEL = 6
_OVERHEAD = 4000  # bytes of headers and of Python's objects for them


class EncodedForm:
    """A response in one encoding: plain or gzip."""

    __slots__ = ("body", "etag", "headers", "unchanged")

    def __init__(self, headers: Headers, body: bytes, etag: str, *coding: tuple[str, str]) -> None:
        validators = [("ETag", etag), ("Vary", "Accept-Encoding")]
        self.headers = [*headers, *validators, *coding, ("Content-Length", str(len(body)))]
        self.unchanged = [pair for pair in headers if pair[0].lower() not in _OF_BODY] + validators
        self.body: bytes | None = body  # None: see Answer.whole
        self.etag = etag


class Answer:
    """The response for one URL, rendered at one stamp of the register.

    `about` is its Surrogate-Key: all that it depends on besides the day.
    """

    def __init__(self, key: Key | None, stamp: Stamp, headers: Headers, response: HttpResponse):
        self.key, self.stamp, self.made = key, stamp, timezone.now()
        self.headers = [pair for pair in headers if pair[0].lower() not in _DROPPED]
        self.policy = response.headers.get("Cache-Control", FRESH)
        self.headers.append(("Cache-Control", self.policy))
        self.max_age = get_max_age(response) or 0  # of a policy that a view chose
        self.about = response.headers.get("Surrogate-Key", "")
        self.media_type = response.headers["Content-Type"].partition(";")[0]
        body = response.content
        self.digest = hashlib.sha256(body).hexdigest()[:32]
        self.plain = EncodedForm(self.headers, body, f'"{self.digest}"')
        self.packed: EncodedForm | None = None if len(body) > _WORTH_COMPRESSING else self.plain
        self.size = _OVERHEAD + len(body)
        self.requested_again = False

    def pack(self) -> EncodedForm:
        """Compress the body."""
        body = gzip.compress(self.whole(), _LEVEL, mtime=0)
        return EncodedForm(
            self.headers, body, f'"{self.digest}-gzip"', ("Content-Encoding", "gzip")
        )

    def whole(self) -> bytes:
        """The body, decompressed where only the compressed one is cached.

        That takes a seventh of the memory, and nearly all clients accept it.
        """
        body = self.plain.body
        if body is None and self.packed and self.packed.body:
            return gzip.decompress(self.packed.body)
        return body or b""

    def with_notice(self, body: bytes) -> Headers:
        """The headers of this response while the database is down and it may be outdated."""
        status = f'PactWatch; hit; detail="kept {self.made:%Y-%m-%dT%H:%M:%SZ}"'
        headers = [pair for pair in self.headers if pair[0] != "Cache-Control"]
        length = str(len(body))
        own = {"Cache-Control": "no-store", "Cache-Status": status, "Content-Length": length}
        return [*headers, *own.items()]


def is_cacheable(response: Any) -> bool:
    """Whether a response is the same for every client and may be cached."""
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200
        and not response.cookies
        and _VARIES.issuperset(map(str.strip, response.headers.get("Vary", "").lower().split(",")))
        and not any(word in response.headers.get("Cache-Control", "") for word in _PRIVATE)
        and "Content-Type" in response.headers
        and "Content-Encoding" not in response.headers
    )
