"""Read by the clock of a request: as of a day, and as recorded by the end of a past day.

The audit history has every row as it was. For a past day, these rows are copied once into an SQLite
file of its own, and reads inside `recorded_on` go there: filters, counts, pages and responses work
unchanged.
"""

import datetime
import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.models import Count, Exists, Max, Min, Model, OuterRef, Q
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from companies.models import QuoteCheck, known_as_of
from pactwatch.outages.cached_files import CachedFiles

if TYPE_CHECKING:
    from .clocks import Clock

# Tables that are joined to the register and have no history: a copy has them without rows.
WITHOUT_HISTORY = (QuoteCheck,)
COPIES = CachedFiles(".sqlite3", most=20)
BATCH = 5000

_alias: ContextVar[str] = ContextVar("recorded")


@contextmanager
def reading(clock: "Clock") -> Iterator[None]:
    """Read rows as known on the clock's day and, if it has one, as recorded by then.

    Conditions on columns, such as `.on(day)`, need the day themselves.
    """
    with known_as_of(clock.day), recorded_on(clock.recorded_as_of):
        yield


def read_by(clock: "Clock", answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Run a view by `clock`, including the streaming of its body."""
    with reading(clock):
        response = answer()
        # Django renders these after the view, which is too late.
        if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
            response = response.render()
    # A file was written before it is streamed.
    if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
        response.streaming_content = _read_on(clock, iter(response))
    return response


def _read_on(clock: "Clock", body: Iterator[bytes]) -> Iterator[bytes]:
    with reading(clock):
        yield from body


class Router:
    """Database router that sends reads of the register to the copy in use."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        alias = _alias.get(None)
        return alias if alias and model in (*tables(), *WITHOUT_HISTORY) else None

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        return None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return None


@cache
def tables() -> tuple[type[Model], ...]:
    """The register's models: all with a history."""
    models = apps.get_app_config("companies").get_models()
    return tuple(model for model in models if hasattr(model, "history"))


def first_recorded_on() -> datetime.date | None:
    """The date of the first history row."""
    firsts = [_history(model).aggregate(first=Min("history_date"))["first"] for model in tables()]
    found = [first for first in firsts if first]
    return timezone.localdate(min(found)) if found else None


@contextmanager
def recorded_on(day: datetime.date | None) -> Iterator[None]:
    """Read the register as recorded at the end of `day`; None and today read it as it is."""
    if day is None or day >= timezone.localdate():
        yield
        return
    with ExitStack() as stack:

        def connect(path: Path) -> DatabaseWrapper:
            connection = stack.enter_context(_connected("recorded", path, "ro&immutable=1"))
            connection.ensure_connection()
            return connection

        token = _alias.set(_of_copy(day, connect).alias)
        try:
            yield
        finally:
            _alias.reset(token)


@contextmanager
def _connected(purpose: str, path: Path, mode: str, attach: str = "") -> Iterator[DatabaseWrapper]:
    """A connection to a copy, under an alias of this thread only."""
    options = connections.settings["default"] | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{path.absolute().as_uri()}?mode={mode}",
        # A draft needs no protection: one that is not finished is never read.
        "OPTIONS": {
            "uri": True,
            "init_command": f"PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; {attach}",
        },
        "CONN_MAX_AGE": 0,
    }
    connection = DatabaseWrapper(options, f"{purpose}-{token_hex(8)}")
    connections[connection.alias] = connection
    try:
        yield connection
    finally:
        del connections[connection.alias]
        connection.close()


def _of_copy(day: datetime.date, connect: Callable[[Path], DatabaseWrapper]) -> DatabaseWrapper:
    """A connection to the copy for `day`; days without changes between them share one."""
    end = _end(day)
    return COPIES.opened(_name(end), lambda path: _build(path, end), connect)


def _end(day: datetime.date) -> datetime.datetime:
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min)
    return timezone.make_aware(midnight)


def _history(model: type[Model]) -> Any:
    return model.history.using("default")  # type: ignore[attr-defined]  # simple_history's


def _name(end: datetime.datetime) -> str:
    """A file name that depends on what was recorded before `end` and on the columns."""
    known: list[Any] = [[f.attname for f in m._meta.concrete_fields] for m in WITHOUT_HISTORY]
    for model in tables():
        before = _history(model).filter(history_date__lt=end)
        known.append([field.attname for field in model._meta.concrete_fields])
        known.append(sorted(before.aggregate(Max("history_id"), Count("history_id")).items()))
    return hashlib.sha256(repr(known).encode()).hexdigest()[:32]


def _build(path: Path, end: datetime.datetime) -> None:
    attach = _attach_register()
    # Indexes are made when the editor ends: of full tables, which is quicker.
    with (
        _connected("draft", path, "rw", attach) as connection,
        connection.schema_editor() as editor,
    ):
        for model in tables():
            editor.create_model(model)
            _fill(connection, model, end, directly=bool(attach))
        for model in WITHOUT_HISTORY:
            editor.create_model(model)


def _attach_register() -> str:
    """The ATTACH statement for the register's own file; "" on PostgreSQL.

    SQLite then copies the rows itself, in a third of the time, while other threads work.
    """
    register = connections["default"]
    path = str(register.settings_dict["NAME"])
    if register.vendor != "sqlite" or "memory" in path:
        return ""
    uri = Path(path).absolute().as_uri().replace("'", "''")
    return f"ATTACH '{uri}?mode=ro' AS register"


def _fill(
    connection: DatabaseWrapper, model: type[Model], end: datetime.datetime, *, directly: bool
) -> None:
    """Insert each row as it was last recorded before `end`, unless it was deleted by then."""
    columns = [field.attname for field in model._meta.concrete_fields]
    found = _recorded_before(end, model, rewritten=_rewritten(model) if directly else None)
    rows = found.values_list(*columns)
    names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    statement = f'INSERT INTO "{model._meta.db_table}" ({names})'  # our own names
    if directly:
        query, parameters = rows.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"{statement} {query}", parameters)
        return
    places = ", ".join("?" * len(columns))
    connection.connection.executemany(
        f"{statement} VALUES ({places})", rows.iterator(chunk_size=BATCH)
    )


def _recorded_before(
    end: datetime.datetime, model: type[Model], *, rewritten: Any | None = None
) -> Any:
    """The last history rows before `end`; only those of `rewritten` ids are compared, if given."""
    known = _history(model).filter(history_date__lt=end)
    newer = Q(history_date__gt=OuterRef("history_date")) | Q(
        history_date=OuterRef("history_date"), history_id__gt=OuterRef("history_id")
    )
    is_last = Q(~Exists(known.filter(newer, id=OuterRef("id"))))
    if rewritten is not None:
        is_last = ~Q(id__in=rewritten) | is_last  # from left to right
    return known.exclude(history_type="-").filter(is_last).order_by("history_id")


def _rewritten(model: type[Model]) -> Any:
    """The primary keys with several history rows.

    SQLite lists them in a sixth of the time in which it looks for a newer row of each. PostgreSQL
    would search the list again for each row, and joins quickly.
    """
    several = _history(model).order_by().values("id").annotate(rows=Count("history_id"))
    return several.filter(rows__gt=1).values("id")
