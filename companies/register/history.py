"""The one history hook: whatever is recorded makes the register's version grow."""

from typing import Any

from django.db.models import F, Model
from django.utils import timezone
from simple_history.signals import post_create_historical_record

from companies.models import RegisterVersion


def connect() -> None:
    post_create_historical_record.connect(_recorded, dispatch_uid="register-version")


def _recorded(sender: type[Model], **kwargs: Any) -> None:
    new_version()


def new_version() -> None:
    """Make caches, ETags and feeds fresh. Bulk writes, which send no signal, call this once."""
    changed = RegisterVersion.objects.filter(pk=1).update(
        number=F("number") + 1, changed_at=timezone.now()
    )
    if not changed:
        RegisterVersion.objects.create(pk=1, number=1)


def current_version() -> int:
    return RegisterVersion.objects.values_list("number", flat=True).filter(pk=1).first() or 0
