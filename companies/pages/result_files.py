"""A table as a file to take away: CSV and XLSX in which no value acts as a formula, and JSON."""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Literal

from companies.importers.spreadsheet import Value, write, write_to

Kind = Literal["csv", "xlsx", "json"]


def csv_file(rows: Iterable[Sequence[Value]], *, headers: Sequence[str]) -> bytes:
    """A CSV that a spreadsheet program opens as text: no value can act as a formula."""
    return write(rows, headers=headers, kind="csv")


def write_result(
    file: IO[bytes],
    rows: Iterable[Sequence[Value]],
    *,
    columns: Sequence[str],
    about: Mapping[str, Value],
    kind: Kind,
) -> None:
    """Every row into an open file, one at a time.

    What all rows are `about` begins a JSON document; in a table, each row says it.
    """
    if kind == "json":
        _write_json(file, rows, columns, about)
    else:
        told = ([*row, *about.values()] for row in rows)
        write_to(file, told, headers=[*columns, *about], kind=kind)


def _write_json(
    file: IO[bytes],
    rows: Iterable[Sequence[Value]],
    columns: Sequence[str],
    about: Mapping[str, Value],
) -> None:
    file.write(_json(about).removesuffix("}").encode() + b', "results": [')
    between = b"\n"
    for row in rows:
        file.write(between + _json(dict(zip(columns, row, strict=True))).encode())
        between = b",\n"
    file.write(b"\n]}\n")


def _json(values: Mapping[str, Value]) -> str:
    return json.dumps(values, ensure_ascii=False, default=datetime.date.isoformat)
