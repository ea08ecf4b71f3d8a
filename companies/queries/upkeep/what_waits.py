"""What waits for whoever runs the register: lists to read, proposals, corrections, quotes."""

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
    """When a watched list was last read whole, and how the last attempt ended ("" for none)."""

    pact: Pact
    read_at: When
    last_state: str


@dataclass(frozen=True)
class Queue:
    """How many rows nobody has decided on, and since when the oldest of them waits."""

    number: int
    oldest: When


def list_ages() -> list[ListAge]:
    states = last_states()
    return [
        ListAge(one.pact, one.newest.read_at if one.newest else None, states.get(one.pact.pk, ""))
        for one in lists_read(full_lists(Clock()))
    ]


def proposals_by_reading() -> dict[int, Queue]:
    """The proposals that wait, by primary key of the reading that made them."""
    waiting = Proposal.objects.filter(state=Proposal.State.PROPOSED).order_by()
    found = waiting.values_list("run").annotate(Count("pk"), Min("run__retrieved_at"))
    return {run: Queue(number, oldest) for run, number, oldest in found}


def corrections() -> list[tuple[str, datetime.datetime]]:
    """The receipts of corrections that wait, the oldest first, and since when."""
    waiting = Correction.objects.waiting().order_by("received_at", "pk")
    return list(waiting.values_list("receipt", "received_at"))


def oldest_delivery() -> When:
    """Since when the oldest message to a follower that may be sent now is due."""
    due = Delivery.objects.due(timezone.now())
    return due.values_list("next_attempt_at", flat=True).first()


def paused_followers() -> list[Subscription]:
    """Those to whom nothing could be delivered for a day."""
    paused = Subscription.objects.filter(state=Subscription.State.PAUSED)
    return list(paused.filter(state_reason=Subscription.Reason.FAILED).order_by("pk"))


def unverified_citations() -> int:
    return Citation.objects.filter(verified_on=None).count()


def lost_quotes() -> list[QuoteCheck]:
    """The checks of quotes that are no longer where they stood, the latest lost first."""
    return list(
        QuoteCheck.objects.standing().filter(result__in=LOST).order_by("-since", "citation_id")
    )
