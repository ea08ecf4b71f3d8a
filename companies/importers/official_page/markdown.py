"""Convert Markdown and plain lists to HTML, so that one reader handles all."""

import re

from markdown_it import MarkdownIt

from .page import Reason, UnreadableList

LARGEST = 2_000_000  # characters, at 10 to 25 µs each; a list of 20,000 names has half a million
DEEPEST = 40  # lists and quotations inside each other, each list with its item counted twice

# A comment of a plain list: "// ..." or "#" without the space that makes it a heading.
COMMENT = re.compile(r"^[ \t]*(?://.*|#{1,6}[^#\s].*|#{7,}.*|#+[ \t]*)$", re.MULTILINE)
# What converters write beyond CommonMark, and its HTML.
EXTENSIONS = (
    (COMMENT, ""),
    (re.compile(r"\{#([^{}<>\"&\s]{1,300})\}"), r'<a id="\1"></a>'),  # the anchor of a heading
    (re.compile(r"\[\^[^\[\]\s]{1,40}\]:?"), "<sup>*</sup>"),  # the mark of a footnote
    (re.compile(r"<(?:https?://|mailto:)[^<>\s]{1,2000}>"), ""),  # the URL beside a name
)


def as_html(text: str) -> str:
    """Convert Markdown to HTML; inline HTML is kept. Raises UnreadableList."""
    if len(text) > LARGEST:
        raise UnreadableList(Reason.TOO_LONG, detail=f"more than {LARGEST} characters")
    for pattern, replacement in EXTENSIONS:
        text = pattern.sub(replacement, text)
    tokens = _CONVERTER.parse(text)
    # Beyond its limit the converter leaves text out without a word.
    if any(token.level >= DEEPEST - 1 for token in tokens):
        raise UnreadableList(Reason.TOO_DEEP, detail=f"more than {DEEPEST} blocks")
    html: str = _CONVERTER.renderer.render(tokens, _CONVERTER.options, {})
    return html


def _converter() -> MarkdownIt:
    options = {"html": True, "breaks": True, "maxNesting": DEEPEST}
    # Converters indent lists as they like: four spaces are no block of code.
    converter = MarkdownIt("default", options).disable("code")
    # A link is only read, never followed: "javascript:" marks a button rather than a danger.
    converter.validateLink = lambda url: True  # type: ignore[method-assign]  # how markdown-it lets any through
    return converter


_CONVERTER = _converter()
