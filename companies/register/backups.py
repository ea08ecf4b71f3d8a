"""Backups: the whole database and the register as text, kept for a number of days."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from .package import dump

NAME = "%Y-%m-%dT%H%M%SZ"
SIX_HOURS = 6 * 3600  # seconds
HOURS_6 = 6 * 3600  # seconds


def back_up(folder: Path, at: datetime) -> Path:
    """The new folder in `folder` that holds both; it has its name only once it is whole.

    Raises OSError, CalledProcessError (of pg_dump, with what it said) or DatabaseError.
    """
    finished = folder / at.astimezone(UTC).strftime(NAME)
    unfinished = folder / f".{finished.name}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished.mkdir(mode=0o700)
    copy_database(unfinished)
    (unfinished / "register").mkdir()
    for name, content in dump():
        (unfinished / "register" / name).write_bytes(content)
    os.sync()  # a name on the disk without what it names would be no backup
    return unfinished.rename(finished)


def copy_database(folder: Path) -> None:
    """Its rows at one moment, while others go on writing."""
    if connection.vendor == "postgresql":
        (_psql, *arguments), environment = connection.client.settings_to_cmd_args_env(
            connection.settings_dict, []
        )
        command = ["pg_dump", "--format=custom", f"--file={folder / 'database.dump'}"]
        subprocess.run(  # noqa: S603  # the arguments are those of our own settings
            [*command, *arguments],
            env=os.environ | (environment or {}),
            check=True,
            timeout=SIX_HOURS,
            capture_output=True,
            text=True,
        )
        return
    connection.ensure_connection()
    with closing(sqlite3.connect(folder / "database.sqlite3")) as copy:
        connection.connection.backup(copy)


def delete_backups(folder: Path, before: datetime) -> list[str]:
    """Delete those made before a moment, whole or not; their names."""
    old = [path for path in sorted(folder.iterdir()) if is_older(path.name, before)]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


def is_older(name: str, moment: datetime) -> bool:
    """What no backup made is never old."""
    try:
        return datetime.strptime(name.removeprefix("."), NAME).replace(tzinfo=UTC) < moment
    except ValueError:
        return False
