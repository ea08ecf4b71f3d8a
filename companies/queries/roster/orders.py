"""Sort orders of a list; any slice costs the same."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from . import bitmaps
from .roster import Roster, SortKeys

# Fewer companies are all sorted by their primary keys, of more the next ones are looked for.
_MANY = 20_000


@dataclass(frozen=True)
class InGroups:
    """Sorts by groups."""

    groups: Sequence[int]


@dataclass(frozen=True)
class ByKeys:
    """Sorts by integers, such as dates."""

    keys: SortKeys
    falling: bool = False


@dataclass(frozen=True)
class ByName:
    """Sorts by name, the last criterion."""

    falling: bool = False


Order = InGroups | ByKeys | ByName
Stretch = tuple[int, Sequence[Order]]  # places that stand together, and how these are ordered


class Ordered(Sequence[int]):
    """Primary keys of companies, sorted by the first of `orders`, then by the next."""

    def __init__(self, roster: Roster, places: int, orders: Sequence[Order]) -> None:
        self.roster = roster
        self.stretches = list(_stretches(places, orders))
        self.number = places.bit_count()

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, part: Any) -> Any:
        start, stop, _step = part.indices(self.number)
        return [self.roster.keys.by_place[place] for place in _part(self.stretches, start, stop)]


def _stretches(places: int, orders: Sequence[Order]) -> Iterator[Stretch]:
    match orders:
        case [InGroups(groups), *rest]:
            for group in groups:
                yield from _stretches(places & group, rest)
        case _ if places:
            yield places, orders


def _part(stretches: Iterable[Stretch], start: int, stop: int) -> list[int]:
    found = list[int]()
    for places, orders in stretches:
        number = places.bit_count()
        if start < number and stop > 0:
            found += _run(places, orders, max(start, 0), min(stop, number), number)
        start, stop = start - number, stop - number
    return found


def _run(places: int, orders: Sequence[Order], start: int, stop: int, total: int) -> list[int]:
    match orders:
        case [ByName(falling), *_]:
            return bitmaps.members(places, start, stop, backwards=falling)
        case [ByKeys(keys, falling)]:
            return keys.ordered(places, start, stop, falling=falling, total=total)
        case [ByKeys(keys, falling), *rest]:
            return _alike(places, keys.slices, rest, start, stop, falling=falling)
    return bitmaps.members(places, start, stop)


def _alike(
    places: int,
    slices: Sequence[int],
    rest: Sequence[Order],
    start: int,
    stop: int,
    *,
    falling: bool,
) -> list[int]:
    """Sort by the remaining bits of the keys; equal keys by the `rest` of the orders."""
    if not slices or places.bit_count() == 1:
        return _part(_stretches(places, rest), start, stop)
    having, *lower = slices
    high, found = places & having, list[int]()
    for half in (high, places ^ high) if falling else (places ^ high, high):
        number = half.bit_count()
        if start < number and stop > 0:
            first, last = max(start, 0), min(stop, number)
            found += _alike(half, lower, rest, first, last, falling=falling)
        start, stop = start - number, stop - number
    return found


def keys_after(roster: Roster, places: int, key: int, number: int) -> list[int]:
    """The next primary keys after `key`: an order that no edit changes."""
    if places.bit_count() < _MANY:
        found = bitmaps.members(places, 0, _MANY)
        keys = sorted(map(roster.keys.by_place.__getitem__, found))
        after = bisect_right(keys, key)
        return keys[after : after + number]
    octets = places.to_bytes(len(roster) // 8 + 1, "little")
    last = len(roster.keys.places) - 1
    at = ((one, roster.keys.place(one)) for one in range(key + 1, last + 1))
    chosen = (
        one for one, place in at if place is not None and octets[place >> 3] >> (place & 7) & 1
    )
    return list(islice(chosen, number))
