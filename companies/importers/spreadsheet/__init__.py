"""Spreadsheets, CSV or XLSX: read an editor's upload into rows, and write rows to a file.

An upload is checked before it is opened, and whatever was guessed or left out is reported. Of a
formula the value last computed is read; one without a value is refused.
"""

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from .cells import (
    ENCRYPTED,
    BadSpreadsheet,
    Faults,
    NumberedCells,
    SpreadsheetFault,
    Value,
    column_letters,
    gettext_noop,
)
from .columns import (
    NameList,
    NameOnLine,
    SheetRow,
    checked_name,
    find_head,
    find_names,
    read_columns,
)
from .csv_file import CsvCells, encoded, read_csv
from .encoding import decode_csv
from .headings import NAMES, Headers, headings_of
from .typed_dates import BadDate, iso_date
from .xlsx_file import read_xlsx
from .xlsx_writing import Cover, write_xlsx

__all__ = [
    "BadDate", "BadSpreadsheet", "Cover", "CsvCells", "Faults", "Kind", "NameList", "NameOnLine",
    "Sheet", "SheetRow", "SpreadsheetFault", "Value", "checked_name", "column_letters", "encoded",
    "headings_of", "iso_date", "read",
    "read_names", "template", "write", "write_xlsx",
]  # fmt: skip

Kind = Literal["csv", "xlsx"]

OTHERS = ("country", "sector", "size", "role", "website", "status", "since")
MAX_BYTES = 5_000_000
MAX_ROWS = 20_000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|\?xml)", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """The table in a spreadsheet; `columns` are canonical names."""

    rows: list[SheetRow]
    columns: list[str]
    ignored: list[str]  # headers that are not known, as written
    encoding: str  # of a CSV; "" of an XLSX
    remarks: tuple[str, ...]  # what was read as what, left out or guessed


def read(
    content: bytes,
    *,
    columns: Mapping[str, Sequence[str]],
    optional: Collection[str] = (),
    max_rows: int = MAX_ROWS,
    gettext: Callable[[str], str] = str,
) -> Sheet:
    """The rows of a CSV or XLSX file; raises BadSpreadsheet, nothing else.

    `columns` maps each column to the spellings of its header, which are compared without case,
    accents, spaces and punctuation. Each must be there once, except the `optional` ones.
    `gettext` translates the reasons.
    """
    faults = Faults(gettext)
    headers = Headers(columns, optional)
    encoding, lines = _lines(content, headers, max_rows, faults)
    found, ignored, rows = read_columns(lines, headers, max_rows, faults)
    if faults.found:
        raise faults.refusal()
    return Sheet(rows, found, ignored, encoding, faults.remarks)


def read_names(
    content: bytes, *, max_rows: int, longest: int, gettext: Callable[[str], str] = str
) -> NameList:
    """The names in one column of a CSV or XLSX file; raises BadSpreadsheet, nothing else.

    The column is the one under the clearest heading that holds words; without one, the first
    column of words. `longest` is in characters.
    """
    faults = Faults(gettext)
    headers = Headers({name: headings_of(name) for name in (*NAMES, *OTHERS)}, of_names=NAMES)
    _encoding, lines = _lines(content, headers, max_rows, faults)
    found = find_names(lines, headers, max_rows=max_rows, longest=longest, faults=faults)
    if faults.found:
        raise faults.refusal()
    return replace(found, remarks=faults.remarks)


def _lines(
    content: bytes, headers: Headers, max_rows: int, faults: Faults
) -> tuple[str, Iterator[NumberedCells]]:
    """The encoding of a CSV file ("" for XLSX), and its lines."""
    _check_kind(content, faults)
    if content.startswith(b"PK"):
        return "", read_xlsx(
            content, lambda rows: find_head(rows, headers) is not None, max_rows, faults
        )
    text, encoding = decode_csv(content, faults)
    return encoding, read_csv(text, headers.count_known, faults)


def _check_kind(content: bytes, faults: Faults) -> None:
    if not content.strip():
        raise faults.fatal(gettext_noop("This file is empty."))
    if len(content) > MAX_BYTES:
        raise faults.fatal(
            gettext_noop("This file is larger than %(limit)s MB."), limit=MAX_BYTES // 1_000_000
        )
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise faults.fatal(ENCRYPTED)
        raise faults.fatal(
            gettext_noop("This is an old Excel file (.xls). Save it as XLSX or CSV first.")
        )
    if content.startswith(b"%PDF"):
        raise faults.fatal(gettext_noop("This is a PDF document. Choose a CSV or XLSX file."))
    if WEB.match(content):
        raise faults.fatal(
            gettext_noop("This is a web page or another XML file. Choose a CSV or XLSX file.")
        )


def write(
    rows: Iterable[Sequence[Value]],
    *,
    headers: Sequence[str],
    kind: Kind,
    cover: Cover | None = None,
    separator: str = ",",
) -> bytes:
    """Write a CSV or XLSX file; `cover` is the first sheet of a workbook."""
    if kind == "csv":
        cells = CsvCells(separator)
        lines = (f"{cells(headers, row)}\r\n" for row in chain([headers], rows))
        return b"".join(encoded(lines))
    content = io.BytesIO()
    write_xlsx(content, rows, headers=headers, cover=cover)
    return content.getvalue()


def template(
    columns: Mapping[str, Sequence[str]], kind: Kind, *, example: Mapping[str, str]
) -> bytes:
    """A template to fill in: column headings, and an example row by canonical name."""
    headers = [spellings[0] if spellings else name for name, spellings in columns.items()]
    return write([[example.get(name, "") for name in columns]], headers=headers, kind=kind)
