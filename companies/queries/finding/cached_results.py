"""Counts and pages of primary keys that queries about the present found, cached in the process.

Finding them takes time that grows with the register, but they have half a kilobyte: a repeated
query is answered as fast among 1,000,000 companies as among 1,000.
"""

import json
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property

from companies.queries.roster.cached_texts import CachedTexts
from companies.queries.roster.table_state import state

if TYPE_CHECKING:
    from companies.queries.clocks import Clock

RESULTS = CachedTexts(1_000_000)
LONGEST = 500  # characters of the conditions of a query
MOST = 100  # companies of a page


class CachedResults:
    """Results by key, cached as JSON until the register or the day changes; none of past days."""

    def __init__(self, clock: "Clock") -> None:
        self.now = state()
        basis = (self.now, clock.today)  # any edit may change what is found
        self.shelf = None if clock.is_past else RESULTS.at(self.now, basis)

    def of(self, key: Hashable | None, find: Callable[[], Any]) -> Any:
        """What `find` gives for this key; without a key it is called each time."""
        if self.shelf is None or key is None:
            return find()
        text = self.shelf.get(key)
        if text is not None:
            return json.loads(text)
        found = find()
        text = json.dumps(found, separators=(",", ":")).encode()
        self.shelf.add(key, text, self.now.number)
        return found


class CachedKeys(Sequence[int]):
    """The primary keys that `find` gives, in some order; their number and pages are cached."""

    def __init__(
        self,
        results: CachedResults,
        key: tuple[Any, ...] | None,
        order: Sequence[str],
        find: Callable[[], Sequence[int]],
    ) -> None:
        self.results, self.key, self.order, self.find = results, key, order, find

    @cached_property
    def every(self) -> Sequence[int]:
        return self.find()

    def __len__(self) -> int:
        number: int = self.results.of(self.key, lambda: len(self.every))
        return number

    def __getitem__(self, part: Any) -> Any:
        start, stop, _step = part.indices(len(self))
        if stop - start > MOST:
            return self.every[part]
        key = self.key and (*self.key, *self.order, start, stop)
        return self.results.of(key, lambda: self.every[start:stop])
