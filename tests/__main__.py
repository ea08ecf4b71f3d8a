"""The suite: on SQLite, then on PostgreSQL and beside it in a browser. `make test` runs this.

SQLite runs every test outside the browser; PostgreSQL those that tests/shapes.py chooses. With
TEST_ALL=1, as `make test-all` sets it, tests marked `long` run, PostgreSQL runs every test,
samples are larger, and SQLite runs all again at other moments.
Arguments are passed on to pytest. A part that cannot run is skipped and named in the summary;
with CI=true it is a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import psycopg
import pytest

from tests.browser import CHROMIUM_MISSING, chromium
from tests.sampling import ALL
from tools.postgres import PostgresMissing, stop_on_sigterm, throwaway_postgres

PYTEST = (sys.executable, "-m", "pytest", "-p", "tests.shapes", "-p", "tests.progress")
# With one process more than there are cores, each takes a twelfth more processor time.
PYTEST += ("-n", "logical", "--maxprocesses=4", "--dist=worksteal")
QUICK = "not browser" if ALL else "not browser and not long"
TEMPLATE = "migrated"
# The leap day where the register is kept, yet the day before in UTC; and the turn of a year.
OTHER_MOMENTS = ("2028-02-28T23:30+00:00", "2026-12-31T23:59+00:00")
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


@dataclass(frozen=True, kw_only=True)
class Part:
    """How one part of the suite ended."""

    name: str
    outcome: str
    ran: int = 0
    failed: bool = False
    skipped: bool = False

    def __str__(self) -> str:
        return f"{self.name + ':':<12} {self.outcome}"


@dataclass(frozen=True)
class Started:
    """A pytest that runs."""

    name: str
    process: subprocess.Popen[bytes]
    report: Path

    def end(self) -> Part:
        return how_it_ended(self.name, self.process.wait(), self.report)

    def wait_for(self, file: Path) -> None:
        """Wait until it has written `file`, or has ended."""
        while self.process.poll() is None and not file.exists():
            time.sleep(0.2)


@contextmanager
def started(
    name: str,
    arguments: list[str],
    environment: Mapping[str, str],
    output: IO[str] | None = None,
) -> Iterator[Started]:
    """Start pytest; it is stopped where the block ends before it does."""
    with tempfile.TemporaryDirectory(prefix="pactwatch-tests-") as folder:
        report = Path(folder) / "report.xml"
        command = [*PYTEST, f"--junit-xml={report}", *arguments]
        process = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output)
        try:
            yield Started(name, process, report)
        finally:
            if process.poll() is None:
                process.terminate()


def run(name: str, arguments: list[str], environment: Mapping[str, str]) -> Part:
    print(f"\n=== {name} ===", flush=True)
    with started(name, arguments, environment) as one:
        return one.end()


def how_it_ended(name: str, code: int, report: Path) -> Part:
    """What pytest's exit code and its report say."""
    counts = read_counts(report) if report.exists() else {}
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        return Part(name=name, outcome="SKIPPED, no test was selected", skipped=True)
    failed = code != pytest.ExitCode.OK
    outcome = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    if failed and not (counts.get("failed") or counts.get("errors")):
        outcome = f"{outcome or 'nothing ran'}; pytest stopped with code {code}, see above"
    ran = sum(count for what, count in counts.items() if what != "skipped")
    return Part(name=name, outcome=outcome, ran=ran, failed=failed)


def read_counts(report: Path) -> dict[str, int]:
    """How many tests passed, failed, had errors and were skipped, from pytest's JUnit report."""
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    totals = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in suites:
        for what in totals:
            totals[what] += int(suite.get(what, 0))
    rest = totals["failures"] + totals["errors"] + totals["skipped"]
    return {
        "passed": totals["tests"] - rest,
        "failed": totals["failures"],
        "errors": totals["errors"],
        "skipped": totals["skipped"],
    }


def without_database() -> dict[str, str]:
    """The environment in which pytest uses SQLite in memory."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def without_browser(arguments: list[str]) -> list[str]:
    """What keeps pytest from loading Playwright, and from reading tests that it deselects."""
    options = ["-m", QUICK, "-p", "no:playwright"]
    return options if name_files(arguments) else [*options, "--ignore=tests/browser"]


def name_files(arguments: list[str]) -> bool:
    return any(Path(argument.partition("::")[0]).exists() for argument in arguments)


@contextmanager
def on_sqlite(arguments: list[str], shapes: str) -> Iterator[Started]:
    """Start the tests on SQLite, and wait until most have run."""
    print("\n=== SQLite ===", flush=True)
    most_ran = Path(shapes) / "most-ran"
    options = [f"--record-shapes={shapes}", f"--most-ran={most_ran}"]
    choice = [*without_browser(arguments), *options, *arguments]
    with started("SQLite", choice, without_database()) as one:
        one.wait_for(most_ran)
        yield one


def on_another_day(arguments: list[str], moment: str) -> Part:
    environment = without_database() | {"TEST_MOMENT": moment}
    return run(moment, [*without_browser(arguments), *arguments], environment)


def template_in(url: str) -> str:
    """The database that the tests copy, on the server of that one."""
    return url.rpartition("/")[0] + f"/{TEMPLATE}"


@contextmanager
def postgres_started() -> Iterator[Future[dict[str, str]]]:
    """A PostgreSQL that starts beside another part, with the database that its tests copy."""

    def environment() -> dict[str, str]:
        url = server.enter_context(throwaway_postgres())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        command = [sys.executable, "-m", "tests.fast_migrations"]
        migrated = subprocess.run(command, env=os.environ | {"DATABASE_URL": template_in(url)})
        # Where it cannot be migrated, each process tries for itself, and its tests say why.
        named = {} if migrated.returncode else {"TEST_TEMPLATE": TEMPLATE}
        return os.environ | named | {"DATABASE_URL": url}

    with ExitStack() as server, ThreadPoolExecutor(1) as beside:
        yield beside.submit(environment)


def on_postgres(arguments: list[str], shapes: str, started: Future[dict[str, str]]) -> Part:
    name = "PostgreSQL"
    choice = without_browser(arguments)
    try:
        environment = started.result()
    except PostgresMissing as reason:
        return Part(name=name, outcome=f"SKIPPED, {reason}", skipped=True)
    if not ALL:
        if "TEST_TEMPLATE" in environment:
            send_again(
                shapes, environment | {"DATABASE_URL": template_in(environment["DATABASE_URL"])}
            )
        choice += [f"--cover-shapes={shapes}"]
    return run(name, [*choice, *arguments], environment)


def send_again(shapes: str, environment: dict[str, str]) -> None:
    """Where this fails, tests send all of it."""
    subprocess.run([sys.executable, "-m", "tests.statements", shapes], env=environment)


@contextmanager
def in_browser(arguments: list[str]) -> Iterator[Callable[[], Part]]:
    """Start the tests in Chromium beside another part; their output is printed at their end."""
    name = "Browser"
    if not chromium():
        yield lambda: Part(name=name, outcome=f"SKIPPED, {CHROMIUM_MISSING}", skipped=True)
        return
    # Unless the arguments name files, only the folder of these tests is read.
    choice = ["-n", "0", "-m", "browser" if ALL else "browser and not long"]
    choice += [] if name_files(arguments) else ["tests/browser"]
    with tempfile.TemporaryFile("w+") as output:

        def ended() -> Part:
            part = one.end()
            print(f"\n=== {name} ===", flush=True)
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout)
            return part

        with started(name, [*choice, *arguments], without_database(), output=output) as one:
            yield ended


def main(arguments: list[str]) -> int:
    stop_on_sigterm()
    # Each of some ten processes would rewrite all assertions anew: 7 s of processor time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with (
        tempfile.TemporaryDirectory(prefix="pactwatch-shapes-") as shapes,
        postgres_started() as postgres,
        # Chromium's tests take one core, and end with those on PostgreSQL. Begun with the first,
        # they would make all three processes slower.
        on_sqlite(arguments, shapes) as sqlite,
        in_browser(arguments) as browser,
    ):
        parts = [sqlite.end(), on_postgres(arguments, shapes, postgres), browser()]
    if ALL:
        parts += [on_another_day(arguments, moment) for moment in OTHER_MOMENTS]
    print("\n=== Summary ===", *parts, sep="\n")
    if not sum(part.ran for part in parts):
        print("Nothing ran.")
        return 1
    if IN_CI and any(part.skipped for part in parts):
        print("CI=true: a skipped part is a failure.")
        return 1
    return int(any(part.failed for part in parts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
