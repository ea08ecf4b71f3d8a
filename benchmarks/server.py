"""The server under measurement: granian with two workers, as in production, on a free port."""

import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tools.postgres import free_port

WORKERS = 2
THREADS = 4
START_TIMEOUT = 30  # seconds


class NotMeasured(Exception):
    """Something the benchmark needs did not work; the message says what."""


def environment(folder: Path, database: str) -> dict[str, str]:
    """Production's settings for a server on this machine only."""
    return dict(os.environ) | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "BENCHMARK_STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": database,
        "DEBUG": "off",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "HTTPS": "off",
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": secrets.token_urlsafe(50),
    }


@contextmanager
def serving(settings: Mapping[str, str], *, ready: str) -> Iterator[int]:
    """The port of a server that answers for the address `ready`, stopped afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", str(WORKERS), "--blocking-threads", str(THREADS)]
    # The plain project has Django's own application, without our cache before it.
    project = "benchmarks.plain" if "plain" in settings["DJANGO_SETTINGS_MODULE"] else "pactwatch"
    command += ["--log-level", "error", f"{project}.wsgi:application"]
    # A session of its own: Ctrl-C reaches the benchmark alone, which then stops its servers.
    server = subprocess.Popen(command, env=dict(settings), start_new_session=True)
    try:
        _wait_until_it_answers(server, port, ready)
        yield port
    finally:
        _stop(server)


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, address: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
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
