"""Send due deliveries concurrently, so that slow recipients do not delay the others.

A channel prepares a delivery here, with the database, and returns a function that sends it in a
thread without the database: no transaction is open meanwhile. Few are sent at once to one host, and
to hosts that were slow or failed.
"""

import datetime
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.db.models import Q, QuerySet
from django.utils import timezone

from companies.models import Delivery, Subscription

from .outbox import AttemptResult, Outcome, claim, end_unconfirmed, note

Send = Callable[[], Outcome]
Channel = Callable[[Delivery], Send]

AT_ONCE, SLOW_AT_ONCE, OF_A_HOST = 16, 4, 2
SLOW = 2.0  # seconds
EVERY = 5.0  # seconds between two looks for what changed
MARGIN = datetime.timedelta(seconds=20)  # of the lease, which an attempt may take
LOOKED_AT = 200  # rows

State = Subscription.State


def deliver(channels: Mapping[str, Channel], make: Callable[[], object]) -> int:
    """Send all due deliveries; returns how many messages arrived.

    `make` creates deliveries of new changes: at the start, and again every few seconds.
    """
    end_unconfirmed(timezone.now())
    sender = _Sender(channels, make)
    with ThreadPoolExecutor(AT_ONCE) as sender.pool:
        while sender.begin():
            sender.finish()
    return sender.delivered


class _Sender:
    """The state of one run: attempts in progress, slow hosts, and arrived messages."""

    pool: ThreadPoolExecutor

    def __init__(self, channels: Mapping[str, Channel], make: Callable[[], object]) -> None:
        self.channels, self.make = channels, make
        self.running: dict[Future[tuple[Outcome | None, float]], Delivery] = {}
        self.slow_hosts: set[str] = set()
        self.made_at = float("-inf")
        self.delivered = 0

    def begin(self) -> bool:
        """Start due deliveries as far as there is room; False when there is nothing to do."""
        if time.monotonic() - self.made_at >= EVERY:
            self.make()
            self.made_at = time.monotonic()
        now = timezone.now()
        for one in claim(self._choose(now), now):
            send = self.channels[one.subscription.channel](one)
            self.running[self.pool.submit(_attempt, send, one.claimed_until)] = one
        return bool(self.running)

    def finish(self) -> None:
        """Wait for an attempt to finish, or until it is time to look for changes."""
        ended, _running = wait(self.running, timeout=EVERY, return_when=FIRST_COMPLETED)
        for future in ended:
            delivery = self.running.pop(future)
            outcome, seconds = future.result(timeout=0)
            if outcome is None:
                continue
            note(delivery, outcome, timezone.now())
            arrived = outcome.result is AttemptResult.DELIVERED
            self.delivered += arrived
            keep = self.slow_hosts.discard if arrived and seconds < SLOW else self.slow_hosts.add
            keep(delivery.subscription.host)

    def _choose(self, now: datetime.datetime) -> list[int]:
        """The deliveries to send next, by primary key."""
        hosts = Counter(one.subscription.host for one in self.running.values())
        slow = sum(self._is_slow(one.subscription) for one in self.running.values())
        chosen: list[int] = []
        found: list[Delivery] | None = None
        while found is None or found:
            found = []
            for one in self._candidates(now, hosts, chosen, slow)[:LOOKED_AT]:
                host, is_slow = one.subscription.host, self._is_slow(one.subscription)
                if len(chosen) + len(self.running) == AT_ONCE:
                    return chosen
                if hosts[host] < OF_A_HOST and not (is_slow and slow >= SLOW_AT_ONCE):
                    hosts[host] += 1
                    slow += is_slow
                    chosen.append(one.pk)
                    found.append(one)
        return chosen

    def _candidates(
        self, now: datetime.datetime, hosts: Counter[str], chosen: list[int], slow: int
    ) -> QuerySet[Delivery]:
        full = [host for host, number in hosts.items() if number >= OF_A_HOST]
        due = Delivery.objects.due(now).select_related("subscription").exclude(pk__in=chosen)
        due = due.exclude(subscription__host__in=full)
        if slow < SLOW_AT_ONCE:
            return due
        return due.exclude(
            Q(subscription__state=State.UNCONFIRMED)
            | Q(subscription__failing_since__isnull=False)
            | Q(subscription__host__in=sorted(self.slow_hosts))
        )

    def _is_slow(self, subscription: Subscription) -> bool:
        """Whether the recipient may be slow: its host is unknown, or was slow before."""
        return (
            subscription.state == State.UNCONFIRMED
            or subscription.failing_since is not None
            or subscription.host in self.slow_hosts
        )


def _attempt(send: Send, until: datetime.datetime | None) -> tuple[Outcome | None, float]:
    """The outcome and duration; no outcome once another process may send it."""
    if until is None or timezone.now() > until - MARGIN:
        return None, 0.0
    begin = time.monotonic()
    return send(), time.monotonic() - begin
