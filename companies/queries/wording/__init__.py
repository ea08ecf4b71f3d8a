"""Says changes in the reader's language, from the facts they hold."""

from .known_rows import KnownRows
from .sentences import sentence
from .values import FieldChange, day_in_words, field_changes, values_said_by

__all__ = [
    "FieldChange",
    "KnownRows",
    "day_in_words",
    "field_changes",
    "sentence",
    "values_said_by",
]
