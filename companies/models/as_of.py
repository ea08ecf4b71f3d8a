"""Rows as they were known on a day, without later facts."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

from django.db import models

_day: ContextVar[datetime.date | None] = ContextVar("as_of", default=None)


@contextmanager
def known_as_of(day: datetime.date | None) -> Iterator[None]:
    """Load rows as known on `day` inside this context; None loads them as stored."""
    token = _day.set(day)
    try:
        yield
    finally:
        _day.reset(token)


class AsOfModel(models.Model):
    """A model that `known_as_of` applies to: rows loaded alone, joined or prefetched.

    `values()` and conditions read columns instead of rows: they need the day themselves.
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        row = super().from_db(*args, **kwargs)
        if day := _day.get():
            # A deferred field is read as it is stored, or nothing would be left to compare.
            with known_as_of(None):
                row.forget_after(day)
        return row

    def forget_after(self, day: datetime.date) -> None:
        """Remove from this row in memory what happened after `day`."""
        raise NotImplementedError
