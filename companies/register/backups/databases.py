"""Copy the whole database to a file with its own program, and back."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfileobj, rmtree
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Timer
from typing import IO, Any
from urllib.parse import quote

from django.db import connection

from .manifest import BLOCK, Damaged, Manifest, Refused, blocks

SIX_HOURS = 6 * 3600  # seconds
UNFINISHED = ".restore-"
BUSY_FOR = 30.0  # seconds that another process may hold the lock of writers
# All of the program's, so that what a later release added goes too; extensions stay, because the
# role may have been given them by somebody else.
EMPTY = """
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT c.oid::regclass AS name FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    LOOP EXECUTE 'DROP TABLE IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
    FOR found IN SELECT p.oid::regprocedure AS name FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP EXECUTE 'DROP ROUTINE ' || found.name || ' CASCADE'; END LOOP;
END $$;
"""
# In the same transaction: what was restored is what the manifest says.
COMPARE = """
DO $$ BEGIN
    IF (SELECT count(*) FROM public.companies_change) <> {changes}
        OR coalesce((SELECT number FROM public.companies_registerversion), 0) <> {version}
    THEN RAISE EXCEPTION 'the restored register is not that of the manifest'; END IF;
END $$;
COMMIT;
"""


class ProgramFailed(Refused):
    """A PostgreSQL program failed; the message is its output."""


def copied(folder: Path) -> Iterator[bytes]:
    """The database as of the open transaction, while others go on writing.

    SQLite's copy is in `folder` meanwhile.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        yield from _said_by("pg_dump", "--format=custom", f"--snapshot={snapshot}")
        return
    path = folder / ".copy.sqlite3"
    with _sqlite_on(path), closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy, progress=_impatient())
        refuse_broken(copy, "The database itself is damaged")
    yield from blocks(path)
    path.unlink()


@contextmanager
def _sqlite_on(path: Path) -> Iterator[None]:
    """Say which file SQLite could not write."""
    try:
        yield
    except sqlite3.Error as error:
        message = f"{path}: {error}."
        raise ProgramFailed(message) from error


def refuse_broken(database: sqlite3.Connection, where: str) -> None:
    (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        message = f"{where}: {found}."
        raise Damaged(message)


def is_empty() -> bool:
    return not connection.introspection.table_names()


def restore_database(manifest: Manifest, parts: Iterable[bytes]) -> None:
    """Replace the contents of the database by the copy, entirely or not at all."""
    if manifest.database == "sqlite":
        _restore_sqlite(manifest, parts)
    else:
        _restore_postgresql(manifest, parts)


def _restore_sqlite(manifest: Manifest, parts: Iterable[bytes]) -> None:
    """Restore with SQLite's backup API, in one transaction of the target database."""
    target = Path(str(connection.settings_dict["NAME"]))
    for left in target.parent.glob(f"{UNFINISHED}*"):  # by one that was killed
        rmtree(left, ignore_errors=True)
    with TemporaryDirectory(dir=target.parent, prefix=UNFINISHED) as folder:
        path = Path(folder, "database.sqlite3")
        with path.open("xb") as file:
            file.writelines(parts)
        url = f"file:{quote(str(path))}?mode=ro&immutable=1"
        with _sqlite_on(target), closing(sqlite3.connect(url, uri=True)) as source:
            refuse_broken(source, "The copy of the database is damaged")
            found = source.execute("SELECT count(*) FROM companies_change").fetchone()
            if found != (manifest.changes,):
                message = "The copy of the database is not that of the manifest."
                raise Damaged(message)
            connection.ensure_connection()
            source.backup(connection.connection, progress=_impatient())
    connection.close()


def _impatient() -> Callable[[int, int, int], None]:
    """A progress callback that gives up on a locked database; SQLite never would."""
    until = time.monotonic() + BUSY_FOR

    def look(status: int, _left: int, _all: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            message = "Another process holds the database: stop what writes to it."
            raise ProgramFailed(message)

    return look


def _restore_postgresql(manifest: Manifest, parts: Iterable[bytes]) -> None:
    """Restore in one transaction, committed only once the whole dump was read."""
    with TemporaryFile() as dump:
        dump.writelines(parts)
        dump.seek(0)
        script = ["pg_restore", "--no-owner", "--no-privileges", "--no-comments", "--file=-"]
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        with (
            _running(script, stdin=dump, stdout=subprocess.PIPE) as restoring,
            _running(_command("psql", *options), stdin=subprocess.PIPE) as writing,
        ):
            try:
                writing.stdin.write(f"BEGIN;{EMPTY}".encode())
                copyfileobj(restoring.stdout, writing.stdin, BLOCK)
                if restoring.wait(SIX_HOURS) == 0:
                    values = {"changes": manifest.changes, "version": manifest.register_version}
                    writing.stdin.write(COMPARE.format(**values).encode())
                writing.stdin.close()
            except BrokenPipeError:
                restoring.kill()  # psql has said why


def _command(program: str, *options: str) -> list[str]:
    """The command line of a PostgreSQL program with the connection options."""
    (_psql, *arguments), _environment = _arguments()
    return [program, *options, *arguments]


def _arguments() -> tuple[Sequence[str], dict[str, str] | None]:
    return connection.client.settings_to_cmd_args_env(connection.settings_dict, [])


def _said_by(program: str, *options: str) -> Iterator[bytes]:
    """The output of a program, in parts. Raises ProgramFailed if it fails."""
    with _running(_command(program, *options), stdout=subprocess.PIPE) as process:
        while part := process.stdout.read(BLOCK):
            yield part


@contextmanager
def _running(command: list[str], **streams: Any) -> Iterator[Any]:
    """Run a program; it is killed at the end of the block, or after six hours."""
    _command, environment = _arguments()
    with TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  # the arguments are those of our own settings
            command, env=os.environ | (environment or {}), stderr=said, **streams
        )
        timer = Timer(SIX_HOURS, process.kill)
        timer.start()
        try:
            yield process
            status = process.wait(SIX_HOURS)
        finally:
            timer.cancel()
            process.kill()
            for stream in (process.stdin, process.stdout):
                _close(stream)
            process.wait(SIX_HOURS)
        said.seek(0)
        if status:
            message = f"{command[0]} failed: {said.read().decode(errors='replace').strip()}"
            raise ProgramFailed(message)


def _close(stream: IO[bytes] | None) -> None:
    if stream and not stream.closed:
        try:
            stream.close()
        except BrokenPipeError:  # what is left is for a program that has ended
            stream.close()
