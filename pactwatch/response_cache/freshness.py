"""What cached responses are checked against: register version, day and database file."""

import os
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from mmap import ACCESS_READ, mmap
from pathlib import Path
from threading import Lock
from time import monotonic
from time import time as clock
from typing import Any, NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from pactwatch.outages import Patient, is_outage, reopen_replaced_file

# How long a version of PostgreSQL is trusted: reading it costs as much as 200 cached responses.
# SQLite shows each commit besides.
TRUSTED_FOR = 0.2  # seconds
LONGEST = 0.9  # seconds to wait for another thread that reads it
# What stays open: to close an index would end the locks that this process has on it (POSIX).
_OPEN: list[object] = []


class Stamp(NamedTuple):
    """A state of the register; a response is fresh while its stamp is the newest one."""

    state: Any = None  # what settings.REGISTER_STATE reads; its `number` is the version
    day: date = date.min
    file: object = None  # of SQLite: another one may have the same version

    @property
    def version(self) -> int:
        return self.state.number if self.state else 0


class Freshness:
    """Reads the newest stamp: from SQLite at once, from PostgreSQL at most 0.2 s ago."""

    def __init__(self, replica: Callable[[int], tuple[str, Any] | None]) -> None:
        self.replica = replica  # that has caught up with a version
        self.read_state = Patient(import_string(settings.REGISTER_STATE))
        self.changed_at: Callable[[str], int] = import_string(settings.CHANGED_AT)
        self.stamp, self.reading = Stamp(), Lock()
        self.read_at = self.until = 0.0  # the version was read, and is believed
        self.second = 0  # of the clock, when the version was read
        self.commits: bytes | memoryview = b""  # changes with each of SQLite; else empty
        self.seen = b""  # of it, before the version was read

    def is_current(self) -> bool:
        """Whether the stamp read last still holds, without a query."""
        return self.commits == self.seen and monotonic() < self.until

    def __call__(self) -> Stamp:
        """Return the newest stamp; raises the database's error while it is down."""
        return self.stamp if self.is_current() else self.newest()

    def newest(self) -> Stamp:
        """Return the stamp as it is now, also where a recent one is trusted."""
        self._read_since(monotonic())
        return self.stamp

    def is_still_valid(self, about: str, made_at: Stamp, now: Stamp) -> bool:
        """Whether nothing in `about` changed since the stamp `made_at`. One query.

        A state that differs within one version is that of another read table.
        """
        if made_at.version >= now.version or made_at[1:] != now[1:] or self.read_state.is_away:
            return False
        try:
            return self.changed_at(about) <= made_at.version
        except DatabaseError:
            return False  # rendering it again reports what is wrong
        finally:
            leave_connection()

    def refuse_while_away(self) -> None:
        """Raise the last database error again at once; one request retries."""
        if self.read_state.is_away:
            self.read_state()

    def _read_since(self, began: float) -> None:
        if self.read_state.is_away:  # then one thread reads it, and others fail at once
            self._read()
        elif not self.reading.acquire(timeout=LONGEST):
            message = "The database has not answered for a second."
            raise OperationalError(message)
        else:
            try:
                if self.read_at < began:
                    self._read()
            finally:
                self.reading.release()

    def _read(self) -> None:
        began, now = monotonic(), clock()
        second = int(now)
        try:
            file = reopen_replaced_file()
            if file and (file != self.stamp.file or not self.commits):
                self.commits = _commits(str(connection.settings_dict["NAME"]))
            # Before the version: what is committed meanwhile is read again.
            seen = bytes(self.commits)
            stamp = Stamp(self._state(), timezone.localdate(), file)
        finally:
            leave_connection()
        if stamp != self.stamp:
            self.stamp = stamp
        self.seen, self.read_at, self.second = seen, began, second
        # Nor longer than the second for which nginx may cache a response.
        self.until = began + min(TRUSTED_FOR, second + 1 - now, _left_of_the_day())

    def _state(self) -> Any:
        """The register's state; that of a replica while the primary is down."""
        try:
            return self.read_state()
        except Exception as error:
            found = self.replica(self.stamp.version) if is_outage(error) else None
            if found is None:
                raise
            return found[1]


def leave_connection() -> None:
    """Give this thread's connection back, as Django does at the end of a request."""
    if not connection.in_atomic_block:  # of a test; it would be undone
        connection.close_if_unusable_or_obsolete()


def _left_of_the_day() -> float:
    """Seconds until midnight, when the day changes."""
    now = timezone.localtime()
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    return (midnight - now).total_seconds()


def _commits(path: str) -> bytes | memoryview:
    """SQLite's WAL-index header, which every commit changes.

    See https://www.sqlite.org/walformat.html. Comparing it takes 0.2 us, where PRAGMA
    data_version takes 7 and releases the GIL: a tenth of the time of a cached response.
    """
    own = sqlite3.connect(f"file:{quote(path)}?mode=rw", uri=True, check_same_thread=False)
    own.execute("SELECT 1 FROM sqlite_schema").fetchone()  # opens the index, for as long as `own`
    if not Path(f"{path}-shm").exists():  # no such log: the version is trusted for 0.2 s
        return b""
    index = mmap(os.open(f"{path}-shm", os.O_RDONLY), 48, access=ACCESS_READ)
    _OPEN.append((own, index))
    return memoryview(index)
