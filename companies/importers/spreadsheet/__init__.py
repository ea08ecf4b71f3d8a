"""Spreadsheets, CSV or XLSX: an editor's upload becomes rows, and rows become a file to download.

An upload is checked before it is opened. Formulas are refused: their result is only as fresh as
the last program that computed it, and a formula nobody computed would read as an empty cell.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .cells import Value
from .columns import Headers, Line, Row, table
from .csv_file import csv_lines, decoded
from .faults import ENCRYPTED, BadSpreadsheet, Fault, Faults, gettext_noop
from .name_column import Listed, NameList, checked_name, name_list
from .written import Kind, template, write, write_to
from .xlsx_file import read_xlsx

__all__ = [
    "BadSpreadsheet", "Fault", "Faults", "Kind", "Listed", "NameList", "Row", "Sheet", "Value",
    "checked_name", "read", "read_names", "template", "write", "write_to",
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
    headers = Headers(columns, optional)
    unread, encoding, lines = _lines(content, headers, faults)
    found, ignored, rows = table(lines, headers, max_rows, faults)
    if faults.found:
        raise BadSpreadsheet(faults.told())
    return Sheet(rows, found, ignored, encoding, unread)


def read_names(
    content: bytes,
    *,
    headings: Sequence[str],
    max_rows: int,
    longest: int,
    gettext: Callable[[str], str] = str,
) -> NameList:
    """The names in one column of a CSV or XLSX file; raises BadSpreadsheet, nothing else.

    The column is that of the first of `headings` that is there; without one, the first that holds
    words. `longest` is in characters.
    """
    faults = Faults(gettext)
    unread, _encoding, lines = _lines(content, Headers({"name": headings}, ["name"]), faults)
    found = name_list(lines, headings=headings, max_rows=max_rows, longest=longest, faults=faults)
    if faults.found:
        raise BadSpreadsheet(faults.told())
    return replace(found, unread=tuple(unread))


def _lines(
    content: bytes, headers: Headers, faults: Faults
) -> tuple[list[str], str, Iterator[Line]]:
    """The further sheets, the encoding of a CSV, and the lines of either kind of file."""
    check_kind(content, faults)
    if content.startswith(b"PK"):
        unread, lines = read_xlsx(content, faults)
        return unread, "", lines
    text, encoding = decoded(content, faults)
    return [], encoding, csv_lines(text, headers, faults)


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
