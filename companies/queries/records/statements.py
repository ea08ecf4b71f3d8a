"""Statements that are sent again and again with other values."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import NotSupportedError, connections
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

MOST_CACHED = 500  # statements


def rows_of_statement(using: str, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of a statement, which the database prepares once for each connection.

    Django writes the values into what it sends to PostgreSQL, which then plans each as another
    statement: 7 ms for that of a record, which runs for 0.4.
    """
    connection = connections[using]
    try:
        with _cursor(connection) as cursor:
            cursor.execute(sql, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
    except NotSupportedError:
        # A migration changed the type of a column since it was prepared.
        if not _prepares(connection):
            raise
        connection.connection.prepare_threshold = None
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = cursor.fetchall()
    return found


@contextmanager
def _cursor(connection: "BaseDatabaseWrapper") -> Iterator["CursorWrapper"]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.cursor = connection.connection.cursor(factory=SQLiteCursor)
        elif _prepares(connection):
            cursor.cursor = _of_postgresql()(connection.connection)
        yield cursor


def _prepares(connection: "BaseDatabaseWrapper") -> bool:
    """Whether it is a connection to PostgreSQL of our own pool (`pactwatch/settings.py`).

    Django's log of queries knows the text of its own cursor alone, and a transaction would be
    lost with a statement whose column a migration changed.
    """
    is_of_pool = getattr(connection.connection, "prepare_threshold", None) is not None
    return is_of_pool and not (connection.queries_logged or connection.in_atomic_block)


@cache
def _of_postgresql() -> Any:
    """Django's cursor that sends values apart; imports psycopg."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    return ServerBindingCursor


class SQLiteCursor(SQLiteCursorWrapper):
    """Django's cursor, which looks for each %s once for a statement and not each time.

    That took a third of the time of a record's.
    """

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        found = _CONVERTED.get(query)
        if found is None:
            found = super().convert_query(query, param_names=param_names)
            if param_names is None and len(_CONVERTED) < MOST_CACHED:
                _CONVERTED[query] = found
        return found


_CONVERTED: dict[str, str] = {}
