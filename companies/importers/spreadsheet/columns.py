"""The table in a spreadsheet, whichever form it came in: a header, then rows."""

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .cells import Cell, Wrong
from .faults import BadSpreadsheet, Faults, gettext_noop

MAX_COLUMNS = 100
MAX_CELL = 2_000

Line = tuple[int, list[Cell]]


@dataclass(frozen=True)
class Row:
    """One row; `line` is the row's number in the spreadsheet, of a CSV the line it begins on.

    `values` has the canonical name of each column found, with its text, stripped; "" when empty.
    """

    line: int
    values: dict[str, str]


def folded(header: str) -> str:
    """A header without what people write differently: case, accents, spaces, punctuation."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", header).casefold() if letter.isalnum()
    )


class Headers:
    """Which header means which column."""

    def __init__(self, columns: Mapping[str, Sequence[str]], optional: Collection[str]) -> None:
        self.spellings = {name: spellings or [name] for name, spellings in columns.items()}
        self.required = [name for name in columns if name not in optional]
        self.names = {
            folded(spelling): name
            for name, spellings in columns.items()
            for spelling in (name, *spellings)
        }

    def named(self, cells: Sequence[Cell]) -> list[str]:
        """The canonical name at each place, "" where the header says nothing we know."""
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        return [self.names.get(folded(text), "") for text in texts]


def table(
    lines: Iterator[Line], headers: Headers, max_rows: int, faults: Faults
) -> tuple[list[str], list[str], list[Row]]:
    """The columns found, the headers ignored, and the rows."""
    line, header = next(lines, (1, []))
    if not header:
        raise faults.stop(gettext_noop("This file is empty."))
    names = headers.named(header)
    for cell in header:
        if isinstance(cell, Wrong):
            faults.add(cell.reason, line, **cell.facts)
    _check_header(line, names, headers, faults)
    rows: list[Row] = []
    for line, cells in lines:
        if len(rows) == max_rows:
            reason = gettext_noop("There are more than %(limit)s rows. Split the file into parts.")
            raise faults.stop(reason, line, limit=max_rows)
        rows.append(_row(line, cells, header, names, faults))
    ignored = [
        cell
        for cell, name in zip(header, names, strict=True)
        if cell and not name and isinstance(cell, str)
    ]
    return [name for name in names if name], ignored, rows


def _check_header(line: int, names: Sequence[str], headers: Headers, faults: Faults) -> None:
    for name in headers.required:
        if name not in names:
            reason = gettext_noop(
                "The column “%(column)s” is missing. Its header may be: %(spellings)s."
            )
            spellings = headers.spellings[name]
            faults.add(reason, line, name, column=spellings[0], spellings=", ".join(spellings))
    for name in dict.fromkeys(names):
        if name and names.count(name) > 1:
            reason = gettext_noop("The column “%(column)s” is there more than once.")
            faults.add(reason, line, name, column=headers.spellings[name][0])


def _row(line: int, cells: list[Cell], header: list[Cell], names: list[str], faults: Faults) -> Row:
    values: dict[str, str] = {}
    for place, cell in enumerate(cells):
        name = names[place] if place < len(names) else ""
        if not name:
            if cell and (place >= len(header) or not header[place]):
                reason = gettext_noop("Column %(letter)s holds a value but has no header.")
                faults.add(reason, line, letter=letters(place))
        elif isinstance(cell, Wrong):
            faults.add(cell.reason, line, name, **cell.facts)
        elif len(cell) > MAX_CELL:
            reason = gettext_noop(
                "This text has %(length)s characters, of which %(limit)s are allowed."
            )
            faults.add(reason, line, name, length=len(cell), limit=MAX_CELL)
        else:
            values[name] = cell
    return Row(line, dict.fromkeys(filter(None, names), "") | values)


def letters(place: int) -> str:
    """How a spreadsheet calls its column: A, B, ... Z, AA."""
    before, last = divmod(place, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)


def too_wide(line: int, faults: Faults) -> BadSpreadsheet:
    reason = gettext_noop("There are more than %(limit)s columns.")
    return faults.stop(reason, line, limit=MAX_COLUMNS)
