"""Alerts mailed to the operator, each once until it changes.

A mail that the server does not accept marks nothing as sent, so that the next run sends all of it.
"""

import datetime
import logging
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.models import Citation, ToldAlert
from companies.queries.upkeep import open_tasks
from pactwatch.measuring.counters import counters

from .backups.folders import last_made

Kind = ToldAlert.Kind
DELIVERY_WAITS = datetime.timedelta(hours=1)
SHOWN = 30  # lines of one kind in a mail
logger = logging.getLogger(__name__)


class NotSent(Exception):
    """The mail server did not take the mail."""


@dataclass(frozen=True)
class Alert:
    """One alert, with its sentence."""

    kind: str
    subject: str
    since: datetime.datetime | None
    said: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.subject


def current(now: datetime.datetime) -> list[Alert]:
    """All current alerts."""
    return [
        *_lists(now),
        *_backup(now),
        *_corrections(now),
        *_proposals(now),
        *_quotes(),
        *_followers(now),
    ]


def news(alerts: list[Alert]) -> tuple[list[Alert], list[ToldAlert]]:
    """The alerts not mailed yet in this form, and mailed ones that are over."""
    mailed = {(row.kind, row.subject): row for row in ToldAlert.objects.all()}
    new = [one for one in alerts if one.key not in mailed or mailed[one.key].since != one.since]
    over = [mailed[key] for key in sorted(mailed.keys() - {one.key for one in alerts})]
    return new, over


def send(new: list[Alert], over: list[ToldAlert]) -> None:
    """Send one mail and record its alerts. Raises NotSent, and then records nothing."""
    message = EmailMessage(
        subject=f"PactWatch: {_subject(new, over)}",
        body="\n".join(lines(new, over)),
        to=settings.ALERT_EMAILS,
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        counters().count("mail_failures")
        # Only the kind of fault: a mail server's words repeat the address.
        raise NotSent(type(error).__name__) from None
    with transaction.atomic():
        ToldAlert.objects.filter(pk__in=[row.pk for row in over]).delete()
        for one in new:
            values = {"since": one.since, "told_at": timezone.now()}
            ToldAlert.objects.update_or_create(kind=one.kind, subject=one.subject, defaults=values)


def lines(new: list[Alert], over: list[ToldAlert]) -> Iterator[str]:
    for kind in Kind:
        said = [one.said for one in new if one.kind == kind]
        yield from said[:SHOWN]
        if len(said) > SHOWN:
            yield _("And %(number)d more.") % {"number": len(said) - SHOWN}
    for row in over:
        yield _over(row)
    yield f"\n{settings.SITE_URL}{reverse('admin:index')}"


def _over(row: ToldAlert) -> str:
    return _("Over: %(what)s.") % {"what": f"{Kind(row.kind).label} {row.subject}".rstrip()}


def _subject(new: list[Alert], over: list[ToldAlert]) -> str:
    if len(new) == 1:
        return new[0].said.partition("\n")[0]
    if new:
        return _("%(number)d things need you") % {"number": len(new)}
    return _over(over[0]) if len(over) == 1 else _("%(number)d over") % {"number": len(over)}


def _lists(now: datetime.datetime) -> Iterator[Alert]:
    for one in open_tasks.list_ages():
        if one.read_at is None:
            said = _("%(pact)s: the list was never read.") % {"pact": one.pact.name}
            yield Alert(Kind.LIST, one.pact.slug, None, said)
        elif now - one.read_at >= datetime.timedelta(days=settings.ALERT_LIST_DAYS):
            facts = {"pact": one.pact.name, "days": _days(now, one.read_at)}
            said = _("%(pact)s: the list was not read for %(days)s.") % facts
            yield Alert(Kind.LIST, one.pact.slug, one.read_at, said)


def _backup(now: datetime.datetime) -> Iterator[Alert]:
    made = last_made(settings.BACKUP_DIR)
    if made is None:
        said = _("There is no whole backup in %(folder)s.") % {"folder": settings.BACKUP_DIR}
        yield Alert(Kind.BACKUP, "", None, said)
    elif now - made >= datetime.timedelta(days=settings.ALERT_BACKUP_DAYS):
        facts = {"days": _days(now, made), "day": _day(made)}
        said = _("There was no backup for %(days)s: the newest is dated %(day)s.") % facts
        yield Alert(Kind.BACKUP, "", made, said)


def _corrections(now: datetime.datetime) -> Iterator[Alert]:
    for receipt, since in open_tasks.corrections():
        if now - since >= datetime.timedelta(days=settings.ALERT_CORRECTION_DAYS):
            facts = {"receipt": receipt, "day": _day(since)}
            said = _("Correction %(receipt)s waits since %(day)s.") % facts
            yield Alert(Kind.CORRECTION, receipt, since, said)


def _proposals(now: datetime.datetime) -> Iterator[Alert]:
    for run, queue in open_tasks.proposals_by_reading().items():
        since = queue.oldest
        if since and now - since >= datetime.timedelta(days=settings.ALERT_PROPOSAL_DAYS):
            path = reverse("admin:companies_importrun_changelist") + f"{run}/review/"
            facts = {"number": queue.number, "day": _day(since), "url": settings.SITE_URL + path}
            said = ngettext(
                "%(number)d of a reading's proposals waits since %(day)s: %(url)s",
                "%(number)d of a reading's proposals wait since %(day)s: %(url)s",
                queue.number,
            )
            yield Alert(Kind.PROPOSAL, str(run), since, said % facts)


def _quotes() -> Iterator[Alert]:
    for check in open_tasks.lost_quotes():
        day = datetime.datetime.combine(check.since, datetime.time(), datetime.UTC)
        page = reverse(f"admin:{Citation._meta.label_lower.replace('.', '_')}_changelist")
        edit = f"{settings.SITE_URL}{page}{check.citation_id}/change/"
        facts = {"day": check.since, "url": check.url, "edit": edit}
        said = _("A quote is gone since %(day)s: %(url)s (%(edit)s)") % facts
        yield Alert(Kind.QUOTE, str(check.citation_id), day, said)


def _followers(now: datetime.datetime) -> Iterator[Alert]:
    due = open_tasks.oldest_delivery()
    if due and now - due >= DELIVERY_WAITS:
        said = f"Messages to followers wait since {timezone.localtime(due):%Y-%m-%d %H:%M}."
        yield Alert(Kind.DELIVERY, "", due, said)
    for one in open_tasks.paused_followers():
        said = f"Follower {one.pk} was not reached for 24 hours and is paused since "
        day = _day(one.state_since)
        yield Alert(Kind.FOLLOWER, str(one.pk), one.state_since, f"{said}{day}: {one.host}.")


def _days(now: datetime.datetime, then: datetime.datetime) -> str:
    days = (now - then).days
    return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}


def _day(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}"
