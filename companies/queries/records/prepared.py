"""Querysets compiled to SQL once and run with other parameters.

Django compiles a query each time, which takes ten times as long as running it.
"""

import copy
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=Model)
A_NUMBER, A_TEXT = -1_000_003, "-a-key-"  # where a query will be given its key


NUMBERS = (1, 2, 5, 10, 24, 50, 100)  # of keys that queries are compiled for


def number_for(keys: Sequence[Any]) -> int:
    """The number of parameters to compile for, so that few distinct sizes occur."""
    return next((number for number in NUMBERS if number >= len(keys)), len(keys))


def some_numbers(count: int) -> list[int]:
    """Placeholder keys for a query of `count` parameters."""
    return [A_NUMBER - place for place in range(count)]


def some_texts(count: int) -> list[str]:
    return [f"{A_TEXT}{place}" for place in range(count)]


class Prepared(Generic[Row]):
    """A queryset, or its values, for other keys; compiled once for each database.

    `keys` are the placeholders that the queryset is filtered by, to be replaced by as many or
    fewer.
    """

    def __init__(self, rows: QuerySet[Row, Any], keys: Sequence[int | str]) -> None:
        self.rows, self.keys = rows, keys
        self._compiled = dict[str, Any]()

    def of(self, keys: Sequence[int | str]) -> list[Row]:
        """The rows for these keys, without prefetching. One query, none without a key."""
        if not keys:
            return []
        using = self.rows.db
        compiler = self._bound(using, keys)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        read: Any = SimpleNamespace(
            query=query, db=using, model=self.rows.model, _known_related_objects={}
        )
        return list(ModelIterable(read))

    def values(self, keys: Sequence[int | str]) -> list[tuple[Any, ...]]:
        """The value tuples for these keys. One query, none without a key."""
        if not keys:
            return []
        return list(self._bound(self.rows.db, keys).results_iter(tuple_expected=True))

    def _bound(self, using: str, keys: Sequence[int | str]) -> Any:
        given = dict.fromkeys(self.keys, keys[-1]) | dict(zip(self.keys, keys, strict=False))
        compiler = copy.copy(self._compiler(using))
        sql, params = compiler.statement
        bound = tuple(given.get(one, one) for one in params)
        compiler.connection, compiler.as_sql = connections[using], lambda: (sql, bound)
        return compiler

    def _compiler(self, using: str) -> Any:
        vendor = connections[using].vendor
        if vendor not in self._compiled:
            compiler = self.rows.query.get_compiler(using)
            compiler.statement = compiler.as_sql()
            converters = compiler.get_converters([one[0] for one in compiler.select])
            compiler.get_converters = lambda expressions: converters
            self._compiled[vendor] = compiler
        return self._compiled[vendor]
