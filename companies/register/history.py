"""The one place that every recorded edit passes: it is published, and the version rises.

django-simple-history writes one row of audit history for each row saved or deleted. Rows that
belong together are written inside `unit_of_work` and published as one when it ends; a row saved
outside of one is a unit of its own. `apps.py` provides the functions that check a unit, write its
consequences and publish it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model
from django.utils import timezone
from simple_history.models import HistoricalRecords
from simple_history.signals import post_create_historical_record
from simple_history.utils import bulk_update_with_history

from companies.models import Change, CompanyRow, RegisterVersion

from .bulk_rows import insert_with_history
from .stored_rows import Values, values_of

BATCH = 1000
MOST_RECORDS = 500  # companies


@dataclass
class RowChange:
    """One row before and after: `old` is None for a new row, `new` for a deleted one."""

    model: type[Model]
    pk: int
    old: Values | None
    new: Values | None

    @property
    def values(self) -> Values:
        """The values after the change, or before a deletion."""
        return (self.old or {}) if self.new is None else self.new

    @property
    def is_new(self) -> bool:
        return self.old is None

    @property
    def is_deleted(self) -> bool:
        return self.new is None

    @property
    def versions(self) -> list[Values]:
        """The values before and after, as far as they exist."""
        return [values for values in (self.old, self.new) if values is not None]

    def differs(self, *attnames: str) -> bool:
        """Whether the row is new, deleted, or changed in one of these values."""
        return self.is_new or self.is_deleted or self.changed(*attnames)

    def changed(self, *attnames: str) -> bool:
        """Whether any of these values changed; False for new and deleted rows."""
        old, new = self.old, self.new
        return bool(old and new) and any(old[name] != new[name] for name in attnames)  # type: ignore[index]  # never None here


@dataclass
class UnitOfWork:
    """The rows that one transaction changed, each once, with reason and author.

    It is `lone` for a single row saved or deleted outside of a unit, and `whole` when it filled
    an empty register: its rows, too many for memory, are published already. `records` are
    companies whose records show more of it than its rows, `agreed` the periods that a second
    person agreed to, both by primary key. A `tried` unit will be rolled back; guarded statuses
    are then written, and `alone` says why they would need a second person.
    """

    cause: Change.Cause | None = None
    by: AbstractBaseUser | None = None
    reason: str = ""
    agreed: set[int] = field(default_factory=set)
    tried: bool = False
    alone: str = ""
    lone: bool = False
    whole: bool = False
    records: set[int] = field(default_factory=set)
    rows: dict[tuple[type[Model], int], RowChange] = field(default_factory=dict)

    def add(self, history_row: Any) -> None:
        """Add the change that django-simple-history just recorded."""
        model, pk = history_row.instance_type, history_row.id
        self.by = self.by or history_row.history_user
        self.reason = self.reason or history_row.history_change_reason or ""
        values = _values_in(history_row)
        match history_row.history_type:
            case "+":
                self._add(RowChange(model, pk, None, values))
            case "-":
                # Of a company's rows, which Django deletes one by one, one may take another along.
                if not self._is_gone(history_row):
                    self._add(RowChange(model, pk, self._before(history_row), None))
            case _:
                self._add(RowChange(model, pk, self._before(history_row), values))

    def add_new(self, rows: Iterable[Model]) -> None:
        for row in rows:
            self._add(RowChange(type(row), row.pk, None, values_of(row)))

    def add_changed(self, rows: Iterable[Model], before: Mapping[int, Values]) -> None:
        for row in rows:
            self._add(RowChange(type(row), row.pk, before[row.pk], values_of(row)))

    def add_deleted(self, rows: Iterable[Model]) -> None:
        for row in rows:
            self._add(RowChange(type(row), row.pk, values_of(row), None))

    def of(self, model: type[Model]) -> list[RowChange]:
        return [row for row in self.rows.values() if row.model is model]

    def _before(self, history_row: Any) -> Values:
        if earlier := self.rows.get((history_row.instance_type, history_row.id)):
            return earlier.values
        return _values_in(self._older(history_row) or history_row)

    def _is_gone(self, history_row: Any) -> bool:
        """Whether the row was deleted before, in another unit of work."""
        if (history_row.instance_type, history_row.id) in self.rows:
            return False
        older = self._older(history_row)
        return older is not None and older.history_type == "-"

    def _older(self, history_row: Any) -> Any:
        older = type(history_row).objects.filter(
            id=history_row.id, history_id__lt=history_row.history_id
        )
        return older.order_by("-history_id").first()

    def _add(self, row: RowChange) -> None:
        """A row saved several times counts once, from its first values to its last."""
        key = (row.model, row.pk)
        if earlier := self.rows.get(key):
            row.old = earlier.old
        self.rows[key] = row
        if row.old is None and row.new is None:
            del self.rows[key]


def _values_in(history_row: Any) -> Values:
    fields = history_row.instance_type._meta.concrete_fields
    return {f.attname: getattr(history_row, f.attname) for f in fields}


_current: ContextVar[UnitOfWork | None] = ContextVar("unit_of_work", default=None)
Publish = Callable[[UnitOfWork], "list[Change] | None"]
WriteTable = Callable[[UnitOfWork, "list[Change]"], object]
# All set by `connect` when Django starts.
_check: Callable[[UnitOfWork], object]
_notify: Callable[[UnitOfWork], object]
_imply: Callable[[UnitOfWork], object]
_publish: Publish
_write_table: WriteTable


def connect(
    *,
    publish: Publish,
    check: Callable[[UnitOfWork], object] | None = None,
    notify: Callable[[UnitOfWork], object] | None = None,
    imply: Callable[[UnitOfWork], object] | None = None,
    write_table: WriteTable | None = None,
) -> None:
    """Connect to django-simple-history's signal; each unit of work ends with these functions.

    `check` enforces the second person, `notify` creates notices, `imply` adds implied pledges to
    the unit, `publish` creates its changes, `write_table` the read table; all but `publish`
    stay as before if left out.
    """
    global _check, _notify, _imply, _publish, _write_table
    _check, _notify, _imply = check or _check, notify or _notify, imply or _imply
    _publish, _write_table = publish, write_table or _write_table
    post_create_historical_record.connect(_record, dispatch_uid="history-of-the-register")


def _record(sender: type[Model], history_instance: Any, **kwargs: Any) -> None:
    lone = _current.get() is None
    with unit_of_work() as unit:
        unit.lone |= lone
        unit.add(history_instance)


def _person_at_work() -> AbstractBaseUser | None:
    """The user of the current request; None for a command."""
    request = getattr(HistoricalRecords.context, "request", None)
    user = getattr(request, "user", None)
    return user if user and user.is_authenticated else None


@contextmanager
def unit_of_work(
    *, cause: Change.Cause | None = None, by: AbstractBaseUser | None = None
) -> Iterator[UnitOfWork]:
    """Save rows in one transaction and publish them together at the end.

    It takes the register's lock, so that one unit is written at a time. A nested unit joins the
    outer one. `cause` says why, if the rows themselves do not; `by` is the editor.
    """
    if outer := _current.get():
        yield outer
        return
    with transaction.atomic():
        lock_register()
        unit = UnitOfWork(cause=cause, by=by or _person_at_work())
        token = _current.set(unit)
        try:
            yield unit
            if unit.rows:
                _check(unit)
                _notify(unit)
                _imply(unit)
        finally:
            _current.reset(token)
        changes = _publish(unit) if unit.rows else None
        if unit.rows or unit.whole or unit.records:
            new_version(records=unit.records)
            _write_table(unit, changes or [])


def save(row: Model, reason: str) -> None:
    """Validate `row` and save it, with its history row. Raises ValidationError."""
    _mark(row, reason)
    row.full_clean()
    row.save()


def delete(row: Model, reason: str) -> None:
    _mark(row, reason)
    row.delete()


def _mark(row: Any, reason: str) -> None:
    row._change_reason = reason  # read by django-simple-history
    unit = _current.get()
    if unit and unit.by:
        row._history_user = unit.by


def save_new(rows: list[Any], reason: str) -> None:
    """Save many new rows of one model at once, each with its history row."""
    with unit_of_work() as unit:
        insert_with_history(rows, reason=reason, user=unit.by)
        unit.add_new(rows)


def save_changed(rows: list[Any], model: type[Model], reason: str) -> None:
    """Save many changed rows of `model` at once, each with its history row."""
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    with unit_of_work() as unit:
        before = model._default_manager.in_bulk([row.pk for row in rows])
        unit.add_changed(rows, {pk: values_of(row) for pk, row in before.items()})
        bulk_update_with_history(
            rows,
            model,
            fields,
            batch_size=BATCH,
            default_change_reason=reason,
            default_user=unit.by,
        )


def delete_bare(rows: list[Any], model: type[Model], reason: str) -> None:
    """Delete many unreferenced rows of `model` at once, each with its history row."""
    history: Any = model.history  # type: ignore[attr-defined]  # simple_history adds it
    with unit_of_work() as unit:
        gone = {"history_type": "-", "history_date": timezone.now(), "history_user": unit.by}
        history.bulk_create(
            [history.model(**gone, history_change_reason=reason, **values_of(row)) for row in rows],
            batch_size=BATCH,
        )
        for start in range(0, len(rows), BATCH):
            batch = [row.pk for row in rows[start : start + BATCH]]
            # Django's own delete() sends a signal for each row, which is one query each.
            found: Any = model._default_manager.filter(pk__in=batch)
            found._raw_delete(found.db)
        unit.add_deleted(rows)


def lock_register() -> None:
    """Take the register's write lock, held until the transaction ends."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        if connection.features.has_select_for_update:
            cursor.execute("SELECT 1 FROM companies_registerversion WHERE id = 1 FOR UPDATE")
        else:  # SQLite, where a transaction that writes locks the whole database
            cursor.execute("SELECT 1 FROM companies_registerversion WHERE id = 1")
        exists = cursor.fetchone()
    if not exists:
        RegisterVersion.objects.get_or_create(pk=1)
        RegisterVersion.objects.select_for_update().get(pk=1)


def new_version(*, records: Collection[int] | None = None) -> None:
    """Raise the register's version, which voids caches, ETags and feeds.

    `records` are the companies whose records show something else than before, by primary key;
    None is all. An up to date read table gets the same version; its changed rows are written
    next. Every write does this: without the ORM it takes a twentieth of the time.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE companies_registerversion SET number = number + 1, changed_at = %s "
            "WHERE id = 1",
            [now],
        )
        if not cursor.rowcount:
            RegisterVersion.objects.create(pk=1, number=1)
        cursor.execute(
            "UPDATE companies_readtable SET version = version + 1 WHERE version = "
            "(SELECT number - 1 FROM companies_registerversion WHERE id = 1)"
        )
        void_records(records)


def void_records(records: Collection[int] | None) -> None:
    """Set the version of companies, which voids cached responses about them.

    For very many companies, or None, responses about all companies are voided.
    """
    if records is None or len(records) > MOST_RECORDS:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(
                "UPDATE companies_readtable SET records = "
                "(SELECT number FROM companies_registerversion WHERE id = 1)"
            )
    elif records:
        CompanyRow.objects.filter(pk__in=records).update(version=current_version())


def current_version() -> int:
    """The register's version in the database that the request reads."""
    with connections[RegisterVersion.objects.db].cursor() as cursor:
        cursor.execute("SELECT number FROM companies_registerversion WHERE id = 1")
        found = cursor.fetchone()
    return int(found[0]) if found else 0
