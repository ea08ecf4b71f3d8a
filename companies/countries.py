"""Countries by their ISO 3166-1 alpha-2 codes, with Kosovo as the EU marks it (XK)."""

import unicodedata
from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global

# https://european-union.europa.eu/principles-countries-history/eu-countries_en
EU_MEMBERS = frozenset(
    code
    for row in (
        "AT BE BG CY CZ DE DK EE ES",
        "FI FR GR HR HU IE IT LT LU",
        "LV MT NL PL PT RO SE SI SK",
    )
    for code in row.split()
)

# CLDR lists these two-letter codes beside the countries; none is one.
_NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())  # noqa: SIM905  # words read better than quotes


@cache
def country_codes() -> frozenset[str]:
    """Every two-letter code a company may have; codes ISO has withdrawn are left out."""
    withdrawn = get_global("territory_aliases").keys()
    territories = map(str, Locale("en").territories)
    return frozenset(
        code
        for code in territories
        if len(code) == 2 and code.isalpha() and code not in withdrawn | _NOT_COUNTRIES
    )


@cache
def country_name(code: str, language: str) -> str:
    """The country's name in `language` ("en", "fr"); the code itself where none is known."""
    return str(Locale.parse(language, sep="-").territories.get(code, code))


# The languages of the European Union, English first.
_LANGUAGES = "en bg cs da de el es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv".split()  # noqa: SIM905  # words read better than quotes
_OTHER_CODES = {"UK": "GB", "EL": "GR", "USA": "US", "UAE": "AE"}


def country_called(text: str) -> str:
    """The code of the country that `text` names, in any EU language or by its code; or ""."""
    written = text.strip()
    if written in _OTHER_CODES:
        return _OTHER_CODES[written]
    if len(written) == 2 and written.upper() in country_codes():
        return written.upper()
    plain = _plain(written)
    found = (_codes_by_name(language).get(plain) for language in _LANGUAGES)
    return next(filter(None, found), "")


@cache
def _codes_by_name(language: str) -> Mapping[str, str]:
    return {_plain(country_name(code, language)): code for code in country_codes()}


def _plain(name: str) -> str:
    """A name without accents, case, and the article of "the Netherlands"."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("’", "'"))
    letters = "".join(one for one in decomposed if not unicodedata.combining(one))
    return " ".join(letters.split()).removeprefix("the ")
