"""Reads an official list of companies from a page: bytes in, names out.

The page may be HTML, Markdown or one name a line. Its list is found by the text of the heading
above it or by an anchor, in whichever language; what those are is the caller's to say.
"""

import re
from collections.abc import Sequence

from .decoding import decode
from .html import read_html
from .listed_names import ListedName, is_prose, may_be_listed, names
from .markdown import as_html
from .page import PSEUDO, Kind, Page
from .refusal import refuse_other_page, refuse_truncated
from .refusals import Reason, UnreadableList
from .section import Section, sections

__all__ = ["ListedName", "Reason", "UnreadableList", "parse"]

DOCUMENT = re.compile(r"<(?:!doctype html|html|head|body)(?:[\s/>]|\Z)", re.IGNORECASE)
BLOCK = re.compile(
    r"<(?:!doctype html|html|head|body|div|p|ul|ol|li|table|tr|td|h[1-6]|section|main|article|dl)"
    r"(?:[\s/>]|\Z)",
    re.IGNORECASE,
)
OTHER_FORMATS = (
    (re.compile(r"\s*[\[{]\s*[\[{\"\]}]"), "JSON"),
    (re.compile(r"\s*<\?xml(?!.{0,2000}<html[\s>])", re.DOTALL | re.IGNORECASE), "XML"),
    (re.compile(r"\s*<(?:rss|feed|svg|urlset)[\s>]", re.IGNORECASE), "XML"),
)


def parse(
    content: bytes, *, headings: Sequence[str] = (), anchors: Sequence[str] = ()
) -> list[ListedName]:
    """The companies on a page, in its order, each once.

    `headings` and `anchors` are the texts above the list and the ids of its place, in any number
    of languages. Without either, the whole page is the list. A text that is nothing but one name
    a line is a list whatever the headings. Raises UnreadableList.
    """
    text = decode(content)
    for form, name in OTHER_FORMATS:
        if form.match(text):
            raise UnreadableList(Reason.NOT_A_LIST, detail=name)
    has_elements = BLOCK.search(text) is not None
    if has_elements:
        refuse_truncated(text)
    page = read_html(text if _is_html(text) else as_html(text))
    wanted = [*headings, *anchors]
    if not wanted or (not has_elements and _is_only_names(page)):
        found = [Section(0, len(page.lines), PSEUDO)]
        refuse_other_page(page)
    else:
        found = sections(page, headings, anchors)
    listed = _best(page, found)
    if listed:
        return listed
    if not found:
        refuse_other_page(page)
    raise UnreadableList(_reason(page, found), looked_for=wanted, found=page.headings())


def _best(page: Page, found: Sequence[Section]) -> list[ListedName]:
    """The names of the section with the most; of two inside each other, the inner if a heading."""
    read = [(section, names(page.lines[section.first : section.end])) for section in found]
    read = [(section, listed) for section, listed in read if listed]
    inner = [
        (section, listed)
        for section, listed in read
        if not any(
            section.holds(other) and (other.level < PSEUDO or section.level == 1)
            for other, _ in read
        )
    ]
    return max((listed for _, listed in inner), key=len, default=[])


def _is_html(text: str) -> bool:
    """Whether `text` is HTML rather than Markdown, which may have elements inside it."""
    return DOCUMENT.search(text) is not None or BLOCK.match(text.lstrip()) is not None


def _is_only_names(page: Page) -> bool:
    """Whether a text has no structure at all: no heading, no item, no link, no sentence."""
    return all(
        line.kind is Kind.TEXT and not line.level and not line.href and may_be_listed(line.text)
        for line in page.lines
    )


def _reason(page: Page, found: Sequence[Section]) -> Reason:
    if not found and page.lines:
        return Reason.NO_SECTION
    if any(_holds_text(page, section) for section in found):
        return Reason.NOT_A_LIST
    return Reason.EMPTY_SECTION if found else Reason.EMPTY


def _holds_text(page: Page, section: Section) -> bool:
    lines = page.lines[section.first : section.end]
    return any(line.kind is not Kind.TEXT or is_prose(line.text) for line in lines)
