"""Makes backups, each of one moment."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from companies.models import Change
from companies.register.history import current_version
from companies.register.package.dumping import dump_in_parts, one_moment
from companies.register.publishing import chain

from .databases import copied
from .folders import MANIFEST, NAME
from .manifest import File, Manifest, Refused, name_of
from .sealing import sealed

LOCK = ".lock"


class AnotherRuns(Refused):
    """Another process makes a backup into the same folder."""


def back_up(folder: Path, at: datetime) -> tuple[Path, Manifest]:
    """A new folder in `folder` with a whole backup; it has its name only once it is whole.

    Raises OSError, DatabaseError, ProgramFailed, Damaged (the database is) or AnotherRuns.
    """
    finished = folder / at.astimezone(UTC).strftime(NAME)
    unfinished = folder / f".{finished.name}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder):
        for dead in folder.glob(".[0-9]*Z"):  # of runs that were killed
            shutil.rmtree(dead)
        unfinished.mkdir(mode=0o700)
        try:
            with one_moment():
                manifest = _write(unfinished, at)
            os.sync()  # a name on the disk without what it names would be no backup
            return unfinished.rename(finished), manifest
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise


def _write(folder: Path, at: datetime) -> Manifest:
    key = bytes.fromhex(settings.BACKUP_KEY)
    manifest = Manifest(
        made_at=at.astimezone(UTC).isoformat(timespec="seconds"),
        site=settings.SITE_URL,
        release=settings.VERSION,
        database=connection.vendor,
        migrations=sorted(
            f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
        ),
        # Read first: with it begins the moment that SQLite's transaction sees.
        register_version=current_version(),
        changes=Change.objects.count(),
        last_hash=chain.last_hash(),
        key=name_of(key) if key else "",
    )
    manifest.files.append(_file(folder, manifest.dump, copied(folder), key))
    (folder / "register").mkdir()
    for name, parts in dump_in_parts():
        manifest.files.append(_file(folder, f"register/{name}", parts, key))
    (folder / MANIFEST).write_bytes(manifest.as_bytes(key))
    return manifest


def _file(folder: Path, name: str, parts: Iterable[bytes], key: bytes) -> File:
    digest, size = hashlib.sha256(), 0
    with (folder / name).open("xb") as file:
        for part in sealed(parts, key, name) if key else parts:
            size += file.write(part)
            digest.update(part)
    return File(name, size, digest.hexdigest())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("a") as file:
        _lock(file, folder)
        yield


def _lock(file: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"Another process makes a backup into {folder}."
        raise AnotherRuns(message) from error
