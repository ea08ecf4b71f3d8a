"""Find the lines of a page that are the section of the list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from . import part_words as words
from .page import PSEUDO, LineKind, PageLine, PageOutline, leads_away
from .wording import AFTERWARDS, INTERESTED, fold, is_letter, signed_part

NUMBERING = re.compile(r"^(?:\d{1,3} )+|(?: \d{1,6})+$")
# "Signatories (as of 9 October 2024)"
QUALIFIED = re.compile(r"\s*[(\[:,|–—]|\s-\s|\s(?:as of|as at|on|au|al|am|vom|per)\s")
RARELY_MORE = 3  # lines of text above a list
CANDIDATES = 50  # headings with the same words; more is an error of the page


@dataclass(frozen=True)
class Section:
    """A range of lines without the heading and the end, and the level of the heading."""

    first: int
    end: int
    level: int

    def contains(self, other: "Section") -> bool:
        return self.first < other.first and other.end <= self.end


def sections(page: PageOutline, headings: Sequence[str], anchors: Sequence[str]) -> list[Section]:
    """The sections that begin with one of the headings or anchors, in the order of the page."""
    keys = {fold(heading) for heading in headings} - {""}
    ids = {unquote(anchor.strip().removeprefix("#")).casefold() for anchor in anchors} - {""}
    labels = {fold(label) for target, label in page.links if target in ids} - {""}
    ids |= {target for target, label in page.links if fold(label) in keys and target}
    keys |= labels
    found = list(_by_heading(page, keys))
    found += [section for key in ids for section in _by_anchor(page, key)]
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda section: section.first)[:CANDIDATES]


def _by_heading(page: PageOutline, keys: set[str]) -> Iterator[Section]:
    for number, line in enumerate(page.lines):
        if not _may_begin(line) or not keys & _keys(line.text):
            continue
        is_head = line.kind is LineKind.CELL and signed_part(line.text)  # of a column
        first = number if is_head else number + 1
        yield Section(first, end_of(page, number), line.level or PSEUDO + 1)


def _may_begin(line: PageLine) -> bool:
    """Whether a list can follow the line; links in menus and teasers do not count."""
    if len(line.text) > 300 or (line.kind is LineKind.ITEM and not line.level):
        return False
    return bool(line.level) or not line.href


def _keys(text: str) -> set[str]:
    """The comparison keys of a heading: with and without numbering or a trailing date."""
    folded = fold(text)
    keys = {folded, NUMBERING.sub("", folded)}
    for tail in QUALIFIED.finditer(text):
        if any(letter.isdigit() for letter in text[tail.end() :]):
            keys.add(NUMBERING.sub("", fold(text[: tail.start()])))
    return keys - {""}


def _by_anchor(page: PageOutline, key: str) -> Iterator[Section]:
    if key not in page.anchors:
        return
    first, end = page.anchors[key]
    lines = page.lines
    if first >= len(lines):
        return
    if end > first + 1:  # an element around the whole list
        yield Section(first, _stop(lines, first, end), 1)
        if not lines[first].level:
            return
    if lines[first].level:
        yield Section(first + 1, end_of(page, first), lines[first].level)
    elif end <= first + 1:
        later = range(first + 1, len(lines))
        end = next((number for number in later if _ends(lines[number], 6)), len(lines))
        yield Section(first, _stop(lines, first, end), PSEUDO)


def end_of(page: PageOutline, start: int) -> int:
    """The line at which the section of the heading at `start` ends."""
    lines = page.lines
    heading = lines[start]
    later = range(start + 1, len(lines))
    if heading.is_heading:
        inside = heading.kind is LineKind.TEXT  # titles of entries do not end such a section
        ending = (n for n in later if _ends(lines[n], heading.level))
        end = next(
            (n for n in ending if not inside or lines[n].kind is not LineKind.ITEM), len(lines)
        )
    else:
        end = next((n for n in later if _ends(lines[n], 6)), len(lines))
        alike = (n for n in range(start + 1, end) if _is_alike(lines, start, n))
        neighbour = next(alike, end)
        end = neighbour if neighbour > start + 1 else end
    around = [stop for begin, stop in page.containers if begin == start and stop > start + 1]
    listed = [stop for stop in around if any(_is_listed(line) for line in lines[start + 1 : stop])]
    return _stop(lines, start + 1, min([end, *listed]))


def _is_listed(line: PageLine) -> bool:
    return line.kind is not LineKind.TEXT


def _ends(line: PageLine, level: int) -> bool:
    return 1 <= line.level <= level and not is_letter(line.text)


def _is_alike(lines: Sequence[PageLine], start: int, number: int) -> bool:
    """Whether a line looks like the heading at `start`, which is not an h1 to h6."""
    heading, line = lines[start], lines[number]
    if line.kind is not heading.kind or is_letter(line.text) or line.kind is LineKind.CELL:
        return False
    if heading.level:
        return line.level == heading.level and line.mark == heading.mark
    if line.mark != heading.mark:
        return False
    has_class = not line.mark.endswith(".")
    return (
        has_class
        or line.kind is LineKind.TERM
        or all(introduces(lines, n) for n in (start, number))
    )


def introduces(lines: Sequence[PageLine], number: int) -> bool:
    """Whether a list follows the line, rather than text."""
    return number + 1 < len(lines) and _is_listed(lines[number + 1])


def _is_above(lines: Sequence[PageLine], first: int, number: int) -> bool:
    """Whether a line such as "Share this page" is above the list, with a list of its own."""
    return number - first < RARELY_MORE and not any(map(_is_listed, lines[first:number]))


def _stop(lines: Sequence[PageLine], first: int, end: int) -> int:
    """The first line after the list: another list, or page furniture below the content."""
    for number in range(first, end):
        line = lines[number]
        if line.kind is not LineKind.TEXT or len(line.text) > 200 or number == first:
            continue
        key = fold(line.text)
        begins = number + 1 < end and introduces(lines, number)
        if line.level and key in AFTERWARDS:
            return number
        if begins and key in AFTERWARDS and not _is_above(lines, first, number):
            return number
        if (line.level or begins) and INTERESTED.search(key):
            return number
    return end


# Files


def list_files(page: PageOutline, found: Sequence[Section], *, are_names: bool) -> list[str]:
    """URLs of files whose label says that they are the list.

    A single file under the heading is the list, too, if there are no names.
    """
    files: dict[str, int] = {}
    for section in found:
        for one in page.controls:
            if section.first <= one.at <= section.end and leads_away(one.href):
                kind = words.FILE.search(one.href) or words.FILE.search(one.file_type)
                around = page.lines[max(one.at - NEAR_FILE, section.first) : one.at]
                rank = _rank(one.label, [line.text for line in around])
                if kind and rank:
                    files.setdefault(one.href.strip(), rank)
    best = min(files.values(), default=0)
    chosen = [href for href, rank in files.items() if rank == best]
    if best == LEAST_SURE and (are_names or len(chosen) > 1):
        return []
    return sorted(chosen, key=_file_order)


LEAST_SURE = 3
NEAR_FILE = 4  # lines above a link to a file that may say what it is


def _rank(label: str, around: Sequence[str]) -> int:
    """The rank of a file as the list: 1 by its label, 2 by the lines above it, 0 for no list."""
    key = fold(label)
    if words.LIST_OF.search(key):
        return 1
    if words.NO_LIST.search(key):
        return 0
    above = fold(" ".join(around))
    if words.LIST_OF.search(above):
        return 2
    return 0 if words.NO_LIST.search(above) else LEAST_SURE


def _file_order(href: str) -> int:
    """Spreadsheets first: their names need no guessing."""
    found = words.FILE.search(href)
    kind = (found["kind"] or "").lower() if found else ""
    return ["csv", "xlsx", "", "pdf"].index(kind)
