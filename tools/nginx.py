"""The nginx of deploy/, on ports and in folders of a test or of the benchmark."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.postgres import free_port

ROOT = Path(__file__).parent.parent
CERTIFICATE = ROOT / "tests" / "certificate_for_tests_only.pem"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
AROUND = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    include {folder}/site.conf;
}}
"""


# What one client that measures would be refused by.
NOT_MEASURED = ("    limit_req zone", "    limit_conn pactwatch")


@contextmanager
def behind_nginx(folder: Path, upstream: int) -> Iterator[tuple[int, int]]:
    """The ports for HTTP and HTTPS of an nginx in front of a server on port `upstream`."""
    http, https = free_port(), free_port()
    with _serving(folder, _site(folder, f"127.0.0.1:{upstream}", http, https), https):
        yield http, https


@contextmanager
def measured_nginx(folder: Path, *upstreams: int) -> Iterator[tuple[int, int, int]]:
    """The same site without limits: a port in the clear, one with TLS, and the process."""
    http, https = free_port(), free_port()
    text = _site(folder, "pactwatch_servers", free_port(), https)
    tls = f"listen 127.0.0.1:{https} ssl http2;"
    text = text.replace(tls, f"{tls} listen 127.0.0.1:{http};")
    lines = text.splitlines(keepends=True)
    site = "".join(line for line in lines if not line.startswith(NOT_MEASURED))
    site = site.replace("X-Forwarded-Proto $scheme", "X-Forwarded-Proto https")
    servers = (f"server 127.0.0.1:{one} max_fails=1 fail_timeout=2s;" for one in upstreams)
    site += f"upstream pactwatch_servers {{ {' '.join(servers)} }}\n"
    with _serving(folder, site, https) as process:
        yield http, https, process


def tls_settings() -> str:
    """The directives of deploy/ for TLS, with the certificate of the tests."""
    lines = _site(Path(), "unused", 0, 0).splitlines()
    return "\n".join(line for line in lines if line.startswith("    ssl_"))


def _site(folder: Path, upstream: str, http: int, https: int) -> str:
    text = (ROOT / "deploy/nginx.conf").read_text()
    for ours, here in {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ": f"listen 127.0.0.1:{https} ",
        "/etc/ssl/register.pem": str(CERTIFICATE),
        "/etc/ssl/register.key": str(CERTIFICATE),
        "/var/cache/nginx/pactwatch": f"{folder}/cache",
        "/var/log/nginx/pactwatch.log": f"{folder}/access.log",
        "127.0.0.1:8000": upstream,
    }.items():
        if ours not in text:
            raise LookupError(ours)
        text = text.replace(ours, here)
    return text


@contextmanager
def _serving(folder: Path, site: str, port: int) -> Iterator[int]:
    user = "" if os.geteuid() else "user root;"  # who may read the folder
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True, timeout=30)
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        yield server.pid
    finally:
        server.terminate()
        server.wait(10)


def wait_until_it_listens(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = "nginx did not start"
    raise RuntimeError(message)
