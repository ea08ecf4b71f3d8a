"""The companies with a name that resembles a listed one, by the words of all names. Pure.

Words resemble if they share rare runs of three letters, if short ones begin or end alike, or if
they sound alike in Latin letters. Companies that have all words of a name, or words like these,
come before those that lack one. For a name of 1,000,000 companies this takes 1 to 3 ms.
"""

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial, reduce
from itertools import pairwise
from math import log
from operator import and_
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self
from zlib import crc32

from django.utils.functional import cached_property

from companies.names.letters import fold
from companies.names.likeness import consonants_of, sound
from companies.names.spelling import LONGEST_KEY, Spelling, in_latin_letters, spell
from companies.queries.roster import bitmaps
from companies.queries.roster.roster import CompanyKeys

from .name_words import GRAM, NameWords, grams_of

if TYPE_CHECKING:
    from companies.names.matcher import KnownName

MOST = 30  # companies that a name is compared with because of its words
_ENOUGH, _MANY = 6, 100  # companies found, from which on words of many more are not looked at
_MOST_WORDS = 8  # of a name
_MOST_ALIKE = 8  # words like one
_VISITS, _MOST_COMPARED = 2_500, 40  # words with a run of letters; those that share the most
_SHORT = 6  # letters of a word, of which a slip may leave no run of three
_ALIKE, _ALIKE_SHORT = 70, 60  # percent
_WEIGHTS = 100_000  # words whose weight is remembered
_MOST_CACHED = 64  # words; of 1,000,000 companies each has 250 KB


class LikeWord(NamedTuple):
    """The bitmap of companies with a word, or with the best like it; and with any like it."""

    best: int
    all: int


class NearNames:
    """Finds companies by words like those of a name, and how much each word weighs.

    `since` has the names that `changed` companies have now instead of those in `words`.
    """

    def __init__(self, words: NameWords, changed: Mapping[int, str] | None = None) -> None:
        self.words, self.changed = words, changed or {}
        now = {key: names for key, names in self.changed.items() if names}
        self.since = NearNames(words_of(now)) if now else None
        self._left = words.keys.having(self.changed)
        self._like: Any = lru_cache(_MOST_CACHED)(self._read)
        self._weights = dict[str, float]()

    def with_changed(self, changed: Mapping[int, str]) -> Self:
        """A copy with the names that companies have now."""
        found = type(self)(self.words, changed)
        found._like = self._like
        for name in ("_slips", "_in_other_scripts", "_consonants"):
            if name in self.__dict__:
                found.__dict__[name] = self.__dict__[name]
        return found

    def weight(self, word: str) -> float:
        """The weight of a word, as inverse document frequency: rare ones identify a company."""
        found = self._weights.get(word)
        if found is None:
            every = [self, self.since] if self.since else [self]
            having = sum(one.having(word) for one in every)
            size = sum(len(one.words.keys.by_place) - one._left.bit_count() for one in every)
            found = log(1 + size / max(having, 1))
            if len(self._weights) < _WEIGHTS:
                self._weights[word] = found
        return found

    def having(self, word: str) -> int:
        """The number of companies with exactly this word in a name."""
        numbers, words = self._exact(word), self.words
        if not self._left:
            return sum(map(words.size_of, numbers))
        return (words.places_of(numbers) & ~self._left).bit_count()

    def companies(self, heard: Spelling, *, by_sound: bool) -> set[int]:
        """Primary keys of companies with names near this one; the nearest first.

        `heard` is in Latin letters; `by_sound` if it was written in another script.
        """
        found, taken = list[int](), 0
        for places in self._tiers(heard, by_sound):
            places &= ~taken
            number = places.bit_count() if places else 0
            if number and (number <= _MANY or len(found) < _ENOUGH):
                found += bitmaps.members(places, 0, MOST - len(found))
                taken |= places
            if len(found) == MOST:
                break
        keys = self.words.keys.by_place
        near = {keys[place] for place in found}
        if self.since:
            near = (near - self.changed.keys()) | self.since.companies(heard, by_sound=by_sound)
        return near

    def _tiers(self, heard: Spelling, by_sound: bool) -> Iterator[int]:
        """Bitmaps of companies: with all words, with fewer, and with the letters within one."""
        each = [self._like(word, by_sound) for word in heard.bare[:_MOST_WORDS]]
        if not each:
            return
        yield reduce(and_, (one.best for one in each))
        yield reduce(and_, (one.all for one in each))
        if len(each) > 1:
            yield self._like(heard.compact, by_sound).all
            for less in (_one_less([one.best for one in each]), _one_less([o.all for o in each])):
                yield from less
        if len(each) > 2:
            yield from _rarest_first(one.best for one in each)
        if len(each) == 1 and len(heard.compact) >= GRAM:
            yield self.words.containing(heard.compact)

    def _read(self, word: str, by_sound: bool) -> LikeWord:
        numbers, places_of = self._alike(word, by_sound), self.words.places_of
        best = places_of(numbers[:1])
        return LikeWord(best, places_of(numbers[1:]) | best)

    def _alike(self, word: str, by_sound: bool) -> list[int]:
        """The numbers of the words like one, the best first."""
        numbers = {*self._sharing(word), *self._slipped(word)}
        choices = {one: self.words.word(one) for one in sorted(numbers)}
        choices |= self._in_other_scripts.get(word[:1], {})
        least = _ALIKE if len(word) > _SHORT else _ALIKE_SHORT
        scored = _extract()(word, choices, score_cutoff=least, limit=_MOST_ALIKE)
        found = [number for _word, _score, number in scored]
        return list(dict.fromkeys([*found, *self._sounding(word)])) if by_sound else found

    def _exact(self, word: str) -> list[int]:
        numbers = self._slipped(word) if len(word) <= _SHORT else self.words.numbers(word)
        same = [one for one in numbers if self.words.word(one) == word]
        heard = self._in_other_scripts.get(word[:1], {})
        return [*dict.fromkeys(same), *(one for one, name in heard.items() if name == word)]

    def _sharing(self, word: str) -> list[int]:
        """The words that share the most runs of three letters; rare ones are read first."""
        words = self.words
        lists = [words.having[words.grams[gram]] for gram in grams_of(word) if gram in words.grams]
        shared, visits = Counter[int](), 0
        for numbers in sorted(lists, key=len):
            visits += len(numbers)
            if shared and visits > _VISITS:
                break
            shared.update(numbers)
        return [number for number, _runs in shared.most_common(_MOST_COMPARED)]

    def _slipped(self, word: str) -> list[int]:
        """The short words that one slip makes of this one, and itself."""
        found, known = list[int](), self._slips
        for slip in _slips(word) if len(word) <= _SHORT + 1 else ():
            at = bisect_left(known, slip)
            while at < len(known) and known[at] >> 32 == slip >> 32:
                found.append(known[at] & 0xFFFFFFFF)
                at += 1
        return found

    @cached_property
    def _slips(self) -> "array[int]":
        """Of each short word with one letter less, a checksum and the number of the word."""
        found, starts = array("Q"), self.words.starts
        for number, (start, end) in enumerate(pairwise(starts)):
            if end - start <= 4 * _SHORT + 1:  # bytes
                word = self.words.word(number)
                if len(word) <= _SHORT:
                    found.extend(slip | number for slip in _slips(word))
        return array("Q", sorted(found))

    @cached_property
    def _in_other_scripts(self) -> dict[str, dict[int, str]]:
        """Words of other scripts in Latin letters, by their first letter and their number."""
        found, words = defaultdict[str, dict[int, str]](dict), self.words
        if words.text.isascii():
            return found
        for number in range(len(words.starts) - 1):
            word = words.word(number)
            if not word.isascii() and (heard := in_latin_letters(spell(word)).compact):
                found[heard[0]][number] = heard
        return dict(found)

    def _sounding(self, word: str) -> list[int]:
        """The words with the same consonants."""
        consonants, found = sound(word), list[int]()
        if consonants:
            text, at, number, part = self._consonants, 0, 0, f"\n{consonants}\n"
            while (place := text.find(part, at)) >= 0 and len(found) < _MOST_COMPARED:
                number += text.count("\n", at, place)
                found.append(number)
                at, number = place + 1, number + 1
        return found

    @cached_property
    def _consonants(self) -> str:
        """The consonants of every word, each line of a word, after an empty one."""
        return "\n" + consonants_of(self.words.text.decode())


def words_of(names: Mapping[int, str]) -> NameWords:
    """The words of folded names by primary key, each company's in one text."""
    return NameWords.of(CompanyKeys(array("q", names)), names.items())


def _one_less(places: list[int]) -> list[int]:
    """The companies that have all words but one, for each word left out."""
    some = (places[:at] + places[at + 1 :] for at in range(len(places)))
    return _rarest_first(reduce(and_, one) for one in some)


def _rarest_first(places: Iterable[int]) -> list[int]:
    return sorted(places, key=int.bit_count)


def _slips(word: str) -> set[int]:
    """Checksums of a word and of all that one letter less leaves of it, in the higher half."""
    less = {word[:at] + word[at + 1 :] for at in range(len(word))} if len(word) > 2 else set()
    return {crc32(one.encode()) << 32 for one in {word, *less}}


@cache
def _extract() -> Any:
    """The search among words, loaded for the first name that is compared."""
    from rapidfuzz import fuzz, process

    return partial(process.extract, scorer=fuzz.ratio)


# What a listed name is compared with


class Nearby(Protocol):
    """Gives companies with words like those of a name."""

    def __call__(self, heard: Spelling, *, by_sound: bool) -> set[int]: ...


class NamesToCompare(Protocol):
    """What a lookup needs to know of the names of a register."""

    def spelled(self, keys: Iterable[str]) -> Mapping[str, list[int]]:
        """Primary keys of the companies with a name of each of these spelling keys."""

    def with_ids(self, ids: Collection[str]) -> dict[str, int]:
        """The company with each public id, now or before, or identifier; in lower case."""

    def refused(self, folded: Collection[str]) -> Collection[tuple[str, int]]:
        """Folded names, and the companies that a person said they do not mean."""

    def names(self, companies: Collection[int]) -> Iterable["KnownName"]:
        """All names of these companies."""

    near: Nearby
    weight: Callable[[str], float]


class NamesInMemory:
    """Given names, as of a register without a read table."""

    def __init__(
        self,
        names: Iterable["KnownName"],
        ids: Mapping[str, int] | None = None,
        refused: Collection[tuple[str, int]] = (),
    ) -> None:
        self._ids, self._refused = ids or {}, refused
        self._names = defaultdict[int, list["KnownName"]](list)
        self._keys = defaultdict[str, set[int]](set)
        for name in sorted(names):
            self._names[name.company_id].append(name)
            spelling = spell(name.name)
            for key in spelling.keys | spelling.near_keys:
                self._keys[key[:LONGEST_KEY]].add(name.company_id)
        folded = {pk: [fold(one.name) for one in of_one] for pk, of_one in self._names.items()}
        by_name = sorted(folded, key=lambda pk: (folded[pk][0], pk))
        near = NearNames(words_of({pk: "\n".join(folded[pk]) for pk in by_name}))
        self.near: Nearby = near.companies
        self.weight: Callable[[str], float] = near.weight

    def spelled(self, keys: Iterable[str]) -> Mapping[str, list[int]]:
        wanted = {key[:LONGEST_KEY] for key in keys}
        return {key: sorted(self._keys[key]) for key in wanted if key in self._keys}

    def with_ids(self, ids: Collection[str]) -> dict[str, int]:
        return {one: self._ids[one] for one in ids if one in self._ids}

    def refused(self, folded: Collection[str]) -> Collection[tuple[str, int]]:
        return self._refused

    def names(self, companies: Collection[int]) -> Iterable["KnownName"]:
        return [name for pk in companies for name in self._names.get(pk, ())]
