"""The meaning of the register's terms, in sentences for readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import DEFAULT_PACT, Confidence, Pact, Pledge, Signing
from companies.names.letters import alphabetical


@dataclass(frozen=True)
class Term:
    """One value of a field, its label and its meaning."""

    value: str
    label: str
    meaning: str


STATUSES: Mapping[Any, Any] = {
    Signing.Status.SIGNED: _("An official list or document, or a source we cite, names it."),
    Signing.Status.NOT_SIGNED: _(
        "It was not on the list on the date shown. That is not a refusal: it may have signed "
        "later, or never have been invited."
    ),
    Signing.Status.DECLINED: _(
        "The company or its spokesperson said publicly that it would not sign. The quote is shown."
    ),
    Signing.Status.REMOVED: _(
        "It was on the official list and no longer is. The list gives no reason."
    ),
    Signing.Status.WITHDRAWN: _("It left, according to the company’s own words, which are quoted."),
    Signing.Status.INTERESTED: _("It takes part in the pact’s network and has not signed."),
    Signing.Status.UNKNOWN: _("We have no information."),
}
SINCE_BASES: Mapping[Any, Any] = {
    Signing.SinceBasis.STATED: _(
        "The company or another source gives the date, in the words we quote."
    ),
    Signing.SinceBasis.FIRST_SEEN: _(
        "The earliest date in its sources. A signatory signed on that day or before; the signing "
        "date is not public."
    ),
    Signing.SinceBasis.OBSERVED: _("The date of the list we read. It may have happened earlier."),
}
PLEDGE_BASES: Mapping[Any, Any] = {
    Pledge.Basis.IMPLIED_BY_SIGNATURE: _(
        "Every signatory takes on the core commitments by signing."
    ),
    Pledge.Basis.STATED: _("A source says that this company made this commitment."),
}
IMPLEMENTATIONS: Mapping[Any, Any] = {
    Pledge.Implementation.NO_EVIDENCE: _(
        "We searched and found nothing public. It does not mean that nothing was done."
    ),
    Pledge.Implementation.PLANNED: _("A source says that it is planned."),
    Pledge.Implementation.PARTIAL: _("A source says that it is partly done."),
    Pledge.Implementation.FULL: _("A source says that it is done."),
    Pledge.Implementation.EVIDENCE_WITHDRAWN: _("The source we had is no longer available."),
}
# Implementation from the most to the least that is known.
IMPLEMENTATION_BASES: Mapping[Any, Any] = {
    Pledge.ImplementationBasis.SELF_REPORTED: _("Reported by the company; not checked by others."),
    Pledge.ImplementationBasis.THIRD_PARTY: _("Confirmed by a third party."),
    Pledge.ImplementationBasis.REGULATOR: _("Confirmed by a regulator."),
}
CONFIDENCES: Mapping[Any, Any] = {
    Confidence.HIGH: _(
        "We quote the issuer’s own list or document, which names the company, or the company "
        "itself."
    ),
    Confidence.MEDIUM: _("We quote the press or research, which report it."),
    Confidence.LOW: _("We read a list that does not name the company, or have no quote yet."),
}

# A narrow column and a line on a phone have no room for a whole name.
SHORT_NAMES = {
    DEFAULT_PACT: _("EU AI Pact"),
    "gpai-code": _("GPAI Code"),
    "seoul-frontier": _("Seoul"),
    "transparency-code": _("Transparency Code"),
    "haip": _("HAIP"),
}

# The glossary of /method/#words; the values of codes are explained above, each in one place.
WORDS: Mapping[Any, Any] = {
    _("Pact"): _("A voluntary promise that companies can sign, such as the EU AI Pact."),
    _("Issuer"): _("Who offers the pact and lists its signatories."),
    _("Signatory"): _("A company that has signed, according to a source we cite."),
    _("Commitment"): _("One thing a pact lets a company promise."),
    _("Core commitment"): _("A commitment that every signatory takes on by signing."),
    _("Additional commitment"): _("A commitment that a signatory may also choose."),
    _("Pledge"): _("One company’s promise to keep one commitment."),
    _("Official list"): _("The list of signatories that the issuer publishes."),
    _("Complete list"): _(
        "An official list of which we could read every name. Only a complete list can show that "
        "a company is not on it."
    ),
    _("Date of the list"): _(
        "The date of the newest list on which we looked for a company without finding it."
    ),
    _("Source"): _("A page or document that says something about a company, and who published it."),
    _("Quote"): _(
        "The words of a source that prove a fact, in their own language. If it is not yours, our "
        "translation is shown below."
    ),
    _("Archived copy"): _("A copy of a source, kept by an archive, as it was on a given day."),
    _("Progress report"): _("A signatory’s account to the pact’s issuer of what it has done."),
    _("Evidence"): _("A source on what the company has done about a pledge."),
    _("Record"): _("Our page about one company."),
    _("Correction"): _("A message that something here is wrong or missing, and our reply."),
    _("Statement by the company"): _(
        "The company’s own words beside its record. We publish them unedited and do not check them."
    ),
    _("Sender confirmed by e-mail"): _(
        "The statement was confirmed from an e-mail address at the company’s own domain."
    ),
    _("Register"): _("All records together, with their sources and their history."),
}


def words() -> list[Term]:
    """The glossary, sorted in the active language."""
    found = [Term("", str(word), str(meaning)) for word, meaning in WORDS.items()]
    return sorted(found, key=lambda term: alphabetical(term.label))


def terms(choices: type[models.TextChoices], meanings: Mapping[Any, Any]) -> list[Term]:
    """Every value of `choices` in the order in which `meanings` explains them."""
    return [Term(v, str(choices(v).label), str(meaning)) for v, meaning in meanings.items()]


def statuses(by_status: dict[str, int]) -> list[tuple[str, str, int]]:
    """The statuses that any company has, as (value, label, count)."""
    return [
        (str(status), str(status.label), by_status[status])
        for status in STATUSES
        if by_status.get(status)
    ]


def short_name(pact: Pact) -> str:
    return str(SHORT_NAMES.get(pact.slug, pact.name))
