"""Identifiers of companies in other registers: normalization and validation."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from stdnum import isin, lei
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError
from stdnum.util import clean, get_cc_module

from .visible import clean_name

_WIKIDATA = re.compile(r"Q[1-9]\d{0,11}", re.ASCII)
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
# Up to twelve digits, a hyphen, two check digits, whose rule is not public.
_TRANSPARENCY = re.compile(r"\d{9,12}-\d{2}", re.ASCII)
_VAT_OF = {"EL": "gr", "XI": "gb"}
_SWISS_TAX = re.compile("(MWST|TVA|IVA|TPV)$")


def one_form(scheme: str, text: str) -> str:
    """The canonical form of an identifier, so that two spellings are equal.

    For a URL of the other register, such as https://www.wikidata.org/wiki/Q42, its identifier.
    """
    last = re.split(r"[/=]", clean_name(text).rstrip("/"))[-1]
    return str(_FORMS[scheme](last)) if scheme in _FORMS else last.upper()


def why_wrong(scheme: str, value: str) -> str:
    """Why a canonical identifier is invalid, in a sentence; "" if it is valid."""
    return _FAULTS[scheme](value) if scheme in _FAULTS else ""


# The one form of each scheme


def _plain(marks: str) -> Callable[[str], str]:
    return lambda text: clean(text, marks).upper()


def _vat_form(text: str) -> str:
    plain = clean(text, " -./:").upper()
    country, module = _vat_module(plain)
    if module is None:
        return plain
    try:
        number = str(module.compact(plain))
    except ValidationError:
        return plain
    if country == "CH":  # one number, and the name of the tax in any of four languages
        return _SWISS_TAX.sub("MWST", number)
    return country + number.removeprefix(country)


def _vat_module(plain: str) -> tuple[str, Any]:
    """The country of a VAT number and its stdnum module; None if there is none."""
    country = "EL" if plain.startswith("GR") else plain[:2]
    code = _VAT_OF.get(country, country.lower())
    known = country.isascii() and country.isalpha()
    return country, get_cc_module(code, "vat") if known else None


_FORMS: Mapping[str, Callable[[str], str]] = {
    "lei": _plain(" -."),
    "isin": _plain(" -."),
    "wikidata": _plain(" "),
    "eu-transparency-register": _plain(" "),
    "vat": _vat_form,
}


# What is wrong with a value in this form


def _lei_fault(value: str) -> str:
    if len(value) != 20:
        return _("An LEI has 20 letters and digits; this one has %(number)s.") % {
            "number": len(value)
        }
    if not _LEI.fullmatch(value):
        return _("An LEI is 18 letters or digits and two check digits.")
    return "" if lei.is_valid(value) else _mistyped()


def _isin_fault(value: str) -> str:
    if len(value) != 12:
        return _("An ISIN has 12 letters and digits; this one has %(number)s.") % {
            "number": len(value)
        }
    return _checked(
        isin, value, _("An ISIN is a country code, nine letters or digits, and a check digit.")
    )


def _wikidata_fault(value: str) -> str:
    if _WIKIDATA.fullmatch(value):
        return ""
    return _("A Wikidata identifier is Q and digits, such as Q42.")


def _transparency_fault(value: str) -> str:
    if _TRANSPARENCY.fullmatch(value):
        return ""
    return _(
        "An EU Transparency Register number is up to 12 digits, a hyphen and two digits, such as "
        "03181945560-59."
    )


def _vat_fault(value: str) -> str:
    country, module = _vat_module(value)
    if module is None:
        return _(
            "A VAT number begins with a country code we can check, such as FR or EL; this one "
            "begins with “%(start)s”."
        ) % {"start": value[:2]}
    form = _("VAT numbers in %(country)s have a different format.") % {"country": country}
    number = value if country == "CH" else value.removeprefix(country)
    return _checked(module, number, form)


def _checked(module: Any, value: str, form: str) -> str:
    if not (value.isascii() and value.isalnum()):
        return form
    try:
        module.validate(value)
    except InvalidChecksum:
        return _mistyped()
    except InvalidLength:
        return form + " " + _("This one has too many or too few characters.")
    except ValidationError:
        return form
    return ""


def _mistyped() -> str:
    return _("The check digits do not match: at least one character is wrong.")


_FAULTS: Mapping[str, Callable[[str], str]] = {
    "lei": _lei_fault,
    "isin": _isin_fault,
    "wikidata": _wikidata_fault,
    "eu-transparency-register": _transparency_fault,
    "vat": _vat_fault,
}
