"""Writes a spreadsheet: the one place where rows become a file to download."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from .cells import Value, written

Kind = Literal["csv", "xlsx"]


def write(rows: Iterable[Sequence[Value]], *, headers: Sequence[str], kind: Kind) -> bytes:
    """A CSV (UTF-8 with its mark, for Excel) or XLSX file; dates are ISO texts."""
    lines = ([written(value) for value in row] for row in (headers, *rows))
    return _written_csv(lines) if kind == "csv" else _written_xlsx(lines)


def _written_csv(lines: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def _written_xlsx(lines: Iterable[Sequence[object]]) -> bytes:
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for line in lines:
        sheet.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def template(
    columns: Mapping[str, Sequence[str]], kind: Kind, *, example: Mapping[str, str]
) -> bytes:
    """A file to fill in: each column's first spelling, and an example row by canonical name."""
    headers = [spellings[0] if spellings else name for name, spellings in columns.items()]
    return write([[example.get(name, "") for name in columns]], headers=headers, kind=kind)
