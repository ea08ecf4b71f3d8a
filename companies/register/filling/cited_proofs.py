"""Checks that no status of a package says more than its citations, while streaming."""

import datetime
from collections.abc import Iterable, Sequence
from functools import lru_cache
from sys import intern
from types import SimpleNamespace
from typing import Any

from companies.models import (
    Citation,
    PartialDate,
    Precision,
    Signing,
    Source,
    faults_of_days,
    faults_of_quotes,
)

from .column_values import MOST_CACHED, GaveUp, folded
from .file_rows import cells_of

Cells = Sequence[str]
_QUOTE = cells_of("citations", "source", "quote")
_OF_CITATION = cells_of("citations", "source", "about_on", "own_words", "quote")
_OF_PERIOD = cells_of("signings", "status", "since_basis", "since")


class CitedSource:
    """The fields of a source that the proof rules need."""

    __slots__ = ("is_official_list", "published_on", "speaks_on")

    def __init__(self, source: Source) -> None:
        self.published_on = source.published_on
        self.is_official_list, self.speaks_on = source.is_official_list, source.speaks_on


@lru_cache(MOST_CACHED)
def cited_source(kind: str, published_on: str, retrieved_on: str) -> CitedSource:
    """One for all sources with these cells."""
    published, retrieved = _partial(published_on)[0], _partial(retrieved_on)[0]
    return CitedSource(Source(kind=kind, published_on=published, retrieved_on=retrieved))


class Cited:
    """The fields of a citation that the proof rules need."""

    __slots__ = ("about_on", "about_on_precision", "own_words", "quote", "source")
    proves = Citation.proves

    def __init__(self, cells: Cells, source: CitedSource) -> None:
        _source, about_on, self.own_words, self.quote = _OF_CITATION(cells)
        self.source = source
        self.about_on, self.about_on_precision = _partial(about_on)


class ShownPeriod:
    """The fields of a period that the proof rules need."""

    __slots__ = ("since", "since_basis", "since_precision", "status")
    Status = SimpleNamespace(values=frozenset(Signing.Status.values))
    started = Signing.started

    def __init__(self, cells: Cells) -> None:
        self.status, self.since_basis, since = _OF_PERIOD(cells)
        self.since, self.since_precision = _partial(since)


class KnownNames:
    """All names of each company, by public id."""

    def __init__(self) -> None:
        self.of: dict[str, list[str]] = {}
        self._owners: dict[str, str] = {}
        self._shared: set[str] = set()

    def get(self, slug: str, default: str) -> str:
        return self.of[slug][0] if slug in self.of else default

    def add_company(self, slug: str, name: str, legal_name: str) -> None:
        self.of[slug] = [name, legal_name]
        for one in filter(None, (name, legal_name)):
            owner = self._owners.setdefault(folded(one), slug)
            if owner != slug:
                self._shared.add(folded(one))
                if self.of[owner][0].lower() == name.lower():
                    raise GaveUp

    def add_other(self, slug: str, name: str) -> None:
        """Add a name. Raises GaveUp if another company, or this one, has it already."""
        key, others = folded(name), self.of[slug][2:]
        if self._owners.setdefault(key, slug) != slug or key in self._shared:
            raise GaveUp
        if name.lower() in [other.lower() for other in others]:
            raise GaveUp
        self.of[slug].append(name)

    def forget_owners(self) -> None:
        """Free half of the memory once all names are known."""
        self._owners.clear()
        self._shared.clear()


class Proofs:
    """Collects the citations of one fact after another, as they are adjacent in the file.

    `cited` is the source that the public line of a period names: preferably an official list.
    """

    def __init__(self, names: KnownNames) -> None:
        self.names = names
        self.sources: dict[str, CitedSource] = {}
        self.cited: dict[int, str] = {}
        self._seen: set[int] = set()  # primary keys of periods, and hashes of others' keys
        self._key, self._pk = "", 0
        self._period: Cells = ()
        self._citations: list[Cells] = []
        self._quotes: set[tuple[str, str]] = set()
        self._dated: set[tuple[object, ...]] = set()  # days without a fault

    def add(self, key: str, cells: Cells, pk: int, period: Cells) -> None:
        """Add a citation of the fact `key`, or of a period with its primary key."""
        if key != self._key:
            self.close()
            # A fact that comes a second time was judged without these citations.
            if (seen := pk or -abs(hash(key))) in self._seen:
                raise GaveUp
            self._seen.add(seen)
            self._key, self._pk, self._period = key, pk, period
        if (quote := _QUOTE(cells)) in self._quotes:
            raise GaveUp
        self._quotes.add(quote)
        if pk:
            sources = self.sources
            if sources[quote[0]].is_official_list or not any(
                sources[_QUOTE(one)[0]].is_official_list for one in self._citations
            ):
                self.cited[pk] = intern(quote[0])
            self._citations.append(cells)

    def close(self) -> None:
        """Raise GaveUp if a period says more than its citations."""
        if self._pk:
            self.check(self._period, self._citations)
        self._citations, self._quotes = [], set()
        self._key, self._pk = "", 0

    def check(self, period: Cells, citations: Sequence[Cells]) -> None:
        proof: Any = ShownPeriod(period)
        shown: Any = [Cited(one, self.sources[_QUOTE(one)[0]]) for one in citations]
        if faults_of_quotes(proof, shown, self.names.of[period[0]]):
            raise GaveUp
        same = (*_OF_PERIOD(period), *[_OF_CITATION(one)[:3] for one in citations])
        if same not in self._dated:
            if faults_of_days(proof, shown):
                raise GaveUp
            if len(self._dated) >= MOST_CACHED:
                self._dated.clear()
            self._dated.add(same)

    def check_uncited(self, periods: Iterable[tuple[int, Cells]]) -> None:
        for pk, cells in periods:
            if pk not in self._seen:
                self.check(cells, ())


@lru_cache(5000)
def _partial(text: str) -> tuple[datetime.date | None, str]:
    partial = PartialDate.parse(text) if text else None
    return (partial.date, partial.precision) if partial else (None, Precision.DAY)
