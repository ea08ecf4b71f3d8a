"""Open tasks for operators and alerts: lists, proposals, corrections, quotes."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone

from companies.models import (
    Citation,
    Correction,
    Delivery,
    Pact,
    Proposal,
    QuoteCheck,
    Subscription,
)
from companies.queries.clocks import Clock
from companies.queries.readings import full_lists, last_states, lists_read

When = datetime.datetime | None
LOST = (*QuoteCheck.LOST, QuoteCheck.Result.GONE)


@dataclass(frozen=True)
class ListAge:
    """When a watched list was last read completely, and the last attempt's state ("" for none)."""

    pact: Pact
    read_at: When
    last_state: str


@dataclass(frozen=True)
class Queue:
    """The number of undecided rows, and the age of the oldest."""

    number: int
    oldest: When


def list_ages() -> list[ListAge]:
    states = last_states()
    return [
        ListAge(one.pact, one.newest.read_at if one.newest else None, states.get(one.pact.pk, ""))
        for one in lists_read(full_lists(Clock()))
    ]


def proposals_by_reading() -> dict[int, Queue]:
    """Open proposals by primary key of their run."""
    waiting = Proposal.objects.filter(state=Proposal.State.PROPOSED).order_by()
    found = waiting.values_list("run").annotate(Count("pk"), Min("run__retrieved_at"))
    return {run: Queue(number, oldest) for run, number, oldest in found}


def corrections() -> list[tuple[str, datetime.datetime]]:
    """Receipts of open corrections with their dates, oldest first."""
    waiting = Correction.objects.waiting().order_by("received_at", "pk")
    return list(waiting.values_list("receipt", "received_at"))


def oldest_delivery() -> When:
    """When the oldest sendable delivery became due."""
    due = Delivery.objects.due(timezone.now())
    return due.values_list("next_attempt_at", flat=True).first()


def paused_followers() -> list[Subscription]:
    """Subscriptions paused because nothing could be delivered for a day."""
    paused = Subscription.objects.filter(state=Subscription.State.PAUSED)
    return list(paused.filter(state_reason=Subscription.Reason.FAILED).order_by("pk"))


def unverified_citations() -> int:
    return Citation.objects.filter(verified_on=None).count()


def lost_quotes() -> list[QuoteCheck]:
    """Checks of quotes that disappeared from their page, latest first."""
    return list(
        QuoteCheck.objects.of_current_quotes()
        .filter(result__in=LOST)
        .order_by("-since", "citation_id")
    )
