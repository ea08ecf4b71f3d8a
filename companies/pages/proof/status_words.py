"""One company's status toward one pact: a sentence for /verify/, and few words for badges."""

from typing import Any

from django.utils.translation import gettext as _

from companies.models import Company, Pact, PartialDate, Signing

Status = Signing.Status


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
    """The day that a status is told with: of an absence, the last on which it was looked for."""
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
