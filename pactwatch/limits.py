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


def address_of(request: HttpRequest) -> str:
    """The client's IP address; "" behind a proxy that does not send it."""
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        found = ip_address(said.partition("%")[0])
    except ValueError:
        return ""
    # An IPv4 client of a socket for both: else all of them would be one network.
    mapped = found.ipv4_mapped if found.version == 6 else None
    return str(mapped or found)


def network_of(request: HttpRequest) -> str:
    """The network that counts as one client: an IPv4 address, or a /64 of IPv6."""
    address = address_of(request)
    return str(ip_network((address, 64), strict=False)) if ":" in address else address
