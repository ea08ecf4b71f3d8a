"""Find statements that companies left: headings, labels, footnotes, sentences."""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from companies.importers.official_page.page import LineKind, PageLine, PageOutline
from companies.importers.official_page.section import end_of, introduces
from companies.importers.official_page.visibility import STRUCK_OUT
from companies.importers.official_page.wording import fold

from .remarks import divides, heads_left, is_no_name, says_left

MOST_SENTENCES = 50
MARKS_AT_MOST = 3  # footnote marks behind a name
MARK = re.compile(
    r"(?:\[(?P<a>[0-9a-z]{1,3}|\*{1,3})\]|\((?P<b>\d{1,2}|\*{1,3}|[A-Z])\)|(?P<c>[*†‡§]{1,3})"
    r"|(?P<d>[¹²³⁰⁴-⁹]{1,3}))$"
)
NOTE = re.compile(
    r"[\[(]?(\d{1,3}|[a-zA-Z](?=[\])])|[*†‡§]{1,3}|[¹²³⁰⁴-⁹]{1,3})[\])]?[.:)=–-]{0,2}\s*(\S.*)"
)
NAMES_IN_LINE = re.compile(r"[,;] (?:and |et |und )?| (?:and|et|und) ")
SYMBOL = re.compile(r"[*†‡§]{1,3}")


class How(StrEnum):
    """How a page shows that a company is no longer on its list."""

    SAID = "said"  # in words beside the name
    HEADED = "headed"  # by the heading above it
    STRUCK = "struck_out"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Leaving:
    """A statement that a company is no longer on the list, with the page's words if it has any."""

    how: How
    remark: str = ""


@dataclass(frozen=True)
class LeftName:
    """A company that the page names as having left, such as "Airbus (withdrawn)".

    `text` is its whole line, `remark` the part that says so; `also_listed` means that the page
    lists the same name elsewhere without a remark.
    """

    name: str
    text: str
    how: How
    remark: str = ""
    also_listed: bool = False

    @property
    def quote(self) -> str:
        """The page's own words; what it shows without words is in square brackets."""
        if self.how is How.HIDDEN:
            return ""
        words = f"{self.text} {STRUCK_OUT}" if self.how is How.STRUCK else self.text
        if not self.remark or self.remark in self.text:
            return words
        pair = (self.remark, words) if self.how is How.HEADED else (words, self.remark)
        return " … ".join(pair)


def mark_left(page: PageOutline) -> None:
    """Set `left` of each line in a part of the page that is about former signatories."""
    for begin, end, label in _parts(page):
        for line in page.lines[begin:end]:
            line.left = line.left or label


def _parts(page: PageOutline) -> Iterator[tuple[int, int, str]]:
    for begin, end, label in page.labels:
        text = _text_of(page, label[1:]) if label.startswith("#") else label
        if heads_left(text):
            yield begin, end, text
    controls: dict[str, list[tuple[int, int]]] = {}
    for target, label in dict.fromkeys(page.links):
        if heads_left(label) and target in page.anchors:
            controls.setdefault(label, []).append(page.anchors[target])
            begin, end = page.anchors[target]
            if begin < end and not page.lines[begin].level:
                yield begin, end, label
    for number, line in enumerate(page.lines):
        elsewhere = (not b <= number < e for b, e in controls.get(line.text, ()))
        if _heads_part(page.lines, number) and not any(elsewhere):
            yield number + 1, end_of(page, number), line.text


def _text_of(page: PageOutline, fragment: str) -> str:
    begin, end = page.anchors.get(fragment.casefold(), (0, 0))
    return " ".join(line.text for line in page.lines[begin:end])


def _heads_part(lines: Sequence[PageLine], number: int) -> bool:
    line = lines[number]
    if line.kind is not LineKind.TEXT or not heads_left(line.text):
        return False
    is_note = line.footnotes or SYMBOL.search(line.text) or NOTE.fullmatch(line.text)
    if is_note or line.text.endswith((".", ";")):
        return False
    return bool(line.level) or introduces(lines, number) or divides(line.text)


# Footnotes


def footnotes(page: PageOutline, day: datetime.date | None) -> dict[str, str]:
    """The footnotes and legends that mean "has left", by mark."""
    found: dict[str, str] = {}
    for line in page.lines:
        for mark, said in _notes(line):
            if says_left(said, day):
                found.setdefault(_plain(mark), line.text if said == line.text else said)
    for _list, here in groupby(page.lines, key=lambda line: line.list):
        items = [next(item) for _owner, item in groupby(here, key=lambda line: line.owner)]
        for number, line in enumerate(items, start=1):
            if line.mark.startswith("li") and is_no_name(line.text):
                found.setdefault(str(number), line.text)
    return found


def _notes(line: PageLine) -> Iterator[tuple[str, str]]:
    if line.footnotes and is_no_name(line.text):
        yield from ((mark, line.text) for mark in line.footnotes)
    if found := NOTE.fullmatch(line.text):
        yield found[1], found[2]
    elif line.kind is LineKind.TEXT and len(line.text.split()) > 3:
        yield from ((symbol, line.text) for symbol in SYMBOL.findall(line.text))


def marks_behind(text: str) -> Iterator[str]:
    """The footnote marks after a name, last first."""
    for _mark in range(MARKS_AT_MOST):
        found = MARK.search(text[-8:].rstrip())
        if found is None:
            return
        text = text.rstrip()[: -len(found[0])]
        yield _plain(next(filter(None, found.groups())))


def footnote_of(line: PageLine, notes: Mapping[str, str]) -> str:
    """The footnote of a line that means "has left", or ""."""
    if not notes:
        return ""
    marks = [*map(_plain, line.footnotes), *marks_behind(line.text)]
    return next((notes[mark] for mark in marks if mark in notes), "")


def without_marks(text: str, notes: Mapping[str, str]) -> str:
    """A name without the marks of these footnotes."""
    for _mark in range(MARKS_AT_MOST):
        found = MARK.search(text[-8:])
        if found is None or _plain(next(filter(None, found.groups()))) not in notes:
            break
        text = text[: -len(found[0])].rstrip()
    return text


def _plain(mark: str) -> str:
    return unicodedata.normalize("NFKC", mark).strip("[]() ").casefold()


# Sentences


def said_in_sentences(
    lines: Iterable[PageLine], names: Iterable[str], day: datetime.date | None
) -> dict[str, str]:
    """Sentences outside the list saying that one of its companies left, by name."""
    sentences = [
        line.text
        for line in lines
        if line.kind is LineKind.TEXT and len(line.text.split()) > 3 and says_left(line.text, day)
    ]
    return {
        name: sentence
        for sentence in sentences[:MOST_SENTENCES]
        for name in names
        if _stands_in(sentence, name)
    }


def named_behind_colon(lines: Iterable[PageLine]) -> Iterator[LeftName]:
    """Names in a line such as "Former signatories: Airbus, Qina and Bolt"."""
    for line in lines:
        head, _colon, behind = line.text.partition(": ")
        if line.kind is LineKind.TEXT and behind and heads_left(head):
            for name in NAMES_IN_LINE.split(behind.rstrip(". ")):
                yield LeftName(name, name, How.HEADED, head)


def _stands_in(sentence: str, name: str) -> bool:
    """Whether a sentence contains a name in its own spelling, as whole words."""
    at = sentence.find(name) if len(fold(name)) > 1 else -1
    if at < 0:
        return False
    before, after = sentence[at - 1 : at], sentence[at + len(name) :][:1]
    return not before.isalnum() and not after.isalnum()
