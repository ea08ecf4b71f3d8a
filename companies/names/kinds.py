"""Recognise texts that are no organisations: persons, placeholders, sentences.

One name proves nothing: "Hugo Boss" and "Robert Bosch" read as persons. Only the share of such
names in a list counts.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel import Locale

from .letters import fold
from .spelling import spell


class OtherKind(StrEnum):
    """What a text is, if no organisation."""

    PLACEHOLDER = "placeholder"  # "Company 1", "Name of organisation", "Lorem ipsum", "TBD"
    PERSON = "person"
    SENTENCE = "sentence"  # a promise, a benefit, a choice: "Faster onboarding"
    PAGE_PART = "page_part"  # an entry of a menu, of a dialogue about cookies
    PLACE = "place"  # a country or a language
    NUMBER = "number"  # a number, a date, an e-mail address


LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it"),
    *("lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
)
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
DOMAIN = re.compile(r"\w\.\w")
PARTICLES = {
    *("van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "du", "la", "le"),
    *("zu", "ten", "af", "o", "mac", "mc", "ni", "el", "al", "bin", "ben"),
}
SMALL = {"of", "the", "de", "du", "des", "der", "la", "le", "l", "no", "nr", "n", "d", "to", "be"}
ACRONYM = re.compile(r"[A-Z]{2,5}s?")
LONGEST_PERSON = 4  # words


def other_kind(name: str) -> OtherKind | None:
    """The kind of `name` if it reads as no organisation, else None."""
    folded = fold(name)
    return next((kind for kind, test in _TESTS if test(name, folded)), None)


def _is_number(name: str, folded: str) -> bool:
    if EMAIL.fullmatch(name.strip()) or not folded:
        return True
    return not any(letter.isalpha() for letter in name) or _is_date(folded)


def _is_date(folded: str) -> bool:
    words = folded.split()
    dated = [word for word in words if word.isdigit() or word in _months()]
    return len(dated) == len(words) and (len(words) > 1 or words[0] in _in_full())


def _is_placeholder(name: str, folded: str) -> bool:
    """Generic words, then a number or letter, with or without a legal form."""
    bare = spell(name).bare_name
    return folded.startswith("lorem ") or any(map(_is_generic, (folded, bare)))


def _is_generic(text: str) -> bool:
    words = [word.rstrip("0123456789") for word in text.replace("_", " ").split()]
    said = [word for word in words if len(word) > 1 and word not in SMALL]
    if not said or len(words[0]) == 1:  # "A.I. & Partners"
        return False
    return all(word in _words("generic") | _words("filler") for word in said)


def _is_page_part(name: str, folded: str) -> bool:
    return folded in _words("site") or "cookie" in folded or "cookies" in folded.split()


def _is_place(name: str, folded: str) -> bool:
    return folded in _places()


def _is_person(name: str, folded: str) -> bool:
    """A given name and surname, or title and name; no legal form, no word such as "bank"."""
    last, comma, first = name.partition(",")
    parts = re.findall(r"[^\W\d_][\w'’.\-]*", f"{first} {last}" if comma else name)
    words = [fold(part) for part in parts]
    titled = [word for word in words if word in _words("title")]
    rest = [(part, word) for part, word in zip(parts, words, strict=True) if word not in titled]
    if not 2 <= len(rest) <= LONGEST_PERSON or re.search(r"[\d&/+@]", name) or spell(name).forms:
        return False
    if any(word in _words("organisation") for _, word in rest):
        return False
    if not all(part[0].isupper() or word in PARTICLES for part, word in rest):
        return False
    if words[0] in titled or (len(words[0]) == 1 and rest[0][0].endswith(".")):
        return True
    shouted = any(part.isupper() for part, _ in rest) != all(part.isupper() for part, _ in rest)
    possible = rest if shouted else rest[:1]  # "ROSSI Maria"
    return any(word.split()[0] in _words("given") for _, word in possible if word)


def _is_sentence(name: str, folded: str) -> bool:
    """All words but the first in lower case, and no word such as "bank"."""
    parts = re.findall(r"[^\W\d_][\w'’\-]*", name)
    words = [fold(part) for part in parts]
    if len(parts) < 2 or DOMAIN.search(name) or spell(name).forms:
        return False
    if words[0] in _words("benefit"):
        return True
    doing = words[0].endswith("ing") and len(words[0]) > len("string")
    if not doing and any(word in _words("organisation") for word in words):
        return False
    later = [part for part in parts[1:] if not ACRONYM.fullmatch(part)]
    begins = doing or parts[0][0].isupper()  # some lists write all their names in lower case
    return begins and bool(later) and all(part[0].islower() for part in later)


_TESTS: Sequence[tuple[OtherKind, Callable[[str, str], bool]]] = (
    (OtherKind.NUMBER, _is_number),
    (OtherKind.PLACEHOLDER, _is_placeholder),
    (OtherKind.PAGE_PART, _is_page_part),
    (OtherKind.PLACE, _is_place),
    (OtherKind.PERSON, _is_person),
    (OtherKind.SENTENCE, _is_sentence),
)


# Words


@cache
def _known() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    with (Path(__file__).parent / "kinds_of_names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["kind"], set()).update(map(fold, row["words"].split("|")))
    return {kind: frozenset(words) for kind, words in found.items()}


def _words(kind: str) -> frozenset[str]:
    return _known()[kind]


@cache
def _places() -> frozenset[str]:
    """Names of countries and languages, in the languages of the EU."""
    found = set[str]()
    for language in LANGUAGES:
        locale = Locale.parse(language)
        countries = (name for code, name in locale.territories.items() if code.isalpha())
        languages = (locale.languages.get(code, "") for code in LANGUAGES)
        found.update(fold(name) for name in (*countries, *languages))
        found.add(fold(locale.get_display_name(language) or ""))
    return frozenset(found - {""})


@cache
def _months() -> frozenset[str]:
    """Month and weekday names, in full and short."""
    locales = list(map(Locale.parse, LANGUAGES))
    calendars = [calendar["format"] for one in locales for calendar in (one.months, one.days)]
    return frozenset(
        fold(name) for one in calendars for width in _WIDTHS for name in one[width].values()
    )


@cache
def _in_full() -> frozenset[str]:
    locales = map(Locale.parse, LANGUAGES)
    calendars = [calendar["format"] for one in locales for calendar in (one.months, one.days)]
    return frozenset(fold(name) for one in calendars for name in one["wide"].values())


_WIDTHS = ("wide", "abbreviated")
