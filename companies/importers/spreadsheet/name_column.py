"""A list of names in a spreadsheet, whatever else stands beside them: which column holds them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .cells import Cell, Wrong
from .columns import Line, folded, letters
from .faults import Faults, gettext_noop

_LOOKED_AT = 50  # rows, to tell names from numbers


@dataclass(frozen=True)
class Listed:
    """One name and the line it stands on."""

    line: int
    name: str


@dataclass(frozen=True)
class NameList:
    """The names of a list; of a spreadsheet also where in it they stand."""

    names: list[Listed]
    column: str = ""  # as a spreadsheet calls it: A, B
    heading: str = ""  # as written; "" where none was recognised, and the first row is a name
    unread: tuple[str, ...] = ()  # names of the further sheets


def name_list(
    lines: Iterator[Line], *, headings: Sequence[str], max_rows: int, longest: int, faults: Faults
) -> NameList:
    """The column with the first of `headings` that is there, else the first column of words."""
    rows = list(_at_most(lines, max_rows + 1, faults))
    if not rows:
        raise faults.stop(gettext_noop("This file is empty."))
    first = [cell if isinstance(cell, str) else "" for cell in rows[0][1]]
    place = _place_of_heading(first, headings)
    heading = "" if place is None else first[place]
    if place is None:
        place = _first_of_words(rows[:_LOOKED_AT])
    named = rows[1:] if heading else rows
    if len(named) > max_rows:
        raise _too_many(named[max_rows][0], max_rows, faults)
    return NameList(list(_names(named, place, longest, faults)), letters(place), heading)


def checked_name(name: str, line: int, longest: int, faults: Faults) -> Iterator[Listed]:
    """The name on one line, or a fault."""
    name = " ".join(name.split())
    if len(name) > longest:
        reason = gettext_noop(
            "This name has %(length)s characters; the longest may have %(limit)s."
        )
        faults.add(reason, line, length=len(name), limit=longest)
    elif name:
        yield Listed(line, name)


def _at_most(lines: Iterable[Line], most: int, faults: Faults) -> Iterator[Line]:
    for number, (line, cells) in enumerate(lines):
        if number == most:
            raise _too_many(line, most - 1, faults)
        yield line, cells


def _too_many(line: int, most: int, faults: Faults) -> Exception:
    reason = gettext_noop("There are more than %(limit)s rows. Split the file into parts.")
    return faults.stop(reason, line, limit=most)


def _place_of_heading(first: Sequence[str], headings: Sequence[str]) -> int | None:
    there = [folded(text) for text in first]
    for heading in headings:
        if folded(heading) in there:
            return there.index(folded(heading))
    return None


def _first_of_words(rows: Sequence[Line]) -> int:
    width = max(len(cells) for _line, cells in rows)
    for place in range(width):
        texts = [cells[place] for _line, cells in rows if place < len(cells) and cells[place]]
        if sum(map(_is_of_words, texts)) > len(texts) / 2:
            return place
    return 0


def _is_of_words(cell: Cell) -> bool:
    """More letters than digits: a name, not a number, a date or an account."""
    text = cell if isinstance(cell, str) else ""
    return sum(map(str.isalpha, text)) > sum(map(str.isdigit, text))


def _names(rows: Iterable[Line], place: int, longest: int, faults: Faults) -> Iterator[Listed]:
    for line, cells in rows:
        cell = cells[place] if place < len(cells) else ""
        if isinstance(cell, Wrong):
            faults.add(cell.reason, line, **cell.facts)
        else:
            yield from checked_name(cell, line, longest, faults)
