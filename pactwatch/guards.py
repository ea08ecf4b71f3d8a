"""Refuse requests that Django would answer with a 500, and forms that other sites send."""

import codecs
import io
import re
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

from .measuring.request_ids import current
from .outages import WHY_AWAY
from .problems import API_PREFIX, problem
from .response_cache.accepting import can_be_read

METHODS = ("GET", "HEAD", "OPTIONS", "POST")
WRITES = ("DELETE", "PATCH", "PUT")
# The admin's views take any method for a GET.
OF_THE_DESK = re.compile(r"/(?:[a-z]{2}/)?admin/")
# A server has four threads. So many may wait for bodies; other requests wait so long for one.
_readers = BoundedSemaphore(2)
PATIENCE = 0.2  # seconds
LARGEST_BODY = 12 * 1024 * 1024
UNREAD = "pactwatch.unread"  # of the environment: a status and a sentence
LENGTH = re.compile(r"[0-9]{0,18}")  # Python reads no number of thousands of digits


class RefuseMalformedRequests:
    """Middleware that answers malformed requests and unknown methods before any view does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        methods = methods_of(request)
        if request.method not in methods and not _answered_by_the_api(request):
            fault = f"This site answers to {', '.join(methods)}."
            return refused(request, 405, fault, headers={"Allow": ", ".join(methods)})
        if settings.SECURE_SSL_REDIRECT and is_api(request) and not request.is_secure():
            # A program that is led on to HTTPS begins in the clear the next time too.
            return refused(request, 403, f"The API speaks HTTPS alone: {settings.SITE_URL}/api/v1/")
        if malformed := fault_of(request):
            return refused(request, 400, malformed)
        if UNREAD in request.META:
            status, fault = request.META[UNREAD]
            return refused(request, status, fault, headers={"Retry-After": "5"})
        if WHY_AWAY in request.META:
            raise request.META[WHY_AWAY]
        return self.get_response(request)


def methods_of(request: HttpRequest) -> list[str]:
    is_desk = OF_THE_DESK.match(request.path_info)
    return [method for method in METHODS if method != "OPTIONS" or not is_desk]


def _answered_by_the_api(request: HttpRequest) -> bool:
    """Whether a write goes to the API, where REST framework lists the methods that a URL allows."""
    return is_api(request) and request.method in WRITES


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API_PREFIX)


def refused(
    request: HttpRequest, status: int, fault: str, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    if is_api(request):
        return problem(request, status, fault, headers=headers)
    plain = "text/plain; charset=utf-8"
    return HttpResponse(f"{fault}\n", status=status, content_type=plain, headers=headers)


class LenientRequest(WSGIRequest):
    """A request that accepts any Content-Type, so that the middleware can refuse it.

    Django's own request decodes the query with the encoding that the client names at once.
    """

    def _set_content_type_params(self, meta: Mapping[str, Any]) -> None:
        try:
            found = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            found = "", {"charset": "?"}
        self.content_type, self.content_params = found


class Application(WSGIHandler):
    """WSGI application that reads request bodies before Django: slow senders block nobody."""

    request_class = LenientRequest

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        current.environ = environ
        if environ["REQUEST_METHOD"] == "POST":
            environ["wsgi.input"] = _body(environ)
        return super().__call__(environ, start_response)


def _body(environ: dict[str, Any]) -> io.BytesIO:
    """The whole request body; empty if it could not be read, with the reason in `UNREAD`."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not LENGTH.fullmatch(length) or int(length) > LARGEST_BODY:
        environ[UNREAD] = (413, "The body is larger than any form of this site.")
    elif not _readers.acquire(timeout=PATIENCE):
        environ[UNREAD] = (503, "Too many are sending slowly. Please try again in a few seconds.")
    else:
        try:
            return io.BytesIO(environ["wsgi.input"].read(int(length)))
        except OSError:
            environ[UNREAD] = (400, "The body did not arrive.")
        finally:
            _readers.release()
    return io.BytesIO()


def fault_of(request: HttpRequest) -> str | None:
    """Why a request cannot be answered, whatever it is for."""
    query = unquote_to_bytes(request.META.get("QUERY_STRING", ""))
    if "\0" in request.path_info or b"\0" in query:
        return "The address holds a NUL byte, which no text on this site does."
    if is_api(request) and not _is_utf8(query):
        return "The query is not in UTF-8."
    if not LENGTH.fullmatch(request.META.get("CONTENT_LENGTH") or ""):
        return "The Content-Length is no number of bytes."
    charset = (request.content_params or {}).get("charset")
    if charset and _codec(charset) != "utf-8":
        return f"The body is said to be in {charset[:40]!r}. Please send UTF-8."
    if not can_be_read(request.META.get("HTTP_ACCEPT", "*/*")):
        return "The Accept header cannot be read."
    try:
        request.get_host()
    except DisallowedHost:
        return "This site does not answer to the host name asked for."
    return None


def _is_utf8(query: bytes) -> bool:
    """Whether the query is valid UTF-8; Django would silently replace invalid bytes."""
    try:
        query.decode()
    except UnicodeDecodeError:
        return False
    return True


def _codec(charset: str) -> str | None:
    try:
        return codecs.lookup(charset).name
    except (LookupError, ValueError):
        return None


def is_cross_site(request: HttpRequest) -> bool:
    """Whether the browser says that another site sent the request.

    For forms without a cookie, which Django's CSRF token could not protect.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if not origin:
        return False
    try:
        return urlsplit(origin).netloc != request.get_host()
    except ValueError:
        return True
