"""Write the changes of the first rows, as `publishing` would make them.

A million of them are written as text: JSON encoders and instances would take five times as long.
`tests/test_first_load.py` compares them with those that `Change` itself makes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from json.encoder import encode_basestring as quoted
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from django.utils import timezone

from companies.models import NO_HASH, Change, Precision, canonical
from companies.register.bulk_rows import adapted, unchecked, write_values
from companies.register.package.tables import Table
from companies.register.publishing.rules import (
    KINDS,
    MATERIAL_WHEN_ADDED,
    SUBJECTS,
    cause_when_new,
    happened_when_new,
    has_line_when_new,
)

BATCH = 5000
Cells = Sequence[str]
COLUMNS = (
    *("number", "table", "key", "fields", "about", "kind", "company_slug", "company_name"),
    *("pact_slug", "subject", "happened_on", "happened_precision", "cause", "material"),
    *("has_line", "recorded_at", "by_role", "previous_hash", "hash"),
)
BETWEEN = "\x1f"  # which JSON never has as it is
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
    """The text template for changes of rows with the same empty cells and the same meaning.

    Empty columns of a change are no part of its hash. `filled` takes the other cells of a row in
    the order of their names; `template` takes those of their texts, the company's name, the number,
    the hash before and the subject that `taken` gets, and makes three texts with BETWEEN: what is
    hashed, the key and the fields.
    """

    meaning: FirstMeaning
    filled: Callable[[Sequence[str]], tuple[str, ...]]
    template: str
    taken: Callable[[Sequence[Any]], Any]


class TableEntries:
    """What changes of one table have in common, and where its rows have the rest."""

    def __init__(self, table: Table, beginners: Collection[str], recorded_at: str) -> None:
        self.name, self.columns, self.beginners = table.name, list(table.columns), beginners
        self.recorded_at, self.keys = recorded_at, table.key
        self.kind = str(KINDS[table.name])
        at = {column: place for place, column in enumerate(table.columns)}
        self.company = at["slug"] if table.name == "companies" else at.get("company")
        self.pact = at["slug"] if table.name == "pacts" else at.get("pact")
        self.subject = at.get(SUBJECTS.get(table.name, ""))
        deciding = [at[name] for name in _DECIDING.get(table.name, ())]
        self._deciding = _getter(deciding) if deciding else lambda cells: ()
        self._meanings: dict[tuple[object, ...], FirstMeaning] = {}
        self._forms: dict[tuple[object, ...], EntryForm] = {}

    def meaning(self, cells: Cells) -> FirstMeaning:
        """Cached: many rows share it."""
        begins = self.name == "companies" and cells[0] in self.beginners
        decides = (*self._deciding(cells), begins)
        if (found := self._meanings.get(decides)) is None:
            found = self._meanings[decides] = self._judged(cells, begins=begins)
        return found

    def _judged(self, cells: Cells, *, begins: bool) -> FirstMeaning:
        row = dict(zip(self.columns, cells, strict=True))
        has_line = has_line_when_new(self.name, row, begins=begins, covered=self.name in COVERED)
        day = happened_when_new(self.name, row)
        return FirstMeaning(
            day.date.isoformat() if day else None,
            str(day.precision if day else Precision.DAY),
            str(cause_when_new(self.name, row)),
            has_line and self.name in MATERIAL_WHEN_ADDED,
            has_line,
        )

    def form(self, cells: Cells, name: str, subject: str) -> EntryForm:
        """Cached, as `meaning` is."""
        same = (*map(bool, cells), *self._deciding(cells), not name, not subject)
        if self.name == "companies":
            same = (*same, cells[0] in self.beginners)
        if (found := self._forms.get(same)) is None:
            found = self._forms[same] = self._form(cells, name, subject)
        return found

    def _form(self, cells: Cells, name: str, subject: str) -> EntryForm:
        filled = [(one, at) for at, one in enumerate(self.columns) if cells[at]]
        ordered = sorted(filled)
        places: dict[int | None, int] = {at: place for place, (_one, at) in enumerate(ordered)}
        meaning = self.meaning(cells)
        names = [one for one, _at in filled]
        of_fields = [places[at] for _one, at in filled]
        key, of_key = self._key(self.keys, '"%s": %s', ", ", places)
        stated, of_stated = self._stated(meaning, ordered, places, bool(name), bool(subject))
        fields = _object([f'"{one}": [null, %s]' for one in names], ", ")
        return EntryForm(
            meaning,
            _getter([at for _one, at in ordered]),
            BETWEEN.join([stated, key, fields]),
            itemgetter(*of_stated, *of_key, *of_fields),
        )

    def _key(
        self, columns: Iterable[str], member: str, between: str, places: Mapping[int | None, int]
    ) -> tuple[str, list[int]]:
        """The template of a public key, and which texts it takes."""
        at = {one: self.columns.index(one) for one in columns}
        members = [member % (one, "%s" if at[one] in places else '""') for one in at]
        return _object(members, between), [places[one] for one in at.values() if one in places]

    def _stated(
        self,
        meaning: FirstMeaning,
        ordered: Sequence[tuple[str, int]],
        places: Mapping[int | None, int],
        named: bool,
        subject: bool,
    ) -> tuple[str, list[int]]:
        """The template of what is hashed: the columns in the order of their names."""
        on, precision, cause, material, has_line = meaning
        name, number, previous, about = range(len(ordered), len(ordered) + 4)
        company, pact = (
            places.get(-1 if one is None else one) for one in (self.company, self.pact)
        )
        fields = _object([f'"{one}":[null,%s]' for one, _at in ordered], ",")
        key, of_key = self._key(sorted(self.keys), '"%s":%s', ",", places)
        parts: list[tuple[str, Sequence[int | None]]] = [
            (f'"by_role":"{ROLE}","cause":"{cause}"', []),
            *[('"company_name":%s', [name])] * named,
            *[('"company_slug":%s', [company])] * (company is not None),
            (f'"fields":{fields}', [*range(len(ordered))]),
            *[(f'"happened_on":"{on}"', [])] * bool(on),
            (f'"happened_precision":"{precision}","has_line":{_JSON[has_line]}', []),
            (f'"key":{key},"kind":"{self.kind}","material":{_JSON[material]}', [*of_key]),
            ('"number":%s', [number]),
            *[('"pact_slug":%s', [pact])] * (pact is not None),
            ('"previous_hash":"%s"', [previous]),
            (f'"recorded_at":{self.recorded_at}', []),
            *[('"subject":%s', [about])] * subject,
            (f'"table":"{self.name}"', []),
        ]
        taken = [one for _text, of in parts for one in of if one is not None]
        return _object([text for text, _of in parts], ","), taken


def _object(members: Iterable[str], between: str) -> str:
    return "{" + between.join(members) + "}"


def _getter(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """A getter that returns these cells as a tuple, even a single one."""
    if len(places) == 1:
        [place] = places
        return lambda cells: (cells[place],)
    return itemgetter(*places)


# Rows that come with the one that they belong to, whose line covers them.
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
        self._write(zip(repeat(self._of(table)), rows, repeat(None)))

    def add_all(self, rows: Iterable[tuple[Table, Cells, str | None]]) -> None:
        """Add changes for rows of any tables, each with its subject unless a column has it."""
        self._write((self._of(table), cells, subject) for table, cells, subject in rows)

    def _write(self, rows: Iterable[tuple[TableEntries, Cells, str | None]]) -> None:
        entries = self._entries(rows)
        with unchecked():
            while batch := list(islice(entries, BATCH)):
                write_values(Change._meta.db_table, COLUMNS, batch)

    def _of(self, table: Table) -> TableEntries:
        if (found := self._tables.get(table.name)) is None:
            found = self._tables[table.name] = TableEntries(table, self.beginners, self.now)
        return found

    def _entries(
        self, rows: Iterable[tuple[TableEntries, Cells, str | None]]
    ) -> Iterator[tuple[Any, ...]]:
        name_of, hash_of, recorded_at = self.company_names.get, Change.hash_of_text, self.stored_now
        number, previous = self.number, self.hash
        for of, cells, given in rows:
            company = "" if of.company is None else cells[of.company]
            name = name_of(company, "")
            pact = "" if of.pact is None else cells[of.pact]
            subject = given
            if subject is None:
                subject = "" if of.subject is None else cells[of.subject]
            form = of.form(cells, name, subject)
            texts = (*map(quoted, form.filled(cells)),)
            number += 1
            around = (*texts, quoted(name), number, previous, quoted(subject))
            stated, key, fields = (form.template % form.taken(around)).split(BETWEEN)
            last, previous = previous, hash_of(stated)
            self.number, self.hash = number, previous
            yield (
                *(number, of.name, key, fields, "{}", of.kind, company, name, pact, subject),
                *(*form.meaning, recorded_at, ROLE, last, previous),
            )
