"""The roster: bitmaps of companies by value, in the order of names."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.utils.functional import cached_property

from . import bitmaps

UNKNOWN = "unknown"
Places = Mapping[str, int]


class Overtaken(Exception):
    """The roster lacks a company: it was written while the roster was read."""


class Codes(dict[Any, int]):
    """Assigns numbers to values in order of appearance."""

    def __missing__(self, value: Any) -> int:
        self[value] = len(self)
        return self[value]


class ValueColumn:
    """A column of values, one per place, as codes."""

    def __init__(self) -> None:
        self.codes = Codes()
        self.numbers = array("H")

    def extend(self, values: Iterable[Any]) -> None:
        self.numbers.extend(map(self.codes.__getitem__, values))

    def places(self) -> dict[Any, int]:
        """The bitmap of each value."""
        return dict(zip(self.codes, bitmaps.of_codes(self.numbers, len(self.codes)), strict=True))


@dataclass(frozen=True)
class SortKeys:
    """An integer per place to sort by; 0 if unknown."""

    keys: "array[int]"
    slices: Sequence[int]

    @classmethod
    def of(cls, keys: "array[int]") -> Self:
        return cls(keys, bitmaps.slices(keys))

    def without(self, at: int) -> Self:
        """Without the place `at`."""
        slices = [bitmaps.removed(one, at) for one in self.slices]
        return type(self)(self.keys[:at] + self.keys[at + 1 :], slices)

    def inserted(self, at: int) -> Self:
        """With a place inserted at `at`, with unknown value."""
        slices = [bitmaps.inserted(one, at) for one in self.slices]
        return type(self)(self.keys[:at] + array("q", [0]) + self.keys[at:], slices)

    def replaced(self, news: Iterable[int], here: int, places: Sequence[int]) -> Self:
        """With new keys at some places, whose bitmap is `here`."""
        keys = self.keys[:]
        for place, key in zip(places, news, strict=True):
            keys[place] = key
        width = max([len(self.slices), *(keys[place].bit_length() for place in places)])
        slices = [0] * (width - len(self.slices)) + [one & ~here for one in self.slices]
        for bit in range(width):
            having = (place for place in places if keys[place] >> bit & 1)
            slices[width - 1 - bit] |= bitmaps.of_places(having, len(keys))
        return type(self)(keys, slices)

    @cached_property
    def known(self) -> int:
        """The bitmap of known values."""
        known = 0
        for having in self.slices:
            known |= having
        return known

    def keys_of(self, places: int) -> Iterator[int]:
        """The keys of these places."""
        return bitmaps.keys_of(places, self.keys)

    def at_least(self, number: int) -> int:
        """The bitmap of places with a key of at least `number`."""
        if number >> len(self.slices):
            return 0
        more, alike = 0, (1 << len(self.keys)) - 1
        for place, having in enumerate(self.slices, start=1):
            if number >> (len(self.slices) - place) & 1:
                alike &= having
            else:
                more |= alike & having
                alike &= ~having
        return more | alike

    def ordered(self, places: int, start: int, stop: int, *, falling: bool) -> list[int]:
        return bitmaps.ordered(places, self.keys, self.slices, start, stop, falling=falling)


@dataclass(frozen=True)
class CompanyKeys:
    """The primary keys of all companies, by place."""

    by_place: "array[int]"

    @cached_property
    def _places(self) -> "array[int]":
        """The place + 1 of each primary key, 0 if none; 4 bytes a key, where a dict has 100."""
        places = array("I", bytes(4 * (max(self.by_place, default=0) + 1)))
        for place, key in enumerate(self.by_place, start=1):
            places[key] = place
        return places

    def place(self, key: int) -> int | None:
        """The place of a company; None if unknown."""
        number = self._places[key] if 0 < key < len(self._places) else 0
        return number - 1 if number else None

    def having(self, keys: Iterable[int]) -> int:
        """The bitmap of these companies; unknown ones are ignored."""
        number, last = self._places, len(self._places)
        # The first flag stands for those without a place.
        numbers = [number[key] for key in keys if 0 < key < last]
        return bitmaps.of_many_places(numbers, len(self.by_place) + 1) >> 1

    def at(self, key: int) -> int:
        """The place of a company that must have one."""
        place = self.place(key)
        if place is None:
            raise Overtaken(key)
        return place

    def without(self, at: int) -> Self:
        return type(self)(self.by_place[:at] + self.by_place[at + 1 :])

    def inserted(self, key: int, at: int) -> Self:
        return type(self)(self.by_place[:at] + array("q", [key]) + self.by_place[at:])


@dataclass(frozen=True)
class Roster:
    """All companies and their status toward one pact on one day, as bitmaps.

    `values` has the bitmap of each value of a property, `levels` that of each implementation of
    a commitment, `orders` the dates by which lists are sorted.
    """

    keys: CompanyKeys
    values: Mapping[str, Places]
    levels: Mapping[str, Places]
    orders: Mapping[str, SortKeys]
    stored: bool = field(default=False, compare=False)  # whether the read table gave it

    def __len__(self) -> int:
        return len(self.keys.by_place)

    # After an edit

    def without(self, key: int) -> Self:
        """The roster without this company, if it has it."""
        at = self.keys.place(key)
        if at is None:
            return self
        orders = {name: keys.without(at) for name, keys in self.orders.items()}
        return self._with(self.keys.without(at), orders, lambda places: bitmaps.removed(places, at))

    def with_one(self, key: int, at: int) -> Self:
        """The roster with a company inserted at this place, without values."""
        orders = {name: keys.inserted(at) for name, keys in self.orders.items()}
        keys = self.keys.inserted(key, at)
        return self._with(keys, orders, lambda places: bitmaps.inserted(places, at))

    def with_values(self, other: "Roster") -> Self:
        """The roster with values of some companies replaced by those in `other`."""
        at = [self.keys.at(key) for key in other.keys.by_place]
        here = bitmaps.of_places(at, len(self))

        def replaced(old: Places, new: Places) -> Places:
            found = {value: places & ~here for value, places in old.items()}
            for value, places in new.items():
                theirs = (at[one] for one in bitmaps.members(places, 0, len(at)))
                found[value] = found.get(value, 0) | bitmaps.of_places(theirs, len(self))
            return found

        return replace(
            self,
            values={name: replaced(old, other.values[name]) for name, old in self.values.items()},
            levels={code: replaced(old, other.levels[code]) for code, old in self.levels.items()},
            orders={
                name: keys.replaced(other.orders[name].keys, here, at)
                for name, keys in self.orders.items()
            },
        )

    def _with(
        self, keys: CompanyKeys, orders: Mapping[str, SortKeys], moved: Callable[[int], int]
    ) -> Self:
        def all_moved(of: Mapping[str, Places]) -> Mapping[str, Places]:
            return {
                name: {value: moved(places) for value, places in places_of.items()}
                for name, places_of in of.items()
            }

        values, levels = all_moved(self.values), all_moved(self.levels)
        return replace(self, keys=keys, values=values, levels=levels, orders=orders)

    # What lists ask

    @property
    def all(self) -> int:
        return (1 << len(self)) - 1

    @property
    def signed(self) -> int:
        return self.having("status", ["signed"])

    def places_of(self, keys: Iterable[int]) -> int:
        """The bitmap of the companies with these primary keys; unknown ones are ignored."""
        return self.keys.having(keys)

    def having(self, name: str, chosen: Iterable[str]) -> int:
        """The bitmap of companies with any of these values."""
        return _union(self.values[name], chosen)

    def pledging(self, codes: Iterable[str], levels: Iterable[str]) -> int:
        """The bitmap of companies with a pledge to any of these at any of these levels."""
        found = 0
        for code in codes:
            found |= _union(self.levels.get(code, {}), levels)
        return found

    def undone(self, code: str, companies: Iterable[int]) -> Places:
        """The levels of a commitment, were nothing known yet of the doing of these companies."""
        known, nothing = self.places_of(companies), "no_evidence"
        found = {level: having & ~known for level, having in self.levels[code].items()}
        found[nothing] = found.get(nothing, 0) | known
        return {level: having for level, having in found.items() if having}

    def counts(self, name: str, among: int) -> dict[str, int]:
        """Count companies in `among` by value, without empty values."""
        return numbers(self.values[name], among)


def _union(places: Places, chosen: Iterable[str]) -> int:
    found = 0
    for value in chosen:
        found |= places.get(value, 0)
    return found


def numbers(places: Places, among: int) -> dict[str, int]:
    counted = {value: (having & among).bit_count() for value, having in places.items()}
    return {value: number for value, number in counted.items() if number}
