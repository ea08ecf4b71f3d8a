"""Queries that Django compiles once: to compile one takes ten times as long as SQLite answers."""

import copy
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=Model)
A_NUMBER, A_TEXT = -1_000_003, "-a-key-"  # where a query will be given its key


class Prepared(Generic[Row]):
    """The rows of a queryset that is filtered by A_NUMBER or A_TEXT, for any key in its place."""

    def __init__(self, rows: QuerySet[Row]) -> None:
        self.rows = rows
        self._compiled = dict[str, Any]()

    def of(self, key: int | str) -> list[Row]:
        """The rows of this key, without prefetched ones. One query."""
        using = self.rows.db
        compiler = copy.copy(self._compiler(using))
        sql, params = compiler.statement
        bound = tuple(key if one in (A_NUMBER, A_TEXT) else one for one in params)
        compiler.connection, compiler.as_sql = connections[using], lambda: (sql, bound)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        read = SimpleNamespace(
            query=query, db=using, model=self.rows.model, _known_related_objects={}
        )
        return list(ModelIterable(read))

    def _compiler(self, using: str) -> Any:
        vendor = connections[using].vendor
        if vendor not in self._compiled:
            compiler = self.rows.query.get_compiler(using)
            compiler.statement = compiler.as_sql()
            converters = compiler.get_converters([one[0] for one in compiler.select])
            compiler.get_converters = lambda expressions: converters
            self._compiled[vendor] = compiler
        return self._compiled[vendor]
