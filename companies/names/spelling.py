"""Normalize names of companies, so that two spellings of one name compare equal.

The legal forms come from cleanco, which leaves nothing of names such as "SAS" and "SE"; here every
name keeps at least one word.
"""

import re
from typing import NamedTuple
from unicodedata import normalize

from cleanco.termdata import terms_by_country, terms_by_type  # type: ignore[import-untyped]

from companies.names.letters import fold

_ASCII_WORDS = re.compile(r"[a-z0-9_]+")
_DOTTED = re.compile(r"(?<!\w)(?:\w\.)+\w(?!\w)|(?<!\w)\w/\w(?!\w)")  # S.p.A., I.B.M., A/S
_AND = {"and", "et", "und"}
_SMALL_WORDS = {"da", "de", "del", "der", "di", "do", "en", "for", "für", "la", "le", "of", "the"}

# Terms of cleanco that are also countries or ordinary words: "Vodafone UK" is not "Vodafone".
_NOT_FORMS = {
    *("at", "ba", "bl", "bm", "ca", "cio", "cpt", "cv", "da", "dat", "ec", "ee", "eg", "ei"),
    *("ent", "ep", "et", "etat", "eu", "fa", "fie", "gp", "ij", "ik", "is", "mb", "nl", "ok"),
    *("pc", "pp", "private", "ps", "psu", "pt", "sal", "sd", "sem", "sep", "ses", "sf", "sp"),
    *("ss", "stg", "teo", "tov", "ud", "uk", "unlimited", "vat", "xk", "xt"),
}
_MORE_FORMS = {
    *("abpubl", "aktiebolag", "aktiengesellschaft", "asbl", "eood", "jsc", "pjsc"),
    *("privatelimited", "privateltd", "pvt", "pvtltd", "pty", "scrl", "sdn", "spolsro"),
}
_SAME_FORM = {
    "abpubl": "ab",
    "aktiebolag": "ab",
    "aktiengesellschaft": "ag",
    "company": "co",
    "corporation": "corp",
    "incorporated": "inc",
    "limited": "ltd",
    "privatelimited": "pvtltd",
    "privateltd": "pvtltd",
}
# Forms of few countries: "Vodafone GmbH" is not the Vodafone of the United Kingdom.
_COUNTRIES = {
    form: frozenset(countries.split())
    for forms, countries in {
        "ab": "AX FI SE",
        "aps": "DK GL",
        "asa": "NO",
        "bv": "BE NL",
        "ead eood ood": "BG",
        "gmbh gmbhcokg ohg": "AT CH DE LI",
        "inc": "CA CN JP KR PH TW US",
        "kft nyrt zrt": "HU",
        "kk": "JP",
        "lda": "AO BR MZ PT",
        "llc": "AE US",
        "ltd": "AU BD CA CN CY GB GH HK IE IL IN JP KE KR MT NG NZ PK SG TH TW US VN ZA",
        "nv": "BE CW NL SR",
        "oy oyj": "FI",
        "plc": "GB IE",
        "sas sasu": "CO FR",
        "spa": "CL DZ IT",
        "spzoo": "PL",
        "sro": "CZ SK",
        "srl": "AR IT MD RO",
    }.items()
    for form in forms.split()
}
# Few forms precede a name; a name that begins with another one is longer: SAS Institute, AB InBev.
_LEADING_FORMS = {"eurl", "oao", "ooo", "pt", "sarl", "sia", "uab", "zao", "оао", "ооо", "пао"}
_LONGEST_FORM = 4  # words


class Spelling(NamedTuple):
    """A name in the forms that are compared."""

    folded: str
    words: tuple[str, ...]  # without accents, "and", a leading "The" and the dots of S.p.A.
    bare: tuple[str, ...]  # without legal form either
    form: str  # the legal form, such as "ltd" or "gmbh co kg"
    joined: str  # the words with a space between them
    bare_name: str  # the bare words with a space between them
    compact: str  # the bare words with none

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.bare if word not in _SMALL_WORDS)


def spell(name: str) -> Spelling:
    folded = _folded(name)
    words = _words(name, folded)
    bare, form = _without_legal_form(words)
    return Spelling(folded, words, bare, form, " ".join(words), " ".join(bare), "".join(bare))


def _folded(name: str) -> str:
    """The same as `fold`, with a faster path for the many names in ASCII."""
    return " ".join(_ASCII_WORDS.findall(name.lower())) if name.isascii() else fold(name)


def _words(name: str, folded: str) -> tuple[str, ...]:
    if _DOTTED.search(name):
        folded = _folded(_DOTTED.sub(lambda dotted: re.sub("[./]", "", dotted.group()), name))
    if not folded.isascii():
        # Composed again, so that a Korean syllable counts as one letter.
        folded = normalize("NFC", folded)
    words = folded.split()
    if len(words) > 2 and words[0] == "the":
        del words[0]
    inner = [word for word in words[1:-1] if word not in _AND]
    return tuple(words[:1] + inner + words[1:][-1:])


def _legal_forms() -> frozenset[str]:
    """All legal forms without spaces, because people write "Sp. z o.o." and "Sp. z o. o."."""
    by_type, by_country = terms_by_type.values(), terms_by_country.values()
    terms = {
        "".join(_words(term, fold(term))) for terms in (*by_type, *by_country) for term in terms
    }
    return frozenset((terms - _NOT_FORMS) | _MORE_FORMS)


_FORMS = _legal_forms()


def _without_legal_form(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The words before the legal form, and that form.

    A name that would shrink to nothing or to another legal form keeps all its words: "SAS", "SE",
    and "SAS AB", which is not "SAS".
    """
    bare, forms = words, list[str]()
    while size := _trailing_form(bare):
        forms.insert(0, "".join(bare[-size:]))
        bare = bare[:-size]
    if len(bare) > 1 and bare[0] in _LEADING_FORMS:
        forms.append(bare[0])
        bare = bare[1:]
    if not forms or "".join(bare) in _FORMS:
        return words, ""
    return bare, " ".join(_SAME_FORM.get(form, form) for form in forms)


def _trailing_form(words: tuple[str, ...]) -> int:
    """How many words at the end are a legal form; never all."""
    for size in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        if "".join(words[-size:]) in _FORMS:
            return size
    return 0


def may_be_form(form: str, known: set[str], country: str) -> bool:
    """Whether a company may have this legal form, given its known forms and its country."""
    if not form or form in known:
        return True
    return not known and (not country or country in _COUNTRIES.get(form, {country}))
