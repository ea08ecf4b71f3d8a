"""Text as people search and sort it: without case, accents and punctuation."""

import re
import unicodedata

# Letters of their own that no accent can be taken from, as readers without them write them.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
# Most letters have no accent to take away: a register of 100,000 folds in half the time.
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def fold(text: str) -> str:
    """`text` in lower case without accents or punctuation, words parted by one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = _NOT_ASCII.sub(_without_accent, decomposed)
    return " ".join(re.findall(r"\w+", plain))


def _without_accent(letter: re.Match[str]) -> str:
    return "" if unicodedata.combining(letter[0]) else letter[0].translate(_LETTERS)


def alphabetical(text: str) -> tuple[str, str, str]:
    """Where `text` stands in an English or French index: "États-Unis" between D and F.

    Accents decide only between words of the same letters, and case between the same accents.
    """
    return fold(text), unicodedata.normalize("NFD", text.casefold()), text.swapcase()
