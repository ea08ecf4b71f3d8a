"""Confirms by e-mail that the sender of a statement has an address at the company's domain.

The link holds the receipt number, a time and a signature that covers the e-mail address: it is void
once the address is deleted. Opening it changes nothing, because mail scanners open every link.
Whoever confirms may ask for notices of guarded statuses.
"""

import datetime

from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from companies.models import Correction

from .history import lock_register, new_version

CONFIRM_WITHIN = datetime.timedelta(days=7)


def confirmation_path(correction: Correction) -> str:
    _receipt, code = _signer(correction).sign(correction.receipt).split(".", 1)
    return reverse("correction-confirm", args=[correction.receipt, code])


def correction_to_confirm(receipt: str, code: str) -> Correction | None:
    """The correction of a confirmation link; None for an expired or forged one."""
    found = Correction.objects.select_related("company").filter(receipt=receipt).first()
    return found if found and _is_valid(found, code) else None


def confirm_sender(receipt: str, code: str, *, tell_status: bool = False) -> Correction | None:
    """Record the first confirmation of a link; it shows on the record at once.

    `tell_status`: the sender asks for notices of guarded statuses.
    """
    with transaction.atomic():
        lock_register()  # before the row, as whoever merges companies does
        rows = Correction.objects.select_related("company").select_for_update(of=("self",))
        found = rows.filter(receipt=receipt).first()
        if found is None or not _is_valid(found, code):
            return None
        if found.sender_confirmed_at is None:
            found.sender_confirmed_at, found.tell_status = timezone.now(), tell_status
            found.save(update_fields=["sender_confirmed_at", "tell_status"])
            new_version(records=[found.company_id] if found.company_id else [])
        return found


def _is_valid(correction: Correction, code: str) -> bool:
    try:
        _signer(correction).unsign(f"{correction.receipt}.{code}", max_age=CONFIRM_WITHIN)
    except BadSignature:
        return False
    return correction.can_confirm_sender


def _signer(correction: Correction) -> TimestampSigner:
    return TimestampSigner(sep=".", salt=f"{__name__}:{correction.email}")
