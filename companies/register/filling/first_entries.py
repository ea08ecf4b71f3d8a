"""Write the changes of the first rows, as `publishing` would make them.

A million of them are written as text: JSON encoders and instances would take five times as long.
`tests/test_first_load.py` compares them with those that `Change` itself makes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from json.encoder import encode_basestring as quoted
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from django.utils import timezone

from companies.models import NO_HASH, Change, Precision, canonical
from companies.register.bulk_rows import adapted, write_values
from companies.register.package.tables import Table
from companies.register.publishing.rules import (
    KINDS,
    MATERIAL_WHEN_ADDED,
    SUBJECTS,
    cause_when_new,
    happened_when_new,
    is_told_when_new,
)

BATCH = 5000
Cells = Sequence[str]
COLUMNS = (
    *("number", "table", "key", "fields", "about", "kind", "company_slug", "company_name"),
    *("pact_slug", "subject", "happened_on", "happened_precision", "cause", "material"),
    *("has_line", "recorded_at", "by_role", "previous_hash", "hash"),
)
ROLE = str(Change.ByRole.MACHINE)
_JSON = {True: "true", False: "false"}


class NameOf(Protocol):
    def get(self, slug: str, default: str) -> str: ...


class FirstMeaning(NamedTuple):
    """The published meaning of a new row."""

    on: str | None
    precision: str
    cause: str
    material: bool
    has_line: bool


class EntryForm(NamedTuple):
    """Text templates for changes of rows with the same empty cells.

    Empty columns of a change are no part of its hash.
    """

    fields: str
    hashed: str
    cells: Callable[[Sequence[str]], tuple[str, ...]]
    hashed_cells: Callable[[Sequence[str]], tuple[str, ...]]


class TableEntries:
    """What changes of one table have in common, and where its rows have the rest."""

    def __init__(self, table: Table, beginners: Collection[str]) -> None:
        self.name, self.columns, self.beginners = table.name, list(table.columns), beginners
        self.kind = str(KINDS[table.name])
        at = {column: place for place, column in enumerate(table.columns)}
        self.key = _object(table.key, '"%s": %%s', ", ")
        self.hashed_key = _object(sorted(table.key), '"%s":%%s', ",")
        self.key_cells = _getter([at[column] for column in table.key])
        self.hashed_key_cells = _getter([at[column] for column in sorted(table.key)])
        self.company = at["slug"] if table.name == "companies" else at.get("company")
        self.pact = at["slug"] if table.name == "pacts" else at.get("pact")
        self.subject = at.get(SUBJECTS.get(table.name, ""))
        self.deciding = [at[name] for name in _DECIDING.get(table.name, ())]
        self._meanings: dict[tuple[object, ...], FirstMeaning] = {}
        self._forms: dict[tuple[bool, ...], EntryForm] = {}

    def meaning(self, cells: Cells) -> FirstMeaning:
        """Cached: many rows share it."""
        begins = self.name == "companies" and cells[0] in self.beginners
        decides = (*[cells[place] for place in self.deciding], begins)
        if (found := self._meanings.get(decides)) is None:
            found = self._meanings[decides] = self._judged(cells, begins=begins)
        return found

    def _judged(self, cells: Cells, *, begins: bool) -> FirstMeaning:
        row = dict(zip(self.columns, cells, strict=True))
        told = is_told_when_new(self.name, row, begins=begins, covered=self.name in COVERED)
        day = happened_when_new(self.name, row)
        return FirstMeaning(
            day.date.isoformat() if day else None,
            str(day.precision if day else Precision.DAY),
            str(cause_when_new(self.name, row)),
            told and self.name in MATERIAL_WHEN_ADDED,
            told,
        )

    def form(self, cells: Cells) -> EntryForm:
        filled = tuple(map(bool, cells))
        if (found := self._forms.get(filled)) is None:
            found = self._forms[filled] = self._form(filled)
        return found

    def _form(self, filled: Sequence[bool]) -> EntryForm:
        columns = [(name, at) for at, name in enumerate(self.columns) if filled[at]]
        names, ordered = [name for name, _at in columns], sorted(columns)
        return EntryForm(
            _object(names, '"%s": [null, %%s]', ", "),
            _object([name for name, _at in ordered], '"%s":[null,%%s]', ","),
            _getter([at for _name, at in columns]),
            _getter([at for _name, at in ordered]),
        )


def _object(names: Iterable[str], member: str, between: str) -> str:
    """A JSON object template with a placeholder for each member's value."""
    return "{" + between.join(member % name for name in names) + "}"


def _getter(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """A getter that returns these cells as a tuple, even a single one."""
    if len(places) == 1:
        [place] = places
        return lambda cells: (cells[place],)
    return itemgetter(*places)


# Rows that come with the one that they belong to, whose line tells them too.
COVERED = {"company_names", "company_identifiers", "company_redirects", "citations"}
# The columns that the rules for new rows read.
_DECIDING = {
    "signings": ("since",),
    "pledges": ("basis", "implementation", "as_of"),
    "progress_reports": ("published_on", "submitted_on"),
}


class FirstEntries:
    """Adds changes to an empty chain; `beginners` are companies with a period."""

    def __init__(self, beginners: Collection[str], company_names: NameOf) -> None:
        self.beginners, self.company_names = beginners, company_names
        now = timezone.now()
        self.now, self.stored_now = quoted(canonical(now)), adapted(now)
        self.number, self.hash = 0, NO_HASH
        self._tables: dict[str, TableEntries] = {}

    def day(self, table: Table, cells: Cells) -> str | None:
        """The date in the world of a row."""
        return self._of(table).meaning(cells).on

    def add(self, table: Table, rows: Iterable[Cells]) -> None:
        self.add_all((table, row, None) for row in rows)

    def add_all(self, rows: Iterable[tuple[Table, Cells, str | None]]) -> None:
        """Add changes for rows of any tables, each with its subject unless a column has it."""
        entries = self._entries(rows)
        while batch := list(islice(entries, BATCH)):
            write_values(Change._meta.db_table, COLUMNS, batch)

    def _entries(self, rows: Iterable[tuple[Table, Cells, str | None]]) -> Iterator[Any]:
        for table, cells, subject in rows:
            yield self._entry(self._of(table), cells, subject)

    def _of(self, table: Table) -> TableEntries:
        if (found := self._tables.get(table.name)) is None:
            found = self._tables[table.name] = TableEntries(table, self.beginners)
        return found

    def _entry(self, of: TableEntries, cells: Cells, subject: str | None) -> tuple[Any, ...]:
        on, precision, cause, material, told = of.meaning(cells)
        company = "" if of.company is None else cells[of.company]
        name = self.company_names.get(company, "")
        pact = "" if of.pact is None else cells[of.pact]
        if subject is None:
            subject = "" if of.subject is None else cells[of.subject]
        form, texts = of.form(cells), list(map(quoted, cells))
        self.number, previous = self.number + 1, self.hash
        # The columns in the order of their names.
        stated = (
            f'{{"by_role":"{ROLE}","cause":"{cause}",'
            f"{_stated('company_name', name)}{_stated('company_slug', company)}"
            f'"fields":{form.hashed % form.hashed_cells(texts)},'
            f"{_stated('happened_on', on)}"
            f'"happened_precision":"{precision}","has_line":{_JSON[told]},'
            f'"key":{of.hashed_key % of.hashed_key_cells(texts)},"kind":"{of.kind}",'
            f'"material":{_JSON[material]},"number":{self.number},'
            f'{_stated("pact_slug", pact)}"previous_hash":"{previous}",'
            f'"recorded_at":{self.now},{_stated("subject", subject)}"table":"{of.name}"}}'
        )
        self.hash = Change.hash_of_text(stated)
        key, fields = of.key % of.key_cells(texts), form.fields % form.cells(texts)
        return (
            *(self.number, of.name, key, fields, "{}", of.kind, company, name),
            *(pact, subject, on, precision, cause, material),
            *(told, self.stored_now, ROLE, previous, self.hash),
        )


def _stated(column: str, text: str | None) -> str:
    return f'"{column}":{quoted(text)},' if text else ""
