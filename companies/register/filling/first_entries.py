"""The changes of a register's first rows, as `publishing` makes them of a unit of work.

Without an instance for each, which is half of the time.
"""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any, Protocol

from django.utils import timezone

from companies.models import NO_HASH, Change, PartialDate, Precision, canonical
from companies.register.bulk_rows import BATCH, adapted, stored_encoder, write_values
from companies.register.package.tables import Table
from companies.register.publishing.rules import (
    KINDS,
    MATERIAL_WHEN_ADDED,
    NEVER_TOLD,
    SUBJECTS,
    is_implied,
)

Texts = dict[str, str]
Cause = Change.Cause
# What the line of another fact tells too.
COVERED = {"sources", "company_names", "company_identifiers", "company_redirects", "citations"}
as_json = stored_encoder(Change, "fields")


class NameOf(Protocol):
    def get(self, slug: str, default: str) -> str: ...


class FirstEntries:
    """Adds entries to an empty chain; `beginners` are the companies with a period."""

    def __init__(self, beginners: Collection[str], company_names: NameOf) -> None:
        self.beginners, self.company_names = beginners, company_names
        now = timezone.now()
        self.now, self.stored_now = canonical(now), adapted(now)
        self.number, self.hash = 0, NO_HASH

    def add(self, table: Table, rows: Iterable[Texts]) -> None:
        column = SUBJECTS.get(table.name, "")
        self.add_all((table, row, row.get(column, "")) for row in rows)

    def add_all(self, rows: Iterable[tuple[Table, Texts, str]]) -> None:
        """Add rows of any tables, each with its subject."""
        entries = (self._entry(*row) for row in rows)
        while batch := list(islice(entries, BATCH)):
            values = [list(one.values()) for one in batch]
            write_values(Change._meta.db_table, batch[0], values)

    def _entry(self, table: Table, row: Texts, subject: str) -> dict[str, Any]:
        values = self._facts(table, row, subject)
        self.number += 1
        values |= {"number": self.number, "previous_hash": self.hash}
        self.hash = Change.hash_of(values)
        values |= {"recorded_at": self.stored_now, "hash": self.hash, "about": "{}"}
        values["key"], values["fields"] = as_json(values["key"]), as_json(values["fields"])
        return values

    def _facts(self, table: Table, row: Texts, subject: str) -> dict[str, Any]:
        name, day = table.name, happened(table.name, row)
        company = row["slug"] if name == "companies" else row.get("company", "")
        told = self._is_told(name, row)
        return {
            "table": name,
            "key": {column: row[column] for column in table.key},
            "fields": {column: [None, text] for column, text in row.items() if text},
            "kind": str(KINDS[name]),
            "company_slug": company,
            "company_name": self.company_names.get(company, ""),
            "pact_slug": row["slug"] if name == "pacts" else row.get("pact", ""),
            "subject": subject,
            "happened_on": day.date.isoformat() if day else None,
            "happened_precision": str(day.precision if day else Precision.DAY),
            "cause": _cause(name, row),
            "material": told and name in MATERIAL_WHEN_ADDED,
            "has_line": told,
            "recorded_at": self.now,
            "by_role": Change.ByRole.MACHINE.value,
        }

    def _is_told(self, name: str, row: Texts) -> bool:
        if name in NEVER_TOLD or name in COVERED:
            return False
        if name == "companies":
            return row["slug"] not in self.beginners
        return name != "pledges" or not is_implied(row)


def happened(name: str, row: Texts) -> PartialDate | None:
    if name == "signings":
        day = row["since"]
    elif name == "pledges":
        day = "" if is_implied(row) else row["as_of"]
    elif name == "progress_reports":
        day = row["published_on"] or row["submitted_on"]
    else:
        return None
    return PartialDate.parse(day) if day else None


def _cause(name: str, row: Texts) -> str:
    if name == "company_redirects":
        return Cause.CORRECTION.value
    given = name == "progress_reports" and (row["published_on"] or row["submitted_on"])
    return Cause.WORLD.value if name == "signings" or given else Cause.SOURCE.value
