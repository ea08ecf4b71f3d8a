"""Rows stored as JSON by merges and entries, with values before and after."""

import datetime
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Model

if TYPE_CHECKING:
    from companies.register.history import UnitOfWork

Values = Mapping[str, Any]
# `model`, `pk`, `old` and `new`, as `Merge.rows` describes them.
StoredRow = dict[str, Any]


def values_of(row: Model) -> Values:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def stored(unit: "UnitOfWork") -> list[StoredRow]:
    return [_row(row.model, row.pk, row.old, row.new) for row in unit.rows.values()]


def stored_without_history(row: Model, new: Values | None) -> StoredRow:
    """A row without history, before it gets the values `new` or, on None, is deleted."""
    old = values_of(row) if new is None else {name: getattr(row, name) for name in new}
    return _row(type(row), row.pk, old, new)


def _row(model: type[Model], pk: int, old: Values | None, new: Values | None) -> StoredRow:
    return {"model": model._meta.model_name, "pk": pk, "old": plain(old), "new": plain(new)}


def plain(values: Values | None) -> dict[str, Any] | None:
    """The values as JSON types."""
    if values is None:
        return None
    return {
        name: value.isoformat() if isinstance(value, datetime.date) else value
        for name, value in values.items()
    }


def model_of(row: StoredRow) -> type[Model]:
    return apps.get_model("companies", row["model"])


def instance_of(row: StoredRow, values: Mapping[str, Any]) -> Model:
    """An unsaved instance from JSON values."""
    model = model_of(row)
    fields = {column.attname: column for column in model._meta.concrete_fields}
    return model(**{name: fields[name].to_python(value) for name, value in values.items()})


def puts_in_force(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, statuses: Collection[str]
) -> bool:
    """Whether one of `statuses` is newly in force: for more days, or another company."""
    if new is None or new["status"] not in statuses:
        return False
    if old is None or any(old[name] != new[name] for name in ("status", "company_id", "pact_id")):
        return True
    until, until_before = new["until"], old["until"]
    is_longer = until_before is not None and (until is None or until > until_before)
    return is_longer or bool(new["since"] < old["since"])
