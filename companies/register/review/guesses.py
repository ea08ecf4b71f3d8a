"""Guess a company's country from an official list, for a person to confirm.

A guess comes from what exists in one country only: its name in brackets or in a column, the prefix
of a VAT number or ISIN, a legal form. An LEI reveals its issuer, not a country.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.countries import country_called, country_name
from companies.names.identifiers import one_form, why_wrong
from companies.names.spelling import spell

_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_PARTS = re.compile(r"[;,/|]|\s[–—-]\s")
# From each word on, since "VAT DE136695976" begins with two capitals too.
_NUMBER = re.compile(r"(?=\b([A-Z]{2}[ .-]?[0-9A-Z][0-9A-Z .-]{5,16}[0-9A-Z])\b)", re.ASCII)
_NO_COUNTRIES = {"AI", "HR", "IT", "PR", "TV"}  # whatever ISO 3166 says
_CODE = 3  # letters at most
_LONGEST = 60  # characters of a country's name


@dataclass(frozen=True)
class Guess:
    """A country by its code, and the words of the list that suggest it."""

    country: str
    because: str

    @cached_property
    def country_name(self) -> str:
        return country_name(self.country, get_language() or "en")

    def __str__(self) -> str:
        words = {"country": self.country_name, "because": self.because}
        return _("%(country)s? (%(because)s)") % words


def guess_country(name: str, remark: str = "") -> Guess | None:
    """The one country that the list suggests; None without any, or with contradictions."""
    for guesses in (_named(name, remark), _numbered(name, remark), _by_form(name)):
        found = list(guesses)
        if len({guess.country for guess in found}) == 1:
            return found[0]
        if found:
            return None
    return None


def is_only_a_country(remark: str) -> bool:
    """Whether a remark only names a country."""
    return bool(_country_in(remark))


def _named(name: str, remark: str) -> Iterator[Guess]:
    texts = [*_IN_BRACKETS.findall(remark), *_PARTS.split(remark)]
    texts += [text for text in _IN_BRACKETS.findall(name) if len(text) > _CODE]
    for text in texts:
        if code := _country_in(text):
            yield Guess(code, text.strip())


def _country_in(text: str) -> str:
    """A country code in capitals or a country name; "it" and "is" are words."""
    text = text.strip(" .:()[]")
    is_word = len(text) <= _CODE and (not text.isupper() or text in _NO_COUNTRIES)
    return "" if is_word or len(text) > _LONGEST else country_called(text)


def _numbered(name: str, remark: str) -> Iterator[Guess]:
    for written in _NUMBER.findall(f"{name} {remark}"):
        for scheme in ("vat", "isin"):
            number = one_form(scheme, written)
            if not why_wrong(scheme, number) and (code := country_called(number[:2])):
                yield Guess(code, number)


def _by_form(name: str) -> Iterator[Guess]:
    for form in spell(_IN_BRACKETS.sub(_kept_form, name)).forms:
        if len(form.countries) == 1:
            [country] = form.countries
            yield Guess(country, form.name)


def _kept_form(bracket: re.Match[str]) -> str:
    """The content of brackets if part of a legal form: UG (haftungsbeschränkt)."""
    return bracket[0] if spell(f"x {bracket[1]}").forms or "haft" in bracket[1] else " "
