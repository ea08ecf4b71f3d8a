"""Send a delivery as a signed POST, by Standard Webhooks (https://www.standardwebhooks.com)."""

import base64
import time
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives import hashes, hmac
from django.conf import settings

from companies.importers.posting import PUBLIC, Network, Posted, post
from companies.models import Delivery

from .outbox import AttemptResult, Outcome
from .sending import Channel, Send

GONE = 410
PREFIX = "whsec_"
KNOWN_FAULTS = {"status", "redirect", "timeout", "network", "certificate", "answer"}


def webhooks(content_of: Callable[[Delivery], bytes], network: Network = PUBLIC) -> Channel:
    """The webhook channel; `content_of` makes a body, `network` says how to reach hosts."""

    def ready(delivery: Delivery) -> Send:
        to = delivery.subscription
        content = content_of(delivery)
        return partial(
            _send,
            to.address,
            to.secret,
            delivery.message_id,
            content,
            network=network,
        )

    return ready


def signature(secret: str, message_id: str, timestamp: int, content: bytes) -> str:
    """The signature of one attempt."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.HMAC(key, hashes.SHA256())
    signed.update(f"{message_id}.{timestamp}.".encode() + content)
    return "v1," + base64.b64encode(signed.finalize()).decode()


def _send(url: str, secret: str, message_id: str, content: bytes, *, network: Network) -> Outcome:
    timestamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": settings.WATCH_USER_AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id, timestamp, content),
    }
    return outcome_of(post(url, content, headers, network=network))


def outcome_of(answer: Posted) -> Outcome:
    status = answer.status or None
    if answer.is_taken:
        return Outcome(AttemptResult.DELIVERED, status)
    if answer.status == GONE:
        return Outcome(AttemptResult.GONE, status, Delivery.Fault.STATUS)
    fault = answer.fault if answer.fault in KNOWN_FAULTS else Delivery.Fault.ADDRESS
    return Outcome(AttemptResult.RETRY, status, fault, answer.retry_after)
