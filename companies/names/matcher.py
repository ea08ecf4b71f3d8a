"""Match a listed name with the companies of the register.

A match is automatic only when exactly one company has the name, or the name without its legal form.
Everything else is a suggestion for a person: "Orange Bank" is not "Orange".
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import log
from typing import Any, NamedTuple, Self

from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from companies.names.spelling import Spelling, may_be_form, spell

MOST_SUGGESTIONS = 5
LONGEST_NAME = 200  # characters; the register has no longer one
FORMER = "former"  # the kind of a name that its company has no more


class Basis(StrEnum):
    """Why a match is automatic."""

    EXACT = "exact"
    ALIAS = "alias"
    LEGAL_FORM = "legal_form"


class Resemblance(StrEnum):
    """How a listed name resembles a name of a suggested company."""

    label: Any  # the sentence in the reader's language

    SHARED = "shared", _("Several companies of the register have this name.")
    LEGAL_FORM = "legal_form", _("Only the legal form differs.")
    SPACING = "spacing", _("Only the spaces between the words differ.")
    ORDER = "order", _("The same words stand in another order.")
    GROUP = "group", _("Only a word such as “Group” differs.")
    INITIALS = "initials", _("One name is the initials of the other.")
    PART = "part", _("One name is a part of the other.")
    SPELLING = "spelling", _("The spelling is similar.")
    FORMER = "former", _("It resembles a former name.")

    def __new__(cls, value: str, label: Any = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class KnownName(NamedTuple):
    """One name of a company; `kind` is empty for its main name and FORMER for an old one.

    With the country of its headquarters, its own legal form differs from a subsidiary's abroad.
    """

    company_id: int
    name: str
    kind: str = ""
    country: str = ""


@dataclass(frozen=True)
class Suggestion:
    """A company that the listed name may mean; `name` is the name of it that resembles."""

    company_id: int
    name: str
    score: int  # 0 to 100
    resemblance: Resemblance

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
        """Primary keys of the companies that share the listed name, where several do."""
        found = (one for one in self.suggestions if one.resemblance == Resemblance.SHARED)
        return {one.company_id for one in found}


# How alike two spellings are

_GROUP_WORDS = {
    *("group", "groupe", "gruppe", "gruppo", "grupo", "groep"),
    *("holding", "holdings", "konzern", "koncern"),
}
_ALIKE_WORDS = 80  # percent, from which two words count as the same with a slip
_MOST_WORDS = 12  # compared one by one, so that a long text costs little
_ALIKE = 70  # percent, from which two names may be one with slips
_FEW_LETTERS = 5
_ALIKE_SHORT = 60  # one slip in a short name is a large part of it
_MANY_LETTERS, _INSIDE = 3, 50  # letters to look for inside a name, and the score of such a name


def resemblance(
    listed: Spelling, known: Spelling, weights: "Weights"
) -> tuple[int, Resemblance] | None:
    """A score of 0 to 100 and its reason; None for names with nothing in common."""
    same = _same_but_for(listed, known)
    if same:
        return same
    score = max(_part(listed.bare, known.bare, weights), _spelling(listed, known))
    part = set(listed.bare) <= set(known.bare) or set(known.bare) <= set(listed.bare)
    return (score, Resemblance.PART if part else Resemblance.SPELLING) if score else None


def _same_but_for(listed: Spelling, known: Spelling) -> tuple[int, Resemblance] | None:
    if listed.bare == known.bare:
        return 98, Resemblance.LEGAL_FORM
    if listed.compact == known.compact:
        return 97, Resemblance.SPACING
    if sorted(listed.bare) == sorted(known.bare):
        return 96, Resemblance.ORDER
    if _without_group(listed.bare) == _without_group(known.bare):
        return 94, Resemblance.GROUP
    if _are_initials(listed, known) or _are_initials(known, listed):
        return 86, Resemblance.INITIALS
    return None


def _without_group(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _GROUP_WORDS) or words


def _are_initials(short: Spelling, long: Spelling) -> bool:
    return 1 < len(short.compact) <= len(long.bare) and short.compact == long.initials


def _part(listed: tuple[str, ...], known: tuple[str, ...], weights: "Weights") -> int:
    """Up to 93 when the words of one name, but for slips, are among those of the other."""
    short, long = sorted((listed[:_MOST_WORDS], known[:_MOST_WORDS]), key=len)
    if not short:
        return 0
    shared = sum(weights.of(word) * _closest(word, long) for word in short)
    if shared < 0.75 * sum(map(weights.of, short)):
        return 0
    return round(60 + 33 * min(shared / sum(map(weights.of, long)), 1))


def _closest(word: str, words: tuple[str, ...]) -> float:
    """How alike the most similar of `words` is, 0 to 1."""
    if word in words:
        return 1.0
    return max(fuzz.ratio(word, other, score_cutoff=_ALIKE_WORDS) for other in words) / 100


def _spelling(listed: Spelling, known: Spelling) -> int:
    """Up to 95 for letters in the same order, whatever the words."""
    compact = fuzz.ratio(listed.compact, known.compact)
    words = fuzz.token_sort_ratio(listed.bare_name, known.bare_name)
    score = round(min(max(compact, words), 95))
    short = max(len(listed.compact), len(known.compact)) <= _FEW_LETTERS
    return score if score >= (_ALIKE_SHORT if short else _ALIKE) else 0


def inside(listed: Spelling, known: Spelling) -> tuple[int, Resemblance] | None:
    """A low score where the letters of `listed` occur inside a known name, the last resort."""
    found = len(listed.compact) >= _MANY_LETTERS and listed.compact in known.compact
    return (_INSIDE, Resemblance.PART) if found else None


# The index

_COMMON_WORD = 200  # names; a word in more of them is too frequent to compare each
_GRAM_VISITS = 2_500  # names read for the trigrams of one listed name
_MOST_COMPARED = 40  # names compared because of their trigrams
_SHORT = 8  # letters, up to which every single slip is looked up


Holders = dict[str, tuple[int, ...]]  # primary keys of the companies with a name


class Matcher:
    """Matches listed names to companies, from the names of all companies.

    `refused` has pairs of a folded listed name and the primary key of a company that a person said
    it does not mean: they are neither matched nor suggested.
    """

    def __init__(
        self, names: Iterable[KnownName], refused: Collection[tuple[str, int]] = ()
    ) -> None:
        self.refused = frozenset(refused)
        self._spellings: dict[KnownName, Spelling] = {}
        self._names = defaultdict[int, list[KnownName]](list)
        self._main: Holders = {}
        self._current: Holders = {}
        self._former: Holders = {}
        self._bare: Holders = {}
        self._former_bare: Holders = {}
        self._forms = defaultdict[tuple[int, str], set[str]](set)
        self._countries: dict[int, str] = {}
        self._add(names)

    def rename(self, companies: Collection[int], names: Iterable[KnownName]) -> None:
        """Replace all names of some companies; the result equals a new matcher."""
        for company_id in companies:
            self._remove(company_id)
        self._add(names)

    def _add(self, names: Iterable[KnownName]) -> None:
        for known in sorted(set(names)):
            spelling = spell(known.name)
            if not spelling.folded:
                continue
            self._spellings[known] = spelling
            self._names[known.company_id].append(known)
            for holders, key in self._keys(known, spelling):
                _add_holder(holders, key, known.company_id)
            if spelling.form:
                self._forms[known.company_id, spelling.bare_name].add(spelling.form)
            if known.country:
                self._countries[known.company_id] = known.country
            if "_index" in self.__dict__:
                self._index.add(known, spelling)

    def _remove(self, company_id: int) -> None:
        for known in self._names.pop(company_id, ()):
            spelling = self._spellings.pop(known)
            for holders, key in self._keys(known, spelling):
                _remove_holder(holders, key, company_id)
            self._forms.pop((company_id, spelling.bare_name), None)
            if "_index" in self.__dict__:
                self._index.remove(known, spelling)
        self._countries.pop(company_id, None)

    def _keys(self, known: KnownName, spelling: Spelling) -> Iterator[tuple[Holders, str]]:
        former = known.kind == FORMER
        for key in {spelling.folded, spelling.joined}:
            yield self._former if former else self._current, key
            if not known.kind:
                yield self._main, key
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
        """The companies with this name; no basis where a person must decide."""
        if companies := set(self._main.get(listed.folded, ())):
            return Basis.EXACT, companies
        if companies := _either(self._current, listed):
            main = companies <= set(self._main.get(listed.joined, ()))
            return Basis.EXACT if main else Basis.ALIAS, companies
        if companies := _either(self._former, listed):
            return Basis.ALIAS, companies
        bare = listed.bare_name
        companies = set(self._bare.get(bare) or self._former_bare.get(bare, ()))
        sure = len(bare) > 1 and all(self._may_be(company_id, listed) for company_id in companies)
        return Basis.LEGAL_FORM if sure else None, companies

    def _may_be(self, company_id: int, listed: Spelling) -> bool:
        known = self._forms.get((company_id, listed.bare_name), set())
        return may_be_form(listed.form, known, self._countries.get(company_id, ""))

    def _suggestions(self, listed: Spelling, sharing: set[int]) -> tuple[Suggestion, ...]:
        names = [
            known
            for known in self._index.candidates(listed)
            if (listed.folded, known.company_id) not in self.refused
        ]
        weights = self._index.weights
        scored = [(known, resemblance(listed, self._spellings[known], weights)) for known in names]
        if not any(alike for _known, alike in scored):
            scored = [(known, inside(listed, self._spellings[known])) for known in names]
        best: dict[int, Suggestion] = {}
        for known, alike in scored:
            if alike:
                one = Suggestion(known.company_id, known.name, *_seen(known, alike, sharing))
                best[one.company_id] = min(best.get(one.company_id, one), one, key=_rank)
        return tuple(sorted(best.values(), key=_rank)[:MOST_SUGGESTIONS])

    def prepared(self) -> Self:
        """Build the index now; otherwise the first name without a match builds it."""
        _ = self._index
        return self

    @cached_property
    def _index(self) -> "Index":
        # Built lazily: a list of known names needs no suggestions.
        return Index(self._spellings)


def _add_holder(holders: Holders, key: str, company_id: int) -> None:
    companies = holders.get(key, ())
    if company_id not in companies:
        holders[key] = (*companies, company_id)


def _remove_holder(holders: Holders, key: str, company_id: int) -> None:
    companies = tuple(one for one in holders.pop(key, ()) if one != company_id)
    if companies:
        holders[key] = companies


def _either(holders: Holders, listed: Spelling) -> set[int]:
    return {*holders.get(listed.folded, ()), *holders.get(listed.joined, ())}


def _seen(
    known: KnownName, alike: tuple[int, Resemblance], sharing: set[int]
) -> tuple[int, Resemblance]:
    score, how = alike
    if how == Resemblance.LEGAL_FORM and known.company_id in sharing and len(sharing) > 1:
        return 99, Resemblance.SHARED
    if known.kind == FORMER:
        return score, Resemblance.FORMER
    return alike


def _rank(suggestion: Suggestion) -> tuple[int, str, int]:
    return -suggestion.score, suggestion.name, suggestion.company_id


Postings = dict[str, list[KnownName]]  # the names with a key, sorted


class Index:
    """Select the few names that are worth comparing with a listed one."""

    def __init__(self, spellings: Mapping[KnownName, Spelling]) -> None:
        self._phrases: Postings = {}
        self._words: Postings = {}
        self._initials: Postings = {}
        self._slips: Postings = {}
        self._grams: Postings = {}
        self.weights = Weights(self._words, spellings)
        for known in sorted(spellings):
            self.add(known, spellings[known])

    def add(self, known: KnownName, spelling: Spelling) -> None:
        for postings, key in self._keys(spelling):
            names = postings.setdefault(key, [])
            if not names or names[-1] < known:
                names.append(known)
            else:
                insort(names, known)

    def remove(self, known: KnownName, spelling: Spelling) -> None:
        for postings, key in self._keys(spelling):
            names = postings[key]
            del names[bisect_left(names, known)]
            if not names:
                del postings[key]

    def _keys(self, spelling: Spelling) -> Iterator[tuple[Postings, str]]:
        yield self._phrases, spelling.bare_name
        for word in set(spelling.bare):
            yield self._words, word
        if len(spelling.bare) > 1:
            yield self._initials, spelling.initials
        for slip in _slips(spelling.compact):
            yield self._slips, slip
        for gram in _grams(spelling.compact):
            yield self._grams, gram

    def candidates(self, listed: Spelling) -> list[KnownName]:
        found = set(self._alike_letters(listed.compact))
        for phrase in {listed.bare_name, *_phrases(listed.bare)}:
            found.update(self._phrases.get(phrase, ())[:_COMMON_WORD])
        rarest = sorted(listed.bare, key=lambda word: len(self._words.get(word, ())))
        for place, word in enumerate(rarest):
            names = self._words.get(word, [])
            if place == 0 or len(names) <= _COMMON_WORD:
                found.update(names[:_COMMON_WORD])
        found.update(self._initials.get(listed.compact, ())[:_COMMON_WORD])
        for slip in {*_slips(listed.compact), listed.initials}:
            found.update(self._slips.get(slip, ())[:_COMMON_WORD])
        return sorted(found)

    def _alike_letters(self, compact: str) -> list[KnownName]:
        """Names that share the most trigrams with `compact`; rare trigrams are read first."""
        known = [(len(self._grams[gram]), gram) for gram in _grams(compact) if gram in self._grams]
        shared, visits = Counter[KnownName](), 0
        for count, gram in sorted(known):
            visits += count
            if shared and visits > _GRAM_VISITS:
                break
            shared.update(self._grams[gram])
        enough = max(shared.values(), default=0) // 2
        alike = [name for name, count in shared.items() if count > enough]
        return sorted(alike, key=lambda name: (-shared[name], name))[:_MOST_COMPARED]


class Weights:
    """The weight of each word, as inverse document frequency: rare words identify a company."""

    def __init__(self, words: Postings, names: Sized) -> None:
        self._words, self._names = words, names

    def of(self, word: str) -> float:
        return log(1 + len(self._names) / len(self._words.get(word, (word,))))


def _grams(compact: str) -> set[str]:
    padded = f" {compact} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def _slips(compact: str) -> set[str]:
    """`compact` and, if it is short, every form of it with one letter left out."""
    if len(compact) > _SHORT:
        return {compact}
    return {compact} | {compact[:i] + compact[i + 1 :] for i in range(len(compact))} - {""}


def _phrases(words: tuple[str, ...]) -> set[str]:
    """Every run of consecutive words among the first eight."""
    words = words[:8]
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
