"""Retractions: a wrong status is deleted, and a public retraction stays."""

import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Change, Retraction, Signing, early_days

from .history import save, unit_of_work
from .statuses import take_back


def published_from(signing: Signing) -> datetime.date:
    """The date when the register first stated the current status of this period."""
    status = signing.history.filter(status=signing.status).order_by("history_date").first()
    return timezone.localdate(status.history_date) if status else timezone.localdate()


def retract(
    signing: Signing,
    *,
    published_from: datetime.date,
    reason_en: str,
    reason_fr: str,
    change_reason: str,
) -> Retraction:
    """Retract a published status; the period before it is in force again.

    All changes written name retraction as their cause. Raises ValidationError.
    """
    with unit_of_work(cause=Change.Cause.RETRACTION):
        stored = Signing.objects.select_for_update(of=("self",)).filter(pk=signing.pk).first()
        if stored is None or stored.status != signing.status:
            raise ValidationError(_("Someone else has just changed this status."), code="stale")
        retraction = Retraction(
            company=stored.company,
            pact=stored.pact,
            status=stored.status,
            since=stored.since,
            since_precision=stored.since_precision,
            published_from=published_from,
            retracted_on=timezone.localdate(),
            reason_en=reason_en,
            reason_fr=reason_fr,
        )
        # A reviewer accepted the first day of such a status, with a reason.
        with early_days(accepted=stored.since < stored.pact.opened_on):
            save(retraction, change_reason)
        take_back(stored, change_reason)
        _refuse_leavers_that_never_signed(retraction)
        return retraction


def _refuse_leavers_that_never_signed(retraction: Retraction) -> None:
    """Raise ValidationError if a later status still implies that the company had signed."""
    periods = Signing.objects.filter(company=retraction.company, pact=retraction.pact)
    first = periods.filter(status__in=Signing.LEFT).order_by("since").first()
    if first and not periods.signed().filter(since__lt=first.since).exists():
        raise ValidationError(
            _("Retract “%(status)s” first: it says that the company had signed."),
            params={"status": first.get_status_display()},
        )
