"""Counts of rows of companies, cached in the process and updated after an edit."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from companies.queries.roster.table_state import (
    MOST_CACHED,
    TableState,
    on_forgetting,
    state,
    written_since,
)

RANGE = 20_000  # primary keys of companies that are counted together
MANY = 500  # companies; with more, all are counted


@dataclass(frozen=True)
class _Ranges:
    state: TableState
    of_range: dict[int, Counter[Any]] = field(default_factory=dict)  # by the first primary key
    total: Counter[Any] = field(default_factory=Counter)


class CachedCounts:
    """What `count` counts: of the rows of a range of companies, or of all for None.

    Of 1,000,000 companies an edit counts the rows of 20,000 again.
    """

    def __init__(self, count: Callable[..., Mapping[Any, int]]) -> None:
        self.count, self.counting = count, RLock()
        self.known: dict[Any, _Ranges] = {}
        on_forgetting(self.known.clear)

    def of(self, *arguments: Hashable) -> Mapping[Any, int]:
        """The counts of the present for these arguments of `count`, without zeros."""
        now = state()
        if not now.follows or _companies().db != DEFAULT_DB_ALIAS:
            return +Counter(self.count(*arguments, None))
        with self.counting:
            counted = self.known.get(arguments)
            if counted is None or counted.state != now:
                counted = self._up_to_date(arguments, counted, now)
                while len(self.known) >= MOST_CACHED and arguments not in self.known:
                    self.known.pop(next(iter(self.known)))
                self.known[arguments] = counted
            return counted.total

    def _up_to_date(
        self, arguments: tuple[Hashable, ...], counted: _Ranges | None, now: TableState
    ) -> _Ranges:
        starts = _written(counted.state, now) if counted else None
        before = counted if counted and starts is not None else _Ranges(now)
        of_range, total = dict(before.of_range), before.total.copy()
        for start in _all_ranges() if starts is None else starts:
            here = Counter(self.count(*arguments, range(start, start + RANGE)))
            total.subtract(of_range.get(start, {}))
            total.update(here)
            of_range[start] = here
        return _Ranges(now, of_range, +total)


def _written(before: TableState, now: TableState) -> set[int] | None:
    """The ranges with companies written since; None if it is not known which."""
    if before.written != now.written or before.number > now.number:
        return None
    written = written_since(before.number, MANY)
    return None if written is None else {key - key % RANGE for key in written}


def _companies() -> Any:
    from companies.models import Company  # here, as filters import this module

    return Company.objects


def _all_ranges() -> range:
    keys = _companies().values_list("pk", flat=True)
    first, last = keys.order_by("pk").first() or 0, keys.order_by("-pk").first() or 0
    return range(first - first % RANGE, last + 1, RANGE)
