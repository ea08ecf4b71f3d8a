"""Whether the read table is up to date: asked by every response about the present."""

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
MOST_KEPT = 32  # answers of one function
MOST_ASKED = 500  # companies that are named in a query
MOST_WRITTEN = 5_000  # companies that are brought up to date one by one
# That of the answer, or of what is being read to be kept, for all that is read in turn; empty until
# somebody asks.
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

    def tells_since(self, before: "TableState") -> bool:
        """Whether company versions tell everything that changed since `before`."""
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

    Every response asks: without the ORM it takes a twentieth of the time.
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


def kept(read: Read) -> Read:
    """Cache the results of a function until the register changes.

    A clock among its arguments, which must be hashable, gives the day.
    """

    @lru_cache(MOST_KEPT)
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


def kept_of_shared(read: Read) -> Read:
    """Cache until a pact, commitment or the like changes, for functions that read no company."""

    @lru_cache(MOST_KEPT)
    def of_state(shared: TableState, *args: Any) -> Any:
        return read(*args)

    @wraps(read)
    def answer(*args: Any) -> Any:
        return of_state(state().shared, *args)

    _forgetting.append(of_state.cache_clear)
    return cast(Read, answer)


class KeptCompanies:
    """The companies of which something holds today, by what is asked: after an act, of those
    that it wrote alone. All are asked for where no version of a company tells what changed.
    """

    def __init__(self, ask: Callable[..., Iterable[int]]) -> None:
        """`ask` gives primary keys: among some companies, or among all for None."""
        self.ask, self.asking = ask, RLock()
        self.known: dict[Any, tuple[TableState, frozenset[int]]] = {}
        on_forgetting(self.known.clear)

    def of(self, *asked: Hashable) -> frozenset[int]:
        """Those of the present for these arguments of `ask`. One query after an act, else none."""
        now = state()
        if not now.follows:
            return frozenset(self.ask(*asked, None))
        with self.asking:
            before, found = self.known.get(asked, (TableState(), frozenset[int]()))
            if before != now:
                follows = asked in self.known and now.tells_since(before)
                written = written_since(before.number, MOST_ASKED) if follows else None
                if written is None:
                    found = frozenset(self.ask(*asked, None))
                elif written:
                    found = found.difference(written).union(self.ask(*asked, [*written]))
                while len(self.known) >= MOST_KEPT:
                    self.known.pop(next(iter(self.known)))
                self.known[asked] = (now, found)
        return found


def on_forgetting(clear: Callable[[], None]) -> None:
    """Register a callback for `forget`."""
    _forgetting.append(clear)


def forget() -> None:
    """Clear all caches of `kept` functions and others that depend on the state."""
    _written_since.cache_clear()
    for clear in _forgetting:
        clear()
