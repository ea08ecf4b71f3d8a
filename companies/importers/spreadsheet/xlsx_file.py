"""XLSX workbooks; openpyxl is given only parts that were checked before."""

import io
import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any
from xml.parsers import expat

from .cells import (
    DAMAGED,
    ENCRYPTED,
    MAX_COLUMNS,
    TOO_LARGE,
    BadCell,
    BadSpreadsheet,
    Cell,
    Faults,
    NumberedCells,
    as_text,
    gettext_noop,
    read_text,
    too_wide,
)

MAX_UNPACKED = 100_000_000
MAX_PARTS = 200
MAX_ELEMENTS = 5_000_000  # of XML, each some hundred bytes of memory
SHEET_ROWS = 1_048_576  # Excel's own limit
MAX_CELLS = 5_000_000  # including empty ones that only have a format

XML = (".xml", ".rels")
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# What zipfile raises on a damaged archive.
BAD_ZIP = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError,
    NotImplementedError,
)  # fmt: skip


def read_xlsx(content: bytes, faults: Faults) -> tuple[list[str], Iterator[NumberedCells]]:
    """The names of the sheets that are not read, and the lines of the first visible one."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    checked = _checked(content, faults)
    try:
        book = load_workbook(checked, read_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except Exception as error:  # openpyxl lets any exception of its parsing through
        raise faults.fatal(DAMAGED) from error
    if not sheets:
        raise faults.fatal(gettext_noop("This workbook has no visible sheet."))
    return [sheet.title for sheet in sheets[1:]], _lines(sheets[0], faults)


def _checked(content: bytes, faults: Faults) -> io.BytesIO:
    """The XML of a workbook in a new archive, so that openpyxl reads nothing unchecked."""
    checked = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_directory(archive.infolist(), faults)
            with zipfile.ZipFile(checked, "w") as copy:
                for name, part in _parts(archive, faults):
                    copy.writestr(name, part)
    except BadSpreadsheet:
        raise
    except (*BAD_ZIP, expat.ExpatError) as error:
        raise faults.fatal(DAMAGED) from error
    checked.seek(0)
    return checked


def _check_directory(parts: Sequence[zipfile.ZipInfo], faults: Faults) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 0x1 for part in parts):
        raise faults.fatal(ENCRYPTED)
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise faults.fatal(
            gettext_noop("This is an archive or another kind of document, not an XLSX file.")
        )
    if len(names) < len(parts) or not {part.compress_type for part in parts} <= PACKED:
        raise faults.fatal(DAMAGED)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise faults.fatal(TOO_LARGE)


def _parts(archive: zipfile.ZipFile, faults: Faults) -> Iterator[tuple[str, bytes]]:
    """The XML parts, counted while they unpack: the directory of an archive may be wrong."""
    budget = _Budget(faults, MAX_UNPACKED, MAX_ELEMENTS)
    for part in archive.infolist():
        if part.filename.endswith(XML):
            with archive.open(part) as packed:
                yield part.filename, budget.read(packed)


class _Budget:
    """The bytes and elements that all parts together may still have."""

    def __init__(self, faults: Faults, size: int, elements: int) -> None:
        self.faults = faults
        self.size = size
        self.elements = elements

    def read(self, packed: Any) -> bytes:
        """One part, which must be well-formed XML without a document type: that could hold an
        entity bomb."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        whole = bytearray()
        while chunk := packed.read(65536):
            self.size -= len(chunk)
            self.elements -= chunk.count(b"<") - chunk.count(b"</")
            if self.size < 0 or self.elements < 0:
                raise self.faults.fatal(TOO_LARGE)
            parser.Parse(chunk, False)
            whole += chunk
        parser.Parse(b"", True)
        return bytes(whole)

    def _refuse(self, *_declaration: object) -> None:
        raise self.faults.fatal(DAMAGED)


def _lines(sheet: Any, faults: Faults) -> Iterator[NumberedCells]:
    """The rows that are not empty, with their numbers in the sheet."""
    sheet.reset_dimensions()  # the size that the file states may be wrong
    scanned = 0
    for line, cells in enumerate(_rows(sheet.iter_rows(), faults), 1):
        scanned += len(cells)
        if line > SHEET_ROWS or scanned > MAX_CELLS:
            raise faults.fatal(TOO_LARGE)
        if any(cell.value is not None for cell in islice(cells, MAX_COLUMNS, None)):
            raise too_wide(line, faults)
        texts = [_read_cell(cell) for cell in cells[:MAX_COLUMNS]]
        if any(texts):
            yield line, texts


def _rows(rows: Iterator[tuple[Any, ...]], faults: Faults) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            row = next(rows, None)
        except Exception as error:  # openpyxl parses row by row
            raise faults.fatal(DAMAGED) from error
        if row is None:
            return
        yield row


def _read_cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return BadCell(gettext_noop("This cell holds a formula. Paste its value instead."), {})
    if cell.data_type == "e" or (isinstance(value, float) and not math.isfinite(value)):
        return BadCell(gettext_noop("This cell holds an error: %(error)s."), {"error": value})
    return read_text(as_text(value))


def write_xlsx(
    file: IO[bytes], rows: Iterable[Sequence[object]], notes: Iterable[Sequence[object]] = ()
) -> None:
    """The first sheet holds the rows; a second one, if there are notes, says what they mean."""
    from openpyxl import Workbook

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
