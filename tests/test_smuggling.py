"""Requests whose end is in doubt, and weak TLS: refused by the server and the proxy before it."""

import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.nginx import NGINX, behind_nginx
from tools.postgres import free_port

from .test_nginx import trusting, upstream

pytestmark = pytest.mark.long
ROOT = Path(__file__).parent.parent
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: register.example.org\r\n\r\n"
HEAD = b"POST /healthz/live HTTP/1.1\r\nHost: register.example.org\r\nConnection: close\r\n"
AMBIGUOUS = {
    "two lengths": b"Content-Length: 6\r\nContent-Length: 0\r\n\r\n123456",
    "an unknown coding": b"Content-Length: 6\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nX",
    "a blank": b"Transfer-Encoding : chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX",
    "a sign": b"Content-Length: +6\r\n\r\n123456",
    "a length in words": b"Content-Length: six\r\n\r\n123456",
    "a folded header": b"Content-Length: 6\r\nX: a\r\n Transfer-Encoding: chunked\r\n\r\n123456",
}
BOTH = b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"


def statuses(raw: bytes, port: int, context: ssl.SSLContext | None = None) -> list[int]:
    """The statuses of all answers to what was sent on one connection."""
    link = socket.create_connection(("127.0.0.1", port), timeout=10)
    if context:
        link = context.wrap_socket(link)
    with link:
        link.sendall(raw)
        link.settimeout(3)
        answer = b""
        try:
            while piece := link.recv(65536):
                answer += piece
        except OSError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


@pytest.fixture(scope="module")
def server():
    """The port of the site as production serves it; what is asked of it needs no database."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "register.example.org",
        "HTTPS": "off",
        "DATABASE_URL": "sqlite:///:memory:",
        "LOG_LEVEL": "CRITICAL",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    site = subprocess.Popen(
        [*command, "--no-log", "pactwatch.wsgi:application"], cwd=ROOT, env=environment
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield port
    site.terminate()
    site.wait(10)


@pytest.mark.parametrize("ambiguous", AMBIGUOUS)
def test_the_server_refuses_a_request_with_ambiguous_length(server, ambiguous):
    found = statuses(HEAD + AMBIGUOUS[ambiguous] + HIDDEN, server)

    assert len(found) == 1
    assert found[0] in (400, 403)  # 403: Django's own token is missing


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
@pytest.mark.parametrize("ambiguous", [*AMBIGUOUS, "both"])
def test_the_proxy_refuses_a_request_with_ambiguous_length(tmp_path, ambiguous):
    raw = HEAD + (AMBIGUOUS | {"both": BOTH})[ambiguous] + HIDDEN
    with upstream() as behind, behind_nginx(tmp_path, behind.server_port) as (_plain, secure):
        found = statuses(raw, secure, trusting())

    assert found in ([400], [501], [])


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
def test_the_proxy_redirects_pages_to_https_and_refuses_plain_http_for_the_api(tmp_path):
    with upstream() as behind, behind_nginx(tmp_path, behind.server_port) as (plain, _secure):
        told = statuses(b"GET /api/v1/ HTTP/1.0\r\nHost: register.example.org\r\n\r\n", plain)
        led = statuses(b"GET /absent/ HTTP/1.0\r\nHost: register.example.org\r\n\r\n", plain)

    assert (told, led) == ([403], [301])


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_the_proxy_refuses_tls_older_than_1_2(tmp_path):
    old = trusting()
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with upstream() as behind, behind_nginx(tmp_path, behind.server_port) as (_plain, secure):
        with pytest.raises(OSError, match=r"(?i)ssl|reset"):
            statuses(b"", secure, old)
        with (
            socket.create_connection(("127.0.0.1", secure)) as raw,
            trusting().wrap_socket(raw) as link,
        ):
            assert link.version() == "TLSv1.3"


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
@pytest.mark.parametrize("weak", ["ECDHE+SHA1", "ECDHE+SHA256:!AEAD", "kRSA", "DHE"])
def test_the_proxy_accepts_no_weak_cipher(tmp_path, weak):
    """None without forward secrecy, and none that encrypts without authenticating."""
    old = trusting()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers(f"{weak}:@SECLEVEL=0")
    with (
        upstream() as behind,
        behind_nginx(tmp_path, behind.server_port) as (_plain, secure),
        pytest.raises(OSError, match=r"(?i)ssl|reset"),
    ):
        statuses(b"", secure, old)
