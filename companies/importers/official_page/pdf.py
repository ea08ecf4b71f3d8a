"""Read a list in a PDF as lines, by the positions of words. Text only: no images."""

import io
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .list_items import may_be_listed
from .page import CellPlace, LineKind, PageLine, PageOutline, Reason, UnreadableList
from .wording import NAME_COLUMN, fold, tidy

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 60
# Bytes of the drawing of one page and of all, unpacked. Reading takes up to 11 µs a byte.
MAX_PAGE_TEXT, MAX_TEXT = 500_000, 1_500_000
GAP = re.compile(r" {3,}")  # between columns; the words of a name are closer
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st"})
ENTRY = re.compile(r"\(?\d{1,4}[.)]\s+\S|[•‣▪▫●◦·∙○■□➢➤►▶✓✔–—*-]\s*\S")
RUNNING = 3  # lines at the top and at the bottom of a page that may be repeated on each
PAGE_NUMBER = re.compile(
    r"(?:\w+ )?[–—-]?\s*\d{1,3}\s*(?:(?:/|of|sur|von|de|di|z|van|av)\s*\d{1,3})?\s*[–—-]?",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?:https?|file):/+\S+(?:\s+\d+/\d+)?")
LARGER = 1.15  # a heading's letters, in those of the text
MOSTLY = 0.6
# What the first line of a name that goes on ends with, or its second line begins with.
OPEN_END = re.compile(
    r"(?:[,&/(–-]|\b(?:of|the|and|for|in|de|des|du|la|le|les|et|pour|der|die|das|und|fur|del|e|y|"
    r"para|di|della|per|i|dla|van|voor|en|och|og|for|ja|a|pro|na))$"
)
OPEN_START = re.compile(
    r"(?:[&()/,]|(?:of|the|and|for|in|de|des|du|et|pour|der|und|fur|del|y|para|di|della|dla|van|"
    r"voor|och|og)\s|(?:gmbh|ag|se|sa|s a|nv|bv|asbl|vzw|aisbl|ivzw|inc|ltd|limited|llc|plc|corp|"
    r"corporation|spa|s p a|srl|sas|oy|oyj|ab|as|a s|kft|zrt|sp z o o|d o o|e v|co kg|company)"
    r"(?:\s|$))"
)
# A shorter line has no reason to be broken: in characters, and of the longest in its column.
SHORT_LINE, LONG_LINE = 12, 0.75
LONGEST_ENTRY = 150  # characters; a longer line is a sentence
OWNERS, MOST_COLUMNS = 1_000_000, 100  # the numbers of cells in one block and in one row
NEAR = 3  # characters between the beginnings of the cells of one column


@dataclass(frozen=True)
class PdfCell:
    """A piece of a line: its start column in characters, and its text."""

    start: int
    text: str


@dataclass(frozen=True)
class PdfRow:
    """One line of a page. `gap` is the number of empty lines above it."""

    cells: tuple[PdfCell, ...]
    gap: int = 0
    is_heading: bool = False

    @property
    def text(self) -> str:
        return tidy(" ".join(cell.text for cell in self.cells))


def is_pdf(content: bytes) -> bool:
    return content.lstrip()[:5] == b"%PDF-"


def read_pdf(content: bytes) -> PageOutline:
    """Read a PDF, one name per line. Raises UnreadableList."""
    pages = _without_running_lines([list(page) for page in _pages(content)])
    page = PageOutline()
    for number, block in enumerate(_blocks([row for rows in pages for row in rows]), start=1):
        page.lines += _block(block, number)
    return page


def _blocks(rows: Sequence[PdfRow]) -> Iterator[list[PdfRow]]:
    """The rows under each heading, across page breaks."""
    block: list[PdfRow] = []
    for row in rows:
        if row.is_heading and block:
            yield block
            block = []
        block.append(row)
    yield block


def _block(rows: list[PdfRow], number: int) -> list[PageLine]:
    """The lines of one block: table cells if some rows have several, else text."""
    split = [at for at, row in enumerate(rows) if len(row.cells) > 1 and not row.is_heading]
    if len(split) > 1:
        lines = [_text_line(row) for row in rows[: split[0]]]
        return [*lines, *_table(rows[split[0] :], number)]
    apart = [replace(row, cells=(cell,)) for row in rows for cell in row.cells]
    return [_text_line(row) for row in _whole_names(apart if split else rows)]


def _pages(content: bytes) -> Iterator[Iterator[PdfRow]]:
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # what it mends by itself is no news
    try:
        with pypdf.apply_configuration(zlib_maximum_output_length=MAX_PAGE_TEXT):
            reader = pypdf.PdfReader(io.BytesIO(content))
            if reader.is_encrypted:
                raise UnreadableList(Reason.ENCRYPTED)
            if len(reader.pages) > MAX_PAGES:
                raise UnreadableList(Reason.TOO_LONG, detail=f"more than {MAX_PAGES} pages")
            yield from _texts(reader)
    except PyPdfError as error:
        raise UnreadableList(Reason.BROKEN_FILE, detail=type(error).__name__) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, OSError) as error:
        if isinstance(error, UnreadableList):
            raise
        # A PDF may hold anything anywhere, which the library does not always foresee.
        raise UnreadableList(Reason.BROKEN_FILE, detail=type(error).__name__) from error
    except RecursionError as error:
        raise UnreadableList(Reason.TOO_DEEP, detail="PDF") from error


def _texts(reader: "PdfReader") -> Iterator[Iterator[PdfRow]]:
    """The rows of each page; refuses a page of images only."""
    total = 0
    for number, page in enumerate(reader.pages, start=1):
        contents = page.get_contents()
        size = len(contents.get_data()) if contents is not None else 0
        total += size
        if size > MAX_PAGE_TEXT or total > MAX_TEXT:
            raise UnreadableList(Reason.TOO_LONG, detail=f"page {number}")
        sizes = _Sizes()
        text = page.extract_text(extraction_mode="layout") if size else ""
        if text.strip():
            page.extract_text(visitor_text=sizes.see)
        elif "/XObject" in (page.get("/Resources") or {}):
            raise UnreadableList(Reason.NO_TEXT, detail=f"page {number}")
        yield _rows(text, sizes)


class _Sizes:
    """Records the font size of each line."""

    def __init__(self) -> None:
        self.of: dict[str, float] = {}
        self.letters: Counter[float] = Counter()

    def see(self, text: str, around: Any, matrix: Any, _font: object, size: float) -> None:
        height = round(abs(size * matrix[3] * around[3]), 1)
        for line in text.split("\n"):
            key = "".join(line.split())
            if key:
                self.of[key] = height
                self.letters[height] += len(key)

    def is_heading(self, text: str) -> bool:
        if not self.letters:
            return False
        usual = self.letters.most_common(1)[0][0]
        return self.of.get("".join(text.split()), 0.0) > usual * LARGER


def _rows(text: str, sizes: _Sizes) -> Iterator[PdfRow]:
    gap = 0
    for line in text.split("\n"):
        if not line.strip():
            gap += 1
            continue
        is_heading = sizes.is_heading(line)
        yield PdfRow(tuple(_cells(line)), gap, is_heading)
        gap = 0


def _cells(line: str) -> Iterator[PdfCell]:
    start = 0
    for piece in GAP.split(line):
        at = line.index(piece, start)
        if piece.strip():
            yield PdfCell(at + len(piece) - len(piece.lstrip()), piece.strip().translate(LIGATURES))
        start = at + len(piece)


def _without_running_lines(pages: list[list[PdfRow]]) -> list[list[PdfRow]]:
    """The rows without page headers, footers and page numbers."""
    ends = [{*_keys(page[:RUNNING]), *_keys(page[-RUNNING:])} for page in pages if page]
    seen = Counter(key for keys in ends for key in keys)
    repeated = {key for key, times in seen.items() if times > 1 and times * 2 > len(ends)}
    return [
        [
            row
            for at, row in enumerate(page)
            if not (_is_at_end(at, len(page)) and _is_running(row, repeated))
            and not ADDRESS.fullmatch(row.text)
        ]
        for page in pages
    ]


def _keys(rows: Sequence[PdfRow]) -> set[str]:
    return {re.sub(r"\d+", "#", row.text) for row in rows}


def _is_at_end(at: int, length: int) -> bool:
    return at < RUNNING or at >= length - RUNNING


def _is_running(row: PdfRow, repeated: set[str]) -> bool:
    return PAGE_NUMBER.fullmatch(row.text) is not None or not repeated.isdisjoint(_keys([row]))


def _text_line(row: PdfRow) -> PageLine:
    return PageLine(row.text, level=2 if row.is_heading else 0, mark="p.")


# One column


def _whole_names(rows: Sequence[PdfRow]) -> list[PdfRow]:
    """The rows with names on several lines joined; refused if that is uncertain."""
    listed = [row for row in rows if not row.is_heading]
    marked = sum(ENTRY.match(row.text) is not None for row in listed)
    spaced = sum(row.gap > 0 for row in listed)
    if marked > MOSTLY * len(listed):
        return _joined(rows, lambda row: ENTRY.match(row.text) is None and row.gap == 0)
    if MOSTLY * len(listed) < spaced < len(listed):
        return _joined(rows, lambda row: row.gap == 0)
    _refuse_wrapped([row.text for row in listed])
    return list(rows)


def _joined(rows: Sequence[PdfRow], goes_on: Callable[[PdfRow], bool]) -> list[PdfRow]:
    found: list[PdfRow] = []
    for row in rows:
        if found and goes_on(row) and not (row.is_heading or found[-1].is_heading):
            text = PdfCell(found[-1].cells[0].start, f"{found[-1].text} {row.text}")
            found[-1] = replace(found[-1], cells=(text,))
        else:
            found.append(row)
    return found


def _refuse_wrapped(texts: Sequence[str]) -> None:
    """Refuse lines that seem to continue on the next one: they would become two companies."""
    texts = [text for text in texts if may_be_listed(text)]
    keys = [fold(text) for text in texts]
    inverted = [other < one for one, other in pairwise(keys)]
    is_ordered = sum(inverted) <= max(1, 0.1 * len(keys))
    astray = [any(inverted[at : at + 2]) for at in range(len(inverted))]  # the second of two
    long = max(SHORT_LINE, LONG_LINE * max((len(t) for t in texts if not _is_text(t)), default=0))
    for (text, following), breaks_order in zip(pairwise(texts), astray, strict=True):
        if len(text) < long or _is_text(text):
            continue
        goes_on = OPEN_END.search(text.lower()) or OPEN_START.match(following.lower())
        if goes_on or (is_ordered and breaks_order):
            raise UnreadableList(Reason.WRAPPED, detail=f"{text} | {following}"[:150])


def _is_text(text: str) -> bool:
    return len(text) > LONGEST_ENTRY


# Several columns


def _table(rows: Sequence[PdfRow], number: int) -> Iterator[PageLine]:
    """The cells of aligned rows, one name per row."""
    starts = _columns(rows)
    placed = [_placed(row, starts) for row in rows]
    for column in range(len(starts)):
        _refuse_wrapped([cells[column] for cells in placed if column in cells])
    _refuse_loose_rows(placed, len(starts))
    for at, cells in enumerate(placed):
        if at and cells == placed[0]:
            continue  # the head again, on a further page
        for column, text in sorted(cells.items()):
            place = CellPlace(number, at, column, is_header=False)
            yield PageLine(
                text,
                LineKind.CELL,
                owner=number * OWNERS + at * MOST_COLUMNS + column + 1,
                place=place,
            )


def _placed(row: PdfRow, starts: Sequence[int]) -> dict[int, str]:
    """The texts of a row by column; refused if two are in one."""
    cells = [part for cell in row.cells for part in _parted(cell, starts)]
    placed = {_nearest(starts, cell.start): tidy(cell.text) for cell in cells}
    if len(placed) < len(cells):
        raise UnreadableList(Reason.WRAPPED, detail=row.text[:150])
    return placed


def _parted(cell: PdfCell, starts: Sequence[int]) -> Iterator[PdfCell]:
    """Split a cell at two spaces where a column begins."""
    for gap in re.finditer(r"  (?=\S)", cell.text):
        if any(abs(cell.start + gap.end() - start) <= NEAR for start in starts):
            yield PdfCell(cell.start, cell.text[: gap.start()])
            yield from _parted(PdfCell(cell.start + gap.end(), cell.text[gap.end() :]), starts)
            return
    yield cell


def _columns(rows: Sequence[PdfRow]) -> list[int]:
    """The start positions of columns, in characters, that many cells share."""
    counted = Counter(cell.start for row in rows for cell in row.cells)
    starts: list[int] = []
    for start, _times in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        if all(abs(start - other) > NEAR for other in starts):
            starts.append(start)
    common = [s for s in starts if _count_near(counted, s) * 5 >= len(rows)]
    return sorted(common or starts)


def _count_near(counted: Counter[int], start: int) -> int:
    return sum(times for at, times in counted.items() if abs(at - start) <= NEAR)


def _nearest(starts: Sequence[int], start: int) -> int:
    return min(range(len(starts)), key=lambda column: abs(starts[column] - start))


def _refuse_loose_rows(placed: Sequence[dict[int, str]], columns: int) -> None:
    """Refuse a table with a row without a name, or with a name only: it may be half of one."""
    named = [column for column, text in placed[0].items() if NAME_COLUMN.search(fold(text))]
    full = sum(len(cells) == columns for cells in placed)
    for cells in placed[1:-1]:
        is_loose = len(cells) == 1 and full > MOSTLY * len(placed)
        if is_loose or (named and not any(column in cells for column in named)):
            raise UnreadableList(Reason.WRAPPED, detail=" | ".join(cells.values())[:150])
