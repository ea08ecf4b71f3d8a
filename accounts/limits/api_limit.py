"""Limits API requests per client and minute, counted over all workers.

Only responses that Django makes count: cached ones, and those of a proxy, are free.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db import Error
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import RequestCount
from pactwatch.limits import network_of
from pactwatch.problems import API_PREFIX, problem

MINUTE = 60
# A worker writes so many requests to the database at once: for clients with few there is no write
# at all, and with n workers a client may get n - 1 times as many more than the limit.
TOGETHER = 20
PATIENCE = 30  # seconds without a query after the database did not respond
logger = logging.getLogger(__name__)


@dataclass
class _Client:
    shared: int = 0  # the count of all workers, when this one last read it
    unshared: int = 0  # requests since that no other worker knows of


class RequestCounter:
    """The requests of the current minute by client, in this worker and shared with the others."""

    def __init__(self) -> None:
        self.minute, self.silent_until = 0, 0.0
        self.clients, self.lock = defaultdict[str, _Client](_Client), Lock()

    def count(self, client: str, now: float) -> int:
        """Count one request; returns how many the client made this minute, as far as is known."""
        minute = int(now) // MINUTE
        with self.lock:
            if minute != self.minute:
                self.minute = minute
                self.clients.clear()
            mine = self.clients[client]
            mine.unshared += 1
            number, due = mine.shared + mine.unshared, mine.unshared >= TOGETHER
            if not due or now < self.silent_until:
                return number
            unshared, mine.shared, mine.unshared = mine.unshared, number, 0
        try:
            mine.shared = max(mine.shared, add(client, minute, unshared))
        except Error:  # a limit must not make the register unreadable
            logger.warning("Requests are counted by each worker for itself: no answer.")
            self.silent_until = now + PATIENCE
        return mine.shared + mine.unshared


COUNTER = RequestCounter()


def add(client: str, minute: int, number: int) -> int:
    """Add to a client's count; returns that of all workers. Four queries, six in a new minute."""
    row, is_new = RequestCount.objects.get_or_create(client=client, minute=minute)
    if is_new:
        RequestCount.objects.filter(minute__lt=minute).delete()
    RequestCount.objects.filter(pk=row.pk).update(number=F("number") + number)
    row.refresh_from_db()
    return row.number


class LimitRequests:
    """Middleware that sends RateLimit headers with API responses and enforces the limit.

    The headers follow draft 10 of "RateLimit header fields for HTTP".
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        counted = count(request)
        if counted is None:
            return self.get_response(request)
        refused = counted.is_over
        response = too_many(request, counted.left) if refused else self.get_response(request)
        counted.add_headers(response)
        return response


class CountedRequest(NamedTuple):
    """The number of a client's request, of the most that are allowed, and the seconds left."""

    number: int
    most: int
    left: int

    @property
    def is_over(self) -> bool:
        return self.number > self.most

    def add_headers(self, response: HttpResponse) -> None:
        remaining = max(self.most - self.number, 0)
        response.headers["RateLimit-Policy"] = f'"api";q={self.most};w={MINUTE}'
        response.headers["RateLimit"] = f'"api";r={remaining};t={self.left}'


def count(request: HttpRequest) -> CountedRequest | None:
    """Count a request; None if it is not limited."""
    most = settings.API_REQUESTS_PER_MINUTE
    is_limited = most and request.path_info.startswith(API_PREFIX)
    client = network_of(request) if is_limited else ""
    if not client:
        return None
    now = time.time()
    return CountedRequest(COUNTER.count(hash_of(client), now), most, MINUTE - int(now) % MINUTE)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    reason = _("Too many requests from this network. Try again in %(seconds)d seconds.")
    return problem(
        request,
        429,
        reason % {"seconds": seconds},
        kind=f"{settings.SITE_URL}/api/v1/docs/#limits",
        headers={"Retry-After": str(seconds)},
    )


def hash_of(client: str) -> str:
    return salted_hmac("accounts.limits.api_limit", client, algorithm="sha256").hexdigest()
