"""An HTML page as lines, through Lexbor's tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .cleaning import tidy
from .errors import Reason, UnreadableList
from .page import PSEUDO, Kind, Line, Page
from .tables import Grid

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = {
    *HEADINGS,
    *("address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd"),
    *("details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form"),
    *("header", "hgroup", "hr", "legend", "li", "main", "ol", "p", "pre", "section", "summary"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
}
PSEUDO_HEADINGS = {"summary", "caption", "legend", "button"}
CONTAINERS = {"details", "section", "fieldset", "table", "figure"}
KINDS = {"li": Kind.ITEM, "dt": Kind.TERM, "dd": Kind.DEFINITION, "td": Kind.CELL, "th": Kind.CELL}
LEFT_OUT = {
    *("aside", "footer", "nav", "head", "script", "style", "template", "noscript", "iframe"),
    *("svg", "math", "object", "video", "audio", "canvas"),
    *("select", "option", "datalist", "textarea", "input", "tfoot"),
}
LEFT_OUT_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu"}
LEFT_OUT_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:breadcrumbs?|inpage-navigation|in-page-navigation|page-navigation|navbar|"
    r"nav|navigation|site-header|site-footer|page-footer|lang(?:uage)?-(?:list|switcher|select)|"
    r"splash-page|skip-link|cookies?|consent|pager|pagination|share|social(?:-media)?|sidebar|"
    r"menu|toc|related(?:-[a-z]+)*|last-update|sr-only|visually-hidden|tooltip)(?:$|[\s_-])",
    re.IGNORECASE,
)
NEVER_LEFT_OUT = {"html", "body", "main"}
TITLE_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:title|heading|headline|accordion__?(?:toggle|button|header))(?:$|[\s_-])"
)
FOOTNOTE = re.compile(r"[\s\[(]*(?:\d{1,3}|[a-z]|[*†‡§]+)[\s\])]*")
BOLD = {"b", "strong"}
DEEPEST = 500  # elements; Lexbor's time grows with the square of the depth
CLOSES_ITSELF = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr", "a", "body", "html", "dd", "dt", "li", "option", "p"),
    *("tbody", "td", "tfoot", "th", "thead", "tr"),
}
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Frame:
    """What the elements around a piece of text say of it."""

    kind: Kind = Kind.TEXT
    level: int = 0
    owner: int = 0
    parent: int = 0
    mark: str = ""
    in_item: bool = False


def read_html(text: str) -> Page:
    """The lines of an HTML page, without its navigation, header, footer and asides."""
    refuse_depth(text)
    tree = LexborHTMLParser(text)
    reader = _Reader()
    if tree.root is not None:
        reader.read(tree.root)
    page = reader.page
    title = tree.css_first("title")
    page.title = tidy(title.text()) if title else ""
    page.asks_password = tree.css_first("input[type=password i]") is not None
    for link in tree.css("a[href^='#']"):
        page.links.append((_fragment(link.attributes.get("href") or ""), tidy(link.text())))
    return page


def refuse_depth(text: str) -> None:
    depth = 0
    for found in TAG.finditer(text):
        if found[2].lower() not in CLOSES_ITSELF:
            depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST:
            raise UnreadableList(Reason.TOO_DEEP, detail=f"more than {DEEPEST} elements")


def _fragment(href: str) -> str:
    return unquote(href.removeprefix("#")).casefold()


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Each node twice, as it opens and as it closes; a left-out element not at all."""
    node: LexborNode | None = root
    stack: list[LexborNode] = []
    while node is not None:
        yield node, True
        child = None if node.is_element_node and _is_left_out(node) else node.first_child
        if child is not None:
            stack.append(node)
            node = child
            continue
        yield node, False
        while node is not None and node.next is None:
            node = stack.pop() if stack else None
            if node is not None:
                yield node, False
        node = node.next if node is not None else None


def _is_left_out(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag in LEFT_OUT:
        return True
    if tag in NEVER_LEFT_OUT or tag in HEADINGS:
        return False
    attributes = node.attributes
    classes = attributes.get("class") or ""
    if "mso-list:ignore" in (attributes.get("style") or "").replace(" ", "").lower():
        return True
    if (attributes.get("role") or "").lower() in LEFT_OUT_ROLES:
        return True
    if tag == "sup":
        return FOOTNOTE.fullmatch(tidy(node.text()).casefold()) is not None
    return bool(classes) and LEFT_OUT_CLASSES.search(classes) is not None


class _Reader:
    """Collects the lines of one page while its nodes open and close."""

    def __init__(self) -> None:
        self.page = Page()
        self.frames = [Frame()]
        self.grids: list[Grid] = []
        self.begins: list[int] = []  # the line each open element begins at
        self.alternatives: list[tuple[int, str]] = []  # of images, with the line they stand at
        self.text: list[str] = []
        self.bold = self.links = 0  # how many such elements are open
        self.all_bold = self.all_link = True
        self.href = ""
        self.numbers = 0

    def read(self, root: LexborNode) -> None:
        for node, opens in _walk(root):
            if node.is_text_node:
                if opens:
                    self.add(node.text_content or "")
            elif node.is_element_node and node.tag:
                (self.open if opens else self.close)(node, node.tag)
        self.end_line()
        self.mark_bold_paragraphs()

    def add(self, text: str) -> None:
        self.text.append(text)
        if text.strip():
            self.all_bold &= self.bold > 0
            self.all_link &= self.links > 0

    def open(self, node: LexborNode, tag: str) -> None:
        if tag == "br":
            self.end_line()
        elif tag in BLOCKS:
            self.end_line()
            if tag == "table":
                self.grids.append(Grid(self.number()))
            self.frames.append(self.frame(node, tag))
        elif tag in BOLD:
            self.bold += 1
        elif tag == "a":
            self.links += 1
            self.href = (node.attributes.get("href") or "") if not self.href else self.href
        elif tag == "img":
            self.alternatives.append((len(self.page.lines), node.attributes.get("alt") or ""))
        self.begins.append(len(self.page.lines))

    def close(self, node: LexborNode, tag: str) -> None:
        if tag in BLOCKS:
            self.end_line()
            frame = self.frames.pop()
            if tag == "table":
                self.grids.pop()
            if tag in {"li", "td", "figure"}:
                self.name_from_image(frame)
        elif tag in BOLD:
            self.bold -= 1
        elif tag == "a":
            self.links -= 1
        self.remember(node, tag, self.begins.pop())

    def frame(self, node: LexborNode, tag: str) -> Frame:
        """What the block `node` adds to the frame around it."""
        around = self.frames[-1]
        attributes = node.attributes
        classes = (attributes.get("class") or "").lower()
        frame = replace(around, mark=f"{tag}.{classes}")
        level = HEADINGS.get(tag, 0)
        if (attributes.get("role") or "") == "heading":
            stated = attributes.get("aria-level") or ""
            level = int(stated) if stated in set("123456") else 2
        if not level and (
            tag in PSEUDO_HEADINGS
            or TITLE_CLASSES.search(classes)
            or attributes.get("aria-controls")
        ):
            level = PSEUDO
        if level and not around.level:
            frame = replace(frame, level=level)
        if tag in {"td", "th"} and self.grids:
            number = self.number()
            self.grids[-1].place(number, tag, attributes)
            return replace(frame, kind=Kind.CELL, owner=number, in_item=True)
        if tag == "tr" and self.grids:
            self.grids[-1].next_row()
        if tag == "table":
            return replace(frame, kind=Kind.TEXT, in_item=False)
        if tag in KINDS:
            parent = around.owner if around.kind is Kind.ITEM else 0
            return replace(frame, kind=KINDS[tag], owner=self.number(), parent=parent, in_item=True)
        return frame if frame.in_item else replace(frame, owner=self.number())

    def end_line(self) -> None:
        text = tidy("".join(self.text))
        frame = self.frames[-1]
        if text:
            place = self.grids[-1].places.get(frame.owner) if self.grids else None
            line = Line(text, frame.kind, frame.level, frame.owner, frame.parent, frame.mark)
            line.href = self.href if self.all_link else ""
            line.is_bold = self.all_bold
            line.place = place if frame.kind is Kind.CELL else None
            self.page.lines.append(line)
        self.text.clear()
        self.all_bold = self.all_link = True
        if not self.links:
            self.href = ""

    def name_from_image(self, frame: Frame) -> None:
        """Give an item that holds only a picture the picture's name."""
        lines = self.page.lines
        if not self.alternatives or self.alternatives[-1][0] != len(lines):
            return
        if lines and lines[-1].owner == frame.owner:
            return
        name = re.sub(r"(?i)\s*\blogo(?:type)?\b(?: of\b)?\s*", " ", self.alternatives.pop()[1])
        if tidy(name):
            place = self.grids[-1].places.get(frame.owner) if self.grids else None
            lines.append(Line(tidy(name), frame.kind, owner=frame.owner, place=place))

    def remember(self, node: LexborNode, tag: str, begins: int) -> None:
        """Keep the range of lines of an element that has an id or that holds a section."""
        ends = len(self.page.lines)
        if tag in CONTAINERS and ends > begins + 1:
            self.page.containers.append((begins, ends))
        attributes = node.attributes
        for name in (attributes.get("id"), attributes.get("name") if tag == "a" else None):
            if name:
                self.page.anchors.setdefault(unquote(name).casefold(), (begins, ends))

    def mark_bold_paragraphs(self) -> None:
        """A paragraph that is one bold line reads as a heading."""
        lines = self.page.lines
        for before, line, after in zip([None, *lines], lines, [*lines[1:], None], strict=False):
            alone = all(other is None or other.owner != line.owner for other in (before, after))
            if line.is_bold and alone and line.kind is Kind.TEXT and not line.level:
                line.level = PSEUDO

    def number(self) -> int:
        self.numbers += 1
        return self.numbers
