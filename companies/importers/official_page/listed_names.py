"""The names of companies in the lines of a section."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from .page import LineKind, PageLine
from .parts import is_about_list, is_statement
from .wording import (
    AFTERWARDS,
    ASIDE,
    CONTROLS,
    NAME_COLUMN,
    NOTE_COLUMN,
    OTHER_COLUMN,
    REMARKS,
    SMALL_WORDS,
    fold,
    is_letter,
)

BULLET = re.compile(r"^(?:[•‣▪▫●◦·∙○■□➢➤➔→►▶▸✓✔✅»§–—*+>-]\s+|[•‣▪●◦·■➢➤►▶✓✔]\s*)+")
NUMBER = re.compile(r"^\(?\d{1,4}[.)]\s+(?=\S)")
# At most 200 marks: a text of nothing but stars is read in time that grows with its length.
FOOTNOTE = re.compile(r"(?:\s?(?:\[(?:\d{1,3}|[a-z]|\*{1,9})\]|\(\d{1,2}\)|[*†‡¹²³⁰⁴-⁹])){1,200}$")
OF_THE_LINK = re.compile(r"(?i)\s*\((?:opens in|external link|link is external|new window)[^()]*\)")
DOCUMENT = re.compile(r"(?i)\s*\(\.?(?:pdf|docx?|xlsx?|odt|zip|\d[\d.,]* ?[km]b)\b[^()]*\)$")
BRACKET = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<note>[^()\[\]]+)[)\]]$")
AFTER_DASH = re.compile(r"^(?P<name>.*?\S)(?:\s+[–—-]+\s+|\s*[,:;]\s+)(?P<note>\S.*)$")
SIGNED_PARTLY = re.compile(
    r"(?i)^(?:in addition|additionally|furthermore|moreover|finally|also)?,?\s*"
    r"(?P<name>(?!only\b|who\b|which\b|has\b|"
    r"they\b)\w\S*(?: \S+){0,4}?),?\s+(?P<note>(?:who |which )?(?:has |have )?(?:only )?"
    r"sign(?:ed|s)\b[^.;]*\bchapters?\b[^.;]*)"
)
DATE = re.compile(r"\d{1,4}(?: \d{1,4}){2}|\d{1,2} [^\W\d]+ \d{4}|[^\W\d]+ \d{1,2} \d{4}|\d{1,6}")
SENTENCE_END = re.compile(r"[.!?:;…]$")
ABBREVIATION = re.compile(
    r"(?i)(?:\b\w\.\s?){2,}$|\.\w{1,3}\.$|\b(?:inc|ltd|ltda|co|corp|cie|cia|llc|llp|plc|"
    r"pty|pvt|gmbh|ag|"
    r"sa|as|ab|oy|spa|srl|bv|nv|kft|zrt|rt|sp|intl|int|bros|assoc|dept|univ|soc|hnos|jr|sr)\.$"
)
# Where no head tells the columns apart: English names of countries, and answers.
ATTRIBUTES = {
    *("austria", "belgium", "bulgaria", "croatia", "cyprus", "czechia", "denmark", "estonia"),
    *("finland", "france", "germany", "greece", "hungary", "ireland", "italy", "latvia"),
    *("lithuania", "luxembourg", "malta", "netherlands", "poland", "portugal", "romania"),
    *("slovakia", "slovenia", "spain", "sweden", "norway", "switzerland", "iceland", "china"),
    *("usa", "us", "uk", "united states", "united kingdom", "japan", "canada", "israel", "india"),
    *("czech republic", "south korea", "the netherlands", "eu", "yes", "no", "signed"),
}
LONGEST = 200  # characters of a name with its note
RUN = 3  # lines of text in a row that are a part of a list beside one in another form


@dataclass(frozen=True)
class ListedName:
    """One company as the page states it.

    `note` is what the page says of it beside the name ("formerly X", "Safety and Security Chapter
    only"); `position` counts from 1 in the order of the page.
    """

    name: str
    position: int
    note: str = ""


@dataclass(frozen=True)
class Candidate:
    """A text that may be a name, with the remark beside it."""

    text: str
    remark: str = ""
    is_in_list: bool = True


def names(lines: Sequence[PageLine]) -> list[ListedName]:
    """The names in a section, in its order.

    A name that is there twice, ignoring case, keeps its first place and spelling, and the notes
    of both.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    sentences = 0
    lines = [line for line in lines if not is_about_list(line)]
    for candidate in _without_numbers(_without_index(_candidates(lines))):
        name, note = _name_and_note(candidate)
        if not name:
            sentences += 1
        elif not _is_noise(name, in_list=candidate.is_in_list):
            _name, notes = found.setdefault(name.casefold(), (name, []))
            if note and note not in notes:
                notes.append(note)
    if sentences > len(found):  # a list of what companies promise, not of companies
        return []
    in_order = enumerate(found.values(), start=1)
    return [ListedName(name, position, "; ".join(notes)) for position, (name, notes) in in_order]


def _candidates(lines: Sequence[PageLine]) -> Iterator[Candidate]:
    """The candidates for names: items, cells, terms, or else lines of text."""
    texts = [line for line in lines if line.kind is LineKind.TEXT]
    has_other = len(texts) < len(lines) and any(
        not is_prose(line.text) for line in lines if line.kind is not LineKind.TEXT
    )
    categories = _categories(lines)
    for kind, group in groupby(lines, key=_part):
        here = list(group)
        if kind[0] is LineKind.TEXT:
            yield from _texts(here, beside=has_other)
        elif kind[0] is LineKind.CELL:
            yield from (Candidate(line.text, remark) for line, remark in _named_cells(here))
        elif kind[0] is LineKind.ITEM:
            yield from _items(here, categories)
        else:
            yield from _definitions(here)


def _part(line: PageLine) -> tuple[LineKind, int]:
    if line.kind is LineKind.CELL:
        return LineKind.CELL, line.place.table if line.place else 0
    return (LineKind.TERM if line.kind is LineKind.DEFINITION else line.kind), 0


def _texts(lines: Sequence[PageLine], *, beside: bool) -> Iterator[Candidate]:
    """Lines of text that read as names; `beside` a list in another form, only a run of them."""
    plain = [line for line in lines if _may_be_name(line.text)]
    upright = [line for line in plain if not line.is_italic or len(line.text.split()) < 3]
    plain = upright or plain
    named = [line for line in plain if not line.level] or plain
    kept = {id(line) for line in named} if not beside or len(named) >= RUN else set()
    for line in lines:
        if id(line) in kept or SIGNED_PARTLY.match(line.text):
            yield Candidate(line.text, is_in_list=False)


def _items(lines: Sequence[PageLine], categories: set[int]) -> Iterator[Candidate]:
    items = [list(group) for _, group in groupby(lines, key=lambda line: line.owner)]
    for here in items:
        shown = [line for line in here if not line.mark.startswith("button")] or here
        if shown[0].owner in categories:
            continue
        if len(shown) > RUN and sum(_may_be_name(line.text) for line in shown) > RUN:
            yield from (Candidate(line.text) for line in shown)
            continue
        remarks = [line.text for line in shown[1:] if not _is_noise(line.text)]
        yield Candidate(shown[0].text, " ".join(remarks))


def _categories(lines: Sequence[PageLine]) -> set[int]:
    """The items that only group others, as when a list is ordered by country."""
    items = [line for line in lines if line.kind is LineKind.ITEM]
    parents = {line.parent for line in items} - {0}
    outermost = {line.owner for line in items if not line.parent}
    return parents if outermost and outermost <= parents else set()


def _definitions(lines: Sequence[PageLine]) -> Iterator[Candidate]:
    """Terms with their definitions as remarks; where few terms group many definitions, those."""
    terms = [line for line in lines if line.kind is LineKind.TERM and not is_letter(line.text)]
    others = [line for line in lines if line.kind is LineKind.DEFINITION]
    if not terms or len(others) > 2 * len(terms):
        yield from (Candidate(line.text) for line in others)
        return
    term, said = "", list[str]()
    for line in lines:
        if line.kind is LineKind.DEFINITION:
            said.append(line.text)
            continue
        if term:
            yield Candidate(term, " ".join(said))
        term, said = line.text, []
    yield Candidate(term, " ".join(said))


def _without_marks(candidate: Candidate) -> Candidate | None:
    text = OF_THE_LINK.sub("", DOCUMENT.sub("", candidate.text))
    text = FOOTNOTE.sub("", BULLET.sub("", text)).strip(" ,;|•·")
    if not text:
        return None
    return Candidate(text, FOOTNOTE.sub("", candidate.remark), candidate.is_in_list)


def _without_index(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates without marks and without the letters of an index: "A", "B", "C"."""
    kept = [bare for one in candidates if (bare := _without_marks(one)) is not None]
    letters = [one for one in kept if len(one.text) == 1]
    index = set(letters) if len(letters) > 1 else set()  # one letter alone is a company, such as X
    return [one for one in kept if one not in index]


def _without_numbers(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without typed numbers, if most have one: "3. Element" alone is a name."""
    numbered = sum(NUMBER.match(one.text) is not None for one in candidates)
    if numbered * 2 <= len(candidates):
        return list(candidates)
    return [Candidate(NUMBER.sub("", one.text), one.remark) for one in candidates]


def _name_and_note(candidate: Candidate) -> tuple[str, str]:
    """A name and its note; a bracket that says nothing of the signature stays in the name."""
    text, remark = candidate.text, candidate.remark
    partly = SIGNED_PARTLY.match(text)
    if partly:
        return partly["name"], _joined(partly["note"], remark)
    bracket = BRACKET.match(text)
    if bracket and ASIDE.match(bracket["note"]):
        return bracket["name"], _joined(bracket["note"], remark)
    dashed = AFTER_DASH.match(text)
    if dashed and ASIDE.match(dashed["note"]) and len(text) <= LONGEST:
        return dashed["name"], _joined(dashed["note"], remark)
    if is_prose(text, in_list=candidate.is_in_list):
        return "", ""
    return text, remark


def _joined(*notes: str) -> str:
    return "; ".join(note.strip() for note in notes if note.strip())


def may_be_listed(text: str) -> bool:
    """Whether a line reads as a name, with or without a note."""
    return SIGNED_PARTLY.match(text) is not None or _may_be_name(text)


def _may_be_name(text: str) -> bool:
    bare = FOOTNOTE.sub("", BULLET.sub("", text))
    return len(bare) > 1 and not _is_noise(bare) and not is_prose(bare)


def _is_noise(text: str, *, in_list: bool = False) -> bool:
    """Whether `text` is a date, a letter of an index, a control or a remark on the list."""
    key = fold(text)
    if not key or CONTROLS.fullmatch(key) or is_statement(text):
        return True
    if DATE.fullmatch(key) or (is_letter(text) and len(text) > 1):
        return True
    if in_list and len(key.split()) < 4:
        return False
    return key in AFTERWARDS or REMARKS.match(key) is not None


def is_prose(text: str, *, in_list: bool = False) -> bool:
    """Whether `text` reads as a sentence: too long, mostly lower case, or ended as one."""
    words = text.split()
    if len(text) > LONGEST or len(words) > (25 if in_list else 14):
        return True
    if SENTENCE_END.search(text) and not ABBREVIATION.search(text):
        least = 6 if in_list else 3 if text.endswith("!") else 4
        return len(words) >= least or (not in_list and text.endswith((":", "…")))
    lower = sum(word[0].islower() for word in words)
    return len(words) >= (11 if in_list else 7) and lower * 5 >= len(words) * 3


# Tables


def _named_cells(lines: Sequence[PageLine]) -> Iterator[tuple[PageLine, str]]:
    """The lines of one table that are names, row by row, each with the remark of its row."""
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
    """Whether a cell of the first row is the head of names; a plain cell says nothing else."""
    if is_head:
        return bool(NAME_COLUMN.search(text)) and not OTHER_COLUMN.search(text)
    return (
        bool(NAME_COLUMN.search(text))
        and not SMALL_WORDS.sub("", NAME_COLUMN.sub("", text)).strip()
    )


def _same_head(names: Sequence[int], head: Mapping[int, str]) -> list[int]:
    """The first column of names and those with the same head: a list in several columns."""
    first = min(names)
    return [column for column in names if head[column] == head[first]]


def _is_attribute(cells: Mapping[tuple[int, int], list[PageLine]], column: int) -> bool:
    """Whether most of a column is numbers, dates, countries or the same few words."""
    texts = [fold(here[0].text) for (_, number), here in cells.items() if number == column]
    plain = [text for text in texts if text in ATTRIBUTES or _is_number(text)]
    few = len(texts) >= 6 and len(set(texts)) * 2 <= len(texts)
    return few or len(plain) * 2 > len(texts)


def _is_number(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return digits * 2 >= len(text.replace(" ", ""))
