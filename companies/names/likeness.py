"""Similarity of two names, and the sentence that explains it."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Self

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .spelling import Spelling


class Resemblance(StrEnum):
    """How a listed name resembles a name of a suggested company."""

    label: Any  # the sentence in the reader's language

    SHARED = "shared", _("Several companies on the register have this name.")
    LEGAL_FORM = "legal_form", _("Only the legal form differs.")
    FOREIGN_FORM = "foreign_form", _("The legal form is used in other countries.")
    OTHER_FORM = "other_form", _("We list this company with another legal form.")
    UNKNOWN_FORM = "unknown_form", _("We do not know in which countries this legal form exists.")
    NO_COUNTRY = "no_country", _("The company’s country is unknown.")
    OTHER_KIND = "other_kind", _("Legal form of associations, partnerships or public bodies.")
    SCRIPT = "script", _("The name is written in another script.")
    SOLD = "sold", _("Name of a brand or product, or similar to one.")
    PUBLIC_ID = "public_id", _("Public id of this company, not its name.")
    SPACING = "spacing", _("Only the spaces between the words differ.")
    ORDER = "order", _("Same words in a different order.")
    GROUP = "group", _("Only a word such as “Group” differs.")
    INITIALS = "initials", _("One name is the initials of the other.")
    PART = "part", _("One name contains the other.")
    SPELLING = "spelling", _("Similar spelling.")
    FORMER = "former", _("Similar to a former name.")

    def __new__(cls, value: str, label: Any = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


# How alike two spellings are

Weight = Callable[[str], float]  # of a word of a name

_GROUP_WORDS = {
    *("group", "groupe", "gruppe", "gruppo", "grupo", "groep"),
    *("holding", "holdings", "konzern", "koncern"),
}
_PAIRS = 20_000  # of words, of which the same are compared again and again
_ALIKE_WORDS = 80  # percent, from which two words count as the same with a slip
_MOST_WORDS = 12  # compared one by one, so that a long text costs little
_ALIKE = 70  # percent, from which two names may be one with slips
_FEW_LETTERS = 5
_SHORT_WORD = 4  # letters
_ALIKE_SHORT = 60  # one slip in a short name is a large part of it
_MANY_LETTERS, _INSIDE = 3, 50  # letters to look for inside a name, and the score of such a name


def resemblance(
    listed: "Spelling", known: "Spelling", weight: Weight
) -> tuple[int, Resemblance] | None:
    """A score of 0 to 100 and its reason; None for names with nothing in common."""
    same = _same_but_for(listed, known)
    if same:
        return same
    score = max(_part(listed.bare, known.bare, weight), _spelling(listed, known))
    part = set(listed.bare) <= set(known.bare) or set(known.bare) <= set(listed.bare)
    return (score, Resemblance.PART if part else Resemblance.SPELLING) if score else None


def _same_but_for(listed: "Spelling", known: "Spelling") -> tuple[int, Resemblance] | None:
    if listed.bare == known.bare:
        return 98, Resemblance.LEGAL_FORM
    if listed.compact == known.compact:
        return 97, Resemblance.SPACING
    if len(listed.bare) == len(known.bare) and sorted(listed.bare) == sorted(known.bare):
        return 96, Resemblance.ORDER
    has_group = not (_GROUP_WORDS.isdisjoint(listed.bare) and _GROUP_WORDS.isdisjoint(known.bare))
    if has_group and _without_group(listed.bare) == _without_group(known.bare):
        return 94, Resemblance.GROUP
    if _are_initials(listed, known) or _are_initials(known, listed):
        return 86, Resemblance.INITIALS
    return None


def _without_group(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _GROUP_WORDS) or words


def _are_initials(short: "Spelling", long: "Spelling") -> bool:
    return 1 < len(short.compact) <= len(long.bare) and short.compact == long.initials


def _part(listed: tuple[str, ...], known: tuple[str, ...], weight: Weight) -> int:
    """Score up to 93 if the words of one name, apart from typos, are among those of the other."""
    short, long = sorted((listed[:_MOST_WORDS], known[:_MOST_WORDS]), key=len)
    if not short:
        return 0
    shared = sum(weight(word) * _closest(word, long) for word in short)
    if shared < 0.75 * sum(map(weight, short)):
        return 0
    return round(60 + 33 * min(shared / sum(map(weight, long)), 1))


def _closest(word: str, words: tuple[str, ...]) -> float:
    """The similarity of the most similar of `words`, 0 to 1."""
    if word in words:
        return 1.0
    return max([_alike_words(word, other) for other in words], default=0.0)


@cache
def _fuzz() -> Any:
    """3 MB, loaded for the first name that is compared."""
    from rapidfuzz import fuzz

    return fuzz


@lru_cache(_PAIRS)
def _alike_words(one: str, other: str) -> float:
    if _is_within(one, other):
        return 0.0
    score: float = _fuzz().ratio(one, other, score_cutoff=_ALIKE_WORDS)
    return score / 100


def _is_within(one: str, other: str) -> bool:
    """Whether a short word is inside a longer one, as ING in Bing: that is no typo."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return len(short) <= _SHORT_WORD and long.find(short) > 0


def _spelling(listed: "Spelling", known: "Spelling") -> int:
    """Score up to 95 for similar letters in the same order, ignoring word boundaries."""
    if _is_within(listed.compact, known.compact):
        return 0
    score = round(min(likeness(listed, known), 95))
    short = max(len(listed.compact), len(known.compact)) <= _FEW_LETTERS
    return score if score >= (_ALIKE_SHORT if short else _ALIKE) else 0


def likeness(listed: "Spelling", known: "Spelling") -> float:
    """How alike the letters are, 0 to 100: the order of names with the same score."""
    compact: float = _fuzz().ratio(listed.compact, known.compact)
    words: float = _fuzz().token_sort_ratio(listed.bare_name, known.bare_name)
    return max(compact, words)


def inside(listed: "Spelling", known: "Spelling") -> tuple[int, Resemblance] | None:
    """A low score if the letters of `listed` occur inside a known name: a last resort.

    Few letters must begin one of its words.
    """
    letters = listed.compact
    if len(letters) < _MANY_LETTERS or letters not in known.compact:
        return None
    rests = ("".join(known.bare[at:]) for at in range(len(known.bare)))
    begins = any(rest.startswith(letters) for rest in rests)
    return (_INSIDE, Resemblance.PART) if begins or len(letters) > _SHORT_WORD else None


# Consonants that other scripts do not distinguish; vowels, h, w and y are left out.
_CONSONANTS = str.maketrans(
    {**dict(zip("cgqxzjdlvfb", "kkkssstrppp", strict=True)), **dict.fromkeys("aeiouywh ", "")}
)
_FEW_CONSONANTS = 3
_SOUNDS_ALIKE, _SOUNDS_SAME = 60, 80  # percent


def sound(compact: str) -> str:
    """The consonants of a transliterated name; "" if they are too few to compare."""
    consonants = consonants_of(compact)
    return consonants if len(consonants) >= _FEW_CONSONANTS else ""


def consonants_of(text: str) -> str:
    return text.translate(_CONSONANTS)


def sounds_alike(heard: "Spelling", known: "Spelling") -> tuple[int, Resemblance] | None:
    """A score if a transliterated name sounds like a known one."""
    if sound(heard.compact) and sound(heard.compact) == sound(known.compact):
        return _SOUNDS_SAME, Resemblance.SCRIPT
    score = round(_fuzz().ratio(heard.compact, known.compact))
    return (score, Resemblance.SCRIPT) if score >= _SOUNDS_ALIKE else None
