"""Markdown and plain text as lines."""

import html
import re

from .cleaning import fold, tidy
from .page import PSEUDO, Kind, Line, Page, Place

ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
BULLET = re.compile(r"([ \t]{0,40})(?:[*+-]|\d{1,4}[.)])[ \t]+(.*)$")
DELIMITER = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")
IMAGE = re.compile(r"!\[[^\[\]]{0,500}\]\([^()\s]{0,2000}(?:\([^()]{0,500}\))?[^()]{0,500}\)")
LINK = re.compile(r"\[([^\[\]]{0,500})\]\(([^()\s]{0,2000}(?:\([^()\s]{0,500}\))?)[^()]{0,500}\)")
REFERENCE = re.compile(r"\[([^\[\]]{1,500})\]\[[^\[\]]{0,200}\]")
BREAK = re.compile(r"(?i)<br ?/?>")
TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|<!--.{0,500}?-->")
AUTOLINK = re.compile(r"<https?://[^<>\s]{1,2000}>")
EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*]{1,500}?)(?<=\S)\1(?![\w*])")
UNDERSCORES = re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_]{1,500}?)(?<=\S)\1(?!\w)")
ITALIC = re.compile(r"\*[^*\s][^*]*\*|_[^_\s][^_]*_")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
HIDDEN = "\ue000"  # stands before an escaped character while marks are taken away
COMMENT = re.compile(r"//.*|#+\S.*|#+")
ANCHOR = re.compile(r"""(?i)<a\s+(?:id|name)=["']?([^"'<>\s]{1,300})|\{#([^{}\s]{1,300})\}""")


def read_text(text: str) -> Page:
    """The lines of Markdown or of a plain list, without comments ("//" or "#" and no space)."""
    page = Page()
    rows = [row for line in text.split("\n") for row in BREAK.split(line)]
    paragraph = table = row_of_table = 0
    for number, raw in enumerate(rows):
        if not raw.strip():
            paragraph += 1
            table = 0
            continue
        below = rows[number + 1] if number + 1 < len(rows) else ""
        for found in ANCHOR.finditer(raw):
            page.anchors.setdefault((found[1] or found[2]).casefold(), (len(page.lines),) * 2)
        if not ATX.fullmatch(raw) and COMMENT.fullmatch(raw.strip()):
            continue
        if table or raw.lstrip().startswith("|") or ("|" in raw and DELIMITER.fullmatch(below)):
            table, row_of_table = table or number + 1, row_of_table + 1
            page.lines += _cells(raw, table, row_of_table, number)
            continue
        line = None if _is_mark(raw) else _line(raw, below, paragraph, number, page)
        if line is not None:
            page.lines.append(line)
            paragraph += line.level > 0
    return page


def _is_mark(raw: str) -> bool:
    return bool(RULE.fullmatch(raw) or UNDERLINE.fullmatch(raw))


def _line(raw: str, below: str, paragraph: int, number: int, page: Page) -> Line | None:
    atx = ATX.fullmatch(raw)
    underline = UNDERLINE.fullmatch(below)
    bullet = BULLET.fullmatch(raw)
    if atx:
        text, href = _plain(atx[2], page)
        return Line(text, level=len(atx[1])) if text else None
    if bullet:
        text, href = _plain(bullet[2], page)
        line = Line(text, Kind.ITEM, owner=-number - 1, mark="li", href=href)
        return line if text else None
    text, href = _plain(raw, page)
    if not text:
        return None
    if underline:
        return Line(text, level=1 if underline[1].startswith("=") else 2)
    is_bold = raw.strip().startswith(("**", "__")) and raw.strip().endswith(("**", "__"))
    level = PSEUDO if is_bold and not below.strip() else 0
    is_italic = ITALIC.fullmatch(raw.strip()) is not None
    return Line(text, level=level, owner=paragraph, mark="p", href=href, is_italic=is_italic)


def _plain(raw: str, page: Page) -> tuple[str, str]:
    """The text of one line without its marks, and the target if the whole line is a link."""
    raw = raw.rstrip()
    raw = raw[:-1] if raw.endswith("\\") and not raw.endswith("\\\\") else raw
    kept = ESCAPE.sub(lambda found: f"{HIDDEN}{ord(found[1]):03d}", raw)
    kept = IMAGE.sub("", AUTOLINK.sub("", kept))
    whole = LINK.fullmatch(kept.strip(" \t*_"))
    for label, href in LINK.findall(kept):
        if href.startswith("#"):
            page.links.append((_unescape(href[1:]).casefold(), tidy(_unescape(label))))
    kept = REFERENCE.sub(r"\1", LINK.sub(r"\1", kept))
    kept = UNDERSCORES.sub(r"\2", EMPHASIS.sub(r"\2", TAG.sub("", kept)))
    text = html.unescape(_unescape(kept.replace("`", "")))
    return tidy(text), _unescape(whole[2]) if whole else ""


def _unescape(text: str) -> str:
    return re.sub(f"{HIDDEN}(\\d{{3}})", lambda found: chr(int(found[1])), text)


def _cells(raw: str, table: int, row: int, number: int) -> list[Line]:
    hidden = raw.strip().replace("\\|", f"{HIDDEN}124").strip("|")
    if not fold(hidden):
        return []
    lines = []
    for column, cell in enumerate(hidden.split("|")):
        text, _href = _plain(cell, Page())
        text = _unescape(text)
        owner = -(number * 100 + column) - 1
        if text:
            place = Place(table, row, column, is_header=False)
            lines.append(Line(text, Kind.CELL, owner=owner, mark="td", place=place))
    return lines
