"""The restore drill: restore a backup to an empty database and compare.

The steps are the commands that an operator types, each in a process of its own.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.utils import timezone

from companies.register.package.dumping import PACKAGE

from .making import back_up
from .manifest import PAGES, RELEASES, Damaged, Manifest, Refused, check, content_of, whole_backup

MINUTES_30 = 1800  # seconds for one step
Say = Callable[[str], object]


class StepFailed(Refused):
    """A command of the drill failed; the message is its output."""


@dataclass(frozen=True)
class _Scratch:
    """A scratch database in which a register is restored."""

    url: str
    folder: Path

    def run(self, *command: str) -> str:
        environment = os.environ | {
            "DATABASE_URL": self.url,
            "DATABASE_POOL": "off",
            "RECORDED_DIR": str(self.folder / "recorded"),
            "RELEASES_DIR": str(self.folder / "releases"),
            "KEPT_PAGES_DIR": str(self.folder / "pages"),
            "REPLICA_URLS": "",
        }
        done = subprocess.run(  # noqa: S603  # our own commands
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=MINUTES_30,
            check=False,
        )
        if done.returncode:
            message = f"{command[0]}: {(done.stderr or done.stdout).strip()}"
            raise StepFailed(message)
        return done.stdout.strip()


def drill(given: Path | None, postgresql: str | None, say: Say) -> None:
    """Restore a backup, and load its data package, each in an empty database, and compare both.

    Without `given` a backup is made first. `postgresql` is the URL of an empty database. The
    database of the backup's own kind gets the whole copy, the other one the package. Raises
    Refused.
    """
    with TemporaryDirectory(prefix="pactwatch-drill-") as name, _timed(say, "The drill succeeded."):
        work = Path(name)
        if given is None:
            with _timed(say, "backed up"):
                given, _manifest = back_up(work / "backups", timezone.now())
        folder = whole_backup(given)
        with _timed(say, f"every byte of {folder.name} read"):
            manifest = check(folder, unsealed=True)
        scratches = {"sqlite": f"sqlite:///{work}/scratch.sqlite3"}
        scratches |= {"postgresql": postgresql} if postgresql else {}
        if manifest.database not in scratches:
            message = "There is no empty PostgreSQL to restore into: name one with --into."
            raise StepFailed(message)
        package = _unpacked(folder, manifest, work / "package")
        for kind in sorted(scratches, key=lambda kind: kind != manifest.database):
            _try(_Scratch(scratches[kind], work), folder, kind, package, manifest, say)


def _try(
    scratch: _Scratch, folder: Path, kind: str, package: Path, manifest: Manifest, say: Say
) -> None:
    if kind == manifest.database:
        with _timed(say, f"restored in a new {kind}"):
            scratch.run("restore", str(folder.absolute()), "--unsealed")
            scratch.run("migrate", "--verbosity=0")
            _refuse_missing(manifest, scratch.folder)
    else:
        with _timed(say, f"its data package loaded in a new {kind}"):
            scratch.run("migrate", "--verbosity=0")
            scratch.run("load_register", str(package))
    with _timed(say, f"{kind}: dumped, the same byte for byte"):
        scratch.run("dump_register", str(scratch.folder / kind))
        _compare(package, scratch.folder / kind)
    with _timed(say, f"{kind}: the chain of changes holds and gives the register"):
        scratch.run("verify_changes", "--replay")


def _refuse_missing(manifest: Manifest, folder: Path) -> None:
    for name in (*manifest.names_in(RELEASES), *manifest.names_in(PAGES)):
        if not (folder / name).is_file():
            message = f"{name} is missing after it was restored."
            raise Damaged(message)


def _unpacked(folder: Path, manifest: Manifest, target: Path) -> Path:
    """Unpack the data package of a backup."""
    target.mkdir()
    for file in manifest.files:
        if file.name.startswith("register/"):
            with (target / Path(file.name).name).open("xb") as opened:
                opened.writelines(content_of(folder, manifest, file.name))
    return target


def _compare(before: Path, after: Path) -> None:
    """Raise Refused if two packages differ, except in the descriptor of another release."""
    names = sorted({path.name for path in (*before.iterdir(), *after.iterdir())} - {PACKAGE})
    for name in names:
        both = [folder / name for folder in (before, after)]
        if not all(path.exists() for path in both) or both[0].read_bytes() != both[1].read_bytes():
            message = f"{name} is another after it was restored."
            raise Damaged(message)


@contextmanager
def _timed(say: Say, what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"{time.monotonic() - began:7.1f} s  {what}")
