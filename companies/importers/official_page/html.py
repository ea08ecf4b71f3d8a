"""Read an HTML page as lines, with Lexbor's parser."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .controls import Controls
from .leaving.remarks import heads_left, only_says_left
from .page import (
    PSEUDO,
    CellPlace,
    Control,
    LineKind,
    PageLine,
    PageOutline,
    Reason,
    UnreadableList,
)
from .visibility import Visibility
from .wording import tidy, unescape

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
KINDS = {
    "li": LineKind.ITEM,
    "dt": LineKind.TERM,
    "dd": LineKind.DEFINITION,
    "td": LineKind.CELL,
    "th": LineKind.CELL,
}
LEFT_OUT = {
    *("aside", "footer", "nav", "head", "script", "style", "template", "noscript", "iframe"),
    *("svg", "math", "object", "video", "audio", "canvas"),
    *("select", "option", "datalist", "textarea", "input", "tfoot"),
}
LEFT_OUT_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu"}
LEFT_OUT_CLASSES = re.compile(
    r"(?:^|\s)(?!\S*(?:has|no|with|without)-)(?:[^\s]*[_-])?"
    r"(?:breadcrumbs?|inpage-navigation|navbar|nav|navigation|site-header|site-footer|page-footer|"
    r"lang(?:uage)?-(?:list|switcher|select)|splash-page|skip-link|cookies?|consent|pager|"
    r"pagination|share|social(?:-media)?|sidebar|menu|toc|related(?:-[a-z]+)*|last-update|sr-only|"
    r"visually-hidden|tooltip)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Elements that are one entry of a list without being an item.
ENTRY_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:card|content-item|list-item|listing-item|views-row|teaser|tile|grid-item)(?:$|\s)"
)
# Inline elements that pages show on a line of their own.
OWN_LINE_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:item|name|company|organisation|organization|signatory|country|chip|tag|badge)"
    r"(?:$|\s)"
)
NEVER_LEFT_OUT = {"html", "body", "main"}
TITLE_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:title|heading|headline|accordion__?(?:toggle|button|header))(?:$|[\s_-])"
)
FOOTNOTE = re.compile(r"[\s\[(]*(?:\d{1,3}|[a-z]|[*†‡§]+)[\s\])]*")
LISTS = {"ul", "ol", "dl", "table"}
# Elements inside a line that may hold a remark on its name.
EMPHASIS = {"span", "em", "i", "b", "strong", "small", "mark", "u", "abbr", "font", "label", "sub"}
SAYING = ("alt", "title", "aria-label", "data-status")
STROKES = re.compile("[\u0335-\u0338]")  # drawn through the letter before
BOLD = {"b", "strong"}
ITALIC = {"em", "i"}
ROLES = {
    "list": "ul",
    "listitem": "li",
    "table": "table",
    "row": "tr",
    "columnheader": "th",
    "rowheader": "td",
    "cell": "td",
}
SEPARATORS = " \t\n\r\u00a0,;|·•"
DEEPEST = 500  # elements; Lexbor's time grows with the square of the depth
CLOSES_ITSELF = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr", "a", "body", "html", "dd", "dt", "li", "option", "p"),
    *("tbody", "td", "tfoot", "th", "thead", "tr"),
}
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
WIDEST_SPAN = 100  # rows or columns; more is an error of the page


@dataclass(frozen=True, slots=True)
class Frame:
    """The properties that the lines in a block element inherit."""

    kind: LineKind = LineKind.TEXT
    level: int = 0
    owner: int = 0
    parent: int = 0
    mark: str = ""


def read_html(text: str) -> PageOutline:
    """Read an HTML page without its navigation, header, footer and asides."""
    refuse_depth(text)
    tree = LexborHTMLParser(text)
    reader = _Reader(Visibility(tree))
    if tree.root is not None:
        reader.read(tree.root)
    page = reader.page
    title = tree.css_first("title")
    page.title = tidy(title.text()) if title else ""
    for link in tree.css("link[rel~='next' i][href]"):
        page.controls.append(Control(-1, "", link.attributes.get("href") or "", is_next=True))
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


def _line(parts: list[str]) -> str:
    return tidy(unescape("".join(parts))) if parts else ""


def _tag(node: LexborNode) -> str:
    """The tag of an element; for a div, the tag that its ARIA role stands for."""
    tag = node.tag or ""
    return ROLES.get(node.attributes.get("role") or "", tag) if tag == "div" else tag


def _has_own_line(node: LexborNode, tag: str) -> bool:
    if tag not in {"span", "a"}:
        return False
    classes = (node.attributes.get("class") or "").lower()
    return OWN_LINE_CLASSES.search(classes) is not None


def _level(tag: str, classes: str, attributes: Mapping[str, str | None]) -> int:
    """The level of a heading by its tag, role or style; 0 for other elements."""
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
    """Walk the tree without recursion; each node comes twice, when it opens and when it closes."""
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


class Grid:
    """Computes row and column of the cells of one table, spans included."""

    def __init__(self, table: int) -> None:
        self.table = table
        self.row = -1
        self.column = 0
        self.places: dict[int, CellPlace] = {}
        self.taken: dict[int, int] = {}  # column -> first row below the cell that covers it

    def next_row(self) -> None:
        self.row += 1
        self.column = 0

    def place(self, cell: int, tag: str, attributes: Mapping[str, str | None]) -> None:
        if self.row < 0:  # a table of divs may have cells outside any row
            self.next_row()
        while self.taken.get(self.column, 0) > self.row:
            self.column += 1
        is_header = tag == "th" and (attributes.get("scope") or "") != "row"
        self.places[cell] = CellPlace(self.table, self.row, self.column, is_header)
        below = self.row + _span(attributes.get("rowspan"))
        for _ in range(_span(attributes.get("colspan"))):
            self.taken[self.column] = below
            self.column += 1


def _span(stated: str | None) -> int:
    digits = (stated or "").strip()
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 1
    return min(max(number, 1), WIDEST_SPAN)


class _Reader:
    """Collects lines while walking the tree."""

    def __init__(self, visibility: Visibility) -> None:
        self.visibility = visibility
        self.page = PageOutline()
        self.controls = Controls(self.page)
        self.frames = [Frame()]
        self.grids: list[Grid] = []
        self.begins: list[int] = []  # the line at which each open element begins
        self.alternatives: list[tuple[int, str]] = []  # texts of images, with the line they are at
        self.text: list[str] = []
        self.struck_text: list[str] = []
        self.hidden_text: list[str] = []
        self.said: list[str] = []
        self.footnotes: list[str] = []
        self.inside: list[tuple[bool, bool, int]] = []  # hides, strikes, and the text before
        self.hidden = self.struck = 0  # how many such elements are open
        self.lists: list[int] = []
        self.follows_break = False
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
                if opens:
                    self.controls.see(node, left_out=_is_left_out(node))
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
        if self.hidden:
            self.hidden_text.append(text)
            return
        if self.struck or len(STROKES.findall(text)) * 2 >= len(text.strip()) > 0:
            self.struck_text.append(STROKES.sub("", text))
            return
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
            self.follows_break = True
        elif tag in BLOCKS:
            self.open_block(node, tag)
        elif tag in BOLD:
            self.bold += 1
        elif tag in ITALIC:
            self.italic += 1
        elif _has_own_line(node, tag):
            self.end_line()
        if tag == "a":
            self.open_link(node)
        if tag == "img":
            self.alternatives.append((len(self.page.lines), node.attributes.get("alt") or ""))
        self.begins.append(len(self.page.lines))
        hides, strikes = self.visibility.hides(node), self.visibility.strikes(node)
        self.inside.append((hides, strikes, len(self.text)))
        self.hidden += hides
        self.struck += strikes
        if not self.hidden:
            self.listen(node, tag)

    def open_block(self, node: LexborNode, tag: str) -> None:
        self.end_line()
        self.follows_break = False
        if tag in LISTS:
            self.lists.append(self.number())
        if tag == "table":
            self.grids.append(Grid(self.number()))
        self.frames.append(self.frame(node, tag))

    def listen(self, node: LexborNode, tag: str) -> None:
        """Record the text of an icon or title attribute, and footnote marks."""
        if tag == "sup" and _is_left_out(node):
            self.footnotes.append(tidy(node.text()))
        if tag in LISTS or tag in CONTAINERS:
            return
        titles = [node.attributes.get(name) or "" for name in SAYING]
        if tag == "svg" and (title := node.css_first("title")):
            titles.append(title.text())
        self.said += [tidy(title) for title in titles if title and only_says_left(title)]

    def hear(self, node: LexborNode, tag: str, before: int) -> None:
        """Move an emphasised remark, or a sign explained by a title, out of the line's text."""
        inside = "".join(self.text[before:])
        title = node.attributes.get("title") or ""
        if tag in EMPHASIS and 0 < len(inside.strip()) < 4 and title and only_says_left(title):
            del self.text[before:]
            return
        around = "".join(self.text[:before]).strip(SEPARATORS) or self.struck_text
        if tag in EMPHASIS and around and inside.strip() and only_says_left(inside):
            del self.text[before:]
            self.said.append(tidy(inside))

    def open_link(self, node: LexborNode) -> None:
        if self.all_link and "".join(self.text).strip(SEPARATORS):
            self.end_line()  # links side by side
        self.links += 1
        self.href = self.href or node.attributes.get("href") or ""

    def close(self, node: LexborNode, tag: str) -> None:
        hides, strikes, before = self.inside.pop()
        self.hear(node, tag, before)
        if tag in BLOCKS:
            self.end_line()
        self.hidden -= hides
        self.struck -= strikes
        if tag in BLOCKS:
            self.follows_break = False
            frame = self.frames.pop()
            if tag in LISTS:
                self.lists.pop()
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
        """The Frame of the block element `node` inside that of its parent."""
        around = self.frames[-1]
        attributes = node.attributes
        classes = (attributes.get("class") or "").lower()
        mark = f"{tag}.{classes}"
        level = around.level or _level(tag, classes, attributes)
        if tag == "tr" and self.grids:
            self.grids[-1].next_row()
        kind = LineKind.ITEM if ENTRY_CLASSES.search(classes) else KINDS.get(tag, LineKind.TEXT)
        if kind is not LineKind.TEXT and (self.grids or kind is not LineKind.CELL):
            owner = self.number()
            if kind is LineKind.CELL:
                self.grids[-1].place(owner, tag, attributes)
            parent = around.owner if around.kind is LineKind.ITEM else 0
            return Frame(kind, level, owner, parent, mark)
        if around.kind is LineKind.TEXT or tag == "table":
            return Frame(LineKind.TEXT, level, self.number(), 0, mark)
        return Frame(around.kind, level, around.owner, around.parent, mark)

    def end_line(self) -> None:
        """Add a line from the text read so far, struck-out text apart."""
        text, struck, hidden = map(_line, (self.text, self.struck_text, self.hidden_text))
        said = list(dict.fromkeys(self.said))
        if struck:
            self.add_line(struck).is_struck = True
        if text.strip(SEPARATORS) or (text and not struck):
            self.add_line(text)
        elif hidden and not struck:
            self.add_line(hidden).is_hidden = True
        elif said and not struck and self.frames[-1].kind is not LineKind.TEXT:
            self.add_line(said.pop(0))
        if struck or text:
            line = self.page.lines[-1]
            line.said, line.footnotes = "; ".join(said), tuple(self.footnotes)
        if struck or text or self.frames[-1].kind is LineKind.TEXT:
            self.said.clear()
            self.footnotes.clear()
        for part in (self.text, self.struck_text, self.hidden_text):
            part.clear()
        self.all_bold = self.all_italic = self.all_link = True
        self.follows_break = False
        if not self.links:
            self.href = ""

    def add_line(self, text: str) -> PageLine:
        frame = self.frames[-1]
        place = self.grids[-1].places.get(frame.owner) if self.grids else None
        line = PageLine(text, frame.kind, frame.level, frame.owner, frame.parent, frame.mark)
        line.href = self.href if self.all_link else ""
        line.is_bold, line.is_italic = self.all_bold, self.all_italic
        line.place = place if frame.kind is LineKind.CELL else None
        line.list = self.lists[0] if self.lists else 0
        line.follows_break = self.follows_break
        self.page.lines.append(line)
        return line

    def name_from_image(self, frame: Frame) -> None:
        """Take the alternative text as the name of an item that is only an image."""
        lines = self.page.lines
        if not self.alternatives or self.alternatives[-1][0] != len(lines):
            return
        if lines and lines[-1].owner == frame.owner:
            return
        name = re.sub(r"(?i)\s*\blogo(?:type)?\b(?: of\b)?\s*", " ", self.alternatives.pop()[1])
        if tidy(name):
            place = self.grids[-1].places.get(frame.owner) if self.grids else None
            lines.append(PageLine(tidy(name), frame.kind, owner=frame.owner, place=place))

    def remember(self, node: LexborNode, tag: str, begins: int) -> None:
        """Record the line range of an element with an id, or of one that can be a section."""
        ends = len(self.page.lines)
        if tag in CONTAINERS and ends > begins + 1:
            self.page.containers.append((begins, ends))
        attributes = node.attributes
        label = attributes.get("aria-label") or attributes.get("title") or ""
        by = attributes.get("aria-labelledby") or ""
        if ends > begins and (by or heads_left(label)):
            self.page.labels.append((begins, ends, f"#{by}" if by else tidy(label)))
        for name in (attributes.get("id"), attributes.get("name") if tag == "a" else None):
            if name:
                self.page.anchors.setdefault(unquote(name).casefold(), (begins, ends))

    def mark_bold_paragraphs(self) -> None:
        """Turn each paragraph that is one bold line into a heading."""
        lines = self.page.lines
        for before, line, after in zip([None, *lines], lines, [*lines[1:], None], strict=False):
            alone = all(other is None or other.owner != line.owner for other in (before, after))
            if line.is_bold and alone and line.kind is LineKind.TEXT and not line.level:
                line.level = PSEUDO

    def number(self) -> int:
        self.numbers += 1
        return self.numbers
