"""The companies in the order of their names, with the places of each value: counts and pages."""

import datetime
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from . import bitmaps

UNKNOWN = "unknown"
Places = Mapping[str, int]


class Codes(dict[Any, int]):
    """A number for each value, in the order in which they come."""

    def __missing__(self, value: Any) -> int:
        self[value] = len(self)
        return self[value]


class ValueColumn:
    """The values of a property, one a place, as codes."""

    def __init__(self) -> None:
        self.codes = Codes()
        self.numbers = array("H")

    def extend(self, values: Iterable[Any]) -> None:
        self.numbers.extend(map(self.codes.__getitem__, values))

    def places(self) -> dict[Any, int]:
        """The places of each value."""
        return dict(zip(self.codes, bitmaps.of_codes(self.numbers, len(self.codes)), strict=True))


@dataclass(frozen=True)
class SortKeys:
    """A whole number for each place, by which lists are ordered; 0 where nothing is known."""

    keys: "array[int]"
    slices: Sequence[int]

    @classmethod
    def of(cls, keys: "array[int]") -> Self:
        return cls(keys, bitmaps.slices(keys))

    def replaced(self, keys: "array[int]", here: int, places: Iterable[int]) -> Self:
        """With other keys, which differ at some places: `here` is their set."""
        width = max(len(self.slices), *(keys[place].bit_length() for place in places))
        slices = [0] * (width - len(self.slices)) + [one & ~here for one in self.slices]
        for place in places:
            for bit in range(width):
                if keys[place] >> bit & 1:
                    slices[width - 1 - bit] |= 1 << place
        return type(self)(keys, slices)

    @cached_property
    def known(self) -> int:
        """The places of which something is known."""
        known = 0
        for having in self.slices:
            known |= having
        return known

    def ordered(self, places: int, start: int, stop: int, *, falling: bool) -> list[int]:
        return bitmaps.ordered(places, self.keys, self.slices, start, stop, falling=falling)


@dataclass(frozen=True)
class Roster:
    """All companies and how they stand toward one pact on one day, by place.

    `values` has the places of each value of a property, `levels` those of each known
    implementation of a commitment.
    """

    keys: "array[int]"  # primary keys
    values: Mapping[str, Places]
    levels: Mapping[str, Places]
    since: SortKeys
    last_changes: Callable[[], Iterable[tuple[int, datetime.datetime | None]]]
    stored: bool = field(default=False, compare=False)  # whether the read table gave it

    # After an edit

    def without(self, key: int) -> Self:
        """The roster without the company of this primary key, where it has it."""
        if key not in self.keys:
            return self
        at, keys, since = self.keys.index(key), self.keys[:], self.since.keys[:]
        del keys[at], since[at]
        return self._with(keys, since, lambda places: bitmaps.removed(places, at))

    def with_one(self, key: int, *, before: int | None) -> Self:
        """The roster with a company, yet without values, before another one or else at its end."""
        at = len(self.keys) if before is None else self.keys.index(before)
        keys, since = self.keys[:], self.since.keys[:]
        keys.insert(at, key)
        since.insert(at, 0)
        return self._with(keys, since, lambda places: bitmaps.inserted(places, at))

    def with_values(self, other: "Roster") -> Self:
        """The roster with the values that `other` has of some of its companies."""
        at = [self.keys.index(key) for key in other.keys]
        here, since = bitmaps.of_places(at, len(self.keys)), self.since.keys[:]
        for place, key in zip(at, other.since.keys, strict=True):
            since[place] = key

        def replaced(old: Places, new: Places) -> Places:
            found = {value: places & ~here for value, places in old.items()}
            for value, places in new.items():
                theirs = (at[one] for one in bitmaps.members(places, 0, len(at)))
                found[value] = found.get(value, 0) | bitmaps.of_places(theirs, len(self.keys))
            return found

        return replace(
            self,
            values={name: replaced(old, other.values[name]) for name, old in self.values.items()},
            levels={code: replaced(old, other.levels[code]) for code, old in self.levels.items()},
            since=self.since.replaced(since, here, at),
        )

    def _with(self, keys: "array[int]", since: "array[int]", moved: Callable[[int], int]) -> Self:
        def all_moved(of: Mapping[str, Places]) -> Mapping[str, Places]:
            return {
                name: {value: moved(places) for value, places in places_of.items()}
                for name, places_of in of.items()
            }

        slices = [moved(places) for places in self.since.slices]
        return replace(
            self,
            keys=keys,
            values=all_moved(self.values),
            levels=all_moved(self.levels),
            since=SortKeys(since, slices),
        )

    # What lists ask

    @property
    def all(self) -> int:
        return (1 << len(self.keys)) - 1

    @property
    def signed(self) -> int:
        return self.having("status", ["signed"])

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {key: place for place, key in enumerate(self.keys)}

    def places_of(self, keys: Iterable[int]) -> int:
        """The places of the companies with these primary keys; others have none."""
        found = map(self._places.get, keys)
        return bitmaps.of_places((place for place in found if place is not None), len(self.keys))

    def having(self, name: str, chosen: Iterable[str]) -> int:
        """The companies with any of these values of a property."""
        return _union(self.values[name], chosen)

    def pledging(self, codes: Iterable[str], levels: Iterable[str]) -> int:
        """The companies with a pledge to any of these commitments at any of these levels."""
        found = 0
        for code in codes:
            found |= _union(self.levels.get(code, {}), levels)
        return found

    def counts(self, name: str, among: int) -> dict[str, int]:
        """How many of some companies have each value, without those that none has."""
        return numbers(self.values[name], among)

    @cached_property
    def changed(self) -> SortKeys:
        """By the instant of the last recorded change, read when an order first asks for it."""
        instants = {key: _microseconds(at) for key, at in self.last_changes() if at}
        return SortKeys.of(array("q", (instants.get(key, 0) for key in self.keys)))


_FIRST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def _microseconds(instant: datetime.datetime) -> int:
    return (instant - _FIRST) // datetime.timedelta(microseconds=1)


def _union(places: Places, chosen: Iterable[str]) -> int:
    found = 0
    for value in chosen:
        found |= places.get(value, 0)
    return found


def numbers(places: Places, among: int) -> dict[str, int]:
    counted = {value: (having & among).bit_count() for value, having in places.items()}
    return {value: number for value, number in counted.items() if number}


@dataclass(frozen=True)
class Stretch:
    """Companies that stand together in an order, by `keys` or else by name."""

    places: int
    keys: SortKeys | None = None
    falling: bool = False

    def part(self, start: int, stop: int) -> list[int]:
        if self.keys is None:
            return bitmaps.members(self.places, start, stop, backwards=self.falling)
        return self.keys.ordered(self.places, start, stop, falling=self.falling)


class Ordered(Sequence[int]):
    """The primary keys of some companies in an order, of which any part costs the same."""

    def __init__(self, roster: Roster, groups: Iterable[Stretch]) -> None:
        self.roster = roster
        self.groups = [(group, group.places.bit_count()) for group in groups]
        self.number = sum(number for _group, number in self.groups)

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, part: Any) -> Any:
        start, stop, _step = part.indices(self.number)
        return list(self._keys(start, stop))

    def _keys(self, start: int, stop: int) -> Iterator[int]:
        for group, number in self.groups:
            if start < number and stop > 0:
                found = group.part(max(start, 0), min(stop, number))
                yield from map(self.roster.keys.__getitem__, found)
            start, stop = start - number, stop - number
