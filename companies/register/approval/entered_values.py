"""The changes of an editor's entry, in words for a reviewer."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from companies.register.stored_rows import StoredRow, instance_of, model_of

New = Mapping[tuple[str, int], str]


def new_rows(rows: list[StoredRow]) -> New:
    """The labels of unsaved rows: their primary keys may belong to others by now."""
    new = [row for row in rows if row["old"] is None]
    return {(row["model"], row["pk"]): str(row["new"].get("name") or _("new")) for row in new}


def changed_values(row: StoredRow, new_rows: New) -> Iterator[tuple[str, str, str]]:
    """Each changed value of the row: label, current and entered value."""
    model = model_of(row)
    label = str(model._meta.verbose_name)
    for field in model._meta.concrete_fields:
        if field.primary_key or not field.editable:
            continue
        old, new = (_words(row, side, field, new_rows) for side in ("old", "new"))
        if old != new:
            yield f"{label}, {field.verbose_name}", old, new


def _words(row: StoredRow, side: str, field: Any, new_rows: New) -> str:
    """A value in words."""
    values = row[side]
    if values is None or values[field.attname] in (None, ""):
        return ""
    instance = instance_of(row, values)
    if field.is_relation:
        key = (str(field.related_model._meta.model_name), values[field.attname])
        if key in new_rows:
            return new_rows[key]
    if field.choices:
        return str(getattr(instance, f"get_{field.name}_display")())
    try:
        return str(getattr(instance, field.name))
    except ObjectDoesNotExist:  # deleted since
        return "–"
