"""Reads the tables of a data package: bytes in, rows and faults out."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """What is wrong on one line of one file; `line` counts from 1."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Row:
    """One row as its file states it, with the line it begins on."""

    line: int
    values: dict[str, str]


def read_table(
    file: str, content: bytes, columns: Sequence[str], *, later: Sequence[str] = ()
) -> tuple[list[Row], list[Fault]]:
    """The rows of one CSV file that has exactly `columns`, in their order.

    `later` are the last of them, which a file of before they existed may lack; so do its rows.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [Fault(file, line, "is not UTF-8, expected UTF-8 text")]
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        return [], [Fault(file, line, "holds a NUL byte, expected text")]
    first = columns[: len(columns) - len(later)]
    return _rows(file, text, columns, first)


def _rows(
    file: str, text: str, columns: Sequence[str], first: Sequence[str]
) -> tuple[list[Row], list[Fault]]:
    lines = _records(text)
    expected = ",".join(columns)
    rows: list[Row] = []
    faults: list[Fault] = []
    try:
        _line, header = next(lines, (1, []))
        if header not in (list(columns), list(first)):
            what = f"the columns are {','.join(header) or 'missing'!r}, expected {expected!r}"
            return [], [Fault(file, 1, what)]
        for line, cells in lines:
            if len(cells) == len(header):
                rows.append(Row(line, dict(zip(header, cells, strict=True))))
            else:
                faults.append(Fault(file, line, f"{len(cells)} values, expected {len(header)}"))
    except NotCsv as error:
        faults.append(Fault(file, error.line, f"is not CSV ({error}), expected RFC 4180"))
    return rows, faults


class NotCsv(Exception):
    """A record that cannot be read, with the line it begins on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; a quoted value may span several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise NotCsv(begins, str(error)) from error
