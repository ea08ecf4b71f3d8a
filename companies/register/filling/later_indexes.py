"""Build indexes after filling tables, which takes a third of the time."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model

_ON_SQLITE = """
    SELECT name, sql FROM sqlite_master
    WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (SELECT value FROM json_each(%s))
"""
# Not those of a constraint, which other tables may rest on; nor those of another's table.
_ON_POSTGRESQL = """
    SELECT of_index.relname, pg_get_indexdef(of_index.oid)
    FROM pg_index
    JOIN pg_class of_index ON of_index.oid = pg_index.indexrelid
    JOIN pg_class of_table ON of_table.oid = pg_index.indrelid
    WHERE of_table.relname = ANY(%s) AND pg_table_is_visible(of_table.oid)
    AND pg_has_role(of_table.relowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = of_index.oid)
"""


@contextmanager
def indexed_later(models: Iterable[type[Model]]) -> Iterator[None]:
    """Drop the indexes of these tables inside the context; rebuild them at the end."""
    tables = [model._meta.db_table for model in models]
    on_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if on_sqlite:
            cursor.execute(_ON_SQLITE, [json.dumps(tables)])
        else:
            cursor.execute(_ON_POSTGRESQL, [tables])
        found = cursor.fetchall()
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    yield
    if not on_sqlite:
        connection.check_constraints()  # no index is made of rows that are still to be checked
    with connection.cursor() as cursor:
        for _name, definition in found:
            cursor.execute(definition)
