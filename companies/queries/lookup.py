"""Which company a typed or listed name means: one answer for pages, API, imports and the watch.

Public ids, present and former, count as names. Each process keeps an index of all names: to make
it takes seconds for a large register, to follow a change a part of a second.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from typing import Any, NamedTuple

from django.db.models import Q

from companies.models import Company, CompanyName, CompanyRedirect, RefusedMatch, RegisterVersion
from companies.names.letters import fold
from companies.names.matcher import Basis, KnownName, Match, Matcher, Resemblance, Suggestion
from companies.names.spelling import spell

FEW_FOUND = 500  # companies, whose primary keys a query can hold
_MOST_RENAMED = 1_000  # companies, from which a new index is made faster than the old one is mended


def look_up(name: str) -> Match:
    """The company that a name means, or suggestions, or nothing."""
    [match] = look_up_all([name])
    return match


def sure_company(name: str) -> int | None:
    """The primary key of the company that a name means; without suggestions, which take longer."""
    with _using:
        NAMES.refresh()
        return NAMES.sure_company(name)


def look_up_all(names: Iterable[str]) -> Iterator[Match]:
    """The answer for each name, in their order; the register is read once, at the first."""
    with _using:
        NAMES.refresh()
    for name in names:
        with _using:
            match = NAMES.match(name)
        yield match


def company_meant(name: str) -> Company | None:
    """The one company that a name means for sure."""
    company_id = sure_company(name)
    return Company.objects.filter(pk=company_id).first() if company_id else None


def matched_companies(match: Match, companies: Any = None) -> list[Company]:
    """The company that is meant, else those suggested, the best first.

    `companies` says what is read of them; those that it does not hold are left out.
    """
    wanted = [match.company_id] if match.company_id else [s.company_id for s in match.suggestions]
    rows = Company.objects.all() if companies is None else companies
    found = {company.pk: company for company in rows.filter(pk__in=wanted)}
    return [found[pk] for pk in wanted if pk in found]


class Search:
    """The companies with every word of a text in a name, and the one that the text means."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> str:
        """What is searched for: `text`, without its legal form where no company has all its words.

        Nothing, where it has neither letter nor digit.
        """
        if not fold(self.text):
            return ""
        bare = spell(self.text).bare_name
        if bare in ("", fold(self.text)) or Company.objects.search(self.text).exists():
            return self.text
        return bare

    def narrow(self, companies: Any) -> Any:
        """Those of `companies` that are found; all of them for a text without words."""
        if not self.words:
            return companies
        if self._few is not None:
            return companies.filter(pk__in=self._few)
        if self._meant and not self._with_words.filter(pk=self._meant).exists():
            return companies.filter(Q(pk=self._meant) | Q(pk__in=self._with_words))
        return companies.search(self.words)

    @cached_property
    def _few(self) -> list[int] | None:
        """The companies found, where they are few; None where they are many.

        No index of the database finds a part of a word: the search runs once, and not for the list
        and for each facet.
        """
        found = list(self._with_words[: FEW_FOUND + 1])
        if len(found) > FEW_FOUND:
            return None
        if self._meant and self._meant not in found:
            found.append(self._meant)
        return found

    @cached_property
    def _meant(self) -> int | None:
        return sure_company(self.text)

    @property
    def _with_words(self) -> Any:
        return Company.objects.search(self.words).order_by().values_list("pk", flat=True)

    def beside(self) -> list[Suggestion]:
        """The suggestions that are not found anyway, the best first."""
        suggestions = look_up(self.text).suggestions
        ids = [one.company_id for one in suggestions]
        found = self.narrow(Company.objects.filter(pk__in=ids)).values_list("pk", flat=True)
        return [one for one in suggestions if one.company_id not in set(found)]


# The index


class Names(NamedTuple):
    """All names of all companies, and the company of each public id."""

    names: frozenset[KnownName]
    ids: dict[str, int]


def names_of_register() -> Names:
    """In three queries; always of the register of today, in whose words a past day is asked for."""
    moved = CompanyRedirect.objects.using("default").order_by()
    ids = dict(moved.values_list("old_slug", "company_id"))
    names = list[KnownName]()
    companies = Company.objects.using("default").order_by()
    profiles = companies.values_list("pk", "slug", "name", "legal_name", "country")
    for pk, slug, name, legal_name, country in profiles:
        ids[slug] = pk
        names.append(KnownName(pk, name, "", country))
        if legal_name:
            names.append(KnownName(pk, legal_name, CompanyName.Kind.LEGAL, country))
    others = CompanyName.objects.using("default").order_by()
    rows = others.values_list("company_id", "name", "kind", "company__country")
    names += [KnownName(*row) for row in rows]
    return Names(frozenset(names), ids)


class NameIndex:
    """The names of the register, ready to be matched."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start again: the next look-up reads all names."""
        self._version: object = None
        self._known = Names(frozenset(), {})
        self._matcher = Matcher([])

    def refresh(self) -> None:
        """Follow what changed in the register since the last call."""
        version = _version()
        if version == self._version:
            return
        known = names_of_register()
        renamed = {name.company_id for name in known.names ^ self._known.names}
        if len(renamed) > _MOST_RENAMED:
            with _large_object():
                self._matcher = Matcher(known.names).prepared()
        elif renamed:
            names = [name for name in known.names if name.company_id in renamed]
            self._matcher.rename(renamed, names)
        refused = RefusedMatch.objects.using("default").values_list("name_folded", "company_id")
        self._matcher.refused = frozenset(refused)
        self._known, self._version = known, version

    def sure_company(self, name: str) -> int | None:
        if _as_id(name) in self._known.ids:
            return self.match(name).company_id
        return self._matcher.match(name, suggest=False).company_id

    def match(self, name: str) -> Match:
        """By name, or by public id where no name says otherwise; if it does, both are suggested."""
        match = self._matcher.match(name)
        by_id = self._known.ids.get(_as_id(name))
        if by_id in (None, match.company_id) or (fold(name), by_id) in self._matcher.refused:
            return match
        if by_id in match.shared:
            return match
        named = [match.company_id] if match.company_id else sorted(match.shared)
        if not named:
            return Match(name, by_id, Basis.ALIAS)
        both = [Suggestion(pk, name, 99, Resemblance.SHARED) for pk in (*named, by_id)]
        return Match(name, suggestions=tuple(both))


def _as_id(name: str) -> str:
    return name.strip().lower()


NAMES = NameIndex()
# One thread at a time: who comes while the index is made waits for it.
_using = RLock()


def _version() -> object:
    """What tells that names may have changed: every edit of the register, and refusals."""
    versions = RegisterVersion.objects.using("default")
    refused = RefusedMatch.objects.using("default").count()
    return list(versions.values_list("number", "changed_at")), refused


@contextmanager
def _large_object() -> Iterator[None]:
    """Make something large without the garbage collector, and without it ever looking at it.

    Nothing of a growing index is garbage: to look for some takes a quarter of the time, and of an
    index of 100,000 names 0.7 s of a request now and then.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
