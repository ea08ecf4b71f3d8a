"""Match a listed name with the companies of the register.

A match is automatic only when exactly one company has the name, or the name without its legal form
and that form is known to fit this company. Everything else is a suggestion for a person: "Orange
Bank" is not "Orange", and "Orange Sdn Bhd" need not be.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

from .legal_forms import ASSOCIATION, LegalForm
from .likeness import Resemblance, inside, likeness, resemblance, sounds_alike
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
    "Near",
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


_RESEMBLANCE_OF_KIND = {
    FORMER: Resemblance.FORMER,
    **dict.fromkeys(SOLD, Resemblance.SOLD),
}
_IN_ANOTHER_SCRIPT = 90  # the score of a name that only sounds the same
_BEGINNING = 85  # the score of a name that the listed one begins with


class Near(NamedTuple):
    """Primary keys of the companies that a listed name is compared with, and of how much weight
    each word of a name is: rare words identify a company.
    """

    companies: Collection[int]
    weight: Callable[[str], float]


Holders = dict[str, tuple[int, ...]]  # primary keys of the companies with a name


class Matcher:
    """Matches listed names to companies, some of whose names it was given.

    They include all companies with a name that has a spelling key of the listed one, so that what
    a name leads to does not depend on which others are known. `refused` has pairs of a folded
    listed name and the primary key of a company that a person said it does not mean: they are
    neither matched nor suggested.
    """

    def __init__(
        self, names: Iterable[KnownName] = (), refused: Collection[tuple[str, int]] = ()
    ) -> None:
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
        self._spelled: dict[str, Spelling] = {}
        self._heard: dict[str, Spelling] = {}
        self.add(names)

    def knows(self, company_id: int) -> bool:
        return company_id in self._names

    def add(self, names: Iterable[KnownName]) -> None:
        """Add all names of some companies that it does not know."""
        for known in sorted(set(names)):
            spelling = self._spelling(known)
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

    def _spelling(self, known: KnownName) -> Spelling:
        if known.name not in self._spelled:
            self._spelled[known.name] = spell(known.name)
        return self._spelled[known.name]

    def _bare_heard(self, known: KnownName) -> Spelling:
        """The spelling of the bare words of a name, in Latin letters."""
        if known.name not in self._heard:
            heard = in_latin_letters(self._spelling(known))
            self._heard[known.name] = spelling_of(heard.bare_name)
        return self._heard[known.name]

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

    def match(self, listed: str, near: "Near | None" = None) -> Match:
        """Match one name; without `near`, what resembles it is not looked for."""
        spelling = spell(listed[: LONGEST_NAME + 1])
        if not spelling.folded or len(listed) > LONGEST_NAME:
            return Match(listed)
        basis, companies = self._leads_to(spelling)
        if basis and len(companies) == 1:
            [company_id] = companies
            if (spelling.folded, company_id) not in self.refused:
                return Match(listed, company_id, basis)
        return Match(
            listed, suggestions=self._suggestions(spelling, companies, near) if near else ()
        )

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
            spelling = self._spelling(known)
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

    def _suggestions(
        self, listed: Spelling, sharing: set[int], near: "Near"
    ) -> tuple[Suggestion, ...]:
        heard = in_latin_letters(listed)
        names = [
            (known, self._bare_heard(known))
            for company_id in {*near.companies, *sharing}
            if (listed.folded, company_id) not in self.refused
            for known in self._names.get(company_id, ())
        ]
        # A name with a legal form and one without have the same bare words.
        alike = {known.bare_name: known for _name, known in names}
        scores = {one: resemblance(heard, known, near.weight) for one, known in alike.items()}
        if heard is not listed:
            scores = {one: how or sounds_alike(heard, alike[one]) for one, how in scores.items()}
        if not any(scores.values()):
            scores = {one: inside(heard, known) for one, known in alike.items()}
        scored = [(name, scores[known.bare_name]) for name, known in names]
        scored += [(one, (_BEGINNING, Resemblance.PART)) for one in self._beginning(listed)]
        found = sorted(((known, how) for known, how in scored if how), key=itemgetter(0))
        alike_letters = {known.name: likeness(heard, self._bare_heard(known)) for known, _ in found}

        def rank(one: Suggestion) -> tuple[int, float, str, int]:
            return -one.score, -alike_letters[one.name], one.name, one.company_id

        best: dict[int, Suggestion] = {}
        for known, how in found:
            one = self._suggestion(listed, known, how, sharing)
            best[one.company_id] = min(best.get(one.company_id, one), one, key=rank)
        return tuple(sorted(best.values(), key=rank)[:MOST_SUGGESTIONS])

    def _beginning(self, listed: Spelling) -> Iterator[KnownName]:
        """Known names that the listed one begins with, in a script without spaces."""
        for beginning in beginnings(listed):
            for company_id in self._bare.get(beginning, ()):
                if (listed.folded, company_id) not in self.refused:
                    names = self._names[company_id]
                    yield next(n for n in names if self._spelling(n).bare_name == beginning)

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
            if listed.bare_name != self._spelling(known).bare_name:
                score, how = _IN_ANOTHER_SCRIPT, Resemblance.SCRIPT
            elif misfit := self._misfit(known.company_id, listed):
                form, how = misfit
        elif how == Resemblance.SPELLING and not listed.compact.isascii():
            how = Resemblance.SCRIPT
        return Suggestion(known.company_id, known.name, score, how, form)

    def main_name(self, company_id: int) -> str:
        return next(known.name for known in self._names[company_id] if not known.kind)


def _add_holder(holders: Holders, key: str, alone: tuple[int]) -> None:
    companies = holders.setdefault(key, alone)
    if alone[0] not in companies:
        holders[key] = companies + alone


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
