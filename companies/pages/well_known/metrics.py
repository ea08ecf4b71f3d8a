"""/metrics for Prometheus, protected by the token in the settings."""

import datetime
from collections.abc import Iterator

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from companies.models import Delivery
from companies.queries.upkeep import open_tasks
from companies.register.backups.folders import last_made
from companies.register.history import current_version
from pactwatch.measuring.counters import counters
from pactwatch.measuring.exposition import CONTENT_TYPE, Metric, of_requests, written
from pactwatch.outages import reopen_replaced_file


def metrics(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        answer = HttpResponse("A token is needed.\n", status=401, content_type="text/plain")
        answer.headers["WWW-Authenticate"] = "Bearer"
    else:
        found = [*of_requests(counters().of_all()), *_of_the_service()]
        answer = HttpResponse(written(found), content_type=CONTENT_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _of_the_service() -> Iterator[Metric]:
    yield _gauge("info", "The release that answers.", 1, release=settings.VERSION)
    made = last_made(settings.BACKUP_DIR)
    yield _timestamp("backup", "When the newest whole backup was made.", made)
    try:
        reopen_replaced_file()
        found = [*_of_the_register()]
    except Error:
        found = []
    yield _gauge("database_up", "Whether the database answers.", bool(found))
    yield from found


def _of_the_register() -> Iterator[Metric]:
    vendor = connection.vendor
    yield _gauge("register_version", "Grows with each edit.", current_version(), database=vendor)
    lists = open_tasks.list_ages()
    yield Metric(
        "list_read_timestamp_seconds",
        "gauge",
        "When each watched list was last read whole.",
        [("", {"pact": one.pact.slug}, one.read_at.timestamp()) for one in lists if one.read_at],
    )
    yield Metric(
        "list_last_attempt",
        "gauge",
        "How the last attempt to read each watched list ended.",
        [("", {"pact": one.pact.slug, "state": one.last_state or "never"}, 1) for one in lists],
    )
    proposals = open_tasks.proposals_by_reading().values()
    total = sum(queue.number for queue in proposals)
    yield _gauge("proposals_waiting", "Proposals that nobody decided on.", total)
    oldest = min((queue.oldest for queue in proposals if queue.oldest), default=None)
    yield _timestamp("oldest_proposal", "When the oldest of them was made.", oldest)
    corrections = open_tasks.corrections()
    yield _gauge("corrections_waiting", "Corrections without an answer.", len(corrections))
    received = corrections[0][1] if corrections else None
    yield _timestamp("oldest_correction", "When the oldest of them was received.", received)
    waiting = Delivery.objects.waiting().count()
    yield _gauge("deliveries_waiting", "Messages to followers not delivered yet.", waiting)
    due = open_tasks.oldest_delivery()
    yield _timestamp("oldest_delivery", "Since when the oldest that may be sent is due.", due)
    unverified = open_tasks.unverified_citations()
    yield _gauge("citations_unverified", "Citations that nobody saw on their page.", unverified)
    lost = len(open_tasks.lost_quotes())
    yield _gauge("quotes_lost", "Quotes that are no longer on their page.", lost)


def _gauge(name: str, explained: str, value: float, **labels: str) -> Metric:
    return Metric(name, "gauge", explained, [("", labels, value)])


def _timestamp(name: str, explained: str, at: datetime.datetime | None) -> Metric:
    values: list[tuple[str, dict[str, str], float]] = [("", {}, at.timestamp())] if at else []
    return Metric(f"{name}_timestamp_seconds", "gauge", explained, values)
