"""Publish a unit of work: every write to a public table becomes one `Change`."""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from companies.models import Change, Link, Precision
from companies.register.bulk_rows import insert
from companies.register.package.tables import CitationTable, Table

from .public_rows import PublicRows, Texts, Write, differing
from .rules import KINDS, Judge, Meaning

if TYPE_CHECKING:
    from companies.register.history import UnitOfWork


def publish(unit: "UnitOfWork") -> list[Change]:
    """Append the changes of `unit` to the chain; within its transaction and lock."""
    return append(entries_of(unit), role=role_of(unit.by))


def entries_of(unit: "UnitOfWork") -> list[Change]:
    """A change for each row of `unit`, added ones by their date in the world."""
    rows = PublicRows(unit)
    writes = rows.writes()
    judge = Judge(unit, writes)
    found = [(write, judge.meaning(write)) for write in writes]
    found.sort(key=_order)
    names = rows.company_names
    return [entry(one.table, one.old, one.new, meaning, names) for one, meaning in found]


def _order(found: tuple[Write, Meaning]) -> tuple[bool, bool, datetime.date]:
    """Sort key: additions come after changes and deletions, citations after their facts."""
    write, meaning = found
    if not write.row.is_new:
        return False, False, datetime.date.min
    day = meaning.happened.date if meaning.happened else datetime.date.min
    return True, isinstance(write.table, CitationTable), day


def entry(
    table: Table, old: Texts | None, new: Texts | None, meaning: Meaning, names: Texts
) -> Change:
    """An unsaved change, not yet in the chain; `names` are company names by public id."""
    values = new or old or {}
    company = values["slug"] if table.name == "companies" else values.get("company", "")
    pact = values["slug"] if table.name == "pacts" else values.get("pact", "")
    day = meaning.happened
    return Change(
        table=table.name,
        key={column: values[column] for column in table.key},
        fields=differing(old, new),
        about=meaning.about,
        kind=KINDS[table.name],
        company_slug=company,
        company_name=names.get(company, ""),
        pact_slug=pact,
        subject=meaning.subject,
        happened_on=day.date if day else None,
        happened_precision=day.precision if day else Precision.DAY,
        cause=meaning.cause,
        material=meaning.material,
        has_line=meaning.has_line,
    )


def append(entries: Iterable[Change], *, role: str) -> list[Change]:
    """Append changes to the chain and save them."""
    last: Change | Link | None = _last_link()
    now = timezone.now()
    changes = []
    for change in entries:
        change.recorded_at, change.by_role = now, role
        change.follow(last)
        changes.append(change)
        last = change
    insert(changes)
    return changes


def _last_link() -> Link | None:
    """Number and hash of the last change. Every edit asks, so without the ORM."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT number, hash FROM companies_change ORDER BY number DESC LIMIT 1")
        found = cursor.fetchone()
    return Link(*found) if found else None


def role_of(user: AbstractBaseUser | None) -> Change.ByRole:
    """The public role of a user."""
    if user is None:
        return Change.ByRole.MACHINE
    may_decide = user.has_perm("companies.change_proposal")  # type: ignore[attr-defined]  # AnonymousUser has it too
    return Change.ByRole.REVIEWER if may_decide else Change.ByRole.EDITOR
