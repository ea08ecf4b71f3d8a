"""Responses while the database or disk is down, locked, full, read-only or busy."""

import errno
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from pactwatch.problems import API_PREFIX, problem

AWAY = (InterfaceError, OperationalError)
# PostgreSQL's read_only_sql_transaction, and undefined_table and undefined_column, which are of a
# database that is not this version's; on SQLite all three are an OperationalError.
OF_POSTGRESQL = ("25006", "42P01", "42703")
# A folder or disk that takes nothing more.
OF_FILES = (
    errno.EACCES, errno.EDQUOT, errno.EEXIST, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOSPC,
    errno.ENOTDIR, errno.EPERM, errno.EROFS,
)  # fmt: skip
WHY_AWAY = "pactwatch.why_away"  # of the environment: an error that is raised before any view
RETRY_AFTER = {"Retry-After": "5"}  # seconds
# While the database is away, each process tries it once in this time; other requests fail at once.
PAUSE = 1.0  # seconds
LONGEST = 10.0  # seconds in which one thread tries it and no other


class TooBusy(Exception):
    """The limit of costly requests at once is reached."""


def is_outage(error: BaseException | None) -> bool:
    if isinstance(error, OSError):
        return error.errno in OF_FILES
    if type(error).__module__ == "redis.exceptions":  # a package that few servers have
        return True
    # A damaged file, or none of SQLite's, is distinguished from a bug by its plain class.
    if isinstance(error, AWAY) or type(error) in (DatabaseError, sqlite3.OperationalError):
        return True
    return getattr(error.__cause__, "sqlstate", "") in OF_POSTGRESQL if error else False


class Patient:
    """Call `call`, but fail at once for a while after the database did not respond."""

    def __init__(self, call: Callable[[], Any], pause: float = PAUSE) -> None:
        self.call, self.pause = call, pause
        self.is_away = False
        self.away_until = 0.0
        self.deciding = Lock()

    def __call__(self) -> Any:
        self.refuse_while_away()
        try:
            answer = self.call()
        except Exception as error:
            if is_outage(error):
                self.is_away, self.away_until = True, time.monotonic() + self.pause
            raise
        self.is_away, self.away_until = False, 0.0
        return answer

    def refuse_while_away(self) -> None:
        with self.deciding:
            if time.monotonic() < self.away_until:
                message = "The database was away a moment ago."
                raise OperationalError(message)
            if self.is_away:
                self.away_until = time.monotonic() + LONGEST


def reopen_replaced_file(database: BaseDatabaseWrapper | None = None) -> tuple[int, int] | None:
    """Close the connection if its SQLite file was replaced or deleted; returns which file it is.

    Otherwise this thread would write to a file nobody reads, or create an empty one.
    """
    database = database or connections[DEFAULT_DB_ALIAS]
    path = str(database.settings_dict["NAME"])
    if database.vendor != "sqlite" or "memory" in path:
        return None
    try:
        found = os.stat(path)  # noqa: PTH116  # done by each request, and a Path takes four times as long
    except OSError as error:
        database.close()
        message = "The file of the database is gone."
        raise OperationalError(message) from error
    file = found.st_dev, found.st_ino
    if getattr(database, "file", file) != file:
        database.close()
    database.file = file  # type: ignore[attr-defined]  # ours
    return file


def takes_writes() -> bool:
    """Whether the database accepts writes: no standby, no read-only file."""
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        return "memory" in path or all(os.access(one, os.W_OK) for one in (path, Path(path).parent))
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return bool(cursor.fetchone() == ("off",))


def unavailable(request: HttpRequest) -> HttpResponse:
    detail = "The register cannot be reached right now. Please try again in a few seconds."
    return to_be_sent_again(request, 503, detail)


def busy(request: HttpRequest) -> HttpResponse:
    detail = "This takes long, and others asked before. Please try again in a few seconds."
    return to_be_sent_again(request, 429, detail)


def to_be_sent_again(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """A page that needs no database and repeats what the reader typed."""
    if request.path_info.startswith(API_PREFIX):
        return problem(request, status, detail, headers=RETRY_AFTER)
    context = {"typed": typed(request), "again": request.get_full_path()}
    page = render_to_string(f"{status}.html", context)
    headers = RETRY_AFTER | {"Cache-Control": "no-store"}
    return HttpResponse(page, status=status, headers=headers)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The submitted fields of a form; empty if the form has a password."""
    if request.method != "POST" or any("password" in name for name in request.POST):
        return []
    return [(name, text) for name, texts in request.POST.lists() for text in texts]
