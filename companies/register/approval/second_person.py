"""A status that can harm a company needs two people: one who enters it, another who agrees.

Every unit of work that a person makes is checked here when it ends, whatever screen made it. What
commands do needs nobody else: whoever runs them owns the database.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Warning
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _

from companies.models import Signing
from companies.register.history import RowChange, UnitOfWork
from companies.register.stored_rows import puts_in_force

from .agreement import guarded_statuses

Status = Signing.Status
DECIDES = "companies.change_proposal"


class NeedsSecondPerson(Exception):
    """A person wrote statuses that nobody else agreed to; nothing was written."""

    def __init__(self, unit: UnitOfWork, periods: list[RowChange]) -> None:
        statuses = {str(Status(row.values["status"]).label) for row in periods}
        said = _("This status needs a second person: %(status)s.")
        super().__init__(said % {"status": ", ".join(sorted(statuses))})
        self.unit, self.periods = unit, periods


def check(unit: UnitOfWork) -> None:
    """Raise NeedsSecondPerson where a person puts a status in force alone; a trial notes it."""
    if unit.by is None or unit.whole:
        return
    alone = [
        row
        for row in unit.of(Signing)
        if row.pk not in unit.agreed and puts_in_force(row.old, row.new, guarded_statuses())
    ]
    if not alone:
        return
    needed = NeedsSecondPerson(unit, alone)
    if not unit.tried:
        raise needed
    unit.alone = str(needed)


@contextmanager
def refused(message: Any) -> Iterator[None]:
    """What needs a second person is refused with `message` where it cannot wait for one."""
    try:
        yield
    except NeedsSecondPerson as alone:
        names = sorted({str(_company_name(row)) for row in alone.periods})
        raise ValidationError(message % {"companies": ", ".join(names)}) from alone


def _company_name(row: RowChange) -> str:
    return str(Signing(company_id=row.values["company_id"]).company)


# Checks


def check_setting(**kwargs: Any) -> list[CheckMessage]:
    """Tell an operator that one person is enough for every status."""
    if settings.SECOND_PERSON != "off":
        return []
    said = "SECOND_PERSON is off: one person can publish that a company declined or left."
    return [Warning(said, hint="See docs/deploy.md.", id="pactwatch.W004")]


def check_persons(*, databases: Iterable[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Find a register where nobody could be the second person."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or settings.SECOND_PERSON == "off":
        return []
    logins: Any = get_user_model().objects
    if logins.model._meta.db_table not in connections[DEFAULT_DB_ALIAS].introspection.table_names():
        return []  # yet to be migrated
    if logins.with_perm(DECIDES, include_superusers=True).filter(is_staff=True).count() != 1:
        return []
    said = "Only one login may decide on proposals, so that nobody can be the second person."
    hint = "Make another reviewer with create_editor, or set SECOND_PERSON. See docs/deploy.md."
    return [Warning(said, hint=hint, id="pactwatch.W005")]
