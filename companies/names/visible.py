"""Clean names and public texts: visible characters only, each in one form.

All writes pass here, because model fields call it: forms, uploads, packages, the watch, corrections
and saves in code. Marks that change the reading order are left for `refuse_bidi_controls`, so that
whoever typed them gets an error.
"""

import html
import re
import unicodedata

# What programs leave behind: OOXML's escapes, and HTML escaped once too often.
_OOXML = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOST_ESCAPED = 5  # times

# Control characters, soft hyphens, zero-width signs, fillers, tags and lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b"
    "\u2060-\u2065\u206a-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Joiners and variation selectors: no name needs them. In a text they stay where they have a
# meaning: between letters of the scripts that join (Arabic, Indic and others) and in emoji.
_JOINER = re.compile("[\u200c\u200d\ufe00-\ufe0f]")
_STRAY = re.compile(
    "(?<![\u0590-\u1fff\u2190-\U000dffff])[\u200c\u200d]"
    "|[\u200c\u200d](?![\u0590-\u1fff\u2190-\U000dffff])"
    "|(?<![#*0-9\u00a9\u00ae\u203c-\ufdff\ufe10-\U000dffff])[\ufe00-\ufe0f]"
)
# Most texts: one line of letters and signs that are always kept as they are.
_PLAIN = re.compile("[ -%'-~\u00a0-\u00ac\u00ae-\u024f\u2010-\u2015\u2018-\u201f\u2026\u20ac]*")
# One line of them, its words apart by single blanks: no function below alters it.
_WORD = "[!-%'-~\u00a1-\u00ac\u00ae-\u024f\u2010-\u2015\u2018-\u201f\u2026\u20ac]+"
_CLEAN_LINE = re.compile(f"{_WORD}(?:[ \u00a0]{_WORD})*")
_CLEAN_NAME = re.compile(f"{_WORD}(?: {_WORD})*")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[ \t\n]+")


def clean_name(text: str) -> str:
    """Clean a name: one line, single spaces."""
    if _is_plain(text):
        return " ".join(text.split())
    # The empty pattern of Braille is a blank to the eye.
    return " ".join(_JOINER.sub("", _visible(text)).replace("\u2800", " ").split())


def clean_line(text: str) -> str:
    """Clean a text of one line; its no-break spaces stay."""
    return _BLANKS.sub(" ", clean_text(text)).strip()


def clean_text(text: str) -> str:
    """Clean a text of any number of lines."""
    if _is_plain(text):
        return text.strip()
    lines = _LINE_END.sub("\n", _STRAY.sub("", _visible(text)))
    return lines.replace("\t", " ").strip()


def is_clean_line(text: str) -> bool:
    """Whether `clean_line` surely returns the text as it is; False says nothing."""
    return _CLEAN_LINE.fullmatch(text) is not None and "_x" not in text


def is_clean_name(text: str) -> bool:
    """Whether `clean_name` surely returns the text as it is; False says nothing."""
    return _CLEAN_NAME.fullmatch(text) is not None and "_x" not in text


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and "_x" not in text


def _visible(text: str) -> str:
    """`text` with entities decoded, in NFC, without invisible characters."""
    if "&" in text or "_x" in text:
        text = _unescaped(text)
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def _unescaped(text: str) -> str:
    for _time in range(_MOST_ESCAPED):
        before = text
        text = _OOXML.sub(lambda match: chr(int(match[1], 16)), text)
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if text == before:
            break
    return text
