"""Look up which company a typed or listed name means, for all parts of the program.

Public ids, current and former, and identifiers are found too; on an official list, which names
companies, an id, a brand or a product is only a suggestion.

There is one way for one name, for a list and for a register of any size: spellings are looked up
in the database (`NameKey`), words that resemble in memory (`searching/near_names.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from sys import intern
from threading import RLock
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Value
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from companies.models import (
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    NameKey,
    ReadTable,
    RefusedMatch,
)
from companies.names.letters import fold
from companies.names.matcher import (
    LONGEST_NAME,
    Basis,
    KnownName,
    Match,
    Matcher,
    Near,
    Resemblance,
    Suggestion,
)
from companies.names.spelling import LONGEST_KEY, Spelling, in_latin_letters, spell

from .roster import table_state
from .roster.roster import Roster
from .roster.table_state import cached, is_undone, read_state, state
from .searching.cached_words import CachedNames, cached_names, places_named
from .searching.near_names import NamesInMemory, NamesToCompare, Nearby, NearNames

_GOOD, _FAR_BEHIND = 74, 6  # of 100; 74 is "SAP Labs" for SAP, 71 "Orange Services" for Amazon
_MOST_OF_A_KEY = 30  # companies; a few letters are the initials of thousands
_ROWS = 2_000  # that are read together
_CHUNK = 200  # names that are looked up together


def look_up(name: str) -> Match:
    """The company that a name means, or suggestions, or nothing."""
    [match] = look_up_all([name])
    return match


def look_up_all(names: Iterable[str]) -> Iterator[Match]:
    """One match for each name, in order. At most eight queries for some hundred names."""
    for some in _chunks(names):
        yield from matches(some, known_names())


def look_up_listed(names: Iterable[str]) -> Iterator[Match]:
    """One match for each name of an official list, where a public id or product is a suggestion."""
    for some in _chunks(names):
        yield from map(_LookUp(some, known_names()).as_listed, some)


def matches(names: Iterable[str], known: NamesToCompare) -> Iterator[Match]:
    """One match among known names for each name, in order."""
    for some in _chunks(names):
        yield from map(_LookUp(some, known).match, some)


def sure_company(name: str) -> int | None:
    """The primary key of the company that a name certainly means, else None.

    Only names of the same spelling are read.
    """
    return _LookUp([name], known_names(), suggest=False).match(name).company_id


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while some := list(islice(left, _CHUNK)):
        yield some


class _LookUp:
    """Looks up some names together; each has the answer that it has alone.

    First the companies with a name of this spelling or with this id are read; for names that mean
    none of them, also those with a name near it.
    """

    def __init__(
        self, names: Sequence[str], known: NamesToCompare, *, suggest: bool = True
    ) -> None:
        listed = {one: spell(one) for one in set(names) if len(one) <= LONGEST_NAME}
        listed = {one: spelling for one, spelling in listed.items() if spelling.folded}
        alike = known.spelled(key for one in listed.values() for key in one.keys)
        self.ids = known.with_ids({_as_id(one) for one in names if one.isprintable()})
        self.matcher = Matcher(refused=known.refused({one.folded for one in listed.values()}))
        self._read(known, {pk for keys in alike.values() for pk in keys} | {*self.ids.values()})
        self.near = dict[str, Near]()
        if suggest:
            unsure = [one for one in listed if not self.matcher.match(one).company_id]
            self._compare_with(known, {one: listed[one] for one in unsure}, alike)

    def _compare_with(
        self, known: NamesToCompare, listed: Mapping[str, Spelling], alike: Mapping[str, list[int]]
    ) -> None:
        """Read the names near those that mean no company for certain."""
        if not listed:
            return
        found = known.spelled(key for one in listed.values() for key in one.searched)
        for name, spelling in listed.items():
            keys = {one for key in spelling.searched for one in found.get(key, ())[:_MOST_OF_A_KEY]}
            keys |= {one for key in spelling.keys for one in alike.get(key, ())}
            heard = in_latin_letters(spelling)
            keys |= known.near(heard, by_sound=heard is not spelling)
            self.near[name] = Near(keys, known.weight)
        self._read(known, {pk for near in self.near.values() for pk in near.companies})

    def _read(self, known: NamesToCompare, companies: set[int]) -> None:
        self.matcher.add(known.names({pk for pk in companies if not self.matcher.knows(pk)}))

    def match(self, name: str) -> Match:
        """Match by name, then by public id; if they are different companies, suggest both."""
        match = self.matcher.match(name, self.near.get(name))
        by_id = self.ids.get(_as_id(name))
        if by_id in (None, match.company_id) or (fold(name), by_id) in self.matcher.refused:
            return match
        if by_id in match.shared:
            return match
        named = [match.company_id] if match.company_id else sorted(match.shared)
        if not named:
            return Match(name, by_id, Basis.PUBLIC_ID)
        both = [Suggestion(pk, name, 99, Resemblance.SHARED) for pk in (*named, by_id)]
        return Match(name, suggestions=tuple(both))

    def as_listed(self, name: str) -> Match:
        """As `match`, but a match by anything but the company's own name is a suggestion."""
        match = self.match(name)
        question = match.basis and match.basis.question
        if match.company_id is None or not question:
            return match
        main = self.matcher.main_name(match.company_id)
        return Match(match.listed, suggestions=(Suggestion(match.company_id, main, 99, question),))


def _as_id(name: str) -> str:
    return name.strip().lower()


def company_meant(name: str) -> Company | None:
    """The company that a name means; None if a person would have to choose."""
    company_id = sure_company(name)
    return Company.objects.filter(pk=company_id).first() if company_id else None


def likely(suggestions: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """The suggestions, best first, without those far below a good best one."""
    best = suggestions[0].score if suggestions else 0
    least = best - _FAR_BEHIND if best >= _GOOD else 0
    return tuple(one for one in suggestions if one.score >= least)


def matched_companies(match: Match, companies: Any = None) -> list[Company]:
    """The company of a match, otherwise its suggestions, best first.

    `companies` is the queryset to read them from; companies outside it are left out.
    """
    suggested = [one.company_id for one in likely(match.suggestions)]
    wanted = [match.company_id] if match.company_id else suggested
    rows = Company.objects.all() if companies is None else companies
    found = {company.pk: company for company in rows.filter(pk__in=wanted)}
    return [found[pk] for pk in wanted if pk in found]


# Search


class Search:
    """A search: companies with every word of a text in a name, and the one that the text means."""

    def __init__(self, text: str, roster: Roster) -> None:
        self.text, self.roster = text, roster

    @cached_property
    def words(self) -> str:
        """The search words: `text`, without its legal form if no company has all words.

        Empty if `text` has neither letter nor digit.
        """
        if not fold(self.text):
            return ""
        bare = spell(self.text).bare_name
        if bare in ("", fold(self.text)) or _named(self.text, self.roster):
            return self.text
        return bare

    @cached_property
    def found(self) -> int | None:
        """The bitmap of the companies found; None for an empty search, which finds all."""
        if not self.words:
            return 0 if self.text.strip() else None
        found, meant = _named(self.words, self.roster), _meant(self.text)
        return found | self.roster.places_of([meant]) if meant else found

    def beside(self) -> list[Suggestion]:
        """Suggestions for a search that finds nothing in the whole register, best first."""
        return [] if self.found else list(likely(look_up(self.text).suggestions))


@cached
def _meant(text: str) -> int | None:
    """The company that a search means; cached for its other pages and filters."""
    return sure_company(text)


def _named(text: str, roster: Roster) -> int:
    """The bitmap of companies with every word of `text` in a name.

    Without a read table, and for a recorded past, the database scans all names.
    """
    if Company.objects.db == DEFAULT_DB_ALIAS and state().follows:
        return places_named(fold(text).split(), roster)
    return roster.places_of(Company.objects.search(text).order_by().values_list("pk", flat=True))


# The names of the register


class StoredNames:
    """The names of a register with an up to date read table."""

    def __init__(self, near: NearNames) -> None:
        self.near: Nearby = near.companies
        self.weight: Callable[[str], float] = near.weight

    def spelled(self, keys: Iterable[str]) -> Mapping[str, list[int]]:
        """One query."""
        keys, found = (
            sorted({key[:LONGEST_KEY] for key in keys}),
            defaultdict[str, list[int]](list),
        )
        rows = NameKey.objects.using("default").filter(key__among_many=keys)
        for key, company in sorted(rows.order_by().values_list("key", "company_id")):
            found[key].append(company)
        return found

    def with_ids(self, ids: Collection[str]) -> dict[str, int]:
        """One query."""
        return _by_id(*_ids(sorted(ids)))

    def refused(self, folded: Collection[str]) -> Collection[tuple[str, int]]:
        """One query."""
        rows = RefusedMatch.objects.using("default").filter(name_folded__among_many=[*folded])
        return list(rows.order_by().values_list("name_folded", "company_id"))

    def names(self, companies: Collection[int]) -> Iterable[KnownName]:
        """Two queries, none for no company."""
        return _names(companies) if companies else ()


_cached: tuple[CachedNames, NearNames] | None = None
_read: tuple[object, NamesInMemory] | None = None  # of which state, without a read table
_reading = RLock()


def _forget() -> None:
    global _cached, _read
    _cached = _read = None


table_state.on_forgetting(_forget)


def known_names() -> NamesToCompare:
    """The names of the register: those stored with the read table, else all that are read.

    Within a preview, the words are those from before it.
    """
    global _read
    from .searching.typed_names import present_roster  # which reads companies with models

    now = state()
    roster = present_roster() if now.follows else None
    if roster is not None:
        return StoredNames(_near_cached(cached_names(roster)))
    if is_undone() and _cached and read_state().follows:
        return StoredNames(_cached[1])
    with _reading:
        version = now, RefusedMatch.objects.using("default").count()
        if _read is None or _read[0] != version:
            _read = version, _all_names()
        return _read[1]


def _near_cached(names: CachedNames) -> NearNames:
    global _cached
    with _reading:
        if _cached is None or _cached[0].words is not names.words:
            _cached = names, NearNames(names.words, names.changed)
        elif _cached[0] is not names:
            _cached = names, _cached[1].with_changed(names.changed)
        return _cached[1]


def names_edition() -> Hashable:
    """A value that changes whenever a name may mean another company."""
    now, refused = state(), RefusedMatch.objects.using("default").count()
    if not now.follows:
        return now, refused
    return ReadTable.objects.using("default").values_list("named", flat=True).first(), refused


def _all_names() -> NamesInMemory:
    refused = RefusedMatch.objects.using("default").values_list("name_folded", "company_id")
    return NamesInMemory(_names(None), _by_id(*_ids()), list(refused))


def _by_id(first: Any, *others: Any) -> dict[str, int]:
    """The company with each id. One query."""
    return {one: pk for _rank, one, pk in sorted(first.union(*others), reverse=True)}


def _ids(among: Sequence[str] | None = None) -> list[Any]:
    """Rank, id in lower case and company; where two have one id, the lower rank comes first."""
    found = []
    for rank, (model, column, company) in enumerate(_IDS):
        rows = model.objects.using("default").order_by().annotate(id_rank=Value(rank))
        # Public ids are in lower case; identifiers have an index of their values in it.
        folded = Lower(column) if model is CompanyIdentifier else F(column)
        rows = rows.annotate(folded=folded)
        rows = rows if among is None else rows.filter(folded__among_many=among)
        found.append(rows.values_list("id_rank", "folded", company))
    return found


_IDS: tuple[tuple[Any, str, str], ...] = (
    (Company, "slug", "pk"),
    (CompanyRedirect, "old_slug", "company_id"),
    (CompanyIdentifier, "value", "company_id"),
)


def _names(companies: Collection[int] | None) -> Iterator[KnownName]:
    """All names, or those of some companies, with the country. Two queries."""
    among = {} if companies is None else {"pk__among_many": [*companies]}
    profiles = Company.objects.using("default").filter(**among).order_by()
    legal, countries = CompanyName.Kind.LEGAL.value, dict[int, str]()
    for pk, name, legal_name, country in profiles.values_list(
        "pk", "name", "legal_name", "country"
    ).iterator(chunk_size=_ROWS):
        countries[pk] = intern(country)
        yield KnownName(pk, name, "", countries[pk])
        if legal_name:
            yield KnownName(pk, legal_name, legal, countries[pk])
    of = {} if companies is None else {"company__pk__among_many": [*companies]}
    others = CompanyName.objects.using("default").filter(**of).order_by()
    rows = others.values_list("company_id", "name", "kind")
    for pk, name, kind in rows.iterator(chunk_size=_ROWS):
        yield KnownName(pk, name, intern(kind), countries.get(pk, ""))
