"""An answer to a correction that one person drafts and another sends."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import AnswerDraft, Correction
from companies.register.corrections import NotPossible, still_open, take


class DraftedMeanwhile(NotPossible):
    pass


class NoDraft(NotPossible):
    pass


def draft(
    correction_id: int, *, verdict: str, reply: str, seen: str, by: AbstractBaseUser
) -> AnswerDraft:
    """Store an answer until a reviewer sends or returns it; it is never public before.

    `seen` is the version of the draft that `by` had on screen, empty for none. An unassigned
    correction is assigned to `by`. Raises NotPossible.
    """
    with transaction.atomic():
        correction = still_open(correction_id)
        before = AnswerDraft.objects.filter(correction=correction).first()
        if seen != (before.version if before else ""):
            _refuse_overwriting(before)
        if correction.state == Correction.State.RECEIVED:
            take(correction_id, by=by)
        made = before or AnswerDraft(correction=correction)
        made.verdict, made.reply = verdict, reply
        made.written_by_id, made.written_at = by.pk, timezone.now()
        made.returned_by_id, made.returned_at, made.returned_because = None, None, ""
        made.full_clean()
        made.save()
        return made


def _refuse_overwriting(before: AnswerDraft | None) -> None:
    if before is None:
        raise DraftedMeanwhile(_("There is no draft here now. Look at the correction again."))
    raise DraftedMeanwhile(
        _("%(who)s changed the draft meanwhile. Yours was not saved.")
        % {"who": before.returned_by or before.written_by}
    )


def send_back(correction_id: int, *, because: str, by: AbstractBaseUser) -> AnswerDraft:
    """Return the draft to its author with a reason. Raises NotPossible."""
    with transaction.atomic():
        found = AnswerDraft.objects.filter(correction=still_open(correction_id)).first()
        if found is None or found.is_returned:
            raise NoDraft(_("No draft waits here."))
        found.returned_by_id, found.returned_at = by.pk, timezone.now()
        found.returned_because = because
        found.full_clean()
        found.save()
        return found
