"""What an entry would change, as a reviewer reads it."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from companies.register.stored_rows import StoredRow, instance_of, model_of


def told(row: StoredRow) -> Iterator[tuple[str, str, str]]:
    """Each value of the row that would be another: its label, as it is and as it would be."""
    model = model_of(row)
    label = str(model._meta.verbose_name)
    for field in model._meta.concrete_fields:
        if field.primary_key or not field.editable:
            continue
        old, new = (_words(row, side, field) for side in ("old", "new"))
        if old != new:
            yield f"{label}, {field.verbose_name}", old, new


def _words(row: StoredRow, side: str, field: Any) -> str:
    """A value in words; a row that is yet to be written is called by nothing."""
    values = row[side]
    if values is None or values[field.attname] in (None, ""):
        return ""
    instance = instance_of(row, values)
    if field.choices:
        return str(getattr(instance, f"get_{field.name}_display")())
    try:
        return str(getattr(instance, field.name))
    except ObjectDoesNotExist:
        return _("new")
