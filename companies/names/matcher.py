"""Match a listed name with the companies of the register.

A match is automatic only when exactly one company has the name, or the name without its legal form
and that form is known to fit this company. Everything else is a suggestion for a person: "Orange
Bank" is not "Orange", and "Orange Sdn Bhd" need not be.
"""

from array import array
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple

from .legal_forms import ASSOCIATION, LegalForm
from .likeness import Resemblance, Weights, inside, resemblance, sound, sounds_alike
from .spelling import Spelling, beginnings, in_latin_letters, spell, spelling_of

__all__ = [
    "ABBREVIATION",
    "FORMER",
    "LONGEST_NAME",
    "MOST_SUGGESTIONS",
    "SOLD",
    "Basis",
    "KnownName",
    "Match",
    "Matcher",
    "Resemblance",
    "Suggestion",
]

MOST_SUGGESTIONS = 5
LONGEST_NAME = 200  # characters; the register has no longer one
# Kinds of names that decide how one leads to its company: a name that it has no more, names of what
# it sells, and a short form, which with a legal form may name another company.
FORMER, ABBREVIATION = "former", "abbreviation"
SOLD = {"brand", "product"}


class Basis(StrEnum):
    """Why a match is automatic."""

    EXACT = "exact"
    ALIAS = "alias"
    LEGAL_FORM = "legal_form"
    FORMER = "former"
    ABBREVIATION = "abbreviation"
    BRAND = "brand"
    PRODUCT = "product"
    PUBLIC_ID = "public_id"

    @property
    def question(self) -> "Resemblance | None":
        """The doubt about this match on an official list; None for a name of the company itself."""
        return _QUESTIONS.get(self)


_QUESTIONS = {
    Basis.BRAND: Resemblance.SOLD,
    Basis.PRODUCT: Resemblance.SOLD,
    Basis.PUBLIC_ID: Resemblance.PUBLIC_ID,
}


class KnownName(NamedTuple):
    """One name of a company; `kind` is empty for its main name, FORMER for an old one.

    The country of its headquarters distinguishes its own legal form from a foreign
    subsidiary's.
    """

    company_id: int
    name: str
    kind: str = ""
    country: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A company that the listed name may mean; `name` is the resembling name."""

    company_id: int
    name: str
    score: int  # 0 to 100
    resemblance: Resemblance
    form: LegalForm | None = None  # of the listed name, where it does not fit the company

    @property
    def reason(self) -> str:
        """The resemblance as a sentence in the reader's language."""
        return str(self.resemblance.label)


@dataclass(frozen=True)
class Match:
    """The company that a listed name means, or suggestions (best first), or nothing."""

    listed: str
    company_id: int | None = None
    basis: Basis | None = None
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def shared(self) -> set[int]:
        """Primary keys of the companies sharing the listed name, if several do."""
        found = (one for one in self.suggestions if one.resemblance == Resemblance.SHARED)
        return {one.company_id for one in found}


# The index

_COMMON_WORD = 200  # names; a word in more of them is too frequent to compare each
_GRAM_VISITS = 2_500  # names read for the trigrams of one listed name
_MOST_COMPARED = 40  # names compared because of their trigrams
_SHORT = 8  # letters, up to which every single slip is looked up


_RESEMBLANCE_OF_KIND = {
    FORMER: Resemblance.FORMER,
    **dict.fromkeys(SOLD, Resemblance.SOLD),
}
_IN_ANOTHER_SCRIPT = 90  # the score of a name that only sounds the same
_BEGINNING = 85  # the score of a name that the listed one begins with

Holders = dict[str, tuple[int, ...]]  # primary keys of the companies with a name


class Matcher:
    """Matches listed names to companies, from the names of all companies.

    `refused` has pairs of a folded listed name and the primary key of a company that a person said
    it does not mean: they are neither matched nor suggested.
    """

    def __init__(
        self,
        names: Iterable[KnownName],
        refused: Collection[tuple[str, int]] = (),
        *,
        prepared: bool = False,
    ) -> None:
        """With `prepared`, build the index now; otherwise for the first name without a match."""
        self.refused = frozenset(refused)
        self._names = defaultdict[int, list[KnownName]](list)
        self._main: Holders = {}
        self._current: Holders = {}
        self._former: Holders = {}
        self._sold: Holders = {}
        self._bare: Holders = {}
        self._former_bare: Holders = {}
        self._forms: dict[int, set[LegalForm]] = {}
        self._countries: dict[int, str] = {}
        if prepared:
            self._index = Index()
        self._add(names, in_order=True)

    def rename(self, companies: Collection[int], names: Iterable[KnownName]) -> None:
        """Replace all names of some companies; the result equals a new matcher."""
        for company_id in companies:
            self._remove(company_id)
        self._add(names)

    def _add(self, names: Iterable[KnownName], *, in_order: bool = False) -> None:
        for known in sorted(set(names)):
            spelling = spell(known.name)
            if not spelling.folded:
                continue
            self._names[known.company_id].append(known)
            alone = (known.company_id,)
            for holders, key in self._keys(known, spelling):
                _add_holder(holders, key, alone)
            if spelling.forms and known.kind not in {FORMER, *SOLD}:
                self._forms.setdefault(known.company_id, set()).update(spelling.forms)
            if known.country:
                self._countries[known.company_id] = known.country
            if "_index" in self.__dict__:
                self._index.add(known, spelling, is_last=in_order)

    def _remove(self, company_id: int) -> None:
        for known in self._names.pop(company_id, ()):
            spelling = spell(known.name)
            for holders, key in self._keys(known, spelling):
                _remove_holder(holders, key, company_id)
            if "_index" in self.__dict__:
                self._index.remove(known, spelling)
        self._countries.pop(company_id, None)
        self._forms.pop(company_id, None)

    def _keys(self, known: KnownName, spelling: Spelling) -> Iterator[tuple[Holders, str]]:
        former = known.kind == FORMER
        whole = self._former if former else self._sold if known.kind in SOLD else self._current
        for key in {spelling.folded, spelling.joined}:
            yield whole, key
            if not known.kind:
                yield self._main, key
        association = any(form.kind == ASSOCIATION for form in spelling.forms)
        if known.kind not in {ABBREVIATION, *SOLD} and not association:
            yield self._former_bare if former else self._bare, spelling.bare_name

    def match_all(self, listed: Sequence[str]) -> list[Match]:
        """One match for each listed name, in order; a name listed twice is matched once."""
        found = {name: self.match(name) for name in dict.fromkeys(listed)}
        return [found[name] for name in listed]

    def match(self, listed: str, *, suggest: bool = True) -> Match:
        """Match one name; suggestions take most of the time and can be left out."""
        spelling = spell(listed[: LONGEST_NAME + 1])
        if not spelling.folded or len(listed) > LONGEST_NAME:
            return Match(listed)
        basis, companies = self._leads_to(spelling)
        if basis and len(companies) == 1:
            [company_id] = companies
            if (spelling.folded, company_id) not in self.refused:
                return Match(listed, company_id, basis)
        return Match(listed, suggestions=self._suggestions(spelling, companies) if suggest else ())

    def _leads_to(self, listed: Spelling) -> tuple[Basis | None, set[int]]:
        """The companies with this name; the basis is None if a person must decide."""
        if companies := set(self._main.get(listed.folded, ())):
            return Basis.EXACT, companies
        if companies := _either(self._current, listed):
            main = companies <= set(self._main.get(listed.joined, ()))
            return Basis.EXACT if main else self._kind(companies, listed), companies
        if companies := _either(self._former, listed) or _either(self._sold, listed):
            return self._kind(companies, listed), companies
        bare = listed.bare_name
        companies = set(self._bare.get(bare) or self._former_bare.get(bare, ()))
        sure = len(bare) > 1 and all(self._misfit(one, listed) is None for one in companies)
        return Basis.LEGAL_FORM if sure else None, companies

    def _kind(self, companies: Collection[int], listed: Spelling) -> Basis:
        """The kind of name that matched; ALIAS if companies share it."""
        [company_id, *others] = companies
        for known in () if others else self._names[company_id]:
            spelling = spell(known.name)
            same = {spelling.folded, spelling.joined} & {listed.folded, listed.joined}
            if same and known.kind in set(Basis):
                return Basis(known.kind)
        return Basis.ALIAS

    def _misfit(self, company_id: int, listed: Spelling) -> tuple[LegalForm, Resemblance] | None:
        """The legal form that contradicts the match, and why; None if all forms fit."""
        known = self._forms.get(company_id, set())
        country = self._countries.get(company_id, "")
        for form in listed.forms:
            if not form.fits(known, country):
                return form, _why(form, known, country)
        return None

    def _suggestions(self, listed: Spelling, sharing: set[int]) -> tuple[Suggestion, ...]:
        heard, index = in_latin_letters(listed), self._index
        names = [
            (index.names[one], index.heard[one])
            for one in index.candidates(heard, by_sound=heard is not listed)
            if (listed.folded, index.names[one].company_id) not in self.refused
        ]
        # A name with a legal form and one without have the same bare words.
        alike = {bare_name: spelling_of(bare_name) for _known, bare_name in names}
        scores = {one: resemblance(heard, known, index.weights) for one, known in alike.items()}
        if heard is not listed:
            scores = {one: how or sounds_alike(heard, alike[one]) for one, how in scores.items()}
        if not any(scores.values()):
            scores = {one: inside(heard, known) for one, known in alike.items()}
        scored = [(known, scores[bare_name]) for known, bare_name in names]
        scored += [(one, (_BEGINNING, Resemblance.PART)) for one in self._beginning(listed)]
        best: dict[int, Suggestion] = {}
        for known, how in scored:
            if how:
                one = self._suggestion(listed, known, how, sharing)
                best[one.company_id] = min(best.get(one.company_id, one), one, key=_rank)
        return tuple(sorted(best.values(), key=_rank)[:MOST_SUGGESTIONS])

    def _beginning(self, listed: Spelling) -> Iterator[KnownName]:
        """Known names that the listed one begins with, in a script without spaces."""
        for beginning in beginnings(listed):
            for company_id in self._bare.get(beginning, ()):
                if (listed.folded, company_id) not in self.refused:
                    names = self._names[company_id]
                    yield next(n for n in names if spell(n.name).bare_name == beginning)

    def _suggestion(
        self,
        listed: Spelling,
        known: KnownName,
        alike: tuple[int, Resemblance],
        sharing: set[int],
    ) -> Suggestion:
        score, how, form = *alike, None
        if how == Resemblance.LEGAL_FORM and known.company_id in sharing and len(sharing) > 1:
            score, how = 99, Resemblance.SHARED
        elif known.kind in _RESEMBLANCE_OF_KIND:
            how = _RESEMBLANCE_OF_KIND[known.kind]
        elif how == Resemblance.LEGAL_FORM:
            if listed.bare_name != spell(known.name).bare_name:
                score, how = _IN_ANOTHER_SCRIPT, Resemblance.SCRIPT
            elif misfit := self._misfit(known.company_id, listed):
                form, how = misfit
        elif how == Resemblance.SPELLING and not listed.compact.isascii():
            how = Resemblance.SCRIPT
        return Suggestion(known.company_id, known.name, score, how, form)

    def main_name(self, company_id: int) -> str:
        return next(known.name for known in self._names[company_id] if not known.kind)

    @cached_property
    def _index(self) -> "Index":
        # Built lazily: a list of known names needs no suggestions.
        index = Index()
        for known in sorted(known for names in self._names.values() for known in names):
            index.add(known, spell(known.name), is_last=True)
        return index


def _add_holder(holders: Holders, key: str, alone: tuple[int]) -> None:
    companies = holders.setdefault(key, alone)
    if alone[0] not in companies:
        holders[key] = companies + alone


def _remove_holder(holders: Holders, key: str, company_id: int) -> None:
    companies = tuple(one for one in holders.pop(key, ()) if one != company_id)
    if companies:
        holders[key] = companies


def _either(holders: Holders, listed: Spelling) -> set[int]:
    return {*holders.get(listed.folded, ()), *holders.get(listed.joined, ())}


def _why(form: LegalForm, known: Collection[LegalForm], country: str) -> Resemblance:
    """Why a legal form does not fit, given the forms of the company's names and its country."""
    if form.kind:
        return Resemblance.OTHER_KIND
    if not form.countries:
        return Resemblance.UNKNOWN_FORM
    if country and country not in form.countries:
        return Resemblance.FOREIGN_FORM
    return Resemblance.OTHER_FORM if known else Resemblance.NO_COUNTRY


def _rank(suggestion: Suggestion) -> tuple[int, str, int]:
    return -suggestion.score, suggestion.name, suggestion.company_id


class FewNames(dict[str, "int | list[int]"]):
    """Positions of the names with a key, in order of names: mostly one."""

    def add_last(self, keys: Iterable[str], number: int) -> None:
        for key in keys:
            found = self.setdefault(key, number)
            if isinstance(found, list):
                found.append(number)
            elif found != number:
                self[key] = [found, number]

    def add(self, key: str, number: int, order: Callable[[int], Any]) -> None:
        found = list(self.of(key))
        insort(found, number, key=order)
        self[key] = found if len(found) > 1 else number

    def remove(self, key: str, number: int) -> None:
        found = [one for one in self.of(key) if one != number]
        if found:
            self[key] = found if len(found) > 1 else found[0]
        else:
            del self[key]

    def of(self, key: str) -> Sequence[int]:
        found = self.get(key, ())
        return (found,) if isinstance(found, int) else found


class ManyNames(dict[str, "array[int]"]):
    """The same for keys of many names: four bytes each."""

    def __missing__(self, key: str) -> "array[int]":
        found = self[key] = array("I")
        return found

    def add_last(self, keys: Iterable[str], number: int) -> None:
        for key in keys:
            self[key].append(number)

    def add(self, key: str, number: int, order: Callable[[int], Any]) -> None:
        insort(self.setdefault(key, array("I")), number, key=order)

    def remove(self, key: str, number: int) -> None:
        self[key].remove(number)
        if not self[key]:
            del self[key]

    def of(self, key: str) -> Sequence[int]:
        return self.get(key, ())


class Index:
    """Selects the few known names worth comparing with a listed one.

    Names are numbered here; counting numbers takes a fifth of the time of tuples.
    """

    def __init__(self) -> None:
        self._phrases, self._slips, self._sounds = FewNames(), FewNames(), FewNames()
        self._words, self._initials, self._grams = ManyNames(), ManyNames(), ManyNames()
        self.names: dict[int, KnownName] = {}
        self.heard: dict[int, str] = {}  # the bare words, in Latin letters
        self._next = count()
        self.weights = Weights(self._words, self.heard)

    def add(self, known: KnownName, spelling: Spelling, *, is_last: bool = False) -> None:
        """Add a name; `is_last` if it comes after all others in the order of names."""
        number, heard = next(self._next), in_latin_letters(spelling)
        self.names[number], self.heard[number] = known, heard.bare_name
        self.weights.forget()
        for postings, keys in self._keys(heard):
            if is_last:
                postings.add_last(keys, number)
                continue
            for key in keys:
                postings.add(key, number, self.names.__getitem__)

    def remove(self, known: KnownName, spelling: Spelling) -> None:
        same = self._phrases.of(in_latin_letters(spelling).bare_name)
        number = next(one for one in same if self.names[one] == known)
        for postings, keys in self._keys(spelling_of(self.heard.pop(number))):
            for key in keys:
                postings.remove(key, number)
        del self.names[number]
        self.weights.forget()

    def _keys(self, spelling: Spelling) -> Iterator[tuple[FewNames | ManyNames, Iterable[str]]]:
        yield self._phrases, (spelling.bare_name,)
        yield self._words, set(spelling.bare)
        if len(spelling.bare) > 1:
            yield self._initials, (spelling.initials,)
        yield self._slips, _slips(spelling.compact)
        yield self._grams, _grams(spelling.compact)
        if consonants := sound(spelling.compact):
            yield self._sounds, (consonants,)

    def candidates(self, listed: Spelling, *, by_sound: bool) -> list[int]:
        found = set(self._alike_letters(listed.compact))
        for phrase in {listed.bare_name, *_phrases(listed.bare)}:
            found.update(self._phrases.of(phrase)[:_COMMON_WORD])
        rarest = sorted(listed.bare, key=lambda word: len(self._words.of(word)))
        for place, word in enumerate(rarest):
            names = self._words.of(word)
            if place == 0 or len(names) <= _COMMON_WORD:
                found.update(names[:_COMMON_WORD])
        found.update(self._initials.of(listed.compact)[:_COMMON_WORD])
        for slip in {*_slips(listed.compact), listed.initials}:
            found.update(self._slips.of(slip)[:_COMMON_WORD])
        if by_sound:
            found.update(self._sounds.of(sound(listed.compact))[:_COMMON_WORD])
        return sorted(found, key=self.names.__getitem__)

    def _alike_letters(self, compact: str) -> list[int]:
        """The names sharing the most trigrams with `compact`; rare trigrams are read first."""
        known = [(len(self._grams[gram]), gram) for gram in _grams(compact) if gram in self._grams]
        shared, visits = Counter[int](), 0
        for names, gram in sorted(known):
            visits += names
            if shared and visits > _GRAM_VISITS:
                break
            shared.update(self._grams[gram])
        most = sorted(shared.values(), reverse=True)[:_MOST_COMPARED] or [0]
        enough = max(most[0] // 2 + 1, most[-1])
        alike = [(-same, self.names[one], one) for one, same in shared.items() if same >= enough]
        return [one for _same, _name, one in sorted(alike)[:_MOST_COMPARED]]


def _grams(compact: str) -> set[str]:
    padded = f" {compact} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def _slips(compact: str) -> set[str]:
    """`compact` and, if short, every variant with one letter deleted."""
    if len(compact) > _SHORT:
        return {compact}
    return {compact} | {compact[:i] + compact[i + 1 :] for i in range(len(compact))} - {""}


def _phrases(words: tuple[str, ...]) -> set[str]:
    """Every run of consecutive words among the first eight."""
    words = words[:8]
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
