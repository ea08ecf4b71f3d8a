"""The first entries of a register whose rows are older than its chain."""

from typing import Any

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from companies.models import Change
from companies.register.history import UnitOfWork, lock_register, new_version
from companies.register.package.tables import TABLES

from .publish import append, entries_of


def open_after_migrating(using: str, **options: Any) -> None:
    """Begin the chain of a database that has just got all its tables; hears `post_migrate`."""
    executor = MigrationExecutor(connections[using])
    if "plan" in options and not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        open_chain()


def open_chain() -> None:
    """Append the whole register as the first entries, and a line that says so.

    The entries have no lines of their own: nobody knows from them when a row was first recorded.
    """
    if Change.objects.exists() or not any(table.rows().exists() for table in TABLES):
        return
    with transaction.atomic():
        lock_register()
        unit = UnitOfWork(cause=Change.Cause.METHOD)
        for table in TABLES:
            unit.add_new(table.rows())
        entries = entries_of(unit)
        for change in entries:
            change.material = change.has_line = False
        opening = Change(
            kind=Change.Kind.REGISTER, cause=Change.Cause.METHOD, about={"rows": str(len(entries))}
        )
        append([*entries, opening], role=Change.ByRole.MACHINE)
        new_version()
