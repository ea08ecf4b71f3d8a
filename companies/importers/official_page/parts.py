"""Decide whether a page has the whole list: pagers, counts, buttons and index letters."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import part_words as words
from .page import Control, LineKind, PageLine, PageOutline, leads_away
from .section import Section
from .wording import INTERESTED, NAME_COLUMN, fold, is_letter

LONGEST = 250  # characters of a line that says how long the list is
N = f"({words.NUMBER})"
_WORD = r"[^\W\d_]+[.:,]?"
# "1 to 116 of 137", "1–20 von insgesamt 1 137", "1 - 116 / 137"
RANGE = re.compile(
    rf"{N}\.?\s*(?:[-–—‐]|[^\W\d_]{{1,6}})\s*{N}\.?\s*[(,|]?\s*(?:{_WORD}\s+){{0,3}}"
    rf"(?:{words.OF}\b|/|\||:)\s*(?:{_WORD}\s+){{0,3}}{N}"
)
# "137 találatból 1–116"
RANGE_LAST = re.compile(rf"{N}\s+(?:{_WORD}\s+){{1,4}}\(?{N}\.?\s*[-–—‐]\s*{N}")
# "116 von 137 Unterzeichnern", "116/137"
SHOWN = re.compile(
    rf"\W*(?:{_WORD}\s+){{0,4}}{N}\s*(?:{words.OF}\s|/)\s*(?:{_WORD}\s+){{0,3}}{N}"
    rf"(?:[\s-]+{_WORD}){{0,4}}\W*"
)
PAGES = re.compile(
    rf"\b{words.PAGE}\b\W*{N}\.?\s*\(?(?:{words.OF}\b|/|-)\s*{N}|"
    rf"{N}\.?\s*/\s*{N}\.?\s*(?:oldal|lk|lpp|psl|{words.PAGE})\b"
)
COUNT = re.compile(rf"(?:{_WORD}\s+){{0,5}}\(?{N}\)?\+?(?:[\s-]+{_WORD}){{0,5}}\W*")
IN_BRACKETS = re.compile(rf"[(\[]{N}[)\]]\W*$")
OF_IN_BRACKETS = re.compile(rf"[(\[]{N}\s*(?:/|{words.OF}\s)\s*{N}[)\]]")
IN_PROSE = re.compile(rf"{N}\+?\s+(?:{_WORD}\s+){{0,3}}?(?:{NAME_COLUMN.pattern})")
YEARS = range(1980, 2101)
# URLs that differ from that of the page only in the part of a list they show.
PAGE_QUERY = re.compile(
    r"(?:^|[&;_-])(?:page|pagina|seite|paged|pg|p|start|offset|from|skip|first|cursor|after|"
    r"page_?(?:no|nr|num|number)|limit|items_per_page|per_page|all|show|letter|initial)=",
    re.IGNORECASE,
)
PAGE_PATH = re.compile(
    r"/(?:page|pagina|seite|p)[/-]?\d{1,4}(?:/|$)|[/_-]\d{1,3}/?$", re.IGNORECASE
)
LETTER = re.compile(r"([^\W\d_])(?:\s*[-–—]\s*([^\W\d_]))?|#|0\s*[-–—]\s*9")
MOST_ALIKE = 2  # above and below the list; more are those of its entries: "Read more"
FEWEST_LETTERS = 5  # links of an index, not the parts of a name


@dataclass(frozen=True, slots=True)
class Extent:
    """What a page says about the length of its list.

    `says` are the words by which the list continues elsewhere, `links` the URLs where it does,
    as the page writes them, `first` that of its page 1. It `is_open` if it continues where no
    URL leads, and `is_index` if the links are index letters, which may have no names. `total`
    names are in the whole list, on `pages` pages; it `is_counted` if the page says which of
    them it shows. `about` is an approximate number.
    """

    says: str = ""
    links: tuple[str, ...] = ()
    first: str = ""
    is_open: bool = False
    is_index: bool = False
    total: int = 0
    pages: int = 0
    is_counted: bool = False
    is_selection: bool = False
    about: str = ""
    rows: int = 0  # names on this page, a name that is there twice counted twice


def extent(page: PageOutline, section: Section, names: Sequence[str]) -> Extent:
    """Read what the page says about the length of the list in `section`, given its names."""
    return _ExtentReader(page, section, names).read()


def is_statement(text: str) -> bool:
    """Whether a line states the length or continuation of the list, and so is no name."""
    if len(text) > LONGEST:
        return False
    key = fold(text)
    if words.ELLIPSIS.fullmatch(text) or words.AND_MORE.fullmatch(key):
        return True
    if words.MORE.fullmatch(key):
        return True
    plain = _plain(text) if any(character.isdigit() for character in text) else ""
    return bool(plain) and (_range(plain) is not None or PAGES.search(plain) is not None)


def is_about_list(line: PageLine) -> bool:
    """Whether a line links to another page of the list or to a file of it.

    "Next" or "Download" without such a link may be a company.
    """
    if not line.href or not leads_away(line.href):
        return False
    key = fold(line.text)
    if words.FILE.search(line.href) and (
        words.LIST_OF.search(key) or words.DOWNLOAD.fullmatch(key)
    ):
        return True
    if not _is_page_url(line.href):
        return False
    is_sign = line.text in words.NEXT_SIGNS
    return is_sign or words.NEXT.fullmatch(key) is not None or key.isdigit()


def _plain(text: str) -> str:
    """`text` in lower case without accents; punctuation and numbers stay."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _number(text: str) -> int:
    digits = "".join(character for character in text if character.isdigit())
    return int(digits) if len(digits) < 8 else 0


def _range(plain: str) -> tuple[int, int] | None:
    """How many names are shown, and the total: (116, 137) for "1 to 116 of 137"."""
    if found := RANGE.search(plain):
        first, last, total = map(_number, found.groups())
        if first <= last <= total:
            return last - first + 1, total
    if found := RANGE_LAST.search(plain):
        total, first, last = map(_number, found.groups())
        if first <= last <= total and total not in YEARS:
            return last - first + 1, total
    found = SHOWN.fullmatch(plain)
    if found and not PAGES.search(plain) and _number(found[1]) <= _number(found[2]):
        total = _number(found[2])
        return None if total in YEARS else (_number(found[1]), total)
    return None


def _pages(plain: str) -> int:
    found = PAGES.search(plain)
    numbers = [_number(text) for text in found.groups() if text] if found else [0, 0]
    return numbers[1] if numbers[0] <= numbers[1] else 0


class _ExtentReader:
    """Reads a section: its lines, the controls in and below it, and data attributes."""

    def __init__(self, page: PageOutline, section: Section, names: Sequence[str]) -> None:
        self.page = page
        self.section = section
        self.names = {name.casefold() for name in names}
        places = range(section.first, section.end)
        self.named_at = [number for number in places if self.is_name(page.lines[number].text)]
        self.headings_at = [number for number in places if _is_title(page.lines[number])]
        self.rows = max(len(names), len(self.named_at))
        self.said: list[str] = []
        self.links: list[str] = []
        self.totals: list[int] = []
        self.lacking: dict[int, int] = {}  # names below each heading that are not here
        self.pages = 0
        self.is_counted = self.is_selection = self.is_index = self.leads = False
        self.first = ""
        self.about = ""

    def is_name(self, text: str) -> bool:
        return text.casefold() in self.names

    def read(self) -> Extent:
        for at, text in self.statements():
            self.read_statement(at, text)
        self.read_heading()
        self.read_lines()
        self.read_data()
        self.read_controls()
        self.read_letters()
        return Extent(
            says=" · ".join(dict.fromkeys(self.said))[:200],
            links=tuple(dict.fromkeys(self.links)),
            first=self.first,
            is_open=self.leads and not self.links,
            is_index=self.is_index,
            total=self.total(),
            pages=self.pages,
            is_counted=self.is_counted,
            is_selection=self.is_selection,
            about=self.about,
            rows=self.rows,
        )

    def total(self) -> int:
        if self.is_counted:
            return self.rows + sum(self.lacking.values())
        return max(self.totals, default=0)

    # What it says

    def statements(self) -> Iterator[tuple[int, str]]:
        """Lines that are no names and texts in pagers, each with its line number."""
        for number in range(self.section.first, self.section.end):
            line = self.page.lines[number]
            if len(line.text) <= LONGEST and not self.is_name(line.text) and not line.href:
                yield number, line.text
        for at, text in self.page.pager_texts:
            if len(text) <= LONGEST and self.is_beside_list(at):
                yield at, text

    def read_statement(self, at: int, text: str) -> None:
        plain = _plain(text)
        shown, pages = _range(plain), _pages(plain)
        if words.PER_PAGE.search(plain):
            return
        if shown is not None:
            self.is_counted = True
            self.read_range(at, text, *shown)
        elif pages:
            self.pages = max(self.pages, pages)
            self.say(text, when=pages > 1)
        else:
            self.read_count(text, plain)

    def read_range(self, at: int, text: str, shown: int, total: int) -> None:
        """Read a range: it counts the names under the same heading, or all."""
        block, rows = self.block(at)
        is_of_all = total == self.rows and shown != rows
        if total > rows and not is_of_all:
            self.lacking[block] = max(self.lacking.get(block, 0), total - rows)
            self.say(text)

    def block(self, at: int) -> tuple[int, int]:
        """The index of the heading above line `at`, and the number of names under it."""
        number = bisect_left(self.headings_at, at)
        ends = [*self.headings_at, self.section.end]
        first = ends[number - 1] if number else self.section.first
        named = bisect_left(self.named_at, ends[number]) - bisect_left(self.named_at, first)
        return number, named if number and named else self.rows

    def read_count(self, text: str, plain: str) -> None:
        """Read a count without a range; an approximate one is only reported."""
        found = COUNT.fullmatch(plain)
        key = fold(text)
        if found and re.search(rf"\b{words.RESULTS}\b|{NAME_COLUMN.pattern}", key):
            self.count(text, plain, found)
        elif not INTERESTED.search(key):
            for found in IN_PROSE.finditer(plain):
                if re.search(rf"\b{words.SIGNATORIES}\b", key) or _is_about(plain, found):
                    self.count(found[0].strip(), plain, found)

    def count(self, text: str, plain: str, found: re.Match[str]) -> None:
        number = _number(found[1])
        if number in YEARS or number <= self.rows:
            return
        if _is_about(plain, found):
            self.about = self.about or _words_around(plain, found)
        else:
            self.totals.append(number)
            self.say(text)

    def read_heading(self) -> None:
        """Read the number in the heading above the list: "Signatories (137)"."""
        if self.section.first == 0 or self.is_counted:
            return
        heading = self.page.lines[self.section.first - 1]
        plain = _plain(heading.text)
        self.read_part(heading.text, plain)
        found = IN_BRACKETS.search(plain) or (
            COUNT.fullmatch(plain) if NAME_COLUMN.search(fold(heading.text)) else None
        )
        if found and heading.level:
            self.count(heading.text, plain, found)
        if heading.level and _is_selection(heading.text):
            self.select(heading.text)

    def read_part(self, heading: str, plain: str) -> None:
        """Read two numbers in a heading: "Signatories (1/2)", "Signatories (116 of 137)"."""
        found = OF_IN_BRACKETS.search(plain)
        pages = _pages(plain)
        if found and _number(found[1]) < _number(found[2]):
            if _number(found[2]) > self.rows:
                self.is_counted = True
                self.lacking[0] = _number(found[2]) - self.rows
            else:
                pages = _number(found[2])
            self.say(heading)
        self.pages = max(self.pages, pages)
        self.say(heading, when=pages > 1)

    def read_lines(self) -> None:
        """Read lines that say that others are not named."""
        first = self.named_at[0] if self.named_at else self.section.end
        for number in range(self.section.first, self.section.end):
            line = self.page.lines[number]
            if len(line.text) > LONGEST or self.is_name(line.text):
                continue
            key = fold(line.text)
            if words.ELLIPSIS.fullmatch(line.text) or words.AND_MORE.fullmatch(key):
                self.select(line.text)
            elif number < first and line.kind is LineKind.TEXT:
                introduces = line.text.rstrip().endswith((":", "…"))
                if _is_selection(line.text) or (introduces and words.INCLUDING.search(key)):
                    self.select(line.text)

    def select(self, text: str) -> None:
        self.is_selection = True
        self.say(text)

    def say(self, text: str, *, when: bool = True) -> None:
        if when and text:
            self.said.append(text[:120])

    # Where it goes on

    def lead(self, label: str, href: str) -> None:
        self.leads = True
        self.say(label)
        if leads_away(href):
            self.links.append(href.strip())

    def read_data(self) -> None:
        for at, name, value in self.page.data:
            if not self.is_beside_list(at):
                continue
            stated = f'{name}="{value[:60]}"'
            number = int(value) if value.isascii() and value.isdigit() and len(value) < 8 else None
            if "page" in name and number is not None and "next" not in name:
                self.pages = max(self.pages, number)
                self.say(stated, when=number > 1)
            elif re.search(r"total|count|setsize", name):
                if number and number > self.rows:
                    self.totals.append(number)
                    self.say(stated)
            elif value.lower() not in {"", "false", "0", "null", "none", "no"}:
                self.lead(stated, value if re.search(r"[/?]", value) else "")

    def read_controls(self) -> None:
        keyed = [(one, fold(one.label)) for one in self.page.controls if len(one.label) <= LONGEST]
        more = Counter(key for one, key in keyed if _is_more(one, key))
        following, others = list[Control](), list[Control]()
        for one, key in keyed:
            if _is_next(one, key):
                where = following
            elif _is_numbered(one, key) or 0 < more[key] <= MOST_ALIKE:
                where = others
            else:
                continue
            if self.is_beside_list(one.at):
                where.append(one)
        of_document = [one for one in self.page.controls if one.at < 0]
        if not following and not others and of_document:
            following = [one for one in of_document if not self.is_of_other_block(one.href)]
        for one in [*following, *others]:
            if _number_of(one) == 1:
                self.first = one.href
            else:
                self.lead(one.label or 'rel="next"', one.href)

    def is_of_other_block(self, href: str) -> bool:
        """Whether a pager elsewhere on the page has the same link."""
        return any(one.at >= 0 and one.href == href for one in self.page.controls)

    def read_letters(self) -> None:
        """Read an alphabetical index most of whose links lead to names on other pages."""
        initials = {_plain(name)[:1] for name in self.names}
        letters = [
            (one, found)
            for one in self.page.controls
            if (found := LETTER.fullmatch(one.label))
            and not one.href.startswith("#")
            and self.is_beside_list(one.at, above=True)
        ]
        spans = sum(found[2] is not None for _, found in letters)
        if len(letters) < FEWEST_LETTERS and not (spans and len(letters) == spans):
            return
        missing = [one for one, found in letters if not initials & _letters(found)]
        if len(missing) * 2 > len(letters):
            self.is_index = True
            for one in missing:
                self.lead(one.label, one.href)

    def is_beside_list(self, at: int, *, above: bool = False) -> bool:
        """Whether line `at` is in the section of the list, with no other block between."""
        first = self.section.first - (1 if above else 0)
        if not first <= at <= self.section.end:
            return False
        named = bisect_left(self.named_at, at)
        if not named:
            return True
        between = self.page.lines[self.named_at[named - 1] + 1 : at]
        if any(line.is_heading and not is_letter(line.text) for line in between):
            return False
        return not self.is_news(at)

    def is_news(self, at: int) -> bool:
        """Whether the nearest heading above line `at` introduces news."""
        above = bisect_left(self.headings_at, at)
        if not above:
            return False
        heading = self.page.lines[self.headings_at[above - 1]]
        return words.NEWS.search(fold(heading.text)) is not None


def _is_title(line: PageLine) -> bool:
    """Whether a line is a heading and no index letter."""
    return line.is_heading and line.kind is LineKind.TEXT and not is_letter(line.text)


def _is_about(plain: str, found: re.Match[str]) -> bool:
    before = plain[: found.start(1)].rstrip(" (")
    behind = plain[found.end(1) :]
    return (
        words.ABOUT_BEFORE.search(before) is not None
        or words.ABOUT_BEHIND.match(behind) is not None
    )


def _words_around(plain: str, found: re.Match[str]) -> str:
    before = words.ABOUT_BEFORE.search(plain[: found.start(1)].rstrip(" ("))
    start = before.start() if before else found.start(1)
    return plain[start : found.end()].strip()[:100]


def _is_selection(text: str) -> bool:
    """Whether a line says that it introduces a selection of the signatories."""
    key = fold(text)
    found = words.SELECTION.search(key)
    if found is None or "some signatories may" in key:
        return False
    near = " ".join(key[found.start() :].split()[:7])
    is_alone = len(key.split()) <= 2
    return is_alone or NAME_COLUMN.search(near) is not None


def _is_next(one: Control, key: str) -> bool:
    if one.is_next:
        return True
    is_word = one.label in words.NEXT_SIGNS or words.NEXT.fullmatch(key) is not None
    return is_word and one.is_link and (one.in_pager or _is_page_url(one.href))


def _is_numbered(one: Control, key: str) -> bool:
    found = words.NUMBERED.fullmatch(key)
    if found is None or not one.is_link:
        return False
    return one.in_pager or (leads_away(one.href) and _is_page_url(one.href))


def _number_of(one: Control) -> int:
    found = words.NUMBERED.fullmatch(fold(one.label))
    return int(found[1]) if found else 0


def _is_more(one: Control, key: str) -> bool:
    if one.shows_more:
        return not (one.href.startswith("#") and len(one.href) > 1)
    is_word = words.MORE.fullmatch(key) is not None or words.AND_MORE.fullmatch(key) is not None
    return is_word and one.is_link and not (one.href.startswith("#") and len(one.href) > 1)


def _is_page_url(href: str) -> bool:
    if not leads_away(href):
        return True  # a script pages
    parts = urlsplit(href)
    return bool(PAGE_QUERY.search(parts.query) or PAGE_PATH.search(parts.path))


def _letters(found: re.Match[str]) -> set[str]:
    first = found[1] or ""
    if not first:
        return set("0123456789#")
    last = found[2] or first
    return {chr(code) for code in range(ord(first.lower()), ord(last.lower()) + 1)}
