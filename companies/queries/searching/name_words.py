"""The words of all names, and where each stands: what a search finds without the database.

A searched word has no space, so it is part of one word of a name, and the companies with such a
word are exactly those to be found. Pure.
"""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, count, repeat
from typing import Any, Self

from django.utils.functional import cached_property

from companies.queries.roster import bitmaps
from companies.queries.roster.roster import CompanyKeys

COMMON = 64  # a word that one company in so many has is a bitmap, of at most twice the bytes
MOST_KEPT = 32  # results; of 1,000,000 companies each has 125 KB
_END = b"\n"


@dataclass(frozen=True, eq=False)
class NameWords:
    """Every word of the folded names once, with the places of its companies.

    `text` has each word and a line feed, `starts` where they begin, and at last its own length.
    The places of word n are from `ends[n]` to `ends[n + 1]` of `places`, or a bitmap in `common`.
    """

    keys: CompanyKeys
    text: bytes
    starts: "array[int]"
    ends: "array[int]"
    places: "array[int]"
    common: Mapping[int, int]

    @classmethod
    def of(cls, keys: CompanyKeys, rows: Iterable[tuple[int, str]]) -> Self:
        """Those of primary keys and names; a company without a place is left out."""
        codes, numbers, places = defaultdict[str, int](count().__next__), array("I"), array("I")
        for key, names in rows:
            place = keys.place(key)
            if place is not None:
                words = names.split()
                numbers.extend(map(codes.__getitem__, words))
                places.extend(repeat(place, len(words)))
        lines = [word.encode() + _END for word in codes]
        starts = array("I", accumulate(map(len, lines), initial=0))
        ends, sorted_places = _by_number(numbers, places, len(lines))
        split = _common_apart(ends, sorted_places, len(keys.by_place))
        return cls(keys, b"".join(lines), starts, *split)

    def containing(self, part: str) -> int:
        """The bitmap of companies with a word that contains `part`, which has no space."""
        found: int = self._found(part)
        return found

    @cached_property
    def _found(self) -> Any:
        """As `_read`, with the last results kept: those of a search's other pages and filters."""
        return lru_cache(MOST_KEPT)(self._read)

    def _read(self, part: str) -> int:
        found, few = 0, array("I")
        for number in self._numbers(part.encode()):
            if number in self.common:
                found |= self.common[number]
            else:
                few += self.places[self.ends[number] : self.ends[number + 1]]
        return found | bitmaps.of_many_places(few, len(self.keys.by_place))

    def _numbers(self, part: bytes) -> Iterator[int]:
        """The number of each word that contains `part`."""
        find, starts = self.text.find, self.starts
        at = find(part)
        while at >= 0:
            following = bisect_right(starts, at)
            yield following - 1
            at = find(part, starts[following])


def _by_number(
    numbers: "array[int]", places: "array[int]", count_of_words: int
) -> tuple["array[int]", "array[int]"]:
    """The places sorted by the number of their word, and where those of each end."""
    sizes = array("I", bytes(4 * count_of_words))
    for number in numbers:
        sizes[number] += 1
    ends = array("I", accumulate(sizes, initial=0))
    found, at = array("I", bytes(4 * len(places))), ends[:]
    for number, place in zip(numbers, places, strict=True):
        found[at[number]] = place
        at[number] += 1
    return ends, found


def _common_apart(
    ends: "array[int]", places: "array[int]", size: int
) -> tuple["array[int]", "array[int]", dict[int, int]]:
    """Ends and places of the words that few names have, and the bitmaps of the others."""
    few, few_ends, common = array("I"), array("I", [0]), dict[int, int]()
    for number in range(len(ends) - 1):
        those = places[ends[number] : ends[number + 1]]
        if len(those) * COMMON > size:
            common[number] = bitmaps.of_many_places(those, size)
        else:
            few += those
        few_ends.append(len(few))
    return few_ends, few, common
