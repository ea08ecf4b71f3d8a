"""Record rows written by migrations: the opening changes of an older register."""

from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from companies.models import Change, Company
from companies.register.history import lock_register, new_version
from companies.register.package.tables import BY_NAME, TABLES, Table

from .before_migrating import is_as_before, leave_unrecorded
from .chain import in_order
from .public_rows import Texts
from .publish import append, entry
from .replay import Replay
from .rules import SUBJECTS, Meaning


def record_after_migrating(using: str, **options: Any) -> None:
    """post_migrate receiver: record what migrations wrote, once all tables exist."""
    plan = options.get("plan")
    if plan is None or using != DEFAULT_DB_ALIAS:
        return
    ours = any(step.app_label == "companies" for step, _back in plan)
    executor = MigrationExecutor(connections[using])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        if ours:
            leave_unrecorded()
    elif not Change.objects.exists() or (ours and not is_as_before()):
        record_unrecorded()


def record_unrecorded() -> None:
    """Append a change for each row that differs from the recorded changes.

    They have no public lines, since the recording date is unknown. A register without any
    change starts its chain so, with one line that says so.
    """
    with transaction.atomic():
        begins = not Change.objects.exists()
        entries = list(_unrecorded())
        if not entries:
            return
        lock_register()
        if begins:
            about = {"rows": str(len(entries))}
            kind, cause = Change.Kind.REGISTER, Change.Cause.METHOD
            entries.append(Change(kind=kind, cause=cause, about=about))
        append(entries, role=Change.ByRole.MACHINE)
        new_version()


def _unrecorded() -> Iterator[Change]:
    replay = Replay(in_order())
    names = dict(Company.objects.values_list("slug", "name"))
    untold = []
    for table in TABLES:
        for row in table.texts(table.rows()):
            recorded = replay.of(table, table.key_of(row))
            if replay.take(table, row) is None:
                untold.append((table, next(iter(recorded), None), row))
    for table, old, _row in untold:
        if old:
            replay.take(table, old)
    for name, row in reversed(list(replay)):
        yield _entry(BY_NAME[name], row, None, names)
    for table, old, row in untold:
        yield _entry(table, old, row, names)


def _entry(table: Table, old: Texts | None, new: Texts | None, names: Texts) -> Change:
    values = new or old or {}
    subject = values.get(SUBJECTS.get(table.name, ""), "")
    silent = Meaning(material=False, has_line=False, cause=Change.Cause.METHOD, subject=subject)
    return entry(table, old, new, silent, names)
