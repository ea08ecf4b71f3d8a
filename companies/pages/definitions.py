"""What the register's words mean, in plain sentences for readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import Confidence, Pledge, Signing


@dataclass(frozen=True)
class Term:
    """One value a field can have, its name on pages and what it means."""

    value: str
    label: str
    meaning: str


STATUSES: Mapping[Any, Any] = {
    Signing.Status.SIGNED: _("An official list or document, or a source we cite, names it."),
    Signing.Status.NOT_SIGNED: _(
        "We or a source looked for it on the list of a day and it was not there. "
        "That is not a refusal: it may have signed later, or never been asked."
    ),
    Signing.Status.DECLINED: _(
        "It said in public, itself or through its spokesperson, that it does not sign. The quote "
        "is shown."
    ),
    Signing.Status.REMOVED: _(
        "It was on the official list and is not any more. We saw the list, not the reason."
    ),
    Signing.Status.WITHDRAWN: _("It left, by its own word, which is quoted."),
    Signing.Status.INTERESTED: _("It is in the pact’s network and has not signed."),
    Signing.Status.UNKNOWN: _("No source that we read says anything."),
}
SINCE_BASES: Mapping[Any, Any] = {
    Signing.SinceBasis.STATED: _(
        "The company or another source gives the day itself, in the words we quote."
    ),
    Signing.SinceBasis.FIRST_SEEN: _(
        "The earliest day that one of its sources shows. A signatory signed on that day or before; "
        "the day of signing is not public."
    ),
    Signing.SinceBasis.OBSERVED: _(
        "The day of the list that we read. What happened may have happened before."
    ),
}
PLEDGE_BASES: Mapping[Any, Any] = {
    Pledge.Basis.IMPLIED_BY_SIGNATURE: _(
        "Every signatory takes on the core commitments; no source names them for this company."
    ),
    Pledge.Basis.STATED: _("A source says that this company took on this commitment."),
}
IMPLEMENTATIONS: Mapping[Any, Any] = {
    Pledge.Implementation.NO_EVIDENCE: _(
        "We searched and found nothing public. It does not mean that nothing was done."
    ),
    Pledge.Implementation.PLANNED: _("A source says that it is planned."),
    Pledge.Implementation.PARTIAL: _("A source says that it is done in part."),
    Pledge.Implementation.FULL: _("A source says that it is done."),
    Pledge.Implementation.EVIDENCE_WITHDRAWN: _("The source we had is no longer there."),
}
# Implementation from the most to the least that is known.
LEVELS = (
    Pledge.Implementation.FULL,
    Pledge.Implementation.PARTIAL,
    Pledge.Implementation.PLANNED,
    Pledge.Implementation.EVIDENCE_WITHDRAWN,
    Pledge.Implementation.NO_EVIDENCE,
)
IMPLEMENTATION_BASES: Mapping[Any, Any] = {
    Pledge.ImplementationBasis.SELF_REPORTED: _("The company says so; nobody has checked it."),
    Pledge.ImplementationBasis.THIRD_PARTY: _("Somebody else looked and says so."),
    Pledge.ImplementationBasis.REGULATOR: _("An authority says so."),
}
CONFIDENCES: Mapping[Any, Any] = {
    Confidence.HIGH: _(
        "We quote the issuer’s own list or document, which names the company, or the company "
        "itself."
    ),
    Confidence.MEDIUM: _("We quote the press or research, which report it."),
    Confidence.LOW: _(
        "We read a list that does not name the company, or have no words to quote yet."
    ),
}


def terms(choices: type[models.TextChoices], meanings: Mapping[Any, Any]) -> list[Term]:
    """Every value of `choices` in the order in which `meanings` explains them."""
    return [Term(v, str(choices(v).label), str(meaning)) for v, meaning in meanings.items()]


def statuses(by_status: dict[str, int]) -> list[tuple[str, str, int]]:
    """The statuses that some company has, as (value, label, number)."""
    return [
        (str(status), str(status.label), by_status[status])
        for status in STATUSES
        if by_status.get(status)
    ]
