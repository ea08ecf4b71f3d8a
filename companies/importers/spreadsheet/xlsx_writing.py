"""Write XLSX workbooks: texts as text cells, typed dates, and a cover sheet."""

import datetime
import math
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import IO, Any

from .cells import CONTROL, Value, as_text, column_letters

WIDEST, NARROWEST = 60, 8  # in letters
MEASURED = 200  # rows
SHEET = "companies"  # the same in every language, so that programs find it
DAY = "yyyy-mm-dd"


@dataclass(frozen=True)
class Cover:
    """The cover sheet, which explains the file: rows of texts, and column widths."""

    title: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = field(default=(24, 80, 24, 80))


def write_xlsx(
    file: IO[bytes],
    rows: Iterable[Sequence[Value]],
    *,
    headers: Sequence[str],
    cover: Cover | None = None,
) -> None:
    """Write rows to a sheet of their own, below a frozen header."""
    from openpyxl import Workbook  # type: ignore[import-untyped]  # it has no types

    book = Workbook(write_only=True)
    with ExitStack() as unfinished:
        unfinished.callback(_close, book)
        if cover:
            _write_cover(book.create_sheet(cover.title), cover)
        _write_rows(book.create_sheet(SHEET), rows, headers)
        unfinished.pop_all()
    book.save(file)


def _close(book: Any) -> None:
    """Close unfinished sheets; otherwise they write to a closed file later."""
    for sheet in book.worksheets:
        sheet.close()


def _write_rows(sheet: Any, rows: Iterable[Sequence[Value]], headers: Sequence[str]) -> None:
    sheet.freeze_panes = "A2"
    rows = iter(rows)
    first = list(islice(rows, MEASURED))
    _set_widths(sheet, [_width(column) for column in zip(headers, *first, strict=True)])
    sheet.append([_cell(sheet, header, bold=True) for header in headers])
    written = 1
    for row in chain(first, rows):
        sheet.append([_cell(sheet, value) for value in row])
        written += 1
    sheet.auto_filter.ref = f"A1:{column_letters(len(headers) - 1)}{written}"


def _write_cover(sheet: Any, cover: Cover) -> None:
    _set_widths(sheet, cover.widths)
    for row in cover.rows:
        cells = enumerate(row)
        sheet.append([_cell(sheet, text, bold=at % 2 == 0, wrap=True) for at, text in cells])


def _set_widths(sheet: Any, widths: Sequence[int]) -> None:
    for place, width in enumerate(widths):
        sheet.column_dimensions[column_letters(place)].width = width


def _width(values: Sequence[Value]) -> int:
    longest = max(len(as_text(value)) for value in values)
    return min(max(longest + 2, NARROWEST), WIDEST)


def _cell(sheet: Any, value: Value, *, bold: bool = False, wrap: bool = False) -> Any:
    """A text cell, whatever it begins with: no program takes it for a formula."""
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]  # it has no types
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]  # it has no types

    if value is None or (isinstance(value, int | float) and math.isfinite(value)):
        return value
    cell = WriteOnlyCell(sheet)
    if isinstance(value, datetime.date):
        cell.value, cell.number_format = value, DAY
        return cell
    cell.value = CONTROL.sub("", as_text(value)).replace("\r", "\n")  # as XML reads it
    cell.data_type = "s"
    cell.quotePrefix = True  # it stays a text when somebody edits it
    if bold:
        cell.font = Font(bold=True)
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
