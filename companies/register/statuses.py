"""How a status changes: one period ends, the next begins, with its source."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import (
    Citation,
    Company,
    Confidence,
    Pact,
    PartialDate,
    Precision,
    Signing,
    Source,
)

from .history import delete, save, unit_of_work


@unit_of_work()
def change_status(
    *,
    company: Company,
    pact: Pact,
    status: str,
    since: PartialDate,
    since_basis: str,
    source: Source,
    quote: str = "",
    confidence: str = Confidence.HIGH,
    reason_en: str = "",
    reason_fr: str = "",
    change_reason: str,
    seen: Signing | None = None,
) -> Signing:
    """End the open period, if there is one, and begin the next on the same day, with its source.

    `seen` is the open period the editor had before them (None: none was open); if another stands
    there by now, nothing is written. Raises ValidationError with what to mend.
    """
    present = _open_period(company, pact)
    if (present and present.pk) != (seen and seen.pk):
        raise ValidationError(
            _("%(company)s’s status was changed by someone else meanwhile. It is now: %(status)s."),
            params={
                "company": company,
                "status": present.get_status_display() if present else _("no open period"),
            },
            code="stale",
        )
    signing = next_period(
        company=company,
        pact=pact,
        present=present,
        status=status,
        since=since,
        since_basis=since_basis,
        reason_en=reason_en,
        reason_fr=reason_fr,
    )
    if present:
        save(present, change_reason)
    save(signing, change_reason)
    save(
        Citation(signing=signing, source=source, quote=quote, confidence=confidence), change_reason
    )
    return signing


def next_period(
    *,
    company: Company,
    pact: Pact,
    present: Signing | None,
    status: str,
    since: PartialDate,
    since_basis: str,
    reason_en: str = "",
    reason_fr: str = "",
) -> Signing:
    """An unsaved period, and the present one ended where it begins. Raises ValidationError."""
    if since.date > timezone.localdate():
        raise ValidationError({"since": _("A status cannot begin in the future.")})
    if present:
        _check_succession(present, status, since)
        present.until, present.until_precision = since.date, since.precision
    period = Signing(
        company=company,
        pact=pact,
        status=status,
        since=since.date,
        since_precision=since.precision,
        since_basis=since_basis,
        reason_en=reason_en,
        reason_fr=reason_fr,
    )
    period.refuse_impossible_days()
    return period


@unit_of_work()
def undo_status_change(signing: Signing, *, change_reason: str) -> Signing | None:
    """Take the newest period back and open the one before it again; the history keeps both.

    Returns the period that is open now. Raises ValidationError when `signing` is not the open one.
    """
    company, pact = signing.company, signing.pact
    present = _open_period(company, pact)
    if present is None or present.pk != signing.pk:
        raise ValidationError(_("Only the status that holds now can be undone."), code="stale")
    previous = Signing.objects.filter(company=company, pact=pact, until=present.since).first()
    for citation in present.citations.all():
        delete(citation, change_reason)
    delete(present, change_reason)
    if previous:
        previous.until, previous.until_precision = None, Precision.DAY
        save(previous, change_reason)
    return previous


def _open_period(company: Company, pact: Pact) -> Signing | None:
    """The period in force, with the company's row locked until the transaction ends."""
    Company.objects.select_for_update(of=("self",)).get(pk=company.pk)
    return Signing.objects.filter(company=company, pact=pact, until__isnull=True).first()


def _check_succession(present: Signing, status: str, since: PartialDate) -> None:
    if status == present.status:
        raise ValidationError({"status": _("That is the status it already has.")})
    if since.date <= present.since:
        raise ValidationError(
            {
                "since": _("The present status began on %(since)s; the next one must begin later.")
                % {"since": present.started}
            }
        )
