"""Sentences with counts for pages and share images, each with denominator or date."""

import datetime

from babel.numbers import format_decimal
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from companies.models import Commitment, Milestone, Pact, PartialDate
from companies.queries.readings import FullList


def known_in_a_sentence(pact: Pact, number: int) -> str:
    """The number of signatories, of the announced total with its date."""
    if not pact.was_read:
        return unread()
    return _message(pact, number) % _values(pact, number)


def with_large_number(pact: Pact, number: int) -> SafeString:
    """The sentence of `known_in_a_sentence` as HTML, with the number highlighted."""
    values = {name: conditional_escape(text) for name, text in _values(pact, number).items()}
    values["number"] = format_html('<b class="big">{}</b>', values["number"])
    return mark_safe(conditional_escape(_message(pact, number)) % values)  # noqa: S308  # nosec B308, B703  # its values are escaped


def _values(pact: Pact, number: int) -> dict[str, str]:
    language = get_language() or "en"
    return {
        "number": format_decimal(number, locale=language),
        "pact": pact.name,
        "total": format_decimal(pact.listed_total or 0, locale=language),
        "issuer": pact.issued_by,
        "day": in_words(pact.listed_total_on) if pact.listed_total_on else "",
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


def looked_for_in_sentences(pact: Pact, number: int, newest: FullList | None) -> list[str]:
    """The number of companies not on the list, and the date of the newest list."""
    said = ngettext(
        "%(pact)s: %(number)s company was looked for and not found on the list.",
        "%(pact)s: %(number)s companies were looked for and not found on the list.",
        number,
    ) % {"pact": pact.name, "number": number}
    return [said, *([list_in_a_sentence(newest)] if newest else [])]


def list_in_a_sentence(newest: FullList) -> str:
    dated = {"day": in_words(newest.day)}
    return _("The last complete list we could read is dated %(day)s.") % dated


def received_in_a_sentence(pact: Pact, published: int, received: Milestone | None) -> str:
    """How many reports the issuer says it received, and how many are public."""
    values: dict[str, object] = {"pact": pact.name, "number": published, "published": published}
    if not pact.report_after_months:
        return _("%(pact)s: this pact does not invite progress reports.") % values
    if received is None:
        return _published(published) % values
    number = received.reports_received or 0
    day = received.when.in_words(get_language() or "en")
    values |= {"issuer": pact.issued_by, "number": number, "day": day}
    if published:
        said = ngettext(
            "%(issuer)s: %(number)s report received by %(day)s. We know of %(published)s that is "
            "public.",
            "%(issuer)s: %(number)s reports received by %(day)s. Public, as far as we know: "
            "%(published)s.",
            number,
        )
    else:
        said = ngettext(
            "%(issuer)s: %(number)s report received by %(day)s. We know of none that is public.",
            "%(issuer)s: %(number)s reports received by %(day)s. We know of none that is public.",
            number,
        )
    return said % values


def _published(number: int) -> str:
    if not number:
        return _("%(pact)s: we know of no report that is public.")
    return ngettext(
        "%(pact)s: we know of %(number)s report that is public.",
        "%(pact)s: we know of %(number)s reports that are public.",
        number,
    )


def unread() -> str:
    return _("We have not read the list of this pact yet.")


def pledged_in_sentences(
    commitment: Commitment, pact: Pact, pledged: int, signatories: int, day: datetime.date
) -> list[str]:
    """How many known signatories pledged a commitment, as far as known."""
    if not pact.was_read:
        return [unread()]
    values = {"pledged": pledged, "known": pact.known(signatories), "day": in_words(day)}
    if not pledged:
        return [_("Who pledged this is not public. On %(day)s: %(known)s.") % values]
    said = ngettext(
        "On %(day)s, %(pledged)s of %(known)s pledged this.",
        "On %(day)s, %(pledged)s of %(known)s pledged this.",
        pledged,
    )
    core = _("This is a core commitment: every signatory makes it by signing.")
    return [said % values, *([core] if commitment.kind == Commitment.Kind.CORE else [])]


def in_words(day: datetime.date) -> str:
    return PartialDate(day).in_words(get_language() or "en")
