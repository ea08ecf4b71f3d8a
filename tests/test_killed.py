"""Power cuts: whoever is killed in the middle leaves nothing half done."""

import os
import signal
from collections.abc import Iterator

import pytest

from .applying import MANY
from .own_databases import a_migrated_database, run, started

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def database_url(tmp_path) -> Iterator[str]:
    with a_migrated_database(tmp_path, "killed") as url:
        yield url


@pytest.mark.long
def test_a_process_killed_while_applying_leaves_no_proposal_half_applied(database_url):
    run(database_url, "-m", "tests.applying", "prepare")
    process = started(database_url, "-m", "tests.applying", "apply")
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
