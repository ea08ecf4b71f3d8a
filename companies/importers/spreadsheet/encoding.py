"""Detect the encoding of a CSV file: by its BOM, or guessed and reported."""

import codecs
import re
from itertools import islice

from .cells import Faults, gettext_noop

# Old programs of Windows and Unix, west and east, of the Macintosh and of DOS, and of the scripts
# of Greece and Bulgaria. The first one wins a draw.
LATIN = ("windows-1252", "windows-1250", "iso8859-2", "mac-roman", "cp850")
SINGLE_BYTE = (*LATIN, "windows-1253", "windows-1251")
# What stands together in no language of the script: three letters with accents, or an ordinal
# before a letter; a Greek or Cyrillic letter beside a Latin one, or a final sigma before another.
IN_LATIN = re.compile(r"[^\W\0-\x7f]{3}|[ªº](?=\w)")
IN_OTHERS = re.compile(r"[A-Za-z][^\W\0-\x7f]|[^\W\0-\x7f][A-Za-z]|ς(?=\w)")
SAMPLE = 5_000  # letters that are no ASCII
NOT_ASCII = re.compile("[^\0-\x7f]")
BETWEEN = re.compile(r"[\s,;|\"]")
STRAY = re.compile("[\udc80-\udcff]")  # a byte that is not UTF-8
BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

GUESSED = gettext_noop(
    "We guessed the file’s encoding: %(encoding)s (“%(example)s”). If that looks wrong, save the "
    "file as CSV UTF-8."
)
MENDED = gettext_noop(
    "Not all of the file is UTF-8. We guessed Windows-1252 for what is not (%(count)s): "
    "“%(example)s”, line %(line)s. If that reads wrong, correct it there."
)
NOT_TEXT = gettext_noop("This is neither a CSV nor an XLSX file.")


def decode_csv(content: bytes, faults: Faults) -> tuple[str, str]:
    """Decode a CSV file; returns text and encoding, and reports a guess."""
    if content.startswith(BOMS):
        return _strict(content, "utf-16", faults), "utf-16"
    if unmarked := _unmarked_utf16(content):
        text = _strict(content, unmarked, faults)
        faults.add_remark(GUESSED, encoding="UTF-16", example=_example(text, 0))
        return text, "utf-16"
    text = content.decode("utf-8-sig", "surrogateescape")
    if "\0" in text:
        raise faults.fatal(NOT_TEXT)
    wrong = [found.start() for found in STRAY.finditer(text)]
    if not wrong:
        return text, "utf-8"
    right = len(NOT_ASCII.findall(text)) - len(wrong)
    if right >= len(wrong):
        return _mended(text, wrong, faults), "utf-8"
    return _guessed(content, faults)


def _strict(content: bytes, codec: str, faults: Faults) -> str:
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        raise faults.fatal(NOT_TEXT) from error
    if "\0" in text:
        raise faults.fatal(NOT_TEXT)
    return text


def _unmarked_utf16(content: bytes) -> str:
    """The UTF-16 codec of Latin text without a BOM: most pairs of bytes have a zero on one side."""
    sample = content[:1000]
    pairs = len(sample) // 2
    high, low = sample[1::2].count(0), sample[0::2].count(0)
    if pairs < 4 or len(content) % 2 or min(high, low) or max(high, low) * 2 < pairs:
        return ""
    return "utf-16-le" if high else "utf-16-be"


def _mended(text: str, wrong: list[int], faults: Faults) -> str:
    """Decode UTF-8 with some bytes of another encoding, each read in that encoding."""
    signs = list(text)
    for at in wrong:
        signs[at] = bytes([ord(text[at]) - 0xDC00]).decode("windows-1252", "replace")
    mended = "".join(signs)
    line, example = mended.count("\n", 0, wrong[0]) + 1, _example(mended, wrong[0])
    faults.add_remark(MENDED, count=len(wrong), example=example, line=line)
    return mended


def _guessed(content: bytes, faults: Faults) -> tuple[str, str]:
    fits = {codec: fit for codec in SINGLE_BYTE if (fit := _fit(content, codec)) is not None}
    codec = max(fits, key=lambda one: fits[one], default="")
    if not codec or (codec != SINGLE_BYTE[0] and fits[codec] <= 0):
        raise faults.fatal(NOT_TEXT)
    text = content.decode(codec)
    first = NOT_ASCII.search(text)
    example = _example(text, first.start() if first else 0)
    faults.add_remark(GUESSED, encoding=codec.title(), example=example)
    return text, codec


def _fit(content: bytes, codec: str) -> int | None:
    """A score of plausible letters minus implausible ones; None if a byte is undefined."""
    try:
        text = content.decode(codec)
    except UnicodeDecodeError:
        return None
    places = [found.start() for found in islice(NOT_ASCII.finditer(text), SAMPLE)]
    misfits = IN_LATIN if codec in LATIN else IN_OTHERS
    odd = len(misfits.findall(text[: places[-1] + 2])) if places else 0
    return sum(_suits(text, at) for at in places) - 2 * odd


def _suits(text: str, at: int) -> int:
    """1 for a letter that fits its word's case, -1 for a capital or symbol within a word."""
    sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if before.isalpha() and (before.islower() or after.islower()):
        return 1 if sign.isalpha() and sign.islower() else -1
    if after.isalpha() or before.isalpha():
        return 1 if sign.isalpha() and (sign.isupper() or not before.isalpha()) else 0
    return 0


def _example(text: str, at: int) -> str:
    """The word around position `at`."""
    before, after = text[max(0, at - 30) : at], text[at : at + 40]
    return BETWEEN.split(before)[-1] + BETWEEN.split(after)[0]
