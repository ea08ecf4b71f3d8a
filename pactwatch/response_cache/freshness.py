"""What a kept answer is fresh by: the version of the register, the day, the database's file."""

import time
from datetime import date
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from pactwatch.outages import Patient, reopen_replaced_file

# How long a version is believed: to read it costs as much as 20 kept answers.
MOMENT = 0.05  # seconds
LONGEST = 0.9  # seconds to wait for another thread that reads it


class Stamp(NamedTuple):
    """An answer is fresh as long as the stamp that it was made at is the newest."""

    version: int = 0
    day: date = date.min
    file: object = None  # of SQLite: another one may have the same version


class Freshness:
    """The newest stamp, as the database had it a moment ago or, for an editor, has it now."""

    def __init__(self) -> None:
        self.ask = Patient(import_string(settings.REGISTER_VERSION))
        self.stamp, self.read_at, self.reading = Stamp(), 0.0, Lock()
        self.second = 0  # of the clock, when the version was read

    def __call__(self, *, at_once: bool) -> Stamp:
        """The newest stamp; raises what the database raises while it is away."""
        now = time.monotonic()
        if at_once or now - self.read_at > MOMENT:
            self._read_since(now)
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
        began, second = time.monotonic(), int(time.time())
        try:
            reopen_replaced_file()
            stamp = Stamp(self.ask(), timezone.localdate(), getattr(connection, "file", None))
        finally:
            connection.close_if_unusable_or_obsolete()
        if stamp != self.stamp:
            self.stamp = stamp
        self.read_at, self.second = began, second
