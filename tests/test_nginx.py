"""The nginx of deploy/, started as it stands, in front of a server that can be switched off."""

import http.client
import http.server
import json
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from benchmarks import client as asking
from benchmarks import server as servers
from pactwatch.response_cache.finished import FRESH
from tools.nginx import NGINX, behind_nginx

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(NGINX is None, reason="there is no nginx"),
]
HOST = "register.example.org"


class Upstream(http.server.BaseHTTPRequestHandler):
    """Answers each path with its own name and the headers that nginx added."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        size = int(self.headers.get("Content-Length", 0))
        self.rfile.read(size)
        edit = getattr(self.server, "edit", self.path)
        time.sleep(getattr(self.server, "slowness", 0))
        kept = not self.path.startswith("/404/")
        body = f"{edit} for {self.headers['X-Forwarded-For']} {size}".encode()
        self.send_response(200 if kept else 404)
        self.send_header("Cache-Control", FRESH)
        # As the program says it: nginx counts whole seconds, of which s-maxage adds one.
        if kept:
            self.send_header("X-Accel-Expires", f"@{int(time.time())}")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("X-Accepted", self.headers.get("Accept-Encoding", "no coding"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # as http.server calls it

    def log_message(self, *args):
        pass


@contextmanager
def upstream():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def trusting():
    """TLS that takes the certificate of a test."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Reader:
    def __init__(self, port, secure=True):
        self.port, self.secure = port, secure

    def ask(self, path, body=None, **headers):
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, context=trusting(), timeout=10)
            if self.secure
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        )
        method = "POST" if body is not None else "GET"
        connection.request(method, path, body, {"Host": HOST} | headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()


def test_plain_http_is_sent_to_the_site_over_https(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (plain, _secure):
        status, headers, _body = Reader(plain, secure=False).ask("/fr/companies/?q=a", Host="evil")

    assert status == 301
    assert headers["Location"] == f"https://{HOST}/fr/companies/?q=a"
    assert headers["Server"] == "nginx"


def test_http_2_is_offered_and_the_client_cannot_forge_its_ip_address(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        context = trusting()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with (
            socket.create_connection(("127.0.0.1", secure)) as raw,
            context.wrap_socket(raw) as link,
        ):
            assert link.selected_alpn_protocol() == "h2"
        answer = Reader(secure).ask("/", **{"X-Forwarded-For": "8.8.8.8"})

    assert answer[2] == "/ for 127.0.0.1 0"


@pytest.mark.parametrize("path", ["/admin/companies/importrun/upload/", "/check/"])
def test_nginx_accepts_the_largest_form_of_the_site_and_nothing_larger(tmp_path, path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        let_through = Reader(secure).ask(path, b"x" * 5_200_000)
        refused = Reader(secure).ask(path, b"x" * 6_400_000)

    assert let_through[2].endswith("5200000")
    assert refused[0] == 413


def test_nginx_serves_a_cached_page_while_the_application_is_down(tmp_path):
    with ExitStack() as running:
        with upstream() as server:
            behind = behind_nginx(tmp_path, server.server_port)
            reader = Reader(running.enter_context(behind)[1])
            assert reader.ask("/companies/")[0] == 200
        time.sleep(1.1)  # longer than s-maxage
        kept, other, private = map(reader.ask, ["/companies/", "/absent/", "/check/kept/t0ken"])
        for spelling in ("/fr/webhooks/t0ken/", "/check/k%65pt/t0ken", "//alerts/t0ken/?a=b"):
            reader.ask(spelling)

    assert kept[0] == 200
    assert kept[1]["Cache-Status"] == "nginx; hit; detail=stale"
    assert other[0] == private[0] == 503
    assert other[1]["Retry-After"] == "5"
    log = (tmp_path / "access.log").read_text()
    assert "GET /check/kept/..." in log
    assert "GET /fr/webhooks/..." in log
    assert "GET /alerts/..." in log
    assert "t0ken" not in log


def test_a_nginx_cached_page_is_refreshed_after_a_second(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        reader = Reader(secure)
        answers = []
        for edit in ("first", "second", "third"):
            server.edit = edit
            answers += [reader.ask("/companies/?edit")[2].split()[0] for _ in range(3)]
            time.sleep(1.1)

    assert answers == ["first"] * 3 + ["second"] * 3 + ["third"] * 3


def test_browsers_share_one_answer_of_nginx_however_they_ask_for_gzip(tmp_path):
    packed = ("gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8, *;q=0.1", "GZIP", "deflate,gzip")
    plain = ("identity", "gzip;q=0", "br, gzip; q=0.0", "x-gzip, gzipped", "")
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        reader = Reader(secure)
        answers = [
            [reader.ask("/", **{"Accept-Encoding": one})[1] for one in asked]
            for asked in (packed, plain)
        ]

    did = [[answer["Cache-Status"] for answer in same] for same in answers]
    # A second may end meanwhile; an answer of another key would be a miss.
    assert [same.count("nginx; fwd=uri-miss") for same in did] == [1, 1]
    assert {answer["X-Accepted"] for answer in answers[0]} == {"gzip"}
    assert {answer["X-Accepted"] for answer in answers[1]} == {"no coding"}


def test_a_url_that_ends_like_a_coding_has_an_answer_of_its_own(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        reader = Reader(secure)
        packed = reader.ask("/?q=", **{"Accept-Encoding": "gzip"})[2]
        plain = reader.ask("/?q=gzip", **{"Accept-Encoding": "identity"})[2]

    assert (packed.split()[0], plain.split()[0]) == ("/?q=", "/?q=gzip")


def test_the_log_of_nginx_names_the_requests_that_the_program_answered(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        for path in ("/companies/", "/healthz", "/companies/", "/companies/"):
            Reader(secure).ask(path)
    names = [line.split()[-1] for line in (tmp_path / "access.log").read_text().splitlines()]

    assert [len(name) for name in names[:2]] == [32, 32]
    assert "-" in names[2:]  # a second may end between two of them


def test_nginx_does_not_send_a_stale_page_while_it_is_refreshed(tmp_path):
    """Although the program allows it to caches that others run, for a second."""
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        server.edit = "first"
        Reader(secure).ask("/companies/")
        time.sleep(1.1)
        server.edit, server.slowness = "second", 0.5
        first = threading.Thread(target=Reader(secure).ask, args=["/companies/"])
        first.start()
        time.sleep(0.2)
        meanwhile = Reader(secure).ask("/companies/")[2]
        first.join()

    assert meanwhile.startswith("second")


def test_readers_of_a_page_that_is_never_cached_do_not_queue_for_it(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        server.slowness = 0.05  # that they are in one another's way
        readers = [Reader(secure) for _ in range(10)]
        began = time.monotonic()
        with ThreadPoolExecutor(len(readers)) as at_once:
            answers = list(at_once.map(lambda reader: reader.ask("/404/"), readers))

    assert {answer[0] for answer in answers} == {404}
    assert time.monotonic() - began < 2  # one after another, half a second apart: 4.5


def test_nginx_never_answers_an_editor_from_its_cache(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        answers = [Reader(secure).ask("/companies/", Cookie="__Host-sessionid=a") for _ in "ab"]

    assert {answer[1]["Cache-Status"] for answer in answers} == {"nginx; fwd=bypass"}


def test_nginx_answers_a_client_with_too_many_requests_with_429(tmp_path):
    with upstream() as server, behind_nginx(tmp_path, server.server_port) as (_plain, secure):
        connection = http.client.HTTPSConnection("127.0.0.1", secure, context=trusting())
        found = []
        for _ in range(200):  # over one connection: faster than the limit on any machine
            connection.request("GET", "/companies/", headers={"Host": HOST})
            answer = connection.getresponse()
            answer.read()
            found.append(answer.status)

    assert found[:60] == [200] * 60
    assert 429 in found


def test_nginx_sends_the_files_of_the_benchmark_with_the_headers_of_the_answers(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "record-page-0").write_bytes(b"hello")
    link, policy = '</>; rel="first"', "default-src 'none'"
    told = {"content-type": "text/html; charset=utf-8", "link": link, "etag": '"ours"'}
    told |= {"content-security-policy": policy, "x-accel-expires": "@1"}
    (tmp_path / "index.json").write_text(json.dumps({"record-page-0": told}))

    with servers.nginx(tmp_path, tmp_path, ready="/record-page-0") as both:
        for server in both:
            load = asking.Load(
                server.port, ["/record-page-0"], "", 2, 2, 0.05, server.workers, None, False,
                server.certificate,
            )  # fmt: skip
            measured = asking.measure(load)
            assert measured.size == 5
            assert measured.answers > 2
        ask = http.client.HTTPConnection("127.0.0.1", both[0].port)
        ask.request("GET", "/record-page-0")
        headers = ask.getresponse().headers

    assert [server.certificate != "" for server in both] == [False, True]
    assert headers["Content-Type"] == told["content-type"]
    assert headers["Link"] == link
    assert headers["Content-Security-Policy"] == policy
    assert headers["ETag"] != told["etag"]  # its own
    assert "X-Accel-Expires" not in headers
