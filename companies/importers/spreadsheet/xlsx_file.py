"""Reads an XLSX workbook, of which openpyxl is given only what was checked before."""

import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from xml.parsers import expat

from .cells import Cell, Wrong, as_text, read_text
from .columns import MAX_COLUMNS, Line, too_wide
from .faults import DAMAGED, ENCRYPTED, TOO_LARGE, BadSpreadsheet, Faults, gettext_noop

MAX_UNPACKED = 100_000_000
MAX_PARTS = 200
MAX_ELEMENTS = 5_000_000  # of XML, each some hundred bytes of memory
SHEET_ROWS = 1_048_576  # Excel's own limit
SCANNED_CELLS = 5_000_000  # with the empty ones that only carry a format

XML = (".xml", ".rels")
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
# What zipfile raises on a damaged archive.
BAD_ZIP = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError,
    NotImplementedError,
)  # fmt: skip


def read_xlsx(content: bytes, faults: Faults) -> tuple[list[str], Iterator[Line]]:
    """The names of the sheets that are not read, and the rows of the first one."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    checked = _checked(content, faults)
    try:
        book = load_workbook(checked, read_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except Exception as error:  # openpyxl raises whatever a wrong part makes it stumble on
        raise faults.stop(DAMAGED) from error
    if not sheets:
        raise faults.stop(gettext_noop("This workbook has no visible sheet."))
    return [sheet.title for sheet in sheets[1:]], _xlsx_lines(sheets[0], faults)


def _checked(content: bytes, faults: Faults) -> io.BytesIO:
    """The XML of a workbook in an archive of our own, so that nothing unchecked is ever read."""
    checked = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(archive.infolist(), faults)
            with zipfile.ZipFile(checked, "w") as copy:
                for name, part in _parts(archive, faults):
                    copy.writestr(name, part)
    except BadSpreadsheet:
        raise
    except (*BAD_ZIP, expat.ExpatError) as error:
        raise faults.stop(DAMAGED) from error
    checked.seek(0)
    return checked


def _check_archive(parts: Sequence[zipfile.ZipInfo], faults: Faults) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 0x1 for part in parts):
        raise faults.stop(ENCRYPTED)
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise faults.stop(
            gettext_noop("This is an archive or another kind of document, not an XLSX file.")
        )
    if len(names) < len(parts) or not {part.compress_type for part in parts} <= PACKED:
        raise faults.stop(DAMAGED)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise faults.stop(TOO_LARGE)


def _parts(archive: zipfile.ZipFile, faults: Faults) -> Iterator[tuple[str, bytes]]:
    """The XML parts, counted as they unpack, since an archive's directory may lie."""
    budget = _Budget(faults, MAX_UNPACKED, MAX_ELEMENTS)
    for part in archive.infolist():
        if part.filename.endswith(XML):
            with archive.open(part) as packed:
                yield part.filename, budget.read(packed)


class _Budget:
    """What all parts together may still use."""

    def __init__(self, faults: Faults, left: int, elements: int) -> None:
        self.faults = faults
        self.left = left
        self.elements = elements

    def read(self, packed: Any) -> bytes:
        """One part of well-formed XML without a document type, the home of entity bombs."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        whole = bytearray()
        while chunk := packed.read(65536):
            self.left -= len(chunk)
            self.elements -= chunk.count(b"<") - chunk.count(b"</")
            if self.left < 0 or self.elements < 0:
                raise self.faults.stop(TOO_LARGE)
            parser.Parse(chunk, False)
            whole += chunk
        parser.Parse(b"", True)
        return bytes(whole)

    def _refuse(self, *_declaration: object) -> None:
        raise self.faults.stop(DAMAGED)


def _xlsx_lines(sheet: Any, faults: Faults) -> Iterator[Line]:
    """The rows that hold something, with their own numbers."""
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    scanned = 0
    for line, cells in enumerate(_steady(sheet.iter_rows(), faults), 1):
        scanned += len(cells)
        if line > SHEET_ROWS or scanned > SCANNED_CELLS:
            raise faults.stop(TOO_LARGE)
        if any(cell.value is not None for cell in islice(cells, MAX_COLUMNS, None)):
            raise too_wide(line, faults)
        texts = [_read_cell(cell) for cell in cells[:MAX_COLUMNS]]
        if any(texts):
            yield line, texts


def _steady(rows: Iterator[tuple[Any, ...]], faults: Faults) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            row = next(rows, None)
        except Exception as error:  # openpyxl parses row by row, and stumbles as it goes
            raise faults.stop(DAMAGED) from error
        if row is None:
            return
        yield row


def _read_cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Wrong(gettext_noop("This cell holds a formula. Paste its value instead."), {})
    if cell.data_type == "e" or (isinstance(value, float) and not math.isfinite(value)):
        return Wrong(gettext_noop("This cell holds an error: %(error)s."), {"error": value})
    return read_text(as_text(value))
