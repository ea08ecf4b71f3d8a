"""Write the audit log: a row for administrators, and a line to the log outside the database."""

import json
import logging
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from simple_history.models import HistoricalRecords

from pactwatch.limits import address_of, network_of

from .models import DEVICE, AccountEvent

log = logging.getLogger("pactwatch.audit")


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from; empty for a management command."""

    address: str = ""
    network: str = ""
    device: str = ""

    @classmethod
    def of(cls, request: HttpRequest | None) -> Self:
        if request is None:
            return cls()
        device = one_line(request.META.get("HTTP_USER_AGENT", ""))[:DEVICE]
        return cls(address_of(request), network_of(request), device)


def current_request() -> HttpRequest | None:
    """The request of this thread, which signal receivers are not given."""
    return getattr(HistoricalRecords.context, "request", None)


def record(
    kind: AccountEvent.Kind,
    *,
    account: User | None = None,
    detail: str = "",
    request: HttpRequest | None = None,
) -> None:
    """Write one event; its author is the logged-in user of the request."""
    request = request or current_request()
    visitor = Visitor.of(request)
    user = getattr(request, "user", None)
    by = user if user and user.is_authenticated else None
    event = AccountEvent.objects.create(
        kind=kind,
        **named("account", account),
        **named("by", by),
        address=visitor.address or None,
        network=visitor.network,
        device=visitor.device,
        detail=one_line(detail)[:500],
    )
    # What is rolled back did not happen.
    transaction.on_commit(partial(log.info, "%s", line(event)))


def exported(what: str) -> None:
    """Log that data left the database by another way than a public page."""
    try:
        record(AccountEvent.Kind.EXPORTED, detail=what)
    except DatabaseError:  # of a database that takes no rows, a copy is wanted all the more
        log.warning("Not in the table: exported %s", one_line(what), exc_info=True)


def named(role: str, user: Any) -> dict[str, Any]:
    """The current name of an account, which may be renamed or deleted later."""
    if user is None:
        return {}
    return {f"{role}_pk": user.pk, role: one_line(user.get_username())[:150]}


def line(event: AccountEvent) -> str:
    """An event as ASCII JSON, in which no text can start a new line."""
    fields = {
        "event": event.kind,
        "account": event.account,
        "account_pk": event.account_pk,
        "by": event.by,
        "by_pk": event.by_pk,
        "address": event.address,
        "device": event.device,
        "detail": event.detail,
    }
    return json.dumps({name: value for name, value in fields.items() if value not in (None, "")})


def one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
