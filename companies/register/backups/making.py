"""Make backups, each a consistent snapshot."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from companies.models import Change
from companies.register.history import current_version
from companies.register.package.dumping import consistent_snapshot, dump_in_parts
from companies.register.publishing import chain

from .databases import copied
from .files_beside import files_beside
from .folders import MANIFEST, NAME
from .manifest import (
    BLOCK,
    Damaged,
    File,
    Manifest,
    Refused,
    blocks,
    content_of,
    name_of,
    read_manifest,
    whole_backup,
)
from .sealing import sealed

LOCK = ".lock"


class AnotherRuns(Refused):
    """Another process is making a backup in the same folder."""


def back_up(folder: Path, at: datetime) -> tuple[Path, Manifest]:
    """Make a complete backup in a new folder, which gets its name only at the end.

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
            with consistent_snapshot():
                manifest = _write(unfinished, at)
            _write_beside(unfinished, manifest)
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
        # Read first: SQLite's transaction sees the snapshot of its first read.
        register_version=current_version(),
        changes=Change.objects.count(),
        last_hash=chain.last_hash(),
        key=name_of(key) if key else "",
    )
    manifest.files.append(_file(folder, manifest.dump, copied(folder), key))
    (folder / "register").mkdir()
    for name, parts in dump_in_parts():
        manifest.files.append(_file(folder, f"register/{name}", parts, key))
    return manifest


def _write_beside(folder: Path, manifest: Manifest) -> None:
    """Write releases, archived pages and the manifest.

    Files that the previous backup has already are hard-linked.
    """
    key, last = bytes.fromhex(settings.BACKUP_KEY), _Last(folder.parent, manifest.key)
    for name, path in files_beside():
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file := last.linked(name, path, folder / name):
            manifest.files.append(file)
            continue
        try:
            content = path.open("rb")
        except FileNotFoundError:  # a page that just gave way to a newer one
            continue
        with content:
            parts = iter(partial(content.read, BLOCK), b"")
            manifest.files.append(_file(folder, name, parts, key))
    (folder / MANIFEST).write_bytes(manifest.as_bytes(key))


class _Last:
    """The previous backup, if it was made with the same key."""

    def __init__(self, folder: Path, key: str) -> None:
        self.files: dict[str, File] = {}
        try:
            self.folder = whole_backup(folder)
            self.manifest = read_manifest(self.folder)
        except (Damaged, OSError):
            return
        if self.manifest.key == key:
            self.files = {file.name: file for file in self.manifest.files}

    def linked(self, name: str, path: Path, target: Path) -> File | None:
        """Hard-link its file of this name to `target` if it has the bytes of `path`."""
        file = self.files.get(name)
        try:
            if file and _sum(content_of(self.folder, self.manifest, name)) == _sum(blocks(path)):
                target.hardlink_to(self.folder / name)
                return file
        except (Damaged, OSError):
            pass  # it is damaged, or the disk gives a file one name alone
        return None


def _sum(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


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
