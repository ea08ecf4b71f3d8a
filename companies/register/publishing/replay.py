"""Rebuild the register from all its changes."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from companies.models import Change
from companies.register.package.tables import BY_NAME, FACTS, TABLES, CitationTable, Key, Table

from .public_rows import Texts

CACHE = 32  # MB of rows in memory
_ROWS = f"""
    PRAGMA cache_size = -{CACHE << 10};
    CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT, key TEXT, cells TEXT);
    CREATE INDEX rows_by_key ON rows (name, key);
"""
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Replay:
    """The rows of every public table after some changes, in a temporary file of SQLite.

    A row whose public key changes is renamed in the rows that refer to it, which have no
    change: a renamed company's periods name it by its new public id.
    """

    def __init__(self, entries: Iterable[Change] = ()) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.executescript(_ROWS)
        self._file.execute("BEGIN")  # no statement is a transaction of its own
        for entry in entries:
            self.apply(entry)

    def apply(self, entry: Change) -> None:
        if entry.action is None:
            return
        table = BY_NAME[entry.table]
        if entry.action == Change.Action.ADDED:
            self._add(table, {name: table.as_now(name, entry.new(name)) for name in table.columns})
            return
        row = self._changed_row(table, entry)
        if entry.action == Change.Action.CHANGED:
            before = table.key_of(row)
            row |= {column: table.as_now(column, entry.new(column)) for column in entry.fields}
            self._add(table, row)
            if before != table.key_of(row):
                self._follow(table, before, table.key_of(row))

    def __iter__(self) -> Iterator[tuple[str, Texts]]:
        """Each row with the name of its table, in the order of their last changes."""
        for name, cells in self._file.execute("SELECT name, cells FROM rows ORDER BY id"):
            yield name, _row(BY_NAME[name], cells)

    def of(self, table: Table, key: Key) -> list[Texts]:
        """The rows with this public key: at most one, except of citations."""
        return [row for _id, row in self._found(table, key)]

    def take(self, table: Table, values: Mapping[str, str], key: Key | None = None) -> Texts | None:
        """Remove and return the first row with these values; None if there is none."""
        for number, row in self._found(table, key or table.key_of(values)):
            if values.items() <= row.items():
                self._file.execute("DELETE FROM rows WHERE id = ?", [number])
                return row
        return None

    def _found(self, table: Table, key: Key) -> list[tuple[int, Texts]]:
        found = self._file.execute(
            "SELECT id, cells FROM rows WHERE name = ? AND key = ? ORDER BY id",
            [table.name, _json(key)],
        )
        return [(number, _row(table, cells)) for number, cells in found]

    def _add(self, table: Table, row: Texts) -> None:
        key, cells = table.key_of(row), [row[column] for column in table.columns]
        self._file.execute(
            "INSERT INTO rows (name, key, cells) VALUES (?, ?, ?)",
            [table.name, _json(key), _json(cells)],
        )

    def _changed_row(self, table: Table, entry: Change) -> Texts:
        """Remove and return the row of a change. Raises LookupError if it is missing.

        Of two citations with the same quote, the one whose other values match.
        """
        key = table.key_of(entry.old_key)
        stated = {column: table.as_now(column, entry.old(column)) for column in entry.fields}
        row = self.take(table, stated, key)
        if row is None:
            raise LookupError(f"change {entry.number}: {table.name} had no such row: {key}")
        return row

    def _follow(self, table: Table, before: Key, after: Key) -> None:
        """Update the key in all rows that refer to the row, recursively."""
        for other, columns in _referring(table):
            for number, row in self._referring_rows(other, columns, before):
                if isinstance(other, CitationTable) and not _is_fact(row, columns):
                    continue
                key = other.key_of(row)
                self._file.execute("DELETE FROM rows WHERE id = ?", [number])
                row |= dict(zip(columns, after, strict=True))
                self._add(other, row)
                if key != other.key_of(row):
                    self._follow(other, key, other.key_of(row))

    def _referring_rows(
        self, table: Table, columns: tuple[str, ...], key: Key
    ) -> list[tuple[int, Texts]]:
        """The rows that have `key` in `columns`."""
        places = list(table.columns)
        same = [f"json_extract(cells, '$[{places.index(column)}]') = ?" for column in columns]
        found = self._file.execute(
            f"SELECT id, cells FROM rows WHERE name = ? AND {' AND '.join(same)} ORDER BY id",  # noqa: S608  # places only
            [table.name, *key],
        )
        return [(number, _row(table, cells)) for number, cells in found]


def _row(table: Table, cells: str) -> Texts:
    return dict(zip(table.columns, json.loads(cells), strict=True))


def _referring(table: Table) -> Iterator[tuple[Table, tuple[str, ...]]]:
    """The tables and columns that refer to rows of `table`."""
    for other in TABLES:
        for target, columns in other.references.values():
            if target == table.name:
                yield other, columns
        if isinstance(other, CitationTable):
            for target, columns in FACTS.values():
                if target == table.name:
                    yield other, columns


def _is_fact(row: Texts, columns: tuple[str, ...]) -> bool:
    return columns == ("source",) or FACTS[row["fact"]][1] == columns


def differences(entries: Iterable[Change]) -> list[str]:
    """Rows only in the register (+), and only in the replayed changes (-)."""
    try:
        replay = Replay(entries)
    except LookupError as broken:
        return [str(broken)]
    untold = [
        _line(table.name, row)
        for table in TABLES
        for row in table.texts(table.rows())
        if replay.take(table, row) is None
    ]
    gone = [_line(name, row) for name, row in replay]
    return [*(f"+ {line}" for line in sorted(untold)), *(f"- {line}" for line in sorted(gone))]


def _line(name: str, row: Texts) -> str:
    return f"{name}: " + ", ".join(f"{column}={row[column]!r}" for column in BY_NAME[name].columns)
