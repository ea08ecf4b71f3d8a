"""What a backup has beside the database: the releases and the bytes of the cited pages."""

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from companies.register.backups import databases, drilling, making, manifest, restoring
from companies.register.backups.files_beside import later_releases, restore_files
from companies.register.open_data.released import releases
from companies.register.verifying import stored_pages

NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
KEY = "5e" * 32
PAGE = b"<h1>AI Pact</h1>"
NAME = hashlib.sha256(PAGE).hexdigest()
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "postgresql" and not shutil.which("pg_dump"), reason="no pg_dump"
    ),
]


@pytest.fixture(autouse=True)
def of_a_site(tmp_path, settings):
    """Folders with a release and a page."""
    settings.RELEASES_DIR, settings.KEPT_PAGES_DIR = tmp_path / "releases", tmp_path / "pages"
    stored_pages.store(PAGE, NAME)
    with stored_pages.one_run():
        pass  # leaves the file that it locks
    release = settings.RELEASES_DIR / "2026-11-19"
    (release / "delta").mkdir(parents=True)
    (release / "CHANGES.md").write_text("none")
    (release / "delta/added.jsonl").touch()
    (release / "release.json").write_text('{"number": 1}')
    (settings.RELEASES_DIR / ".draft-abc").mkdir()
    (settings.RELEASES_DIR / ".draft-abc/companies.csv").touch()
    (tmp_path / "pages" / NAME[:2] / "draft-abc").touch()


@pytest.fixture
def elsewhere(tmp_path, settings):
    """The same site with other folders, which do not exist yet."""

    def go():
        settings.RELEASES_DIR = tmp_path / "other/releases"
        settings.KEPT_PAGES_DIR = tmp_path / "other/pages"

    return go


def texts(folder):
    """The files below a folder that are no drafts, with their bytes."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if path.is_file() and "draft" not in name and name != "lock"
    }


def back_up(tmp_path, days=0):
    return making.back_up(tmp_path / "backups", NOW + timedelta(days=days))


@pytest.mark.parametrize("key", ["", KEY])
def test_a_restore_puts_releases_and_archived_pages_into_the_configured_folders(
    tmp_path, settings, elsewhere, key
):
    settings.BACKUP_KEY = key
    shutil.rmtree(settings.RELEASES_DIR)
    call_command("release")
    before = texts(settings.RELEASES_DIR), texts(settings.KEPT_PAGES_DIR)
    folder, about = back_up(tmp_path)
    assert manifest.check(folder) == about
    assert about.beside == "releases: 1, cited pages: 1"
    elsewhere()

    assert restore_files(folder, about) == (1, 1)

    assert (texts(settings.RELEASES_DIR), texts(settings.KEPT_PAGES_DIR)) == before
    assert stored_pages.stored(NAME) == PAGE
    [release] = releases()
    assert (release.folder / "release.json").stat().st_mode & 0o777 == 0o444
    assert later_releases(about) == []


def test_a_restore_keeps_files_that_exist_already(tmp_path, settings):
    folder, about = back_up(tmp_path)
    [release] = releases()
    (release.folder / "CHANGES.md").write_text("mended by hand")

    assert restore_files(folder, about) == (0, 0)
    assert (release.folder / "CHANGES.md").read_text() == "mended by hand"


def test_a_release_unknown_to_the_restored_register_is_reported(tmp_path, settings):
    _folder, about = back_up(tmp_path)
    [release] = releases()
    shutil.copytree(release.folder, settings.RELEASES_DIR / "2031-01-01-2")

    assert later_releases(about) == ["2031-01-01-2"]


def test_the_backup_command_lists_the_contents_of_the_backup(tmp_path, capsys):
    call_command("backup", str(tmp_path / "backups"))
    assert "not encrypted; releases: 1, cited pages: 1)." in capsys.readouterr().out

    call_command("restore", str(tmp_path / "backups"), "--check")
    assert capsys.readouterr().out.endswith("; releases: 1, cited pages: 1.\n")


def inodes(folder):
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino
        for place in ("releases", "pages")
        for path in (folder / place).rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("key", ["", KEY])
def test_two_backups_share_unchanged_files_on_disk(tmp_path, settings, key):
    settings.BACKUP_KEY = key
    first, _about = back_up(tmp_path)
    second, about = back_up(tmp_path, days=1)

    assert inodes(first) == inodes(second) != {}
    shutil.rmtree(first)
    assert manifest.check(second) == about


def test_a_file_with_the_same_name_and_other_bytes_is_copied_again(tmp_path):
    """As after a day's release that was lost with its machine and made again."""
    first, _about = back_up(tmp_path)
    [release] = releases()
    (release.folder / "CHANGES.md").write_text("another")

    second, _about = back_up(tmp_path, days=1)

    name = f"releases/{release.name}/CHANGES.md"
    assert (second / name).read_text() == "another" != (first / name).read_text()


@pytest.mark.parametrize("change", ["key", "damage", "manifest"])
def test_nothing_is_restored_from_a_foreign_or_incomplete_backup(tmp_path, settings, change):
    settings.BACKUP_KEY = KEY
    first, _about = back_up(tmp_path)
    damaged = first / "pages" / NAME[:2] / NAME
    if change == "key":
        settings.BACKUP_KEY, settings.FORMER_BACKUP_KEYS = "0f" * 32, [KEY]
    elif change == "damage":
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    else:
        (first / "manifest.json").write_text("{}")

    second, about = back_up(tmp_path, days=1)

    assert manifest.check(second) == about
    taken = {name for name, inode in inodes(first).items() if inode == inodes(second)[name]}
    assert not taken if change != "damage" else f"pages/{NAME[:2]}/{NAME}" not in taken


def test_an_archived_page_deleted_during_the_backup_is_left_out(tmp_path, monkeypatch):
    gone = f"pages/{NAME[:2]}/{NAME}"
    monkeypatch.setattr(making, "files_beside", lambda: iter([(gone, tmp_path / "gone")]))

    folder, about = back_up(tmp_path)

    assert manifest.check(folder) == about
    assert about.names_in("pages") == []


def rewritten(folder, **values):
    """A manifest with other values, and the proof that fits them."""
    content = json.loads((folder / "manifest.json").read_bytes())
    del content["proof"]
    content |= values
    proof = manifest._proof(content, b"")
    (folder / "manifest.json").write_text(json.dumps(content | {"proof": proof}))


def test_an_older_backup_without_these_files_can_be_restored(tmp_path):
    folder, about = back_up(tmp_path)
    files = [vars(f) for f in about.files if not f.name.startswith(("releases/", "pages/"))]
    shutil.rmtree(folder / "releases")
    shutil.rmtree(folder / "pages")
    rewritten(folder, format="PactWatch backup 1", files=files)

    assert manifest.check(folder).beside == "releases: 0, cited pages: 0"


@pytest.mark.parametrize(
    "name", ["releases/../../evil.csv", "pages/../evil", "/etc/passwd", "releases/2026-11-20/.x"]
)
def test_a_manifest_that_names_a_file_elsewhere_is_refused(tmp_path, name):
    folder, about = back_up(tmp_path)
    rewritten(folder, files=[*map(vars, about.files), {"name": name, "bytes": 0, "sha256": ""}])

    with pytest.raises(CommandError, match="names other files"):
        call_command("restore", str(folder), "--check")


def test_the_restore_drill_finds_a_missing_release(tmp_path):
    _folder, about = back_up(tmp_path)

    with pytest.raises(manifest.Damaged, match=r"releases/.* is missing after it was restored"):
        drilling._refuse_missing(about, tmp_path / "nowhere")


def a_full_disk(*_arguments):
    raise OSError(28, "No space left on device")


def test_a_restore_on_a_full_disk_says_which_folders_to_look_at(tmp_path, monkeypatch, elsewhere):
    folder, _about = back_up(tmp_path)
    elsewhere()
    monkeypatch.setattr(restoring, "is_empty", lambda: True)
    monkeypatch.setattr(restoring, "restore_files", a_full_disk)

    with pytest.raises(CommandError, match=r"RELEASES_DIR or KEPT_PAGES_DIR: No space left"):
        call_command("restore", str(folder))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="pg_dump says it itself")
def test_a_failing_sqlite_copy_is_reported_with_its_file(tmp_path):
    connection.ensure_connection()

    with pytest.raises(databases.ProgramFailed, match=r"nowhere/.copy.sqlite3: unable to open"):
        list(databases.copied(tmp_path / "nowhere"))


def test_a_release_on_a_full_disk_says_where(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("companies.management.commands.release.write_release", a_full_disk)

    with pytest.raises(CommandError, match=f"{settings.RELEASES_DIR}: No space left on device"):
        call_command("release")
