"""Create, test and end subscriptions; whoever has the private link may."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Change, Delivery, Subscription, SupplierCheck, host_of, packed

from .outbox import end, resume

if TYPE_CHECKING:
    from companies.importers.posting import Network

__all__ = [
    "NewWebhook",
    "WebhookRefused",
    "address_fault",
    "delete",
    "end",
    "follow",
    "pause",
    "renew_secret",
    "resume",
    "send_test",
    "subscription_of",
]

State = Subscription.State
MOST_UNCONFIRMED = 10  # of one host
SHOWN = 50  # deliveries


class WebhookRefused(Exception):
    """The webhook cannot be created or changed now; the message is in the active language."""


@dataclass(frozen=True)
class NewWebhook:
    """A new webhook, with the link token and secret that are shown only once."""

    subscription: Subscription
    token: str
    secret: str


def address_fault(url: str, network: "Network | None" = None) -> str:
    """Why nothing can be sent to `url`, in the active language; "" if it can."""
    # Late, with urllib3: most workers never see a webhook made.
    from companies.importers.download import DownloadError
    from companies.importers.posting import PUBLIC, refuse_address

    try:
        refuse_address(url, network=network or PUBLIC)
    except DownloadError as error:
        reasons = {
            "scheme": _("The address must begin with https://."),
            "credentials": _("The address must not hold a user name or a password."),
            "port": _("The address must not name a port: we send to port 443."),
            "address": _("This host is not on the public internet."),
            "network": _("This host was not found."),
        }
        return reasons.get(error.code) or _("This is not an address we can send to.")
    return ""


def follow(
    address: str,
    *,
    query: str = "",
    members: Callable[[], Collection[int]] = tuple,
    check: SupplierCheck | None = None,
    language: str,
) -> NewWebhook:
    """Create a webhook, active once its URL has answered the test sent at once.

    `members` reads the primary keys of the companies that the query finds.
    """
    host = host_of(address)
    waiting = Subscription.objects.filter(host=host, state=State.UNCONFIRMED)
    if waiting.count() >= MOST_UNCONFIRMED:
        raise WebhookRefused(_("Many webhooks at this host have not answered their test yet."))
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        # The number first: changes until the list is read are sent twice rather than never.
        last = Change.objects.order_by("-number").values_list("number", flat=True).first() or 0
        subscription = Subscription.objects.create(
            channel=Subscription.Channel.WEBHOOK,
            query=query,
            supplier_check=check,
            language=language,
            address=address,
            host=host,
            token_hash=_hash(token),
            secret=new_secret(),
            state_since=timezone.now(),
            position=last,
            members=packed(members()) if query else b"",
        )
        send_test(subscription)
    return NewWebhook(subscription, token, subscription.secret)


def new_secret() -> str:
    """256 random bits, in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def subscription_of(token: str) -> Subscription | None:
    webhooks = Subscription.objects.filter(channel=Subscription.Channel.WEBHOOK)
    found = webhooks.select_related("supplier_check")
    return found.filter(token_hash=_hash(token)).first()


def deliveries_of(subscription: Subscription) -> list[Delivery]:
    """The newest deliveries of a subscription."""
    return list(Delivery.objects.filter(subscription=subscription).order_by("-pk")[:SHOWN])


def send_test(subscription: Subscription) -> None:
    """Queue a test delivery, unless one waits already."""
    now = timezone.now()
    tests = Delivery.objects.waiting().filter(subscription=subscription, kind=Delivery.Kind.TEST)
    if subscription.state != State.ENDED and not tests.exists():
        Delivery.objects.create(
            subscription=subscription,
            kind=Delivery.Kind.TEST,
            key=f"test/{secrets.token_hex(8)}",
            made_at=now,
            next_attempt_at=now,
        )


def renew_secret(subscription: Subscription) -> str:
    """Replace the secret; later messages are signed with the new one only."""
    subscription.secret = new_secret()
    subscription.save(update_fields=["secret"])
    return subscription.secret


def pause(subscription: Subscription) -> None:
    if subscription.state == State.ACTIVE:
        end(subscription, State.PAUSED, Subscription.Reason.OWNER)


def delete(subscription: Subscription) -> None:
    """Delete the subscription with its log."""
    subscription.delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
