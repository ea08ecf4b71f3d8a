"""Which company of the register a listed name means.

A match is automatic only when the name, or the name without its legal form, leads to exactly one
company. Everything else is a suggestion for a person: "Orange Bank" is not "Orange".
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    """How a listed name resembles a name that a suggested company has."""

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

    def __new__(cls, value: str, label: Any) -> Self:
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
    """A company that a person may find meant; `name` is its name that the listed one resembles."""

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
    """What one listed name leads to: a company, or suggestions (best first), or nothing."""

    listed: str
    company_id: int | None = None
    basis: Basis | None = None
    suggestions: tuple[Suggestion, ...] = ()


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


class Weights:
    """How much a word says about who is meant: little when many names hold it."""

    def __init__(self, holders: Mapping[str, Sequence[int]], names: int) -> None:
        self._weights = {word: log(1 + names / len(held)) for word, held in holders.items()}
        self._unknown = log(1 + names)

    def of(self, word: str) -> float:
        return self._weights.get(word, self._unknown)


def resemblance(
    listed: Spelling, known: Spelling, weights: Weights
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


def _part(listed: tuple[str, ...], known: tuple[str, ...], weights: Weights) -> int:
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


# The index

_COMMON_WORD = 200  # names, from which a word is held by too many to look at each
_GRAM_VISITS = 2_500  # names visited for the letters of one listed name
_MOST_COMPARED = 40  # names compared for their letters
_SHORT = 8  # letters, up to which every single slip is looked up


Holders = dict[str, tuple[int, ...]]  # the companies with a name


class Matcher:
    """Matches listed names to companies; made once for a list, from the names of all companies.

    `refused` holds pairs of a folded listed name and a company that a person said it is not: they
    are neither matched nor suggested.
    """

    def __init__(
        self, names: Iterable[KnownName], refused: Collection[tuple[str, int]] = ()
    ) -> None:
        self._refused = frozenset(refused)
        self._names = [
            (known, spelling) for known in sorted(names) if (spelling := spell(known.name)).folded
        ]
        self._main: Holders = {}
        self._current: Holders = {}
        self._former: Holders = {}
        self._bare: Holders = {}
        self._former_bare: Holders = {}
        self._forms = defaultdict[tuple[int, str], set[str]](set)
        self._countries: dict[int, str] = {}
        for known, spelling in self._names:
            self._add(known, spelling)

    def _add(self, known: KnownName, spelling: Spelling) -> None:
        former = known.kind == FORMER
        for key in {spelling.folded, spelling.joined}:
            _hold(self._former if former else self._current, key, known.company_id)
            if not known.kind:
                _hold(self._main, key, known.company_id)
        bare = spelling.bare_name
        _hold(self._former_bare if former else self._bare, bare, known.company_id)
        if spelling.form:
            self._forms[known.company_id, bare].add(spelling.form)
        if known.country:
            self._countries[known.company_id] = known.country

    def match_all(self, listed: Sequence[str]) -> list[Match]:
        """One match for each listed name, in their order; a name listed twice is read once."""
        found = {name: self.match(name) for name in dict.fromkeys(listed)}
        return [found[name] for name in listed]

    def match(self, listed: str) -> Match:
        spelling = spell(listed[: LONGEST_NAME + 1])
        if not spelling.folded or len(listed) > LONGEST_NAME:
            return Match(listed)
        basis, companies = self._leads_to(spelling)
        if basis and len(companies) == 1:
            [company_id] = companies
            if (spelling.folded, company_id) not in self._refused:
                return Match(listed, company_id, basis)
        return Match(listed, suggestions=self._suggestions(spelling, companies))

    def _leads_to(self, listed: Spelling) -> tuple[Basis | None, set[int]]:
        """The companies with this very name; without a basis when a person must look first."""
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
        best: dict[int, Suggestion] = {}
        for known, spelling in map(self._names.__getitem__, self._index.candidates(listed)):
            if (listed.folded, known.company_id) in self._refused:
                continue
            alike = resemblance(listed, spelling, self._index.weights)
            if not alike:
                continue
            suggestion = Suggestion(known.company_id, known.name, *_seen(known, alike, sharing))
            if _rank(suggestion) < _rank(best.get(known.company_id, suggestion)):
                best[known.company_id] = suggestion
            best.setdefault(known.company_id, suggestion)
        return tuple(sorted(best.values(), key=_rank)[:MOST_SUGGESTIONS])

    def prepared(self) -> Self:
        """The matcher with its index, which is else made at the first name that is not known."""
        _ = self._index
        return self

    @cached_property
    def _index(self) -> "Index":
        # A list of known names needs none.
        return Index([spelling for _known, spelling in self._names])


def _hold(holders: Holders, key: str, company_id: int) -> None:
    held = holders.get(key, ())
    if company_id not in held:
        holders[key] = (*held, company_id)


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


class Index:
    """Finds the few of many spellings that are worth comparing; a spelling is its position."""

    def __init__(self, spellings: Sequence[Spelling]) -> None:
        self._phrases = defaultdict[str, list[int]](list)
        self._words = defaultdict[str, list[int]](list)
        self._initials = defaultdict[str, list[int]](list)
        self._slips = defaultdict[str, list[int]](list)
        self._grams = defaultdict[str, list[int]](list)
        for position, spelling in enumerate(spellings):
            self._add(position, spelling)
        self.weights = Weights(self._words, len(spellings))

    def _add(self, position: int, spelling: Spelling) -> None:
        self._phrases[spelling.bare_name].append(position)
        for word in set(spelling.bare):
            self._words[word].append(position)
        if len(spelling.bare) > 1:
            self._initials[spelling.initials].append(position)
        compact = spelling.compact
        for slip in _slips(compact):
            self._slips[slip].append(position)
        for gram in _grams(compact):
            self._grams[gram].append(position)

    def candidates(self, listed: Spelling) -> list[int]:
        found = set(self._alike_letters(listed.compact))
        for phrase in {listed.bare_name, *_phrases(listed.bare)}:
            found.update(self._phrases.get(phrase, ())[:_COMMON_WORD])
        rarest = sorted(listed.bare, key=lambda word: len(self._words.get(word, ())))
        for number, word in enumerate(rarest):
            holders = self._words.get(word, ())
            if not number or len(holders) <= _COMMON_WORD:
                found.update(holders[:_COMMON_WORD])
        found.update(self._initials.get(listed.compact, ())[:_COMMON_WORD])
        for slip in {*_slips(listed.compact), listed.initials}:
            found.update(self._slips.get(slip, ())[:_COMMON_WORD])
        return sorted(found)

    def _alike_letters(self, compact: str) -> list[int]:
        """Those that share most triples of letters, the rarest triples first."""
        known = [(len(self._grams[gram]), gram) for gram in _grams(compact) if gram in self._grams]
        shared, visits = Counter[int](), 0
        for number, gram in sorted(known):
            visits += number
            if shared and visits > _GRAM_VISITS:
                break
            shared.update(self._grams[gram])
        enough = max(shared.values(), default=0) // 2
        alike = [at for at, number in shared.items() if number > enough]
        return sorted(alike, key=lambda at: (-shared[at], at))[:_MOST_COMPARED]


def _grams(compact: str) -> set[str]:
    padded = f" {compact} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def _slips(compact: str) -> set[str]:
    """The name and, if it is short, what remains of it without one letter."""
    if len(compact) > _SHORT:
        return {compact}
    return {compact} | {compact[:i] + compact[i + 1 :] for i in range(len(compact))} - {""}


def _phrases(words: tuple[str, ...]) -> set[str]:
    """Every run of words; of a very long name, of its first words."""
    words = words[:8]
    return {" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
