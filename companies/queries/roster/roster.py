"""The roster: bitmaps of companies by value, in the order of names."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Self

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from . import bitmaps

UNKNOWN = "unknown"
FEW = 8  # companies
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
class Coded:
    """What companies have, each different value once, with its number for each place."""

    values: Sequence[Any]
    numbers: "array[int]"

    def keys(self, of: Callable[[Any], int]) -> "array[int]":
        """Whole numbers that follow from the values."""
        found = [of(value) for value in self.values]
        return array("q", map(found.__getitem__, self.numbers))

    def column(self, of: Callable[[Any], Any]) -> ValueColumn:
        """A property that follows from the values."""
        column = ValueColumn()
        codes = [column.codes[of(value)] for value in self.values]
        column.numbers.extend(map(codes.__getitem__, self.numbers))
        return column

    def without(self, at: int) -> Self:
        return type(self)(self.values, self.numbers[:at] + self.numbers[at + 1 :])

    def inserted(self, at: int) -> Self:
        """With a place at `at` that has the first value."""
        return type(self)(self.values, self.numbers[:at] + array("I", [0]) + self.numbers[at:])

    def replaced(self, other: Self, places: Sequence[int]) -> Self:
        """With the values of `other` at some places."""
        codes, numbers = Codes(zip(self.values, count())), self.numbers[:]
        for place, number in zip(places, other.numbers, strict=True):
            numbers[place] = codes[other.values[number]]
        return type(self)(list(codes), numbers)


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

    def replaced(self, news: Iterable[int], places: Sequence[int]) -> Self:
        """With new keys at some places."""
        pairs = zip(places, news, strict=True)
        differing = [(place, key) for place, key in pairs if self.keys[place] != key]
        if not differing:
            return self
        keys, slices = self.keys[:], list(self.slices)
        width = max([len(slices), *(key.bit_length() for _place, key in differing)])
        slices[:0] = [0] * (width - len(slices))
        toggled = [(place, self.keys[place] ^ key) for place, key in differing]
        for bit in range(width):
            # Few places: most slices stay as they are.
            if having := [place for place, bits in toggled if bits >> bit & 1]:
                slices[width - 1 - bit] ^= bitmaps.of_places(having, len(keys))
        for place, key in differing:
            keys[place] = key
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

    @cached_property
    def unknown(self) -> int:
        """The bitmap of unknown values."""
        return self.known ^ (1 << len(self.keys)) - 1

    def ordered(
        self, places: int, start: int, stop: int, *, falling: bool, total: int | None = None
    ) -> list[int]:
        """The places from index `start` to `stop` by key; `total` is their number, if known."""
        return bitmaps.ordered(
            places, self.keys, self.slices, start, stop, falling=falling, total=total
        )


@dataclass(frozen=True)
class CompanyKeys:
    """The primary keys of all companies, by place."""

    by_place: "array[int]"
    known: "array[int] | None" = field(default=None, compare=False)  # as `places`, from a file

    @cached_property
    def places(self) -> "array[int]":
        """The place + 1 of each primary key, 0 if none; 4 bytes a key, where a dict has 100."""
        if self.known is not None:
            return self.known
        places = array("I", bytes(4 * (max(self.by_place, default=0) + 1)))
        for place, key in enumerate(self.by_place, start=1):
            places[key] = place
        return places

    def place(self, key: int) -> int | None:
        """The place of a company; None if unknown."""
        number = self.places[key] if 0 < key < len(self.places) else 0
        return number - 1 if number else None

    def number_within(self, first: int, end: int) -> int:
        """The number of companies with primary keys from `first` to `end`, which is left out."""
        here = self.places[first:end]
        return len(here) - here.count(0)

    def having(self, keys: Iterable[int]) -> int:
        """The bitmap of these companies; unknown ones are ignored."""
        number, last = self.places, len(self.places)
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
    a commitment, `orders` the dates by which lists are sorted, and `grounds` the values
    that decide the report states on any day.
    """

    keys: CompanyKeys
    values: Mapping[str, Places]
    levels: Mapping[str, Places]
    orders: Mapping[str, SortKeys]
    grounds: Coded = field(compare=False)
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
        found = replace(self, keys=self.keys.without(at), grounds=self.grounds.without(at))
        return found._with(orders, lambda places: bitmaps.removed(places, at))

    def with_one(self, key: int, at: int) -> Self:
        """The roster with a company inserted at this place, without values."""
        orders = {name: keys.inserted(at) for name, keys in self.orders.items()}
        found = replace(self, keys=self.keys.inserted(key, at), grounds=self.grounds.inserted(at))
        return found._with(orders, lambda places: bitmaps.inserted(places, at))

    def with_values(self, other: "Roster") -> Self:
        """The roster with values of some companies replaced by those in `other`."""
        at = [self.keys.at(key) for key in other.keys.by_place]
        here = bitmaps.of_places(at, len(self))

        def replaced(old: Places, new: Places) -> Places:
            if len(at) <= FEW:
                return _replaced_at(old, new, at, len(self))
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
                name: keys.replaced(other.orders[name].keys, at)
                for name, keys in self.orders.items()
            },
            grounds=self.grounds.replaced(other.grounds, at),
        )

    def _with(self, orders: Mapping[str, SortKeys], moved: Callable[[int], int]) -> Self:
        def all_moved(of: Mapping[str, Places]) -> Mapping[str, Places]:
            return {
                name: {value: moved(places) for value, places in places_of.items()}
                for name, places_of in of.items()
            }

        values, levels = all_moved(self.values), all_moved(self.levels)
        return replace(self, values=values, levels=levels, orders=orders)

    # For lists

    @cached_property
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
        """The levels of a commitment as if the implementation by these companies were not known."""
        known, nothing = self.places_of(companies), "no_evidence"
        found = {level: having & ~known for level, having in self.levels[code].items()}
        found[nothing] = found.get(nothing, 0) | known
        return {level: having for level, having in found.items() if having}

    def counts(self, name: str, among: int) -> dict[str, int]:
        """Count companies in `among` by value, without empty values."""
        return numbers(self.values[name], among)


def _replaced_at(old: Places, new: Places, at: Sequence[int], size: int) -> Places:
    """The old places of each value, with the new ones at a few: most are what they were."""
    found = dict(old)
    for value in (*old, *(one for one in new if one not in old)):
        before, after = old.get(value, 0), new.get(value, 0)
        having = [place for one, place in enumerate(at) if (before >> place ^ after >> one) & 1]
        if having or value not in old:
            found[value] = before ^ bitmaps.of_places(having, size)
    return found


def _union(places: Places, chosen: Iterable[str]) -> int:
    found = 0
    for value in chosen:
        found |= places.get(value, 0)
    return found


def numbers(places: Places, among: int) -> dict[str, int]:
    counted = {value: (having & among).bit_count() for value, having in places.items()}
    return {value: number for value, number in counted.items() if number}


def by_code(places: Mapping[Any, int]) -> Places:
    """The bitmaps by code, unknown values under the code that queries use."""
    found = dict(places)
    unsaid = found.pop(None, 0) | found.pop("", 0)
    return found | {UNKNOWN: found.get(UNKNOWN, 0) | unsaid}


def without_empty(places: Mapping[str, int]) -> Places:
    return {value: having for value, having in places.items() if value}


class EvidenceLevel(models.TextChoices):
    """How many of a pact's core commitments are evidenced for a signatory."""

    NONE_FOUND = "none_found", _("no core commitment")
    SOME_CORE = "some_core", _("some core commitments")
    ALL_CORE = "all_core", _("all core commitments")


def evidence_level(done: int, core: int) -> str:
    """The evidence level for `done` of `core` commitments."""
    if done >= core:
        return str(EvidenceLevel.ALL_CORE)
    return str(EvidenceLevel.SOME_CORE if done else EvidenceLevel.NONE_FOUND)
