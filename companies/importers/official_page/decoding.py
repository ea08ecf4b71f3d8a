"""Decode a page, and refuse content that is no page or is truncated."""

import codecs
import re

from .page import Reason, UnreadableList

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\xd0\xcf\x11\xe0", "Office document"),
    (b"{\\rtf", "RTF"),
)
DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
DECLARATION_WITHIN = 4096  # bytes
# The single-byte encodings that pages in the languages of the EU have declared.
SINGLE_BYTE = re.compile(r"(?:windows|cp)-?125\d|iso-?8859-?\d{1,2}|latin-?1|us-ascii|ascii")
# https://encoding.spec.whatwg.org/#names-and-labels: these labels all mean windows-1252.
MEANS_WINDOWS_1252 = {"iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii"}
OTHER_FORMATS = (
    (re.compile(r"\s*[\[{]\s*[\[{\"\]}]"), "JSON"),
    (re.compile(r"\s*<\?xml(?!.{0,2000}<html[\s>])", re.DOTALL | re.IGNORECASE), "XML"),
    (re.compile(r"\s*<(?:rss|feed|svg|urlset)[\s>]", re.IGNORECASE), "XML"),
)
BLANKED = re.compile(
    r"<!--(?:.*?-->|.*\Z)|<(script|style|textarea|title)\b(?:.*?</\1\s*>|.*\Z)",
    re.DOTALL | re.IGNORECASE,
)
UNFINISHED_TAG = re.compile(r"<(?:/?[A-Za-z!][^<>]*)?\Z")
BALANCED = ("ul", "ol", "dl", "table")
CONTROL = re.compile("[\u0000-\u0008\u000e-\u001a\u001c-\u001f\ufffe\uffff]")


def decode(content: bytes) -> str:
    """Decode by the byte order mark, else as UTF-8, else by a declared encoding.

    UTF-8 comes before the declaration: other text is hardly ever valid UTF-8, while declarations
    are sometimes wrong. Raises UnreadableList.
    """
    if not content.strip():
        raise UnreadableList(Reason.EMPTY)
    for signature, name in SIGNATURES:
        if content.lstrip().startswith(signature):
            raise UnreadableList(Reason.NOT_TEXT, detail=name)
    text = _by_encoding(content)
    controls = len(CONTROL.findall(text))
    if "\0" in text or controls * 100 > len(text):
        raise UnreadableList(Reason.NOT_TEXT, detail="control characters")
    if not text.strip():
        raise UnreadableList(Reason.EMPTY)
    for form, name in OTHER_FORMATS:
        if form.match(text):
            raise UnreadableList(Reason.NOT_A_LIST, detail=name)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _by_encoding(content: bytes) -> str:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return _decode_as(content[len(bom) :] if encoding == "utf-8" else content, encoding)
    declared = _declared(content)
    if declared and not _is_utf8(content):
        return _decode_as(content, declared)
    return _decode_as(content, "utf-8")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _declared(content: bytes) -> str:
    """The single-byte encoding that the page declares near its beginning, or ""."""
    found = DECLARED.search(content[:DECLARATION_WITHIN])
    label = found[1].decode("ascii", "replace").lower() if found else ""
    if label in MEANS_WINDOWS_1252:
        return "windows-1252"
    return label if SINGLE_BYTE.fullmatch(label) else ""


def _decode_as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except LookupError as error:
        raise UnreadableList(Reason.NOT_TEXT, detail=encoding) from error
    except UnicodeDecodeError as error:
        # The last character needs more bytes than there are.
        cut = error.end >= len(content) and error.reason in {
            "unexpected end of data",
            "truncated data",
        }
        reason = Reason.TRUNCATED if cut else Reason.NOT_TEXT
        raise UnreadableList(reason, detail=f"not {encoding}") from error


def refuse_truncated(text: str) -> None:
    """Refuse HTML with an unclosed document, list or tag."""
    open_comment = text.rfind("<!--") > text.rfind("-->")
    bare = BLANKED.sub(" ", text)
    if open_comment and "-->" not in text[text.rfind("<!--") :]:
        raise UnreadableList(Reason.TRUNCATED, detail="in a comment")
    lower = bare.lower()
    if UNFINISHED_TAG.search(bare[-5000:]):
        raise UnreadableList(Reason.TRUNCATED, detail="in a tag")
    for tag in ("html", "body"):
        if re.search(rf"<{tag}[\s>]", lower):
            if re.search(r"</html\s*>", lower) or (tag == "body" and "</body" in lower):
                return
            raise UnreadableList(Reason.TRUNCATED, detail=f"no </{tag}>")
    for tag in BALANCED:
        opened = len(re.findall(rf"<{tag}[\s>]", lower))
        if opened > lower.count(f"</{tag}"):
            raise UnreadableList(Reason.TRUNCATED, detail=f"no </{tag}>")
