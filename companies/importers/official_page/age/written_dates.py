"""Parse dates in the 24 languages of the EU, as far as their format is unambiguous."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from babel import Locale, UnknownLocaleError

from companies.importers.official_page.wording import fold

LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it"),
    *("lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
)
# What CLDR does not have: Austrian months, and those that Irish and Latvian decline.
OTHER_MONTHS = {
    "de": {"jänner": 1, "feber": 2},
    "en": {"sept": 9},
    "ga": {"mheán fómhair": 9, "dheireadh fómhair": 10, "samhna": 11},
    "lv": {"janvārī": 1, "februārī": 2, "martā": 3, "aprīlī": 4, "maijā": 5, "jūnijā": 6}
    | {"jūlijā": 7, "augustā": 8, "septembrī": 9, "oktobrī": 10, "novembrī": 11, "decembrī": 12},
}
YEAR_FIRST = re.compile(
    r"(?<![\d.])((?:19|20)\d\d)(?P<by>[-/]|\.\s?)(\d{1,2})(?P=by)(\d{1,2})(?!\d)"
)
YEAR_LAST = re.compile(
    r"(?<![\d.])(\d{1,2})\s?(?P<by>[-/.])\s?(\d{1,2})\s?(?P=by)\s?((?:19|20)\d\d)(?!\d)"
)
CLOCK = re.compile(r"(?<!\w)\d{1,2}:\d\d(?::\d\d)?(?!\w)")  # its seconds would read as a day
YEAR = re.compile(r"((?:19|20)\d\d)[a-zа-я]?")  # Bulgarian "2024г"
DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|e|o|a|os|as|i|en|an|ta)?")


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date in a text; `day` is None if 03/04 is ambiguous, or for a month.

    `before` are the letters of the text before it.
    """

    text: str
    day: datetime.date | None
    before: str = ""


def first_date(text: str, languages: Sequence[str] = ()) -> WrittenDate | None:
    """The first date in a line of text; `languages`, such as "de" or "en-GB", decide the format."""
    forms = (_year_first, _year_last, _in_words)
    dates = [date for form in forms if (date := form(text, languages))]
    return min(dates, key=lambda date: len(date.before), default=None)


def _year_first(text: str, languages: Sequence[str]) -> WrittenDate | None:
    for found in YEAR_FIRST.finditer(text):
        if day := _valid(found[1], found[3], found[4]):
            return WrittenDate(found[0], day, text[: found.start()])
    return None


def _year_last(text: str, languages: Sequence[str]) -> WrittenDate | None:
    for found in YEAR_LAST.finditer(text):
        first, second, year = found[1], found[3], found[4]
        order = "dmy" if found["by"] == "." else _order(languages)
        days: set[datetime.date | None] = {_valid(year, second, first)} if order != "mdy" else set()
        if order != "dmy":
            days.add(_valid(year, first, second))
        days -= {None}
        if days:
            day = days.pop() if len(days) == 1 else None
            return WrittenDate(found[0], day, text[: found.start()])
    return None


def _order(languages: Sequence[str]) -> str:
    """The order of day, month and year; "" for English, which has two, and unknown languages."""
    for language in languages:
        if language.lower().startswith("en-"):
            pattern = _pattern(language)
            return "dmy" if pattern.find("d") < pattern.find("M") else "mdy"
        if language != "en" and language[:2].lower() in LANGUAGES:
            return "dmy"
    return ""


@cache
def _pattern(language: str) -> str:
    try:
        return str(Locale.parse(language, sep="-").date_formats["short"].pattern)
    except (UnknownLocaleError, ValueError):
        return "Md"


def _valid(year: str, month: str, day: str) -> datetime.date | None:
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None


# Dates in words


def _in_words(text: str, languages: Sequence[str]) -> WrittenDate | None:
    bare = CLOCK.sub(lambda found: " " * len(found[0]), text)
    words = [(found[0], found.start()) for found in re.finditer(r"[^\W_]+", bare)]
    folded = [fold(word) for word, _ in words]
    for number in range(len(words)):
        for length in (2, 1):
            name = folded[number : number + length]
            month = _month(" ".join(name), languages) if len(name) == length else None
            if month is None:
                continue
            if found := _around(folded, number, number + length, month):
                first, last, day = found
                begin, end = words[first][1], words[last][1] + len(words[last][0])
                return WrittenDate(text[begin:end], day, text[:begin])
            break
    return None


def _around(
    words: Sequence[str], first: int, after: int, month: int
) -> tuple[int, int, datetime.date | None] | None:
    """The first and last word and the date around words[first:after], the month; 0 is unsure."""
    before = range(first - 1, max(first - 5, -1), -1)
    behind = range(after, min(after + 5, len(words)))
    years = [n for n in (*behind[:4], *before[:4]) if YEAR.fullmatch(words[n])]
    days = [
        n
        for n in (*before[:2], *behind[:2])
        if (found := DAY.fullmatch(words[n])) and 1 <= int(found[1]) <= 31
    ]
    if not years:
        return None
    year, used = years[0], [years[0], first, after - 1]
    day = None
    if days:
        used.append(days[0])
        day = _valid(words[year][:4], str(month), DAY.fullmatch(words[days[0]])[1])  # type: ignore[index]  # a day: it was matched
    return min(used), max(used), day


def _month(word: str, languages: Sequence[str]) -> int | None:
    """The number of a month; 0 if languages disagree, as for "listopad"; None if it is none."""
    known = [code for one in languages if (code := one[:2].lower()) in LANGUAGES]
    for language in known:
        if number := _months(language).get(word):
            return number
    numbers = {number for code in LANGUAGES if (number := _months(code).get(word))}
    return None if not numbers else numbers.pop() if len(numbers) == 1 else 0


@cache
def _months(language: str) -> dict[str, int]:
    months = Locale.parse(language).months
    found = {}
    for width in ("abbreviated", "wide"):
        for form in ("stand-alone", "format"):
            for number, name in months[form][width].items():
                if not fold(name).isdigit():
                    found[fold(name)] = number
    return found | {fold(name): n for name, n in OTHER_MONTHS.get(language, {}).items()}
