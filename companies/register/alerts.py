"""What needs the operator, told by mail in words: each once, until it changes.

A mail that the server does not take marks nothing as told, so that the next run tells all of it.
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

from companies.models import Citation, ToldAlert
from companies.queries.upkeep import what_waits
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
    """One thing that needs somebody, in a sentence."""

    kind: str
    subject: str
    since: datetime.datetime | None
    said: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.subject


def current(now: datetime.datetime) -> list[Alert]:
    """All that needs somebody now."""
    return [
        *_lists(now),
        *_backup(now),
        *_corrections(now),
        *_proposals(now),
        *_quotes(),
        *_followers(now),
    ]


def news(alerts: list[Alert]) -> tuple[list[Alert], list[ToldAlert]]:
    """The alerts that were not told yet as they are, and what was told and is over."""
    told = {(row.kind, row.subject): row for row in ToldAlert.objects.all()}
    new = [one for one in alerts if one.key not in told or told[one.key].since != one.since]
    over = [told[key] for key in sorted(told.keys() - {one.key for one in alerts})]
    return new, over


def tell(new: list[Alert], over: list[ToldAlert]) -> None:
    """Send one mail and note what it told. Raises NotSent, and then nothing is noted."""
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
            yield f"And {len(said) - SHOWN} more."
    for row in over:
        yield f"Over: {Kind(row.kind).label} {row.subject}".rstrip() + "."
    yield f"\n{settings.SITE_URL}{reverse('admin:index')}"


def _subject(new: list[Alert], over: list[ToldAlert]) -> str:
    if len(new) == 1:
        return new[0].said.partition("\n")[0]
    return f"{len(new)} things need you" if new else f"{len(over)} over"


def _lists(now: datetime.datetime) -> Iterator[Alert]:
    for one in what_waits.list_ages():
        name, days = one.pact.name_en, settings.ALERT_LIST_DAYS
        if one.read_at is None:
            yield Alert(Kind.LIST, one.pact.slug, None, f"{name}: the list was never read.")
        elif now - one.read_at >= datetime.timedelta(days=days):
            said = f"{name}: the list was not read for {_days(now, one.read_at)}."
            yield Alert(Kind.LIST, one.pact.slug, one.read_at, said)


def _backup(now: datetime.datetime) -> Iterator[Alert]:
    made = last_made(settings.BACKUP_DIR)
    if made is None:
        yield Alert(Kind.BACKUP, "", None, f"There is no whole backup in {settings.BACKUP_DIR}.")
    elif now - made >= datetime.timedelta(days=settings.ALERT_BACKUP_DAYS):
        said = f"There was no backup for {_days(now, made)}: the newest is of {_day(made)}."
        yield Alert(Kind.BACKUP, "", made, said)


def _corrections(now: datetime.datetime) -> Iterator[Alert]:
    for receipt, since in what_waits.corrections():
        if now - since >= datetime.timedelta(days=settings.ALERT_CORRECTION_DAYS):
            said = f"Correction {receipt} waits since {_day(since)}."
            yield Alert(Kind.CORRECTION, receipt, since, said)


def _proposals(now: datetime.datetime) -> Iterator[Alert]:
    for run, queue in what_waits.proposals_by_reading().items():
        since = queue.oldest
        if since and now - since >= datetime.timedelta(days=settings.ALERT_PROPOSAL_DAYS):
            address = reverse("admin:companies_importrun_changelist") + f"{run}/review/"
            said = f"{queue.number} of a reading's proposals wait since {_day(since)}: "
            yield Alert(Kind.PROPOSAL, str(run), since, f"{said}{settings.SITE_URL}{address}")


def _quotes() -> Iterator[Alert]:
    for check in what_waits.lost_quotes():
        day = datetime.datetime.combine(check.since, datetime.time(), datetime.UTC)
        page = reverse(f"admin:{Citation._meta.label_lower.replace('.', '_')}_changelist")
        said = f"A quote is gone since {check.since}: {check.url} ({settings.SITE_URL}{page}"
        yield Alert(Kind.QUOTE, str(check.citation_id), day, f"{said}{check.citation_id}/change/)")


def _followers(now: datetime.datetime) -> Iterator[Alert]:
    due = what_waits.oldest_delivery()
    if due and now - due >= DELIVERY_WAITS:
        said = f"Messages to followers wait since {timezone.localtime(due):%Y-%m-%d %H:%M}."
        yield Alert(Kind.DELIVERY, "", due, said)
    for one in what_waits.paused_followers():
        said = f"Follower {one.pk} was not reached for 24 hours and is paused since "
        day = _day(one.state_since)
        yield Alert(Kind.FOLLOWER, str(one.pk), one.state_since, f"{said}{day}: {one.host}.")


def _days(now: datetime.datetime, then: datetime.datetime) -> str:
    days = (now - then).days
    return f"{days} day{'s' if days != 1 else ''}"


def _day(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}"
