"""The companies that a search finds, by the words of all names, cached in the process.

For 1,000,000 companies, words are made of the read table in 4 s of CPU time or read from a file in
0.03 s. After an edit the names of the companies that were written since are read, and compared one
by one.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import count
from operator import and_
from threading import RLock
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

from companies.queries.roster import bitmaps, table_state
from companies.queries.roster.roster import CompanyKeys, Roster
from companies.queries.roster.roster_files import NAMES, read_parts, write_parts
from companies.queries.roster.table_state import TableState, state

from .moves import Moves
from .name_words import NameWords, NumberLists

MANY = 2_000  # companies; with more, all names are read again
CHUNK = 5_000  # rows that are read together
MOST_ORDERS = 6  # as many as rosters are cached


class _Order(NamedTuple):
    keys: CompanyKeys  # referenced, so that no other gets its id
    moves: Moves | None


@dataclass(frozen=True)
class CachedNames:
    words: NameWords
    made: TableState
    state: TableState
    changed: Mapping[int, str] = field(default_factory=dict)  # since; the names of gone ones are ""
    moves: dict[int, _Order] = field(default_factory=dict)  # by the id of the newer order


_cached: CachedNames | None = None
_making = RLock()


def forget() -> None:
    global _cached
    _cached = None


table_state.on_forgetting(forget)


def places_named(words: Sequence[str], roster: Roster, *, beginning: str = "") -> int:
    """The bitmap of the roster's companies whose names contain each of the words.

    With `beginning`, a word of the names must begin so, too. The read table must follow the
    register. One query after an edit, else none.
    """
    with _making:
        cached, moves = _in_order(_up_to_date(roster), roster.keys)
    each = [*map(cached.words.containing, words)]
    each += [cached.words.beginning(beginning)] if beginning else []
    found, changed = reduce(and_, each), cached.changed
    if moves:
        found = moves.of(found)
    else:
        keys = bitmaps.keys_of(found, cached.words.keys.by_place)
        found = roster.places_of(key for key in keys if key not in changed)
    having = (key for key, names in changed.items() if _have(names, words, beginning))
    return found | roster.places_of(having)


def _have(names: str, words: Sequence[str], beginning: str) -> bool:
    begins = not beginning or f" {beginning}" in names or f"\n{beginning}" in names
    return bool(names) and begins and all(word in names for word in words)


def cached_names(roster: Roster) -> CachedNames:
    """The words of all names, and the names written since. One query after an edit."""
    with _making:
        return _up_to_date(roster)


def prepare(roster: Roster) -> None:
    """Have the words ready, and their file if the register is large."""
    with _making:
        _up_to_date(roster)


def _up_to_date(roster: Roster) -> CachedNames:
    global _cached
    now = state()
    if _cached is None or _cached.state != now:
        _cached = (
            _updated(_cached, now) or _updated(_from_file(roster, now), now) or _built(roster, now)
        )
    return _cached


def _updated(cached: CachedNames | None, now: TableState) -> CachedNames | None:
    """The words with the names written since; None if all must be read again."""
    if cached is None or cached.made.number > now.number:
        return None
    if cached.state.number > now.number:  # a replica that is behind
        cached = CachedNames(cached.words, cached.made, cached.made)
    # That companies are gone, no company's version shows; if all were written, all are newer.
    if now.written != cached.state.written and (now.written or 0) <= cached.state.number:
        return None
    changed = {**cached.changed, **_names_since(cached.state.number)}
    return None if len(changed) > MANY else CachedNames(cached.words, cached.made, now, changed)


def _names_since(version: int) -> dict[int, str]:
    """The names of at most MANY + 1 companies that were written after a version."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT company_id, names FROM companies_companyrow WHERE version > %s LIMIT %s",
            [version, MANY + 1],
        )
        return dict(cursor.fetchall())


def _from_file(roster: Roster, now: TableState) -> CachedNames | None:
    """The words that another process read."""
    found = read_parts(NAMES, now)
    if found is None:
        return None
    made, common, (text, grams, *parts) = found
    by_place, of_keys, starts, *lists = map(array, "qIIIIII", parts)
    is_same = by_place == roster.keys.by_place  # then in memory once
    keys = roster.keys if is_same else CompanyKeys(by_place, of_keys)
    bits = (int.from_bytes(part, "little") for part in parts[7:])
    places, having = NumberLists(*lists[:2]), NumberLists(*lists[2:])
    numbers = dict(zip(grams.decode().split("\n"), count()))
    of_common = dict(zip(common, bits, strict=True))
    words = NameWords(keys, text, starts, places, of_common, numbers, having)
    return CachedNames(words, made, made)


def _built(roster: Roster, now: TableState) -> CachedNames:
    words, size = NameWords.of(roster.keys, _all_names()), len(roster) // 8 + 1
    numbers = [roster.keys.by_place, roster.keys.places, words.starts]
    for lists in (words.places, words.having):
        numbers += [lists.ends, lists.numbers]
    parts = [words.text, "\n".join(words.grams).encode(), *(one.tobytes() for one in numbers)]
    parts += [one.to_bytes(size, "little") for one in words.common.values()]
    write_parts(NAMES, now, [*words.common], parts, companies=len(roster))
    return CachedNames(words, now, now)


def _all_names() -> Iterator[tuple[int, str]]:
    with connections[DEFAULT_DB_ALIAS].chunked_cursor() as cursor:
        cursor.execute("SELECT company_id, names FROM companies_companyrow")
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk


def _in_order(cached: CachedNames, keys: CompanyKeys) -> tuple[CachedNames, Moves | None]:
    """How the places of the words become those of `keys`; None if their orders are not the same."""
    global _cached
    if id(keys) in cached.moves:
        return cached, cached.moves[id(keys)].moves
    old = cached.words.keys
    moves = Moves.between(old, keys, cached.changed)
    if moves is None:
        gone = dict.fromkeys((key for key in old.by_place if keys.place(key) is None), "")
        cached = _cached = replace(cached, changed={**cached.changed, **gone}, moves={})
        moves = Moves.between(old, keys, cached.changed)
    if len(cached.moves) >= MOST_ORDERS:
        cached.moves.clear()
    cached.moves[id(keys)] = _Order(keys, moves)
    return cached, moves
