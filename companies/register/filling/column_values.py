"""Convert the texts of a column to stored values, cached by text."""

import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError

from companies.names.letters import fold
from companies.register.package.row_rules import precision_of, refuse_other_spelling, value_of
from companies.register.package.tables import Table

KEPT = 5_000  # texts of one column: of most there are fewer, of others each is another


# A column and a rule ask for the same names.
folded = lru_cache(2 * KEPT)(fold)


class GaveUp(Exception):
    """The package has something that the fast load does not handle."""


class Remembered(dict[str, Any]):
    """Values cached by text: most columns have few distinct ones."""

    def __missing__(self, text: str) -> Any:
        if len(self) >= KEPT:
            self.clear()
        value = self[text] = self.stored(text)
        return value

    def stored(self, text: str) -> Any:
        raise NotImplementedError


class CheckedColumn(Remembered):
    """Raises GaveUp for a text that the field refuses or would normalize."""

    def __init__(self, table: Table, name: str) -> None:
        super().__init__()
        self.table, self.name = table, name

    def stored(self, text: str) -> Any:
        value = self.cleaned(text)
        return value.isoformat() if isinstance(value, datetime.date) else value

    def cleaned(self, text: str) -> Any:
        """The Python value of a text."""
        try:
            value = value_of(self.table, self.name, text)
            refuse_other_spelling(self.table, self.name, text, value)
        except (ValidationError, ValueError) as error:
            raise GaveUp from error
        return value


class AsIs(Remembered):
    """A text checked together with others of its row."""

    def stored(self, text: str) -> Any:
        return text


class PrecisionOf(Remembered):
    """The precision of a date."""

    def stored(self, text: str) -> Any:
        return precision_of(text)


class Folded(Remembered):
    """The folded form of a name."""

    def stored(self, text: str) -> Any:
        if not (key := folded(text)) or len(key) > 600:
            raise GaveUp
        return key


class Keys(dict[str, int | None]):
    """Primary keys by public key; an empty key means no row."""

    def __init__(self) -> None:
        super().__init__({"": None})

    def __missing__(self, key: str) -> Any:
        raise GaveUp

    def give(self, key: str, pk: int) -> None:
        if self.setdefault(key, pk) != pk:
            raise GaveUp


def check_identifier(table: Table, scheme: str, value: str) -> None:
    """Raise GaveUp for an identifier that is not canonical."""
    try:
        kept = value_of(table, "value", value, SimpleNamespace(scheme=scheme))
        refuse_other_spelling(table, "value", value, kept)
    except (ValidationError, ValueError) as error:
        raise GaveUp from error
