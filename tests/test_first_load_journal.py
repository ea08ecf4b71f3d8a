"""While it fills an empty register, SQLite writes its file itself instead of a log beside it."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from django.db.backends.sqlite3.base import DatabaseWrapper

from companies.register.filling import journal
from companies.register.filling.journal import rollback_journal
from pactwatch.settings import database


@pytest.fixture
def path(tmp_path):
    return tmp_path / "register.sqlite3"


@pytest.fixture
def connection(path, monkeypatch, django_db_blocker):
    """A connection to a file, as servers and commands open it."""
    default = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "TIME_ZONE": None}
    default |= {"CONN_HEALTH_CHECKS": False, "AUTOCOMMIT": True}
    opened = DatabaseWrapper(default | database(default))
    monkeypatch.setattr(journal, "connection", opened)
    with django_db_blocker.unblock():
        with opened.cursor() as cursor:
            cursor.execute("CREATE TABLE loaded (number)")
            cursor.execute("PRAGMA busy_timeout = 0")
        yield opened
        opened.close()


def mode(connection):
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA journal_mode").fetchone()[0]


def test_a_first_load_leaves_wal_mode_and_returns_to_it(connection):
    with rollback_journal():
        during = mode(connection)

    assert (during, mode(connection)) == ("delete", "wal")


def test_a_first_load_that_fails_returns_to_wal_mode(connection):
    with pytest.raises(ValueError, match="broken"), rollback_journal():
        raise ValueError("broken")

    assert mode(connection) == "wal"


def test_a_first_load_stays_in_wal_mode_while_another_reads(connection, path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT * FROM loaded").fetchone()
        with rollback_journal():
            during = mode(connection)

    assert during == "wal"


def test_the_next_connection_rolls_back_a_load_that_was_killed(connection, path, tmp_path):
    killed = tmp_path / "killed.sqlite3"
    with rollback_journal():
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = 10")  # pages: the rest is in the file
            cursor.execute("BEGIN IMMEDIATE")
            rows = [(str(number) * 500,) for number in range(1000)]
            cursor.executemany("INSERT INTO loaded VALUES (%s)", rows)
        for end in ("", "-journal"):
            shutil.copy(f"{path}{end}", f"{killed}{end}")
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")

    assert killed.stat().st_size > 1000 * 500
    with closing(sqlite3.connect(killed)) as found:
        assert found.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        assert found.execute("SELECT count(*) FROM loaded").fetchone() == (0,)
