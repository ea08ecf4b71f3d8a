"""Find a company's name or a date in a quote."""

import datetime
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property

from babel.dates import get_month_names

from .letters import fold

# The languages of the Union and of Norway; Chinese, Japanese and Korean write months as numbers.
_LANGUAGES = (
    "bg cs da de el en es et fi fr ga hr hu it lt lv mt nb nl pl pt ro sk sl sv".split()  # noqa: SIM905  # words read better than quotes
)
# Scripts without spaces between words: from this code point on a name may be inside a word.
_WITHOUT_SPACES = "\u2e80"
# The signs for year, month and day after the numbers of a Chinese, Japanese or Korean date.
_UNITS = frozenset(map(fold, "年月日년월일"))
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
# What is left out of a quote: […], (...), …
_LEFT_OUT = re.compile(r"[\[(]\s*(?:…|\.{3,})\s*[\])]|…|\.{3,}|(?<!\S)\.(?: \.){2,}")
_OURS = re.compile(rf"{_LEFT_OUT.pattern}|\[[^\[\]]{{1,200}}\]")  # words of ours in a quote: [Acme]
_FARTHEST = 3000  # letters that one "…" may skip: farther down is something else
_LONG = 20  # letters of a piece that means the same however its words are parted
_CHUNK = re.compile(r"\S[^\n]{0,100000}(?!\S)|\S+")
_NEAR = 4  # words between a day and its month: "25. und letzter Tag des September"


# What parts words whatever stands beside it.
_PARTS = frozenset(["", *" \n\u00a0\"'(),.:;“”«»„"])


def names_one_of(quote: str, names: Collection[str]) -> bool:
    """Whether the quote contains one of `names`, ignoring case, accents and punctuation."""
    if any(_stands_as_written(quote, name) for name in names):  # as most do, found in a tenth
        return True
    text = f" {fold(quote)} "
    return any(_stands_in(text, folded) for name in names if (folded := fold(name)))


def _stands_as_written(quote: str, name: str) -> bool:
    at = quote.find(name)
    if at < 0 or not name[:1].isalnum():
        return False
    return quote[max(at - 1, 0) : at] in _PARTS and quote[at + len(name) :][:1] in _PARTS


def _stands_in(text: str, folded: str) -> bool:
    return f" {folded} " in text or (max(folded) >= _WITHOUT_SPACES and folded in text)


def states_date(
    quote: str, day: datetime.date, precision: str = "day", *, written_in: int | None = None
) -> bool:
    """Whether the quote has the date, in digits or with the month in a European language.

    `written_in` is the year of the document: a quote that names no year means that one.
    """
    tokens = [_number_or_word(token) for token in _TOKEN.findall(fold(quote))]
    years = {token for token in tokens if isinstance(token, int) and token >= 1000}
    if not (day.year in years or (not years and written_in == day.year) or _short(quote, day)):
        return False
    if precision == "year":
        return True
    months = [place for place, token in enumerate(tokens) if token in _month_words(day.month)]
    if precision == "month":
        return bool(months) or any(token == day.month for token in tokens)
    if any(day.day in tokens[max(place - _NEAR, 0) : place + _NEAR + 1] for place in months):
        return True
    digits: list[tuple[int, ...]] = [(day.year, day.month, day.day), (day.day, day.month, day.year)]
    digits += [(day.month, day.day, day.year), (day.day, day.month), (day.month, day.day)]
    return any(_follow_one_another(tokens, each) for each in digits)


def _number_or_word(token: str) -> int | str:
    return int(token) if token.isdecimal() and len(token) <= 8 else token


def _short(quote: str, day: datetime.date) -> bool:
    """Whether the quote has the date in short form: 25.9.24 or 9/25/24."""
    pairs = re.findall(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{2})(?!\d)", quote)
    found = {(int(one), int(other), int(year)) for one, other, year in pairs}
    short = day.year % 100
    return bool(found & {(day.day, day.month, short), (day.month, day.day, short)})


def _follow_one_another(tokens: list[int | str], parts: tuple[int, ...]) -> bool:
    numbers = [token for token in tokens if token not in _UNITS]
    size = len(parts)
    return any(tuple(numbers[at : at + size]) == parts for at in range(len(numbers) - size + 1))


@cache
def _month_words(month: int) -> frozenset[str]:
    """The folded names of a month, full and abbreviated."""
    names = (
        get_month_names(width, context, locale=language)[month]
        for language in _LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
    )
    folded = (fold(name) for name in names)
    return frozenset(name for name in folded if name.isalpha()) | _SHORTENED.get(month, frozenset())


# As newspapers shorten them, beside what the locales know.
_SHORTENED = {9: frozenset({"sept", "sep"}), 6: frozenset({"june"}), 7: frozenset({"july"})}


class QuotedText:
    """A page's text, in which quotes are searched ignoring case and punctuation.

    A quote's “…” may skip text, but its pieces must follow one another; words in square
    brackets are ours and stand for any text. Each search takes linear time.
    """

    def __init__(self, text: str) -> None:
        folded = (fold(chunk[0]) for chunk in _CHUNK.finditer(text))
        self.words = f" {' '.join(filter(None, folded))} "

    def has(self, quote: str) -> bool:
        return self._has(_LEFT_OUT.split(quote)) or ("[" in quote and self._has(_OURS.split(quote)))

    def _has(self, parts: Iterable[str]) -> bool:
        pieces = [folded for part in parts if (folded := fold(part))]
        if not pieces:
            return False
        if _follow([list(_places(self.words, f" {piece} ", overlap=1)) for piece in pieces]):
            return True
        if not all(len(piece) >= _LONG or max(piece) >= _WITHOUT_SPACES for piece in pieces):
            return False
        return _follow([list(self._parted_otherwise(piece)) for piece in pieces])

    def _parted_otherwise(self, piece: str) -> Iterator[tuple[int, int]]:
        """Positions of a piece ignoring spaces, from one word's start to one's end."""
        inside = max(piece) >= _WITHOUT_SPACES
        for start, end in _places(self._letters, piece.replace(" ", "")):
            if inside or (self._begins[start] and self._begins[end]):
                yield start, end

    @cached_property
    def _letters(self) -> str:
        return self.words.replace(" ", "")

    @cached_property
    def _begins(self) -> bytearray:
        """A flag for each letter: whether a word begins there; one more for the end of the text."""
        begins = bytearray(len(self._letters) + 1)
        at = 0
        for word in self.words.split():
            begins[at] = 1
            at += len(word)
        begins[at] = 1
        return begins


def _places(text: str, piece: str, *, overlap: int = 0) -> Iterator[tuple[int, int]]:
    """Positions of a piece, as its start and its end without `overlap`."""
    start = text.find(piece)
    while start >= 0:
        end = start + len(piece) - overlap
        yield start, end
        start = text.find(piece, end)


def _follow(pieces: Sequence[Sequence[tuple[int, int]]]) -> bool:
    """Whether each piece occurs soon after the one before it."""
    ends = [end for _start, end in pieces[0]]
    for places in pieces[1:]:
        reached = []
        for start, end in places:
            before = bisect_right(ends, start)
            if before and start - ends[before - 1] <= _FARTHEST:
                reached.append(end)
        ends = reached
    return bool(ends)
