"""Statements of the ORM, stored where a test sends them to SQLite, and sent again to PostgreSQL.

A query of the ORM can be pickled, and compiled for another database. `python -m tests.statements
FOLDER` does so with those that tests/shapes.py stored in FOLDER, executes each on the database of
DATABASE_URL, and takes back what it wrote. It writes the shapes of those that were accepted to
FOLDER: their tests need not run there only to send them. Any other waits for its test, as does SQL
that the ORM did not write.
"""

import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import django
from django.apps import apps
from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler

from . import environment  # noqa: F401  # for a process of its own

ACCEPTED = "accepted.txt"
NOT_COMPILED = (EmptyResultSet, FullResultSet, TypeError, ValueError, AttributeError, LookupError)
executing: list[Query] = []  # the innermost last


@contextmanager
def followed() -> Iterator[None]:
    """Know of each statement which query it was compiled from."""

    def following(execute_sql: Any) -> Any:
        def execute(compiler: SQLCompiler, *arguments: Any, **named: Any) -> Any:
            executing.append(compiler.query)
            try:
                return execute_sql(compiler, *arguments, **named)
            finally:
                executing.pop()

        return execute

    # All other compilers execute by way of the first.
    with (
        patch.object(SQLCompiler, "execute_sql", following(SQLCompiler.execute_sql)),
        patch.object(SQLInsertCompiler, "execute_sql", following(SQLInsertCompiler.execute_sql)),
    ):
        yield


def model_of(label: str) -> type[Model]:
    return apps.get_model(label)


class Pickler(pickle.Pickler):
    """Names a model by its label: the classes of the audit rows stand in no module."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type) and issubclass(value, Model):
            return model_of, (value._meta.label,)
        return NotImplemented


def stored() -> bytes | None:
    """The query that is being executed; None for SQL of ours, and for what cannot be pickled."""
    if not executing:
        return None
    file = BytesIO()
    try:
        Pickler(file).dump(executing[-1])
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    return file.getvalue()


def is_accepted(stored: bytes) -> bool:
    """Whether this database executes it, on tables without rows."""
    try:
        query = pickle.loads(stored)  # noqa: S301  # our own
        with nullcontext() if only_reads(query) else taken_back(), connection.cursor() as cursor:
            compiled = query.get_compiler("default").as_sql()
            for sql, parameters in compiled if isinstance(compiled, list) else [compiled]:
                cursor.execute(sql, parameters)
    except (DatabaseError, pickle.UnpicklingError, *NOT_COMPILED):
        return False
    return True


def only_reads(query: Query) -> bool:
    """It needs no transaction, whose statements would be three of four; nor does it spoil one."""
    return type(query) is Query and not query.select_for_update and not connection.in_atomic_block


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def accepted(folder: Path) -> set[str]:
    """The shapes that PostgreSQL was sent and accepted."""
    file = folder / ACCEPTED
    return set(file.read_text().split()) if file.exists() else set()


def main(folder: Path) -> None:
    django.setup()
    queries: dict[str, bytes] = {}
    for file in sorted(folder.glob("*.pickle")):
        queries |= pickle.loads(file.read_bytes())  # noqa: S301  # our own
    with ProcessPoolExecutor(mp_context=get_context("fork")) as processes:
        answers = processes.map(is_accepted, queries.values(), chunksize=100)
        sent = sorted(shape for shape, answer in zip(queries, answers, strict=True) if answer)
    (folder / ACCEPTED).write_text("\n".join(sent))
    print(f"PostgreSQL accepted {len(sent)} of {len(queries)} statements of the ORM.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
