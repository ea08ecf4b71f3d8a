"""Restore a backup; everything is verified before anything is written."""

from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from companies.queries.recorded import COPIES
from companies.queries.roster import roster_files

from .databases import is_empty, restore_database
from .files_beside import later_releases, restore_files
from .manifest import Damaged, Manifest, Refused, check, content_of


class NotEmpty(Refused):
    """The database is not empty."""


def restore(folder: Path, *, replace: bool = False, unsealed: bool = False) -> list[str]:
    """Restore into the database of DATABASE_URL, which must be empty unless `replace`.

    Returns messages for the operator. Raises Damaged, NotEmpty, ProgramFailed, OSError or
    DatabaseError, and leaves the database as it was.
    """
    manifest = check(folder, unsealed=unsealed)
    if connection.vendor == "sqlite":
        Path(str(connection.settings_dict["NAME"])).parent.mkdir(parents=True, exist_ok=True)
    refuse_foreign(folder, manifest, replace=replace)
    if not replace and not is_empty():
        message = "The database is not empty. With --replace, all that it holds is replaced."
        raise NotEmpty(message)
    releases, pages = restore_files(folder, manifest)
    restore_database(manifest, content_of(folder, manifest, manifest.dump))
    for files in (COPIES, roster_files):
        files.forget()  # their names are made of numbers that come again
    later = ", ".join(later_releases(manifest))
    return [
        f"Restored {folder}: {manifest.in_words}",
        f"Added, because it was not here: releases: {releases}, cited pages: {pages}.",
        *([f"This register does not know the releases {later}: until they are moved out of "
           "RELEASES_DIR, none follows."] if later else []),
        "Next: manage.py migrate, then verify_changes --replay.",
    ]  # fmt: skip


def refuse_foreign(folder: Path, manifest: Manifest, *, replace: bool) -> None:
    """Raise Damaged for a backup of another kind of database, or of unknown migrations."""
    if manifest.database != connection.vendor:
        message = (
            f"{folder} is of {manifest.database}, and DATABASE_URL names {connection.vendor}. "
            "Name a database of its kind; `load_register` reads the public register alone into "
            "any."
        )
        raise Damaged(message)
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {*loader.disk_migrations}
    known |= {key for one in loader.disk_migrations.values() for key in one.replaces}
    if replace and not is_empty():
        # After a roll back the present release goes on with the tables of a later one.
        known |= {*MigrationRecorder(connection).applied_migrations()}
    names = {f"{app}.{name}" for app, name in known}
    if newer := sorted({*manifest.migrations} - names):
        message = (
            f"{folder} is of a later release ({manifest.release}), which has {newer[-1]}. Restore "
            "it with that release."
        )
        raise Damaged(message)
