"""Convert the rows of package files to database values."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models

from companies.models import (
    Commitment,
    FoldedField,
    Pact,
    PossibleDays,
)
from companies.register.package.row_rules import precision_of
from companies.register.package.tables import (
    BY_NAME,
    FACTS,
    NAMED,
    CitationTable,
    Table,
    beside_its_fact,
)

from .column_values import (
    AsIs,
    CheckedColumn,
    Cleaned,
    Folded,
    GaveUp,
    Keys,
    PrecisionOf,
    Remembered,
)

SEPARATOR = "\x1f"
MOST_CACHED = 50_000
BATCH = 5_000  # rows
# Of these, rules only use whether they are empty.
THERE_OR_NOT = {"quote", "company", "commitment", "translation_en", "translation_fr"}
# Its form hangs on the scheme: `check_identifier` sees both.
IDENTIFIER = ("company_identifiers", "value")
Cells = list[str]


class PackageFolder:
    """A folder of CSV files, and the primary keys of the rows that were read from them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys: dict[str, Keys] = defaultdict(Keys)
        self.pacts: dict[str, Pact | None] = {"": None}  # a fact of no pact

    def cells(self, table: Table) -> Iterator[Cells]:
        path = self.folder / table.file
        if not path.is_file():
            if table.newer:
                return
            raise GaveUp
        if _has_nul(path):
            raise GaveUp
        with path.open(encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text, strict=True)
            header = next(lines, [])
            if header != list(table.columns):
                raise GaveUp
            while batch := list(islice(lines, BATCH)):
                if not {0, len(header)}.issuperset(map(len, batch)):
                    raise GaveUp
                yield from filter(None, batch)  # without blank lines


class InternedRow(NamedTuple):
    """A row in memory: what stands after its first cell is one tuple for all rows that share it."""

    first: str
    others: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        return self.first, *self.others


class InternedRows:
    """Stores rows of which many differ in the first cell only, the company."""

    def __init__(self) -> None:
        self._others: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, cells: Cells) -> InternedRow:
        others = tuple(cells[1:])
        if (same := self._others.get(others)) is None:
            if len(self._others) >= MOST_CACHED:
                self._others.clear()
            same = self._others[others] = tuple(map(intern, others))
        return InternedRow(intern(cells[0]), same)


class StoredRows:
    """Database values of one table's rows; `columns` are those of the database."""

    def __init__(self, table: Table, package: PackageFolder) -> None:
        self.table, self.package = table, package
        self.at = {column: place for place, column in enumerate(table.columns)}
        self._joined: list[list[int]] = []
        fields = [one for one in table.model._meta.concrete_fields if not one.primary_key]
        self.columns = [str(field.column) for field in fields]
        self._plan = [self._source(field) for field in fields]
        self._linked = self._linked_places()
        self._there = [place for name, place in self.at.items() if name in THERE_OR_NOT]
        self._compared = [
            (name, place, Cleaned(table, name))
            for name, place in self.at.items()
            if name in table.fields and place in (*self._linked, *self._there)
        ]
        self._checked: set[tuple[object, ...]] = set()

    def values(self, keys: Iterable[int], batch: Sequence[Cells]) -> list[tuple[Any, ...]]:
        """The primary key and the database values of each row, in the order of `columns`.

        One column after the other, which takes half the time of one row after the other. Raises
        GaveUp.
        """
        texts: list[Sequence[str]] = list(zip(*batch, strict=True))
        texts += [joined_columns([texts[place] for place in places]) for places in self._joined]
        if isinstance(self.table, CitationTable):
            texts += self.facts(texts)
        self._check(batch, texts)
        values = [stored.of(texts[place]) for place, stored in self._plan]
        return list(zip(keys, *values, strict=True))

    def keys(self, batch: Sequence[Cells]) -> list[str]:
        """The public key of each row."""
        return keys_of(batch, [self.at[column] for column in self.table.key])

    def _source(self, field: Any) -> tuple[int, "Remembered | Keys | Folded"]:
        """The index of the text for a database column, and its converter."""
        table, name = self.table, field.name
        if name in table.references:
            target, columns = table.references[name]
            return self._place([self.at[column] for column in columns]), self.package.keys[target]
        if isinstance(table, CitationTable) and name in FACTS:
            place = len(self.at) + list(FACTS).index(name)
            return place, self.package.keys[FACTS[name][0]]
        if isinstance(field, FoldedField):
            return self.at[field.source], Folded()
        if (table.name, name) == IDENTIFIER:
            return self.at[name], AsIs()
        if name in table.fields:
            return self.at[name], CheckedColumn(table, name)
        if (date := name.removesuffix("_precision")) in table.partial_dates:
            return self.at[date], PrecisionOf()
        raise GaveUp

    def _place(self, places: list[int]) -> int:
        if len(places) == 1:
            return places[0]
        self._joined.append(places)
        return len(self.at) + len(self._joined) - 1

    def facts(self, texts: Sequence[Sequence[str]]) -> list[Sequence[str]]:
        """For each kind of fact, the key of the row that each citation supports, or ""."""
        facts = texts[self.at["fact"]]
        named = [texts[self.at[column]] for column in NAMED]
        there = [
            texts if column == "fact" else map(bool, texts)
            for column, texts in zip(NAMED, named, strict=True)
        ]
        for form in set(zip(*there, strict=True)):
            one = dict(zip(NAMED, form, strict=True))
            if one["fact"] not in FACTS or beside_its_fact(one):
                raise GaveUp
        found: list[Sequence[str]] = []
        for name, (_table, columns) in FACTS.items():
            if name in facts:
                keys = joined_columns([texts[self.at[column]] for column in columns])
                pairs = zip(facts, keys, strict=True)
                found.append([key if fact == name else "" for fact, key in pairs])
            else:
                found.append([""] * len(facts))
        return found

    # What depends on several columns

    def _linked_places(self) -> list[int]:
        """The columns that rules compare, and the pact that no day may precede."""
        names = {name for rule in self.table.rules for name in rule.columns} - {"parent"}
        names |= {name for name, own in self.table.fields.items() if _is_date(own)}
        names |= self.at.keys() & {"pact", "fact"}
        return sorted(self.at[name] for name in names - THERE_OR_NOT)

    def _check(self, batch: Sequence[Cells], texts: Sequence[Sequence[str]]) -> None:
        """Raise GaveUp if a constraint or date rule is violated; results are cached."""
        linked = [texts[place] for place in self._linked]
        there = [map(bool, texts[place]) for place in self._there]
        same = list(zip(*linked, *there, strict=True)) or [()] * len(batch)
        if new := set(same) - self._checked:
            for cells in {
                one: cells for one, cells in zip(same, batch, strict=True) if one in new
            }.values():
                self._check_instance(self._instance(cells))
            if len(self._checked) >= MOST_CACHED:
                self._checked.clear()
            self._checked |= new

    def _check_instance(self, instance: models.Model) -> None:
        for rule in self.table.rules:
            alone = rule.fields <= {"id", "parent", "name_folded"}  # checked where they are read
            if not alone and rule.holds(instance) is False:
                raise GaveUp
        if isinstance(instance, PossibleDays):
            try:
                instance.refuse_impossible_days()
            except ValidationError as error:
                raise GaveUp from error

    def _instance(self, cells: Cells) -> Any:
        table = self.table
        instance: Any = table.model()
        for name, place, values in self._compared:
            setattr(instance, name, values[cells[place]])
            if name in table.partial_dates:
                setattr(instance, f"{name}_precision", precision_of(cells[place]))
        for name, target in self._targets(cells):
            setattr(instance, name, target)
        return instance

    def _targets(self, cells: Cells) -> Iterator[tuple[str, models.Model]]:
        pact = self._pact(cells[self.at["pact"]]) if "pact" in self.at else None
        for name, (_target, columns) in self.table.references.items():
            if name == "pact" and pact:
                yield name, pact
            elif name != "pact" and cells[self.at[columns[-1]]]:
                yield name, _blank(self.table.model, name, pact)
        if isinstance(self.table, CitationTable):
            fact = cells[self.at["fact"]]
            yield fact, _blank(self.table.model, fact, pact)

    def _pact(self, slug: str) -> Pact | None:
        if slug not in self.package.pacts:
            self.package.pacts |= {pact.slug: pact for pact in Pact.objects.all()}
        return self.package.pacts.get(slug)


def _has_nul(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b"\0" in part for part in iter(lambda: file.read(1 << 20), b""))


def joined_columns(columns: Sequence[Sequence[str]]) -> Sequence[str]:
    """The key that the columns of each row form, or "" if all are empty."""
    if len(columns) == 1:
        return columns[0]
    nothing = SEPARATOR * (len(columns) - 1)
    joined = map(SEPARATOR.join, zip(*columns, strict=True))
    return ["" if key == nothing else key for key in joined]


def keys_of(rows: Sequence[Sequence[str]], places: Sequence[int]) -> list[str]:
    """The key of each row."""
    return list(joined_columns([[cells[place] for cells in rows] for place in places]))


def cells_of(table: str, *columns: str) -> Callable[[Sequence[str]], Any]:
    """A getter of these cells of a row: a tuple, or the text of one column."""
    places = list(BY_NAME[table].columns)
    return itemgetter(*map(places.index, columns))


def _is_date(field: "models.Field[Any, Any]") -> bool:
    return isinstance(field, models.DateField)


def _blank(model: type[models.Model], name: str, pact: Pact | None) -> Any:
    """A placeholder instance for a related row, with the same pact."""
    target: Any = model._meta.get_field(name).related_model
    names = {field.name for field in target._meta.concrete_fields}
    if "pact" in names:
        return target(pact=pact)
    return target(commitment=Commitment(pact=pact)) if "commitment" in names else target()
