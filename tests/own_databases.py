"""Databases that other processes can open too, of the kind that the tests run on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from . import migrated

ROOT = Path(__file__).parent.parent


@contextmanager
def an_empty_database(folder: Path, name: str, *, copy_of: str = "template0") -> Iterator[str]:
    """The URL of a database that nobody has, gone afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    import psycopg

    values = settings.DATABASES["default"]
    where = {"host": values["HOST"], "port": values["PORT"], "user": values["USER"]}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {copy_of}")
        yield f"postgres://{where['user']}@{where['host']}:{where['port']}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def a_migrated_database(folder: Path, name: str) -> Iterator[str]:
    """The same with all tables, as the migrations leave them."""
    template = migrated.template()
    with an_empty_database(folder, name, copy_of=template or "template0") as url:
        if connection.vendor == "sqlite":
            shutil.copyfile(migrated.kept(), folder / f"{name}.sqlite3")
        elif not template:
            run(url, "-m", "tests.fast_migrations")
        yield url


def started(database_url: str, *command: str, **variables: str) -> subprocess.Popen[str]:
    """A process of the program that works on another database."""
    return subprocess.Popen(
        [sys.executable, *command],
        env=os.environ | {"DATABASE_URL": database_url, "DATABASE_POOL": "off"} | variables,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(database_url: str, *command: str, **variables: str) -> tuple[int, str, str]:
    """The status of a command that has ended, and what it said."""
    process = started(database_url, *command, **variables)
    out, error = process.communicate(timeout=600)
    return process.returncode, out, error


def run(database_url: str, *command: str, **variables: str) -> str:
    """What a command that works says."""
    status, out, error = said(database_url, *command, **variables)
    assert status == 0, error
    return out
