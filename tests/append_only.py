"""The triggers that keep changes append-only, lifted for what only the database's owner may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import connection

TRIGGERS = import_module("companies.migrations.0004_append_only")


@contextmanager
def lifted() -> Iterator[None]:
    with connection.cursor() as cursor:
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        TRIGGERS.remove_triggers(apps, editor)
        yield
        TRIGGERS.add_triggers(apps, editor)
