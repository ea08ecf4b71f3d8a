"""Writes the register as a data package, byte for byte the same for the same rows."""

import csv
import datetime
import heapq
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import chain, count, islice
from operator import itemgetter
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import get_language, override

from companies.models import meaning

from .tables import BY_NAME, FACTS, TABLES, Table

PACKAGE = "datapackage.json"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
Texts = Mapping[str, str]
Cells = Sequence[str]
SORTED = 20_000  # rows that are sorted in memory; of a longer table each such part waits in a file
BLOCK = 500  # rows of a file that are written at once


def dump() -> Iterator[tuple[str, bytes]]:
    """Each file of the package with its bytes."""
    for name, parts in dump_in_parts():
        yield name, b"".join(parts)


def dump_in_parts() -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file of the package in parts: no table is in memory as a whole."""
    yield PACKAGE, [as_json(descriptor())]
    for table in TABLES:
        yield table.file, csv_parts(table.columns, ordered_rows(table))


def as_json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def ordered_rows(table: Table) -> Iterator[Cells]:
    """The rows of `table` as cells, in file order, with bounded memory."""
    return _in_order(table, table.cells(table.stated_rows()))


def csv_of(table: Table, rows: Iterable[Texts]) -> bytes:
    """The file of `table` with these rows, in the order of their keys."""
    # By name: a database that stored rows as JSON returns their columns in its own order.
    cells = map(itemgetter(*table.columns), rows)
    return b"".join(csv_parts(table.columns, _in_order(table, cells)))


def csv_parts(columns: Iterable[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """A CSV file with these rows, whose cells are in the order of the columns, in parts.

    Values are written as they are: this form is for lossless exchange, so nothing is escaped for
    spreadsheets, which would change what is read back.
    """
    text = io.StringIO(newline="")
    minimal = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    minimal.writerow(columns)
    yield text.getvalue().encode()
    rows = iter(rows)
    while block := list(islice(rows, BLOCK)):
        _empty(text)
        minimal.writerows(block)
        if "\r" in text.getvalue():
            # Python 3.11 leaves a lone carriage return unquoted and could not read it back.
            _empty(text)
            for cells in block:
                (quoted if any("\r" in cell for cell in cells) else minimal).writerow(cells)
        yield text.getvalue().encode()


def _empty(text: io.StringIO) -> None:
    text.seek(0)
    text.truncate()


def _in_order(table: Table, rows: Iterable[Cells]) -> Iterator[Cells]:
    """Sort rows by their keys and then by all cells, the same on every database."""
    columns = list(table.columns)
    # The key first: so they are sorted as they are.
    sorted_by = [*table.key, *(column for column in columns if column not in table.key)]
    as_they_are = sorted_by == columns
    key_first = tuple if as_they_are else itemgetter(*map(columns.index, sorted_by))
    cells: Iterator[tuple[str, ...]] = map(key_first, rows)
    with ExitStack() as files:
        parts: list[Iterator[tuple[str, ...]]] = []
        while part := sorted(islice(cells, SORTED)):
            if len(part) < SORTED and not parts:
                parts.append(iter(part))
                break
            parts.append(_waiting(part, files.enter_context(TemporaryFile())))
        merged = heapq.merge(*parts) if len(parts) > 1 else chain(*parts)
        as_before = itemgetter(*map(sorted_by.index, columns))
        yield from merged if as_they_are else map(as_before, merged)


def _waiting(rows: list[tuple[str, ...]], file: IO[bytes]) -> Iterator[tuple[str, ...]]:
    """Write rows to a temporary file and read them back.

    The cells of a block stand between a character that none of them has: as JSON, to write and
    to read them took a fifth of an export.
    """
    width, sizes = len(rows[0]), list[int]()
    for start in range(0, len(rows), BLOCK):
        cells = [*chain.from_iterable(rows[start : start + BLOCK])]
        tried = ((one, one.join(cells)) for one in map(chr, count()))
        between, text = next(pair for pair in tried if pair[1].count(pair[0]) < len(cells))
        sizes.append(file.write(f"{between}{text}".encode()))
    file.seek(0)
    texts = (file.read(size).decode() for size in sizes)
    blocks = (text[1:].split(text[0]) for text in texts)
    return (row for cells in blocks for row in zip(*[iter(cells)] * width, strict=True))


@contextmanager
def consistent_snapshot() -> Iterator[None]:
    """Read a consistent snapshot while others go on writing; itself a transaction.

    SQLite's transactions here take the write lock, which a reader does not need.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        sqlite: Any = connection
        sqlite.ensure_connection()
        mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
        with ExitStack() as stack:
            try:
                stack.enter_context(transaction.atomic())
            finally:
                sqlite.transaction_mode = mode
            yield


def described(
    version: int | str,
    changed_at: datetime.datetime | None,
    sums: Mapping[str, tuple[int, str]],
) -> dict[str, Any]:
    """datapackage.json with the version, and size and SHA-256 of the files."""
    package = descriptor()
    resources = package.pop("resources")
    for one in resources:
        if one["path"] in sums:
            one["bytes"], sha256 = sums[one["path"]]
            one["hash"] = f"sha256:{sha256}"
    dated = {"created": changed_at.astimezone(datetime.UTC).isoformat()} if changed_at else {}
    of_site = {"homepage": f"{settings.SITE_URL}/data/", "version": str(version)}
    return {**package, **of_site, **dated, "resources": resources}


def descriptor() -> dict[str, Any]:
    """datapackage.json: what each file and column holds, in English, by Frictionless Data."""
    with override("en"):
        return _descriptor()


def _descriptor() -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": "pactwatch-register",
        "title": "PactWatch: who has signed the EU AI Pact",
        "description": "Companies, pacts, periods of signing status, pledges and their sources.",
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0 International",
                "path": LICENCE,
            }
        ],
        "sources": [
            {
                "title": "European Commission, AI Pact (CC BY 4.0)",
                "path": "https://digital-strategy.ec.europa.eu/en/policies/ai-pact",
            }
        ],
        "resources": [resource(table) for table in TABLES],
    }


def resource(table: Table) -> dict[str, Any]:
    """The descriptor of a file and its columns, in the active language."""
    return {**_resource(table.name, get_language())}


@cache
def _resource(name: str, language: str | None) -> dict[str, Any]:
    """Cached: copies may only be changed outside of `schema`."""
    table = BY_NAME[name]
    schema: dict[str, Any] = {"fields": [_field(table, column) for column in table.columns]}
    if table.name != "citations":
        schema["primaryKey"] = list(table.key)
    keys = [
        {
            "fields": list(columns),
            "reference": {
                "resource": "" if target == table.name else target,
                "fields": list(BY_NAME[target].key),
            },
        }
        for target, columns in table.references.values()
    ]
    if keys:
        schema["foreignKeys"] = keys
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file,
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(table: Table, column: str) -> dict[str, Any]:
    model_field = table.fields.get(column)
    described: dict[str, Any] = {"name": column, "type": "string"}
    if explained := table.explained.get(column):
        described["description"] = meaning(explained)
    constraints: dict[str, Any] = {}
    if column in table.partial_dates:
        constraints["pattern"] = r"\d{4}(-\d{2}(-\d{2})?)?"
    elif isinstance(model_field, models.DateField):
        described["type"] = "date"
    elif isinstance(model_field, models.IntegerField):
        described["type"] = "integer"
    elif isinstance(model_field, models.BooleanField):
        described["type"] = "boolean"
    elif model_field is not None and model_field.choices:
        constraints["enum"] = [value for value, _label in model_field.flatchoices]
    elif column == "fact":
        described["description"] = "What the citation supports."
        constraints["enum"] = list(FACTS)
    if model_field is not None and not model_field.blank and not model_field.is_relation:
        constraints["required"] = True
    return described | ({"constraints": constraints} if constraints else {})
