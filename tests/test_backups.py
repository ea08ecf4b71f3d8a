"""Backups: whole or not there, gone after their days, and as good as what they were made of."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from companies.register import backups
from companies.register.package import dump

from .packages import a_package

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def of_a_register(tmp_path):
    call_command("load_register", str(a_package(tmp_path / "package")), verbosity=0)
    return tmp_path / "backups"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL: the restore below")
def test_a_backup_has_every_row_and_the_register_as_text(of_a_register):
    written = backups.back_up(of_a_register, NOW)

    with sqlite3.connect(written / "database.sqlite3") as copy:
        assert copy.execute("SELECT count(*) FROM companies_company").fetchone() == (2,)
        assert copy.execute("SELECT count(*) FROM companies_change").fetchone() > (0,)
    assert {path.name: path.read_bytes() for path in (written / "register").iterdir()} == dict(
        dump()
    )
    assert written.name == "2026-11-20T023000Z"
    assert stat.S_IMODE(written.stat().st_mode) == 0o700


def test_backups_are_deleted_after_their_days_and_nothing_else_is(tmp_path):
    for name in ("2026-10-20T023000Z", "2026-10-22T023000Z", ".2026-10-01T023000Z", "keep.me"):
        (tmp_path / name / "register").mkdir(parents=True)

    deleted = backups.delete_backups(tmp_path, NOW - timedelta(days=30))

    assert deleted == [".2026-10-01T023000Z", "2026-10-20T023000Z"]
    assert names(tmp_path) == ["2026-10-22T023000Z", "keep.me"]


def test_until_a_new_backup_is_whole_none_is_deleted_and_it_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "copy_database", lambda folder: None)
    (tmp_path / "2020-01-01T000000Z").mkdir()

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "dump", full)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("back_up", "--into", str(tmp_path))

    whole = [name for name in names(tmp_path) if not name.startswith(".")]
    assert whole == ["2020-01-01T000000Z"]


@override_settings(KEEP_BACKUPS_DAYS=7)
def test_the_command_says_what_it_wrote_and_what_expired(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(backups, "copy_database", lambda folder: None)
    (tmp_path / "2020-01-01T000000Z").mkdir()

    call_command("back_up", "--into", str(tmp_path))

    (written,) = names(tmp_path)
    said = capsys.readouterr().out
    assert said == f"Wrote {tmp_path / written}. Expired and deleted: 2020-01-01T000000Z.\n"


def dumped(url, folder):
    """The register in another database, as `dump_register` writes it."""
    command = [sys.executable, "manage.py", "dump_register", str(folder)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True)
    return contents(folder)


def restored(backup, folder):
    """The URL of a database made from a backup alone."""
    if connection.vendor == "sqlite":
        shutil.copy(backup / "database.sqlite3", folder)
        return f"sqlite:///{folder / 'database.sqlite3'}"
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS restored")
        cursor.execute("CREATE DATABASE restored TEMPLATE template0")
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/restored"
    dump = ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction"]
    subprocess.run([*dump, f"--dbname={url}", backup / "database.dump"], check=True)
    return url


@pytest.mark.long
@pytest.mark.database
@pytest.mark.history
def test_a_register_restored_from_a_backup_is_the_same_byte_for_byte(of_a_register, tmp_path):
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("there is no pg_dump")
    before = dict(dump())
    written = backups.back_up(of_a_register, NOW)

    assert dumped(restored(written, tmp_path), tmp_path / "dump") == before
