"""CSV files, read with whatever separator and encoding a spreadsheet program gave them."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

from .cells import MAX_COLUMNS, Cell, Faults, NumberedCells, gettext_noop, read_text, too_wide

SEPARATORS = ",;\t"
# Excel's own first line, such as "sep=;".
DIRECTIVE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', re.IGNORECASE)


class NotCsv(Exception):
    """A record that cannot be read, with the line it begins on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def records(text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; a quoted value may span several. Raises NotCsv."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for values in reader:
            if values:
                yield begins, values
            begins = reader.line_num + 1
    except csv.Error as error:
        raise NotCsv(begins, str(error)) from error


def decode_csv(content: bytes, faults: Faults) -> tuple[str, str]:
    """The text and its encoding; old versions of Excel write windows-1252 without saying so."""
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for codec, name in (
        [("utf-16", "utf-16")]
        if is_utf16
        else [("utf-8-sig", "utf-8"), ("windows-1252", "windows-1252")]
    ):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, name
    raise faults.fatal(gettext_noop("This is neither a CSV nor an XLSX file."))


def read_csv(
    text: str, count_known: Callable[[Sequence[str]], int], faults: Faults
) -> Iterator[NumberedCells]:
    """The lines that are not empty; each must have as many values as the header.

    `count_known` counts the headers that it knows in a row: it decides which separator fits.
    """
    before, separator, text = _directive(text)
    if not separator:
        separator = max(SEPARATORS, key=lambda sign: _fitness(text, sign, count_known))
    width = 0
    for line, cells in _lines(text, separator, before, faults):
        width = width or len(cells)
        if len(cells) > MAX_COLUMNS:
            raise too_wide(line, faults)
        if len(cells) == width:
            yield line, cells
        else:
            reason = gettext_noop(
                "This row has %(count)s values, but the header has %(expected)s columns."
            )
            faults.add(reason, line, count=len(cells), expected=width)


def _directive(text: str) -> tuple[int, str, str]:
    """The lines that Excel's directive takes, the separator it sets, and the text below it."""
    directive = DIRECTIVE.match(text)
    if directive is None:
        return 0, "", text
    separator = "" if directive[1] in '"\r\n' else directive[1]
    return 1, separator, text[directive.end() :]


def _fitness(
    text: str, separator: str, count_known: Callable[[Sequence[str]], int]
) -> tuple[int, int]:
    """How many headers are known with this separator, then how many there are."""
    try:
        header = next(filter(any, csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
    except (csv.Error, StopIteration):
        return 0, 0
    return count_known(header), len(header)


def _lines(text: str, separator: str, before: int, faults: Faults) -> Iterator[NumberedCells]:
    try:
        for line, values in records(text, separator):
            cells: list[Cell] = [read_text(value) for value in values]
            if any(cells):
                yield before + line, cells
    except NotCsv as error:
        reason = gettext_noop("From this row on the quotation marks do not match.")
        raise faults.fatal(reason, before + error.line) from error


def write_csv(file: IO[bytes], rows: Iterable[Sequence[object]]) -> None:
    """UTF-8 with a byte order mark, without which Excel takes it for windows-1252."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    csv.writer(text).writerows(rows)
    text.detach()  # flushes, and leaves the file open
