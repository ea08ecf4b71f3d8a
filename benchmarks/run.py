"""One run at one size: all servers at once, asked in turn, so that what is compared is alike."""

import json
import sqlite3
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.client import GRACE, Load, Measured
from benchmarks.columns import (
    COLUMNS,
    DATASETTE,
    KEPT,
    NAIVE,
    OURS,
    TUNED,
    Addresses,
    addresses,
)
from benchmarks.databases import Databases, finished
from benchmarks.results import BEHIND_NGINX, FIRST, FRESH, HELLO, KEPT_ANSWERS, Result
from benchmarks.rivals import datasette
from benchmarks.server import (
    Server,
    cached_by_nginx,
    cores,
    environment,
    granian,
    nginx,
    serving,
)
from tools.nginx import NGINX
from tools.postgres import free_port

JSON, HTML = "Accept: application/json\r\n", "Accept: text/html\r\n"
GZIP = "Accept-Encoding: gzip\r\n"
PAGES = ("browse", "record page", "home")
SATURATING, READERS = 16, 64  # connections
ENOUGH = 20  # addresses, for a mean of what each took: the system counts hundredths of a second
NO_CACHE = {"KEPT_ANSWERS_MB": "0"}
BEHIND = {"HTTPS": "on", "BEHIND_PROXY": "on"}
PLAIN = {"DJANGO_SETTINGS_MODULE": "benchmarks.plain.settings"}


@dataclass(frozen=True)
class Plan:
    """Register size, number of rounds, and duration per side."""

    sizes: tuple[int, ...]
    rounds: int
    seconds: float


@dataclass(frozen=True)
class Side:
    """A server with its URLs in each column."""

    name: str
    server: Server
    asked: Addresses
    connections: int = 1
    coding: str = ""
    asked_before: bool = True  # all addresses once; a program that takes minutes for that: two
    once: bool = False  # no address is asked twice, which takes enough of them

    def asks(self, column: str, number: int) -> bool:
        """Whether it is measured in this column and round."""
        pool = self.asked.get(column, [])
        return number == 0 and len(pool) >= ENOUGH if self.once else bool(pool)

    def measure(self, column: str, seconds: float) -> Measured:
        pool = self.asked[column]
        headers = (HTML if column in PAGES else JSON) + self.coding
        warm_up = 2 * len(pool) if self.connections > 1 else len(pool)
        if self.once or not self.asked_before:
            warm_up = min(2, len(pool))
        _of_server, core = cores()
        load = Load(
            self.server.port,
            pool,
            headers,
            self.connections,
            warm_up,
            seconds,
            self.server.workers,
            core,
            self.once,
            self.server.certificate,
        )
        said = finished("benchmarks.client", said=json.dumps(asdict(load)))
        return Measured(**json.loads(said))


def run(size: int, plan: Plan, databases: Databases, scratch: Path) -> Result:
    result = Result(size)
    with ExitStack() as stack:
        sides = list(_sides(size, databases, scratch, stack, result.left_out))
        for number in range(plan.rounds):
            for column in COLUMNS:
                for side in sides:
                    if side.asks(column, number):
                        result.add(side.name, column, side.measure(column, plan.seconds))
    return result


def _sides(
    size: int, databases: Databases, scratch: Path, stack: ExitStack, left_out: list[str]
) -> Iterator[Side]:
    """Start all servers; unavailable rivals are left out and reported."""
    address = databases.sqlite(size)
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as database:
        asked = addresses(database, size)
    kept = {column: pool[:KEPT] for column, pool in asked[OURS].items()}
    env = environment(scratch, address)

    ours = stack.enter_context(_ours(env))
    bodies = _bodies(ours, kept, scratch / f"bodies-{size}")
    hello = {column: [f"/{_file(column, n)}" for n in range(len(kept[column]))] for column in kept}
    bare = {**env, "BENCHMARK_BODIES": str(bodies)}
    application = "benchmarks.rivals.hello:application"
    server = stack.enter_context(granian(application, bare, ready=hello["list"][0]))
    yield Side(HELLO, server, hello, SATURATING, GZIP)
    yield Side(KEPT_ANSWERS["SQLite"], ours, kept, SATURATING, GZIP)
    if NGINX:
        behind = stack.enter_context(_ours(env | BEHIND))
        bodies = _bodies(behind, kept, scratch / f"bodies-of-nginx-{size}")
        files = stack.enter_context(nginx(bodies, scratch, ready=hello["list"][0]))
        cached = stack.enter_context(cached_by_nginx(behind, scratch))
        for (of_files, of_ours), one, other in zip(BEHIND_NGINX, files, cached, strict=True):
            yield Side(of_files, one, hello, READERS, GZIP)
            yield Side(of_ours, other, kept, READERS, GZIP)
    else:
        left_out.append("nginx is not installed: left out.")
    yield from _on_postgresql(size, databases, scratch, stack, asked[OURS])
    fresh = stack.enter_context(_ours(env | NO_CACHE))
    yield Side(FRESH["SQLite"], fresh, asked[OURS])
    first = stack.enter_context(_ours(env | NO_CACHE))
    yield Side(FIRST["SQLite"], first, asked[OURS], once=True)
    yield from _rivals(env, asked, scratch, stack, left_out)


def _on_postgresql(
    size: int, databases: Databases, scratch: Path, stack: ExitStack, asked: Addresses
) -> Iterator[Side]:
    if databases.server is None:
        return
    env = environment(scratch, databases.postgresql(size))
    kept = {column: pool[:KEPT] for column, pool in asked.items()}
    server = stack.enter_context(_ours(env))
    yield Side(KEPT_ANSWERS["PostgreSQL"], server, kept, SATURATING, GZIP)
    yield Side(FRESH["PostgreSQL"], stack.enter_context(_ours(env | NO_CACHE)), asked)
    first = stack.enter_context(_ours(env | NO_CACHE))
    yield Side(FIRST["PostgreSQL"], first, asked, once=True)


def _rivals(
    env: Mapping[str, str],
    asked: Mapping[str, Addresses],
    scratch: Path,
    stack: ExitStack,
    left_out: list[str],
) -> Iterator[Side]:
    database = Path(env["DATABASE_URL"].removeprefix("sqlite:///"))
    path = datasette.published(database, scratch)
    tables = {**env, "BENCHMARK_PUBLISHED": str(path)}
    tuned = granian("benchmarks.rivals.tuned:application", tables, ready="/list")
    yield Side(TUNED, stack.enter_context(tuned), asked[TUNED])
    naive = granian("benchmarks.plain.wsgi:application", {**env, **PLAIN}, ready="/naive/")
    yield Side(NAIVE, stack.enter_context(naive), asked[NAIVE], asked_before=False)
    program = datasette.installed(scratch)
    if program is None:
        left_out.append("Datasette could not be installed (no network?): left out.")
        return
    port = free_port()
    server = serving(datasette.command(program, path, port), port, "/", env)
    yield Side(DATASETTE, stack.enter_context(server), asked[DATASETTE])


def _ours(env: Mapping[str, str]) -> AbstractContextManager[Server]:
    return granian("pactwatch.wsgi:application", env, ready="/healthz/live")


def _bodies(ours: Server, kept: Addresses, folder: Path) -> Path:
    """Save the cached responses as files, and their headers beside them."""
    folder.mkdir(exist_ok=True)
    told = {}
    for column, pool in kept.items():
        for number, address in enumerate(pool):
            accept = "text/html" if column in PAGES else "application/json"
            headers = {"Accept": accept, "Accept-Encoding": "gzip", "X-Forwarded-Proto": "https"}
            url = f"http://127.0.0.1:{ours.port}{address}"
            asked = urllib.request.Request(url, headers=headers)
            with urllib.request.urlopen(asked, timeout=GRACE) as answer:  # nosec B310  # our own server
                (folder / _file(column, number)).write_bytes(answer.read())
                own = {name.lower(): value for name, value in answer.headers.items()}
                told[_file(column, number)] = own
    (folder / "index.json").write_text(json.dumps(told))
    return folder


def _file(column: str, number: int) -> str:
    return f"{column.replace(' ', '-')}-{number}"
