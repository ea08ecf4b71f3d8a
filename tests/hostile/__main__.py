"""Sends hostile requests to a register of its own, and prints what was answered.

DATABASE_URL chooses the database; `python -m tools.postgres` before it gives a PostgreSQL.
"""

import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

import tests.conftest  # noqa: F401  # the settings of a test


def main(arguments: Namespace) -> int:
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import override_settings

    from tests import migrated
    from tests.hostile.copies import Copy
    from tests.hostile.everything import a_desk_with_work, a_row_of_everything
    from tests.hostile.places import Map
    from tests.hostile.trying import Trial

    memory = migrated.fill()
    connection.creation.create_test_db(verbosity=0)
    migrated.keep()
    folder = tempfile.mkdtemp(prefix="pactwatch-hostile-")
    with override_settings(RECORDED_DIR=Path(folder), KEPT_PAGES_DIR=Path(folder)):
        call_command("load_register", verbosity=0)
        a_row_of_everything()
        clock = time.perf_counter if arguments.wall else time.process_time
        trial = Trial(arguments.role, Map(a_desk_with_work()), clock)
        copy, started = Copy(), time.monotonic()
        for number in range(arguments.skip, arguments.count, arguments.step):
            found = len(trial.tally.faults)
            trial.go_on(f"{arguments.seed} {arguments.role} {number}", arguments.step)
            print(f"{number} {time.monotonic() - started:.0f} s", flush=True)
            print(*trial.tally.faults[found:], sep="\n", flush=True)
            copy.restore()
        print(trial.tally)
        copy.forget()
    connection.creation.destroy_test_db("", verbosity=0)
    if memory:
        memory.close()
    return int(bool(trial.tally.faults))


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--skip", type=int, default=0, help="begin after so many")
    parser.add_argument("--wall", action="store_true", help="by the clock, waiting included")
    parser.add_argument("--step", type=int, default=200, help="restore the register after so many")
    parser.add_argument(
        "--role", choices=["anonymous", "editor", "administrator"], default="anonymous"
    )
    sys.exit(main(parser.parse_args()))
