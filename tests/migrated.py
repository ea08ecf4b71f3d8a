"""The database as the migrations leave it, kept in var/: to migrate takes half of a short run.

The file's name is a digest of all that decides what it holds, so a changed migration finds none.
Django's `migrate` runs on the copy as on an empty database, and finds nothing left to do.
"""

import os
import sqlite3
from hashlib import sha256
from pathlib import Path

from django.db import connection

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


def fill() -> sqlite3.Connection | None:
    """Copy the kept database, if there is one, to where Django creates its own in memory.

    A database in memory lasts as long as a connection to it: the caller keeps the one returned.
    """
    if connection.vendor != "sqlite" or not (path := kept()).exists():
        return None
    name = connection.creation._get_test_db_name()
    memory = sqlite3.connect(name, uri=True, check_same_thread=False)
    with sqlite3.connect(path) as source:
        source.backup(memory)
    source.close()
    return memory


def keep() -> None:
    """Keep the database that was just migrated, in place of those of earlier migrations."""
    if connection.vendor != "sqlite" or (path := kept()).exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    connection.ensure_connection()
    new.write_bytes(connection.connection.serialize())
    for old in FOLDER.glob("*.sqlite3"):
        old.unlink(missing_ok=True)
    new.replace(path)
