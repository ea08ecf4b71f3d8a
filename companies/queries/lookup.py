"""Look up which company a typed or listed name means, for all parts of the program.

Public ids, current and former, and identifiers are found too; on an official list, which names
companies, an id, a brand or a product is only a suggestion.

Each process caches an index of all names, which takes seconds to build for a large register, and
updates it for changed companies.
"""

import gc
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from sys import intern
from threading import RLock
from typing import Any, NamedTuple, Self

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from companies.models import (
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    CompanyRow,
    NameKey,
    RefusedMatch,
    RegisterVersion,
)
from companies.names import typos
from companies.names.letters import fold
from companies.names.matcher import (
    LONGEST_NAME,
    Basis,
    KnownName,
    Match,
    Matcher,
    Resemblance,
    Suggestion,
)
from companies.names.spelling import spell

from .records.prepared import Prepared, some_texts
from .roster.roster import Roster
from .roster.table_state import is_undone, kept, state
from .searching.kept_words import places_named

_GOOD, _FAR_BEHIND = 74, 6  # of 100; 74 is "SAP Labs" for SAP, 71 "Orange Services" for Amazon
_CHUNK = 2_000  # rows
_MOST_RENAMED = 1_000  # companies; with more, building a new index is faster than updating it


def look_up(name: str) -> Match:
    """The company that a name means, or suggestions, or nothing.

    In a large register the index of all names takes a minute to build and seconds after an edit:
    only names that may be meant are read. They are all of this spelling, and some others.
    """
    if _is_small():
        [match] = look_up_all([name])
        return match
    alike = _spelled_alike(name)
    match = NameIndex.of(alike).match(name)
    if match.company_id or match.shared:
        return match
    return NameIndex.of(alike | _resembling(name)).match(name)


def _is_small() -> bool:
    """Whether all names are compared, also because no read table has their parts."""
    if 0 < NAMES.number_of_ids <= _COMPARED:
        return True
    last = Company.objects.using("default").order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) <= _COMPARED or not state().follows


def sure_company(name: str) -> int | None:
    """The primary key of the company that a name certainly means, else None.

    With an up to date read table, only names of the same spelling are read, in a few queries.
    """
    if state().follows:
        written_so = _spelled_alike(name)
        return NameIndex.of(written_so).sure_company(name) if written_so else None
    with _using:
        NAMES.refresh()
        return NAMES.sure_company(name)


def _spelled_alike(name: str) -> set[int]:
    """Primary keys of companies with this spelling of a name, or this public id. One query."""
    keys = [key[:LONGEST_NAME] for key in spell(name[: LONGEST_NAME + 1]).keys]
    return {pk for (pk,) in _spelling_query(len(keys)).values([*keys, _as_id(name)])}


@cache
def _spelling_query(number: int) -> Prepared[NameKey]:
    """The compiled query for companies by `number` spelling keys, public id or identifier."""
    *keys, as_id = some_texts(number + 1)
    named = NameKey.objects.using("default").filter(key__in=keys).values_list("company_id")
    ids = Company.objects.using("default").filter(slug=as_id).order_by().values_list("pk")
    moved, elsewhere = _ids(None)
    found = named.union(
        ids,
        moved.filter(old_slug=as_id).values_list("company_id"),
        elsewhere.annotate(folded=Lower("value")).filter(folded=as_id).values_list("company_id"),
    )
    return Prepared(found, [*keys, as_id])


def look_up_all(names: Iterable[str]) -> Iterator[Match]:
    """One match for each name, in order; changes to the register are read once, at the first."""
    with _using:
        NAMES.refresh()
    for name in names:
        with _using:
            match = NAMES.match(name)
        yield match


def look_up_listed(names: Iterable[str]) -> Iterator[Match]:
    """One match for each name of an official list, where a public id or product is a suggestion."""
    for match in look_up_all(names):
        with _using:
            listed = NAMES.as_listed(match)
        yield listed


def names_edition() -> int:
    """A number that grows whenever a name may mean another company."""
    with _using:
        NAMES.refresh()
        return NAMES.edition


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


@kept
def _meant(text: str) -> int | None:
    """The company that a search means: asked once, whatever page or filter it is repeated with."""
    return sure_company(text)


def _named(text: str, roster: Roster) -> int:
    """The bitmap of companies with every word of `text` in a name.

    Without a read table, and for a recorded past, the database scans all names.
    """
    if Company.objects.db == DEFAULT_DB_ALIAS and state().follows:
        return places_named(fold(text).split(), roster)
    return roster.places_of(Company.objects.search(text).order_by().values_list("pk", flat=True))


_COMPARED = 5_000  # companies; of more, only some are compared with what was typed
_MOST_NEAR = 200  # companies
_LONGEST_TYPED = 8  # words that are looked for


def _resembling(text: str) -> set[int]:
    """Some companies with a name that has all words of a text, or all but a typo, or is within it.

    At most five queries.
    """
    words = fold(text).split()[:_LONGEST_TYPED]
    keys = NameKey.objects.using("default").filter(key__in=list(typos.runs(words)))
    found = set(keys.values_list("company_id", flat=True)[:_MOST_NEAR])
    for alternatives in (typos.whole(words), typos.mistyped(words), typos.one_word_less(words)):
        if having := _having(alternatives):
            return found | having
    return found


def _having(alternatives: typos.Alternatives) -> set[int]:
    """Some companies whose names contain all parts of any alternative. One query."""
    if not alternatives:
        return set()
    if _has_fts():
        asked = " OR ".join(f"({_phrases(parts)})" for parts in alternatives)
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f"{_MATCH} LIMIT {_MOST_NEAR}", [asked])
            return {pk for (pk,) in cursor.fetchall()}
    parts_of_names = Q()
    for parts in alternatives:
        parts_of_names |= Q(*(Q(names__contains=part) for part in parts))
    rows = CompanyRow.objects.filter(parts_of_names).order_by()
    return set(rows.values_list("pk", flat=True)[:_MOST_NEAR])


def _phrases(words: Iterable[str]) -> str:
    return " AND ".join(f'"{word}"' for word in words)


_MATCH = "SELECT rowid FROM companies_nameindex WHERE companies_nameindex MATCH %s"


@cache
def _has_fts() -> bool:
    """Whether SQLite has the FTS index; PostgreSQL uses that of pg_trgm by itself."""
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
    return database.vendor == "sqlite" and "companies_nameindex" in tables


# The index


class Names(NamedTuple):
    """All names of all companies, and the primary key of the company with each public id."""

    names: frozenset[KnownName]
    ids: dict[str, int]


def names_of_register(among: Collection[int] | None = None) -> Names:
    """Read all names, or those of some companies, in three queries.

    They are those of today, also for pages about a past day.
    """
    moved, elsewhere = _ids(among)
    ids = dict(
        moved.values_list("old_slug", "company_id").union(
            elsewhere.values_list(Lower("value"), "company_id")
        )
    )
    names = list[KnownName]()
    companies = _of(Company, "pk", among)
    profiles = companies.values_list("pk", "slug", "name", "legal_name", "country")
    legal = CompanyName.Kind.LEGAL.value
    for pk, slug, name, legal_name, country in profiles.iterator(chunk_size=_CHUNK):
        ids[slug] = pk
        names.append(KnownName(pk, name, "", intern(country)))
        if legal_name:
            names.append(KnownName(pk, legal_name, legal, intern(country)))
    others = _of(CompanyName, "company", among)
    rows = others.values_list("company_id", "name", "kind", "company__country")
    names += [
        KnownName(pk, name, intern(kind), intern(country))
        for pk, name, kind, country in rows.iterator(chunk_size=_CHUNK)
    ]
    return Names(frozenset(names), ids)


def _of(model: Any, company: str, among: Collection[int] | None) -> Any:
    rows = model.objects.using("default").order_by()
    return rows if among is None else rows.filter(**{f"{company}__in": among})


def _ids(among: Collection[int] | None) -> tuple[Any, Any]:
    return _of(CompanyRedirect, "company", among), _of(CompanyIdentifier, "company", among)


def _refused() -> frozenset[tuple[str, int]]:
    rows = RefusedMatch.objects.using("default").values_list("name_folded", "company_id")
    return frozenset(rows)


class NameIndex:
    """The index of the register's names; `refresh` updates it."""

    def __init__(self) -> None:
        self.edition = 0  # grows when a name may mean another company than before
        self.forget()

    @classmethod
    def of(cls, companies: Collection[int]) -> Self:
        """An index of the names of these companies alone."""
        index = cls()
        index._known = names_of_register(companies)
        index._matcher = Matcher(index._known.names, _refused())
        return index

    @property
    def number_of_ids(self) -> int:
        """The public ids that it knows, of each company one at least; 0 before it is built."""
        return len(self._known.ids)

    def forget(self) -> None:
        """Drop the index; the next look-up reads all names."""
        self.edition += 1
        self._version: object = None
        self._known = Names(frozenset(), {})
        self._matcher = Matcher([])

    def refresh(self) -> None:
        """Update the index if the register changed since, unless in a preview."""
        if self._version is not None and is_undone():
            return
        version = _version()
        if version == self._version:
            return
        known = names_of_register()
        renamed = {name.company_id for name in known.names ^ self._known.names}
        if len(renamed) > _MOST_RENAMED:
            with _large_object():
                self._matcher = Matcher(known.names, prepared=True)
        elif renamed:
            names = [name for name in known.names if name.company_id in renamed]
            self._matcher.rename(renamed, names)
        refused = _refused()
        if known != self._known or refused != self._matcher.refused:
            self.edition += 1
        self._matcher.refused = refused
        self._known, self._version = known, version

    def sure_company(self, name: str) -> int | None:
        if _as_id(name) in self._known.ids:
            return self.match(name).company_id
        return self._matcher.match(name, suggest=False).company_id

    def match(self, name: str) -> Match:
        """Match by name, then by public id; if they are different companies, suggest both."""
        match = self._matcher.match(name)
        by_id = self._known.ids.get(_as_id(name))
        if by_id in (None, match.company_id) or (fold(name), by_id) in self._matcher.refused:
            return match
        if by_id in match.shared:
            return match
        named = [match.company_id] if match.company_id else sorted(match.shared)
        if not named:
            return Match(name, by_id, Basis.PUBLIC_ID)
        both = [Suggestion(pk, name, 99, Resemblance.SHARED) for pk in (*named, by_id)]
        return Match(name, suggestions=tuple(both))

    def as_listed(self, match: Match) -> Match:
        """Turn a match by anything but the company's own name into a suggestion."""
        question = match.basis and match.basis.question
        if match.company_id is None or not question:
            return match
        name = self._matcher.main_name(match.company_id)
        return Match(match.listed, suggestions=(Suggestion(match.company_id, name, 99, question),))


def _as_id(name: str) -> str:
    return name.strip().lower()


NAMES = NameIndex()
# One thread at a time: others wait while the index is built, instead of building another one.
_using = RLock()


def _version() -> object:
    """A value that changes with every edit of the register and every refused match."""
    versions = RegisterVersion.objects.using("default")
    refused = RefusedMatch.objects.using("default").count()
    return list(versions.values_list("number", "changed_at")), refused


@contextmanager
def _large_object() -> Iterator[None]:
    """Exclude a large object from garbage collection, while it is built and afterwards.

    Collection would take a quarter of the time of building the index, and later, for 100,000
    names, 0.7 s of one request in many.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
