"""What a write would make of the public pages, of which nothing stays."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from companies.queries.roster.table_state import in_what_is_undone
from companies.register.history import unit_of_work

Found = TypeVar("Found")


def after(write: Callable[[], object], read: Callable[[str], Found]) -> Found:
    """What `read` finds once `write` is published, before all of it is undone.

    `read` is told why a second person would be asked; that is empty where nobody would. What one
    person may not publish alone is there as it would be. No row, change or version of the register
    stays, no mail is sent, and the process keeps nothing of what was read. Raises what `write`
    raises.
    """
    with in_what_is_undone(), transaction.atomic():
        with unit_of_work() as unit:
            unit.tried = True
            write()
        found = read(unit.alone)
        transaction.set_rollback(True)
    return found
