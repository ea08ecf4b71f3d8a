"""Rebuild the register from all its changes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from companies.models import Change
from companies.register.package.tables import BY_NAME, FACTS, TABLES, CitationTable, Key, Table

from .public_rows import Texts

Named = tuple[str, Key]


class Replay:
    """The rows of every public table after some changes.

    A row whose public key changes is renamed in the rows that refer to it, which have no
    change: a renamed company's periods name it by its new public id.
    """

    def __init__(self, entries: Iterable[Change] = ()) -> None:
        self.rows: dict[Named, list[Texts]] = defaultdict(list)
        for entry in entries:
            self.apply(entry)

    def apply(self, entry: Change) -> None:
        if entry.action is None:
            return
        table = BY_NAME[entry.table]
        if entry.action == Change.Action.ADDED:
            self._add(table, {name: table.as_now(name, entry.new(name)) for name in table.columns})
            return
        row = self._taken(table, entry)
        if entry.action == Change.Action.CHANGED:
            before = table.key_of(row)
            row |= {column: table.as_now(column, entry.new(column)) for column in entry.fields}
            self._add(table, row)
            if before != table.key_of(row):
                self._follow(table, before, table.key_of(row))

    def __iter__(self) -> Iterator[tuple[str, Texts]]:
        """Each row with the name of its table."""
        for (name, _key), rows in self.rows.items():
            for row in rows:
                yield name, row

    def _add(self, table: Table, row: Texts) -> None:
        self.rows[table.name, table.key_of(row)].append(row)

    def _taken(self, table: Table, entry: Change) -> Texts:
        """Remove and return the row of a change. Raises LookupError if it is missing.

        Of two citations with the same quote, the one whose other values match.
        """
        key = table.key_of(entry.old_key)
        rows = self.rows.get((table.name, key), [])
        stated = {column: table.as_now(column, entry.old(column)) for column in entry.fields}
        row = next((row for row in rows if stated.items() <= row.items()), None)
        if row is None:
            raise LookupError(f"change {entry.number}: {table.name} had no such row: {key}")
        rows.remove(row)
        if not rows:
            del self.rows[table.name, key]
        return row

    def _follow(self, table: Table, before: Key, after: Key) -> None:
        """Update the key in all rows that refer to the row, recursively."""
        for other, columns in _referring(table):
            moved = [
                (named, row)
                for named, rows in self.rows.items()
                if named[0] == other.name
                for row in rows
                if tuple(row[column] for column in columns) == before
                if not isinstance(other, CitationTable) or _is_fact(row, columns)
            ]
            for (name, key), row in moved:
                self.rows[name, key].remove(row)
                row |= dict(zip(columns, after, strict=True))
                self._add(other, row)
                if key != other.key_of(row):
                    self._follow(other, key, other.key_of(row))


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
        told = Counter(_line(name, row) for name, row in Replay(entries))
    except LookupError as broken:
        return [str(broken)]
    held = Counter(
        _line(table.name, table.values(instance))
        for table in TABLES
        for instance in table.rows().iterator(chunk_size=2000)
    )
    return [
        *(f"+ {line}" for line in sorted((held - told).elements())),
        *(f"- {line}" for line in sorted((told - held).elements())),
    ]


def _line(name: str, row: Texts) -> str:
    return f"{name}: " + ", ".join(f"{column}={row[column]!r}" for column in BY_NAME[name].columns)
