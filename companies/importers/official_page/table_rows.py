"""Table rows as candidates for names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from .leaving.leavers import How, Leaving
from .leaving.remarks import (
    column_says_left,
    divides,
    is_no_name,
    names_who_signs,
    only_says_left,
)
from .list_items import (
    ATTRIBUTES,
    Candidate,
    PageContext,
    is_number,
    item_named,
    may_be_name,
    shown_lines,
)
from .page import PageLine
from .wording import (
    NAME_COLUMN,
    NOTE_COLUMN,
    OTHER_COLUMN,
    SMALL_WORDS,
    fold,
    signed_part,
    without_part,
)

SHORT_ANSWER = 5  # letters; "kyllä" is the longest "yes" of the Union


def named_cells(lines: Sequence[PageLine], around: PageContext) -> Iterator[Candidate]:
    """The names of one table, row by row, each with the remark of its row."""
    cells = _cells(lines)
    names, notes, first = _columns(cells)
    heads = {column: here[0].text for (row, column), here in cells.items() if row == first - 1}
    left = {column for column in heads if _holds_who_left(cells, column, heads[column], first)}
    names = names - left or {column for column in heads if NAME_COLUMN.search(fold(heads[column]))}
    above = ""
    for row, columns in groupby(sorted(cells), key=lambda place: place[0]):
        here = {column: cells[row, column] for _row, column in columns}
        if len(here) == 1 and _is_title(only := next(iter(here.values()))[0]):
            above = only.text if divides(only.text) else ""
        elif row >= first:
            said = _said_in_row(here, names - left, heads, left, around)
            remark = "; ".join(line.text for note in notes for line in here.get(note, []))
            for column in sorted((names | left) & here.keys()):
                for line in here[column]:
                    line.left = line.left or (heads[column] if column in left else above)
                beside = [] if column in left else said
                own = "; ".join(filter(None, [remark, signed_part(heads.get(column, ""))]))
                yield from _cell(here[column], own, beside, around, has_head=bool(first))


def _holds_who_left(
    cells: Mapping[tuple[int, int], list[PageLine]], column: int, head: str, first: int
) -> bool:
    """Whether a column lists former signatories beside one of current ones."""
    below = [
        here[0].text for (row, number), here in cells.items() if number == column and row >= first
    ]
    return divides(head) and any(
        may_be_name(text)
        and len(text) > SHORT_ANSWER
        and not is_number(fold(text))
        and not only_says_left(text)
        for text in below
    )


def _is_title(line: PageLine) -> bool:
    """Whether the only cell of a row is a heading for the rows below."""
    return _is_header(line) or divides(line.text) or names_who_signs(line.text)


def _said_in_row(
    row: Mapping[int, list[PageLine]],
    names: set[int],
    heads: Mapping[int, str],
    left: set[int],
    around: PageContext,
) -> list[str]:
    """Remarks in the other cells of a row that its company left."""
    others = [(column, line) for column in row.keys() - names - left for line in row[column]]
    found = [column_says_left(heads.get(col, ""), line.text, around.day) for col, line in others]
    loose = [line.text for column in names & row.keys() for line in row[column]]
    return [*filter(None, found), *(text for text in loose if is_no_name(text))]


def _cell(
    here: Sequence[PageLine],
    remark: str,
    said: Sequence[str],
    around: PageContext,
    *,
    has_head: bool,
) -> Iterator[Candidate]:
    """The names in a cell: one under a header; in a layout table each line is one."""
    if _is_header(here[0]):
        return
    shown = shown_lines(list(here))
    if not has_head or len(shown) == 1:
        for line in shown:
            gone = around.gone(line, remark) or (Leaving(How.SAID, said[0]) if said else None)
            yield Candidate(line.text, remark, gone=gone)
        return
    for one in item_named(shown, around, joins=True):
        gone = one.gone or (Leaving(How.SAID, said[0]) if said else None)
        yield replace(one, remark="; ".join(filter(None, [one.remark, remark])), gone=gone)


def _cells(lines: Sequence[PageLine]) -> dict[tuple[int, int], list[PageLine]]:
    places = groupby(lines, key=lambda line: line.place)
    cells: dict[tuple[int, int], list[PageLine]] = {}
    for place, here in places:
        if place is not None:
            cells.setdefault((place.row, place.column), []).extend(here)
    return cells


def _is_header(line: PageLine) -> bool:
    return line.place is not None and line.place.is_header


def _columns(cells: Mapping[tuple[int, int], list[PageLine]]) -> tuple[set[int], list[int], int]:
    """The name columns, the remark columns, and the first body row."""
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
    """Whether a first-row cell is the header of names; a plain cell must say nothing else."""
    names = bool(NAME_COLUMN.search(text) or signed_part(text))
    if is_head:
        return names and not OTHER_COLUMN.search(text)
    return names and not SMALL_WORDS.sub("", NAME_COLUMN.sub("", without_part(text))).strip()


def _same_head(names: Sequence[int], head: Mapping[int, str]) -> list[int]:
    """The first name column and those with the same header, or that of another part."""
    first = min(names)
    return [
        column
        for column in names
        if head[column] == head[first] or (signed_part(head[first]) and signed_part(head[column]))
    ]


def _is_attribute(cells: Mapping[tuple[int, int], list[PageLine]], column: int) -> bool:
    """Whether most of a column is numbers, dates, countries or the same few words."""
    texts = [fold(here[0].text) for (_, number), here in cells.items() if number == column]
    plain = [text for text in texts if text in ATTRIBUTES or is_number(text)]
    few = len(texts) >= 6 and len(set(texts)) * 2 <= len(texts)
    return few or len(plain) * 2 > len(texts)
