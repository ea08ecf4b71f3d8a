"""Power cuts: whoever is killed in the middle leaves nothing half done."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from .applying import MANY

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ROOT = Path(__file__).parent.parent


@pytest.fixture
def database_url(tmp_path) -> Iterator[str]:
    """A database that other processes can open too."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'killed.sqlite3'}"
        return
    import psycopg

    values = settings.DATABASES["default"]
    where = {"host": values["HOST"], "port": values["PORT"], "user": values["USER"]}
    name = "killed"
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"postgres://{where['user']}@{where['host']}:{where['port']}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(database_url: str, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env=os.environ | {"DATABASE_URL": database_url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.long
def test_a_process_killed_while_applying_leaves_no_proposal_half_applied(database_url):
    run(database_url, "manage.py", "migrate", "-v0")
    run(database_url, "-m", "tests.applying", "prepare")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.applying", "apply"],
        env=os.environ | {"DATABASE_URL": database_url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    first = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    counts = run(database_url, "-m", "tests.applying", "check").split()
    *done, waiting, taken = map(int, counts)

    assert first <= done[0] < MANY
    assert done == [done[0]] * len(done)
    assert (waiting, taken) == (MANY - done[0], 0)

    run(database_url, "-m", "tests.applying", "apply")
    assert run(database_url, "-m", "tests.applying", "check").split()[:2] == [str(MANY)] * 2
    assert run(database_url, "manage.py", "verify_changes").startswith("All ")
