"""Reads from PostgreSQL streaming replicas, if there are any."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.module_loading import import_string

from pactwatch.outages import Patient, is_outage


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Send this thread's reads to one database: queries use the default alias."""
    usual = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[alias]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()
        connections[DEFAULT_DB_ALIAS] = usual


LOST = (
    5.0  # seconds for which a replica that is lost is left out; connecting to it takes up to three
)


class Replicas:
    """The replicas, used one after another."""

    def __init__(self) -> None:
        self.state: Callable[[], Any] = import_string(settings.REGISTER_STATE)
        self.readers: list[tuple[str, Patient]] = []
        self.starts = count()
        self.newest = 0  # version that one of them had: no later answer is made from an older one
        for alias in settings.DATABASES:
            if alias != DEFAULT_DB_ALIAS:
                self.add(alias, partial(self._state_of, alias))

    def add(self, alias: str, read_state: Callable[[], Any]) -> None:
        self.readers.append((alias, Patient(read_state, LOST)))

    def caught_up(self, version: int) -> tuple[str, Any] | None:
        """An up to date replica and its state; None without one.

        Up to date means that it has at least `version` of the register.
        """
        start = next(self.starts)
        for n in range(len(self.readers)):
            alias, read_state = self.readers[(start + n) % len(self.readers)]
            try:
                has = read_state()
            except Exception as error:
                if not is_outage(error):
                    raise
                continue
            if has.number >= max(version, self.newest):
                self.newest = has.number
                return alias, has
        return None

    def _state_of(self, alias: str) -> Any:
        with reading_from(alias):
            return self.state()
