"""Puts a data package into the database: everything is checked first, then written at once."""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import override
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from companies.importers.package import Fault, Row, read_table
from companies.models import Pact, PartialDate, Precision
from companies.models.text import FoldedField
from companies.register.history import new_version
from companies.register.signings import missing_core_pledges

from .tables import BY_NAME, FACTS, RULES, TABLES, CitationTable, Key, Table

BATCH = 1000


class BrokenPackage(Exception):
    """A package that cannot be loaded, with every fault found in it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = sorted(faults, key=lambda fault: (fault.file, fault.line))


@dataclass
class Loaded:
    """How many rows a load wrote, by table."""

    added: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    only_in_register: dict[str, int] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        return not (self.added or self.changed or self.removed)

    def __str__(self) -> str:
        counts = {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "only in the register, left alone": self.only_in_register,
        }
        lines = [
            f"{what}: " + ", ".join(f"{number} {table}" for table, number in tables.items())
            for what, tables in counts.items()
            if tables
        ]
        if self.nothing:
            lines.insert(0, "The register already holds all of it: nothing was changed.")
        return "\n".join(lines)


def load(files: Mapping[str, bytes], *, replace: bool = False, reason: str) -> Loaded:
    """Make the register hold what the package states.

    `files` maps file names to their bytes. Rows that only the register has are left alone, or
    removed with `replace`. Raises BrokenPackage, with nothing written, when anything is wrong.
    """
    with override("en"), transaction.atomic():
        checked = _Check(files)
        if checked.faults:
            raise BrokenPackage(checked.faults)
        return _write(checked, replace=replace, reason=reason)


class _Check:
    """The package's rows as instances, compared with the register; `faults` says what is wrong."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.faults: list[Fault] = []
        self.known: dict[str, dict[Key, models.Model]] = {}
        self.lines: dict[str, dict[Key, int]] = {}
        self.added: dict[str, list[models.Model]] = {}
        self.changed: dict[str, list[models.Model]] = {}
        self.surplus: dict[str, list[models.Model]] = {}
        for table in TABLES:
            self._check(table)

    def fault(self, table: Table, row: Row, what: str) -> None:
        self.faults.append(Fault(table.file, row.line, what))

    def _check(self, table: Table) -> None:
        rows = self._read(table)
        stored = {
            table.key_of(values): (instance, values)
            for instance in table.rows().iterator(chunk_size=2000)
            for values in [table.values(instance)]
        }
        known = self.known[table.name] = {}
        lines = self.lines[table.name] = {}
        kept: list[tuple[Row, models.Model, dict[str, str] | None]] = []
        for row in rows:
            key = table.key_of(row.values)
            if key in lines:
                what = f"{_named(table.key, key)} stands on line {lines[key]} already"
                self.fault(table, row, f"{what}, expected each once")
                continue
            lines[key] = row.line
            instance, values = stored.pop(key, (table.model(), None))
            known[key] = instance
            kept.append((row, instance, values))
        self._check_unique(table, [row for row, _i, _v in kept])
        self.added[table.name] = []
        self.changed[table.name] = []
        for row, instance, values in kept:
            self._fill(table, row, instance)
            if values is None:
                self.added[table.name].append(instance)
            elif values != row.values:
                self.changed[table.name].append(instance)
        self.surplus[table.name] = [instance for instance, _values in stored.values()]
        if table.name == "signings":
            self._check_periods(table, [(row, instance) for row, instance, _v in kept])

    def _read(self, table: Table) -> list[Row]:
        if table.file not in self.files:
            columns = ",".join(table.columns)
            self.faults.append(Fault(table.file, 1, f"is missing, expected columns {columns!r}"))
            return []
        rows, faults = read_table(table.file, self.files[table.file], list(table.columns))
        self.faults += faults
        return rows

    def _check_unique(self, table: Table, rows: list[Row]) -> None:
        for columns in table.unique:
            seen: dict[Key, int] = {}
            for row in rows:
                key = tuple(row.values[column].casefold() for column in columns)
                if key in seen:
                    what = f"{_named(columns, key)} stands on line {seen[key]} already"
                    self.fault(table, row, f"{what}, expected each once, whatever its case")
                seen.setdefault(key, row.line)

    def _fill(self, table: Table, row: Row, instance: models.Model) -> None:
        """Set the instance's fields from the row, telling every value that cannot stand there."""
        for name, (target, columns) in self._references(table, row).items():
            self._refer(table, row, instance, name, target, columns)
        wrong: set[str] = set()
        for column, model_field in table.fields.items():
            try:
                self._set(table, instance, column, model_field, row.values[column])
            except (ValidationError, ValueError) as error:
                wrong.add(column)
                reason = " ".join(error.messages) if isinstance(error, ValidationError) else ""
                self._wrong_value(table, row, column, model_field, reason)
        for model_field in table.model._meta.concrete_fields:
            # A bulk update stores what stands in the field and computes nothing.
            if isinstance(model_field, FoldedField):
                model_field.pre_save(instance, add=False)
        for columns, holds, expected in RULES.get(table.name, ()):
            if not wrong.intersection(columns) and not holds(instance):
                values = tuple(row.values[column] for column in columns)
                self.fault(table, row, f"{_named(columns, values)}, expected {expected}")

    def _references(self, table: Table, row: Row) -> dict[str, tuple[str, tuple[str, ...]]]:
        if not isinstance(table, CitationTable):
            return dict(table.references)
        fact = row.values["fact"]
        if fact not in FACTS:
            self.fault(table, row, f"fact {fact!r}, expected one of: {', '.join(FACTS)}")
            return dict(table.references)
        _table, used = FACTS[fact]
        for column in ("company", "pact", "since", "commitment", "period"):
            if row.values[column] and column not in used:
                what = f"{column} {row.values[column]!r} beside fact {fact!r}"
                self.fault(table, row, f"{what}, expected it empty: a citation has one target")
        return {**table.references, fact: FACTS[fact]}

    def _refer(
        self,
        table: Table,
        row: Row,
        instance: models.Model,
        name: str,
        target: str,
        columns: tuple[str, ...],
    ) -> None:
        key = tuple(row.values[column] for column in columns)
        nullable = table.model._meta.get_field(name).null and not isinstance(table, CitationTable)
        if nullable and not any(key):
            setattr(instance, name, None)
        elif key in self.known[target]:
            setattr(instance, name, self.known[target][key])
        else:
            what = f"{_named(columns, key)} is not in {target}.csv"
            self.fault(table, row, f"{what}, expected a row of it")

    def _set(
        self,
        table: Table,
        instance: models.Model,
        column: str,
        model_field: "models.Field[Any, Any]",
        text: str,
    ) -> None:
        value: Any = text
        if column in table.partial_dates:
            partial = PartialDate.parse(text) if text else None
            value = partial.date if partial else None
            precision = partial.precision if partial else Precision.DAY
            setattr(instance, f"{column}_precision", precision)
        elif not text and model_field.null:
            value = None
        setattr(instance, column, model_field.clean(value, instance))

    def _wrong_value(
        self,
        table: Table,
        row: Row,
        column: str,
        model_field: "models.Field[Any, Any]",
        reason: str,
    ) -> None:
        text = row.values[column]
        shown = repr(text if len(text) <= 60 else text[:57] + "...")
        expected = _expected(table, column, model_field)
        self.fault(
            table, row, f"{column} {shown}: {reason} Expected {expected}".replace(":  ", ": ")
        )

    def _check_periods(self, table: Table, rows: list[tuple[Row, Any]]) -> None:
        periods: dict[Key, list[tuple[Row, Any]]] = defaultdict(list)
        for row, signing in rows:
            if isinstance(signing.since, datetime.date):
                periods[row.values["company"], row.values["pact"]].append((row, signing))
        for of_one in periods.values():
            of_one.sort(key=lambda pair: pair[1].since)
            for (earlier, ending), (later, beginning) in pairwise(of_one):
                if not ending.until or ending.until > beginning.since:
                    what = f"overlaps the period of line {earlier.line}"
                    self.fault(table, later, f"{what}, expected that one to have ended")


def _named(columns: tuple[str, ...], key: Key) -> str:
    return ", ".join(f"{c} {v!r}" for c, v in zip(columns, key, strict=True))


def _expected(table: Table, column: str, model_field: "models.Field[Any, Any]") -> str:
    if column in table.partial_dates:
        return "a date as YYYY, YYYY-MM or YYYY-MM-DD"
    if model_field.choices:
        return "one of: " + ", ".join(str(value) for value, _label in model_field.flatchoices)
    if isinstance(model_field, models.DateField):
        return "a date as YYYY-MM-DD"
    if isinstance(model_field, models.IntegerField):
        return "a whole number"
    if isinstance(model_field, models.URLField):
        return "an http or https address"
    if not model_field.blank and not model_field.max_length:
        return "a value"
    return f"a text of at most {model_field.max_length} characters"


def _write(checked: _Check, *, replace: bool, reason: str) -> Loaded:
    loaded = Loaded()
    if replace:
        for table in reversed(TABLES):
            _count(loaded.removed, table, _remove(checked.surplus[table.name], reason))
    else:
        for table in TABLES:
            _count(loaded.only_in_register, table, len(checked.surplus[table.name]))
    for table in TABLES:
        _count(loaded.added, table, _add(table, checked.added[table.name], reason))
        _count(loaded.changed, table, _change(table, checked.changed[table.name], reason))
    for pact in Pact.objects.all():
        implied = missing_core_pledges(pact)
        _add(BY_NAME["pledges"], implied, "implied by signature")
        _count(loaded.added, BY_NAME["pledges"], len(implied))
    if not loaded.nothing:
        new_version()
    return loaded


def _count(counts: dict[str, int], table: Table, number: int) -> None:
    if number:
        counts[table.name] = counts.get(table.name, 0) + number


def _add(table: Table, rows: Sequence[models.Model], reason: str) -> int:
    """A row that points to another of its own table waits until that one is stored."""
    waiting = list(rows)
    while waiting:
        ready = [row for row in waiting if not _points_to_unsaved(row)]
        if not ready:
            raise BrokenPackage([Fault(table.file, 1, "companies own each other in a circle")])
        bulk_create_with_history(ready, table.model, batch_size=BATCH, default_change_reason=reason)
        waiting = [row for row in waiting if row.pk is None]
    return len(rows)


def _points_to_unsaved(row: models.Model) -> bool:
    parent = getattr(row, "parent", None)
    return parent is not None and parent.pk is None


def _change(table: Table, rows: list[models.Model], reason: str) -> int:
    fields = [field.name for field in table.model._meta.concrete_fields if not field.primary_key]
    if rows:
        bulk_update_with_history(
            rows, table.model, fields, batch_size=BATCH, default_change_reason=reason
        )
    return len(rows)


def _remove(rows: list[models.Model], reason: str) -> int:
    for row in rows:
        row._change_reason = reason  # type: ignore[attr-defined]  # read by django-simple-history
        row.delete()
    return len(rows)
