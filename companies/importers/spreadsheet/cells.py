"""Spreadsheet cells as text, and the collected faults of a file."""

import datetime
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

MAX_FAULTS = 100
MAX_COLUMNS = 100
MAX_ROW_REMARKS = 5  # rows or texts that one remark names

# What a spreadsheet program takes for the beginning of a formula.
RISKY = tuple("=+-@\t\r\n＝＋－＠")
CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how OOXML writes a character that XML cannot hold


# Faults


@dataclass(frozen=True)
class SpreadsheetFault:
    """One fault, with its line and column (a canonical name) if it has them."""

    line: int | None
    column: str
    reason: str


class BadSpreadsheet(ValueError):
    """A file that cannot be imported, with its faults as far as they can be found."""

    def __init__(self, faults: Sequence[SpreadsheetFault], remarks: Sequence[str] = ()) -> None:
        super().__init__(" ".join(fault.reason for fault in faults))
        self.faults = list(faults)
        self.remarks = tuple(remarks)  # what was read as what, left out or guessed


def gettext_noop(reason: str) -> str:
    """Mark a reason for translation, which the `gettext` given to `read` does later."""
    return reason


DAMAGED = gettext_noop("This file is damaged or was not made by a spreadsheet program.")
TOO_LARGE = gettext_noop("This file is too large to read in one go. Split it into parts.")
ENCRYPTED = gettext_noop("This file is protected by a password. Save it without one first.")


QUOTED = gettext_noop("“%(text)s”")


class Faults:
    """Collects the first hundred faults of a file with a count of the others, and remarks.

    A remark says how something was read, what was left out, and what was guessed.
    """

    def __init__(self, gettext: Callable[[str], str]) -> None:
        self.gettext = gettext
        self.found: list[SpreadsheetFault] = []
        self.others = 0
        self._remarks: dict[str, None] = {}
        self._rows: dict[str, list[str]] = {}

    def add(
        self, reason: str, line: int | None = None, column: str = "", /, **facts: object
    ) -> None:
        if len(self.found) < MAX_FAULTS:
            self.found.append(SpreadsheetFault(line, column, self.gettext(reason) % facts))
        else:
            self.others += 1

    def fatal(self, reason: str, line: int | None = None, /, **facts: object) -> BadSpreadsheet:
        """The exception to raise for a fault that ends the reading."""
        self.add(reason, line, **facts)
        return self.refusal()

    def refusal(self) -> BadSpreadsheet:
        return BadSpreadsheet(self.as_list(), self.remarks)

    def add_remark(self, reason: str, /, **facts: object) -> None:
        self._remarks[self.gettext(reason) % facts] = None

    def add_row_remark(self, reason: str, line: int | str, text: str = "") -> None:
        """Add a remark that may hold for several rows, which are listed together as `%(rows)s`."""
        row = f"{line} ({self.quoted(text[:40])})" if text else str(line)
        self._rows.setdefault(reason, []).append(row)

    def quoted(self, text: str) -> str:
        return self.gettext(QUOTED) % {"text": text}

    @property
    def remarks(self) -> tuple[str, ...]:
        return (
            *self._remarks,
            *(self.gettext(reason) % {"rows": few(rows)} for reason, rows in self._rows.items()),
        )

    def as_list(self) -> list[SpreadsheetFault]:
        if not self.others:
            return self.found
        reason = self.gettext(gettext_noop("There are %(count)s more errors."))
        return [*self.found, SpreadsheetFault(None, "", reason % {"count": self.others})]


def few(texts: Sequence[str]) -> str:
    """The first texts and the number of others: "3, 7, 9 … (+12)"."""
    others = len(texts) - MAX_ROW_REMARKS
    return ", ".join(texts[:MAX_ROW_REMARKS]) + (f" … (+{others})" if others > 0 else "")


def too_wide(line: int, faults: Faults) -> BadSpreadsheet:
    reason = gettext_noop("There are more than %(limit)s columns.")
    return faults.fatal(reason, line, limit=MAX_COLUMNS)


# Cells


def column_letters(place: int) -> str:
    """The letters of a column counted from 0: A, B, ... Z, AA."""
    before, last = divmod(place, 26)
    return (column_letters(before - 1) if before else "") + chr(ord("A") + last)


Value = str | int | float | datetime.date | datetime.time | None


class BadCell(NamedTuple):
    """A cell without usable text, with the reason and its placeholder values."""

    reason: str
    facts: dict[str, object]


Cell = str | BadCell
NumberedCells = tuple[int, list[Cell]]  # a line number with the cells of that line


def as_text(value: object) -> str:
    """Convert a cell value to text: ISO dates, whole numbers without a decimal point."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # A spreadsheet program stores and shows fifteen digits.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime | datetime.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)


def read_text(text: str) -> Cell:
    """The text of a cell, without the apostrophe that `safe_value` puts before a formula."""
    if "_x" in text:
        text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    text = text.strip()
    if CONTROL.search(text):
        return BadCell(gettext_noop("This text contains an invisible control character."), {})
    if text.startswith("'") and text[1:].lstrip().startswith(RISKY):
        return text[1:].strip()
    return text


@lru_cache(4096, typed=True)  # most cells of a long table hold one of few codes and dates
def safe_value(value: Value) -> str | int | float | None:
    """`value` escaped for a CSV cell: an apostrophe before what would run as a formula.

    This is the one place that puts it there, and `read_text` the one that takes it away.
    """
    if value is None or (isinstance(value, int | float) and math.isfinite(value)):
        return value
    text = CONTROL.sub("", as_text(value))
    return f"'{text}" if text.startswith(RISKY) or text.lstrip().startswith(RISKY) else text
