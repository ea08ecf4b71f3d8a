"""How fast PactWatch answers, beside a plain Django REST Framework view set on the same data.

An invented register is dumped and loaded, then served by two workers and asked by another process.
"kept" asks for the same few addresses again, so that the response cache answers; "fresh" keeps
nothing, so that every answer is made anew, as the first one after each edit of the register is.
Before that, labelled names show how well and how fast listed names find their companies.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks import register, results
from benchmarks.run import Plan, matching, run
from benchmarks.server import WORKERS, NotMeasured
from tools.postgres import PostgresMissing, stop_on_sigterm

DATABASES = {"sqlite": ["sqlite"], "postgresql": ["postgresql"], "both": ["sqlite", "postgresql"]}


def main() -> int:
    asked = arguments()
    plan = Plan(asked.companies, asked.seconds, asked.connections)
    stop_on_sigterm()
    print(introduction(plan), flush=True)
    measured = []
    try:
        names = matching()
        print(*names["lines"], "", sep="\n", flush=True)
        for database in DATABASES[asked.database]:
            measured.append(run(database, plan))
            print(*measured[-1].lines(), "", sep="\n", flush=True)
    except (NotMeasured, PostgresMissing) as error:
        print(f"Not measured: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    if asked.json:
        figures = results.as_json(asdict(plan), measured) | {"matching": names["figures"]}
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")
    below = [*names["broken"], *(line for one in measured for line in one.below_floor())]
    if asked.no_floor:
        return 0
    for line in below:
        print(line, file=sys.stderr)
    return 1 if below else 0


def introduction(plan: Plan) -> str:
    machine = results.machine()
    return (
        f"{plan.companies:,} invented companies (seed {register.SEED}), {WORKERS} workers, "
        f"{plan.connections} connections, {plan.seconds:g} s each,\n"
        f"on {machine['cores']} cores with {machine['memory_gib']} GiB of memory "
        f"and Python {machine['python']}\n"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("--companies", type=at_least(200), default=10_000, help="default: 10,000")
    parser.add_argument("--database", choices=DATABASES, default="sqlite", help="default: sqlite")
    parser.add_argument("--seconds", type=float, default=2, help="each measurement; default: 2")
    parser.add_argument("--connections", type=at_least(1), default=8, help="default: 8")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there, too")
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
