"""The cells of a table: where each stands, and which hold names."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from .cleaning import fold
from .page import Line, Place
from .wording import NAME_COLUMN, NOTE_COLUMN, OTHER_COLUMN, SMALL_WORDS

WIDEST_SPAN = 100  # rows or columns; more is an error of the page
# Where no head tells the columns apart: English names of countries, and answers.
ATTRIBUTES = {
    *("austria", "belgium", "bulgaria", "croatia", "cyprus", "czechia", "denmark", "estonia"),
    *("finland", "france", "germany", "greece", "hungary", "ireland", "italy", "latvia"),
    *("lithuania", "luxembourg", "malta", "netherlands", "poland", "portugal", "romania"),
    *("slovakia", "slovenia", "spain", "sweden", "norway", "switzerland", "iceland", "china"),
    *("usa", "us", "uk", "united states", "united kingdom", "japan", "canada", "israel", "india"),
    *("czech republic", "south korea", "the netherlands", "eu", "yes", "no", "signed"),
}


class Grid:
    """The places of the cells of one table, spans included."""

    def __init__(self, table: int) -> None:
        self.table = table
        self.row = -1
        self.column = 0
        self.places: dict[int, Place] = {}
        self.taken: dict[int, int] = {}  # column -> first row below the cell that spans to it

    def next_row(self) -> None:
        self.row += 1
        self.column = 0

    def place(self, cell: int, tag: str, attributes: Mapping[str, str | None]) -> None:
        if self.row < 0:  # a table of divs may have cells outside any row
            self.next_row()
        while self.taken.get(self.column, 0) > self.row:
            self.column += 1
        is_header = tag == "th" and (attributes.get("scope") or "") != "row"
        self.places[cell] = Place(self.table, self.row, self.column, is_header)
        below = self.row + _span(attributes.get("rowspan"))
        for _ in range(_span(attributes.get("colspan"))):
            self.taken[self.column] = below
            self.column += 1


def _span(stated: str | None) -> int:
    digits = (stated or "").strip()
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 1
    return min(max(number, 1), WIDEST_SPAN)


def named_cells(lines: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """The lines of one table that hold names, row by row, each with the remark of its row."""
    cells = _cells(lines)
    names, notes, first = _columns(cells)
    for row, column in sorted(cells):
        here = cells[row, column]
        if row < first or column not in names or _is_header(here[0]):
            continue
        remarks = [line.text for note in notes for line in cells.get((row, note), [])]
        if first and len(here) > 1:
            remarks = [*(line.text for line in here[1:]), *remarks]
            here = here[:1]
        for line in here:
            yield line, "; ".join(remarks)


def _cells(lines: Sequence[Line]) -> dict[tuple[int, int], list[Line]]:
    places = groupby(lines, key=lambda line: line.place)
    cells: dict[tuple[int, int], list[Line]] = {}
    for place, here in places:
        if place is not None:
            cells.setdefault((place.row, place.column), []).extend(here)
    return cells


def _is_header(line: Line) -> bool:
    return line.place is not None and line.place.is_header


def _columns(cells: Mapping[tuple[int, int], list[Line]]) -> tuple[set[int], list[int], int]:
    """The columns of names, those of remarks, and the first row below the head."""
    top = min(row for row, _ in cells)
    head = {column: fold(here[0].text) for (row, column), here in cells.items() if row == top}
    is_head = all(_is_header(here[0]) for (row, _), here in cells.items() if row == top)
    names = [column for column, text in head.items() if _heads_names(text, is_head=is_head)]
    body = {place: here for place, here in cells.items() if place[0] > top}
    if body and names:
        notes = [column for column, text in head.items() if NOTE_COLUMN.search(text)]
        return {*_same_head(names, head)}, [note for note in notes if note not in names], top + 1
    rows = body if is_head and body else cells
    columns = sorted({column for _, column in rows})
    named = [column for column in columns if not _is_attribute(rows, column)] or columns
    if is_head and body:
        return {named[0]}, [], top + 1
    return set(named), [], top


def _heads_names(text: str, *, is_head: bool) -> bool:
    """Whether a cell of the first row heads names; a plain cell must say nothing else."""
    if is_head:
        return bool(NAME_COLUMN.search(text)) and not OTHER_COLUMN.search(text)
    return (
        bool(NAME_COLUMN.search(text))
        and not SMALL_WORDS.sub("", NAME_COLUMN.sub("", text)).strip()
    )


def _same_head(names: Sequence[int], head: Mapping[int, str]) -> list[int]:
    """The first column of names, and the others with its very head: a list in several columns."""
    first = min(names)
    return [column for column in names if head[column] == head[first]]


def _is_attribute(cells: Mapping[tuple[int, int], list[Line]], column: int) -> bool:
    """Whether most of a column is numbers, dates, countries or the same few words."""
    texts = [fold(here[0].text) for (_, number), here in cells.items() if number == column]
    plain = [text for text in texts if text in ATTRIBUTES or _is_number(text)]
    few = len(texts) >= 6 and len(set(texts)) * 2 <= len(texts)
    return few or len(plain) * 2 > len(texts)


def _is_number(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return digits * 2 >= len(text.replace(" ", ""))
