"""The database as the migrations leave it, kept in var/: to migrate takes half of a short run.

The file's name is a digest of all that decides what it holds, so a changed migration finds none.
Django's `migrate` runs on the copy as on an empty database, and finds nothing left to do. Where
none is kept yet, one of the processes of a run migrates; the others wait, and copy what it keeps.

On PostgreSQL `make test` migrates one database while the tests run on SQLite, and names it in
TEST_TEMPLATE: every process of its part copies that.
"""

import fcntl
import os
import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import IO

from django.db import connection

taken: list[IO[str]] = []  # the turn of this process, while it migrates
ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "var" / "migrated"
DECIDING = (
    "accounts/migrations/*.py",
    "companies/migrations/*.py",
    "companies/models/**/*.py",
    "pactwatch/settings.py",
    "requirements.txt",
)


def kept() -> Path:
    """Where the database of today's migrations is kept, or will be."""
    digest = sha256(sqlite3.sqlite_version.encode())
    for path in sorted(path for pattern in DECIDING for path in ROOT.glob(pattern)):
        digest.update(path.name.encode() + path.read_bytes())
    return FOLDER / f"{digest.hexdigest()[:16]}.sqlite3"


def turn() -> IO[str]:
    """Wait until no other process migrates; the turn ends when the file is closed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = (FOLDER / "turn").open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def fill() -> sqlite3.Connection | None:
    """Copy the kept database, if there is one, to where Django creates its own in memory.

    A database in memory lasts as long as a connection to it: the caller keeps the one returned.
    """
    if connection.vendor != "sqlite":
        return None
    mine = turn()
    if not (path := kept()).exists():
        taken.append(mine)
        return None
    mine.close()
    name = connection.creation._get_test_db_name()
    memory = sqlite3.connect(name, uri=True, check_same_thread=False)
    with sqlite3.connect(path) as source:
        source.backup(memory)
    source.close()
    return memory


def template() -> str:
    """The name of the migrated database on the PostgreSQL of this run, or nothing."""
    return os.environ.get("TEST_TEMPLATE", "") if connection.vendor == "postgresql" else ""


def copy_template() -> None:
    """Let Django create its database as a copy of the one that is migrated, if there is one."""
    if template():
        connection.settings_dict["TEST"]["TEMPLATE"] = template()


def keep() -> None:
    """Keep the database that was just migrated, in place of those of earlier migrations."""
    if not taken:
        return
    path = kept()
    new = path.with_suffix(f".{os.getpid()}")
    connection.ensure_connection()
    new.write_bytes(connection.connection.serialize())
    for old in FOLDER.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    new.replace(path)
    taken.pop().close()
