"""Whether the read table is up to date, and the caches that depend on the register's state."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS

from companies.queries.records.statements import rows_of_statement

if TYPE_CHECKING:
    from companies.queries.clocks import Clock


Read = TypeVar("Read", bound=Callable[..., Any])
MOST_CACHED = 32  # results of one function
MOST_NAMED = 500  # companies that are named in a query
MOST_WRITTEN = 5_000  # companies that are brought up to date one by one
# The state of the current response, or of the result that is being cached; empty until it is read.
_reading: ContextVar["list[TableState] | None"] = ContextVar("state", default=None)
_forgetting: list[Callable[[], None]] = []


class TableState(NamedTuple):
    """The register's version, and that of the read table; None without a table."""

    number: int = 0
    changed_at: object = None
    version: int | None = None
    written: int | None = None
    changes_on: object = None
    records: int | None = None

    @property
    def follows(self) -> bool:
        """Whether every edit was written to the read table."""
        return self.version == self.number

    @property
    def shared(self) -> "TableState":
        """A cache key that changes only if an edit affects more than some companies' records."""
        return self._replace(number=0, changed_at=None, version=0) if self.follows else self

    def is_traced_since(self, before: "TableState") -> bool:
        """Whether everything that changed since `before` is found by the versions of companies."""
        whole = (before.written, before.records)
        return (
            self.follows and before.number <= self.number and whole == (self.written, self.records)
        )

    def is_whole(self, clock: "Clock") -> bool:
        """Whether the read table is right today: a status may have ended by its date."""
        ended = self.changes_on and str(self.changes_on) <= clock.today.isoformat()
        return self.follows and not ended


def state() -> TableState:
    """The current state of the register, no copy; constant within `one_state`.

    Every response reads it: without the ORM it takes a twentieth of the time.
    """
    known = _reading.get()
    if known is None:
        return read_state()
    if not known:
        known.append(read_state())
    return known[0]


@contextmanager
def one_state(found: TableState | None = None) -> Iterator[None]:
    """Read the state at most once within this context, so that a response is consistent.

    `found` was read before, by the response cache: rows may be newer than it, never older.
    """
    known = [] if found is None else [found]
    token = _reading.set(_reading.get() if is_undone() else known)
    try:
        yield
    finally:
        _reading.reset(token)


def read_state() -> TableState:
    """Read the state of the register. One query."""
    found = rows_of_statement(
        DEFAULT_DB_ALIAS,
        "SELECT v.number, v.changed_at, t.version, t.written, t.changes_on, t.records "
        "FROM companies_registerversion v "
        "LEFT JOIN companies_readtable t ON t.id = v.id WHERE v.id = 1",
    )
    return TableState(*found[0]) if found else TableState()


_undone = count(1)


@contextmanager
def until_rolled_back() -> Iterator[None]:
    """Read within a transaction that will be rolled back, without filling caches.

    The next edit gets the same register version, by which others would mistake the cached data.
    """
    token = _reading.set([TableState(number=-next(_undone))])
    try:
        yield
    finally:
        _reading.reset(token)


def is_undone() -> bool:
    """Whether the current transaction will be rolled back. No query."""
    known = _reading.get()
    return known[0].number < 0 if known else False


class Written(NamedTuple):
    """The register's version when a company was last written, and when its place was set."""

    version: int
    placed: int


def written_since(version: int, most: int = MOST_WRITTEN) -> dict[int, Written] | None:
    """The companies written after a version, by primary key; None if more than `most`.

    One query after an edit, shared by all caches.
    """
    found = _written_since(state(), version)
    return found if len(found) <= most else None


@lru_cache(4)
def _written_since(now: TableState, version: int) -> dict[int, Written]:
    found = rows_of_statement(
        DEFAULT_DB_ALIAS,
        "SELECT company_id, version, placed FROM companies_companyrow WHERE version > %s LIMIT %s",
        [version, MOST_WRITTEN + 1],
    )
    return {key: Written(*of_one) for key, *of_one in found}


def cached(read: Read) -> Read:
    """Cache the results of a function until the register changes.

    A clock among its arguments, which must be hashable, gives the day.
    """

    @lru_cache(MOST_CACHED)
    def of_state(now: TableState, *args: Any) -> Any:
        token = _reading.set([now])
        try:
            return read(*args)
        finally:
            _reading.reset(token)

    @wraps(read)
    def answer(*args: Any) -> Any:
        return of_state(state(), *args)

    _forgetting.append(of_state.cache_clear)
    return cast(Read, answer)


def cached_shared(read: Read) -> Read:
    """Cache until a pact, commitment or the like changes, for functions that read no company."""

    @lru_cache(MOST_CACHED)
    def of_state(shared: TableState, *args: Any) -> Any:
        return read(*args)

    @wraps(read)
    def answer(*args: Any) -> Any:
        return of_state(state().shared, *args)

    _forgetting.append(of_state.cache_clear)
    return cast(Read, answer)


class CachedCompanies:
    """The primary keys of the companies that meet a condition today, cached by its arguments.

    After an edit only the companies that it wrote are queried again; all of them if the versions
    of companies do not show what changed.
    """

    def __init__(self, find: Callable[..., Iterable[int]]) -> None:
        """`find` returns primary keys: among some companies, or among all for None."""
        self.find, self.finding = find, RLock()
        self.known: dict[Any, tuple[TableState, frozenset[int]]] = {}
        on_forgetting(self.known.clear)

    def of(self, *arguments: Hashable) -> frozenset[int]:
        """The companies of today for these arguments of `find`. One query after an edit."""
        now = state()
        if not now.follows:
            return frozenset(self.find(*arguments, None))
        with self.finding:
            before, found = self.known.get(arguments, (TableState(), frozenset[int]()))
            if before != now:
                follows = arguments in self.known and now.is_traced_since(before)
                written = written_since(before.number, MOST_NAMED) if follows else None
                if written is None:
                    found = frozenset(self.find(*arguments, None))
                elif written:
                    found = found.difference(written).union(self.find(*arguments, [*written]))
                while len(self.known) >= MOST_CACHED:
                    self.known.pop(next(iter(self.known)))
                self.known[arguments] = (now, found)
        return found


def on_forgetting(clear: Callable[[], None]) -> None:
    """Register a callback for `forget`."""
    _forgetting.append(clear)


def forget() -> None:
    """Clear the caches of `cached` functions and others that depend on the state."""
    _written_since.cache_clear()
    for clear in _forgetting:
        clear()
