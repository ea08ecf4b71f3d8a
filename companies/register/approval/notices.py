"""Mails a company about a guarded status, if a confirmed sender of it asked for notices.

A notice is created in the transaction that causes it, and deleted when its mail was sent: first
after the commit, then every hour. A failing or slow mail server undoes nothing, and takes PATIENCE
seconds once.
"""

import logging
import smtplib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.signing import Signer
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import Correction, PartialDate, Proposal, Signing, StatusNotice
from companies.register.stored_rows import puts_in_force

if TYPE_CHECKING:
    from companies.register.history import UnitOfWork

logger = logging.getLogger(__name__)
Stage = StatusNotice.Stage
PATIENCE = 3  # seconds


def of_unit(unit: "UnitOfWork") -> None:
    """Create notices of the statuses that `unit` puts in force, whoever wrote them."""
    if unit.whole:
        return
    rows = [row for row in unit.of(Signing) if puts_in_force(row.old, row.new, Signing.HARMFUL)]
    _store(Stage.PUBLISHED, (row.values for row in rows))


def of_proposals(proposals: Iterable[Proposal]) -> None:
    """Create notices of statuses approved by a first person."""
    _store(Stage.PROPOSED, (values for one in proposals for values in _periods(one)))


def _periods(proposal: Proposal) -> Iterable[dict[str, Any]]:
    if not proposal.rows and proposal.company_id and "status" in proposal.new:
        day = PartialDate.parse(proposal.new["since"])
        yield {
            "company_id": proposal.company_id,
            "pact_id": proposal.run.pact_id,
            "status": proposal.new["status"],
            "since": day.date,
            "since_precision": day.precision,
        }
    for row in proposal.rows:
        if row.get("model") == "signing" and puts_in_force(row["old"], row["new"], Signing.HARMFUL):
            yield row["new"]


def _store(stage: Stage, periods: Iterable[Any]) -> None:
    found = [values for values in periods if values["status"] in Signing.HARMFUL]
    if not found:
        return
    companies = {values["company_id"] for values in found}
    wishes = Correction.objects.filter(tell_status=True, company__in=companies)
    notices = [
        StatusNotice(
            correction=correction,
            pact_id=values["pact_id"],
            status=values["status"],
            since=_since(values),
            stage=stage,
        )
        for correction in wishes
        for values in found
        if values["company_id"] == correction.company_id
    ]
    if notices:
        StatusNotice.objects.bulk_create(notices, ignore_conflicts=True)
        transaction.on_commit(send_waiting)


def _since(values: Any) -> str:
    return str(values["since"])[: {"year": 4, "month": 7}.get(values["since_precision"], 10)]


def waiting() -> QuerySet[StatusNotice]:
    """The unsent notices, oldest first."""
    return StatusNotice.objects.select_related("correction__company", "pact")


def send_waiting() -> int:
    """Send the unsent notices; returns how many. The first error stops and is recorded.

    No transaction is open meanwhile, which would block other writers.
    """
    sent = 0
    for notice in waiting() if settings.EMAIL_URL else ():
        try:
            _message(notice).send()
        except (OSError, smtplib.SMTPException) as fault:
            # Only the kind of fault: a mail server's words repeat the address.
            StatusNotice.objects.filter(pk=notice.pk).update(failed=type(fault).__name__)
            logger.error("A company could not be told of a status: %s", type(fault).__name__)  # noqa: TRY400  # no e-mail in logs
            return sent
        notice.delete()
        sent += 1
    return sent


def _message(notice: StatusNotice) -> EmailMessage:
    correction = notice.correction
    with override(correction.language):
        context = {
            "notice": notice,
            "status": Signing.Status(notice.status).label,
            "company": correction.company,
            "since": PartialDate.parse(notice.since).in_words(correction.language),
            "record": settings.SITE_URL + correction.company.get_absolute_url(),  # type: ignore[union-attr]  # notices are of companies
            "correct": settings.SITE_URL + reverse("correction-new"),
            "end": settings.SITE_URL + end_path(correction),
        }
        subject = {
            Stage.PROPOSED: _("PactWatch: “%(status)s” is proposed for %(company)s"),
            Stage.PUBLISHED: _("PactWatch: %(company)s is now listed as “%(status)s”"),
        }[Stage(notice.stage)]
        words = {"status": context["status"], "company": correction.company}
        return EmailMessage(
            subject=" ".join((subject % words).split()),
            body=render_to_string("companies/corrections/status_mail.txt", context),
            to=[correction.email],
            connection=get_connection(timeout=PATIENCE),
        )


# Unsubscribing: the link is valid as long as notices are sent.


def end_path(correction: Correction) -> str:
    code = Signer(salt=f"{__name__}:{correction.email}").signature(correction.receipt)
    return reverse("correction-untold", args=[correction.receipt, code])


def wish_to_end(receipt: str, code: str) -> Correction | None:
    """The correction whose sender gets notices and has this link; None for an invalid one."""
    wishes = Correction.objects.select_related("company").filter(tell_status=True)
    found = wishes.filter(receipt=receipt).first()
    return found if found and end_path(found).endswith(f"/{code}/") else None


def end_wish(correction: Correction) -> None:
    Correction.objects.filter(pk=correction.pk).update(tell_status=False)
    correction.notices.all().delete()
