"""Writes XLSX workbooks."""

from collections.abc import Iterable, Sequence
from typing import IO


def write_xlsx(
    file: IO[bytes], rows: Iterable[Sequence[object]], notes: Iterable[Sequence[object]] = ()
) -> None:
    """The first sheet holds the rows; a second one, if there are notes, says what they mean."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append(row)
    notes = list(notes)
    if notes:
        explained = book.create_sheet("columns")
        for note in notes:
            explained.append(note)
    book.save(file)
