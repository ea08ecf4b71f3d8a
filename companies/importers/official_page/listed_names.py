"""From the lines of a section to the names of companies."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .cleaning import fold
from .html_tables import named_cells
from .page import Kind, Line
from .section import is_letter
from .wording import AFTERWARDS, ASIDE, CONTROLS, REMARKS

BULLET = re.compile(r"^(?:[•‣▪▫●◦·∙○■□➢➤➔→►▶▸✓✔✅»§–—*+>-]\s+|[•‣▪●◦·■➢➤►▶✓✔]\s*)+")
NUMBER = re.compile(r"^\(?\d{1,4}[.)]\s+(?=\S)")
FOOTNOTE = re.compile(r"(?:\s*\[(?:\d{1,3}|[a-z]|\*+)\]|\s*\(\d{1,2}\)|\s*[*†‡]+|\s*[¹²³⁰⁴-⁹]+)+$")
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
class Entry:
    """What may be a name, with the remark that stands beside it."""

    text: str
    remark: str = ""
    is_in_list: bool = True


def names(lines: Sequence[Line]) -> list[ListedName]:
    """The names in a section, in its order.

    A name stated twice, ignoring case, is kept where and as it first stands; the notes of both
    are kept.
    """
    entries = [kept for entry in _entries(lines) if (kept := _without_marks(entry)) is not None]
    letters = [entry for entry in entries if len(entry.text) == 1]
    index = set(letters) if len(letters) > 1 else set()  # one letter alone is a company, such as X
    found: dict[str, tuple[str, list[str]]] = {}
    sentences = 0
    for entry in _without_numbers([entry for entry in entries if entry not in index]):
        name, note = _name_and_note(entry)
        if not name:
            sentences += 1
        elif not _is_noise(name, in_list=entry.is_in_list):
            _name, notes = found.setdefault(name.casefold(), (name, []))
            if note and note not in notes:
                notes.append(note)
    if sentences > len(found):  # a list of what companies promise, not of companies
        return []
    stated = enumerate(found.values(), start=1)
    return [ListedName(name, position, "; ".join(notes)) for position, (name, notes) in stated]


def _entries(lines: Sequence[Line]) -> Iterator[Entry]:
    """What stands in the places of names: items, cells, terms, or else lines of text."""
    texts = [line for line in lines if line.kind is Kind.TEXT]
    has_other = len(texts) < len(lines) and any(
        not is_prose(line.text) for line in lines if line.kind is not Kind.TEXT
    )
    categories = _categories(lines)
    for kind, group in groupby(lines, key=_part):
        here = list(group)
        if kind[0] is Kind.TEXT:
            yield from _texts(here, beside=has_other)
        elif kind[0] is Kind.CELL:
            yield from (Entry(line.text, remark) for line, remark in named_cells(here))
        elif kind[0] is Kind.ITEM:
            yield from _items(here, categories)
        else:
            yield from _definitions(here)


def _part(line: Line) -> tuple[Kind, int]:
    if line.kind is Kind.CELL:
        return Kind.CELL, line.place.table if line.place else 0
    return (Kind.TERM if line.kind is Kind.DEFINITION else line.kind), 0


def _texts(lines: Sequence[Line], *, beside: bool) -> Iterator[Entry]:
    """Lines of text that read as names; `beside` says that the section has another list."""
    plain = [line for line in lines if _may_be_name(line.text)]
    upright = [line for line in plain if not line.is_italic or len(line.text.split()) < 3]
    plain = upright or plain
    named = [line for line in plain if not line.level] or plain
    kept = {id(line) for line in named} if not beside or len(named) >= RUN else set()
    for line in lines:
        if id(line) in kept or SIGNED_PARTLY.match(line.text):
            yield Entry(line.text, is_in_list=False)


def _items(lines: Sequence[Line], categories: set[int]) -> Iterator[Entry]:
    items = [list(group) for _, group in groupby(lines, key=lambda line: line.owner)]
    for here in items:
        shown = [line for line in here if not line.mark.startswith("button")] or here
        if shown[0].owner in categories:
            continue
        if len(shown) > RUN and sum(_may_be_name(line.text) for line in shown) > RUN:
            yield from (Entry(line.text) for line in shown)
            continue
        remarks = [line.text for line in shown[1:] if not _is_noise(line.text)]
        yield Entry(shown[0].text, " ".join(remarks))


def _categories(lines: Sequence[Line]) -> set[int]:
    """The items that only group others, as when a list is ordered by country."""
    items = [line for line in lines if line.kind is Kind.ITEM]
    parents = {line.parent for line in items} - {0}
    outermost = {line.owner for line in items if not line.parent}
    return parents if outermost and outermost <= parents else set()


def _definitions(lines: Sequence[Line]) -> Iterator[Entry]:
    """Terms with what is said of them; where letters or few terms group many, the latter."""
    terms = [line for line in lines if line.kind is Kind.TERM and not is_letter(line.text)]
    others = [line for line in lines if line.kind is Kind.DEFINITION]
    if not terms or len(others) > 2 * len(terms):
        yield from (Entry(line.text) for line in others)
        return
    term, said = "", list[str]()
    for line in lines:
        if line.kind is Kind.DEFINITION:
            said.append(line.text)
            continue
        if term:
            yield Entry(term, " ".join(said))
        term, said = line.text, []
    yield Entry(term, " ".join(said))


def _without_marks(entry: Entry) -> Entry | None:
    text = OF_THE_LINK.sub("", DOCUMENT.sub("", entry.text))
    text = FOOTNOTE.sub("", BULLET.sub("", text)).strip(" ,;|•·")
    if not text:
        return None
    return Entry(text, FOOTNOTE.sub("", entry.remark), entry.is_in_list)


def _without_numbers(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without typed numbers, if most have one: "3. Element" alone may be a name."""
    numbered = sum(NUMBER.match(entry.text) is not None for entry in entries)
    if numbered * 2 <= len(entries):
        return list(entries)
    return [Entry(NUMBER.sub("", entry.text), entry.remark) for entry in entries]


def _name_and_note(entry: Entry) -> tuple[str, str]:
    """The name apart from what is remarked on it; a bracket of another kind stays in the name."""
    text, remark = entry.text, entry.remark
    partly = SIGNED_PARTLY.match(text)
    if partly:
        return partly["name"], _joined(partly["note"], remark)
    bracket = BRACKET.match(text)
    if bracket and ASIDE.match(bracket["note"]):
        return bracket["name"], _joined(bracket["note"], remark)
    dashed = AFTER_DASH.match(text)
    if dashed and ASIDE.match(dashed["note"]) and len(text) <= LONGEST:
        return dashed["name"], _joined(dashed["note"], remark)
    if is_prose(text, in_list=entry.is_in_list):
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
    if not key or CONTROLS.fullmatch(key):
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
