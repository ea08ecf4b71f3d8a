"""Which column of a spreadsheet means what: a table with known headers, or one column of names."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .cells import BadCell, BadSpreadsheet, Cell, Faults, NumberedCells, gettext_noop

MAX_CELL = 2_000  # characters
SAMPLE = 50  # rows that tell a column of names from one of numbers


@dataclass(frozen=True)
class SheetRow:
    """One row; `line` is its number in the spreadsheet, in a CSV the line it begins on.

    `values` maps the canonical name of each column found to its text, stripped; "" when empty.
    """

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class NameOnLine:
    """A name and the line it is on."""

    line: int
    name: str


@dataclass(frozen=True)
class NameList:
    """The names of a list, and their column if they come from a spreadsheet."""

    names: list[NameOnLine]
    column: str = ""  # its letter: A, B
    heading: str = ""  # as written; "" where none is known, and the first row is a name
    unread: tuple[str, ...] = ()  # names of the further sheets


def fold_header(header: str) -> str:
    """A header without what people write differently: case, accents, spaces, punctuation."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", header).casefold() if letter.isalnum()
    )


def column_letters(place: int) -> str:
    """The column at `place`, from 0, as a spreadsheet shows it: A, B, ... Z, AA."""
    before, last = divmod(place, 26)
    return (column_letters(before - 1) if before else "") + chr(ord("A") + last)


# A table


class Headers:
    """The columns to look for, each with the spellings of its header."""

    def __init__(self, columns: Mapping[str, Sequence[str]], optional: Collection[str]) -> None:
        self.spellings = {name: spellings or [name] for name, spellings in columns.items()}
        self.required = [name for name in columns if name not in optional]
        self.names = {
            fold_header(spelling): name
            for name, spellings in columns.items()
            for spelling in (name, *spellings)
        }

    def names_of(self, cells: Sequence[Cell]) -> list[str]:
        """The canonical name of each header, "" where it is not known."""
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        return [self.names.get(fold_header(text), "") for text in texts]

    def count_known(self, cells: Sequence[str]) -> int:
        return sum(map(bool, self.names_of(cells)))


def read_columns(
    lines: Iterator[NumberedCells], headers: Headers, max_rows: int, faults: Faults
) -> tuple[list[str], list[str], list[SheetRow]]:
    """The columns found, the headers that are not known, and the rows."""
    line, header = next(lines, (1, []))
    if not header:
        raise faults.fatal(gettext_noop("This file is empty."))
    names = headers.names_of(header)
    for cell in header:
        if isinstance(cell, BadCell):
            faults.add(cell.reason, line, **cell.facts)
    _check_header(line, names, headers, faults)
    rows: list[SheetRow] = []
    for line, cells in lines:
        if len(rows) == max_rows:
            raise _too_many_rows(line, max_rows, faults)
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


def _row(
    line: int, cells: list[Cell], header: list[Cell], names: list[str], faults: Faults
) -> SheetRow:
    values: dict[str, str] = {}
    for place, cell in enumerate(cells):
        name = names[place] if place < len(names) else ""
        if not name:
            if cell and (place >= len(header) or not header[place]):
                reason = gettext_noop("Column %(letter)s holds a value but has no header.")
                faults.add(reason, line, letter=column_letters(place))
        elif isinstance(cell, BadCell):
            faults.add(cell.reason, line, name, **cell.facts)
        elif len(cell) > MAX_CELL:
            reason = gettext_noop(
                "This text has %(length)s characters, of which %(limit)s are allowed."
            )
            faults.add(reason, line, name, length=len(cell), limit=MAX_CELL)
        else:
            values[name] = cell
    return SheetRow(line, dict.fromkeys(filter(None, names), "") | values)


def _too_many_rows(line: int, most: int, faults: Faults) -> BadSpreadsheet:
    reason = gettext_noop("There are more than %(limit)s rows. Split the file into parts.")
    return faults.fatal(reason, line, limit=most)


# A column of names


def find_names(
    lines: Iterator[NumberedCells],
    *,
    headings: Sequence[str],
    max_rows: int,
    longest: int,
    faults: Faults,
) -> NameList:
    """The names under the first of `headings` that is there, else in the first column of words."""
    rows = list(_at_most(lines, max_rows + 1, faults))
    if not rows:
        raise faults.fatal(gettext_noop("This file is empty."))
    first = [cell if isinstance(cell, str) else "" for cell in rows[0][1]]
    place = _place_of_heading(first, headings)
    heading = "" if place is None else first[place]
    if place is None:
        place = _first_column_of_words(rows[:SAMPLE])
    body = rows[1:] if heading else rows
    if len(body) > max_rows:
        raise _too_many_rows(body[max_rows][0], max_rows, faults)
    return NameList(list(_names(body, place, longest, faults)), column_letters(place), heading)


def checked_name(name: str, line: int, longest: int, faults: Faults) -> Iterator[NameOnLine]:
    """The name on one line, unless it is empty or too long; the latter is a fault."""
    name = " ".join(name.split())
    if len(name) > longest:
        reason = gettext_noop(
            "This name has %(length)s characters; the longest may have %(limit)s."
        )
        faults.add(reason, line, length=len(name), limit=longest)
    elif name:
        yield NameOnLine(line, name)


def _at_most(lines: Iterable[NumberedCells], most: int, faults: Faults) -> Iterator[NumberedCells]:
    for count, (line, cells) in enumerate(lines):
        if count == most:
            raise _too_many_rows(line, most - 1, faults)
        yield line, cells


def _place_of_heading(first: Sequence[str], headings: Sequence[str]) -> int | None:
    keys = [fold_header(text) for text in first]
    return next((keys.index(key) for key in map(fold_header, headings) if key in keys), None)


def _first_column_of_words(rows: Sequence[NumberedCells]) -> int:
    width = max(len(cells) for _line, cells in rows)
    for place in range(width):
        texts = [cells[place] for _line, cells in rows if place < len(cells) and cells[place]]
        if sum(map(_is_words, texts)) > len(texts) / 2:
            return place
    return 0


def _is_words(cell: Cell) -> bool:
    """More letters than digits: a name, not a number, a date or an account."""
    text = cell if isinstance(cell, str) else ""
    return sum(map(str.isalpha, text)) > sum(map(str.isdigit, text))


def _names(
    rows: Iterable[NumberedCells], place: int, longest: int, faults: Faults
) -> Iterator[NameOnLine]:
    for line, cells in rows:
        cell = cells[place] if place < len(cells) else ""
        if isinstance(cell, BadCell):
            faults.add(cell.reason, line, **cell.facts)
        else:
            yield from checked_name(cell, line, longest, faults)
