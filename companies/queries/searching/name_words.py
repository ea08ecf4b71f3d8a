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

GRAM = 3  # letters of which it is known which words have them; with fewer, all words are read
COMMON = 64  # a word that one company in so many has is a bitmap, of at most twice the bytes
MOST_CACHED = 32  # results; of 1,000,000 companies each has 125 KB
_END = b"\n"


@dataclass(frozen=True)
class NumberLists:
    """Many lists of numbers, one after the other: list n is from `ends[n]` to `ends[n + 1]`."""

    ends: "array[int]"
    numbers: "array[int]"

    @classmethod
    def of(cls, lists: "array[int]", numbers: "array[int]", size: int) -> Self:
        """Numbers and, for each, to which of `size` lists it belongs."""
        sizes = array("I", bytes(4 * size))
        for one in lists:
            sizes[one] += 1
        ends = array("I", accumulate(sizes, initial=0))
        found, at = array("I", bytes(4 * len(numbers))), ends[:]
        for one, number in zip(lists, numbers, strict=True):
            found[at[one]] = number
            at[one] += 1
        return cls(ends, found)

    def __getitem__(self, one: int) -> "array[int]":
        return self.numbers[self.ends[one] : self.ends[one + 1]]

    def without_common(self, size: int) -> tuple[Self, dict[int, int]]:
        """The lists of few of `size` places, and the others, which are now empty, as bitmaps."""
        ends, few, common = array("I", [0]), array("I"), dict[int, int]()
        for number in range(len(self.ends) - 1):
            places = self[number]
            if len(places) * COMMON > size:
                common[number] = bitmaps.of_many_places(places, size)
            else:
                few += places
            ends.append(len(few))
        return type(self)(ends, few), common


@dataclass(frozen=True, eq=False)
class NameWords:
    """Every word of the folded names once, in `text`, each with a line feed.

    `starts` has where they begin, and at last the length of `text`. By the number of a word,
    `places` has the companies with it, or `common` their bitmap. By the number in `grams` of three
    letters, `having` has the words with them.
    """

    keys: CompanyKeys
    text: bytes
    starts: "array[int]"
    places: NumberLists
    common: Mapping[int, int]
    grams: Mapping[str, int]
    having: NumberLists

    @classmethod
    def of(cls, keys: CompanyKeys, rows: Iterable[tuple[int, str]]) -> Self:
        """Build from rows of primary key and names; a company without a place is left out."""
        codes, numbers, places = defaultdict[str, int](count().__next__), array("I"), array("I")
        for key, names in rows:
            place = keys.place(key)
            if place is not None:
                words = names.split()
                numbers.extend(map(codes.__getitem__, words))
                places.extend(repeat(place, len(words)))
        lines = [word.encode() + _END for word in codes]
        starts = array("I", accumulate(map(len, lines), initial=0))
        lists = NumberLists.of(numbers, places, len(lines)).without_common(len(keys.by_place))
        return cls(keys, b"".join(lines), starts, *lists, *_index_of(codes))

    def containing(self, part: str) -> int:
        """The bitmap of companies with a word that contains `part`, which has no space."""
        found: int = self._found(part)
        return found

    @cached_property
    def _found(self) -> Any:
        """As `_read`, with the last results cached, for a search's other pages and filters."""
        return lru_cache(MOST_CACHED)(self._read)

    def beginning(self, part: str) -> int:
        """The bitmap of companies with a word that begins with `part`."""
        begins, starts, encoded = self.text.startswith, self.starts, part.encode()
        return self.places_of(one for one in self.numbers(part) if begins(encoded, starts[one]))

    def word(self, number: int) -> str:
        return self.text[self.starts[number] : self.starts[number + 1] - 1].decode()

    def size_of(self, number: int) -> int:
        """The number of companies with a word."""
        if number in self.common:
            return self.common[number].bit_count()
        return self.places.ends[number + 1] - self.places.ends[number]

    def _read(self, part: str) -> int:
        return self.places_of(self.numbers(part))

    def places_of(self, numbers: Iterable[int]) -> int:
        """The bitmap of companies with any of these words."""
        found, few, common, places = 0, array("I"), self.common, self.places
        for number in numbers:
            if number in common:
                found |= common[number]
            else:
                few += places[number]
        return found | bitmaps.of_many_places(few, len(self.keys.by_place))

    def numbers(self, part: str) -> Iterable[int]:
        """The number of each word that contains `part`."""
        if len(part) < GRAM:
            return self._scanned(part.encode())
        grams = [self.grams.get(gram) for gram in grams_of(part)]
        some = min((array("I") if gram is None else self.having[gram] for gram in grams), key=len)
        return some if len(part) == GRAM else self._chosen(some, part.encode())

    def _chosen(self, numbers: Iterable[int], part: bytes) -> Iterator[int]:
        text, starts = self.text, self.starts
        return (one for one in numbers if part in text[starts[one] : starts[one + 1]])

    def _scanned(self, part: bytes) -> Iterator[int]:
        find, starts = self.text.find, self.starts
        at = find(part)
        while at >= 0:
            following = bisect_right(starts, at)
            yield following - 1
            at = find(part, starts[following])


def grams_of(word: str) -> set[str]:
    return {word[at : at + GRAM] for at in range(len(word) - GRAM + 1)}


def _index_of(words: Iterable[str]) -> tuple[dict[str, int], NumberLists]:
    """The number of each three letters, and the numbers of the words that have them."""
    codes, grams, numbers = defaultdict[str, int](count().__next__), array("I"), array("I")
    for number, word in enumerate(words):
        of_word = grams_of(word)
        grams.extend(map(codes.__getitem__, of_word))
        numbers.extend(repeat(number, len(of_word)))
    return dict(codes), NumberLists.of(grams, numbers, len(codes))
