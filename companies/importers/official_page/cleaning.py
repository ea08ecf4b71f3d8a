"""Text as a reader sees it, and its key for comparisons."""

import re
import unicodedata

# Soft hyphens, zero-width and direction marks, and control characters.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f\U000e0020-\U000e007f]"
)
# Joiners change the spelling of Arabic and Indic scripts only.
STRAY_JOINER = re.compile("(?<![\u0600-\u0fff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u0fff])")
WORD = re.compile(r"[^\W_]+")


def tidy(text: str) -> str:
    """`text` on one line: composed letters, single spaces, no invisible characters."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = STRAY_JOINER.sub("", INVISIBLE.sub("", text))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def fold(text: str) -> str:
    """The key of a heading: words in lower case without accents or punctuation, one space apart."""
    if text.isascii():
        return " ".join(WORD.findall(text.lower()))
    decomposed = unicodedata.normalize("NFKD", INVISIBLE.sub("", text)).casefold()
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(WORD.findall(letters))
