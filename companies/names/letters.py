"""Fold text for search, part it into words, order it as an index in English or French does."""

import re
import unicodedata

# Letters that do not decompose into a letter and an accent, as keyboards without them write them.
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_WORDS = re.compile(r"[a-z0-9_]+")
_DOTTED = re.compile(r"(?<!\w)(?:\w\.)+\w(?!\w)|(?<!\w)\w/\w(?!\w)")  # S.p.A., I.B.M., A/S
_AND = {"and", "et", "und"}


def fold(text: str) -> str:
    """`text` in lower case without accents or punctuation, words separated by one space."""
    if text.isascii():  # most names, which fold in a third of the time so
        return " ".join(_ASCII_WORDS.findall(text.lower()))
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = _NOT_ASCII.sub(_without_accent, decomposed)
    return " ".join(re.findall(r"\w+", plain))


def _without_accent(letter: re.Match[str]) -> str:
    # Format characters, such as a soft hyphen, are seen by nobody and part no word.
    if unicodedata.combining(letter[0]) or unicodedata.category(letter[0]) == "Cf":
        return ""
    return letter[0].translate(_LETTERS)


def words(name: str) -> tuple[str, ...]:
    """The folded words of a name without "and", a leading "The" and the dots of S.p.A."""
    if _DOTTED.search(name):
        name = _DOTTED.sub(lambda dotted: re.sub("[./]", "", dotted.group()), name)
    folded = fold(name)
    if not folded.isascii():
        # Composed again, so that a Korean syllable counts as one letter.
        folded = unicodedata.normalize("NFC", folded)
    found = folded.split()
    if len(found) > 2 and found[0] == "the":
        del found[0]
    inner = [word for word in found[1:-1] if word not in _AND]
    return tuple(found[:1] + inner + found[1:][-1:])


def alphabetical(text: str) -> tuple[str, str, str]:
    """A sort key that puts "États-Unis" between D and F, as English and French indexes do.

    Accents decide only between words of the same letters, and case between the same accents.
    """
    return fold(text), unicodedata.normalize("NFD", text.casefold()), text.swapcase()
