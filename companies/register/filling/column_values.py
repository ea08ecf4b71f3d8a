"""Convert the texts of a column to stored values, cached by text."""

import datetime
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import ValidationError

from companies.names.letters import fold
from companies.register.package.row_rules import precision_of, refuse_other_spelling, value_of
from companies.register.package.tables import Table

from .plain_texts import glance_at

MOST_CACHED = 5_000  # texts of one column: of most there are fewer, of others each is another


# A column and a rule fold the same names.
folded = lru_cache(2 * MOST_CACHED)(fold)


class GaveUp(Exception):
    """The package has something that the fast load does not handle."""


class Remembered(dict[str, Any]):
    """Values cached by text: most columns have few distinct ones."""

    def __missing__(self, text: str) -> Any:
        if len(self) >= MOST_CACHED:
            self.clear()
        value = self[text] = self.stored(text)
        return value

    def of(self, texts: Sequence[str]) -> Iterable[Any]:
        """The values of a column."""
        return map(self.__getitem__, texts)

    def stored(self, text: str) -> Any:
        raise NotImplementedError


class Cleaned(Remembered):
    """The Python value of a text. Raises GaveUp for one that the field refuses or would alter."""

    def __init__(self, table: Table, name: str) -> None:
        super().__init__()
        self.table, self.name = table, name

    def stored(self, text: str) -> Any:
        try:
            value = value_of(self.table, self.name, text)
            refuse_other_spelling(self.table, self.name, text, value)
        except (ValidationError, ValueError) as error:
            raise GaveUp from error
        return value


class CheckedColumn(Cleaned):
    """The database value of a text."""

    def __init__(self, table: Table, name: str) -> None:
        super().__init__(table, name)
        self._passes = glance_at(table.fields[name])

    def of(self, texts: Sequence[str]) -> Iterable[Any]:
        passes = self._passes
        if passes is None or 2 * len(set(texts)) < len(texts):
            return super().of(texts)
        return [text if passes(text) else self[text] for text in texts]

    def stored(self, text: str) -> Any:
        value = super().stored(text)
        return value.isoformat() if isinstance(value, datetime.date) else value


class AsIs(Remembered):
    """A text checked together with others of its row."""

    def stored(self, text: str) -> Any:
        return text


class PrecisionOf(Remembered):
    """The precision of a date."""

    def stored(self, text: str) -> Any:
        return precision_of(text)


class Folded:
    """The folded form of a name."""

    def of(self, texts: Sequence[str]) -> Iterable[str]:
        keys = list(map(folded, texts))
        if not all(keys) or max(map(len, keys)) > 600:
            raise GaveUp
        return keys


class Keys(dict[str, int | None]):
    """Primary keys by public key; an empty key means no row."""

    def __init__(self) -> None:
        super().__init__({"": None})

    def __missing__(self, key: str) -> Any:
        raise GaveUp

    def of(self, texts: Sequence[str]) -> Iterable[int | None]:
        return map(self.__getitem__, texts)

    def give(self, keys: Collection[str], pks: Iterable[int]) -> None:
        """Raises GaveUp if a key has a row already."""
        before = len(self)
        self.update(zip(keys, pks, strict=True))
        if len(self) != before + len(keys):
            raise GaveUp


def check_identifier(table: Table, scheme: str, value: str) -> None:
    """Raise GaveUp for an identifier that is not canonical."""
    try:
        cleaned = value_of(table, "value", value, SimpleNamespace(scheme=scheme))
        refuse_other_spelling(table, "value", value, cleaned)
    except (ValidationError, ValueError) as error:
        raise GaveUp from error
