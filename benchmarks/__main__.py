"""Measure how fast PactWatch responds, beside rivals: one run of all, on one core each.

Invented registers are served by PactWatch, with and without its response cache, on SQLite and on
PostgreSQL; by a bare WSGI application with the same bytes; by nginx; by hand-written SQL; by
Datasette; and by a plain view set of Django REST Framework. A process on another core sends
requests to all of them in turn. Before that, labelled names show how well and how fast listed names
find their companies.
"""

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.databases import ROOT, Databases, finished, manage
from benchmarks.run import Plan, run
from benchmarks.server import NotMeasured, environment
from tools.postgres import PostgresMissing, stop_on_sigterm, throwaway_postgres

SIZES = [1_000, 100_000, 1_000_000]
DOCUMENT = ROOT / "docs" / "benchmark.md"


def main() -> int:
    asked = arguments()
    stop_on_sigterm()
    try:
        with scratch_folder(asked.keep) as folder:
            below = measure(asked, folder)
    except (NotMeasured, PostgresMissing) as error:
        print(f"Not measured: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    print(*below, sep="\n", file=sys.stderr)
    return 1 if below and not asked.no_floor else 0


def measure(asked: argparse.Namespace, folder: Path) -> list[str]:
    """Run the benchmarks asked for, print and store them; returns a sentence per broken floor."""
    plan = Plan(tuple(asked.companies), asked.rounds, asked.seconds)
    names = {"lines": [], "broken": [], "figures": {}} if asked.no_matching else matching(folder)
    print(*names["lines"], "", sep="\n", flush=True)
    with ExitStack() as stack:
        databases = Databases(folder, stack.enter_context(server_of(asked.database, folder)))
        manage("collectstatic", "--no-input", "--verbosity=0", env=environment(folder, "sqlite://"))
        measured = []
        for size in plan.sizes:
            measured.append(run(size, plan, databases, folder))
            print(*measured[-1].lines(), "", sep="\n", flush=True)
        said = "\n".join(report(plan, databases, measured))
    if asked.docs:
        results.write_into(DOCUMENT, said)
    if asked.json:
        figures = results.as_json(asdict(plan), measured) | {"matching": names["figures"]}
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")
    return [*names["broken"], *(line for one in measured for line in one.below())]


def report(plan: Plan, databases: Databases, measured: list[results.Result]) -> Iterator[str]:
    """The run as Markdown for the document."""
    machine, today = results.machine(), datetime.datetime.now(datetime.UTC)
    yield (
        f"{today:%d %B %Y}: {machine['cores']} cores with {machine['memory_gib']} GiB of memory, "
        f"Python {machine['python']}, {databases.version()}; rounds: {plan.rounds}, of "
        f"{plan.seconds:g} s for each side and column."
    )
    yield ""
    if databases.seconds:
        filled = (f"{name} companies in {took:.0f} s" for name, took in databases.seconds.items())
        yield f"Filled: {'; '.join(filled)}."
        yield ""
    yield "```"
    for one in measured:
        yield from (*one.lines(), "")
    yield from results.grown(measured)
    yield "```"
    yield ""


def matching(folder: Path) -> dict[str, Any]:
    """The results of `benchmarks.matching`, which needs no database."""
    told = "import json; from benchmarks.matching import measured; print(json.dumps(measured()))"
    env = environment(folder, "sqlite://")
    answer: dict[str, Any] = json.loads(
        finished("django", "shell", "--no-imports", "--verbosity=0", "--command", told, env=env)
    )
    return answer


@contextmanager
def scratch_folder(kept: Path | None) -> Iterator[Path]:
    """The folder for databases and servers; deleted afterwards unless it is to be kept."""
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="pactwatch-bench-") as name:
        yield Path(name)


@contextmanager
def server_of(database: str, folder: Path) -> Iterator[str | None]:
    """The URL of a PostgreSQL server with its data in the folder; None for SQLite only."""
    if database == "sqlite":
        yield None
        return
    kept = folder / "postgresql"
    kept.mkdir(exist_ok=True)
    folder.chmod(0o755)  # the server runs as another user
    with throwaway_postgres(kept=kept) as address:
        yield address


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument(
        "--companies", type=at_least(200), nargs="+", default=SIZES, help="how many; several sizes"
    )
    parser.add_argument("--database", choices=["sqlite", "both"], default="both")
    parser.add_argument("--rounds", type=at_least(1), default=3, help="default: 3")
    parser.add_argument("--seconds", type=float, default=1, help="each measurement; default: 1")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the databases there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
    parser.add_argument("--docs", action="store_true", help="write the run into docs/benchmark.md")
    parser.add_argument(
        "--no-matching", action="store_true", help="leave out the matching of names"
    )
    parser.add_argument("--no-floor", action="store_true", help="never fail for a broken floor")
    return parser.parse_args()


def at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"it must be {least} or more")
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main())
