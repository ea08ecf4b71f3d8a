"""One cell: what it says as text, and how a text is written so that no program computes it."""

import datetime
import math
import re
from typing import NamedTuple

from .faults import gettext_noop

Value = str | int | float | datetime.date | datetime.time | None

# What a spreadsheet program would take for the beginning of a formula.
RISKY = tuple("=+-@\t\r\n＝＋－＠")
CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")


class Wrong(NamedTuple):
    """A cell whose content cannot be taken as it is."""

    reason: str
    facts: dict[str, object]


Cell = str | Wrong


def as_text(value: object) -> str:
    """A cell's value: dates in ISO form, whole numbers without a decimal point."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        # Fifteen digits are what a spreadsheet knows and shows.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime | datetime.time):
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)


def read_text(text: str) -> Cell:
    text = text.strip()
    if CONTROL.search(text):
        return Wrong(gettext_noop("This text holds a control character that nobody sees."), {})
    if text.startswith("'") and text[1:].lstrip().startswith(RISKY):
        return text[1:].strip()  # as `written` wrote it
    return text


def written(value: Value) -> str | int | float | None:
    """A value as a cell may hold it; only a text can be taken for a formula."""
    if value is None or (isinstance(value, int | float) and math.isfinite(value)):
        return value
    text = CONTROL.sub("", as_text(value))
    return f"'{text}" if text.startswith(RISKY) or text.lstrip().startswith(RISKY) else text
