"""Backups: whole or not there, of one moment, read back only as they were made."""

import csv
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from companies.models import Change
from companies.register.backups import databases, drilling, folders, making, manifest, sealing
from companies.register.backups.restoring import refuse_foreign
from companies.register.history import current_version
from companies.register.package import dump
from tests.sampling import only_on

from .own_databases import an_empty_database, run, said, started
from .packages import a_package

NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
KEY, OTHER_KEY = "5e" * 32, "0f" * 32
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"), reason="no pg_dump"
    ),
]


@pytest.fixture(autouse=True)
def without_other_files(tmp_path, settings):
    """Of which tests/test_backup_files.py is."""
    settings.RELEASES_DIR, settings.KEPT_PAGES_DIR = tmp_path / "releases", tmp_path / "pages"


@pytest.fixture
def of_a_register(tmp_path):
    call_command("load_register", str(a_package(tmp_path / "package")), verbosity=0)
    return tmp_path / "backups"


@pytest.fixture
def elsewhere(tmp_path):
    """The URL of an empty database."""
    with an_empty_database(tmp_path, "restored") as url:
        yield url


@pytest.fixture
def backup(tmp_path):
    """A backup that is not encrypted, of a register without companies."""
    return making.back_up(tmp_path / "backups", NOW)[0]


@pytest.fixture
def sealed_backup(tmp_path, settings):
    settings.BACKUP_KEY = KEY
    return making.back_up(tmp_path / "backups", NOW)[0]


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != making.LOCK)


# What a backup is


@pytest.mark.database
def test_a_backup_has_the_database_the_register_as_text_and_a_manifest(of_a_register):
    written, about = making.back_up(of_a_register, NOW)

    assert written.name == "2026-11-20T023000Z"
    assert stat.S_IMODE(written.stat().st_mode) == 0o700
    assert names(written) == [about.dump, "manifest.json", "register"]
    text = {path.name: path.read_bytes() for path in (written / "register").iterdir()}
    assert text == dict(dump())
    assert (about.site, about.made_at) == ("http://testserver", "2026-11-20T02:30:00+00:00")
    assert about.changes == Change.objects.count() > 0
    assert about.register_version == current_version()
    assert manifest.check(written) == about


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL: the restore below")
def test_the_copy_of_a_database_in_sqlite_has_every_row(of_a_register):
    written, _manifest = making.back_up(of_a_register, NOW)

    with sqlite3.connect(written / "database.sqlite3") as copy:
        assert copy.execute("SELECT count(*) FROM companies_company").fetchone() == (2,)
        assert copy.execute("SELECT count(*) FROM companies_change").fetchone() > (0,)


@pytest.mark.database
@override_settings(BACKUP_KEY=KEY)
def test_only_the_manifest_of_an_encrypted_backup_is_readable(of_a_register):
    written, about = making.back_up(of_a_register, NOW)

    for file in about.files:
        content = (written / file.name).read_bytes()
        assert content.startswith(sealing.HEAD)
        assert b"Acme" not in content
        assert b"SQLite format" not in content
    assert KEY not in (written / "manifest.json").read_text()


def test_only_backups_past_their_retention_period_are_deleted(tmp_path):
    for name in ("2026-10-20T023000Z", "2026-10-22T023000Z", "keep.me", "2026-10-20"):
        (tmp_path / name / "register").mkdir(parents=True)

    deleted = folders.delete_backups(tmp_path, NOW - timedelta(days=30))

    assert deleted == ["2026-10-20T023000Z"]
    assert names(tmp_path) == ["2026-10-20", "2026-10-22T023000Z", "keep.me"]


@pytest.mark.database
def test_a_full_disk_leaves_no_partial_backup_and_deletes_none(tmp_path, monkeypatch):
    (tmp_path / "2020-01-01T000000Z").mkdir()

    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "dump_in_parts", full)
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(tmp_path))

    assert names(tmp_path) == ["2020-01-01T000000Z"]


@override_settings(KEEP_BACKUPS_DAYS=7)
def test_the_command_says_what_it_wrote_and_what_expired(tmp_path, capsys):
    (tmp_path / "2020-01-01T000000Z").mkdir()

    call_command("backup", str(tmp_path))

    (written,) = names(tmp_path)
    said = capsys.readouterr().out
    assert said.startswith(f"Wrote {tmp_path / written} (20 files, ")
    assert said.endswith(
        "MB, not encrypted; releases: 0, cited pages: 0). "
        "Expired and deleted: 2020-01-01T000000Z.\n"
    )


def test_two_simultaneous_backups_do_not_collide(tmp_path):
    with making._alone(tmp_path), pytest.raises(CommandError, match="Another process makes"):
        call_command("backup", str(tmp_path))


def test_the_newest_complete_backup_is_the_one_made_last(backup):
    (backup.parent / "2026-11-21T023000Z").mkdir()  # by hand, without a manifest

    assert folders.last_made(backup.parent) == NOW
    assert folders.last_made(backup.parent / "nowhere") is None


def test_encrypting_a_backup_needs_constant_memory(tmp_path):
    import tracemalloc

    path = tmp_path / "sealed"
    tracemalloc.start()
    parts = (b"x" * 1_000_000 for _ in range(40))
    with path.open("wb") as file:
        file.writelines(sealing.sealed(parts, bytes(32), "name"))
    with path.open("rb") as file:
        size = sum(map(len, sealing.opened(file, bytes(32), "name")))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size == 40_000_000
    assert most < 8_000_000


@pytest.mark.parametrize("size", [0, 1, sealing.PART - 1, sealing.PART, sealing.PART + 1])
def test_an_encrypted_file_decrypts_to_the_same_bytes(tmp_path, size):
    path, content = tmp_path / "sealed", os.urandom(size)
    path.write_bytes(b"".join(sealing.sealed([content[:10], content[10:]], bytes(32), "name")))

    with path.open("rb") as file:
        assert b"".join(sealing.opened(file, bytes(32), "name")) == content


# What is none


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def grown(path):
    path.write_bytes(path.read_bytes() + b"\n")


def altered(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def reordered(path):
    """The first two parts of 64 KiB in each other's place."""
    content = path.read_bytes()
    begin, part = (len(sealing.HEAD) + sealing.SALT, sealing.PART + sealing.TAG)
    if not content.startswith(sealing.HEAD):
        begin, part = 0, 4096
    first, second = content[begin : begin + part], content[begin + part : begin + 2 * part]
    assert len(first) == len(second) != 0
    path.write_bytes(content[:begin] + second + first + content[begin + 2 * part :])


def exchanged(path):
    """The file of another table under this one's name."""
    shutil.copy(path.parent / "pacts.csv", path)


def told_otherwise(path):
    """A manifest that somebody without the key rewrote."""
    content = json.loads(path.read_text())
    content["changes"] = 7
    path.write_text(json.dumps(content))


def of_another_program(path):
    path.write_text('{"format": "Other 1", "files": []}')


DAMAGES = [
    ("database", cut, "was cut off"),
    ("database", cut_in_half, "was cut off"),
    ("database", grown, "has grown"),
    ("database", altered, "was altered"),
    ("database", reordered, "was altered"),
    ("database", Path.unlink, "is missing"),
    ("register/companies.csv", cut, "was cut off"),
    ("register/companies.csv", altered, "was altered"),
    ("register/companies.csv", exchanged, "was cut off|has grown"),
    ("register/companies.csv", Path.unlink, "is missing"),
    ("register/more.csv", Path.touch, "a file that is not part of it: register/more.csv"),
    ("manifest.json", cut_in_half, "was cut off or altered"),
    ("manifest.json", told_otherwise, "was altered"),
    ("manifest.json", of_another_program, "is of another program"),
    ("manifest.json", Path.unlink, "is no backup of PactWatch"),
]


@only_on("sqlite")  # the checks of the files are the same
@pytest.mark.parametrize(("name", "damage", "told"), DAMAGES)
@pytest.mark.parametrize("form", ["backup", "sealed_backup"])
def test_a_damaged_backup_is_refused_with_the_reason(request, form, name, damage, told):
    folder = request.getfixturevalue(form)
    damage(folder / (manifest.read_manifest(folder).dump if name == "database" else name))

    with pytest.raises(CommandError, match=told) as refused:
        call_command("restore", str(folder), "--check")
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("damage", [cut, altered, reordered, cut_in_half])
def test_an_altered_encrypted_file_yields_nothing_after_the_altered_byte(sealed_backup, damage):
    """Also where somebody computed the checksums again."""
    about = manifest.check(sealed_backup)
    before = b"".join(manifest.content_of(sealed_backup, about, about.dump))
    damage(sealed_backup / about.dump)

    read = bytearray()
    with pytest.raises(manifest.Damaged, match="was altered"):
        deque(map(read.extend, manifest.content_of(sealed_backup, about, about.dump)), 0)
    assert before.startswith(bytes(read))
    assert len(read) < len(before)


def test_an_encrypted_file_does_not_decrypt_under_another_name(sealed_backup):
    about = manifest.check(sealed_backup)
    shutil.copy(sealed_backup / "register/pacts.csv", sealed_backup / "register/companies.csv")

    with pytest.raises(manifest.Damaged, match=r"companies\.csv was altered"):
        list(manifest.content_of(sealed_backup, about, "register/companies.csv"))


def test_another_key_decrypts_nothing_and_a_former_key_does(sealed_backup, settings):
    settings.BACKUP_KEY = OTHER_KEY
    with pytest.raises(CommandError, match="is sealed with another key"):
        call_command("restore", str(sealed_backup), "--check")
    settings.BACKUP_KEY = ""
    with pytest.raises(CommandError, match="is sealed with another key"):
        call_command("restore", str(sealed_backup), "--check")

    settings.BACKUP_KEY, settings.FORMER_BACKUP_KEYS = OTHER_KEY, [KEY]
    assert manifest.check(sealed_backup).key


def test_an_unencrypted_backup_is_refused_when_a_key_is_set(backup, settings):
    settings.BACKUP_KEY = KEY

    with pytest.raises(CommandError, match="is not sealed, though BACKUP_KEY is set"):
        call_command("restore", str(backup), "--check")
    call_command("restore", str(backup), "--check", "--unsealed")


@pytest.mark.database
def test_a_backup_of_another_kind_of_database_is_refused(backup):
    other = "postgresql" if connection.vendor == "sqlite" else "sqlite"
    about = json.loads((backup / "manifest.json").read_text())
    [database] = backup.glob("database.*")
    database.rename(backup / ("database.dump" if other == "postgresql" else "database.sqlite3"))
    rewrite(backup, about, database=other)

    with pytest.raises(CommandError, match=f"is of {other}, and DATABASE_URL names"):
        call_command("restore", str(backup))


@pytest.mark.database
def test_a_backup_of_a_later_release_is_refused(backup):
    about = json.loads((backup / "manifest.json").read_text())
    migrations = [*about["migrations"], "companies.9999_later"]
    rewrite(backup, about, migrations=migrations, release="99.0")

    with pytest.raises(CommandError, match=r"later release \(99.0\), which has companies.9999"):
        call_command("restore", str(backup))


@pytest.mark.database
def test_a_backup_with_the_same_later_migrations_as_the_database_can_replace_it(backup):
    about = json.loads((backup / "manifest.json").read_text())
    migrations = [*about["migrations"], "companies.9999_later"]
    rewrite(backup, about, migrations=migrations, release="99.0")
    later = manifest.check(backup)
    recorder = MigrationRecorder(connection)
    recorder.record_applied("companies", "9999_later")
    try:
        refuse_foreign(backup, later, replace=True)
    finally:  # no test ends with the flush of this table
        recorder.record_unapplied("companies", "9999_later")

    with pytest.raises(manifest.Damaged, match="later release"):
        refuse_foreign(backup, later, replace=False)


def rewrite(folder, about, **values):
    """Rewrite the manifest with other values and the files that are there, and a proof."""
    del about["proof"], about["format"]
    changed = manifest.Manifest(**about | values)
    dump = folder / changed.dump
    renamed = [
        {**file, "name": re.sub("^database.*", dump.name, file["name"])} for file in changed.files
    ]
    files = [manifest.File(**file) for file in renamed]
    whole = manifest.Manifest(**{**changed.__dict__, "files": files})
    (folder / "manifest.json").write_bytes(whole.as_bytes(b""))


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_without_a_backup_is_refused(tmp_path, there):
    folder = tmp_path / "some folder"
    if there:
        folder.mkdir()

    with pytest.raises(CommandError, match=r"is no (whole )?backup of PactWatch"):
        call_command("restore", str(folder))


def test_a_folder_of_backups_means_its_newest_one_even_if_damaged(backup, capsys):
    (backup.parent / ".2026-11-22T023000Z").mkdir()
    call_command("restore", str(backup.parent), "--check")
    assert capsys.readouterr().out.startswith(f"{backup} is whole: http://testserver as of 2026")

    (backup.parent / "2026-11-21T023000Z").mkdir()
    with pytest.raises(CommandError, match="2026-11-21T023000Z is no whole backup"):
        call_command("restore", str(backup.parent), "--check")


# And back


def dumped(url, folder):
    run(url, "manage.py", "dump_register", str(folder))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.long
@pytest.mark.history
@pytest.mark.parametrize("key", ["", KEY])
def test_a_restored_register_dumps_to_the_same_bytes(
    of_a_register, elsewhere, tmp_path, settings, key
):
    settings.BACKUP_KEY = key
    written, about = making.back_up(of_a_register, NOW)

    told = run(elsewhere, "manage.py", "restore", str(of_a_register), BACKUP_KEY=key)

    assert told.startswith(f"Restored {written}: http://testserver as of 2026-11-20T02:30:00+00:00")
    assert f"{about.changes} changes, hash {about.last_hash}" in told
    assert dumped(elsewhere, tmp_path / "dump") == dict(dump())
    verified = run(elsewhere, "manage.py", "verify_changes", "--replay")
    assert verified.endswith("Replayed, they give the register as it is.\n")
    assert about.last_hash in verified


@pytest.mark.long
@pytest.mark.history
def test_a_filled_database_is_replaced_only_with_the_replace_option(
    backup, of_a_register, elsewhere, tmp_path
):
    """And where what is restored is not what the manifest says, it stays as it was."""
    full = making.back_up(of_a_register, NOW + timedelta(days=1))[0]
    run(elsewhere, "manage.py", "restore", str(full))
    before = dumped(elsewhere, tmp_path / "before")

    status, _out, error = said(elsewhere, "manage.py", "restore", str(backup))
    assert status == 1
    assert error == (
        "CommandError: The database is not empty. With --replace, all that it holds is replaced.\n"
    )
    about = json.loads((backup / "manifest.json").read_text())
    rewrite(backup, dict(about), changes=12345)
    status, _out, error = said(elsewhere, "manage.py", "restore", str(backup), "--replace")
    assert status == 1
    assert "is not that of the manifest" in error
    assert dumped(elsewhere, tmp_path / "after") == before

    rewrite(backup, about)
    run(elsewhere, "manage.py", "restore", str(backup), "--replace")
    assert dumped(elsewhere, tmp_path / "replaced") != before
    run(elsewhere, "manage.py", "migrate", "--check")


@pytest.mark.long
@pytest.mark.history
def test_a_killed_restore_leaves_the_old_or_the_new_database_and_nothing_between(
    of_a_register, elsewhere, tmp_path
):
    empty = making.back_up(tmp_path / "of nothing", NOW)[0]
    call_command("load_register", str(a_package(tmp_path / "package")), verbosity=0)
    full = making.back_up(of_a_register, NOW)[0]
    run(elsewhere, "manage.py", "restore", str(empty))
    whole = {count_of(empty), count_of(full)}

    for number in range(8):
        process = started(elsewhere, "manage.py", "restore", str(full), "--replace")
        time.sleep(0.8 + number * 0.15)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        time.sleep(0.3)  # psql learns that nobody commits
        told = run(elsewhere, "manage.py", "verify_changes", "--replay")
        assert int(re.match(r"All (\d+) changes hold", told)[1]) in whole
    run(elsewhere, "manage.py", "restore", str(full), "--replace")
    assert list(tmp_path.glob(".restore-*")) == [], "what a kill left lying is removed"


def count_of(folder):
    return manifest.read_manifest(folder).changes


# While others write, and where it is killed


@pytest.mark.long
def test_a_backup_during_writes_is_a_consistent_snapshot(elsewhere, tmp_path):
    run(elsewhere, "manage.py", "migrate", "-v0")
    writing = started(elsewhere, "-m", "tests.adding_companies")
    assert writing.stdout.readline() == "writing\n", writing.stderr.read()
    folder, found = tmp_path / "backups", []
    for _ in range(3):
        run(elsewhere, "manage.py", "backup", str(folder))
        time.sleep(1)  # the name is that of the second
    assert writing.poll() is None, writing.stderr.read()
    writing.kill()
    writing.communicate()

    for number, backup in enumerate(sorted(folder.glob("2*"))):
        about = manifest.check(backup)
        rows = csv.DictReader((backup / "register/companies.csv").read_text().splitlines())
        slugs = {row["slug"] for row in rows}
        assert {slug for slug in slugs if slug.startswith("a-")} == {
            slug.replace("b-", "a-") for slug in slugs if slug.startswith("b-")
        }
        with an_empty_database(tmp_path, f"moment_{number}") as url:
            run(url, "manage.py", "restore", str(backup))
            run(url, "manage.py", "verify_changes", "--replay")
            text = dumped(url, tmp_path / f"text-{number}")
        package = {path.name: path.read_bytes() for path in (backup / "register").iterdir()}
        assert text == package
        found.append((about.changes, len(slugs)))
    assert all(earlier < later for earlier, later in pairwise(found))


@pytest.mark.long
def test_a_killed_backup_leaves_nothing_that_looks_complete(elsewhere, tmp_path):
    run(elsewhere, "manage.py", "migrate", "-v0")
    folder = tmp_path / "backups"
    process = started(elsewhere, "manage.py", "backup", str(folder))
    while not list(folder.glob(".2*Z/database*")) and not list(folder.glob(".2*Z/.copy*")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert list(folder.glob("2*")) == []
    assert len(list(folder.glob(".2*Z"))) == 1
    assert folders.last_made(folder) is None
    with pytest.raises(CommandError, match="is no backup of PactWatch and holds none"):
        call_command("restore", str(folder), "--check")
    run(elsewhere, "manage.py", "backup", str(folder))
    assert [path.name[0] for path in folder.glob("*Z")] == ["2"], "the dead one is deleted"


# The drill


@pytest.mark.long
@pytest.mark.history
def test_the_restore_drill_restores_a_backup_loads_its_package_and_reports_the_time(of_a_register):
    written = making.back_up(of_a_register, NOW)[0]
    url = f"sqlite:///{of_a_register}/drilled.sqlite3"
    run(url, "manage.py", "migrate", "-v0")
    run(url, "manage.py", "load_register", str(of_a_register.parent / "package"))

    told = run(url, "manage.py", "drill").splitlines()

    assert told[-1].endswith(" s  The drill succeeded.")
    for what in ("restored in a new sqlite", "sqlite: dumped, the same byte for byte"):
        assert any(line.endswith(what) for line in told), told
    assert all(re.match(r" *\d+\.\d s  ", line) for line in told if "Without" not in line)
    assert written.exists()


def test_the_restore_drill_finds_a_table_that_differs(tmp_path):
    for name, text in (("a", "1"), ("b", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "companies.csv").write_text(text)

    with pytest.raises(manifest.Damaged, match=r"companies\.csv is another after it was restored"):
        drilling._compare(tmp_path / "a", tmp_path / "b")


@pytest.mark.database
@pytest.mark.skipif(connection.vendor != "postgresql", reason="about pg_dump")
def test_the_operator_sees_the_messages_of_pg_dump(tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "_command", lambda *_: ["pg_dump", "--no-such-option"])

    with pytest.raises(CommandError, match=r"pg_dump failed: .*unrecognized option"):
        call_command("backup", str(tmp_path))
    assert names(tmp_path) == []
