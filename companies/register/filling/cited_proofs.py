"""Checks that no status of a package says more than its citations, while streaming."""

import datetime
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from companies.models import Citation, PartialDate, Precision, Signing, Source, faults
from companies.names.letters import fold

from .column_values import GaveUp

Row = Mapping[str, str]


class CitedSource:
    """The fields of a source that the proof rules need."""

    __slots__ = ("kind", "published_on", "retrieved_on")
    Kind = Source.Kind
    is_official_list: Any = Source.is_official_list
    speaks_on: Any = Source.speaks_on

    def __init__(self, row: Row) -> None:
        self.kind = row["kind"]
        self.published_on = _partial(row["published_on"])[0]
        self.retrieved_on = _partial(row["retrieved_on"])[0]


class Cited:
    """The fields of a citation that the proof rules need."""

    __slots__ = ("about_on", "about_on_precision", "own_words", "quote", "source")
    proves = Citation.proves

    def __init__(self, row: Row, source: CitedSource) -> None:
        self.source, self.quote, self.own_words = source, row["quote"], row["own_words"]
        self.about_on, self.about_on_precision = _partial(row["about_on"])


class ShownPeriod:
    """The fields of a period that the proof rules need."""

    __slots__ = ("since", "since_basis", "since_precision", "status")
    Status = Signing.Status
    started = Signing.started

    def __init__(self, row: Row) -> None:
        self.status, self.since_basis = row["status"], row["since_basis"]
        self.since, self.since_precision = _partial(row["since"])


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
            owner = self._owners.setdefault(fold(one), slug)
            if owner != slug:
                self._shared.add(fold(one))
                if self.of[owner][0].lower() == name.lower():
                    raise GaveUp

    def add_other(self, slug: str, name: str) -> None:
        """Add a name. Raises GaveUp if another company, or this one, has it already."""
        folded, others = fold(name), self.of[slug][2:]
        if self._owners.setdefault(folded, slug) != slug or folded in self._shared:
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
        self._seen: set[int] = set()
        self._proven: set[int] = set()
        self._key, self._pk, self._period = "", 0, {}  # type: str, int, Row
        self._citations: list[Cited] = []
        self._quotes: set[tuple[str, str]] = set()

    def add(self, key: str, row: Row, pk: int, period: Row) -> None:
        """Add a citation of the fact `key`, or of a period with its primary key."""
        if key != self._key:
            self.close()
            # A fact that comes a second time was judged without these citations.
            if hash(key) in self._seen:
                raise GaveUp
            self._seen.add(hash(key))
            self._key, self._pk, self._period = key, pk, period
        if (quote := (row["source"], row["quote"])) in self._quotes:
            raise GaveUp
        self._quotes.add(quote)
        if pk:
            source = self.sources[row["source"]]
            if source.is_official_list or not any(
                c.source.is_official_list for c in self._citations
            ):
                self.cited[pk] = row["source"]
            self._citations.append(Cited(row, source))

    def close(self) -> None:
        """Raise GaveUp if a period says more than its citations."""
        if self._pk:
            self._proven.add(self._pk)
            self.check(self._period, self._citations)
        self._citations, self._quotes = [], set()
        self._key, self._pk = "", 0

    def check(self, period: Row, citations: Sequence[Cited]) -> None:
        proof: Any = ShownPeriod(period)
        shown: Any = citations
        if faults(proof, shown, self.names.of[period["company"]]):
            raise GaveUp

    def check_uncited(self, periods: Mapping[int, Sequence[str]], columns: Sequence[str]) -> None:
        for pk, cells in periods.items():
            if pk not in self._proven:
                self.check(dict(zip(columns, cells, strict=True)), ())


@lru_cache(5000)
def _partial(text: str) -> tuple[datetime.date | None, str]:
    partial = PartialDate.parse(text) if text else None
    return (partial.date, partial.precision) if partial else (None, Precision.DAY)
