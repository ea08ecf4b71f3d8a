"""The whole suite: on SQLite, on PostgreSQL and in a browser. `make test` runs this.

Arguments are passed on to pytest. A part that cannot run is skipped and named in the summary;
with CI=true it is a failure.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.browser import CHROMIUM_MISSING, chromium
from tools.postgres import PostgresMissing, stop_on_sigterm, throwaway_postgres

PYTEST = (sys.executable, "-m", "pytest", "-n", "logical", "--maxprocesses=4")
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


def run(name: str, arguments: list[str], environment: Mapping[str, str]) -> Part:
    """Run pytest with its output shown as it comes, and read its counts from its report."""
    print(f"\n=== {name} ===", flush=True)
    with tempfile.TemporaryDirectory(prefix="pactwatch-tests-") as folder:
        report = Path(folder) / "report.xml"
        command = [*PYTEST, f"--junit-xml={report}", *arguments]
        code = subprocess.call(command, env=dict(environment))
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


def on_sqlite(arguments: list[str]) -> Part:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return run("SQLite", ["-m", "not browser", *arguments], environment)


def on_postgres(arguments: list[str]) -> Part:
    name = "PostgreSQL"
    try:
        with throwaway_postgres() as url:
            environment = os.environ | {"DATABASE_URL": url}
            return run(name, ["-m", "not browser", *arguments], environment)
    except PostgresMissing as reason:
        return Part(name=name, outcome=f"SKIPPED, {reason}", skipped=True)


def in_browser(arguments: list[str]) -> Part:
    name = "Browser"
    if not chromium():
        return Part(name=name, outcome=f"SKIPPED, {CHROMIUM_MISSING}", skipped=True)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return run(name, ["-m", "browser", *arguments], environment)


def main(arguments: list[str]) -> int:
    stop_on_sigterm()
    parts = [part(arguments) for part in (on_sqlite, on_postgres, in_browser)]
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
