"""Download one document, from public IP addresses only.

A list comes over HTTPS from a fixed set of hosts; a cited page may be on any host and on plain
HTTP.
"""

import gzip
import hashlib
import http.client
import io
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from .ip_addresses import ip_addresses, is_public_address

ATTEMPTS = 3
SECONDS = 10.0
MAX_BYTES = 20_000_000
MAX_REDIRECTS = 5
MAX_WAIT = 30.0  # seconds
CHUNK = 65536  # bytes
DEFAULT_PORTS = {"https": 443, "http": 80}
REDIRECTS = {301, 302, 303, 307, 308}
UNQUOTED = "/%:@!$&'()*+,;=~?[]"

# What each layer raises for a connection that was cut or could not be made.
NETWORK_ERRORS = (OSError, HTTPError, http.client.HTTPException)


@dataclass(frozen=True)
class Download:
    """One document, decompressed; `sha256` is its hash in hexadecimal.

    With `not_modified` the server has nothing newer: `content` and `sha256` are empty.
    """

    url: str  # after the redirects
    content: bytes
    sha256: str
    etag: str
    last_modified: str
    not_modified: bool
    content_type: str = ""


class DownloadError(Exception):
    """Nothing was downloaded; `url` is the last URL requested, `code` a fixed word.

    `status` is that of the response, 0 without one.
    """

    def __init__(self, url: str, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.url = url
        self.code = code
        self.message = message
        self.status = status


class DownloadRefused(DownloadError):
    """Our own rules forbid it, so another attempt would change nothing.

    `code`: url, scheme, credentials, port, host, address, redirects, size, unpacked_size or empty.
    """


class DownloadFailed(DownloadError):
    """The network or the server failed, in the last of all attempts that made sense.

    `code`: network, timeout, certificate, status, redirect, encoding or not_modified.
    """


class _TemporaryFailure(DownloadFailed):
    """A failure worth another attempt after `wait` seconds, if the server names a time."""

    def __init__(
        self, url: str, code: str, message: str, wait: float | None = None, *, status: int = 0
    ) -> None:
        super().__init__(url, code, message, status=status)
        self.wait = wait


def download(
    url: str,
    *,
    hosts: Collection[str] | None,
    user_agent: str,
    etag: str = "",
    last_modified: str = "",
    attempts: int = ATTEMPTS,
    seconds: float = SECONDS,
    max_bytes: int = MAX_BYTES,
    port: int = 443,
    http_port: int | None = None,
    ca_certs: str | None = None,
    is_public: Callable[[str], bool] = is_public_address,
    resolve: Callable[[str, int], list[str]] = ip_addresses,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Download:
    """Download `url`; every redirect must lead to one of `hosts`, too; None allows any.

    Only HTTPS on `port` is allowed, and plain HTTP where `http_port` says on which port.
    `seconds` limits one attempt as a whole: name look-up, connection, redirects and reading.
    `max_bytes` limits the document as sent and as decompressed. With the `etag` and
    `last_modified` of an earlier download, the server may answer that nothing has changed. Raises
    DownloadRefused and DownloadFailed, nothing else.
    """
    headers = {
        "User-Agent": user_agent,
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "If-None-Match": _storable(etag),
        "If-Modified-Since": _storable(last_modified),
    }
    rules = Rules(
        hosts=None if hosts is None else frozenset(_ascii(host) for host in hosts),
        headers={name: value for name, value in headers.items() if value},
        seconds=seconds,
        max_bytes=max_bytes,
        ports={"https": port} | ({"http": http_port} if http_port else {}),
        ca_certs=ca_certs,
        is_public=is_public,
        resolve=resolve,
        clock=clock,
    )
    for attempt in range(1, attempts):
        try:
            return _attempt(url, rules)
        except _TemporaryFailure as failure:
            sleep(2.0**attempt / 2 if failure.wait is None else failure.wait)
    return _attempt(url, rules)


@dataclass(frozen=True)
class Rules:
    hosts: frozenset[str] | None
    headers: Mapping[str, str]
    seconds: float
    max_bytes: int
    ports: Mapping[str, int]  # of each scheme
    ca_certs: str | None
    is_public: Callable[[str], bool]
    resolve: Callable[[str, int], list[str]]
    clock: Callable[[], float]


@dataclass(frozen=True)
class Target:
    """A URL that passed the rules, in its parts."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def _attempt(url: str, rules: Rules) -> Download:
    """Follow the redirects from `url` to the document."""
    deadline = rules.clock() + rules.seconds
    for _hop in range(MAX_REDIRECTS + 1):
        target = target_of(url, rules)
        with closing(connect(target, rules, deadline)) as connection:
            answer = _get(connection, target, rules)
            if isinstance(answer, Download):
                return answer
            url = answer
    message = f"The address leads on more than {MAX_REDIRECTS} times."
    raise DownloadRefused(url, "redirects", message)


def _get(connection: HTTPConnection, target: Target, rules: Rules) -> Download | str:
    """The document, or the URL to which the server redirects."""
    headers = {"Host": target.authority, **rules.headers}
    try:
        connection.request("GET", target.path, headers=headers, preload_content=False)
        response = connection.getresponse()
        with closing(response):
            if response.status in REDIRECTS:
                return _location(target, response)
            _check_status(target, response, rules)
            return _document(target, response, rules)
    except NETWORK_ERRORS as error:
        raise network_failure(target.url, error) from error


# The URL


def _ascii(host: str) -> str:
    """A host name as the resolver takes it; raises UnicodeError for an impossible name."""
    return host.lower().encode("idna").decode("ascii").lower()


def target_of(url: str, rules: Rules) -> Target:
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError as error:
        raise DownloadRefused(url, "url", f"“{url}” is not a web address.") from error
    allowed = rules.ports.get(parts.scheme)
    if allowed is None:
        begins = " or ".join(f"{scheme}://" for scheme in rules.ports)
        raise DownloadRefused(url, "scheme", f"“{url}” does not begin with {begins}.")
    if "@" in parts.netloc:
        raise DownloadRefused(url, "credentials", f"The address on {host} holds a login.")
    if not host or (rules.hosts is not None and host not in rules.hosts):
        raise DownloadRefused(url, "host", f"{host or url} is not a host we may download from.")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if port != allowed:
        raise DownloadRefused(url, "port", f"{host}:{port} is not on port {allowed}.")
    return Target(parts.scheme, host, port, _path(parts))


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=UNQUOTED)
    return path + (f"?{quote(parts.query, safe=UNQUOTED)}" if parts.query else "")


def _location(target: Target, response: BaseHTTPResponse) -> str:
    # Headers are decoded as Latin-1, but beyond ASCII most servers send UTF-8.
    header = response.headers.get("Location", "").encode("latin-1")
    location = quote(header, safe=UNQUOTED + "#")
    if not location:
        raise DownloadFailed(target.url, "redirect", "The server sent us on without an address.")
    try:
        return urljoin(target.url, location)
    except ValueError as error:
        raise DownloadRefused(location, "url", "The server sent us to a broken address.") from error


# The connection


def connect(target: Target, rules: Rules, deadline: float) -> HTTPConnection:
    """Connect to an IP address that was checked: the name is not looked up a second time."""
    addresses = public_addresses(target, rules, deadline)
    limit = _Limit(deadline, rules.clock)
    context = _tls_context(rules, limit) if target.scheme == "https" else None
    last_error: Exception = TimeoutError()
    for tried, address in enumerate(addresses):
        left = limit.left / (len(addresses) - tried)
        if left <= 0:
            break
        connection = _connection(target, address, left, limit, context)
        try:
            connection.connect()
        except NETWORK_ERRORS as error:
            connection.close()
            last_error = error
        else:
            return connection
    raise _connection_failure(target, last_error) from last_error


def _connection(
    target: Target, address: str, left: float, limit: "_Limit", context: ssl.SSLContext | None
) -> HTTPConnection:
    if context is None:
        return _PlainConnection(address, target.port, timeout=left, limit=limit)
    return HTTPSConnection(
        address,
        target.port,
        timeout=left,
        ssl_context=context,
        server_hostname=target.host,  # the name that the certificate must have
    )


def public_addresses(target: Target, rules: Rules, deadline: float) -> list[str]:
    """The IP addresses of the host, all of which must be public."""
    found = _look_up(target, rules, deadline)
    for address in found:
        if not rules.is_public(address):
            message = f"{target.host} is at {address}, which is not a public address."
            raise DownloadRefused(target.url, "address", message)
    return found


def _look_up(target: Target, rules: Rules, deadline: float) -> list[str]:
    """Resolve the host in a thread, since the system's resolver takes no deadline."""
    found: list[str] = []
    errors: list[OSError | UnicodeError] = []

    def resolve() -> None:
        try:
            found.extend(rules.resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(max(deadline - rules.clock(), 0))
    if not found:
        failure = _TemporaryFailure(target.url, "network", f"{target.host} was not found.")
        raise failure from next(iter(errors), None)
    return found


@dataclass(frozen=True)
class _Limit:
    """The deadline of one attempt: every wait ends at it, however slowly bytes arrive."""

    deadline: float
    clock: Callable[[], float]

    @property
    def left(self) -> float:
        return self.deadline - self.clock()

    def set_on(self, waiting: socket.socket) -> None:
        left = self.left
        if left <= 0:
            raise TimeoutError
        waiting.settimeout(left)


def _tls_context(rules: Rules, limit: _Limit) -> ssl.SSLContext:
    """A context that verifies certificates, and whose sockets end every wait at the limit."""

    class DeadlineSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            limit.set_on(self)
            super().do_handshake(block)

        def recv_into(self, *args: Any, **options: Any) -> int:
            limit.set_on(self)
            return super().recv_into(*args, **options)

    context = ssl.create_default_context(cafile=rules.ca_certs)
    context.sslsocket_class = DeadlineSocket
    return context


class _PlainConnection(HTTPConnection):
    """A connection without TLS whose every wait ends at the limit."""

    def __init__(self, *args: Any, limit: _Limit, **options: Any) -> None:
        super().__init__(*args, **options)
        self.limit = limit

    def _new_conn(self) -> socket.socket:
        limit = self.limit

        class PlainDeadlineSocket(socket.socket):
            def recv_into(self, *args: Any, **options: Any) -> int:
                limit.set_on(self)
                return super().recv_into(*args, **options)

        return PlainDeadlineSocket(fileno=super()._new_conn().detach())


def _connection_failure(target: Target, error: Exception) -> DownloadFailed:
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"The certificate of {target.host} is not valid: {error.verify_message}."
        return DownloadFailed(target.url, "certificate", message)
    return network_failure(target.url, error)


def network_failure(url: str, error: Exception) -> _TemporaryFailure:
    host = urlsplit(url).hostname
    # urllib3 wraps a timeout while reading, and has its own for connecting.
    if any(isinstance(cause, TimeoutError) for cause in (error, error.__context__)):
        return _TemporaryFailure(url, "timeout", f"{host} took too long to answer.")
    return _TemporaryFailure(url, "network", f"The connection to {host} failed: {error}.")


# The response


def _check_status(target: Target, response: BaseHTTPResponse, rules: Rules) -> None:
    status = response.status
    if status == 200:
        return
    if status == 304:
        if {"If-None-Match", "If-Modified-Since"} & rules.headers.keys():
            return
        message = f"{target.host} says that nothing has changed, which was not the question."
        raise DownloadFailed(target.url, "not_modified", message)
    message = f"{target.host} answered with status {status}."
    if status == 429 or status >= 500:
        wait = retry_after(response)
        raise _TemporaryFailure(target.url, "status", message, wait, status=status)
    raise DownloadFailed(target.url, "status", message, status=status)


def retry_after(response: BaseHTTPResponse) -> float | None:
    """The seconds that the server wants us to wait, at most MAX_WAIT; None if it does not say."""
    header = response.headers.get("Retry-After", "").strip()
    if header.isascii() and header.isdigit():
        return min(float(header), MAX_WAIT)
    try:
        # Relative to the server's own clock, from which the date comes.
        now = parsedate_to_datetime(response.headers.get("Date", ""))
        wait = (parsedate_to_datetime(header) - now).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(wait, 0.0), MAX_WAIT)


def _document(target: Target, response: BaseHTTPResponse, rules: Rules) -> Download:
    if response.status == 304:
        content, sha256 = b"", ""
    else:
        content = _content(target.url, response, rules)
        if not content:
            raise DownloadRefused(target.url, "empty", f"{target.host} sent an empty document.")
        sha256 = hashlib.sha256(content).hexdigest()
    return Download(
        url=target.url,
        content=content,
        sha256=sha256,
        etag=_storable(response.headers.get("ETag", "")),
        last_modified=_storable(response.headers.get("Last-Modified", "")),
        not_modified=response.status == 304,
        content_type=_storable(response.headers.get("Content-Type", "")),
    )


def _content(url: str, response: BaseHTTPResponse, rules: Rules) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        message = f"The document came packed as “{encoding}”, which we did not ask for."
        raise DownloadFailed(url, "encoding", message)
    body = _body(url, response, rules)
    return _decompress(url, body, rules) if body and "gzip" in encoding else body


def _body(url: str, response: BaseHTTPResponse, rules: Rules) -> bytes:
    """The body as sent; Content-Length is checked before, the bytes while they arrive."""
    too_large = DownloadRefused(url, "size", f"The document has more than {rules.max_bytes} bytes.")
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > rules.max_bytes:
        raise too_large
    body = bytearray()
    for chunk in response.stream(CHUNK, decode_content=False):
        body += chunk
        if len(body) > rules.max_bytes:
            raise too_large
    return bytes(body)


def _decompress(url: str, body: bytes, rules: Rules) -> bytes:
    try:
        content = gzip.GzipFile(fileobj=io.BytesIO(body)).read(rules.max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _TemporaryFailure(url, "encoding", "The document could not be unpacked.") from error
    if len(content) > rules.max_bytes:
        message = f"The document unpacks to more than {rules.max_bytes} bytes."
        raise DownloadRefused(url, "unpacked_size", message)
    return content


def _storable(header: str) -> str:
    """A header that can be stored and sent back unchanged, else ""."""
    return header if header.isascii() and header.isprintable() and len(header) <= 500 else ""
