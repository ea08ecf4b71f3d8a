"""An HTML page as lines, through Lexbor's tree."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .cleaning import tidy
from .html_tables import Grid
from .markup import (
    BLOCKS,
    BOLD,
    CLOSES_ITSELF,
    CONTAINERS,
    DEEPEST,
    ENTRY_CLASSES,
    FOOTNOTE,
    HEADINGS,
    ITALIC,
    KINDS,
    LEFT_OUT,
    LEFT_OUT_CLASSES,
    LEFT_OUT_ROLES,
    NEVER_LEFT_OUT,
    OWN_LINE_CLASSES,
    PSEUDO_HEADINGS,
    ROLES,
    SEPARATORS,
    TAG,
    TITLE_CLASSES,
)
from .page import PSEUDO, Kind, Line, Page
from .refusals import Reason, UnreadableList


@dataclass(frozen=True, slots=True)
class Frame:
    """What the elements around a piece of text say of it."""

    kind: Kind = Kind.TEXT
    level: int = 0
    owner: int = 0
    parent: int = 0
    mark: str = ""


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
    for control in tree.css("[aria-controls]"):
        target = control.attributes.get("aria-controls") or ""
        page.links.append((_fragment(target), tidy(control.text())))
    return page


def refuse_depth(text: str) -> None:
    depth = 0
    for found in TAG.finditer(text):
        if found[2].lower() not in CLOSES_ITSELF:
            depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST:
            raise UnreadableList(Reason.TOO_DEEP, detail=f"more than {DEEPEST} elements")


def _tag(node: LexborNode) -> str:
    """The tag of an element, or the one whose part a div plays by its role."""
    tag = node.tag or ""
    return ROLES.get(node.attributes.get("role") or "", tag) if tag == "div" else tag


def _has_own_line(node: LexborNode, tag: str) -> bool:
    if tag not in {"span", "a"}:
        return False
    classes = (node.attributes.get("class") or "").lower()
    return OWN_LINE_CLASSES.search(classes) is not None


def _level(tag: str, classes: str, attributes: Mapping[str, str | None]) -> int:
    """How high a heading the element is: by its tag, its role, or as it looks."""
    if tag in HEADINGS:
        return HEADINGS[tag]
    if attributes.get("role") == "heading":
        stated = attributes.get("aria-level") or ""
        return int(stated) if stated in set("123456") else 2
    looks = tag in PSEUDO_HEADINGS or "aria-controls" in attributes
    return PSEUDO if looks or TITLE_CLASSES.search(classes) else 0


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
    if tag == "header" and node.parent is not None and node.parent.tag == "body":
        return True
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
        self.bold = self.italic = self.links = 0  # how many such elements are open
        self.all_bold = self.all_italic = self.all_link = True
        self.href = ""
        self.numbers = 0

    def read(self, root: LexborNode) -> None:
        for node, opens in _walk(root):
            if node.is_text_node:
                if opens:
                    self.add(node.text_content or "")
            elif node.is_element_node and node.tag:
                (self.open if opens else self.close)(node, _tag(node))
        self.end_line()
        self.mark_bold_paragraphs()

    def add(self, text: str) -> None:
        is_preformatted = self.frames[-1].mark.startswith("pre.")
        *finished, rest = text.split("\n") if is_preformatted else [text]
        for line in finished:
            self.append(line)
            self.end_line()
        self.append(rest)

    def append(self, text: str) -> None:
        self.text.append(text)
        if text.strip(SEPARATORS):
            self.all_bold &= self.bold > 0
            self.all_italic &= self.italic > 0
            self.all_link &= self.links > 0

    def open(self, node: LexborNode, tag: str) -> None:
        if tag == "br" and 1 <= self.frames[-1].level < PSEUDO:
            self.text.append(" ")
        elif tag == "br":
            self.end_line()
        elif tag in BLOCKS:
            self.end_line()
            if tag == "table":
                self.grids.append(Grid(self.number()))
            self.frames.append(self.frame(node, tag))
        elif tag in BOLD:
            self.bold += 1
        elif tag in ITALIC:
            self.italic += 1
        elif _has_own_line(node, tag):
            self.end_line()
        if tag == "a":
            if self.all_link and "".join(self.text).strip(SEPARATORS):
                self.end_line()  # links side by side
            self.links += 1
            self.href = (node.attributes.get("href") or "") if not self.href else self.href
        if tag == "img":
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
        elif tag in ITALIC:
            self.italic -= 1
        elif _has_own_line(node, tag):
            self.end_line()
        if tag == "a":
            self.links -= 1
        self.remember(node, tag, self.begins.pop())

    def frame(self, node: LexborNode, tag: str) -> Frame:
        """What the block `node` adds to the frame around it."""
        around = self.frames[-1]
        attributes = node.attributes
        classes = (attributes.get("class") or "").lower()
        mark = f"{tag}.{classes}"
        level = around.level or _level(tag, classes, attributes)
        if tag == "tr" and self.grids:
            self.grids[-1].next_row()
        kind = Kind.ITEM if ENTRY_CLASSES.search(classes) else KINDS.get(tag, Kind.TEXT)
        if kind is not Kind.TEXT and (self.grids or kind is not Kind.CELL):
            owner = self.number()
            if kind is Kind.CELL:
                self.grids[-1].place(owner, tag, attributes)
            parent = around.owner if around.kind is Kind.ITEM else 0
            return Frame(kind, level, owner, parent, mark)
        if around.kind is Kind.TEXT or tag == "table":
            return Frame(Kind.TEXT, level, self.number(), 0, mark)
        return Frame(around.kind, level, around.owner, around.parent, mark)

    def end_line(self) -> None:
        text = tidy("".join(self.text)) if self.text else ""
        if text:
            frame = self.frames[-1]
            place = self.grids[-1].places.get(frame.owner) if self.grids else None
            line = Line(text, frame.kind, frame.level, frame.owner, frame.parent, frame.mark)
            line.href = self.href if self.all_link else ""
            line.is_bold, line.is_italic = self.all_bold, self.all_italic
            line.place = place if frame.kind is Kind.CELL else None
            self.page.lines.append(line)
        self.text.clear()
        self.all_bold = self.all_italic = self.all_link = True
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
