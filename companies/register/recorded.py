"""The register as it was recorded at the end of a past day, to be read with the same queries.

The audit history knows every row as it was. For a day that is over, these rows are put into a
SQLite file of their own once, and reads inside `recorded_on` go there instead of to the register:
filters, counts, pages and answers then work as they do today, for they are the same code.
"""

import datetime
import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models import Count, F, Max, Min, Model, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

KEPT = 20  # copies, the newest used
BATCH = 5000

_alias: ContextVar[str] = ContextVar("recorded")


class Router:
    """Sends reads of the register to the copy in use, and nothing else anywhere."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return _alias.get(None) if model in tables() else None

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        return None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return None


def tables() -> list[type[Model]]:
    """The register's models: all that have a history."""
    models = apps.get_app_config("companies").get_models()
    return [model for model in models if hasattr(model, "history")]


def first_recorded_on() -> datetime.date | None:
    """The day of the register's first record."""
    firsts = [_history(model).aggregate(first=Min("history_date"))["first"] for model in tables()]
    found = [first for first in firsts if first]
    return timezone.localdate(min(found)) if found else None


@contextmanager
def recorded_on(day: datetime.date | None) -> Iterator[None]:
    """Read the register as it was recorded at the end of `day`; None and today are as it is."""
    if day is None or day >= timezone.localdate():
        yield
        return
    alias = f"recorded-{token_hex(8)}"
    connections.databases[alias] = _database(_copy(day), read_only=True)
    token = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(token)
        _forget(alias)


def _copy(day: datetime.date) -> Path:
    """The file that holds the register of that day, built when it is asked for the first time.

    Days after which nothing was recorded until `day` share one.
    """
    folder = Path(settings.RECORDED_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    end = _end(day)
    path = folder / f"{_name(end)}.sqlite3"
    if path.exists():
        path.touch()
        return path
    descriptor, draft = tempfile.mkstemp(suffix=".draft", dir=folder)
    os.close(descriptor)
    _build(Path(draft), end)
    Path(draft).replace(path)
    _remove_old(folder)
    return path


def _end(day: datetime.date) -> datetime.datetime:
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min)
    return timezone.make_aware(midnight)


def _history(model: type[Model]) -> Any:
    return model.history.using("default")  # type: ignore[attr-defined]  # simple_history's


def _name(end: datetime.datetime) -> str:
    """The same for as long as the same was recorded before `end`, in the same columns."""
    known: list[Any] = []
    for model in tables():
        before = _history(model).filter(history_date__lt=end)
        known.append([field.attname for field in model._meta.concrete_fields])
        known.append(sorted(before.aggregate(Max("history_id"), Count("history_id")).items()))
    return hashlib.sha256(repr(known).encode()).hexdigest()[:32]


def _build(path: Path, end: datetime.datetime) -> None:
    alias = f"draft-{token_hex(8)}"
    connections.databases[alias] = _database(path, read_only=False)
    try:
        with connections[alias].schema_editor() as editor:
            for model in tables():
                editor.create_model(model)
    finally:
        _forget(alias)
    with sqlite3.connect(path) as file:
        for model in tables():
            _fill(file, model, end)
    file.close()


def _fill(file: sqlite3.Connection, model: type[Model], end: datetime.datetime) -> None:
    """Put in each row as it was last recorded before `end`, unless it was deleted by then."""
    columns = [field.attname for field in model._meta.concrete_fields]
    last = Window(
        RowNumber(),
        partition_by=[F("id")],
        order_by=[F("history_date").desc(), F("history_id").desc()],
    )
    rows = (
        _history(model)
        .filter(history_date__lt=end)
        .annotate(age=last)
        .filter(age=1)
        .exclude(history_type="-")
        .order_by("id")
    )
    names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    places = ", ".join("?" * len(columns))
    statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places})'  # noqa: S608
    file.executemany(statement, rows.values_list(*columns).iterator(chunk_size=BATCH))


def _database(path: Path, *, read_only: bool) -> dict[str, Any]:
    mode = "ro&immutable=1" if read_only else "rwc"
    defaults = connections.databases["default"]
    return defaults | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"file:{path}?mode={mode}",
        "OPTIONS": {"uri": True},
        "CONN_MAX_AGE": 0,
    }


def _forget(alias: str) -> None:
    connections[alias].close()
    del connections[alias]
    del connections.databases[alias]


def _remove_old(folder: Path) -> None:
    copies = sorted(folder.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in copies[KEPT:]:
        path.unlink(missing_ok=True)
