"""The workflow of corrections: received, assigned, accepted or declined; statements withdrawn.

Accepting a correction changes nothing on the register: the editor corrects the record on the usual
screens, with a source. Accepting a statement publishes it on the record. Senders with an e-mail
address get a short mail on receipt and at each change of state, and for a statement from the
company's own domain a confirmation link.
"""

import datetime
import logging
import smtplib
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import AnswerDraft, Correction, new_receipt, receipt_of
from pactwatch.measuring.counters import counters

from .confirmation import CONFIRM_WITHIN, confirmation_path
from .history import lock_register, new_version

logger = logging.getLogger(__name__)
State = Correction.State
FORGOTTEN = "–"  # in the place of a message, which no form takes without words
# What stays of a correction whose sender is forgotten: receipt, kind, record, days and our reply.
NOTHING = {
    "email": "",
    "tell_status": False,
    "message": FORGOTTEN,
    "evidence_url": "",
    "company_name": "",
}


class NotPossible(Exception):
    """The action does not fit the state of the correction; says who was first."""


class AlreadyTaken(NotPossible):
    pass


class AlreadyClosed(NotPossible):
    pass


class NotPublished(NotPossible):
    pass


class NoCompany(NotPossible):
    pass


def receive(*, opening: str, **given: Any) -> Correction:
    """Save a submitted correction. Raises ValidationError.

    The receipt number comes from the form's token and is unique, so that a form sent twice,
    even to two processes at once, creates one correction.
    """
    correction = Correction(**given, receipt=receipt_of(opening))
    correction.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            correction.save()
            _notify_sender(correction)
    except IntegrityError:
        return received_with(opening, **given) or _with_new_receipt(correction)
    return correction


def received_with(opening: str, **given: Any) -> Correction | None:
    """The correction sent with this token before, if it has the same content."""
    return Correction.objects.filter(receipt=receipt_of(opening), **given).first()


def _with_new_receipt(correction: Correction) -> Correction:
    """Save under a new receipt number: a changed form was sent with the same token."""
    correction.receipt = new_receipt()
    with transaction.atomic():
        correction.save()
        _notify_sender(correction)
    return correction


def take(correction_id: int, *, by: AbstractBaseUser) -> Correction:
    """Assign the correction to `by`. Raises AlreadyTaken or AlreadyClosed."""
    with transaction.atomic():
        correction = still_open(correction_id)
        if correction.state == State.CHECKING:
            raise AlreadyTaken(
                _("This correction was assigned to %(who)s on %(when)s.")
                % {"who": correction.taken_by, "when": _in_words(correction.taken_at)}
            )
        correction.state = State.CHECKING
        correction.taken_by_id, correction.taken_at = by.pk, timezone.now()
        return _saved(correction)


def accept(correction_id: int, *, reply: str, by: AbstractBaseUser) -> Correction:
    """Accept with a public reply; a statement is published. Raises NotPossible."""
    with transaction.atomic():
        lock_register()  # before the row, as whoever merges companies does
        correction = still_open(correction_id)
        if correction.is_statement and correction.company_id is None:
            raise NoCompany(_("Choose the company this statement is for."))
        return _closed(correction, State.ACCEPTED, reply, by)


def decline(correction_id: int, *, reply: str, by: AbstractBaseUser) -> Correction:
    """Decline with a public reply. Raises AlreadyClosed."""
    with transaction.atomic():
        return _closed(still_open(correction_id), State.DECLINED, reply, by)


def withdraw_statement(correction_id: int, *, reason: str, by: AbstractBaseUser) -> Correction:
    """Withdraw a published statement, with a public reason. Raises NotPublished."""
    with transaction.atomic():
        lock_register()
        correction = _locked(correction_id)
        if not correction.is_published:
            raise NotPublished(_("This statement is no longer published."))
        correction.withdrawn_by_id, correction.withdrawn_at = by.pk, timezone.now()
        correction.withdrawal_reason = reason
        correction.full_clean()
        correction.save()
        new_version(records=_shown_by(correction))
        return correction


def name_company(correction_id: int, company: Any) -> Correction:
    """Set the company of an open correction. Raises AlreadyClosed."""
    with transaction.atomic():
        correction = still_open(correction_id)
        correction.company = company
        # It was so for the other company.
        correction.sender_confirmed_at, correction.tell_status = None, False
        correction.save(update_fields=["company", "sender_confirmed_at", "tell_status"])
        return correction


def forget_emails(until: datetime.datetime) -> int:
    """Delete the e-mail addresses of corrections closed by then; returns how many.

    Those of senders who get status notices stay.
    """
    old = Correction.objects.closed().filter(closed_at__lte=until).exclude(email="")
    return old.filter(tell_status=False).update(email="")


def forget_wishes(until: datetime.datetime) -> int:
    """End status notices confirmed by then, so that the e-mail address can be deleted."""
    wishes = Correction.objects.filter(tell_status=True, sender_confirmed_at__lte=until)
    return wishes.update(tell_status=False)


def forget_messages(until: datetime.datetime) -> int:
    """Empty the messages of corrections closed by then, except published statements."""
    old = Correction.objects.closed().filter(closed_at__lte=until)
    private = old.exclude(pk__in=Correction.objects.published()).exclude(message=FORGOTTEN)
    return private.update(**NOTHING)


def forget_sender(corrections: QuerySet[Correction]) -> None:
    """Empty everything the senders wrote, except published statements."""
    corrections.update(email="", tell_status=False)
    corrections.exclude(pk__in=Correction.objects.published()).update(**NOTHING)


def _closed(correction: Correction, state: State, reply: str, by: AbstractBaseUser) -> Correction:
    correction.state, correction.reply = state, reply
    correction.closed_by_id, correction.closed_at = by.pk, timezone.now()
    saved = _saved(correction)
    AnswerDraft.objects.filter(correction=correction).delete()
    if saved.is_published:
        new_version(records=_shown_by(saved))
    return saved


def _shown_by(correction: Correction) -> list[int]:
    """The company whose record shows the correction, if it is a published statement."""
    return [correction.company_id] if correction.company_id else []


def _saved(correction: Correction) -> Correction:
    correction.full_clean()
    correction.save()
    _notify_sender(correction)
    return correction


def still_open(correction_id: int) -> Correction:
    """Get the open correction, locked. Raises AlreadyClosed."""
    correction = _locked(correction_id)
    if correction.is_open:
        return correction
    raise AlreadyClosed(
        _("%(who)s closed this correction on %(when)s: %(state)s.")
        % {
            "who": correction.closed_by,
            "when": _in_words(correction.closed_at),
            "state": correction.get_state_display(),
        }
    )


def _locked(correction_id: int) -> Correction:
    corrections = Correction.objects.select_for_update(of=("self",))
    related = corrections.select_related("company", "taken_by", "closed_by")
    return related.get(pk=correction_id)


def _in_words(time: datetime.datetime | None) -> str:
    return date_format(timezone.localtime(time), "Y-m-d H:i") if time else ""


def _notify_sender(correction: Correction) -> None:
    """Mail the sender after the commit, so that a failing mail server undoes nothing."""
    if settings.EMAIL_URL and correction.email:
        transaction.on_commit(partial(_send, _message(correction)))


def _message(correction: Correction) -> EmailMessage:
    is_new = correction.state == State.RECEIVED
    with override(correction.language):
        context = {
            "correction": correction,
            "address": settings.SITE_URL + correction.get_absolute_url(),
            "email_days": settings.KEEP_EMAILS_DAYS,
        }
        if is_new and correction.can_confirm_sender:
            context["confirm"] = settings.SITE_URL + confirmation_path(correction)
            context["confirm_days"] = CONFIRM_WITHIN.days
        name = "receipt_mail.txt" if is_new else "correction_mail.txt"
        return EmailMessage(
            subject=_("PactWatch, receipt %(receipt)s: %(state)s")
            % {"receipt": correction.receipt, "state": correction.get_state_display()},
            body=render_to_string(f"companies/corrections/{name}", context),
            to=[correction.email],
        )


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        counters().count("mail_failures")
        # Only the kind of fault: a mail server's words repeat the address.
        logger.error("A sender could not be notified of a state: %s", type(error).__name__)  # noqa: TRY400  # no e-mail in logs
