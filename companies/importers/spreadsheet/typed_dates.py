"""Parse dates as people type them and spreadsheet programs show them, into ISO form."""

import datetime
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from babel.dates import get_month_names

from .cells import gettext_noop

# The languages of the European Union, in which a month may be written.
LANGUAGES = [
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
]
ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ]\d{1,2}:[\d:.]{1,20}Z?)?")
NUMBERS = re.compile(r"(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4})(?: \d{1,2}:[\d:.]{1,20})?")
MONTH = re.compile(r"(\d{1,2})\s?[./-]\s?(\d{4})")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
TWO_DIGITS = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2}")
SERIAL = re.compile(r"[1-9]\d{4}(?:\.\d{1,10})?")  # 18 May 1927 to 2173, as Excel counts
WORDS = re.compile(r"[^\W\d_]+|\d{1,4}")
# Words beside a date: "9 de octubre de 2024", "1er octobre 2024", "October 9th, 2024".
BESIDE = {"de", "del", "di", "do", "er", "st", "nd", "rd", "th", "the", "of", "g", "r", "le", "den"}
LONGEST = 60  # characters

UNKNOWN = gettext_noop("“%(text)s” is not a valid date. Write 2024-10-09, 2024-10 or 2024.")
AMBIGUOUS = gettext_noop(
    "“%(text)s” may be %(one)s or %(other)s, depending on the country. Write one of these."
)
NUMBERED = gettext_noop(
    "“%(text)s” looks like an Excel date number, perhaps %(day)s. Write the date instead."
)
SHORT_YEAR = gettext_noop(
    "We cannot tell which number in “%(text)s” is the year. Write the date as 2024-10-09 or "
    "2024-10."
)


class BadDate(ValueError):
    """A text that is no date or is ambiguous; `facts` fill the placeholders of `reason`."""

    def __init__(self, reason: str, text: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts: dict[str, object] = {"text": text[:LONGEST], **facts}

    def said(self, translate: Callable[[str], str]) -> str:
        return translate(self.reason) % self.facts


def iso_date(text: str) -> str:
    """Parse to YYYY-MM-DD, YYYY-MM or YYYY, no more precise than written. Raises BadDate."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        raise BadDate(UNKNOWN, text)
    for form, read in ((ISO, _in_order), (COMPACT, _in_order), (NUMBERS, _day_and_month)):
        if match := form.fullmatch(text):
            return read(text, match)
    if match := MONTH.fullmatch(text):
        return _joined(text, match[2], match[1])
    if SERIAL.fullmatch(text):
        day = datetime.date(1899, 12, 30) + datetime.timedelta(int(float(text)))
        raise BadDate(NUMBERED, text, day=day)
    if TWO_DIGITS.fullmatch(text):
        raise BadDate(SHORT_YEAR, text)
    return _in_words(text)


def _in_order(text: str, match: re.Match[str]) -> str:
    return _joined(text, *(part for part in match.groups() if part))


def _day_and_month(text: str, match: re.Match[str]) -> str:
    """Read day and month; with dots the day is first, else one of them must be above 12."""
    first, sign, second, year = match.groups()
    day_first = sign == "." or int(first) > 12 or int(first) == int(second)
    if not day_first and int(second) <= 12:
        one, other = _joined(text, year, second, first), _joined(text, year, first, second)
        raise BadDate(AMBIGUOUS, text, one=one, other=other)
    return _joined(text, year, *((second, first) if day_first else (first, second)))


def _in_words(text: str) -> str:
    """Read a month name with a year, and perhaps a day."""
    words = [word for word in map(_plain, WORDS.findall(text)) if word not in BESIDE]
    months = [number for word in words if (number := _months().get(word))]
    numbers = [word for word in words if word.isdigit()]
    if len(months) != 1 or len(words) != len(numbers) + 1:
        raise BadDate(UNKNOWN, text)
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) < 3]
    if not years and days:
        raise BadDate(SHORT_YEAR, text)
    if len(years) != 1 or len(days) > 1 or len(numbers) != len(years) + len(days):
        raise BadDate(UNKNOWN, text)
    return _joined(text, years[0], str(months[0]), *days)


def _joined(text: str, year: str, month: str = "", day: str = "") -> str:
    try:
        whole = datetime.date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError as error:
        raise BadDate(UNKNOWN, text) from error
    return whole if day else whole[:7] if month else whole[:4]


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _months() -> dict[str, int]:
    """Month numbers by name; names that mean two months in two languages are left out."""
    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    for key in WORDS.findall(_plain(name)):
                        if not key.isdigit():
                            found.setdefault(key, set()).add(number)
    found.setdefault("sept", set()).add(9)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


# What a number format shows

_LITERAL = re.compile(r'"[^"]{0,200}"|\\.|_.|\*.|\[[^\]]{0,200}\]')


def shown_date(value: Any, number_format: str) -> str:
    """A date with the precision of its number format; "" if the format is no date."""
    if not isinstance(value, datetime.date):
        return ""
    shown = _LITERAL.sub(" ", number_format.split(";")[0]).lower()
    if "d" in shown or "h" in shown or "s" in shown:
        return ""
    return value.strftime("%Y-%m") if "m" in shown else f"{value.year:04}" if "y" in shown else ""
