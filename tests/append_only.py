"""The triggers that keep changes append-only, lifted for what only the database's owner may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

from django.apps import apps
from django.db import connection

MIGRATION = "companies.migrations.0001_squashed_0016_published_shares"


@contextmanager
def lifted() -> Iterator[None]:
    triggers = import_module(MIGRATION)  # only now: it imports models
    with connection.cursor() as cursor:
        editor = SimpleNamespace(connection=connection, execute=cursor.execute)
        triggers.remove_triggers(apps, editor)
        yield
        triggers.add_triggers(apps, editor)
