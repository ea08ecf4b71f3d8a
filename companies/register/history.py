"""The one place every recorded edit passes: the register's version grows, the public is told.

django-simple-history writes one row of audit history for each row saved or deleted. What belongs
together is written inside `one_act`, and told as one when it ends; what is saved outside of one is
an act of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone
from simple_history.signals import post_create_historical_record
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from companies.models import Change, RegisterVersion
from companies.register.publishing.chain import tell

from .units import Act, values_of

_current: ContextVar[Act | None] = ContextVar("act", default=None)
BATCH = 1000


def connect() -> None:
    post_create_historical_record.connect(_recorded, dispatch_uid="history-of-the-register")


def _recorded(sender: type[Model], history_instance: Any, **kwargs: Any) -> None:
    with one_act() as act:
        act.add(history_instance)


@contextmanager
def one_act(
    *, cause: Change.Cause | None = None, by: AbstractBaseUser | None = None
) -> Iterator[Act]:
    """Whatever is written within is written together or not at all, and told to the public as one.

    One act at a time: it waits until no other is writing. An act within an act is part of it.
    `cause` says why, where the rows themselves do not; `by` is the editor.
    """
    if outer := _current.get():
        yield outer
        return
    with transaction.atomic():
        lock_register()
        act = Act(cause=cause, by=by)
        token = _current.set(act)
        try:
            yield act
        finally:
            _current.reset(token)
        if act.steps:
            tell(act)
            new_version()


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
    act = _current.get()
    if act and act.by:
        row._history_user = act.by


def save_new(rows: list[Any], model: type[Model], reason: str) -> None:
    """Save many new rows of `model` at once, each with its history row."""
    with one_act() as act:
        bulk_create_with_history(
            rows, model, batch_size=BATCH, default_change_reason=reason, default_user=act.by
        )
        act.add_new(rows)


def save_changed(rows: list[Any], model: type[Model], reason: str) -> None:
    """Save many changed rows of `model` at once, each with its history row."""
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    with one_act() as act:
        before = model._default_manager.in_bulk([row.pk for row in rows])
        act.add_changed(rows, {pk: values_of(row) for pk, row in before.items()})
        bulk_update_with_history(
            rows, model, fields, batch_size=BATCH, default_change_reason=reason, default_user=act.by
        )


def lock_register() -> None:
    """Wait until nobody else writes to the register; held until the transaction ends."""
    if not RegisterVersion.objects.select_for_update().filter(pk=1).exists():
        RegisterVersion.objects.get_or_create(pk=1)
        RegisterVersion.objects.select_for_update().get(pk=1)


def new_version() -> None:
    """Make caches, ETags and feeds fresh."""
    changed = RegisterVersion.objects.filter(pk=1).update(
        number=F("number") + 1, changed_at=timezone.now()
    )
    if not changed:
        RegisterVersion.objects.create(pk=1, number=1)


def current_version() -> int:
    return RegisterVersion.objects.values_list("number", flat=True).filter(pk=1).first() or 0
