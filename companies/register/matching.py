"""Which company of the register a listed name means.

A match is automatic only when the name, or the name without its legal form, leads to exactly one
company. Everything else is a suggestion for a person: "Orange Bank" is not "Orange".
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import log
from typing import NamedTuple
from unicodedata import normalize

from cleanco.termdata import terms_by_country, terms_by_type
from django.db import models
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from companies.models import Company, CompanyName
from companies.models.text import fold

MOST_SUGGESTIONS = 5
LOWEST_SCORE = 60


class Basis(StrEnum):
    """Why a match is automatic."""

    EXACT = "exact"
    ALIAS = "alias"
    LEGAL_FORM = "legal_form"


class Resemblance(models.TextChoices):
    """How a listed name resembles a name that a suggested company has."""

    SHARED = "shared", _("Several companies of the register have this name.")
    LEGAL_FORM = "legal_form", _("Only the legal form differs.")
    SPACING = "spacing", _("Only the spaces between the words differ.")
    ORDER = "order", _("The same words stand in another order.")
    GROUP = "group", _("Only a word such as “Group” differs.")
    INITIALS = "initials", _("One name is the initials of the other.")
    PART = "part", _("One name is a part of the other.")
    SPELLING = "spelling", _("The spelling is similar.")
    FORMER = "former", _("It resembles a former name.")


class KnownName(NamedTuple):
    """One name of a company; `kind` is empty for its main name, else of `CompanyName.Kind`."""

    company_id: int
    name: str
    kind: str = ""


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


def register_names() -> list[KnownName]:
    """All names of all companies, in two queries."""
    names = []
    for company_id, name, legal_name in Company.objects.order_by().values_list(
        "pk", "name", "legal_name"
    ):
        names.append(KnownName(company_id, name))
        if legal_name:
            names.append(KnownName(company_id, legal_name, CompanyName.Kind.LEGAL))
    others = CompanyName.objects.order_by().values_list("company_id", "name", "kind")
    return names + [KnownName(*row) for row in others]


# How names are spelled

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_DOTTED = re.compile(r"(?<!\w)(?:\w\.)+\w(?!\w)|(?<!\w)\w/\w(?!\w)")  # S.p.A., I.B.M., A/S
_AND = {"and", "et", "und"}
_SMALL_WORDS = {"da", "de", "del", "der", "di", "do", "for", "für", "la", "le", "of", "the"}
_GROUP_WORDS = {
    *("group", "groupe", "gruppe", "gruppo", "grupo", "groep"),
    *("holding", "holdings", "konzern", "koncern"),
}

# Terms of cleanco that are also countries or ordinary words: "Vodafone UK" is not "Vodafone".
_NOT_FORMS = {
    *("at", "ba", "bl", "bm", "ca", "cio", "cpt", "da", "ec", "ee", "eg", "ent", "ep", "et", "fa"),
    *("fie", "gp", "ij", "ik", "nl", "ok", "pp", "private", "ps", "psu", "pt", "sd", "sem", "sep"),
    *("ses", "stg", "teo", "tov", "ud", "uk", "unlimited", "vat", "xk", "xt"),
}
_MORE_FORMS = {
    *("aktiengesellschaft", "asbl", "eood", "jsc", "pjsc", "private limited", "private ltd"),
    *("pvt", "pvt ltd", "pty", "s en c", "scrl", "sdn", "sp zoo", "spzoo", "spol s ro", "zoo"),
}
_SAME_FORM = {
    "aktiengesellschaft": "ag",
    "company": "co",
    "corporation": "corp",
    "incorporated": "inc",
    "limited": "ltd",
}
# Few forms stand before the name; the others begin names of their own: SAS Institute, AB InBev.
_LEADING_FORMS = {"eurl", "oao", "ooo", "pt", "sarl", "sia", "uab", "zao", "оао", "ооо", "пао"}
_LONGEST_FORM = 4  # words


class Spelling(NamedTuple):
    """A name in the forms that are compared."""

    folded: str
    words: tuple[str, ...]  # without accents, "and", a leading "The" and the dots of S.p.A.
    bare: tuple[str, ...]  # without legal form either
    form: str  # the legal form, such as "ltd" or "gmbh co kg"

    @property
    def joined(self) -> str:
        return " ".join(self.words)

    @property
    def compact(self) -> str:
        return "".join(self.bare)

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.bare if word not in _SMALL_WORDS)


def spell(name: str) -> Spelling:
    words = _words(name)
    bare, form = _without_legal_form(words)
    return Spelling(fold(name), words, bare, form)


def _words(name: str) -> tuple[str, ...]:
    if "." in name or "/" in name:
        name = _DOTTED.sub(lambda dotted: re.sub("[./]", "", dotted.group()), name)
    # Composed again, so that a Korean syllable counts as one letter.
    words = normalize("NFC", fold(name).translate(_LETTERS)).split()
    if len(words) > 2 and words[0] == "the":
        del words[0]
    inner = [word for word in words[1:-1] if word not in _AND]
    return tuple(words[:1] + inner + words[1:][-1:])


def _legal_forms() -> frozenset[str]:
    by_type, by_country = terms_by_type.values(), terms_by_country.values()
    terms = {" ".join(_words(term)) for terms in (*by_type, *by_country) for term in terms}
    return frozenset((terms - _NOT_FORMS) | _MORE_FORMS)


_FORMS = _legal_forms()


def _without_legal_form(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The words before the legal form, and that form.

    A name that would shrink to nothing or to another legal form keeps all its words: "SAS", "SE",
    and "SAS AB", which is not "SAS".
    """
    bare, forms = words, list[str]()
    while size := _trailing_form(bare):
        forms.insert(0, "".join(bare[-size:]))
        bare = bare[:-size]
    if len(bare) > 1 and bare[0] in _LEADING_FORMS:
        forms.append(bare[0])
        bare = bare[1:]
    if not forms or " ".join(bare) in _FORMS:
        return words, ""
    return bare, " ".join(_SAME_FORM.get(form, form) for form in forms)


def _trailing_form(words: tuple[str, ...]) -> int:
    """How many words at the end are a legal form; never all."""
    for size in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        end = words[-size:]
        spaced = "".join(end) if all(len(word) == 1 for word in end) and size > 1 else ""
        if " ".join(end) in _FORMS or spaced in _FORMS:
            return size
    return 0


# How alike two spellings are

_ALIKE_WORDS = 80  # percent, from which two words count as the same with a slip


class Weights:
    """How much a word says about who is meant: little when many names hold it."""

    def __init__(self, holders: Mapping[str, Sequence[int]], names: int) -> None:
        self._holders, self._names = holders, names

    def of(self, word: str) -> float:
        return log(1 + self._names / max(len(self._holders.get(word, ())), 1))


def resemblance(
    listed: Spelling, known: Spelling, weights: Weights
) -> tuple[int, Resemblance] | None:
    """A score of 0 to 100 and its reason; None for names with nothing in common."""
    same = _same_but_for(listed, known)
    if same:
        return same
    part, spelling = _part(listed.bare, known.bare, weights), _spelling(listed, known)
    best = max((part, Resemblance.PART), (spelling, Resemblance.SPELLING))
    return best if best[0] >= LOWEST_SCORE else None


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
    return 1 < len(short.compact) == len(long.initials) and short.compact == long.initials


def _part(listed: tuple[str, ...], known: tuple[str, ...], weights: Weights) -> int:
    """Up to 93 when the words of one name, but for slips, are among those of the other."""
    short, long = sorted((listed, known), key=len)
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
    words = fuzz.token_sort_ratio(" ".join(listed.bare), " ".join(known.bare))
    return round(min(max(compact, words), 95))


# The index

_COMMON_WORD = 200  # names, from which a word is held by too many to look at each
_GRAM_VISITS = 4_000  # names visited for the letters of one listed name
_MOST_COMPARED = 60  # names compared for their letters
_SHORT = 8  # letters, up to which every single slip is looked up


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
        self._main = defaultdict[str, set[int]](set)
        self._current = defaultdict[str, set[int]](set)
        self._former = defaultdict[str, set[int]](set)
        self._bare = defaultdict[str, dict[int, set[str]]](dict)
        self._former_bare = defaultdict[str, dict[int, set[str]]](dict)
        for known, spelling in self._names:
            self._add(known, spelling)

    def _add(self, known: KnownName, spelling: Spelling) -> None:
        former = known.kind == CompanyName.Kind.FORMER
        for key in {spelling.folded, spelling.joined}:
            (self._former if former else self._current)[key].add(known.company_id)
            if not known.kind:
                self._main[key].add(known.company_id)
        bare = (self._former_bare if former else self._bare)[" ".join(spelling.bare)]
        bare.setdefault(known.company_id, set()).update({spelling.form} - {""})

    def match_all(self, listed: Sequence[str]) -> list[Match]:
        """One match for each listed name, in their order; a name listed twice is read once."""
        found = {name: self.match(name) for name in dict.fromkeys(listed)}
        return [found[name] for name in listed]

    def match(self, listed: str) -> Match:
        spelling = spell(listed)
        if not spelling.folded:
            return Match(listed)
        basis, companies = self._leads_to(spelling)
        if basis and len(companies) == 1:
            [company_id] = companies
            if (spelling.folded, company_id) not in self._refused:
                return Match(listed, company_id, basis)
        return Match(listed, suggestions=self._suggestions(spelling, companies))

    def _leads_to(self, listed: Spelling) -> tuple[Basis | None, set[int]]:
        """The companies with this very name; without a basis when a person must look first."""
        if companies := self._main.get(listed.folded):
            return Basis.EXACT, companies
        if companies := _either(self._current, listed):
            main = companies <= self._main.get(listed.joined, set())
            return Basis.EXACT if main else Basis.ALIAS, companies
        if companies := _either(self._former, listed):
            return Basis.ALIAS, companies
        bare = " ".join(listed.bare)
        forms = self._bare.get(bare) or self._former_bare.get(bare) or {}
        sure = len(bare) > 1 and all(_may_be(listed.form, known) for known in forms.values())
        return Basis.LEGAL_FORM if sure else None, set(forms)

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

    @cached_property
    def _index(self) -> "Index":
        # A list of known names needs none.
        return Index([spelling for _known, spelling in self._names])


def _either(holders: Mapping[str, set[int]], listed: Spelling) -> set[int]:
    return holders.get(listed.folded, set()) | holders.get(listed.joined, set())


def _may_be(form: str, known: set[str]) -> bool:
    """Whether a company known with these legal forms may have that one; Porsche SE is not AG."""
    return not form or not known or form in known


def _seen(
    known: KnownName, alike: tuple[int, Resemblance], sharing: set[int]
) -> tuple[int, Resemblance]:
    score, how = alike
    if how == Resemblance.LEGAL_FORM and known.company_id in sharing and len(sharing) > 1:
        return 99, Resemblance.SHARED
    if known.kind == CompanyName.Kind.FORMER:
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
        self._phrases[" ".join(spelling.bare)].append(position)
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
        for phrase in _phrases(listed.bare):
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

    def _alike_letters(self, compact: str) -> Iterator[int]:
        """Those that share most triples of letters, the rarest triples first."""
        holders = [self._grams[gram] for gram in _grams(compact) if gram in self._grams]
        shared, visits = Counter[int](), 0
        for positions in sorted(holders, key=lambda positions: (len(positions), positions[0])):
            visits += len(positions)
            if shared and visits > _GRAM_VISITS:
                break
            shared.update(positions)
        return (position for position, _number in shared.most_common(_MOST_COMPARED))


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
