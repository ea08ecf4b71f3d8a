"""Load a package into an empty register: a million rows in little memory.

Rows stay plain texts, and no table is in memory as a whole. It writes what `package.load`
would write, audit history and changes included, and accepts nothing that it would refuse: at
anything unusual it gives up, and `package.load` takes over or reports the fault.
"""

import csv
import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, OuterRef
from django.utils.functional import cached_property
from django.utils.translation import override

from companies.models import Change, Commitment, Pledge, Signing, in_force
from companies.register.bulk_rows import insert_values, primary_keys, stored_values
from companies.register.history import UnitOfWork, unit_of_work
from companies.register.implied_pledges import IMPLIED, REASON, first_implied
from companies.register.package import TABLES, Loaded, load, preview
from companies.register.package.dry_run import DryRun
from companies.register.package.row_rules import basis_of, circle_of, is_stated
from companies.register.package.tables import BY_NAME, FACTS, Table, nothing_more, says_more

from .cited_proofs import KnownNames, Proofs, cited_source
from .column_values import MOST_CACHED, GaveUp, check_identifier
from .file_rows import (
    BATCH,
    SEPARATOR,
    Cells,
    InternedRow,
    InternedRows,
    PackageFolder,
    StoredRows,
    cells_of,
)
from .first_entries import FirstEntries
from .journal import rollback_journal
from .later_indexes import indexed_later

GIVING_UP = (GaveUp, IntegrityError, csv.Error, UnicodeDecodeError)
REFERRED_TO = {
    "sectors",
    "sources",
    "pacts",
    "commitments",
    *(name for name, _key in FACTS.values()),
}
DATED = {"signings", "pledges", "progress_reports"}
_SIGNED = Signing.Status.SIGNED.value
_FACT = cells_of("citations", "fact")
_OF_COMPANY = cells_of("companies", "slug", "name", "legal_name", "parent")
_OF_SOURCE = cells_of("sources", "slug", "kind", "published_on", "retrieved_on")
_OF_NAME = cells_of("company_names", "company", "name")
_OF_IDENTIFIER = cells_of("company_identifiers", "scheme", "value")
_OF_PERIOD = cells_of("signings", "company", "pact", "status")
_OF_PLEDGE = cells_of("pledges", "company", "pact", "commitment", "basis")
_BASIS = list(BY_NAME["pledges"].columns).index("basis")
_FACT_KEYS = {fact: cells_of("citations", *columns) for fact, (_table, columns) in FACTS.items()}
See = Callable[[int, Cells], None]


def load_folder(folder: Path, *, replace: bool = False, reason: str) -> Loaded:
    """As `package.load`, of the files in `folder`. Raises BrokenPackage."""
    try:
        _refuse_what_is_there()
        with override("en"), _rarely_collecting(), rollback_journal():
            return _load_at_first(folder, reason)
    except GIVING_UP:
        pass
    return load(_files(folder), replace=replace, reason=reason)


def _load_at_first(folder: Path, reason: str) -> Loaded:
    with unit_of_work() as unit, transaction.atomic():
        _refuse_what_is_there()
        return FirstLoad(folder, reason).run(unit)


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Look for reference cycles rarely: millions of rows have none, and it takes a twentieth."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _refuse_what_is_there() -> None:
    """Raise GaveUp if the register has any row or change."""
    models: list[type[Model]] = [Change, *(table.model for table in TABLES)]
    if any(model._default_manager.exists() for model in models):
        raise GaveUp


def preview_folder(folder: Path, *, replace: bool = False, reason: str) -> DryRun:
    """The changes that loading the files in `folder` would make. Raises BrokenPackage."""
    return preview(_files(folder), replace=replace, reason=reason)


def _files(folder: Path) -> dict[str, bytes]:
    paths = (folder / table.file for table in TABLES)
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


class FirstLoad:
    """One load of a folder, table after table."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.package, self.reason = PackageFolder(folder), reason
        self.names = KnownNames()
        self.proofs = Proofs(self.names)
        self.parents: dict[str, str] = {}
        self.signed = defaultdict[str, set[str]](set)  # companies, by pact
        self.pledged = defaultdict[int, set[int | None]](set)  # companies, by commitment
        self._judged: dict[tuple[object, ...], tuple[str, bool]] = {}
        self.periods: dict[int, InternedRow] = {}
        self._interned = InternedRows()
        # Rows whose entries come in the order of their days, wherever they stand in their file.
        self.dated: list[tuple[str, int, Table, InternedRow]] = []

    def run(self, unit: UnitOfWork) -> Loaded:
        loaded = Loaded()
        self.cited = set(self._cited_pledges())
        signings, citations = BY_NAME["signings"], BY_NAME["citations"]
        beginners = {intern(cells[0]) for cells in self.package.cells(signings)}
        self.entries = FirstEntries(beginners, self.names)
        with indexed_later(_written()):
            for table in TABLES:
                if number := self._load(table):
                    loaded.added[table.name] = number
            self.proofs.close()
            self.proofs.check_uncited((pk, row.cells) for pk, row in self.periods.items())
            self._publish_dated()
            self.entries.add(citations, self.package.cells(citations))
        _refuse_overlaps()
        unit.whole = True
        return loaded

    def _load(self, table: Table) -> int:
        stored, number = StoredRows(table, self.package), 0
        see: See | None = getattr(self, f"_see_{table.name}", None)
        rows = self._rows(table, stored)
        while batch := list(islice(rows, BATCH)):
            keys = self._primary_keys(table, stored, batch)
            self._write(table, stored.columns, stored.values(keys, batch), self.reason)
            if see:
                for pk, cells in zip(keys, batch, strict=True):
                    see(pk, cells)
            self._publish(table, zip(keys, batch, strict=True))
            number += len(batch)
        if done := getattr(self, f"_after_{table.name}", None):
            done()
        return number

    def _write(self, table: Table, columns: Sequence[str], rows: Any, reason: str) -> None:
        insert_values(table.model, ("id", *columns), rows, reason=reason)

    def _rows(self, table: Table, stored: StoredRows) -> Iterator[Cells]:
        rows = self.package.cells(table)
        if table.name == "pledges":
            return filter(None, (self._pledge(stored, cells) for cells in rows))
        if table.name == "companies":
            # One company may belong to another that comes later.
            slugs = [intern(cells[0]) for cells in self.package.cells(table)]
            self.package.keys[table.name].give(slugs, primary_keys(table.model, len(slugs)))
        return rows

    def _primary_keys(
        self, table: Table, stored: StoredRows, batch: Sequence[Cells]
    ) -> Sequence[int]:
        known: Any = self.package.keys[table.name]
        if table.name == "companies":
            return [known[cells[0]] for cells in batch]
        keys = list(primary_keys(table.model, len(batch)))
        if table.name == "pledges":  # of most, no citation needs the key
            pairs = zip(stored.keys(batch), keys, strict=True)
            known.update(pair for pair in pairs if pair[0] in self.cited)
        elif table.name in REFERRED_TO:
            known.give(stored.keys(batch), keys)
        return keys

    # What the rows of a table mean for others

    def _see_sources(self, pk: int, cells: Cells) -> None:
        slug, *decide = _OF_SOURCE(cells)
        self.proofs.sources[intern(slug)] = cited_source(*decide)

    def _see_companies(self, pk: int, cells: Cells) -> None:
        slug, name, legal_name, parent = _OF_COMPANY(cells)
        self.names.add_company(intern(slug), name, legal_name)
        if parent:
            self.parents[slug] = parent

    def _after_companies(self) -> None:
        """Raise GaveUp if companies own one another in a circle."""
        if any(circle_of(slug, self.parents) for slug in self.parents):
            raise GaveUp

    def _see_company_names(self, pk: int, cells: Cells) -> None:
        self.names.add_other(*_OF_NAME(cells))

    def _after_company_names(self) -> None:
        self.names.forget_owners()

    def _see_company_identifiers(self, pk: int, cells: Cells) -> None:
        check_identifier(BY_NAME["company_identifiers"], *_OF_IDENTIFIER(cells))

    def _see_signings(self, pk: int, cells: Cells) -> None:
        self.periods[pk] = interned = self._interned.of(cells)
        _company, pact, status = _OF_PERIOD(cells)
        if status == _SIGNED:
            self.signed[pact].add(interned.first)

    def _see_citations(self, pk: int, cells: Cells) -> None:
        fact = _FACT(cells)
        key, signing = fact_key(fact, cells), 0
        period: Sequence[str] = ()
        if fact == "signing":
            signing = self.package.keys["signings"][key] or 0
            period = self.periods[signing].cells
        self.proofs.add(f"{fact}{SEPARATOR}{key}", cells, signing, period)

    # Pledges, which follow from the periods unless they say more

    def _cited_pledges(self) -> Iterator[str]:
        for cells in self.package.cells(BY_NAME["citations"]):
            if _FACT(cells) == "pledge":
                yield fact_key("pledge", cells)

    @cached_property
    def commitments(self) -> dict[str, Commitment]:
        """The commitments by public key."""
        found = Commitment.objects.select_related("pact").order_by("pk")
        return {f"{one.pact.slug}{SEPARATOR}{one.code}": one for one in found}

    def _pledge(self, stored: StoredRows, cells: Cells) -> Cells | None:
        """The pledge with the basis implied by the periods; None if it is only implied."""
        company, pact, code, stated_basis = _OF_PLEDGE(cells)
        commitment = self.commitments.get(f"{pact}{SEPARATOR}{code}")
        if commitment is None:
            raise GaveUp
        is_signed = company in self.signed[pact]
        key = f"{company}{SEPARATOR}{pact}{SEPARATOR}{code}"
        same = (commitment.kind, is_signed, key in self.cited, *cells[_BASIS:])
        if (judged := self._judged.get(same)) is None:
            if len(self._judged) >= MOST_CACHED:
                self._judged.clear()
            row = texts(stored.table, cells)
            row["basis"] = basis_of(stated_basis, commitment.kind, signed=is_signed)
            stays = is_stated(commitment.kind, says_more=says_more(row), cited=key in self.cited)
            judged = self._judged[same] = (row["basis"], stays)
        cells[_BASIS], stays = judged
        if stays:
            self.pledged[commitment.pk].add(self.package.keys["companies"][company])
            return cells
        if not cells[_BASIS]:
            raise GaveUp
        return None

    def _after_pledges(self) -> None:
        """Write the implied pledges, as `implied_pledges` does at the end of a unit of work."""
        template, own = stored_values(first_implied()), ("id", "company_id", "commitment_id")
        columns = [*own[1:], *(name for name in template if name not in own)]
        rest = [value for name, value in template.items() if name not in own]
        rows = self._implied()
        while batch := list(islice(rows, BATCH)):
            keys = list(primary_keys(Pledge, len(batch)))
            pairs = zip(keys, batch, strict=True)
            values = [(pk, company, of, *rest) for pk, (company, of, _cells) in pairs]
            self._write(BY_NAME["pledges"], columns, values, REASON)
            self.entries.add(BY_NAME["pledges"], [cells for _company, _of, cells in batch])

    def _implied(self) -> Iterator[tuple[int | None, int, tuple[str, ...]]]:
        """The company, the commitment and the cells of each pledge that is implied alone.

        Those to core commitments of the pacts that a company ever signed, unless they are stored.
        """
        core = [
            (
                *(one.pk, self.signed[one.pact.slug], self.pledged[one.pk]),
                (one.pact.slug, one.code, IMPLIED.value, *nothing_more().values()),
            )
            for one in self.commitments.values()
            if one.kind == Commitment.Kind.CORE
        ]
        for slug, company in self.package.keys["companies"].items():
            for pk, signed, pledged, cells in core:
                if slug in signed and company not in pledged:
                    yield company, pk, (slug, *cells)

    # The chain of changes

    def _publish(self, table: Table, rows: Iterable[tuple[int, Cells]]) -> None:
        if table.name == "citations":
            return  # theirs come after all others
        if table.name not in DATED:
            self.entries.add(table, (cells for _pk, cells in rows))
            return
        undated = []
        for pk, cells in rows:
            if day := self.entries.day(table, cells):
                is_period = table.name == "signings"
                interned = self.periods[pk] if is_period else self._interned.of(cells)
                self.dated.append((day, pk, table, interned))
            else:
                undated.append(cells)
        self.entries.add(table, undated)

    def _publish_dated(self) -> None:
        self.dated.sort(key=itemgetter(0))
        cited = self.proofs.cited
        self.entries.add_all(
            (table, row.cells, cited.get(pk, "") if table.name == "signings" else None)
            for _day, pk, table, row in self.dated
        )


def _refuse_overlaps() -> None:
    """Raise GaveUp if two periods of a company and pact overlap."""
    same = Signing.objects.filter(company=OuterRef("company"), pact=OuterRef("pact"))
    others = same.exclude(pk=OuterRef("pk")).filter(in_force(OuterRef("since")))
    if Signing.objects.filter(Exists(others)).exists():
        raise GaveUp


def _written() -> list[type[Model]]:
    """The tables that a load fills."""
    past = [table.model.history.model for table in TABLES]  # type: ignore[attr-defined]  # simple_history's
    return [*(table.model for table in TABLES), *past, Change]


def fact_key(fact: str, cells: Cells) -> str:
    """The public key of the row that a citation supports."""
    try:
        named = _FACT_KEYS[fact](cells)
    except KeyError:
        raise GaveUp from None
    return named if isinstance(named, str) else SEPARATOR.join(named)


def texts(table: Table, cells: Sequence[str]) -> dict[str, str]:
    return dict(zip(table.columns, cells, strict=False))
