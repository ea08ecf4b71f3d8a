"""The companies that a search finds, by the words of all names that this process holds.

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
MOST_ORDERS = 6  # as rosters are kept


class _Order(NamedTuple):
    keys: CompanyKeys  # held, so that no other has its id
    moves: Moves | None


@dataclass(frozen=True)
class KeptNames:
    words: NameWords
    made: TableState
    state: TableState
    changed: Mapping[int, str] = field(default_factory=dict)  # since; the names of gone ones are ""
    moves: dict[int, _Order] = field(default_factory=dict)  # by the id of the newer order


_kept: KeptNames | None = None
_making = RLock()


def forget() -> None:
    global _kept
    _kept = None


table_state.on_forgetting(forget)


def places_named(words: Sequence[str], roster: Roster, *, beginning: str = "") -> int:
    """The bitmap of the roster's companies whose names contain each of the words.

    With `beginning`, a word of the names must begin so, too. The read table must follow the
    register. One query after an edit, else none.
    """
    with _making:
        kept, moves = _in_order(_up_to_date(roster), roster.keys)
    each = [*map(kept.words.containing, words)]
    each += [kept.words.beginning(beginning)] if beginning else []
    found, changed = reduce(and_, each), kept.changed
    if moves:
        found = moves.of(found)
    else:
        keys = bitmaps.keys_of(found, kept.words.keys.by_place)
        found = roster.places_of(key for key in keys if key not in changed)
    having = (key for key, names in changed.items() if _have(names, words, beginning))
    return found | roster.places_of(having)


def _have(names: str, words: Sequence[str], beginning: str) -> bool:
    begins = not beginning or f" {beginning}" in names or f"\n{beginning}" in names
    return bool(names) and begins and all(word in names for word in words)


def kept_names(roster: Roster) -> KeptNames:
    """The words of all names, and the names written since. One query after an edit."""
    with _making:
        return _up_to_date(roster)


def prepare(roster: Roster) -> None:
    """Have the words ready, and their file if the register is large."""
    with _making:
        _up_to_date(roster)


def _up_to_date(roster: Roster) -> KeptNames:
    global _kept
    now = state()
    if _kept is None or _kept.state != now:
        _kept = _followed(_kept, now) or _followed(_of_file(roster, now), now) or _made(roster, now)
    return _kept


def _followed(kept: KeptNames | None, now: TableState) -> KeptNames | None:
    """The words with the names written since; None if all must be read again."""
    if kept is None or kept.made.number > now.number:
        return None
    if kept.state.number > now.number:  # a replica that is behind
        kept = KeptNames(kept.words, kept.made, kept.made)
    # What no company's version tells is that some are gone; if all were written, all are newer.
    if now.written != kept.state.written and (now.written or 0) <= kept.state.number:
        return None
    changed = {**kept.changed, **_names_since(kept.state.number)}
    return None if len(changed) > MANY else KeptNames(kept.words, kept.made, now, changed)


def _names_since(version: int) -> dict[int, str]:
    """The names of at most MANY + 1 companies that were written after a version."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT company_id, names FROM companies_companyrow WHERE version > %s LIMIT %s",
            [version, MANY + 1],
        )
        return dict(cursor.fetchall())


def _of_file(roster: Roster, now: TableState) -> KeptNames | None:
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
    return KeptNames(words, made, made)


def _made(roster: Roster, now: TableState) -> KeptNames:
    words, size = NameWords.of(roster.keys, _all_names()), len(roster) // 8 + 1
    numbers = [roster.keys.by_place, roster.keys.places, words.starts]
    for lists in (words.places, words.having):
        numbers += [lists.ends, lists.numbers]
    parts = [words.text, "\n".join(words.grams).encode(), *(one.tobytes() for one in numbers)]
    parts += [one.to_bytes(size, "little") for one in words.common.values()]
    write_parts(NAMES, now, [*words.common], parts, companies=len(roster))
    return KeptNames(words, now, now)


def _all_names() -> Iterator[tuple[int, str]]:
    with connections[DEFAULT_DB_ALIAS].chunked_cursor() as cursor:
        cursor.execute("SELECT company_id, names FROM companies_companyrow")
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk


def _in_order(kept: KeptNames, keys: CompanyKeys) -> tuple[KeptNames, Moves | None]:
    """How the places of the words become those of `keys`; None if their orders are not the same."""
    global _kept
    if id(keys) in kept.moves:
        return kept, kept.moves[id(keys)].moves
    old = kept.words.keys
    moves = Moves.between(old, keys, kept.changed)
    if moves is None:
        gone = dict.fromkeys((key for key in old.by_place if keys.place(key) is None), "")
        kept = _kept = replace(kept, changed={**kept.changed, **gone}, moves={})
        moves = Moves.between(old, keys, kept.changed)
    if len(kept.moves) >= MOST_ORDERS:
        kept.moves.clear()
    kept.moves[id(keys)] = _Order(keys, moves)
    return kept, moves
