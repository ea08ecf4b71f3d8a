"""Rules for package rows, shared by the normal and the fast load.

The normal load reports what is wrong, the fast one gives up.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils.translation import gettext as _

from companies.models import Commitment, PartialDate, Pledge, Precision

if TYPE_CHECKING:
    from .tables import Table

# The values of columns


def value_of(table: "Table", column: str, text: str, row: Any = None) -> Any:
    """The cleaned value of a text. Raises ValidationError, or ValueError if it has none."""
    model_field, given = table.fields[column], text or None
    if text and column in table.partial_dates:
        given = PartialDate.parse(text).date  # type: ignore[assignment]  # a field takes both
    elif not model_field.null and column not in table.partial_dates:
        given = text
    return model_field.clean(given, row)


def precision_of(text: str) -> str:
    """The precision of a date in a text."""
    return PartialDate.parse(text).precision if text else Precision.DAY


def refuse_other_spelling(table: "Table", column: str, text: str, value: Any) -> None:
    """Raise ValidationError or ValueError if the value would be stored in another form.

    There is one spelling of a value, or the same package would be a change at every load.
    """
    model_field = table.fields[column]
    stored = "" if value is None else text if column in table.partial_dates else str(value)
    if stored != text and isinstance(model_field, models.CharField | models.TextField):
        raise ValidationError(_("It is kept as “%(kept)s”."), params={"kept": stored})
    if stored != text or not _fits(model_field, text):
        raise ValueError(text)


def _fits(model_field: "models.Field[Any, Any]", text: str) -> bool:
    """Checks that Django leaves to forms or the database, which differ between databases."""
    if isinstance(model_field, models.IntegerField):
        return not text or int(text) <= largest(model_field)
    return model_field.max_length is None or len(text) <= model_field.max_length


def largest(model_field: "models.IntegerField[Any, Any]") -> int:
    return BaseDatabaseOperations.integer_field_ranges[model_field.get_internal_type()][1]


# What several columns say


def basis_of(stated: str, kind: str, *, signed: bool) -> str:
    """The basis of a pledge: stated, or computed from the periods."""
    if stated in ("", Pledge.Basis.IMPLIED_BY_SIGNATURE):
        return str(Pledge.unstated_basis(kind, signed=signed))
    return stated


def is_stated(kind: str, *, says_more: bool, cited: bool) -> bool:
    """Whether a pledge is stated in the package; implied ones are computed."""
    return says_more or cited or kind in ("", Commitment.Kind.CHAPTER)


def circle_of(slug: str, parents: Mapping[str, str]) -> list[str]:
    """A circle of ownership from `slug` back to it; empty if there is none."""
    chain = [slug]
    while (parent := parents.get(chain[-1], "")) and parent not in chain:
        chain.append(parent)
    return [*chain, parent] if parent == slug and len(chain) > 1 else []
