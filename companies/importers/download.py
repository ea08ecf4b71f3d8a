"""Fetches one document over HTTPS, from hosts that are known beforehand and from nowhere else."""

import gzip
import hashlib
import http.client
import io
import ipaddress
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

from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

ATTEMPTS = 3
SECONDS = 10.0
MAX_BYTES = 20_000_000
MAX_REDIRECTS = 5
MAX_WAIT = 30.0
REDIRECTS = {301, 302, 303, 307, 308}
KEPT_AS_WRITTEN = "/%:@!$&'()*+,;=~?[]"

# A connection that was cut or never came about, whichever layer noticed.
NETWORK = (OSError, HTTPError, http.client.HTTPException)


@dataclass(frozen=True)
class Download:
    """One document; `content` is as unpacked, `sha256` is of it in hexadecimal.

    With `not_modified` the server has nothing newer: `content` and `sha256` are empty.
    """

    url: str  # where the redirects led
    content: bytes
    sha256: str
    etag: str
    last_modified: str
    not_modified: bool


class DownloadError(Exception):
    """No document: `url` is the address that was asked last, `code` a word for programs."""

    def __init__(self, url: str, code: str, message: str) -> None:
        super().__init__(message)
        self.url = url
        self.code = code
        self.message = message


class DownloadRefused(DownloadError):
    """Our own rules forbid it; asking again changes nothing.

    `code`: url, scheme, credentials, port, host, address, redirects, size, unpacked_size or empty.
    """


class DownloadFailed(DownloadError):
    """The network or the server failed, and did so again where another attempt made sense.

    `code`: network, timeout, certificate, status, redirect, encoding or not_modified.
    """


class _Unwell(DownloadFailed):
    """A failure that may have passed in a moment; `wait` is what the server asked for, in s."""

    def __init__(self, url: str, code: str, message: str, wait: float | None = None) -> None:
        super().__init__(url, code, message)
        self.wait = wait


# Older Pythons take some reserved addresses for public ones.
NOT_FOR_US = [
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's service for its own machines
    ipaddress.ip_network("192.0.0.0/24"),  # RFC 6890; Oracle's metadata
    ipaddress.ip_network("3fff::/20"),  # RFC 9637: documentation
]
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public_address(address: str) -> bool:
    """Whether an IP address is one of the public internet; an IPv4 inside an IPv6 decides."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public_address(str(inner))
        if ip not in GLOBAL_IPV6:
            return False
    kept_out = any(ip in network for network in NOT_FOR_US)
    return ip.is_global and not ip.is_multicast and not kept_out


def addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order to try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def download(
    url: str,
    *,
    hosts: Collection[str],
    user_agent: str,
    etag: str = "",
    last_modified: str = "",
    attempts: int = ATTEMPTS,
    seconds: float = SECONDS,
    max_bytes: int = MAX_BYTES,
    port: int = 443,
    ca_certs: str | None = None,
    is_public: Callable[[str], bool] = is_public_address,
    resolve: Callable[[str, int], list[str]] = addresses_of,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Download:
    """The document at `url`, on one of `hosts` at every hop.

    `seconds` is for one attempt in all: looking up, connecting, redirects and reading. `max_bytes`
    holds for the document as sent and as unpacked. With the `etag` and `last_modified` of an
    earlier download, the server may answer that nothing has changed. Raises DownloadRefused and
    DownloadFailed, nothing else.
    """
    headers = {
        "User-Agent": user_agent,
        "Accept": "*/*",
        "Accept-Encoding": "gzip",
        "If-None-Match": _plain(etag),
        "If-Modified-Since": _plain(last_modified),
    }
    rules = _Rules(
        hosts=frozenset(_ascii(host) for host in hosts),
        headers={name: value for name, value in headers.items() if value},
        seconds=seconds,
        max_bytes=max_bytes,
        port=port,
        ca_certs=ca_certs,
        is_public=is_public,
        resolve=resolve,
        clock=clock,
    )
    for attempt in range(1, attempts):
        try:
            return _follow(url, rules)
        except _Unwell as unwell:
            sleep(2.0**attempt / 2 if unwell.wait is None else unwell.wait)
    return _follow(url, rules)


@dataclass(frozen=True)
class _Rules:
    hosts: frozenset[str]
    headers: Mapping[str, str]
    seconds: float
    max_bytes: int
    port: int
    ca_certs: str | None
    is_public: Callable[[str], bool]
    resolve: Callable[[str, int], list[str]]
    clock: Callable[[], float]


@dataclass(frozen=True)
class _Place:
    """An address that our rules allow."""

    host: str
    authority: str
    path: str

    @property
    def url(self) -> str:
        return f"https://{self.authority}{self.path}"


def _follow(url: str, rules: _Rules) -> Download:
    """One attempt: the document at the end of the redirects."""
    ends = rules.clock() + rules.seconds
    for _hop in range(MAX_REDIRECTS + 1):
        place = _allowed(url, rules)
        with closing(_connected(place, rules, ends)) as connection:
            answer = _get(connection, place, rules)
            if not isinstance(answer, str):
                return answer
            url = answer
    message = f"The address leads on more than {MAX_REDIRECTS} times."
    raise DownloadRefused(url, "redirects", message)


def _get(connection: HTTPSConnection, place: _Place, rules: _Rules) -> Download | str:
    """The document, or the address that the server sends us to instead."""
    headers = {"Host": place.authority, **rules.headers}
    try:
        connection.request("GET", place.path, headers=headers, preload_content=False)
        response = connection.getresponse()
        with closing(response):
            if response.status in REDIRECTS:
                return _redirect(place, response)
            _expect_document(place, response, rules)
            return _document(place, response, rules)
    except NETWORK as error:
        raise _unwell(place.url, error) from error


def _redirect(place: _Place, response: BaseHTTPResponse) -> str:
    # Read as Latin-1, as all headers are; what it holds beyond ASCII is mostly UTF-8.
    location = quote(
        response.headers.get("Location", "").encode("latin-1"), safe=KEPT_AS_WRITTEN + "#"
    )
    if not location:
        raise DownloadFailed(place.url, "redirect", "The server sent us on without an address.")
    try:
        return urljoin(place.url, location)
    except ValueError as error:
        raise DownloadRefused(location, "url", "The server sent us to a broken address.") from error


# Where we may go


def _ascii(host: str) -> str:
    """A host name as it is looked up; raises UnicodeError where no such host can be."""
    return host.lower().encode("idna").decode("ascii").lower()


def _allowed(url: str, rules: _Rules) -> _Place:
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port or 443
    except ValueError as error:
        raise DownloadRefused(url, "url", f"“{url}” is not a web address.") from error
    if parts.scheme != "https":
        raise DownloadRefused(url, "scheme", f"“{url}” does not begin with https://.")
    if "@" in parts.netloc:
        raise DownloadRefused(url, "credentials", f"The address on {host} holds a login.")
    if host not in rules.hosts:
        raise DownloadRefused(url, "host", f"{host or url} is not a host we may download from.")
    if port != rules.port:
        raise DownloadRefused(url, "port", f"{host}:{port} is not on port {rules.port}.")
    return _Place(host, host if port == 443 else f"{host}:{port}", _path(parts))


def _path(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=KEPT_AS_WRITTEN)
    return path + (f"?{quote(parts.query, safe=KEPT_AS_WRITTEN)}" if parts.query else "")


def _addresses(place: _Place, rules: _Rules, ends: float) -> list[str]:
    """Where the host is, every one of its addresses being public."""
    found: list[str] = []
    trouble: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.extend(rules.resolve(place.host, rules.port))
        except (OSError, UnicodeError) as error:
            trouble.append(error)

    # The system's resolver knows no deadline, so it is left behind when ours has come.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(ends - rules.clock(), 0))
    if not found:
        raise _Unwell(place.url, "network", f"{place.host} was not found.") from next(
            iter(trouble), None
        )
    for address in found:
        if not rules.is_public(address):
            message = f"{place.host} is at {address}, which is not a public address."
            raise DownloadRefused(place.url, "address", message)
    return found


# The connection


def _connected(place: _Place, rules: _Rules, ends: float) -> HTTPSConnection:
    """A connection to an address that was checked, so that no second look-up can differ."""
    addresses = _addresses(place, rules, ends)
    context = _context(rules, ends)
    trouble: Exception = TimeoutError()
    for tried, address in enumerate(addresses):
        left = (ends - rules.clock()) / (len(addresses) - tried)
        if left <= 0:
            break
        connection = HTTPSConnection(
            address,
            rules.port,
            timeout=left,
            ssl_context=context,
            server_hostname=place.host,  # the name that the certificate must bear
        )
        try:
            connection.connect()
        except NETWORK as error:
            connection.close()
            trouble = error
        else:
            return connection
    if isinstance(trouble, ssl.SSLCertVerificationError):
        message = f"The certificate of {place.host} is not valid: {trouble.verify_message}."
        raise DownloadFailed(place.url, "certificate", message) from trouble
    raise _unwell(place.url, trouble) from trouble


def _context(rules: _Rules, ends: float) -> ssl.SSLContext:
    """TLS with certificates verified, over sockets that keep to the deadline."""

    class Punctual(ssl.SSLSocket):
        """A socket whose every wait ends when the attempt does, however slowly bytes drip."""

        def do_handshake(self, block: bool = False) -> None:
            self._keep_time()
            super().do_handshake(block)

        def recv_into(self, *args: Any, **options: Any) -> int:
            self._keep_time()
            return super().recv_into(*args, **options)

        def _keep_time(self) -> None:
            left = ends - rules.clock()
            if left <= 0:
                raise TimeoutError
            self.settimeout(left)

    context = ssl.create_default_context(cafile=rules.ca_certs)
    context.sslsocket_class = Punctual
    return context


def _unwell(url: str, error: Exception) -> _Unwell:
    host = urlsplit(url).hostname
    # urllib3 wraps the time-out of a read, and names its own for a connection.
    if any(isinstance(cause, TimeoutError) for cause in (error, error.__context__)):
        return _Unwell(url, "timeout", f"{host} took too long to answer.")
    return _Unwell(url, "network", f"The connection to {host} failed: {error}.")


# What came back


def _expect_document(place: _Place, response: BaseHTTPResponse, rules: _Rules) -> None:
    status = response.status
    if status == 200:
        return
    if status == 304:
        if {"If-None-Match", "If-Modified-Since"} & rules.headers.keys():
            return
        message = f"{place.host} says that nothing has changed, which was not the question."
        raise DownloadFailed(place.url, "not_modified", message)
    message = f"{place.host} answered with status {status}."
    if status == 429 or status >= 500:
        raise _Unwell(place.url, "status", message, _wait(response))
    raise DownloadFailed(place.url, "status", message)


def _wait(response: BaseHTTPResponse) -> float | None:
    """The seconds to wait that the server asks for, within reason; None when it does not say."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked), MAX_WAIT)
    try:
        # By the server's own clock, which is the one its date was made with.
        moment = parsedate_to_datetime(asked)
        wait = (moment - parsedate_to_datetime(response.headers.get("Date", ""))).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(wait, 0.0), MAX_WAIT)


def _document(place: _Place, response: BaseHTTPResponse, rules: _Rules) -> Download:
    if response.status == 304:
        content, sha256 = b"", ""
    else:
        content = _unpacked(place.url, response, rules)
        if not content:
            raise DownloadRefused(place.url, "empty", f"{place.host} sent an empty document.")
        sha256 = hashlib.sha256(content).hexdigest()
    return Download(
        url=place.url,
        content=content,
        sha256=sha256,
        etag=_plain(response.headers.get("ETag", "")),
        last_modified=_plain(response.headers.get("Last-Modified", "")),
        not_modified=response.status == 304,
    )


def _unpacked(url: str, response: BaseHTTPResponse, rules: _Rules) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        message = f"The document came packed as “{encoding}”, which we did not ask for."
        raise DownloadFailed(url, "encoding", message)
    sent = _sent(url, response, rules)
    if "gzip" not in encoding or not sent:
        return sent
    try:
        content = gzip.GzipFile(fileobj=io.BytesIO(sent)).read(rules.max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _Unwell(url, "encoding", "The document could not be unpacked.") from error
    if len(content) > rules.max_bytes:
        message = f"The document unpacks to more than {rules.max_bytes} bytes."
        raise DownloadRefused(url, "unpacked_size", message)
    return content


def _sent(url: str, response: BaseHTTPResponse, rules: _Rules) -> bytes:
    """The body as it travels; its length is checked when announced, then counted."""
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > rules.max_bytes:
        raise _too_large(url, rules)
    sent = bytearray()
    for chunk in response.stream(65536, decode_content=False):
        sent += chunk
        if len(sent) > rules.max_bytes:
            raise _too_large(url, rules)
    return bytes(sent)


def _too_large(url: str, rules: _Rules) -> DownloadRefused:
    return DownloadRefused(url, "size", f"The document has more than {rules.max_bytes} bytes.")


def _plain(header: str) -> str:
    """A header that can be stored and sent again as it came, else nothing."""
    return header if header.isascii() and header.isprintable() and len(header) <= 500 else ""
