"""Enforces that a guarded status is entered by one person and published by another.

Every unit of work of a person is checked when it ends, whatever screen made it. Commands need no
second person: whoever runs them owns the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Warning
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.translation import gettext as _

from companies.models import Company, CompanyName, Signing
from companies.names.letters import fold
from companies.register.history import RowChange, UnitOfWork
from companies.register.stored_rows import puts_in_force, values_of

from .agreement import guarded_periods, guarded_statuses

Status = Signing.Status
DECIDES = "companies.change_proposal"


class NeedsSecondPerson(Exception):
    """One person wrote guarded statuses; nothing was saved."""

    def __init__(self, unit: UnitOfWork, periods: list[RowChange]) -> None:
        statuses = {str(Status(row.values["status"]).label) for row in periods}
        said = _("This status needs a second person: %(status)s.")
        super().__init__(said % {"status": ", ".join(sorted(statuses))})
        self.unit, self.periods = unit, periods


def check(unit: UnitOfWork) -> None:
    """Raise NeedsSecondPerson if one person puts a status in force; a trial only records it."""
    if unit.by is None or unit.whole:
        return
    alone = [
        row
        for row in unit.of(Signing)
        if row.pk not in unit.agreed and puts_in_force(row.old, row.new, guarded_statuses())
    ]
    alone += _periods_losing_their_name(unit)
    if not alone:
        return
    needed = NeedsSecondPerson(unit, alone)
    if not unit.tried:
        raise needed
    unit.alone = str(needed)


def _periods_losing_their_name(unit: UnitOfWork) -> Iterator[RowChange]:
    """Guarded periods of companies that lose a name: they would be about another name.

    A name that returns to a company of its own, as when a merge is undone, is not lost.
    """
    lost, given = defaultdict[int, set[str]](set), defaultdict[str, set[int]](set)
    for model, key, name in (
        (Company, "id", "name"),
        (Company, "id", "legal_name"),
        (CompanyName, "company_id", "name"),
    ):
        for row in unit.of(model):
            if row.old and (row.is_deleted or row.changed(name)):
                lost[row.old[key]].add(fold(row.old[name]))
            if row.new:
                given[fold(row.new[name])].add(row.new[key])
    periods = guarded_periods(lost).exclude(pk__in=unit.agreed).select_related("company")
    for period in periods.prefetch_related("company__names") if lost else ():
        pk, names = period.company_id, {fold(name) for name in period.company.all_names}
        if any(name and not given[name] - {pk} for name in lost[pk] - names):
            values = values_of(period)
            yield RowChange(Signing, period.pk, values, values)


@contextmanager
def refused(message: Any) -> Iterator[None]:
    """Refuse with `message` what needs a second person but cannot wait for one."""
    try:
        yield
    except NeedsSecondPerson as alone:
        names = sorted({str(_company_name(row)) for row in alone.periods})
        raise ValidationError(message % {"companies": ", ".join(names)}) from alone


def _company_name(row: RowChange) -> str:
    return str(Signing(company_id=row.values["company_id"]).company)


# Checks


def check_setting(**kwargs: Any) -> list[CheckMessage]:
    """Warn that one person is enough for every status."""
    if settings.SECOND_PERSON != "off":
        return []
    said = "SECOND_PERSON is off: one person can publish that a company declined or left."
    return [Warning(said, hint="See docs/deploy.md.", id="pactwatch.W004")]


def check_persons(*, databases: Iterable[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Warn if nobody could be the second person."""
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
