"""Write the register's rows in all file formats, in parts and with constant memory."""

import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import cache, partial
from importlib.util import find_spec
from io import RawIOBase
from itertools import islice
from json.encoder import encode_basestring as quoted
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from companies.register.package.dumping import (
    BLOCK,
    LICENCE,
    PACKAGE,
    Cells,
    as_json,
    csv_parts,
    described,
    resource,
)
from companies.register.package.tables import TABLES, Table

Rows = Callable[[Table], Iterable[Cells]]
Parts = Callable[[Rows], Iterable[bytes]]
SENT = 65_536  # bytes of a finished file in one part
OLDEST = (1980, 1, 1, 0, 0, 0)  # of ZIP: the same rows are the same bytes on every day
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/jsonl; charset=utf-8",
    "zip": "application/zip",
    "sqlite3": "application/vnd.sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "md": "text/markdown; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
}
HAS_PARQUET = find_spec("duckdb") is not None


def json_lines(rows: Rows) -> Iterator[bytes]:
    """One JSON line per row with its table name; empty values are null."""
    for table in TABLES:
        yield from _lines(table, rows(table), {"table": table.name})


def _lines(table: Table, rows: Iterable[Cells], first: Mapping[str, str]) -> Iterator[bytes]:
    """Written as text, one column of a block at a time: a JSON encoder takes far longer."""
    readers = _readers(table, {"integer": str, "boolean": str.lower}, quoted)
    members = [(label := f"{quoted(name)}: ", f"{label}null", read) for name, read in readers]
    before = "".join(f"{quoted(name)}: {quoted(text)}, " for name, text in first.items())
    rows = iter(rows)
    while block := list(islice(rows, BLOCK)):
        columns = [
            [label + read(text) if text else absent for text in texts]
            for (label, absent, read), texts in zip(members, zip(*block, strict=True), strict=True)
        ]
        lines = map(", ".join, zip(*columns, strict=True))
        yield "".join([f"{{{before}{line}}}\n" for line in lines]).encode()


def zipped(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in files:
            about = zipfile.ZipInfo(name, OLDEST)
            about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with archive.open(about, "w", force_zip64=True) as file:
                for part in parts:
                    file.write(part)
                    yield sent.taken()
    yield sent.taken()


class _Sent(RawIOBase):
    """A write-only file whose content is sent at once; it cannot seek."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self.parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        taken = b"".join(self.parts)
        self.parts.clear()
        return taken


def sqlite_file(rows: Rows, about: Mapping[str, str]) -> Iterator[bytes]:
    """An SQLite file with the tables of the package, their keys, and a table `about`."""
    yield (magic := b"SQLite format 3\0")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "register.sqlite3"
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode=OFF")
            database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
            database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
            for table in TABLES:
                _fill(database, table, rows(table))
            database.commit()
        yield from _content(path, len(magic))


def _fill(database: sqlite3.Connection, table: Table, rows: Iterable[Cells]) -> None:
    described, typed = resource(table)["schema"], _typed(table)
    kinds = {"integer": "INTEGER", "boolean": "INTEGER"}
    lines = [f'"{one["name"]}" {kinds.get(one["type"], "TEXT")}' for one in described["fields"]]
    if key := described.get("primaryKey"):
        lines.append(f"PRIMARY KEY ({_names(key)})")
    for foreign in described.get("foreignKeys", ()):
        to = foreign["reference"]
        where = f'"{to["resource"] or table.name}" ({_names(to["fields"])})'
        lines.append(f"FOREIGN KEY ({_names(foreign['fields'])}) REFERENCES {where}")
    # Names of tables and columns are those of our own models.
    database.execute(f'CREATE TABLE "{table.name}" ({", ".join(lines)}) ')
    places = ", ".join("?" * len(table.columns))
    database.executemany(f'INSERT INTO "{table.name}" VALUES ({places})', map(typed, rows))  # noqa: S608  # our own name


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


@cache
def _duckdb() -> Any:
    """The DuckDB connection of this process: opening one takes longer than a small table."""
    import duckdb  # 66 MB, and not in every installation

    return duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})


def parquet_file(table: Table, rows: Rows) -> Iterator[bytes]:
    """One table; only where requirements-parquet.txt is installed."""
    yield (magic := b"PAR1")
    kinds = {"integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}
    fields = resource(table)["schema"]["fields"]
    columns = {one["name"]: kinds.get(one["type"], "VARCHAR") for one in fields}
    with TemporaryDirectory() as folder, closing(_duckdb().cursor()) as database:
        given, made = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        with given.open("wb") as file:
            file.writelines(_lines(table, rows(table), {}))
        read = database.read_json(str(given), columns=columns, format="newline_delimited")
        read.write_parquet(str(made), compression="zstd")
        yield from _content(made, len(magic))


def _content(path: Path, after: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(after)
        while part := file.read(SENT):
            yield part


def _typed(table: Table) -> Callable[[Cells], list[Any]]:
    """A converter of a row's texts to typed values: numbers, booleans, None."""
    found = _readers(table, {"integer": int, "boolean": "True".__eq__}, str)
    readers = [reader for _name, reader in found]
    return lambda row: [
        reader(text) if text else None for reader, text in zip(readers, row, strict=True)
    ]


def _readers(
    table: Table, read: Mapping[str, Callable[[str], Any]], read_others: Callable[[str], Any]
) -> list[tuple[str, Callable[[str], Any]]]:
    """Each column with the converter of its texts, by column type."""
    fields = resource(table)["schema"]["fields"]
    return [(one["name"], read.get(one["type"], read_others)) for one in fields]


def package_parts(rows: Rows) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The CSV files of the package."""
    for table in TABLES:
        yield table.file, csv_parts(table.columns, rows(table))


def makers(version: int | str, changed_at: datetime | None) -> dict[str, Parts]:
    """The generators of all files by name, except the descriptor."""
    about = about_the_files(version, changed_at)

    def whole(rows: Rows) -> Iterator[bytes]:
        package = as_json(described(version, changed_at, {}))
        return zipped([(PACKAGE, [package]), *package_parts(rows)])

    parts: dict[str, Parts] = {
        "pactwatch.zip": whole,
        "pactwatch.jsonl": json_lines,
        "pactwatch.sqlite3": lambda rows: sqlite_file(rows, about),
    }
    parts |= {table.file: partial(csv_file, table) for table in TABLES}
    if HAS_PARQUET:
        parts |= {f"{table.name}.parquet": partial(parquet_file, table) for table in TABLES}
    return parts


def csv_file(table: Table, rows: Rows) -> Iterator[bytes]:
    return csv_parts(table.columns, rows(table))


def about_the_files(version: int | str, changed_at: datetime | None) -> dict[str, str]:
    return {
        "title": "PactWatch: who has signed the EU AI Pact",
        "url": f"{settings.SITE_URL}/data/",
        "version": str(version),
        "changed_at": changed_at.astimezone(UTC).isoformat() if changed_at else "",
        "licence": LICENCE,
        "attribution": f"PactWatch, {settings.SITE_URL}, CC BY 4.0",
    }


def media_type(name: str) -> str:
    return MEDIA_TYPES.get(name.rpartition(".")[2], "text/plain; charset=utf-8")
