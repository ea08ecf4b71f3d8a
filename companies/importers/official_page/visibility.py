"""Find elements that are hidden or struck out, by attributes and the page's own styles.

External stylesheets are not read; only class names that mean the same in every CSS framework are
known. Content that a reader can open, such as an accordion or tab, is not hidden.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

STRUCK_TAGS = {"del", "s", "strike"}
STRUCK_OUT = "[struck out]"  # our words in a quote for what a page shows without words
HIDING_CLASSES = {"hidden", "d-none", "ecl-u-d-none", "is-hidden", "display-none", "invisible"}
STRIKING_CLASSES = {
    *("line-through", "text-decoration-line-through", "strikethrough", "strike-through", "strike"),
    *("struck", "struck-out", "struck-through", "crossed-out"),
}
# Parts that a reader opens with a click, whatever a script does to them.
OPENED_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:accordion|collaps\w*|tab|tabs|tabpanel|tab-pane|panel|expand\w*|toggle\w*|"
    r"disclosure|dropdown|carousel|slide|show-more|more)(?:$|[\s_-])"
)
OPENED_ROLES = {"tabpanel", "region"}
POINTERS = ("aria-controls", "data-target", "data-bs-target", "data-toggle-target", "href")
CONTAINED = "li, tr, dt, dd, p + p, br, h2, h3, h4"

# Without a size, without a colour of its own, or beyond the edge.
UNSEEN = re.compile(
    r"(?:^|;)(?:(?:opacity|font-size):0(?![.\d]*[1-9])|(?:left|top|margin-left|text-indent):-\d{3,6})"
)
MAY_HIDE = ("line-through", "display:", "visibility:", "opacity:", "font-size:0", ":-")
BRACE = re.compile(r"[{};]")
MOST_RULES = 200
DEEPEST = 10  # at-rules around a rule
LONGEST_STYLES = 500_000  # characters
MARKED = 50_000  # elements that the rules of one page match


class Visibility:
    """Knows which elements of a page are hidden, and which struck out."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.hidden: dict[int, bool] = {}
        self.struck: dict[int, bool] = {}
        self.opened = set(_pointed_at(tree))
        for selector, style in _rules(tree):
            self.apply(tree, selector, style)

    def apply(self, tree: LexborHTMLParser, selector: str, style: str) -> None:
        hides, strikes = _hides(style), _strikes(style)
        if hides is None and strikes is None:
            return
        try:
            matched = tree.css(selector)
        except SelectolaxError:  # a pseudo-element, or a form that Lexbor does not know
            return
        for node in matched[: MARKED - len(self.hidden) - len(self.struck)]:
            if hides is not None:
                self.hidden[node.mem_id] = hides
            if strikes is not None:
                self.struck[node.mem_id] = strikes

    def strikes(self, node: LexborNode) -> bool:
        style = _strikes(node.attributes.get("style") or "")
        if style is not None:
            return style
        by_rule = self.struck.get(node.mem_id, node.tag in STRUCK_TAGS)
        return by_rule or bool(STRIKING_CLASSES & _classes(node))

    def hides(self, node: LexborNode) -> bool:
        """Whether the element is hidden, and no control opens it."""
        return self._is_hidden(node) and not self._is_opened(node)

    def _is_hidden(self, node: LexborNode) -> bool:
        attributes = node.attributes
        if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
            return True
        style = _hides(attributes.get("style") or "")
        if style is not None:
            return style
        if node.mem_id in self.hidden:
            return self.hidden[node.mem_id]
        classes = _classes(node)
        shown = any(name.startswith(("d-", "ecl-u-d-")) and "none" not in name for name in classes)
        return bool(HIDING_CLASSES & classes) and not shown

    def _is_opened(self, node: LexborNode) -> bool:
        """Whether an element with several lines is opened by a control, tab or summary."""
        attributes = node.attributes
        if node.tag in {"li", "tr", "td", "dt", "dd"} or node.css_first(CONTAINED) is None:
            return False
        if (attributes.get("role") or "") in OPENED_ROLES or node.tag == "details":
            return True
        if (attributes.get("id") or "").casefold() in self.opened:
            return True
        return any(OPENED_CLASSES.search(name.lower()) for name in _classes(node))


def _classes(node: LexborNode) -> set[str]:
    return set((node.attributes.get("class") or "").split())


def _pointed_at(tree: LexborHTMLParser) -> Iterator[str]:
    """The ids of elements that controls and links of the page open."""
    selector = ", ".join(f"[{name}]" for name in POINTERS)
    for control in tree.css(selector):
        for name in POINTERS:
            target = control.attributes.get(name) or ""
            if target and (name == "aria-controls" or target.startswith("#")):
                yield unquote(target.removeprefix("#")).casefold()


def _rules(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """The CSS rules of the page itself that may hide or strike out."""
    left = MOST_RULES
    for element in tree.css("style"):
        if "print" in (element.attributes.get("media") or ""):
            continue
        for selector, style in _blocks(_without_comments(element.text()[:LONGEST_STYLES])):
            said = _declarations(style)
            if left and any(part in said for part in MAY_HIDE):
                left -= 1
                yield selector, said


def _without_comments(text: str) -> str:
    first, *others = text.split("/*")
    return first + " ".join(other.partition("*/")[2] for other in others)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """The innermost CSS blocks that apply to screens of any width, with their selectors."""
    around: list[str] = []
    start = 0
    for found in BRACE.finditer(text):
        if found[0] == ";" and around and not around[-1].startswith("@"):
            continue
        said, start = text[start : found.start()].strip(), found.end()
        if found[0] == "{":
            around.append(said)
        elif found[0] == "}" and around:
            selector = around.pop()
            if (
                not selector.startswith("@")
                and len(around) < DEEPEST
                and all(map(_is_for_screens, around))
            ):
                yield selector, said


def _is_for_screens(prelude: str) -> bool:
    """Whether an at-rule applies to every screen, not only to print or phones."""
    return prelude.startswith(("@media screen", "@media all", "@layer")) and "(" not in prelude


def _declarations(style: str) -> str:
    return "".join(style.split()).lower()


def _hides(style: str) -> bool | None:
    """Whether a style hides the element; None if it does not say."""
    said = _declarations(style)
    found = re.findall(r"(?:^|;)(?:display|visibility):([a-z-]+)", said)
    if UNSEEN.search(said):
        return True
    return any(value in {"none", "hidden", "collapse"} for value in found) if found else None


def _strikes(style: str) -> bool | None:
    said = _declarations(style)
    found = re.findall(r"(?:^|;)text-decoration(?:-line)?:([^;]*)", said)
    return any("line-through" in value for value in found) if found else None
