"""Querysets compiled to SQL once and run with other parameters.

Django compiles a query each time, which takes ten times as long as running it.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from .statements import rows_of_statement

Row = TypeVar("Row", bound=Model)
# Placeholders in a compiled query, to be replaced by its keys.
ANY_KEY, ANY_TEXT, ANY_DAY = -1_000_003, "-a-key-", datetime.date(1, 2, 3)
Key = int | str | datetime.date


SIZES = (1, 2, 5, 10, 24, 50, 100)  # numbers of keys that queries are compiled for


def parameter_count(keys: Sequence[Any]) -> int:
    """The number of parameters to compile for, so that few distinct sizes occur."""
    return next((number for number in SIZES if number >= len(keys)), len(keys))


def placeholder_keys(count: int) -> list[int]:
    """Placeholder keys for a query of `count` parameters."""
    return [ANY_KEY - place for place in range(count)]


def placeholder_texts(count: int) -> list[str]:
    return [f"{ANY_TEXT}{place}" for place in range(count)]


class Prepared(Generic[Row]):
    """A queryset, or its values, for other keys; compiled once for each database.

    `keys` are the placeholders that the queryset is filtered by, to be replaced by as many or
    fewer.
    """

    def __init__(self, rows: QuerySet[Row, Any], keys: Sequence[Key]) -> None:
        self.rows, self.keys = rows, keys
        self._compiled = dict[str, "Compiled"]()

    def of(self, keys: Sequence[Key]) -> list[Row]:
        """The rows for these keys, without prefetching. One query, none without a key."""
        if not keys:
            return []
        using = self.rows.db
        read = self._compiled_for(using)
        kinds, start, stop = read.kinds, *read.own
        populators: Any = get_related_populators  # the stubs are those of a later Django
        beside = populators(kinds, read.select, using)
        found = []
        for row in self._rows(using, keys):
            one = kinds["model"].from_db(using, read.names, row[start:stop])
            for populator in beside:
                populator.populate(row, one)
            for name, place in read.annotated.items():
                setattr(one, name, row[place])
            found.append(one)
        return found

    def values(self, keys: Sequence[Key]) -> list[tuple[Any, ...]]:
        """The value tuples for these keys. One query, none without a key."""
        return list(map(tuple, self._rows(self.rows.db, keys))) if keys else []

    def every(self) -> list[tuple[Any, ...]]:
        """The values of all rows of a queryset that is filtered by no key. One query."""
        return list(map(tuple, self._rows(self.rows.db, ())))

    def _rows(self, using: str, keys: Sequence[Key]) -> Iterable[Sequence[Any]]:
        read, connection = self._compiled_for(using), connections[using]
        places, values = _adapted(using, self.keys), _adapted(using, keys)
        given = dict.fromkeys(places, values[-1]) if values else {}
        given |= dict(zip(places, values, strict=False))
        params = [given.get(one, one) for one in read.params]
        rows: Sequence[Sequence[Any]] = rows_of_statement(using, read.sql, params)
        if not read.converters:
            return rows
        converted = list(map(list, rows))
        for place, (converters, expression) in read.converters.items():
            for convert in converters:
                for row in converted:
                    row[place] = convert(row[place], expression, connection)
        return converted

    def _compiled_for(self, using: str) -> "Compiled":
        vendor = connections[using].vendor
        if vendor not in self._compiled:
            compiler: Any = self.rows.query.get_compiler(using)
            sql, params = compiler.as_sql()
            select, kinds = compiler.select, compiler.klass_info
            own = kinds["select_fields"] if kinds else [0]
            own = (own[0], own[-1] + 1)
            self._compiled[vendor] = Compiled(
                sql,
                params,
                compiler.get_converters([one[0] for one in select]),
                select,
                kinds,
                own,
                [one[0].target.attname for one in select[slice(*own)]] if kinds else [],
                compiler.annotation_col_map or {},
            )
        return self._compiled[vendor]


class Compiled(NamedTuple):
    """A query as it is sent, and what Django's `ModelIterable` makes of its columns."""

    sql: str
    params: Sequence[Any]
    converters: Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]
    select: Sequence[Any]
    kinds: Any  # the model of the rows, and those beside it
    own: tuple[int, int]  # the columns of the model, whose `names` follow
    names: Sequence[str]
    annotated: Mapping[str, int]


def _adapted(using: str, keys: Sequence[Key]) -> list[Any]:
    """The keys as parameters: SQLite takes days as text."""
    adapt = connections[using].ops.adapt_datefield_value
    return [adapt(key) if isinstance(key, datetime.date) else key for key in keys]
