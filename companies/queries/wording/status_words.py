"""One company's status toward one pact: sentences for /verify/ and quotation, texts for badges.

A date that follows a preposition is one message with it: French says "le 9 octobre 2024", and "en
octobre 2024".
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy, override, pgettext
from django.utils.translation import gettext as _

from companies.models import Company, Pact, PartialDate, Precision, Signing

Status = Signing.Status
REGISTER = "PactWatch"
# Over the date of an absence: the list is of that day, and nothing began on it.
DATE_OF_LIST = gettext_lazy("Date of the list")


def in_one_sentence(company: Company, pact: Pact, signing: Signing | None, language: str) -> str:
    """The answer to “did it sign?”, which says no more than its source."""
    status = signing.status if signing else Status.UNKNOWN
    by_a_source = bool(signing) and signing.since_basis == Signing.SinceBasis.STATED  # type: ignore[union-attr]  # never None here
    sentences = {
        Status.SIGNED: _("%(company)s is a signatory of the %(pact)s: signed %(day)s.")
        if by_a_source
        else _("%(company)s is a signatory of the %(pact)s, first seen as one: %(day)s."),
        Status.REMOVED: _(
            "%(company)s was listed as a signatory of the %(pact)s and is no longer on the "
            "official list (%(day)s)."
        ),
        Status.WITHDRAWN: _(
            "%(company)s is a former signatory of the %(pact)s: it left, according to the "
            "company (%(day)s)."
        ),
        Status.DECLINED: _(
            "%(company)s said publicly that it would not sign the %(pact)s (%(day)s)."
        ),
        Status.NOT_SIGNED: _(
            "%(company)s was not on the list of signatories of the %(pact)s (%(day)s)."
        ),
        Status.INTERESTED: _(
            "%(company)s is in the network of the %(pact)s and has not signed (%(day)s)."
        ),
        Status.UNKNOWN: _("We have no information on whether %(company)s signed the %(pact)s."),
    }
    return sentences[Status(status)] % {
        "company": company.name,
        "pact": pact.name,
        "day": _day(signing).in_words(language) if signing else "",
    }


def _day(period: Any) -> PartialDate:
    """The date shown with a status; for an absence, that of the newest list."""
    if period.lists_without:
        last: PartialDate = period.lists_without.last
        return last
    return PartialDate(period.since, period.since_precision)


def in_few_words(company: Any, language: str) -> str:
    """The status and date of a company, short enough for a badge; it certifies nothing."""
    status = company.status or Status.UNKNOWN
    by_a_source = company.since_basis == Signing.SinceBasis.STATED
    words = {
        Status.SIGNED: _("signatory since %(day)s")
        if by_a_source
        else _("signatory since %(day)s or earlier"),
        Status.REMOVED: _("no longer listed since %(day)s"),
        Status.WITHDRAWN: _("left, according to the company, %(day)s"),
        Status.DECLINED: _("publicly declined, %(day)s"),
        Status.NOT_SIGNED: _("not on the list of %(day)s"),
        Status.INTERESTED: _("in the network, not a signatory, %(day)s"),
        Status.UNKNOWN: _("status unknown"),
    }
    day = _day(company).in_few_words(language) if company.since else ""
    return words[Status(status)] % {"day": day}


# A sentence to quote


@dataclass(frozen=True)
class Quotable:
    """A sentence that may be quoted as it is, in one language."""

    language: str
    name: str
    text: str


def to_quote(
    company: Company,
    pact: Pact,
    signing: Signing | None,
    day: datetime.date,
    recorded_on: datetime.date | None = None,
) -> list[Quotable]:
    """The sentence to quote as of `day` in every language, the reader's first.

    `recorded_on` is the past day whose state of the register it was read from.
    """
    own = get_language() or settings.LANGUAGE_CODE
    found = []
    for code, name in sorted(settings.LANGUAGES, key=lambda language: language[0] != own):
        with override(code):
            text = _quotable(company, pact, signing, day, recorded_on)
        found.append(Quotable(code, str(name), text))
    return found


def _quotable(
    company: Company,
    pact: Pact,
    signing: Signing | None,
    day: datetime.date,
    recorded_on: datetime.date | None,
) -> str:
    dates = _phrases(_day(signing)) if signing else {}
    return _sentence_to_quote(signing) % {
        "today": _written(PartialDate(day)),
        "company": company.name,
        "pact": pact.name,
        "register": _register(recorded_on),
        **dates,
    }


def _sentence_to_quote(signing: Signing | None) -> str:
    by_a_source = signing is not None and signing.since_basis == Signing.SinceBasis.STATED
    sentences = {
        Status.SIGNED: _(
            "On %(today)s, %(company)s was recorded as a signatory of the %(pact)s (signed "
            "%(on)s), according to %(register)s."
        )
        if by_a_source
        else _(
            "On %(today)s, %(company)s was recorded as a signatory of the %(pact)s (first seen as "
            "one %(on)s; the signing date is not public), according to %(register)s."
        ),
        Status.REMOVED: _(
            "On %(today)s, %(company)s was no longer on the official list of signatories of the "
            "%(pact)s (%(since)s or earlier), according to %(register)s."
        ),
        Status.WITHDRAWN: _(
            "On %(today)s, %(company)s was no longer a signatory of the %(pact)s (it said that it "
            "had left %(on)s), according to %(register)s."
        ),
        Status.DECLINED: _(
            "On %(today)s, %(company)s had said publicly %(on)s that it would not sign the "
            "%(pact)s, according to %(register)s."
        ),
        Status.NOT_SIGNED: _(
            "On %(today)s, %(company)s was not on the list %(dated)s (signatories of the "
            "%(pact)s), according to %(register)s."
        ),
        Status.INTERESTED: _(
            "On %(today)s, %(company)s was in the network of the %(pact)s and had not signed it, "
            "according to %(register)s."
        ),
        Status.UNKNOWN: _(
            "On %(today)s, %(register)s had no information on whether %(company)s had signed the "
            "%(pact)s."
        ),
    }
    return sentences[Status(signing.status if signing else Status.UNKNOWN)]


def left_in_one_sentence(signing: Signing, before: Signing) -> str:
    """When a company was a signatory; `before` is its last period as one."""
    by_a_source = before.since_basis == Signing.SinceBasis.STATED
    seen = signing.since_basis == Signing.SinceBasis.OBSERVED
    if signing.status == Status.WITHDRAWN:
        said = _("Signatory %(start)s %(end)s, when it left, according to the company.")
    elif seen:
        said = _(
            "Signatory %(start)s %(end)s at the latest: it was then no longer on the official "
            "list, as we saw. No reason has been published."
        )
    else:
        said = _(
            "Signatory %(start)s %(end)s at the latest: it was then no longer on the official "
            "list, according to a source. No reason has been published."
        )
    start, end = _phrases(before.started)["start"], _phrases(signing.started)["end"]
    if not by_a_source:
        start = _("%(start)s or earlier") % {"start": start}
    return said % {"start": start, "end": end}


def _register(recorded_on: datetime.date | None) -> str:
    if recorded_on is None:
        return REGISTER
    facts = {"register": REGISTER, "day": _written(PartialDate(recorded_on))}
    return _("%(register)s as recorded on %(day)s") % facts


def _written(day: PartialDate) -> str:
    return day.in_words(get_language() or settings.LANGUAGE_CODE)


def _phrases(day: PartialDate) -> dict[str, str]:
    """The date after each preposition that sentences use."""
    if day.precision == Precision.DAY:
        said = {
            "on": pgettext("a day", "on %(day)s"),
            "dated": pgettext("a day", "of %(day)s"),
            "since": pgettext("a day", "since %(day)s"),
            "start": pgettext("a day", "from %(day)s"),
            "end": pgettext("a day", "until %(day)s"),
        }
    else:
        said = {
            "on": pgettext("a month or a year", "in %(day)s"),
            "dated": pgettext("a month or a year", "of %(day)s"),
            "since": pgettext("a month or a year", "since %(day)s"),
            "start": pgettext("a month or a year", "from %(day)s"),
            "end": pgettext("a month or a year", "until %(day)s"),
        }
    return {name: phrase % {"day": _written(day)} for name, phrase in said.items()}
