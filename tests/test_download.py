"""Downloads, from a TLS server on this machine."""

import gzip
import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from companies.importers.download import DownloadFailed, DownloadRefused, download
from companies.importers.ip_addresses import is_public_address

CERTIFICATE = Path(__file__).parent / "certificate_for_tests_only.pem"
LIST, OTHER = "list.example", "other.example"
PAGE = b"<h1>Signatories</h1>"


def an_answer(status: str = "200 OK", body: bytes = PAGE, **headers: str) -> bytes:
    """One HTTP response; header names are written with underscores."""
    fields = {"Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    return an_answer(status, b"", Location=to)


class Server:
    """A TLS server that sends its answers one by one and repeats the last.

    An answer may be a list of pieces, sent with `pause` seconds between them. `requests` are
    the heads of the requests it received.
    """

    def __init__(self, *answers: bytes | list[bytes], pause: float = 0) -> None:
        self.answers = [*answers]
        self.pause = pause
        self.requests: list[str] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(CERTIFICATE)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return  # the test has ended
            try:
                with self.context.wrap_socket(connection, server_side=True) as secure:
                    self.answer(secure)
            except OSError:
                connection.close()  # the client closed it

    def answer(self, secure: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = secure.recv(65536)
            if not received:
                return
            head += received
        self.requests.append(head.decode())
        answer = self.reply(head.decode())
        for piece in answer if isinstance(answer, list) else [answer]:
            secure.sendall(piece)
            time.sleep(self.pause)

    def reply(self, head: str) -> bytes | list[bytes]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def serving(
    *answers: bytes | list[bytes], pause: float = 0, kind: type[Server] = Server
) -> AbstractContextManager[Server]:
    return serving_from(kind(*answers, pause=pause))


class PlainServer(Server):
    """The same without TLS."""

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
                with connection:
                    self.answer(connection)
            except ConnectionError:
                continue  # the client closed it
            except OSError:
                return  # the test has ended


@contextmanager
def serving_from(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(5)


def fetch(server: Server, path: str = "/list", *, host: str = LIST, **options):
    """Download from the test server as if its address were public and its certificate trusted."""
    return download(
        f"https://{host}:{server.port}{path}",
        **{
            "hosts": [LIST, OTHER],
            "user_agent": "PactWatch/1 (+https://pactwatch.example/about)",
            "port": server.port,
            "ca_certs": str(CERTIFICATE),
            "resolve": lambda host, port: ["127.0.0.1"],
            "is_public": lambda address: address == "127.0.0.1",
            "sleep": lambda seconds: None,
        }
        | options,
    )


# Success


def test_a_download_has_content_hash_etag_and_last_modified():
    date = "Wed, 25 Sep 2024 10:00:00 GMT"
    with serving(an_answer(ETag='"v1"', Last_Modified=date)) as server:
        found = fetch(server, "/list?page=1#top")
    assert found.content == PAGE
    assert found.sha256 == hashlib.sha256(PAGE).hexdigest()
    assert (found.etag, found.last_modified, found.not_modified) == ('"v1"', date, False)
    assert found.url == f"https://{LIST}:{server.port}/list?page=1"


def test_the_request_has_a_user_agent_and_no_cookies():
    with serving(an_answer(Set_Cookie="a=1")) as server:
        fetch(server)
        fetch(server)
    first, second = server.requests
    assert first == second
    assert first.splitlines() == [
        "GET /list HTTP/1.1",
        f"Host: {LIST}:{server.port}",
        "User-Agent: PactWatch/1 (+https://pactwatch.example/about)",
        "Accept: */*",
        "Accept-Encoding: gzip",
        "",
    ]


def test_a_conditional_request_may_be_answered_with_not_modified():
    date = "Wed, 25 Sep 2024 10:00:00 GMT"
    with serving(b"HTTP/1.1 304 Not Modified\r\n\r\n") as server:
        found = fetch(server, etag='"v1"', last_modified=date)
    assert 'If-None-Match: "v1"\r\n' in server.requests[0]
    assert f"If-Modified-Since: {date}\r\n" in server.requests[0]
    assert (found.not_modified, found.content, found.sha256) == (True, b"", "")


def test_not_modified_fails_when_the_request_was_not_conditional():
    answer = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    with serving(answer) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server)
    assert failed.value.code == "not_modified"


def test_an_etag_with_a_line_break_is_not_sent():
    with serving(an_answer()) as server:
        fetch(server, etag='"v1"\r\nCookie: a=1')
    assert "v1" not in server.requests[0]


def test_a_gzipped_document_is_decompressed():
    with serving(an_answer(body=gzip.compress(PAGE), Content_Encoding="gzip")) as server:
        assert fetch(server).content == PAGE


def test_a_chunked_document_is_joined():
    body = b"4\r\n<h1>\r\n5\r\nHello\r\n0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(head + body) as server:
        assert fetch(server).content == b"<h1>Hello"


def test_a_redirect_to_another_allowed_host_is_followed():
    with serving(b"", an_answer()) as server:
        server.answers[0] = redirect(f"https://{OTHER}:{server.port}/new list/é#top")
        found = fetch(server)
    assert found.url == f"https://{OTHER}:{server.port}/new%20list/%C3%A9"
    assert f"Host: {OTHER}:{server.port}\r\n" in server.requests[1]


def test_five_redirects_are_followed_and_a_sixth_is_not():
    hops = [redirect(f"/{hop}") for hop in range(6)]
    with serving(*hops[:5], an_answer()) as server:
        assert fetch(server).url.endswith("/4")
    with serving(*hops, an_answer()) as server, pytest.raises(DownloadRefused) as refused:
        fetch(server)
    assert refused.value.code == "redirects"
    assert len(server.requests) == 6


def test_hosts_are_compared_in_their_ascii_form():
    resolved = []

    def resolve(host: str, port: int) -> list[str]:
        resolved.append(host)
        return ["10.0.0.1"]

    with pytest.raises(DownloadRefused):
        download(
            "https://BÜCHER.example/", hosts=["bücher.EXAMPLE"], user_agent="x", resolve=resolve
        )
    assert resolved == ["xn--bcher-kva.example"]


# Refusals


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://list.example/", "scheme"),
        ("ftp://list.example/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("//list.example/", "scheme"),
        ("", "scheme"),
        ("https:///list", "host"),
        ("https://evil.example/", "host"),
        ("https://list.example.evil.example/", "host"),
        ("https://sub.list.example/", "host"),
        ("https://list.example./", "host"),
        ("https://127.0.0.1/", "host"),
        ("https://2130706433/", "host"),
        ("https://[::1]/", "host"),
        ("https://list.example@evil.example/", "credentials"),
        ("https://user:pass@list.example/", "credentials"),
        ("https://list.example\\@evil.example/", "credentials"),
        ("https://list.example:8443/", "port"),
        ("https://list.example:80/", "port"),
        ("https://list.example:x/", "url"),
        ("https://list.example:99999/", "url"),
        ("https://[list.example/", "url"),
        (f"https://{'a' * 64}.example/", "url"),
        ("https://a..example/", "url"),
    ],
)
def test_a_url_that_is_not_allowed_is_refused_before_any_name_lookup(url, code):
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(DownloadRefused) as refused:
        download(url, hosts=[LIST], user_agent="x", resolve=resolve)
    assert (refused.value.code, refused.value.url) == (code, url)


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://list.example/", "scheme"),
        ("https://evil.example/", "host"),
        ("//evil.example/", "host"),
        ("https://user@list.example/", "credentials"),
        ("https://list.example:1/", "port"),
        ("https://[", "url"),
        ("file:///etc/passwd", "scheme"),
    ],
)
def test_a_redirect_to_a_url_that_is_not_allowed_is_refused(location, code):
    with serving(redirect(location)) as server, pytest.raises(DownloadRefused) as refused:
        fetch(server)
    assert refused.value.code == code
    assert len(server.requests) == 1


def test_a_redirect_to_an_allowed_host_with_a_private_address_is_refused():
    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == LIST else ["192.168.1.1"]

    with serving(b"") as server:
        server.answers[0] = redirect(f"https://{OTHER}:{server.port}/")
        with pytest.raises(DownloadRefused) as refused:
            fetch(server, resolve=resolve)
    assert refused.value.code == "address"
    assert refused.value.message == (
        "other.example is at 192.168.1.1, which is not a public address."
    )


def test_a_host_with_one_private_address_among_public_ones_is_refused():
    with serving(an_answer()) as server, pytest.raises(DownloadRefused) as refused:
        fetch(server, resolve=lambda host, port: ["127.0.0.1", "10.0.0.1"])
    assert refused.value.code == "address"
    assert server.requests == []


def test_the_name_is_looked_up_once():
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    with serving(an_answer()) as server:
        assert fetch(server, resolve=lambda host, port: answers.pop(0)).content == PAGE
    assert answers == [["10.0.0.1"]]


def test_the_loopback_address_is_refused_by_default():
    with serving(an_answer()) as server, pytest.raises(DownloadRefused) as refused:
        fetch(server, is_public=is_public_address)
    assert refused.value.code == "address"
    assert server.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "168.63.129.16",
        "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1",
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
        "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:db8::1", "3fff::1",
        "2002:7f00:1::", "2002:a00:1::1",
        "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_is_public_address_refuses_private_and_reserved_addresses(address):
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "147.67.34.45", "2a01:7080:24::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
     "2002:808:808::1"],
)  # fmt: skip
def test_is_public_address_accepts_public_addresses(address):
    assert is_public_address(address)


def test_a_content_length_above_the_limit_is_refused():
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 20000001\r\n\r\n"
    with serving(head) as server, pytest.raises(DownloadRefused) as refused:
        fetch(server)
    assert refused.value.code == "size"
    assert refused.value.message == "The document has more than 20000000 bytes."


@pytest.mark.parametrize("length", [{}, {"Transfer-Encoding": "chunked"}])
def test_a_document_that_grows_beyond_the_limit_is_refused(length):
    head = "".join(f"{name}: {value}\r\n" for name, value in length.items())
    piece = b"3e8\r\n" + b"x" * 1000 + b"\r\n" if length else b"x" * 1000
    answer = [f"HTTP/1.1 200 OK\r\n{head}\r\n".encode(), piece * 100]
    with serving(answer) as server, pytest.raises(DownloadRefused) as refused:
        fetch(server, max_bytes=10_000)
    assert refused.value.code == "size"


def test_an_endless_chunk_size_fails():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;"
    with serving([head, b"x" * 2_000_000]) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server, attempts=1)
    assert failed.value.code == "network"


@pytest.mark.parametrize("copies", [1, 3])
def test_a_document_that_decompresses_to_more_than_the_limit_is_refused(copies):
    bomb = gzip.compress(b"0" * 4_000) * copies
    answer = an_answer(body=bomb, Content_Encoding="gzip")
    with serving(answer) as server, pytest.raises(DownloadRefused) as refused:
        fetch(server, max_bytes=copies * 4_000 - 1)
    assert refused.value.code == "unpacked_size"


def test_an_empty_document_is_refused():
    empty = [an_answer(body=b""), an_answer(body=gzip.compress(b""), Content_Encoding="gzip")]
    for answer in empty:
        with serving(answer) as server, pytest.raises(DownloadRefused) as refused:
            fetch(server)
        assert refused.value.code == "empty"


# Failures


@pytest.mark.parametrize("status", ["401 No", "403 No", "404 Not Found", "410 Gone"])
def test_a_client_error_fails_without_another_attempt(status):
    with serving(an_answer(status)) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server)
    assert len(server.requests) == 1
    assert (failed.value.code, failed.value.url) == (
        "status",
        f"https://{LIST}:{server.port}/list",
    )
    assert failed.value.message == f"list.example answered with status {status[:3]}."


@pytest.mark.parametrize("status", ["204 No Content", "206 Partial Content", "300 Choices"])
def test_a_success_other_than_200_fails_without_another_attempt(status):
    with serving(an_answer(status)) as server, pytest.raises(DownloadFailed):
        fetch(server)
    assert len(server.requests) == 1


def test_a_server_error_is_retried_after_a_pause():
    waits: list[float] = []
    busy = an_answer("503 Busy")
    with serving(busy, an_answer("500 Broken"), an_answer()) as server:
        assert fetch(server, sleep=waits.append).content == PAGE
    assert waits == [1, 2]


def test_a_server_error_fails_after_three_attempts():
    with serving(an_answer("502 Bad Gateway")) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server)
    assert failed.value.message == "list.example answered with status 502."
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "0"}, 0),
        ({"Retry_After": "86400"}, 30),
        ({"Retry_After": "9" * 500}, 30),
        ({"Retry_After": "-5"}, 1),
        ({"Retry_After": "soon"}, 1),
        (
            {
                "Date": "Wed, 25 Sep 2024 10:00:00 GMT",
                "Retry_After": "Wed, 25 Sep 2024 10:00:09 GMT",
            },
            9,
        ),
        ({"Retry_After": "Wed, 25 Sep 2024 10:00:09 GMT"}, 1),
    ],
)
def test_retry_after_is_obeyed_up_to_30_seconds(headers, wait):
    waits: list[float] = []
    with serving(an_answer("429 Too Many Requests", **headers), an_answer()) as server:
        assert fetch(server, sleep=waits.append).content == PAGE
    assert waits == [wait]


def test_a_connection_that_is_cut_is_retried():
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<h1>"
    with serving(cut, b"", an_answer()) as server:
        assert fetch(server).content == PAGE
    assert len(server.requests) == 3


def test_an_answer_that_is_not_http_fails():
    answer = b"220 smtp.example ESMTP\r\n"
    with serving(answer) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server)
    assert failed.value.code == "network"


def test_a_damaged_gzip_body_fails():
    answer = an_answer(body=gzip.compress(PAGE)[:-4], Content_Encoding="gzip")
    with serving(answer) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server)
    assert failed.value.code == "encoding"


def test_an_encoding_other_than_gzip_fails():
    answer = an_answer(body=b"x", Content_Encoding="br")
    with serving(answer) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server)
    assert failed.value.code == "encoding"


def test_a_redirect_without_a_location_fails():
    answer = an_answer("302 Found", b"")
    with serving(answer) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server)
    assert failed.value.code == "redirect"


def test_the_next_ip_address_of_the_host_is_tried_when_one_does_not_answer():
    with serving(an_answer()) as server:
        found = fetch(
            server,
            resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"],
            is_public=lambda address: True,
        )
    assert found.content == PAGE


def test_a_host_that_is_not_found_fails_after_three_attempts():
    resolved = []

    def resolve(host: str, port: int) -> list[str]:
        resolved.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    with serving(an_answer()) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server, resolve=resolve)
    assert failed.value.message == "list.example was not found."
    assert resolved == [LIST] * 3


def test_an_untrusted_certificate_fails_without_another_attempt():
    with serving(an_answer()) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server, ca_certs=None)
    assert failed.value.code == "certificate"
    assert server.requests == []


def test_a_certificate_of_another_host_fails_without_another_attempt():
    with serving(an_answer()) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server, host="third.example", hosts=["third.example"])
    assert failed.value.code == "certificate"
    assert "third.example" in failed.value.message
    assert server.requests == []


# The deadline


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([b"H", *[b"T"] * 30], id="in the head"),
        pytest.param([an_answer(body=b"", X="x")[:-2], *[b"a: b\r\n"] * 30], id="in the headers"),
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 30], id="in the document"),
    ],
)
def test_a_server_that_sends_slowly_times_out(answer):
    started = time.monotonic()
    with serving(answer, pause=0.1) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server, attempts=1, seconds=0.5)
    assert failed.value.code == "timeout"
    assert 0.4 < time.monotonic() - started < 4


def test_the_deadline_includes_all_redirects():
    hops = [[redirect(f"/{hop}")] for hop in range(5)]
    with serving(*hops, pause=0) as server:
        times = iter(range(0, 1000, 2))  # seconds; each reading of the clock is 2 later
        with pytest.raises(DownloadFailed) as failed:
            fetch(server, attempts=1, seconds=24, clock=lambda: float(next(times)))
    assert failed.value.code == "timeout"
    assert 1 < len(server.requests) < 5


def test_a_server_without_a_tls_handshake_times_out():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server(an_answer())
        server.listener.close()
        server.port = silent.getsockname()[1]
        with pytest.raises(DownloadFailed) as failed:
            fetch(server, attempts=1, seconds=0.3)
    assert failed.value.code == "timeout"


def test_a_name_lookup_that_hangs_fails_at_the_deadline():
    def resolve(host: str, port: int) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    with serving(an_answer()) as server, pytest.raises(DownloadFailed) as failed:
        fetch(server, attempts=1, seconds=0.1, resolve=resolve)
    assert failed.value.code == "network"
    assert server.requests == []


# Cited pages: any public host, plain HTTP too


def fetch_cited(server: Server, path: str = "/page", **options):
    return download(
        f"http://{OTHER}:{server.port}{path}",
        **{
            "hosts": None,
            "user_agent": "x",
            "http_port": server.port,
            "resolve": lambda host, port: ["127.0.0.1"],
            "is_public": lambda address: address == "127.0.0.1",
            "attempts": 1,
        }
        | options,
    )


def test_a_page_of_any_host_comes_over_plain_http_where_that_is_allowed():
    with serving(an_answer(Content_Type="text/html"), kind=PlainServer) as server:
        found = fetch_cited(server)

    assert (found.content, found.content_type) == (PAGE, "text/html")
    assert found.url == f"http://{OTHER}:{server.port}/page"


def test_a_deleted_page_is_distinguished_from_a_busy_server():
    for answer, status in ((an_answer("410 Gone"), 410), (an_answer("503 Busy"), 503)):
        with serving(answer, kind=PlainServer) as server, pytest.raises(DownloadFailed) as failed:
            fetch_cited(server)
        assert failed.value.status == status


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([b"H", *[b"T"] * 30], id="in the head"),
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 30], id="in the page"),
    ],
)
def test_a_slow_plain_http_page_ends_at_the_deadline(answer):
    started = time.monotonic()
    with (
        serving(answer, pause=0.1, kind=PlainServer) as server,
        pytest.raises(DownloadFailed) as failed,
    ):
        fetch_cited(server, seconds=0.4)
    assert failed.value.code == "timeout"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://cited.example/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http:///page", "host"),
        ("http://user@cited.example/", "credentials"),
        ("http://cited.example:8080/", "port"),
        ("http://cited.example:443/", "port"),
        ("https://cited.example:80/", "port"),
        ("http://cited.example:0/", "port"),
    ],
)
def test_an_invalid_url_of_a_cited_page_is_refused_before_any_name_lookup(url, code):
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(DownloadRefused) as refused:
        download(url, hosts=None, http_port=80, user_agent="x", resolve=resolve)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f.1", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]",
     "169.254.169.254", "10.1.2.3", "[fe80::1]"],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_private_ip_address_is_refused_in_every_notation(host, scheme):
    with pytest.raises(DownloadRefused) as refused:
        download(f"{scheme}://{host}/", hosts=None, http_port=80, user_agent="x", attempts=1)
    assert refused.value.code == "address"


def test_a_cited_page_that_redirects_to_a_private_address_is_refused():
    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == OTHER else ["192.168.1.1"]

    with serving(b"", kind=PlainServer) as server:
        server.answers[0] = redirect(f"http://{LIST}:{server.port}/")
        with pytest.raises(DownloadRefused) as refused:
            fetch_cited(server, resolve=resolve)
    assert refused.value.code == "address"
    assert len(server.requests) == 1


def test_the_watch_does_not_follow_a_redirect_to_plain_http():
    with serving(b"") as server:
        server.answers[0] = redirect(f"http://{LIST}:{server.port}/")
        with pytest.raises(DownloadRefused) as refused:
            fetch(server)
    assert refused.value.code == "scheme"
