"""The servers to measure, each one worker on one core, on a free port."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.client import pin, started_by
from tools.nginx import CERTIFICATE, measured_nginx, tls_settings
from tools.nginx import NGINX as NGINX_PROGRAM
from tools.postgres import free_port

THREADS = 4  # as in production
START_TIMEOUT = 60  # seconds
NGINX = """
daemon off; master_process off; pid {own}/nginx.pid; error_log stderr error;
events {{}}
http {{
    sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;
    client_body_temp_path {own}; proxy_temp_path {own}; fastcgi_temp_path {own};
    uwsgi_temp_path {own}; scgi_temp_path {own};
    log_format files '$remote_addr [$time_local] "$request_method $request_uri" $status '
        '$body_bytes_sent $request_time';
    access_log {own}/access.log files buffer=64k flush=1s;
    server {{
        listen 127.0.0.1:{port}; listen 127.0.0.1:{secure} ssl; root {bodies}; server_tokens off;
        {tls}
        {locations}
    }}
}}
"""
# What nginx says of a file itself, and what is not for readers.
NOT_OF_FILES = {
    *("connection", "content-length", "content-type", "date", "etag", "last-modified", "server"),
    *("surrogate-key", "x-accel-expires"),
}


class NotMeasured(Exception):
    """Something the benchmark needs did not work; the message says what."""


@dataclass(frozen=True)
class Server:
    """A running server: its port, its processes, and its certificate if it speaks TLS."""

    port: int
    workers: list[int]
    certificate: str = ""


def cores() -> tuple[int | None, int | None]:
    """A core for the server and one for the client; None if there are too few."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def environment(folder: Path, database: str) -> dict[str, str]:
    """Production settings for a server on this machine."""
    return dict(os.environ) | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "API_REQUESTS_PER_MINUTE": "0",  # one client asks for more in a second
        "BENCHMARK_STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": database,
        "DEBUG": "off",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "HTTPS": "off",
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": secrets.token_urlsafe(50),
    }


@contextmanager
def granian(application: str, env: Mapping[str, str], *, ready: str) -> Iterator[Server]:
    """granian with one worker, as in production."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--workers", "1", "--blocking-threads", str(THREADS), "--log-level", "error"]
    port = free_port()
    with serving([*command, "--port", str(port), application], port, ready, env) as server:
        yield Server(port, [*server.workers, *_postgres(env["DATABASE_URL"])])


@contextmanager
def nginx(bodies: Path, folder: Path, *, ready: str) -> Iterator[tuple[Server, Server]]:
    """nginx with the bodies as files, sent with their headers: in the clear, and with TLS."""
    port, secure, own = free_port(), free_port(), folder / "nginx"  # whose owner it changes
    own.mkdir(exist_ok=True)
    settings = own / "nginx.conf"
    headers = json.loads((bodies / "index.json").read_text())
    columns = {name.rpartition("-")[0]: told for name, told in headers.items()}
    settings.write_text(
        NGINX.format(
            own=own,
            port=port,
            secure=secure,
            bodies=bodies,
            tls=tls_settings(),
            locations="\n".join(_location(column, told) for column, told in columns.items()),
        )
    )
    command = [str(NGINX_PROGRAM), "-e", "stderr", "-c", str(settings)]
    with serving(command, port, ready, os.environ) as server:
        yield server, Server(secure, server.workers, str(CERTIFICATE))


def _location(column: str, headers: Mapping[str, str]) -> str:
    """The files of a column for nginx, with the headers that readers get."""
    told = "".join(
        f" add_header {name} {json.dumps(value)};"
        for name, value in headers.items()
        if name.lower() not in NOT_OF_FILES
    )
    return f'location /{column}- {{ default_type "{headers["content-type"]}";{told} }}'


@contextmanager
def cached_by_nginx(behind: Server, folder: Path) -> Iterator[tuple[Server, Server]]:
    """The nginx of deploy/ with its cache, before a server whose work counts too; as above."""
    own = folder / "nginx-cache"
    own.mkdir(exist_ok=True)
    with measured_nginx(own, behind.port) as (port, secure, process):
        core, _of_client = cores()
        for one in started_by([process]):
            pin(core, one)
        workers = [process, *behind.workers]
        yield Server(port, workers), Server(secure, workers, str(CERTIFICATE))


@contextmanager
def serving(
    command: Sequence[str], port: int, ready: str, env: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server until it answers the URL `ready`; it is stopped afterwards."""
    core, _of_client = cores()
    # A session of its own: Ctrl-C reaches the benchmark alone, which then stops its servers.
    # Datasette tells of each request, and of errors as we do, where nobody looks.
    server = subprocess.Popen(
        command,
        env=dict(env),
        stderr=subprocess.DEVNULL if "datasette" in command[0] else None,
        start_new_session=True,
        preexec_fn=lambda: pin(core),
    )
    try:
        _wait_until_it_answers(server, port, ready)
        yield Server(port, [server.pid])
    finally:
        _stop(server)


def _postgres(database: str) -> list[int]:
    """The PostgreSQL main process, moved to the core of the servers."""
    if database.startswith("sqlite"):
        return []
    with psycopg.connect(database) as connection:
        backend = connection.info.backend_pid
    stat = Path(f"/proc/{backend}/stat").read_text()
    main = int(stat.rpartition(") ")[2].split()[1])
    core, _of_client = cores()
    pin(core, main)
    return [main]


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT)
        try:
            connection.request("GET", address)
            connection.getresponse()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise NotMeasured("The server did not start; its reason is above.")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=5)
