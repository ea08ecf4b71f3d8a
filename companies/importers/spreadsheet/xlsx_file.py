"""Read XLSX workbooks; openpyxl gets only parts that were checked before."""

import datetime
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any
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
    column_letters,
    few,
    gettext_noop,
    read_text,
    too_wide,
)
from .typed_dates import shown_date

MAX_UNPACKED = 100_000_000
MAX_PARTS = 200
MAX_ELEMENTS = 5_000_000  # of XML, each some hundred bytes of memory
SHEET_ROWS = 1_048_576  # Excel's own limit
MAX_CELLS = 5_000_000  # including empty ones that only have a format
# What a row may cost on average. openpyxl takes 10 µs for an element of a cell, and 40 for another,
# such as a name or a style, of which a workbook needs few.
ROW_BYTES, ROW_ELEMENTS = 10_000, 150
MAX_OTHERS = 30_000  # elements that are no part of a cell

PEEKED = 20  # rows of each sheet in which its headings may be

ROW = re.compile(rb"<(?:\w{1,20}:)?row[\s/>]")
OF_CELLS = re.compile(rb"<(?:\w{1,20}:)?(?:row|c|f|is|v|si|t)[\s/>]")
TAG = re.compile(rb"<(?:\w{1,20}:)?(row|col)\s([^<>]{0,1000})>")
ATTRIBUTE = re.compile(rb"([\w:]{1,40})=[\"']([^\"']{0,100})[\"']")
XML = (".xml", ".rels")
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
NUMBERS = gettext_noop("This is a Numbers file. Export it as CSV or XLSX in Numbers first.")
# Formats of other programs, recognised by a part that only they have.
OTHER_KINDS = {
    "xl/workbook.bin": gettext_noop(
        "This is a binary Excel file (.xlsb). Save it as XLSX or CSV first."
    ),
    "mimetype": gettext_noop(
        "This is an OpenDocument file (.ods). Save it as XLSX or CSV in LibreOffice first."
    ),
    "Index/Document.iwa": NUMBERS,
    "Index.zip": NUMBERS,
}
# What zipfile raises on a damaged archive.
BAD_ZIP = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError,
    NotImplementedError,
)  # fmt: skip


NOT_COMPUTED = gettext_noop(
    "This cell contains a formula without a stored value. Paste the value instead."
)
SHEETS = gettext_noop("Sheet read: “%(sheet)s”. Not read: %(others)s.")
SHEET = gettext_noop("“%(sheet)s” (rows: %(rows)s)")
HIDDEN_SHEET = gettext_noop("“%(sheet)s” (hidden, rows: %(rows)s)")
FORMULAS = gettext_noop("Formulas: we read their stored values, row %(rows)s.")
HIDDEN_ROWS = gettext_noop("Hidden, but read: row %(rows)s.")
HIDDEN_COLUMNS = gettext_noop("Hidden, but read: column %(rows)s.")


def read_xlsx(
    content: bytes,
    has_head: Callable[[Sequence[NumberedCells]], bool],
    max_rows: int,
    faults: Faults,
) -> Iterator[NumberedCells]:
    """The lines of the first visible sheet with headings, else of the first with cells.

    The more rows are wanted, the larger the workbook may be.
    """
    checked = _checked(content, _Budget(faults, max_rows), faults)
    try:
        book = _opened(checked, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except Exception as error:  # openpyxl lets any exception of its parsing through
        raise faults.fatal(DAMAGED) from error
    if not sheets:
        raise faults.fatal(gettext_noop("This workbook has no visible sheet."))
    sheet = _chosen(sheets, has_head) if len(sheets) > 1 else sheets[0]
    xml = _xml(sheet, faults)
    if others := [one for one in book.worksheets if one is not sheet]:
        names = few([_size(one, faults) for one in others])
        faults.add_remark(SHEETS, sheet=sheet.title, others=names)
    _remark_hidden(xml, faults)
    formulas = None
    if b"<f" in xml or b":f" in xml:
        formulas = _opened(checked, data_only=False)[sheet.title]
    return _lines(sheet, formulas, faults)


def _opened(checked: io.BytesIO, *, data_only: bool) -> Any:
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # it has no types

    return load_workbook(checked, read_only=True, keep_links=False, data_only=data_only)


def _chosen(sheets: Sequence[Any], has_head: Callable[[Sequence[NumberedCells]], bool]) -> Any:
    filled = []
    for sheet in sheets:
        aside = Faults(str)  # of a sheet that may not be read at all
        try:
            first = list(islice(_lines(sheet, None, aside), PEEKED))
        except BadSpreadsheet:
            continue
        if has_head(first):
            return sheet
        if first:
            filled.append(sheet)
    return (filled or sheets)[0]


def _xml(sheet: Any, faults: Faults) -> bytes:
    try:
        with sheet._get_source() as source:
            return bytes(source.read())
    except Exception as error:  # a part that the workbook names and does not hold
        raise faults.fatal(DAMAGED) from error


def _size(sheet: Any, faults: Faults) -> str:
    """A sheet's name with its number of rows."""
    rows = len(ROW.findall(_xml(sheet, faults)))
    reason = SHEET if sheet.sheet_state == "visible" else HIDDEN_SHEET
    return faults.gettext(reason) % {"sheet": sheet.title, "rows": rows}


def _remark_hidden(xml: bytes, faults: Faults) -> None:
    if b"hidden=" not in xml:
        return
    for tag in TAG.finditer(xml):
        attributes = dict(ATTRIBUTE.findall(tag[2]))
        if attributes.get(b"hidden") not in {b"1", b"true"}:
            continue
        number = attributes.get(b"r" if tag[1] == b"row" else b"min", b"")
        if tag[1] == b"row" and number.isdigit():
            faults.add_row_remark(HIDDEN_ROWS, int(number))
        elif number.isdigit() and 0 < int(number) <= MAX_COLUMNS:
            faults.add_row_remark(HIDDEN_COLUMNS, column_letters(int(number) - 1))


def _checked(content: bytes, budget: "_Budget", faults: Faults) -> io.BytesIO:
    """Copy the checked XML parts to a new archive for openpyxl."""
    checked = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_directory(archive.infolist(), faults)
            with zipfile.ZipFile(checked, "w") as copy:
                for name, part in _parts(archive, budget):
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
    for part, reason in OTHER_KINDS.items():
        if part in names:
            raise faults.fatal(reason)
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise faults.fatal(
            gettext_noop("This is an archive or another kind of document, not an XLSX file.")
        )
    if len(names) < len(parts) or not {part.compress_type for part in parts} <= PACKED:
        raise faults.fatal(DAMAGED)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise faults.fatal(TOO_LARGE)


def _parts(archive: zipfile.ZipFile, budget: "_Budget") -> Iterator[tuple[str, bytes]]:
    """The XML parts, counted while unpacking: the archive's directory may be wrong."""
    for part in archive.infolist():
        if part.filename.endswith(XML):
            with archive.open(part) as packed:
                yield part.filename, budget.read(packed)


class _Budget:
    """The remaining allowance of bytes and elements for all parts."""

    def __init__(self, faults: Faults, max_rows: int) -> None:
        self.faults = faults
        self.others = MAX_OTHERS
        self.size = min(MAX_UNPACKED, 2_000_000 + ROW_BYTES * max_rows)
        self.elements = min(MAX_ELEMENTS, MAX_OTHERS + ROW_ELEMENTS * max_rows)

    def read(self, packed: Any) -> bytes:
        """Read one part: well-formed XML without a DTD, which could hold an entity bomb."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse
        whole = bytearray()
        while chunk := packed.read(65536):
            self.size -= len(chunk)
            elements = chunk.count(b"<") - chunk.count(b"</")
            self.elements -= elements
            self.others -= elements - len(OF_CELLS.findall(chunk))
            if min(self.size, self.elements, self.others) < 0:
                raise self.faults.fatal(TOO_LARGE)
            parser.Parse(chunk, False)
            whole += chunk
        parser.Parse(b"", True)
        return bytes(whole)

    def _refuse(self, *_declaration: object) -> None:
        raise self.faults.fatal(DAMAGED)


def _lines(sheet: Any, formulas: Any, faults: Faults) -> Iterator[NumberedCells]:
    """The non-empty rows with their numbers in the sheet.

    `formulas` is the same sheet with formulas in place of values, if it has any.
    """
    scanned = 0
    for line, (cells, sources) in enumerate(_pairs(sheet, formulas, faults), 1):
        scanned += len(cells)
        if line > SHEET_ROWS or scanned > MAX_CELLS:
            raise faults.fatal(TOO_LARGE)
        if not cells:  # one cell at the end of a sheet makes a million empty rows before it
            continue
        if any(cell.value is not None for cell in islice(cells, MAX_COLUMNS, None)):
            raise too_wide(line, faults)
        texts = [_read_cell(cell) for cell in cells[:MAX_COLUMNS]]
        computed = [at for at, one in enumerate(sources[:MAX_COLUMNS]) if one.data_type == "f"]
        for place in computed:
            texts[place] = texts[place] or BadCell(NOT_COMPUTED, {})
        if computed:
            faults.add_row_remark(FORMULAS, line)
        if any(texts):
            yield line, texts


def _pairs(
    sheet: Any, formulas: Any, faults: Faults
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    sheet.reset_dimensions()  # the size that the file states may be wrong
    if formulas is None:
        return ((row, ()) for row in _rows(sheet.iter_rows(), faults))
    formulas.reset_dimensions()
    return zip(_rows(sheet.iter_rows(), faults), _rows(formulas.iter_rows(), faults), strict=False)


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
    if cell.data_type == "e" or (isinstance(value, float) and not math.isfinite(value)):
        return BadCell(gettext_noop("This cell contains an error: %(error)s."), {"error": value})
    shown = shown_date(value, cell.number_format) if isinstance(value, datetime.date) else ""
    return shown or read_text(as_text(value))
