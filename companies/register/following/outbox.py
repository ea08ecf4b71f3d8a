"""The outbox: a process claims each delivery, sends it, and records the outcome.

A claim lasts longer than an attempt; if the process died, another one sends the same message.
"""

import datetime
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from companies.models import Change, Delivery, Subscription

Kind, State, Reason = Delivery.Kind, Subscription.State, Subscription.Reason
Channel, Fault = Subscription.Channel, Delivery.Fault
LEASE = datetime.timedelta(seconds=60)
PATIENCE = datetime.timedelta(hours=24)
PATIENCE_FOR_MAIL = datetime.timedelta(days=5)  # as mail servers have (RFC 5321, 4.5.4.1)
CONFIRM_WITHIN = datetime.timedelta(hours=48)  # of readers
OUR_MAIL_SERVER = (Fault.NETWORK, Fault.TIMEOUT)
FIRST_WAIT, LONGEST_WAIT = 10.0, 6 * 3600.0  # seconds
logger = logging.getLogger(__name__)


class AttemptResult(Enum):
    """The result of one attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GIVE_UP = "give up"
    GONE = "gone"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one attempt: result, response status, and a `Delivery.Fault`.

    `wait` are the seconds that the recipient asks to wait.
    """

    result: AttemptResult
    status: int | None = None
    fault: str = ""
    wait: float | None = None


def last_change() -> int:
    """The number of the newest change."""
    return Change.objects.order_by("-number").values_list("number", flat=True).first() or 0


# Claiming


def claim(chosen: Sequence[int], now: datetime.datetime) -> list[Delivery]:
    """Claim the deliveries that are still due, for this process."""
    with transaction.atomic():
        due = Delivery.objects.due(now).filter(pk__in=chosen)
        free = due.select_for_update(skip_locked=True, of=("self",))
        keys = list(free.values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=keys).update(
            claimed_until=now + LEASE,
            attempts=F("attempts") + 1,
            first_attempt_at=Coalesce("first_attempt_at", now),
        )
    claimed = Delivery.objects.filter(pk__in=keys).select_related("subscription__supplier_check")
    return list(claimed.order_by("pk"))


# Noting outcomes


def note(delivery: Delivery, outcome: Outcome, now: datetime.datetime) -> None:
    """Record the outcome of an attempt; a failed one is retried for 24 hours."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().filter(pk=delivery.pk).first()
        if row is None or not row.is_waiting:
            return  # its subscription is gone, or another process delivered it
        row.status, row.last_fault, row.claimed_until = outcome.status, outcome.fault, None
        row.refusals += outcome.fault == Fault.REFUSED
        subscription = Subscription.objects.select_for_update().get(pk=row.subscription_id)
        if outcome.result is AttemptResult.DELIVERED:
            row.delivered_at = now
            _reached(subscription, row, now)
        elif outcome.result is AttemptResult.RETRY and (
            wait := _wait(row, subscription, outcome, now)
        ):
            row.next_attempt_at = wait
            _failing(subscription, now)
        else:
            row.given_up_at = now
            _failing(subscription, now)
            _unreachable(subscription, row, outcome)
        row.save()


def _wait(
    row: Delivery, subscription: Subscription, outcome: Outcome, now: datetime.datetime
) -> datetime.datetime | None:
    """When to retry; None to give up.

    Each wait is about 3 times as long. A mail server of ours that is down is no fault of the
    reader's address: retries go on.
    """
    if row.kind == Kind.TEST and subscription.state != State.UNCONFIRMED:
        return None  # its owner looks at the answer
    mail = subscription.channel == Channel.EMAIL
    end_of_patience = (row.first_attempt_at or now) + (PATIENCE_FOR_MAIL if mail else PATIENCE)
    if mail and outcome.fault in OUR_MAIL_SERVER:
        end_of_patience = now + PATIENCE
    if now >= end_of_patience:
        return None
    seconds = min(FIRST_WAIT * 3 ** (row.attempts - 1), LONGEST_WAIT)
    seconds = max(
        seconds * (0.8 + secrets.randbelow(401) / 1000), min(outcome.wait or 0.0, LONGEST_WAIT)
    )
    return min(now + datetime.timedelta(seconds=seconds), end_of_patience)


def _reached(subscription: Subscription, row: Delivery, now: datetime.datetime) -> None:
    subscription.failing_since = None
    webhook = subscription.channel == Subscription.Channel.WEBHOOK
    if subscription.state == State.UNCONFIRMED and row.kind == Kind.TEST and webhook:
        subscription.state, subscription.state_since = State.ACTIVE, now
    subscription.save(update_fields=["failing_since", "state", "state_since"])


def _failing(subscription: Subscription, now: datetime.datetime) -> None:
    if subscription.failing_since is None:
        subscription.failing_since = now
        subscription.save(update_fields=["failing_since"])


def _unreachable(subscription: Subscription, row: Delivery, outcome: Outcome) -> None:
    if subscription.channel == Channel.EMAIL and subscription.state == State.UNCONFIRMED:
        return  # it is deleted after two days
    if outcome.result is AttemptResult.GONE:
        refused = outcome.fault == Fault.REFUSED
        end(subscription, State.ENDED, Reason.REFUSED if refused else Reason.GONE)
    elif subscription.state == State.UNCONFIRMED:
        end(subscription, State.ENDED, Reason.UNCONFIRMED)
    elif subscription.state == State.ACTIVE and row.kind not in Delivery.ASKED_FOR:
        end(subscription, State.PAUSED, Reason.FAILED)


def end(subscription: Subscription, state: Subscription.State, reason: Subscription.Reason) -> None:
    """Pause or end a subscription, and log it without its address."""
    rows = Subscription.objects.filter(pk=subscription.pk).exclude(state=State.ENDED)
    rows.update(state=state, state_reason=reason, state_since=timezone.now())
    logger.warning("Subscription %s is %s: %s.", subscription.pk, state.value, reason.value)


def resume(subscription: Subscription) -> None:
    """Resume a paused subscription, starting with undelivered messages."""
    now = timezone.now()
    with transaction.atomic():
        rows = Subscription.objects.filter(pk=subscription.pk, state=State.PAUSED)
        if rows.update(state=State.ACTIVE, state_reason="", state_since=now, failing_since=None):
            lost = Delivery.objects.filter(subscription=subscription.pk, given_up_at__isnull=False)
            lost.exclude(kind__in=Delivery.ASKED_FOR).update(
                given_up_at=None, attempts=0, first_attempt_at=None, next_attempt_at=now
            )


# What is over


def end_unconfirmed(now: datetime.datetime) -> int:
    """End webhooks not confirmed within 24 hours; returns how many."""
    late = Subscription.objects.filter(
        channel=Channel.WEBHOOK, state=State.UNCONFIRMED, made_at__lte=now - PATIENCE
    )
    return late.update(state=State.ENDED, state_reason=Reason.UNCONFIRMED, state_since=now)


def is_late(subscription: Subscription) -> bool:
    """Whether an unconfirmed reader's time is over."""
    late = subscription.made_at <= timezone.now() - CONFIRM_WITHIN
    return subscription.state == State.UNCONFIRMED and late


def delete_unconfirmed(now: datetime.datetime) -> int:
    """Delete readers who did not confirm within 48 hours; returns how many."""
    late = Subscription.objects.filter(
        channel=Channel.EMAIL, state=State.UNCONFIRMED, made_at__lte=now - CONFIRM_WITHIN
    )
    return late.delete()[1].get(Subscription._meta.label, 0)


def delete_ended(until: datetime.datetime) -> int:
    """Delete subscriptions that ended by then; returns how many."""
    ended = Subscription.objects.filter(state=State.ENDED, state_since__lte=until)
    return ended.delete()[1].get(Subscription._meta.label, 0)


def delete_log(until: datetime.datetime) -> int:
    """Delete deliveries finished by then; returns how many."""
    deleted = Delivery.objects.filter(delivered_at__lte=until).delete()[0]
    return deleted + Delivery.objects.filter(given_up_at__lte=until).delete()[0]
