"""What a kept answer is fresh by: the version of the register, the day, the database's file."""

import sqlite3
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from threading import Lock
from time import monotonic
from time import time as clock
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from pactwatch.outages import Patient, reopen_replaced_file

# How long a version of PostgreSQL is believed: to read it costs as much as 200 kept answers. SQLite
# is asked for commits besides; whoever hears of one and asks for a page needs longer than that.
MOMENT = 0.2  # seconds
INSTANT = 0.0005  # seconds
LONGEST = 0.9  # seconds to wait for another thread that reads it


class Stamp(NamedTuple):
    """An answer is fresh as long as the stamp that it was made at is the newest."""

    version: int = 0
    day: date = date.min
    file: object = None  # of SQLite: another one may have the same version


class Freshness:
    """The newest stamp: as SQLite has it now, or as PostgreSQL had it a moment ago."""

    def __init__(self) -> None:
        self.ask = Patient(import_string(settings.REGISTER_VERSION))
        self.stamp, self.reading = Stamp(), Lock()
        self.read_at = self.until = 0.0  # the version was read, and is believed
        self.second = 0  # of the clock, when the version was read
        self.commits: Callable[[], int] = int  # how many SQLite has seen; always 0 elsewhere
        self.seen, self.seen_at = 0, 0.0

    def holds(self) -> bool:
        """Whether nothing can have changed since the version was read, but a moment ago."""
        now = monotonic()
        if now - self.seen_at > INSTANT:
            try:
                if self.commits() != self.seen:
                    return False
            except sqlite3.Error:
                return False
            self.seen_at = now
        return now < self.until

    def __call__(self) -> Stamp:
        """The newest stamp; raises what the database raises while it is away."""
        began = monotonic()
        if not self.holds():
            self._read_since(began)
        return self.stamp

    def refuse_while_away(self) -> None:
        """Raise at once what was found out a moment ago; one request asks again."""
        if self.ask.is_away:
            self.ask()

    def _read_since(self, began: float) -> None:
        if self.ask.is_away:  # then one thread asks, and others are refused at once
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
        began, second = monotonic(), int(clock())
        try:
            reopen_replaced_file()
            file = getattr(connection, "file", None)
            if file and (file != self.stamp.file or self.commits is int):
                self.commits = _counting(str(connection.settings_dict["NAME"]))
            seen = self.commits()  # before the version: what is committed meanwhile is read again
            stamp = Stamp(self.ask(), timezone.localdate(), file)
        finally:
            if not connection.in_atomic_block:  # of a test; it would be undone
                connection.close_if_unusable_or_obsolete()
        if stamp != self.stamp:
            self.stamp = stamp
        self.seen, self.read_at, self.second = seen, began, second
        self.until = began + min(MOMENT, _left_of_the_day())


def _left_of_the_day() -> float:
    """Seconds to midnight, when another day begins."""
    now = timezone.localtime()
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    return (midnight - now).total_seconds()


def _counting(path: str) -> Callable[[], int]:
    """How SQLite tells that another connection has committed: 6 us, where a query takes 300."""
    own = sqlite3.connect(
        f"file:{quote(path)}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    return lambda: next(own.execute("PRAGMA data_version"))[0]
