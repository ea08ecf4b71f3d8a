"""How many companies are known to have signed a pact, as one sentence with its denominator."""

from babel.numbers import format_decimal
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext

from companies.models import Pact, PartialDate


def known_in_a_sentence(pact: Pact, number: int) -> str:
    """So many companies, of the total that the issuer announced, with its day."""
    return _message(pact, number) % _values(pact, number)


def with_large_number(pact: Pact, number: int) -> SafeString:
    """The same, its number marked to be shown large."""
    values = {name: conditional_escape(text) for name, text in _values(pact, number).items()}
    values["number"] = format_html('<b class="big">{}</b>', values["number"])
    return mark_safe(conditional_escape(_message(pact, number)) % values)  # noqa: S308  # nosec B308, B703  # its values are escaped


def _values(pact: Pact, number: int) -> dict[str, str]:
    language = get_language() or "en"
    announced = PartialDate(pact.listed_total_on) if pact.listed_total_on else None
    return {
        "number": format_decimal(number, locale=language),
        "pact": pact.name,
        "total": format_decimal(pact.listed_total or 0, locale=language),
        "issuer": pact.issued_by,
        "day": announced.in_words(language) if announced else "",
    }


def _message(pact: Pact, number: int) -> str:
    if pact.total_beyond(number) is None:
        return ngettext(
            "%(number)s company is known to have signed the %(pact)s.",
            "%(number)s companies are known to have signed the %(pact)s.",
            number,
        )
    if pact.announces_a_minimum:
        return ngettext(
            "%(number)s company is known to have signed the %(pact)s, of more than %(total)s "
            "announced (%(issuer)s, %(day)s).",
            "%(number)s companies are known to have signed the %(pact)s, of more than %(total)s "
            "announced (%(issuer)s, %(day)s).",
            number,
        )
    return ngettext(
        "%(number)s company is known to have signed the %(pact)s, of %(total)s announced "
        "(%(issuer)s, %(day)s).",
        "%(number)s companies are known to have signed the %(pact)s, of %(total)s announced "
        "(%(issuer)s, %(day)s).",
        number,
    )
