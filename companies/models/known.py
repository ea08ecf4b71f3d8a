"""Rows as they stood on a past day."""

import datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=models.Model)


class KnownOnQuerySet(models.QuerySet[Row]):
    """Rows that can be read as they stood on a past day, before later news of them.

    Each row has a method `forget_after(day)` that takes the later news away.
    """

    _day: datetime.date | None = None

    def known_on(self, day: datetime.date) -> Self:
        """Rows without what only happened to them after `day`."""
        rows = self._chain()  # type: ignore[attr-defined]  # Django's own copy
        rows._day = day
        return rows  # type: ignore[no-any-return]

    def _clone(self) -> Any:
        clone = super()._clone()  # type: ignore[misc]
        clone._day = self._day
        return clone

    def _fetch_all(self) -> None:
        fetched = self._result_cache is not None
        super()._fetch_all()
        # values() and values_list() give no rows to forget anything in.
        if self._day and not fetched and self._iterable_class is ModelIterable:
            rows: list[Any] = self._result_cache or []
            for row in rows:
                row.forget_after(self._day)
