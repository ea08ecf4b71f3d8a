"""Reads a CSV file, whatever separator and encoding a spreadsheet program gave it."""

import csv
import io
import re
from collections.abc import Iterator

from .cells import Cell, read_text
from .columns import MAX_COLUMNS, Headers, Line, too_wide
from .faults import Faults, gettext_noop

SEPARATORS = ",;\t"
DIRECTIVE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', re.IGNORECASE)


def decoded(content: bytes, faults: Faults) -> tuple[str, str]:
    """The text and its encoding; windows-1252 is what old Excels write without saying so."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for codec, name in (
        [("utf-16", "utf-16")]
        if utf16
        else [("utf-8-sig", "utf-8"), ("windows-1252", "windows-1252")]
    ):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, name
    raise faults.stop(gettext_noop("This is neither a CSV nor an XLSX file."))


def csv_lines(text: str, headers: Headers, faults: Faults) -> Iterator[Line]:
    """The records that hold something; each has as many values as the header."""
    directive = DIRECTIVE.match(text)
    first, separator = 1, ""
    if directive:
        first, separator, text = 2, directive[1], text[directive.end() :]
    if separator in {"", '"', "\r", "\n"}:
        separator = max(SEPARATORS, key=lambda sign: _fitness(text, sign, headers))
    width = 0
    for line, values in _records(text, separator, faults):
        cells: list[Cell] = [read_text(value) for value in values]
        if not any(cells):
            continue
        width = width or len(cells)
        if len(cells) > MAX_COLUMNS:
            raise too_wide(line + first - 1, faults)
        if len(cells) == width:
            yield line + first - 1, cells
        else:
            reason = gettext_noop(
                "This row has %(count)s values, but the header has %(expected)s columns."
            )
            faults.add(reason, line + first - 1, count=len(cells), expected=width)


def _fitness(text: str, separator: str, headers: Headers) -> tuple[int, int]:
    """How many headers a separator makes us recognise, then how many it makes."""
    try:
        header = next(filter(any, csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
    except (csv.Error, StopIteration):
        return 0, 0
    return sum(map(bool, headers.named(header))), len(header)


def _records(text: str, separator: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; a quoted value may span several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for values in reader:
            if any(values):
                yield begins, values
            begins = reader.line_num + 1
    except csv.Error as error:
        reason = gettext_noop("From this row on the quotation marks do not match.")
        raise faults.stop(reason, begins) from error
