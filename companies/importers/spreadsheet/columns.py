"""Find the header row, the meaning of each column, and rows that are no data."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain, islice

from .cells import (
    BadCell,
    BadSpreadsheet,
    Cell,
    Faults,
    NumberedCells,
    column_letters,
    few,
    gettext_noop,
)
from .headings import Headers

MAX_CELL = 2_000  # characters
SAMPLE = 50  # rows by which the headings and the column of names are found
SEARCHED = 20  # rows in which the headings may be
TITLES = 3  # rows above the heading of a single column

# Rows below a table. A company may be called Total: a number or a colon must follow.
_TOTAL = (
    r"(?:sub|grand )?totals?|sous-total|total g[ée]n[ée]ral|somme|gesamt(?:summe)?|summe|anzahl|"
    r"totale|totaal|suma|razem|soma"
)
_NUMBER = r"\d[\d.,’ \u00a0\u202f]{0,20}"
TOTAL = re.compile(f"(?i)(?:{_TOTAL})")
NUMBER = re.compile(rf"[-+(]?{_NUMBER}[)%€$£]?")
FOOTER = re.compile(
    rf"(?i)(?:{_TOTAL})(?:\s?:.{{0,80}}|(?: [^\W\d]{{1,20}}){{0,2}}\s?[:=]?\s?{_NUMBER})|"
    r"(?:©|\(c\)|copyright\b).{0,200}|"
    r"(?:page|seite|página|pagina|strona)\s\d{1,4}(?:\s?(?:/|of|sur|von|de|di|van|z)\s?\d{1,4})?|"
    r"(?:source|quelle|fuente|fonte|bron|źródło|note|stand|as of|last updated?|mise à jour)"
    r"\s?:.{0,200}"
)

ABOVE = gettext_noop("The headings are in row %(line)s. The rows above were ignored: %(texts)s.")
UNKNOWN_COLUMNS = gettext_noop("Ignored columns (heading not recognised): %(columns)s.")
READ_COLUMNS = gettext_noop("Columns read: %(columns)s.")
BEYOND = gettext_noop("More cells than headings; the extra cells were ignored: row %(rows)s.")
FOOTERS = gettext_noop("Ignored, a total or a note rather than a company: row %(rows)s.")
AGAIN = gettext_noop("Ignored, the headings repeated: row %(rows)s.")
NAMELESS = gettext_noop("Ignored, no company name: row %(rows)s.")
MISSING = gettext_noop("The company name is missing. Type it, or delete the row.")


@dataclass(frozen=True)
class SheetRow:
    """One row; `line` is its number in the spreadsheet, in a CSV the line it begins on.

    `values` maps the canonical name of each column found to its text, stripped; "" when empty.
    """

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class NameOnLine:
    """A name, its line, and the headings and texts of the other cells there.

    `written` is the raw cell if that has invisible characters.
    """

    line: int
    name: str
    written: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    cells: tuple[str, ...] = ()  # the whole row


@dataclass(frozen=True)
class NameList:
    """The names of a list, and their column if they come from a spreadsheet."""

    names: list[NameOnLine]
    column: str = ""  # its letter: A, B
    heading: str = ""  # as written; "" where none is known, and the first row is a name
    remarks: tuple[str, ...] = ()  # what was read as what, left out or guessed
    headings: tuple[str, ...] = ()  # of all columns, as written

    @property
    def place(self) -> int:
        """The column of the name; -1 for a list without columns."""
        letters = [ord(letter) - ord("A") + 1 for letter in self.column]
        return reduce(lambda place, letter: place * 26 + letter, letters, 0) - 1


# The headings


@dataclass(frozen=True)
class Head:
    """The header row, and the meaning of each column: "" if it is ignored."""

    line: int
    cells: Sequence[Cell]
    names: list[str]


def find_head(rows: Sequence[NumberedCells], headers: Headers) -> int | None:
    """The index of the header row: the one with most known headings."""
    known = [
        headers.count_known(cells) if headers.head_names(cells) else 0
        for _line, cells in rows[:SEARCHED]
    ]
    place = known.index(max(known)) if any(known) else None
    if not place or known[place] > 1:
        return place
    width = _filled(rows[place][1])
    above = [_filled(cells) for _line, cells in rows[:place]]
    is_head = max(above) < width or (max(above) == width == 1 and place <= TITLES)
    return place if is_head else None


def _filled(cells: Sequence[Cell]) -> int:
    return sum(map(bool, cells))


def _remark_above(rows: Sequence[NumberedCells], line: int, faults: Faults) -> None:
    texts = [" ".join(str(cell) for cell in cells if cell)[:60] for _line, cells in rows]
    if texts:
        faults.add_remark(ABOVE, line=line, texts=few([faults.quoted(text) for text in texts]))


def _place_of_names(head: Head, rows: Sequence[NumberedCells], headers: Headers) -> int | None:
    """The column under the clearest heading of names that has words in most rows."""
    named = [place for place, name in enumerate(head.names) if name in headers.of_names]
    words = {place: _words_in(rows, place) for place in named}
    usable = [place for place in named if words[place] * 2 > _texts_in(rows, place)]
    most = max((words[place] for place in usable), default=0)
    full = [place for place in usable if words[place] * 5 >= most * 4]
    ranked = sorted(
        full or named, key=lambda place: headers.rank[headers.key_of(head.cells[place])]
    )
    if rows and not usable and _words_in(rows, _first_column_of_words(rows)):
        return None  # a column called "Vendor" of nothing but numbers, beside one of words
    return ranked[0] if ranked else None


def _texts_in(rows: Sequence[NumberedCells], place: int) -> int:
    return sum(1 for _line, cells in rows if place < len(cells) and cells[place])


def _words_in(rows: Sequence[NumberedCells], place: int) -> int:
    return sum(1 for _line, cells in rows if place < len(cells) and _is_words(cells[place]))


def _is_words(cell: Cell) -> bool:
    """Whether a cell has at least as many letters as digits: a name, not a number or date."""
    if isinstance(cell, BadCell):
        return True
    return cell != "" and sum(map(str.isalpha, cell)) > sum(map(str.isdigit, cell))


# Rows that are none


def _is_repeated(cells: Sequence[Cell], head: Head, headers: Headers) -> bool:
    """Whether a row repeats the headings, after a page break or in another language."""
    filled = [cell for cell in cells if cell]
    if len(filled) > 1 and headers.key_of(filled[0]) and all(map(headers.key_of, filled)):
        return True
    return list(cells) == list(head.cells)


def _is_footer(name: Cell, cells: Sequence[Cell]) -> bool:
    if not isinstance(name, str):
        return False
    others = [cell for cell in cells if cell and not NUMBER.fullmatch(str(cell))]
    alone = len(others) == 1 < _filled(cells) and TOTAL.fullmatch(str(others[0]))
    return bool(alone) or FOOTER.fullmatch(" ".join(name.split())) is not None


def _is_none(line: int, name: Cell, cells: Sequence[Cell], faults: Faults) -> bool:
    """Whether a row is a total or a note about the list, which is reported."""
    texts = [name] if name else [cell for cell in cells if cell][:1]
    if not texts or not _is_footer(texts[0], cells):
        return False
    faults.add_row_remark(FOOTERS, line, str(texts[0]))
    return True


# A table


def read_columns(
    lines: Iterator[NumberedCells], headers: Headers, max_rows: int, faults: Faults
) -> tuple[list[str], list[str], list[SheetRow]]:
    """The columns found, the unknown headings, and the rows."""
    sample = list(islice(lines, SAMPLE))
    if not sample:
        raise faults.fatal(gettext_noop("This file is empty."))
    place = find_head(sample, headers) or 0
    line, cells = sample[place]
    body = sample[place + 1 :]
    head = _one_of_names(Head(line, cells, headers.names_of(cells)), body, headers)
    _remark_above(sample[:place], line, faults)
    _check_header(head, headers, faults)
    rows: list[SheetRow] = []
    for number, here in chain(body, lines):
        if len(rows) == max_rows:
            raise _too_many_rows(number, max_rows, faults)
        if not _is_repeated(here, head, headers):
            rows += _row(number, here, head, headers, faults)
        else:
            faults.add_row_remark(AGAIN, number)
    return [name for name in head.names if name], _remark_columns(head, headers, faults), rows


def _one_of_names(head: Head, body: Sequence[NumberedCells], headers: Headers) -> Head:
    """The header with a single name column, if several headings may mean names."""
    named = [place for place, name in enumerate(head.names) if name in headers.of_names]
    keys = {headers.key_of(head.cells[place]) for place in named}
    if len(keys) < 2 or len(keys) < len(named):
        return head
    chosen = _place_of_names(head, body, headers)
    kept = named[0] if chosen is None else chosen
    names = [
        "" if place in named and place != kept else name for place, name in enumerate(head.names)
    ]
    return Head(head.line, head.cells, names)


def _check_header(head: Head, headers: Headers, faults: Faults) -> None:
    for cell in head.cells:
        if isinstance(cell, BadCell):
            faults.add(cell.reason, head.line, **cell.facts)
    for name in headers.required:
        if name not in head.names:
            reason = gettext_noop(
                "The column “%(column)s” is missing. Its heading can be: %(spellings)s."
            )
            spellings = headers.spellings[name]
            faults.add(reason, head.line, name, column=spellings[0], spellings=few(spellings))
    for name in dict.fromkeys(head.names):
        if name and head.names.count(name) > 1:
            reason = gettext_noop("The column “%(column)s” appears more than once.")
            faults.add(reason, head.line, name, column=headers.spellings[name][0])


def _remark_columns(head: Head, headers: Headers, faults: Faults) -> list[str]:
    """Report which columns are read; returns the unknown headings."""
    known, ignored = [], []
    for place, (cell, name) in enumerate(zip(head.cells, head.names, strict=True)):
        if name:
            where = f"{column_letters(place)}, {faults.quoted(str(cell))}"
            known.append(f"{headers.spellings[name][0]} ({where})")
        elif cell and isinstance(cell, str):
            ignored.append(cell)
    if known:
        faults.add_remark(READ_COLUMNS, columns=", ".join(known))
    if ignored:
        columns = ", ".join(faults.quoted(cell[:60]) for cell in ignored)
        faults.add_remark(UNKNOWN_COLUMNS, columns=columns)
    return ignored


def _row(
    line: int, cells: list[Cell], head: Head, headers: Headers, faults: Faults
) -> Iterator[SheetRow]:
    """The parsed row, if it has data; a row without a company is a fault."""
    values = dict.fromkeys(filter(None, head.names), "")
    for place, cell in enumerate(cells):
        name = head.names[place] if place < len(head.names) else ""
        if not name:
            if cell and (place >= len(head.cells) or not head.cells[place]):
                faults.add_row_remark(BEYOND, line, str(cell))
        elif text := _checked(cell, line, name, faults):
            values[name] = text
    of_names = next((name for name in headers.of_names if name in values), "")
    place = head.names.index(of_names) if of_names else 0
    company = cells[place] if place < len(cells) else ""
    if _is_none(line, company, cells, faults):
        return
    if not any(values.values()) and not isinstance(company, BadCell):
        faults.add_row_remark(NAMELESS, line)
        return
    if of_names and not company:
        faults.add(MISSING, line, of_names)
    yield SheetRow(line, values)


def _checked(cell: Cell, line: int, name: str, faults: Faults) -> str:
    if isinstance(cell, BadCell):
        faults.add(cell.reason, line, name, **cell.facts)
        return ""
    if len(cell) > MAX_CELL:
        reason = gettext_noop("This text has %(length)s characters; the limit is %(limit)s.")
        faults.add(reason, line, name, length=len(cell), limit=MAX_CELL)
        return ""
    return cell


def _too_many_rows(line: int, most: int, faults: Faults) -> BadSpreadsheet:
    reason = gettext_noop("There are more than %(limit)s rows. Split the file into parts.")
    return faults.fatal(reason, line, limit=most)


# A column of names


def find_names(
    lines: Iterator[NumberedCells],
    headers: Headers,
    *,
    max_rows: int,
    longest: int,
    faults: Faults,
) -> NameList:
    """The names under the clearest heading, else in the first column of words."""
    rows = list(_at_most(lines, max_rows + SEARCHED, faults))
    if not rows:
        raise faults.fatal(gettext_noop("This file is empty."))
    place = find_head(rows, headers)
    first = 0 if place is None else place + 1
    line, cells = rows[place or 0]
    head = Head(line, cells, headers.names_of(cells) if first else [])
    _remark_above(rows[: first and first - 1], line, faults)
    body = rows[first:]
    column = _place_of_names(head, body[:SAMPLE], headers) if first else None
    heading = "" if column is None else str(cells[column])
    if column is None:
        column = _first_column_of_words(body[:SAMPLE] or rows)
    names = list(_names(body, column, head, headers, longest, faults))
    if len(names) > max_rows:
        raise _too_many_rows(names[max_rows].line, max_rows, faults)
    headings = tuple(map(_text, cells)) if head.names else ()
    return NameList(names, column_letters(column), heading, headings=headings)


def checked_name(name: str, line: int, longest: int, faults: Faults) -> Iterator[NameOnLine]:
    """The name on one line, unless it is empty or too long; the latter is a fault."""
    name = " ".join(name.split())
    if len(name) > longest:
        reason = gettext_noop("This name has %(length)s characters; the limit is %(limit)s.")
        faults.add(reason, line, length=len(name), limit=longest)
    elif name:
        yield NameOnLine(line, name)


def _at_most(lines: Iterable[NumberedCells], most: int, faults: Faults) -> Iterator[NumberedCells]:
    for count, (line, cells) in enumerate(lines):
        if count == most:
            raise _too_many_rows(line, most - SEARCHED, faults)
        yield line, cells


def _first_column_of_words(rows: Sequence[NumberedCells]) -> int:
    """The first column of words; country codes and the like do not count."""
    width = max((len(cells) for _line, cells in rows), default=0)
    for place in range(width):
        texts = [str(cells[place]) for _line, cells in rows if place < len(cells) and cells[place]]
        is_code = bool(width > 1 and texts and max(map(len, texts)) < 4)
        if not is_code and _words_in(rows, place) * 2 > len(texts):
            return place
    return 0


def _names(
    rows: Iterable[NumberedCells],
    place: int,
    head: Head,
    headers: Headers,
    longest: int,
    faults: Faults,
) -> Iterator[NameOnLine]:
    for line, cells in rows:
        cell = cells[place] if place < len(cells) else ""
        if head.names and _is_repeated(cells, head, headers):
            faults.add_row_remark(AGAIN, line)
        elif isinstance(cell, BadCell):
            faults.add(cell.reason, line, **cell.facts)
        elif not _is_none(line, cell, cells, faults):
            name = cell if any(map(str.isalnum, cell)) else ""  # not the rule below a heading
            _remark_odd(line, name, cells, head, faults)
            for one in checked_name(name, line, longest, faults):
                beside = tuple(_beside(cells, place, head))
                yield replace(one, beside=beside, cells=tuple(map(_text, cells)))


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def _beside(cells: Sequence[Cell], place: int, head: Head) -> Iterator[tuple[str, str]]:
    heads = head.cells if head.names else ()
    for number, cell in enumerate(cells):
        if cell and number != place:
            yield str(heads[number]) if number < len(heads) else "", str(cell)


def _remark_odd(line: int, name: str, cells: Sequence[Cell], head: Head, faults: Faults) -> None:
    """Report a row without a name, or with more cells than headings."""
    if not name:
        faults.add_row_remark(NAMELESS, line)
    beyond = next((cell for cell in cells[len(head.names) :] if cell), "")
    if head.names and beyond:
        faults.add_row_remark(BEYOND, line, str(beyond))
