"""Several machines on one: a primary, two replicas, three servers, and nginx with its cache.

Readers ask for a mix of addresses while a company is renamed each second. A replica, a server and
the primary are killed in turn. It ends with code 1 where an answer was wrong or old.
"""

import http.client
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.run import BEHIND
from benchmarks.server import NotMeasured, environment
from tools import postgres
from tools.nginx import NGINX, measured_nginx

ROOT = Path(__file__).resolve().parent.parent
PHASE, READERS, OLD = 10.0, 8, 1.0  # seconds, threads, seconds after which an answer is old
RECORD = "/api/v1/companies/orange/"
MIX = (
    RECORD,
    "/",
    "/companies/",
    "/companies/?status=signed",
    "/api/v1/companies/?q=a",
    "/absent/",
)
PHASES = ("all is well", "a replica is killed", "a server is killed", "the primary is killed")
# Renames a company once a second, and says so with the time before and after.
EDITOR = """
import itertools, json, time
from companies.models import Company
for number in itertools.count(1):
    company = Company.objects.get(slug="orange")
    company.name, began = f"Orange {number}", time.time()
    company.save()
    print(json.dumps([number, began, time.time()]), flush=True)
    time.sleep(1)
"""


@dataclass
class Asked:
    """One request: when it began, how long it took, and its result."""

    began: float
    took: float
    status: int
    number: int | None  # of the newest edit that the answer knows


@dataclass
class Run:
    """What readers and the editor saw."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    edits: list[tuple[int, float, float]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        while not self.ended.is_set():
            self.asked.append(self.ask(random.choice(MIX)))  # nosec B311  # no secret

    def ask(self, address: str) -> Asked:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        began, number, status = time.time(), None, 0
        try:
            connection.request("GET", address, headers={"Host": "127.0.0.1"})
            answer = connection.getresponse()
            body, status = answer.read(), answer.status
            # What says of itself that it is old, while something is away, is not counted.
            says = " ".join(answer.headers.get_all("Cache-Status", []))
            if address == RECORD and status == 200 and "kept" not in says and "stale" not in says:
                number = int(json.loads(body)["name"].removeprefix("Orange") or 0)
        except (OSError, http.client.HTTPException):
            pass  # status 0
        finally:
            connection.close()
        return Asked(began, time.time() - began, status, number)

    def old(self, asked: Asked) -> bool:
        done = [number for number, _began, ended in self.edits if ended < asked.began - OLD]
        return asked.number is not None and asked.number < max(done, default=0)

    def wrong(self, asked: Asked) -> bool:
        """Whether a response is not ours or shows an edit that had not begun."""
        begun = [number for number, began, _ended in self.edits if began < asked.began + asked.took]
        known = asked.number is not None and asked.number > max(begun, default=0) + 1
        return known or asked.status not in (0, 200, 429, 502, 503, 504)

    def line(self, name: str, began: float, until: float) -> str:
        found = [one for one in self.asked if began <= one.began < until]
        times = sorted(one.took for one in found)
        failed = [one for one in found if one.status != 200]
        back = max((one.began + one.took - began for one in failed), default=0.0)
        p99 = 1000 * times[len(times) * 99 // 100]
        old, wrong = sum(map(self.old, found)), sum(map(self.wrong, found))
        numbers = f"{len(found) / (until - began):>9,.0f}{p99:>9.0f}{len(failed):>9}{back:>12.1f}"
        return f"{name:<24}{numbers}{old:>7}{wrong:>7}"


@contextmanager
def three_databases(folder: Path) -> Iterator[tuple[list[str], list[Path]]]:
    """Start a primary and two streaming replicas; yields their URLs and folders."""
    user, binaries = postgres.unprivileged_user(), postgres.machine_binaries()
    if binaries is None or not (binaries / "pg_basebackup").exists():
        message = "no PostgreSQL server with pg_basebackup: install Debian's package postgresql"
        raise NotMeasured(message)
    run_as: dict[str, Any] = {"cwd": folder, "env": {"LC_ALL": "C.UTF-8", "PATH": os.defpath}}
    if user:
        shutil.chown(folder, user.pw_uid, user.pw_gid)
        run_as |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    ports = [postgres.free_port() for _ in range(3)]
    folders = [folder / name / "data" for name in ("primary", "one", "two")]
    for one in folders:
        one.parent.mkdir()
        if user:
            shutil.chown(one.parent, user.pw_uid, user.pw_gid)
    with ExitStack() as running:
        for one, port in zip(folders, ports, strict=True):
            if one is folders[0]:
                postgres.create_cluster(binaries, one, run_as)
            else:
                copy = [binaries / "pg_basebackup", "-R", "-D", one, "-h", "127.0.0.1"]
                copy += ["-p", str(ports[0]), "-U", "pactwatch", "--checkpoint=fast", "--no-sync"]
                subprocess.run(copy, check=True, **run_as)
            running.enter_context(postgres.running_server(binaries, one, port, run_as))
        with psycopg.connect(
            f"host=127.0.0.1 port={ports[0]} user=pactwatch dbname=postgres"
        ) as primary:
            # Else an edit reaches the replicas half a second later than it is acknowledged.
            primary.execute("ALTER ROLE pactwatch SET synchronous_commit = on")
        yield [f"postgresql://pactwatch@127.0.0.1:{port}/postgres" for port in ports], folders


@contextmanager
def served(command: list[str], env: dict[str, str] | None = None) -> Iterator[int]:
    """Run a process in a session of its own, killed afterwards; yields its PID."""
    server = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        yield server.pid
    finally:
        kill(server.pid)
        server.wait(10)


def kill(session: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)


def granian(port: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    return [
        *command, "--port", str(port), "--blocking-threads", "4", "--log-level", "critical",
        "pactwatch.wsgi:application",
    ]  # fmt: skip


def manage(*arguments: str, env: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=600)


def main() -> int:
    postgres.stop_on_sigterm()
    try:
        return measure()
    except (NotMeasured, postgres.PostgresMissing) as error:
        print(f"Not measured: {error}", file=sys.stderr)
        return 1


def measure() -> int:
    if NGINX is None:
        message = "no nginx: install Debian's package nginx"
        raise NotMeasured(message)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pactwatch-cluster-")))
        folder.chmod(0o755)
        urls, folders = stack.enter_context(three_databases(folder))
        env = environment(folder, urls[0])
        env |= {"REPLICA_URLS": ",".join(urls[1:]), "LOG_LEVEL": "CRITICAL", **BEHIND}
        alone = env | {"REPLICA_URLS": "", "DATABASE_POOL": "off"}
        manage("collectstatic", "--no-input", "--verbosity=0", env=alone)
        manage("migrate", "--verbosity=0", env=alone)
        manage("load_register", "--if-empty", "--verbosity=0", env=alone)
        ports = [postgres.free_port() for _ in range(3)]
        servers = [stack.enter_context(served(granian(port), env)) for port in ports]
        own = folder / "nginx"
        own.mkdir()
        run = Run(stack.enter_context(measured_nginx(own, *ports))[0])
        wait_for(run)
        kills = [
            lambda: None,
            lambda: stop(folders[1]),
            lambda: kill(servers[0]),
            lambda: stop(folders[0]),
        ]
        return go(run, alone, kills)


def wait_for(run: Run) -> None:
    for _ in range(60):
        if all(run.ask(address).status == 200 for address in MIX):
            return
        time.sleep(0.5)
    raise NotMeasured("The servers did not start.")


def stop(data: Path) -> None:
    """Kill a PostgreSQL server as a power failure would."""
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


def go(run: Run, env: dict[str, str], kills: list[Any]) -> int:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", EDITOR]
    editor = subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)  # fmt: skip
    said: Iterator[str] = editor.stdout or iter(())
    threads = [threading.Thread(target=run.read) for _ in range(READERS)]
    threads.append(threading.Thread(target=lambda: run.edits.extend(map(edit_of, said))))
    print(f"{'':<24}{'req/s':>9}{'p99 ms':>9}{'failed':>9}{'until s':>12}{'old':>7}{'wrong':>7}")
    for thread in threads:
        thread.start()
    marks = [time.time()]
    for act in kills:
        act()
        time.sleep(PHASE)
        marks.append(time.time())
    written = run.ask("/admin/").status
    run.ended.set()
    editor.kill()
    for thread in threads:
        thread.join(timeout=60)
    for name, (began, until) in zip(PHASES, itertools.pairwise(marks), strict=True):
        print(run.line(name, began, until))
    print(f"{len(run.edits)} edits; the admin without a primary answers {written}")
    return int(any(run.old(one) or run.wrong(one) for one in run.asked))


def edit_of(line: str) -> tuple[int, float, float]:
    number, began, ended = json.loads(line)
    return number, began, ended


if __name__ == "__main__":
    sys.exit(main())
