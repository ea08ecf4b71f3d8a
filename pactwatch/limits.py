"""Limits how often one client may do something expensive, without storing its IP address."""

import time
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def is_over_limit(request: HttpRequest, *, what: str, most: int, seconds: int) -> bool:
    """Whether a client has made more than `most` requests for `what` in a window of `seconds`."""
    client = network_of(request)
    if not client:
        return False
    window = int(time.time()) // seconds
    counted = f"{what} {window} {client}"
    digest = salted_hmac("pactwatch.limits", counted, algorithm="sha256").hexdigest()
    key = f"limit:{what}:{digest}"
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # the cache has just dropped the key
        return False


def network_of(request: HttpRequest) -> str:
    """The network of a client; "" behind a proxy that does not state it, where all look alike."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    # An IPv6 client has a whole /64 network.
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
