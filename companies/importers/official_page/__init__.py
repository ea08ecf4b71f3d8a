"""Read the official list of companies on a page: bytes in, names out.

The page may be HTML, Markdown or one name per line. Its list is found by the text of its heading or
by an anchor, which the caller gives in any number of languages.
"""

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from companies.importers.spreadsheet import BadSpreadsheet, NameOnLine, read_names

from .decoding import decode, refuse_truncated
from .html import read_html
from .leaving.leavers import How, LeftName, footnotes, mark_left
from .leaving.remarks import column_says_left, split_remark
from .list_items import PageContext, is_prose, may_be_listed
from .listed_names import ListedName, NamesRead, names
from .markdown import as_html
from .page import PSEUDO, LineKind, PageOutline, Reason, UnreadableList
from .parts import Extent, extent
from .pdf import is_pdf, read_pdf
from .section import Section, list_files, sections
from .wording import ERRORS, LOGIN, fold, signed_part

__all__ = [
    "Extent",
    "How",
    "LeftName",
    "ListedName",
    "NamesRead",
    "OfficialPage",
    "Reason",
    "UnreadableList",
    "parse",
]

DOCUMENT = re.compile(r"<(?:!doctype html|html|head|body)(?:[\s/>]|\Z)", re.IGNORECASE)
BLOCK = re.compile(
    r"<(?:!doctype html|html|head|body|div|p|ul|ol|li|table|tr|td|h[1-6]|section|main|article|dl)"
    r"(?:[\s/>]|\Z)",
    re.IGNORECASE,
)
MARKDOWN = re.compile(r"\s*(?:#|[*+-] |\d+[.)] |=+$|-+$)")
FEWEST_LINES = 3  # of a table
FILE_LINES = 3  # lines about a link to a file, which may read as names: title, language, "Download"
MOST_ROWS, LONGEST_NAME = 20_000, 500
SHORT = 40  # lines; an error page has hardly more


@dataclass(frozen=True, kw_only=True)
class OfficialPage:
    """The list on a page: the companies in page order, each once.

    `left` are those that it names as no longer on the list; none of them is in `names`.
    `extent` is what it says about the length of the list, which it may show only in part.
    """

    names: list[ListedName]
    left: list[LeftName] = field(default_factory=list)
    extent: Extent = field(default_factory=Extent)


def parse(
    content: bytes,
    *,
    headings: Sequence[str] = (),
    anchors: Sequence[str] = (),
    day: datetime.date | None = None,
    is_csv: bool = False,
) -> OfficialPage:
    """Read the list on a page, in a PDF or in a spreadsheet. Raises UnreadableList.

    `headings` and `anchors` are the texts above the list and the ids of its element, in any
    number of languages. Without either, the whole page is the list. A text with nothing but one
    name per line is a list whatever the headings, and so is a file. A company that leaves after
    `day` has not left yet. `is_csv` says that the content is CSV, which cannot be detected.
    """
    if is_xlsx(content) or (not is_pdf(content) and (is_csv or _is_table(content))):
        return _sheet(content, day)
    page, is_plain = _outline(content)
    wanted = [*headings, *anchors]
    is_whole = not wanted or (is_plain and _is_only_names(page))
    whole = [Section(0, len(page.lines), PSEUDO)]
    found = whole if is_whole else sections(page, headings, anchors)
    if is_pdf(content):
        found = found or whole
    if is_whole or not found:
        _refuse_other_page(page)
    mark_left(page)
    section, listed = _best(page, found, PageContext(footnotes(page, day), day))
    files = [] if is_whole else list_files(page, found, are_names=bool(len(listed)))
    if not len(listed) or (files and len(listed) <= len(files) * FILE_LINES):
        reason = Reason.NOT_A_LIST if files else _reason(page, found)
        raise UnreadableList(reason, looked_for=wanted, found=page.headings(), files=files)
    shown = [*(one.name for one in listed.listed), *(one.name for one in listed.left)]
    listed.add_left(_left_elsewhere(page, section))
    if not listed.listed:
        raise UnreadableList(Reason.ALL_LEFT, detail=listed.left[0].text[:100])
    return OfficialPage(names=listed.listed, left=listed.left, extent=extent(page, section, shown))


def is_xlsx(content: bytes) -> bool:
    return content.startswith(b"PK") and b"xl/" in content


def _is_table(content: bytes) -> bool:
    """Whether a text has no element, no Markdown, and the same columns in nearly every line."""
    text = decode(content)
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < FEWEST_LINES or BLOCK.search(text) or any(map(MARKDOWN.match, lines)):
        return False
    for divider in (";", "\t"):
        [(columns, number)] = Counter(line.count(divider) for line in lines).most_common(1)
        if columns and number >= 0.9 * len(lines):
            return True
    return False


def _sheet(content: bytes, day: datetime.date | None) -> OfficialPage:
    """The names in the name column of a spreadsheet, in row order.

    Names with a remark, or with another column, that says so have left.
    """
    try:
        found = read_names(content, max_rows=MOST_ROWS, longest=LONGEST_NAME)
    except BadSpreadsheet as error:
        raise UnreadableList(Reason.BROKEN_FILE, detail=str(error)) from error
    once = {one.name.casefold(): one for one in reversed(found.names)}
    read = NamesRead([ListedName(one.name, 1) for one in reversed(once.values())])
    left = [gone for one in found.names if (gone := _left_in_row(one, day))]
    said = {gone.text for gone in left}
    read.listed = [one for one in read.listed if one.name not in said]
    read.add_left(left)
    if not read.listed:
        raise UnreadableList(Reason.ALL_LEFT if left else Reason.EMPTY)
    return OfficialPage(
        names=read.listed, left=read.left, extent=Extent(rows=len(found.names) - len(left))
    )


def _left_in_row(one: NameOnLine, day: datetime.date | None) -> LeftName | None:
    name, remark = split_remark(one.name, day)
    remarks = (column_says_left(head, value, day) for head, value in one.beside)
    remark = remark or next(filter(None, remarks), "")
    return LeftName(name, one.name, How.SAID, remark) if remark else None


def _outline(content: bytes) -> tuple[PageOutline, bool]:
    """The lines of a page or PDF, and whether it has no HTML element."""
    if is_pdf(content):
        return read_pdf(content), True
    text = decode(content)
    has_elements = BLOCK.search(text) is not None
    if has_elements:
        refuse_truncated(text)
    return read_html(text if _is_html(text) else as_html(text)), not has_elements


def _left_elsewhere(page: PageOutline, section: Section) -> list[LeftName]:
    """Names under headings of former signatories outside the section."""
    outside = [*page.lines[: section.first], *page.lines[section.end :]]
    return names([line for line in outside if line.left]).left


def _is_html(text: str) -> bool:
    """Whether `text` is HTML rather than Markdown, which may have elements inside it."""
    return DOCUMENT.search(text) is not None or BLOCK.match(text.lstrip()) is not None


def _is_only_names(page: PageOutline) -> bool:
    """Whether a text has no heading, no item, no link and no sentence."""
    return all(
        line.kind is LineKind.TEXT and not line.level and not line.href and may_be_listed(line.text)
        for line in page.lines
    )


def _best(
    page: PageOutline, found: Sequence[Section], around: PageContext
) -> tuple[Section, NamesRead]:
    """The section with the most names; of nested ones with equally many, the inner if a heading."""
    read = [(one, names(page.lines[one.first : one.end], around)) for one in found]
    read = [(section, listed) for section, listed in read if len(listed)]
    inner = [
        (section, listed)
        for section, listed in read
        if not any(
            section.contains(other) and (other.level < PSEUDO or section.level == 1)
            for other, _ in read
        )
    ]
    nothing = (Section(0, 0, PSEUDO), NamesRead())
    read = [*inner, *_in_parts(page, found, around)]
    return max(read, key=lambda pair: len(pair[1]), default=nothing)


def _in_parts(
    page: PageOutline, found: Sequence[Section], around: PageContext
) -> list[tuple[Section, NamesRead]]:
    """The names of all sections that are each a part of the list; empty for a single section."""
    parts = [one for one in found if one.first and signed_part(page.lines[one.first - 1].text)]
    apart = [one for one in parts if not any(one.contains(other) for other in parts)]
    if len(apart) < 2:
        return []
    lines = [line for one in apart for line in page.lines[one.first - 1 : one.end]]
    whole = Section(apart[0].first, max(one.end for one in apart), PSEUDO)
    return [(whole, names(lines, around))]


def _reason(page: PageOutline, found: Sequence[Section]) -> Reason:
    if not found and page.lines:
        return Reason.NO_SECTION
    if any(_has_text(page, section) for section in found):
        return Reason.NOT_A_LIST
    return Reason.EMPTY_SECTION if found else Reason.EMPTY


def _has_text(page: PageOutline, section: Section) -> bool:
    lines = page.lines[section.first : section.end]
    return any(line.kind is not LineKind.TEXT or is_prose(line.text) for line in lines)


def _refuse_other_page(page: PageOutline) -> None:
    """Refuse a page that asks to sign in or reports an error, by its title and its headings."""
    lines = page.lines
    judged = [page.title, *page.headings()[:5], *(line.text for line in lines[:3])]
    if len(lines) <= SHORT:
        judged += [line.text for line in lines]
    keys = [fold(text) for text in judged]
    if any(LOGIN.search(key) for key in keys):
        raise UnreadableList(Reason.LOGIN_PAGE, detail=page.title)
    if any(ERRORS.search(key) for key in keys):
        raise UnreadableList(Reason.ERROR_PAGE, detail=page.title or judged[-1][:100])
    if page.asks_password:
        raise UnreadableList(Reason.LOGIN_PAGE, detail=page.title)
