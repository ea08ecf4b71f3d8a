"""What the elements and classes of pages mean for a reader of lists."""

import re

from .page import Kind

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
    r"(?:^|\s)(?!\S*(?:has|no|with|without)-)(?:[^\s]*[_-])?"
    r"(?:breadcrumbs?|inpage-navigation|navbar|nav|navigation|site-header|site-footer|page-footer|"
    r"lang(?:uage)?-(?:list|switcher|select)|splash-page|skip-link|cookies?|consent|pager|"
    r"pagination|share|social(?:-media)?|sidebar|menu|toc|related(?:-[a-z]+)*|last-update|sr-only|"
    r"visually-hidden|tooltip)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Elements that stand for one entry of a list without being an item.
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
