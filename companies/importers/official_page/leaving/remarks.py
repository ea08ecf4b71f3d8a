"""Decide whether a remark beside a name means that the company left the list.

Words are looked up one by one, so that the time is linear in the length of the text.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from babel.dates import get_month_names

from companies.importers.official_page.wording import fold

from .leaving_words import ACTIVE, CROSSES, CURRENT, EMPTY, LANGUAGES, NOUNS, SIGNATORIES

LONGEST = 60  # words of a remark
LONGEST_TEXT = 400  # characters, which a quote can hold
LONGEST_HEADING = 16
MOST_CACHED = 5000  # words whose meaning is remembered
LONGEST_NAME = 10
YEARS = re.compile(r"\b(?:19|20)\d\d\b")
# "2024–2025", "25.9.2024 – 3.5.2026"
SPAN = re.compile(
    r"[\W_]{0,5}(?:\d{1,2}[./]){0,2}(?:19|20)\d\d\s?[-–—/]\s?"
    r"(?:\d{1,2}[./]){0,2}((?:19|20)\d\d)\W*"
)
BRACKETS = re.compile(r"\s*[(\[{]([^()\[\]{}]*)[)\]}]")
BRACKET = re.compile(r"[(\[{]")
SEPARATOR = re.compile(r"\s[–—|/-]+\s|[,:;]\s|[–—]|\s[:;]\s")
NUMBER = re.compile(r"\d+\w{0,3}")
BULLETS = {"×", "☐", "⨯"}  # crosses that may be the bullets of a list
ENDS = {"to", "fin", "ende", "slut", "fine", "fim", "einde"}  # heads beside "from" or "begin"


class Words:
    """A set of words and phrases; a star stands for the rest of a word."""

    def __init__(self, entries: Iterable[str]) -> None:
        self.exact: dict[str, list[list[str]]] = {}
        self.begun: dict[int, dict[str, list[list[str]]]] = {}
        self.known: dict[str, list[list[str]]] = {}
        for entry in filter(None, map(str.strip, entries)):
            first, *rest = self._tokens(entry)
            stem = first.removesuffix("*")
            where = self.begun.setdefault(len(stem), {}) if stem != first else self.exact
            where.setdefault(stem, []).append(rest)

    @staticmethod
    def _tokens(entry: str) -> list[str]:
        """The words of an entry as `fold` leaves them, with their stars."""
        *words, last = fold(entry).split()
        return [*words, f"{last}*" if entry.endswith("*") else last]

    def spans(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """The ranges of `words` that match, as (start, end)."""
        for start, word in enumerate(words):
            for rest in self._after(word):
                end = start + 1 + len(rest)
                if not rest or _are(words[start + 1 : end], rest):
                    yield start, end

    def _after(self, word: str) -> list[list[str]]:
        """The continuations of phrases that begin with a word; cached, since lists repeat words."""
        if (known := self.known.get(word)) is None:
            if len(self.known) > MOST_CACHED:
                self.known.clear()
            known = list(self.exact.get(word, ()))
            for length, stems in self.begun.items():
                known += stems.get(word[:length], ())
            self.known[word] = known
        return known

    def within(self, words: Sequence[str]) -> bool:
        return next(self.spans(words), None) is not None


def _are(words: Sequence[str], tokens: Sequence[str]) -> bool:
    return len(words) == len(tokens) and all(
        word.startswith(token[:-1]) if token.endswith("*") else word == token
        for word, token in zip(words, tokens, strict=True)
    )


def _of(kind: str) -> Words:
    return Words(entry for words in LANGUAGES.values() for entry in words[kind].split("|"))


def _listed(text: str) -> Words:
    return Words(text.replace("|", " ").split())


@cache
def _months() -> Words:
    """The month names of all languages, loaded lazily."""
    names = {
        name
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for name in get_month_names(width, context, locale=language).values()
    }
    return Words(f"{name}*" if len(fold(name)) > 3 else name for name in names if fold(name))


LEFT, ALONE, FORMER, UNTIL = map(_of, ("left", "alone", "former", "until"))
SMALL, STILL, NO = map(_of, ("small", "still", "no"))
SIGNATORY, NOUN, PRESENT, IN_FORCE = map(_listed, (SIGNATORIES, NOUNS, CURRENT, ACTIVE))


@lru_cache(maxsize=1000)
def _words(text: str) -> tuple[str, ...]:
    return tuple(fold(text).split()) if len(text) <= LONGEST_TEXT else ()


@lru_cache(maxsize=20_000)
def _may_mean_left(text: str) -> bool:
    """A quick test whether a text may say that a company left; few names of a list do."""
    words = _words(text)
    return any(kind.within(words) for kind in (LEFT, ALONE, FORMER, UNTIL)) or _is_span(text)


def says_left(text: str, day: datetime.date | None = None) -> bool:
    """Whether a remark means that the company left by `day`."""
    words = _words(text)
    if len(words) > LONGEST or not _may_mean_left(text):
        return False
    if STILL.within(words) or _is_to_come(text, words, day):
        return False
    return LEFT.within(words) or _is_span(text) or _only_says_left(words)


def only_says_left(text: str, day: datetime.date | None = None) -> bool:
    """Whether a text says only that a company left, and so has no name."""
    words = _words(text)
    if len(words) > LONGEST or not _may_mean_left(text):
        return False
    if STILL.within(words) or _is_to_come(text, words, day):
        return False
    return _is_span(text) or _only_says_left(words)


def is_no_name(text: str) -> bool:
    """Whether a text is only such a remark; a single doubtful word such as "Left" may be one."""
    return only_says_left(text) and (LEFT.within(_words(text)) or len(_words(text)) > 1)


def _only_says_left(words: Sequence[str]) -> bool:
    if not _covers(words):
        return False
    has_date = any(NUMBER.fullmatch(word) for word in words) or _months().within(words)
    if LEFT.within(words) or ALONE.within(words):
        return True
    if FORMER.within(words):
        return has_date or SIGNATORY.within(words)
    return has_date and UNTIL.within(words)


def _covers(words: Sequence[str], *more: Words) -> bool:
    """Whether each word is a number or a word of remarks."""
    kinds = (LEFT, ALONE, FORMER, UNTIL, SMALL, SIGNATORY, NOUN, _months(), *more)
    known = {place for place, word in enumerate(words) if NUMBER.fullmatch(word)}
    for kind in kinds:
        known.update(place for start, end in kind.spans(words) for place in range(start, end))
    return len(known) == len(words)


def _is_span(text: str) -> bool:
    """Whether a remark is only a range such as "2024–2025"."""
    return SPAN.fullmatch(text) is not None


def _is_to_come(text: str, words: Sequence[str], day: datetime.date | None) -> bool:
    """Whether the only date, or the end date, is in a later year than `day`."""
    years = [int(year) for year in YEARS.findall(text)]
    if day is None or not years:
        return False
    decisive = max(years) if UNTIL.within(words) or _is_span(text) else min(years)
    return decisive > day.year


def heads_left(text: str) -> bool:
    """Whether a heading, caption or label introduces leavers: "Former signatories"."""
    words = _words(text)
    if (
        len(words) > LONGEST_HEADING
        or not _may_mean_left(text)
        or PRESENT.within(words)
        or STILL.within(words)
    ):
        return False
    if LEFT.within(words) or _has_former_signatories(words):
        return True
    return _covers(words) and (
        ALONE.within(words) or (FORMER.within(words) and _names_signatories(words))
    )


def divides(text: str) -> bool:
    """Whether a line among names introduces leavers: only "former signatories" counts there."""
    words = _words(text)
    names = SIGNATORY.within(words) or (LEFT.within(words) and NOUN.within(words))
    return names and heads_left(text) and _covers(words)


def names_who_signs(text: str) -> bool:
    """Whether a line among names introduces signatories, such as "Current signatories"."""
    words = _words(text)
    return SIGNATORY.within(words) and _covers(words, PRESENT)


def _names_signatories(words: Sequence[str]) -> bool:
    return SIGNATORY.within(words) or NOUN.within(words)


def _has_former_signatories(words: Sequence[str]) -> bool:
    """Whether "former" and "signatories" are adjacent, in either order."""
    former = {place for kind in (ALONE, FORMER) for place in kind.spans(words)}
    signs = list(SIGNATORY.spans(words))
    return any(end == begin or stop == start for start, end in former for begin, stop in signs)


def split_remark(text: str, day: datetime.date | None = None) -> tuple[str, str]:
    """Split a line into name and remark that it left; the remark is empty if there is none."""
    if len(text) > LONGEST_TEXT:
        return text, ""
    if text[:1] in CROSSES - BULLETS and len(text) > 2:
        return text[1:].lstrip("\ufe0f "), text[0]
    if not (_may_mean_left(text) or len(YEARS.findall(text)) > 1) or len(_words(text)) > LONGEST:
        return text, ""
    for way in (_in_brackets, _beside_separator, _without_separator):
        name, remark = way(text, day)
        if remark and fold(name):
            return name.strip(" ,;:|·•–—-"), remark
    return text, ""


def mentions_leaving(text: str) -> bool:
    """Whether a remark mentions leaving at all, such as a plan or a future end."""
    words = _words(text)
    return (
        LEFT.within(words)
        or STILL.within(words)
        or bool(_may_mean_left(text) and YEARS.search(text))
    )


def _in_brackets(text: str, day: datetime.date | None) -> tuple[str, str]:
    for found in BRACKETS.finditer(text):
        if says_left(found[1], day):
            return text[: found.start()] + text[found.end() :], found[1].strip()
    return text, ""


def _beside_separator(text: str, day: datetime.date | None) -> tuple[str, str]:
    """Split at a dash or comma; the most reliable way."""
    parts = [(text[: at.start()], text[at.end() :].strip()) for at in SEPARATOR.finditer(text)]
    for said in (only_says_left, says_left):
        for before, after in parts:
            if said(after, day):
                return before, after
    for before, after in parts:
        if only_says_left(before, day):
            return after, before.strip()
    return text, ""


def _without_separator(text: str, day: datetime.date | None) -> tuple[str, str]:
    """ "Airbus withdrew in 2025", "Airbus no longer signatory", "Former signatory Airbus"."""
    words = text.split()
    if STILL.within(_words(text)) or BRACKET.search(text):
        return text, ""
    for end in range(1, min(len(words), LONGEST_NAME + 1)):
        remark = " ".join(words[end:])
        key = _words(remark)
        if _begins_to_say(key) and says_left(remark, day):
            return " ".join(words[:end]), remark
    for start in range(len(words) - 1, 0, -1):
        said = " ".join(words[:start])
        if SIGNATORY.within(_words(said)) and divides(said) and only_says_left(said, day):
            return " ".join(words[start:]), said
    return text, ""


def _begins_to_say(words: Sequence[str]) -> bool:
    """Whether a remark begins here, possibly with "has" or "n'est"."""
    before = next((n for n, word in enumerate(words) if not SMALL.within([word])), 0)
    sure = any(start <= before for start, _end in LEFT.spans(words))
    dated = any(NUMBER.fullmatch(word) for word in words)
    doubtful = any(start == 0 for start, _end in ALONE.spans(words))
    return sure or (doubtful and dated and _covers(words))


# Columns


def column_says_left(head: str, value: str, day: datetime.date | None = None) -> str:
    """The remark made by a cell under its column header, if it means "has left"; else ""."""
    answer = value.strip()
    words, key = _words(head), _words(answer)
    if not answer or answer.casefold() in EMPTY - CROSSES:
        return ""
    if _heads_leaving(words):
        yes = answer not in CROSSES and not _is(NO, key) and not PRESENT.within(key)
        return f"{head}: {answer}" if yes and not _is_to_come(answer, [], day) else ""
    if _heads_activity(words) and (answer in CROSSES or _is(NO, key)):
        return f"{head}: {answer}"
    return answer if only_says_left(answer, day) else ""


def _is(kind: Words, words: Sequence[str]) -> bool:
    return (0, len(words)) in kind.spans(words)


def _heads_leaving(words: Sequence[str]) -> bool:
    """Whether a column header asks when or whether a company left: "Left on"."""
    if not words or not _covers(words, IN_FORCE):
        return False
    sure = LEFT.within(words) or ALONE.within(words) or UNTIL.within(words)
    sure = sure or " ".join(words) in ENDS
    return sure or (FORMER.within(words) and SIGNATORY.within(words))


def _heads_activity(words: Sequence[str]) -> bool:
    return IN_FORCE.within(words) and _covers(words, IN_FORCE, PRESENT)
