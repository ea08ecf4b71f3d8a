"""Countries by their ISO 3166-1 alpha-2 codes, with Kosovo as the EU marks it (XK)."""

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
_NOT_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())  # noqa: SIM905


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
