"""CSV files, read with whatever separator a spreadsheet program gave them."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from .cells import (
    MAX_COLUMNS,
    Cell,
    Faults,
    NumberedCells,
    Value,
    gettext_noop,
    read_text,
    safe_value,
    too_wide,
)

NONE = "\x1f"  # which no line holds: a file of one column
SEPARATORS = (NONE, ",", ";", "\t", "|")
BLOCK = 500  # rows written at once
SAMPLE, SAMPLED = 50, 200_000  # records and letters by which the separator is found
# Excel's own first line, such as "sep=;".
DIRECTIVE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
# A value that a word processor put between its own quotation marks.
TYPOGRAPHIC = re.compile(r"(?<![^,;|\t\r\n])[“„«]([^“”„«»\"\r\n]{0,500})[”“»](?![^,;|\t\r\n])")
DOS_END = "\x1a\r\n"  # programs of DOS end a file with 0x1A


class NotCsv(Exception):
    """A record that cannot be read, with the line it begins on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def records(text: str, separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Each record with its first line number; a quoted value may span lines. Raises NotCsv."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for values in reader:
            if values:
                yield begins, values
            begins = reader.line_num + 1
    except csv.Error as error:
        raise NotCsv(begins, str(error)) from error


def read_csv(
    text: str, count_known: Callable[[Sequence[str]], int], faults: Faults
) -> Iterator[NumberedCells]:
    """The non-empty lines.

    `count_known` counts the known headings in a row: it decides which separator fits.
    """
    before, separator, text = _directive(text)
    text = TYPOGRAPHIC.sub(r'"\1"', text.rstrip(DOS_END))
    if not separator:
        separator = max(SEPARATORS, key=lambda sign: _fitness(text, sign, count_known))
    yield from _lines(text, separator, before, faults)


def _directive(text: str) -> tuple[int, str, str]:
    """Read Excel's sep= line: the number of lines it takes, the separator, and the rest."""
    directive = DIRECTIVE.match(text)
    if directive is None:
        return 0, "", text
    separator = "" if directive[1] in '"\r\n' else directive[1]
    return 1, separator, text[directive.end() :]


def _fitness(
    text: str, separator: str, count_known: Callable[[Sequence[str]], int]
) -> tuple[int, bool, int]:
    """How well a separator fits: known headings, then whether most records have it."""
    try:
        reader = csv.reader(io.StringIO(text[:SAMPLED], newline=""), delimiter=separator)
        rows = [row[: MAX_COLUMNS + 1] for row in islice(filter(any, reader), SAMPLE)]
    except csv.Error:
        return 0, False, 0
    head = max(rows, key=count_known, default=[])
    known = count_known(head)
    if (known and len(head) == 1) or (not known and _is_prose(rows, separator)):
        return known, False, 0
    wide = Counter(len(row) for row in rows if len(row) > 1)
    return known, wide.total() * 2 > len(rows), max(wide.values(), default=0)


def _is_prose(rows: Sequence[Sequence[str]], separator: str) -> bool:
    """Whether commas are followed by blanks, as in "Cisco Systems, Inc."."""
    after = [value[:1] == " " for row in rows for value in row[1:]]
    return separator == "," and sum(after) * 2 > len(after)


def _lines(text: str, separator: str, before: int, faults: Faults) -> Iterator[NumberedCells]:
    try:
        for line, values in records(text, separator):
            if len(values) > MAX_COLUMNS and any(values[MAX_COLUMNS:]):
                raise too_wide(before + line, faults)
            cells: list[Cell] = [read_text(value) for value in values[:MAX_COLUMNS]]
            if any(cells):
                yield before + line, cells
    except NotCsv as error:
        reason = gettext_noop("A quotation mark opened in this row is never closed.")
        raise faults.fatal(reason, before + error.line) from error


class _AsText:
    """A file for csv.writer, which returns what the file's write() returns."""

    @staticmethod
    def write(line: str) -> str:
        return line


def encoded(lines: Iterable[str]) -> Iterator[bytes]:
    """Encode lines as a CSV file, in parts: UTF-8 with a BOM, else Excel reads windows-1252.

    The first part is the header, so that a long table needs little memory.
    """
    lines = iter(lines)
    yield codecs.BOM_UTF8 + "".join(islice(lines, 1)).encode()
    while block := "".join(islice(lines, BLOCK)):
        yield block.encode()


class CsvCells:
    """Joins neighbouring cells of a row as CSV text; called millions of times."""

    def __init__(self, separator: str = ",") -> None:
        self.between = separator
        self._row = csv.writer(_AsText(), delimiter=separator).writerow

    def __call__(self, columns: Sequence[str], values: Sequence[Value]) -> str:
        between, texts = self.between, []
        for value in values:
            if value is None or value == "":
                texts.append("")
            # Begins no formula, and needs no quotation mark.
            elif (
                type(value) is str
                and value[:1].isalnum()
                and value.isprintable()
                and '"' not in value
                and between not in value
            ):
                texts.append(value)
            else:
                return self._written(values)
        return between.join(texts)

    def _written(self, values: Sequence[Value]) -> str:
        line: str = self._row([safe_value(value) for value in values])
        return line[:-2]
