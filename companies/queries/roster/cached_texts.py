"""A cache of texts by company, such as JSON, valid until the company changes."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import NamedTuple

from . import table_state
from .table_state import MOST_WRITTEN, TableState, Written, written_since

MOST_CHANGED = MOST_WRITTEN  # changed companies that a shelf remembers; after more, it starts empty


class _Text(NamedTuple):
    version: int  # of the register, before the companies were read
    companies: tuple[int, ...]  # primary keys of those it is about
    text: bytes


class Shelf:
    """Cached texts by key, each made from some companies, for one day and `basis`.

    A text is returned only if none of its companies was written after it was made.
    """

    def __init__(self, now: TableState, basis: Hashable, limit: int) -> None:
        self.state, self.basis, self.limit = now, basis, limit
        self.changed: dict[int, Written] = {}  # when each company was last written
        self.texts: OrderedDict[Hashable, _Text] = OrderedDict()
        self.size = 0
        self.adding = Lock()

    def get(self, key: Hashable) -> bytes | None:
        found = self.texts.get(key)
        if found is None:
            return None
        if self.changed:
            last = (self.changed[one] for one in found.companies if one in self.changed)
            if any(written.version > found.version for written in last):
                return None
        return found.text

    def add(self, key: Hashable, text: bytes, version: int, *companies: int) -> bytes:
        with self.adding:
            self._drop(self.texts.pop(key, None))
            self.texts[key] = _Text(version, companies, text)
            self.size += len(text) + _OVERHEAD
            while self.size > self.limit:
                self._drop(self.texts.popitem(last=False)[1])
        return text

    def _drop(self, one: _Text | None) -> None:
        if one:
            self.size -= len(one.text) + _OVERHEAD

    def followed(self, now: TableState, basis: Hashable) -> bool:
        """Whether the shelf is valid for `now`; updates which companies changed."""
        before = self.state
        if not now.follows or basis != self.basis or now.written != before.written:
            return False
        if now.number <= before.number:
            return now == before
        changed = written_since(before.number, MOST_CHANGED - len(self.changed))
        if changed is None:
            return False
        self.changed |= changed
        self.state = now
        return True


_OVERHEAD = 500  # bytes that Python needs beside a text


class CachedTexts:
    """This process's current shelf, up to `limit` bytes; the oldest texts are evicted."""

    def __init__(self, limit: int) -> None:
        self.limit, self.following = limit, Lock()
        self.shelf: Shelf | None = None
        table_state.on_forgetting(self.forget)

    def at(self, now: TableState, basis: Hashable) -> Shelf:
        """The shelf for `now`. One query after an edit, else none.

        `basis` is all that the texts depend on besides their companies. Without an up to
        date read table, which shows what an edit changed, nothing is cached.
        """
        shelf = self.shelf
        if shelf and shelf.state == now and shelf.basis == basis:
            return shelf
        if not now.follows:
            return Shelf(now, basis, self.limit)
        with self.following:
            if not (self.shelf and self.shelf.followed(now, basis)):
                self.shelf = Shelf(now, basis, self.limit)
            return self.shelf

    def forget(self) -> None:
        self.shelf = None
