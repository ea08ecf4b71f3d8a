"""Extract the text of a cited page, in which its quote is searched: bytes in, text out.

What a reader sees counts: HTML without scripts and without hidden or struck-out text, Markdown,
plain text, and PDF if pypdf is installed.
"""

import codecs
import importlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .official_page.decoding import BOMS, CONTROL, DECLARATION_WITHIN, DECLARED, SIGNATURES
from .official_page.markdown import as_html
from .official_page.page import UnreadableList
from .official_page.visibility import STRUCK_OUT, Visibility
from .official_page.wording import ERRORS, LOGIN, fold

DEEPEST = 500  # elements inside each other; Lexbor's time grows with the square of the depth
MOST_PAGES = 300  # of a PDF
LONGEST_MARKDOWN = 50_000  # characters; of 200,000 signs "<" the converter makes 4 seconds
# Letters: a page with fewer that runs scripts is rather made by them, a cookie wall has not many.
HARDLY_ANY, SHORT = 300, 2500
# A name may be split over inline elements, never over these.
BLOCK = re.compile(
    r"(?=</?(?:address|article|aside|blockquote|body|br|button|caption|center|dd|details|dialog|div|"
    r"dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|img|label|legend|li|"
    r"main|nav|ol|option|p|pre|section|select|summary|table|tbody|td|tfoot|th|thead|title|tr|ul)"
    r"[\s/>])",
    re.IGNORECASE,
)
HTML = re.compile(
    r"<(?:!doctype html|html|head|body|article|div|main|p|section|span|table|ul)[\s/>]",
    re.IGNORECASE,
)
NEVER_SHOWN = "script, style, template, noscript, iframe, object, svg, math"
HIDDEN = (
    "[hidden]:not([hidden=until-found]), "
    "[style*='display:none' i], [style*='display: none' i], "
    "[style*='visibility:hidden' i], [style*='visibility: hidden' i]"
)
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
CLOSES_ITSELF = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr", "body", "html", "dd", "dt", "li", "option", "p"),
    *("tbody", "td", "tfoot", "th", "thead", "tr"),
}
# Python also knows encodings such as punycode, which takes quadratic time.
OF_PAGES = re.compile(
    r"utf-8|cp125\d|cp874|cp932|cp949|iso8859-\d+|koi8-[ru]|mac-\w+|ascii|tis-620|"
    r"shift_jis\w*|euc_\w+|iso2022_jp\w*|gb\w+|big5\w*"
)
# https://encoding.spec.whatwg.org/#names-and-labels
MEANS = {
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
CONSENT = re.compile(
    r"\b(?:cookies?|consent|gdpr|rgpd|dsgvo|datenschutz|zustimm\w*|privacy choices|tout accepter|"
    r"adblock\w*|subscri\w*|abonn\w*|paywall)\b"
)
# A sentence of our own, where wording.py knows titles.
NO_SUCH_PAGE = re.compile(
    r"\b(?:404|no longer (?:available|exists?)|does not exist|doesn t exist|has been removed|"
    r"n existe (?:plus|pas)|nicht (?:mehr )?(?:gefunden|verfugbar)|ya no existe|no existe|"
    r"non esiste|nao existe|bestaat niet|nie istnieje)\b"
)


class Obstacle(StrEnum):
    """Why the text read may not be that of the cited page."""

    NONE = ""
    PDF = auto()
    NOT_TEXT = auto()
    HARDLY_ANY_TEXT = auto()
    ASKS_FIRST = auto()
    ERROR_PAGE = auto()


@dataclass(frozen=True)
class CitedPage:
    """The text of a page: `texts` in each possible encoding, likeliest first.

    `concealed` are the same texts with hidden and struck-out parts, and `struck` those with
    struck-out parts, each marked by `STRUCK_OUT`.
    """

    texts: tuple[str, ...] = ()
    concealed: tuple[str, ...] = ()
    struck: tuple[str, ...] = ()
    obstacle: Obstacle = Obstacle.NONE


@dataclass(frozen=True)
class _Shown:
    text: str
    concealed: str
    struck: str
    titles: str
    has_scripts: bool


def read_cited_page(content: bytes, content_type: str = "") -> CitedPage:
    """Read the texts of a page, and what makes it unusable."""
    start = content.lstrip()[:8]
    if start.startswith(b"%PDF"):
        return _pdf(content)
    if any(start.startswith(signature) for signature, _name in SIGNATURES):
        return CitedPage(obstacle=Obstacle.NOT_TEXT)
    versions = list(decoded(content, content_type))
    if len(CONTROL.findall(versions[0])) * 100 > len(versions[0]):
        return CitedPage(obstacle=Obstacle.NOT_TEXT)
    shown = [one for text in versions for one in _shown(text)]
    if not shown:
        return CitedPage(obstacle=Obstacle.NOT_TEXT)
    return CitedPage(
        tuple(one.text for one in shown),
        tuple(one.concealed for one in shown),
        tuple(one.struck for one in shown if one.struck),
        _obstacle(shown[0]),
    )


def decoded(content: bytes, content_type: str) -> Iterator[str]:
    """Decode by byte order mark, else as UTF-8, else in each possible encoding."""
    for bom, encoding in BOMS:
        if content.startswith(bom):
            yield content.decode(encoding, "replace")
            return
    try:
        yield content.decode("utf-8")
    except UnicodeDecodeError:
        places = (content_type.encode(), content[:DECLARATION_WITHIN])
        labels = [found[1].decode("ascii") for p in places if (found := DECLARED.search(p))]
        for name in dict.fromkeys(filter(None, map(_codec, [*labels, "windows-1252"]))):
            yield content.decode(name, "replace")


def _codec(label: str) -> str:
    """The Python codec for an encoding used on the web, or ""."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return ""
    return MEANS.get(name, name) if OF_PAGES.fullmatch(name) else ""


def _shown(text: str) -> Iterator[_Shown]:
    if HTML.search(text):
        if not is_too_deep(text):
            yield _of_html(text)
        return
    yield _Shown(text, text, "", "", has_scripts=False)
    if len(text) > LONGEST_MARKDOWN:
        return
    try:  # a link or emphasis may be inside the quote
        html = as_html(text)
    except UnreadableList:
        return
    if not is_too_deep(html):
        yield _of_html(html)


def _of_html(text: str) -> _Shown:
    tree = LexborHTMLParser(BLOCK.sub(" ", text))
    has_scripts = tree.css_first("script") is not None
    visibility = Visibility(tree)
    _take_out(tree.css(NEVER_SHOWN))
    titles = " ".join(node.text() for node in tree.css("title, h1"))
    concealed = _text(tree)
    _take_out(tree.css(HIDDEN))
    struck = [node for node in tree.css("body *") if visibility.strikes(node)]
    for node in struck:
        node.insert_child(f" {STRUCK_OUT} ")
    with_struck = _text(tree) if struck else ""
    _take_out(struck)
    return _Shown(_text(tree), concealed, with_struck, titles, has_scripts)


def _take_out(nodes: Sequence[LexborNode]) -> None:
    for node in reversed(nodes):  # those inside others first
        node.decompose()


def _text(tree: LexborHTMLParser) -> str:
    images = (node.attributes.get("alt") or "" for node in tree.css("img[alt]"))
    return "\n".join([tree.root.text() if tree.root else "", *images])


def is_too_deep(text: str) -> bool:
    depth = 0
    for found in TAG.finditer(text):
        if found[2].lower() not in CLOSES_ITSELF:
            depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def _obstacle(shown: _Shown) -> Obstacle:
    """What the page is instead of the cited one, judged by its titles and length."""
    letters = sum(map(len, shown.text.split()))
    titles, whole = fold(shown.titles), fold(shown.text[:10_000]) if letters < SHORT else ""
    if ERRORS.search(titles) or NO_SUCH_PAGE.search(titles) or NO_SUCH_PAGE.search(whole):
        return Obstacle.ERROR_PAGE
    if ERRORS.search(whole):
        return Obstacle.ERROR_PAGE
    if LOGIN.search(titles) or CONSENT.search(whole) or LOGIN.search(whole):
        return Obstacle.ASKS_FIRST
    return Obstacle.HARDLY_ANY_TEXT if letters < HARDLY_ANY and shown.has_scripts else Obstacle.NONE


def _pdf(content: bytes) -> CitedPage:
    try:
        pypdf: Any = importlib.import_module("pypdf")
    except ImportError:
        return CitedPage(obstacle=Obstacle.PDF)
    try:
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        text = "\n".join(pages[at].extract_text() for at in range(min(len(pages), MOST_PAGES)))
    except Exception:  # a broken file raises whatever its parts are made into
        return CitedPage(obstacle=Obstacle.PDF)
    obstacle = Obstacle.NONE if text.strip() else Obstacle.PDF  # a scan has no text
    return CitedPage((text,), (text,), obstacle=obstacle)
