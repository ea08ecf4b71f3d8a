"""Writes a spreadsheet: the one place where rows become a file to download."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import IO, Literal

from .cells import Value, written

Kind = Literal["csv", "xlsx"]


def write(rows: Iterable[Sequence[Value]], *, headers: Sequence[str], kind: Kind) -> bytes:
    """A CSV (UTF-8 with its mark, for Excel) or XLSX file; dates are ISO texts."""
    content = io.BytesIO()
    write_to(content, rows, headers=headers, kind=kind)
    return content.getvalue()


def write_to(
    file: IO[bytes], rows: Iterable[Sequence[Value]], *, headers: Sequence[str], kind: Kind
) -> None:
    """The same into an open file, row by row, so that a long table needs little memory."""
    lines = ([written(value) for value in row] for row in chain([headers], rows))
    _write_csv(file, lines) if kind == "csv" else _write_xlsx(file, lines)


def _write_csv(file: IO[bytes], lines: Iterable[Sequence[object]]) -> None:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    csv.writer(text).writerows(lines)
    text.detach()  # which writes what is left, and leaves the file open


def _write_xlsx(file: IO[bytes], lines: Iterable[Sequence[object]]) -> None:
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for line in lines:
        sheet.append(line)
    book.save(file)


def template(
    columns: Mapping[str, Sequence[str]], kind: Kind, *, example: Mapping[str, str]
) -> bytes:
    """A file to fill in: each column's first spelling, and an example row by canonical name."""
    headers = [spellings[0] if spellings else name for name, spellings in columns.items()]
    return write([[example.get(name, "") for name in columns]], headers=headers, kind=kind)
