"""What each text of a package's column is stored as, cleaned and checked once, and remembered."""

import datetime
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError

from companies.names.letters import fold
from companies.register.package.row_rules import precision_of, refuse_other_spelling, value_of
from companies.register.package.tables import Table

KEPT = 50_000  # texts of one column


class GaveUp(Exception):
    """The package is not as plain as the quick way needs it."""


class Remembered(dict[str, Any]):
    """Values by their texts: most columns have few different ones."""

    def __missing__(self, text: str) -> Any:
        if len(self) >= KEPT:
            self.clear()
        value = self[text] = self.stored(text)
        return value

    def stored(self, text: str) -> Any:
        raise NotImplementedError


class CheckedColumn(Remembered):
    """Raises GaveUp for a text that the field refuses or would keep in another form."""

    def __init__(self, table: Table, name: str) -> None:
        super().__init__()
        self.table, self.name = table, name

    def stored(self, text: str) -> Any:
        value = self.cleaned(text)
        return value.isoformat() if isinstance(value, datetime.date) else value

    def cleaned(self, text: str) -> Any:
        """The value as an instance has it."""
        try:
            value = value_of(self.table, self.name, text)
            refuse_other_spelling(self.table, self.name, text, value)
        except (ValidationError, ValueError) as error:
            raise GaveUp from error
        return value


class AsIs(Remembered):
    """A text that is checked beside others of its row."""

    def stored(self, text: str) -> Any:
        return text


class PrecisionOf(Remembered):
    """How exact a date is."""

    def stored(self, text: str) -> Any:
        return precision_of(text)


class Folded(Remembered):
    """A name without accents and case."""

    def stored(self, text: str) -> Any:
        if not (folded := fold(text)) or len(folded) > 600:
            raise GaveUp
        return folded


class Keys(dict[str, int | None]):
    """Primary keys by public ones; no key is no row."""

    def __init__(self) -> None:
        super().__init__({"": None})

    def __missing__(self, key: str) -> Any:
        raise GaveUp

    def give(self, key: str, pk: int) -> None:
        if self.setdefault(key, pk) != pk:
            raise GaveUp


def check_identifier(table: Table, scheme: str, value: str) -> None:
    """Raise GaveUp for a number that its own register would not write so."""
    try:
        kept = value_of(table, "value", value, SimpleNamespace(scheme=scheme))
        refuse_other_spelling(table, "value", value, kept)
    except (ValidationError, ValueError) as error:
        raise GaveUp from error
