"""Links and buttons of a page that may lead to the rest of a list."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from .page import Control, PageOutline
from .wording import tidy

PAGER = re.compile(
    r"(?:^|[\s_-])(?:pager|pagination|paginations?|paging|paginat(?:e|or)|page-numbers?|page-link|"
    r"page-item|pages)(?:$|[\s_-])",
    re.IGNORECASE,
)
PAGER_NAME = re.compile(r"pag(?:er|ination|ine|inering|inierung|inacion|inazione)", re.IGNORECASE)
# Blocks beside the content, whose pagers are about something else.
ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:breadcrumbs?|inpage-navigation|lang(?:uage)?|share|social(?:-media)?|cookies?|"
    r"consent|menu|toc|sidebar|related(?:-[a-z]+)*|site-header|site-footer|page-footer|skip-link)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
UNSEEN = {
    *("head", "script", "style", "template", "noscript", "iframe", "svg", "math", "object"),
    *("video", "audio", "canvas", "select", "option", "datalist", "textarea", "aside"),
}
LOADS_MORE = re.compile(
    r"(?:^|[\s_-])(?:(?:load|show|view)-?more|infinite-?scroll|btn-?more)(?:$|[\s_-])"
)
OFF = re.compile(r"(?:^|[\s_-])(?:disabled|current|active|selected)(?:$|[\s_-])")
DATA = re.compile(
    r"data-(?:[a-z]+-)*?(?:total(?:-?(?:count|items|results|rows|records|pages))?|(?:item|result|"
    r"row|record|page)s?-?count|max-?pages?|pages|next-?(?:page|url|href|cursor)|has-?more|"
    r"has-?next|load-?more(?:-?url)?|infinite-?scroll(?:-?[a-z]+)*)|aria-(?:setsize|rowcount)"
)
NEAR = 5  # ancestors of a link in which a pager is looked for


class Controls:
    """Collects the controls of a page into its outline, element by element."""

    def __init__(self, page: PageOutline) -> None:
        self.page = page

    def see(self, node: LexborNode, *, left_out: bool) -> None:
        if not left_out:
            self.add(node)
        elif _may_page(node):
            self.page.pager_texts += [
                (len(self.page.lines), tidy(text))
                for text in node.text(separator="\n").split("\n")
                if text.strip()
            ]
            for inner in _inside(node):
                self.add(inner)

    def add(self, node: LexborNode) -> None:
        attributes, at = node.attributes, len(self.page.lines)
        for name, value in attributes.items():
            if name.startswith(("data-", "aria-")) and DATA.fullmatch(name) and _is_seen(node):
                self.page.data.append((at, name, value or ""))
        tag, classes = node.tag or "", (attributes.get("class") or "").lower()
        is_link = tag == "a"
        shows_more = LOADS_MORE.search(classes) is not None
        is_button = tag in {"button", "input"} or attributes.get("role") in {"button", "link"}
        if not (is_link or is_button or shows_more) or _opens_here(node) or not _is_seen(node):
            return
        href = attributes.get("href") or attributes.get("hx-get") or attributes.get("data-url")
        self.page.controls.append(
            Control(
                at,
                _label(node),
                href or "",
                is_next="next" in (attributes.get("rel") or "").lower().split(),
                is_link=is_link or is_button,
                in_pager=_in_pager(node),
                shows_more=shows_more,
                file_type=attributes.get("type") or attributes.get("download") or "",
            )
        )


def _inside(node: LexborNode) -> Iterator[LexborNode]:
    yield node
    for inner in node.css("a, button, input, [role=button], [role=link]"):
        if inner != node:
            yield inner


def _may_page(node: LexborNode) -> bool:
    """Whether a block that holds no names may page through the list."""
    tag, classes = node.tag or "", node.attributes.get("class") or ""
    if tag in UNSEEN or ELSEWHERE.search(classes):
        return False
    around = node.parent.tag if node.parent is not None else ""
    if tag in {"header", "footer"}:
        return around not in {"body", "html"}
    return tag in {"nav", "tfoot", "input"} or _is_pager(node) or "nav" in classes.lower()


def _is_pager(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        PAGER.search(attributes.get("class") or "") is not None
        or PAGER_NAME.search(attributes.get("aria-label") or "") is not None
    )


def _in_pager(node: LexborNode) -> bool:
    around: LexborNode | None = node
    for _ in range(NEAR):
        if around is None or around.tag in {"body", "main"}:
            return False
        if _is_pager(around):
            return True
        around = around.parent
    return False


def _is_seen(node: LexborNode) -> bool:
    """Whether a control can be used: not hidden, not switched off, not the page itself."""
    for one in (node, node.parent):
        attributes = one.attributes if one is not None else {}
        if "hidden" in attributes or "disabled" in attributes or "aria-current" in attributes:
            return False
        if attributes.get("aria-disabled") == "true":
            return False
    item = node.parent if node.parent is not None and node.parent.tag == "li" else None
    classes = [one.attributes.get("class") or "" for one in (node, item) if one is not None]
    style = (node.attributes.get("style") or "").replace(" ", "").lower()
    return "display:none" not in style and not any(OFF.search(text.lower()) for text in classes)


def _opens_here(node: LexborNode) -> bool:
    """Whether a button only reveals content that the page has already."""
    attributes = node.attributes
    if any(name in attributes for name in ("aria-expanded", "data-bs-toggle", "data-toggle")):
        return True
    return any("expandable" in name or "accordion" in name for name in attributes)


def _label(node: LexborNode) -> str:
    attributes = node.attributes
    shown = tidy(node.text(separator=" "))
    named = attributes.get("aria-label") or attributes.get("title") or attributes.get("value")
    return shown or tidy(named or "")
