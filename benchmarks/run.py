"""One run on one database: fill it, time dump and load, serve it, measure each request."""

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import register
from benchmarks.addresses import KEPT_POOL, OURS, measurements
from benchmarks.client import Load, Measured
from benchmarks.results import OnDatabase
from benchmarks.server import NotMeasured, environment, serving
from tools.postgres import throwaway_postgres

NO_CACHE = {"KEPT_ANSWERS_MB": "0"}
PLAIN = NO_CACHE | {"DJANGO_SETTINGS_MODULE": "benchmarks.plain.settings"}
WARM_UP_ROUNDS = 8  # so that each worker has most likely kept each answer
AN_HOUR = 3600  # loading 100,000 companies takes minutes
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Plan:
    """How large, how long and how wide."""

    companies: int
    seconds: float
    connections: int


def run(database: str, plan: Plan) -> OnDatabase:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pactwatch-bench-")))
        made, loaded = stack.enter_context(two_databases(database, folder))
        package = folder / "package"
        making, env = environment(folder, made), environment(folder, loaded)
        for settings in (making, env):
            manage("migrate", "--verbosity=0", env=settings)
        manage("invent_register", str(plan.companies), env=making)
        manage("collectstatic", "--no-input", "--verbosity=0", env=env)
        # The commands' own start is not their work.
        start = manage("check", env=env)
        dumped = manage("dump_register", str(package), env=making) - start
        load = manage("load_register", str(package), env=env) - start
        analyze(loaded)
        rows = count_rows(package)
        result = OnDatabase(database, version(loaded), rows, rows / dumped, rows / load)
        measure_all(result, plan, env)
        return result


def measure_all(result: OnDatabase, plan: Plan, env: Mapping[str, str]) -> None:
    """All servers stand at once, so that what is compared is measured seconds apart."""
    companies = list(register.companies(plan.companies))
    with (
        serving(env, ready="/healthz/live") as kept,
        serving({**env, **NO_CACHE}, ready="/healthz/live") as fresh,
        serving({**env, **PLAIN}, ready="/tutorial/") as plain,
    ):
        for asked in measurements(companies):
            ports = (kept, fresh) if asked.side == OURS else (plain, plain)
            answers = {
                "kept": ask(ports[0], asked.kept, asked.accept, plan),
                "fresh": ask(ports[1], asked.addresses, asked.accept, plan),
            }
            result.answers.setdefault(asked.side, {})[asked.name] = answers


def matching() -> dict[str, Any]:
    """What `benchmarks.matching` measures; it needs neither a database nor settings."""
    answer: dict[str, Any] = json.loads(finished("benchmarks.matching", env={}))
    return answer


def ask(port: int, pool: list[str], accept: str, plan: Plan) -> Measured:
    """What the client of one process, started for this alone, measures."""
    warm_up = max(len(pool) if len(pool) <= KEPT_POOL else 0, plan.connections) * WARM_UP_ROUNDS
    load = Load(port, pool, accept, plan.connections, warm_up, plan.seconds)
    answer = finished("benchmarks.client", env={}, said=json.dumps(asdict(load)))
    return Measured(**json.loads(answer))


def manage(*arguments: str, env: Mapping[str, str]) -> float:
    """Run a command of manage.py; how many seconds it took."""
    began = time.perf_counter()
    finished("django", *arguments, env=env)
    return time.perf_counter() - began


def finished(module: str, *arguments: str, env: Mapping[str, str], said: str = "") -> str:
    """What `python -m module` printed; NotMeasured with its complaint when it failed."""
    answer = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**env},
        cwd=ROOT,
        input=said,
        capture_output=True,
        text=True,
        timeout=AN_HOUR,
        # Ctrl-C reaches the benchmark alone, which then ends what it started.
        start_new_session=True,
    )
    if answer.returncode:
        raise NotMeasured(f"{module} {' '.join(arguments)}\n{answer.stderr.strip()}")
    return answer.stdout


@contextmanager
def two_databases(database: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Addresses of two empty databases: one to make the register in, one to load it into."""
    if database == "sqlite":
        yield f"sqlite:///{folder / 'made.sqlite3'}", f"sqlite:///{folder / 'loaded.sqlite3'}"
        return
    with throwaway_postgres() as made:
        with psycopg.connect(made, autocommit=True) as connection:
            connection.execute("CREATE DATABASE loaded")
        yield made, made.rpartition("/")[0] + "/loaded"


def analyze(database: str) -> None:
    """What autovacuum does by itself on PostgreSQL; SQLite has nothing of the kind."""
    if not database.startswith("sqlite"):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("ANALYZE")


def version(database: str) -> str:
    if database.startswith("sqlite"):
        return sqlite3.sqlite_version
    with psycopg.connect(database) as connection:
        return str(connection.info.server_version // 10_000)


def count_rows(package: Path) -> int:
    """Data rows of all tables of a data package."""
    total = 0
    for path in package.glob("*.csv"):
        with path.open(newline="") as lines:
            total += sum(1 for _row in csv.reader(lines)) - 1
    return total
