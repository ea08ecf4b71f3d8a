"""Spreadsheets, CSV or XLSX: an editor's upload becomes rows, and rows become a file to download.

An upload is checked before it is opened. Formulas are refused: their result is only as fresh as
the last program that computed it, and a formula nobody computed would read as an empty cell.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from .cells import Value
from .csv_form import csv_lines, decoded
from .faults import ENCRYPTED, BadSpreadsheet, Fault, Faults, gettext_noop
from .table import Headers, Row, table
from .written import Kind, template, write, write_to
from .xlsx_form import read_xlsx

__all__ = [
    "BadSpreadsheet", "Fault", "Kind", "Row", "Sheet", "Value", "read", "template", "write",
    "write_to",
]  # fmt: skip

MAX_BYTES = 5_000_000
MAX_ROWS = 20_000


@dataclass(frozen=True)
class Sheet:
    """What a spreadsheet says; `columns` are canonical names, the other lists as written."""

    rows: list[Row]
    columns: list[str]
    ignored: list[str]  # headers that were not recognised
    encoding: str  # of a CSV: utf-8, utf-16 or windows-1252, which is a guess; "" of an XLSX
    unread: list[str]  # names of the further sheets: only the first one is read


def read(
    content: bytes,
    *,
    columns: Mapping[str, Sequence[str]],
    optional: Collection[str] = (),
    max_rows: int = MAX_ROWS,
    gettext: Callable[[str], str] = str,
) -> Sheet:
    """The rows of a CSV or XLSX file; raises BadSpreadsheet, nothing else.

    `columns` has the spellings of each column's header; case, accents, spaces and punctuation
    make no difference to them. All must be there, once, but the `optional` ones. `gettext`
    translates the reasons.
    """
    faults = Faults(gettext)
    check_kind(content, faults)
    headers = Headers(columns, optional)
    encoding = ""
    unread: list[str] = []
    if content.startswith(b"PK"):
        unread, lines = read_xlsx(content, faults)
    else:
        text, encoding = decoded(content, faults)
        lines = csv_lines(text, headers, faults)
    found, ignored, rows = table(lines, headers, max_rows, faults)
    if faults.found:
        raise BadSpreadsheet(faults.told())
    return Sheet(rows, found, ignored, encoding, unread)


# What kind of file it is

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|\?xml)", re.IGNORECASE)


def check_kind(content: bytes, faults: Faults) -> None:
    if not content.strip():
        raise faults.stop(gettext_noop("This file is empty."))
    if len(content) > MAX_BYTES:
        raise faults.stop(
            gettext_noop("This file is larger than %(limit)s MB."), limit=MAX_BYTES // 1_000_000
        )
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise faults.stop(ENCRYPTED)
        raise faults.stop(
            gettext_noop("This is an old Excel file (.xls). Save it as XLSX or CSV first.")
        )
    if content.startswith(b"%PDF"):
        raise faults.stop(gettext_noop("This is a PDF document. Choose a CSV or XLSX file."))
    if WEB.match(content):
        raise faults.stop(
            gettext_noop("This is a web page or another XML file. Choose a CSV or XLSX file.")
        )
