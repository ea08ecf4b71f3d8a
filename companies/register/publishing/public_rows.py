"""The rows of a unit of work in the form of the data package, before and after."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.functional import cached_property

from companies.queries.records.prepared import SIZES, Prepared, parameter_count, placeholder_keys
from companies.register.package.tables import BY_MODEL, BY_NAME, FACTS, TABLES, CitationTable, Table

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork
    from companies.register.stored_rows import Values

MANY = 500  # primary keys in one query; above it the whole table is read

Texts = dict[str, str]


@dataclass(frozen=True)
class Write:
    """One write to a public table: old and new row by column; `old` is None for a new row."""

    table: Table
    row: "RowChange"
    old: Texts | None
    new: Texts | None

    @property
    def values(self) -> Texts:
        """The values after the write, or before a deletion."""
        return (self.old or {}) if self.new is None else self.new

    @cached_property
    def fields(self) -> dict[str, list[str | None]]:
        return differing(self.old, self.new)

    @property
    def key(self) -> Texts:
        return {column: self.values[column] for column in self.table.key}


def differing(old: Texts | None, new: Texts | None) -> dict[str, list[str | None]]:
    """Each changed column with old and new value; all stated values for a whole row."""
    if old is None or new is None:
        whole = (old or new or {}).items()
        return {name: [text, None] if old else [None, text] for name, text in whole if text}
    return {name: [text, new[name]] for name, text in old.items() if text != new[name]}


class PublicRows:
    """Converts the rows of a unit of work, with related rows in a fixed number of queries.

    References of a remaining row use public keys after the unit, those of a deleted row the
    keys before. So replayed in the order of `writes`, each change finds its row.
    """

    def __init__(self, unit: "UnitOfWork") -> None:
        self.unit = unit
        self._keys: dict[tuple[type[Model], int, bool], Texts] = {}

    def writes(self) -> list[Write]:
        """The writes of the unit: deletions, then changes, then additions."""
        found = [self._write(row) for table in TABLES for row in self.unit.of(table.model)]
        deleted = [write for write in reversed(found) if write.new is None]
        changed = [write for write in found if write.old is not None and write.new is not None]
        added = [write for write in found if write.old is None]
        return [*deleted, *(write for write in changed if write.fields), *added]

    @cached_property
    def company_names(self) -> Texts:
        """Company names by public id: existing companies, and those before the unit."""
        company = BY_NAME["companies"].model
        stored = [values for (model, _pk), values in self._stored.items() if model is company]
        for row in self.unit.of(company):
            stored += filter(None, (row.old, row.new))
        return {values["slug"]: values["name"] for values in stored}

    def _write(self, row: "RowChange") -> Write:
        table, before = BY_MODEL[row.model], row.new is None
        old = None if row.old is None else self._state(table, row.old, before=before)
        new = None if row.new is None else self._state(table, row.new, before=False)
        return Write(table, row, old, new)

    def _state(self, table: Table, values: "Values", *, before: bool) -> Texts:
        """A row's values in package form, with public keys for primary keys."""
        instance = table.model(**values)
        found = dict.fromkeys(table.columns, "")
        for column, own in table.fields.items():
            setattr(instance, column, own.to_python(getattr(instance, column)))
            found[column] = table.text(instance, column)
        for name, target, columns in _references(table):
            if pk := values[f"{name}_id"]:
                key = self._key(BY_NAME[target], pk, before=before)
                found |= dict(zip(columns, key.values(), strict=True))
                if isinstance(table, CitationTable) and name in FACTS:
                    found["fact"] = name
        return found

    def _key(self, table: Table, pk: int, *, before: bool) -> Texts:
        """The public key of a row; empty texts for an unknown primary key."""
        place = (table.model, pk, before)
        if place not in self._keys:
            values = self._values(table.model, pk, before=before)
            # The other columns of a row that is only referred to need not be known.
            only = {name: values[name] for name in values if name in _key_attributes(table)}
            blank = {f"{name}_id": None for name, _target, _columns in _references(table)}
            state = self._state(table, blank | only, before=before) if values else {}
            self._keys[place] = {column: state.get(column, "") for column in table.key}
        return self._keys[place]

    def _values(self, model: type[Model], pk: int, *, before: bool) -> "Values":
        if row := self.unit.rows.get((model, pk)):
            return (row.old or row.new or {}) if before else (row.new or row.old or {})
        return self._stored.get((model, pk), {})

    @cached_property
    def _stored(self) -> "dict[tuple[type[Model], int], Values]":
        """Rows outside the unit that its rows refer to, directly or as part of a key."""
        needed: dict[type[Model], set[int]] = defaultdict(set)
        for row in self.unit.rows.values():
            for values in filter(None, (row.old, row.new)):
                _need(needed, row.model, values, only_key=False)
        found: dict[tuple[type[Model], int], Values] = {}
        for table in reversed(TABLES):
            ids = {pk for pk in needed[table.model] if (table.model, pk) not in self.unit.rows}
            for values in _rows_by_pk(table.model, ids):
                found[table.model, values["id"]] = values
                _need(needed, table.model, values, only_key=True)
        return found


def _references(table: Table) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each foreign key with its table and the columns that identify the row there."""
    for name, (target, columns) in table.references.items():
        yield name, target, columns
    if isinstance(table, CitationTable):
        for name, (target, columns) in FACTS.items():
            yield name, target, columns


def _key_attributes(table: Table) -> set[str]:
    """The attributes that make up a row's public key."""
    own = {name for column in table.key for name in (column, f"{column}_precision")}
    return own | {
        f"{name}_id" for name, _target, columns in _references(table) if {*columns} & {*table.key}
    }


def _need(
    needed: dict[type[Model], set[int]], model: type[Model], values: "Values", *, only_key: bool
) -> None:
    table = BY_MODEL.get(model)
    if table is None:
        return
    attributes = _key_attributes(table) if only_key else values.keys()
    for name, target, _columns in _references(table):
        attribute = f"{name}_id"
        if attribute in attributes and values[attribute]:
            needed[BY_NAME[target].model].add(values[attribute])


def _rows_by_pk(model: type[Model], ids: set[int]) -> "Iterable[Values]":
    """The rows by primary key, deleted ones as they last were."""
    if not ids:
        return []
    found = {row["id"]: row for row in _stored_rows(model, ids)}
    gone: dict[int, Any] = {}
    if missing := ids - found.keys():
        past = model.history.filter(id__in=missing)  # type: ignore[attr-defined]  # simple_history's
        gone = {row["id"]: row for row in past.order_by("history_id").values(*_columns(model))}
    return [*found.values(), *gone.values()]


def _stored_rows(model: type[Model], ids: set[int]) -> "Iterable[Values]":
    """Every edit asks for one or two, so these queries are compiled once."""
    rows = model._default_manager.order_by()
    if len(ids) > SIZES[-1]:
        return (rows if len(ids) > MANY else rows.filter(pk__in=ids)).values()
    found = _compiled_rows(model, parameter_count([*ids])).values([*ids])
    return [dict(zip(_columns(model), row, strict=True)) for row in found]


@cache
def _compiled_rows(model: type[Model], count: int) -> Prepared[Any]:
    keys = placeholder_keys(count)
    rows = model._default_manager.filter(pk__in=keys).order_by()
    return Prepared(rows.values_list(*_columns(model)), keys)


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
