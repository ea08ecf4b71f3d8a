"""What happens to a correction: received, taken, accepted or declined; a statement withdrawn.

Accepting a correction changes nothing in the register: the editor corrects the record through the
usual screens, with a source. Accepting a statement publishes it beside the record.
"""

import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.models import Correction, new_receipt, receipt_of

from .correction_mail import tell_sender
from .history import lock_register, new_version

EMAIL_KEPT = datetime.timedelta(days=90)
State = Correction.State


class NotPossible(Exception):
    """The correction is not in the state in which this can be done; says who came first."""


class AlreadyTaken(NotPossible):
    pass


class AlreadyClosed(NotPossible):
    pass


class NotPublished(NotPossible):
    pass


class NoCompany(NotPossible):
    pass


def receive(*, opening: str, **given: Any) -> Correction:
    """Keep what somebody sent with one opening of the form. Raises ValidationError.

    The opening gives the receipt number: what two processes take at the same moment is one
    correction, because the database takes a number once.
    """
    correction = Correction(**given, receipt=receipt_of(opening))
    correction.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            correction.save()
    except IntegrityError:
        return received_with(opening, **given) or _under_another_number(correction)
    return correction


def received_with(opening: str, **given: Any) -> Correction | None:
    """What came with this opening already, if it said the same."""
    return Correction.objects.filter(receipt=receipt_of(opening), **given).first()


def _under_another_number(correction: Correction) -> Correction:
    """Somebody went back in the browser, wrote something else and sent that too."""
    correction.receipt = new_receipt()
    correction.save()
    return correction


def take(correction_id: int, *, by: AbstractBaseUser) -> Correction:
    """Say that `by` is checking it. Raises AlreadyTaken or AlreadyClosed."""
    with transaction.atomic():
        correction = _still_open(correction_id)
        if correction.state == State.CHECKING:
            raise AlreadyTaken(
                _("%(who)s took this correction already, on %(when)s.")
                % {"who": correction.taken_by, "when": _moment(correction.taken_at)}
            )
        correction.state = State.CHECKING
        correction.taken_by_id, correction.taken_at = by.pk, timezone.now()
        return _saved(correction)


def accept(correction_id: int, *, reply: str, by: AbstractBaseUser) -> Correction:
    """Close it with a public reply; a statement is published. Raises NotPossible."""
    with transaction.atomic():
        lock_register()  # before the row, as whoever merges companies does
        correction = _still_open(correction_id)
        if correction.is_statement and correction.company_id is None:
            raise NoCompany(_("A statement needs a company whose record it stands beside."))
        return _closed(correction, State.ACCEPTED, reply, by)


def decline(correction_id: int, *, reply: str, by: AbstractBaseUser) -> Correction:
    """Close it with a public reply that says why. Raises AlreadyClosed."""
    with transaction.atomic():
        return _closed(_still_open(correction_id), State.DECLINED, reply, by)


def withdraw_statement(correction_id: int, *, reason: str, by: AbstractBaseUser) -> Correction:
    """Take a published statement from its record; the state page says why. Raises NotPublished."""
    with transaction.atomic():
        lock_register()
        correction = _locked(correction_id)
        if not correction.is_published:
            raise NotPublished(_("This statement is not published any more."))
        correction.withdrawn_by_id, correction.withdrawn_at = by.pk, timezone.now()
        correction.withdrawal_reason = reason
        correction.full_clean()
        correction.save()
        new_version()
        return correction


def name_company(correction_id: int, company: Any) -> Correction:
    """Say which record an open correction is about. Raises AlreadyClosed."""
    with transaction.atomic():
        correction = _still_open(correction_id)
        correction.company = company
        correction.save(update_fields=["company"])
        return correction


def delete_old_emails(now: datetime.datetime) -> int:
    """Forget the senders of corrections closed 90 days before `now`; how many there were."""
    old = Correction.objects.closed().filter(closed_at__lte=now - EMAIL_KEPT).exclude(email="")
    return old.update(email="")


def _closed(correction: Correction, state: State, reply: str, by: AbstractBaseUser) -> Correction:
    correction.state, correction.reply = state, reply
    correction.closed_by_id, correction.closed_at = by.pk, timezone.now()
    saved = _saved(correction)
    if saved.is_published:
        new_version()  # what stands beside a record is part of kept answers
    return saved


def _saved(correction: Correction) -> Correction:
    correction.full_clean()
    correction.save()
    tell_sender(correction)
    return correction


def _still_open(correction_id: int) -> Correction:
    correction = _locked(correction_id)
    if correction.is_open:
        return correction
    raise AlreadyClosed(
        _("%(who)s closed this correction already, on %(when)s: %(state)s.")
        % {
            "who": correction.closed_by,
            "when": _moment(correction.closed_at),
            "state": correction.get_state_display(),
        }
    )


def _locked(correction_id: int) -> Correction:
    corrections = Correction.objects.select_for_update(of=("self",))
    related = corrections.select_related("company", "taken_by", "closed_by")
    return related.get(pk=correction_id)


def _moment(moment: datetime.datetime | None) -> str:
    return date_format(timezone.localtime(moment), "Y-m-d H:i") if moment else ""
