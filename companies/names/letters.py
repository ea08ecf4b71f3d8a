"""Fold text for search, split it into words, and sort it as English and French indexes do."""

import re
import unicodedata

# Letters that do not decompose into a letter and an accent, as keyboards without them write them.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_ASCII_WORDS = re.compile(r"[a-z0-9_]+")
_DOTTED = re.compile(r"(?<!\w)(?:\w\.)+\w(?!\w)|(?<!\w)\w/\w(?!\w)")  # S.p.A., I.B.M., A/S
_AND = {"and", "et", "und"}


def fold(text: str) -> str:
    """`text` in lower case without accents or punctuation, words separated by one space."""
    if text.isascii():  # most names, which fold in a third of the time so
        return " ".join(_ASCII_WORDS.findall(text.lower()))
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"\w+", decomposed.translate(_PLAIN)))


class _Plain(dict[int, str]):
    """Maps each letter to its unaccented form, computed once."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        # Format characters, such as a soft hyphen, are seen by nobody and part no word.
        unseen = unicodedata.combining(letter) or unicodedata.category(letter) == "Cf"
        plain = self[code] = "" if unseen else letter.translate(_LETTERS)
        return plain


_PLAIN = _Plain({code: chr(code) for code in range(128)})


def words(name: str, folded: str = "") -> tuple[str, ...]:
    """The folded words of a name without "and", a leading "The", and dots as in S.p.A.

    `folded` is `fold(name)`, if known.
    """
    if ("." in name or "/" in name) and _DOTTED.search(name):
        name, folded = _DOTTED.sub(lambda dotted: re.sub("[./]", "", dotted.group()), name), ""
    folded = folded or fold(name)
    if not folded.isascii():
        # Composed again, so that a Korean syllable counts as one letter.
        folded = unicodedata.normalize("NFC", folded)
    found = folded.split()
    if len(found) > 2 and found[0] == "the":
        del found[0]
    if _AND.isdisjoint(found):
        return tuple(found)
    inner = [word for word in found[1:-1] if word not in _AND]
    return tuple(found[:1] + inner + found[1:][-1:])


def alphabetical(text: str) -> tuple[str, str, str]:
    """A sort key that puts "États-Unis" between D and F, as English and French indexes do.

    Accents decide only between words of the same letters, and case between the same accents.
    """
    return fold(text), unicodedata.normalize("NFD", text.casefold()), text.swapcase()
