"""Try a write: read the resulting public pages, then roll back."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from companies.queries.roster.table_state import until_rolled_back
from companies.register.history import unit_of_work

Found = TypeVar("Found")


def after(write: Callable[[], object], read: Callable[[str], Found]) -> Found:
    """The result of `read` after `write` is published, before everything is rolled back.

    `read` gets the reason why a second person would be needed, or "". Guarded statuses are shown
    as if approved. No row, change or version is saved, no mail is sent, and no cache is filled.
    Raises what `write` raises.
    """
    with until_rolled_back(), transaction.atomic():
        with unit_of_work() as unit:
            unit.tried = True
            write()
        found = read(unit.alone)
        transaction.set_rollback(True)
    return found
