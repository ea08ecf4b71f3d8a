"""How often one reader may ask for what costs much. Addresses are kept nowhere, not even here."""

import time
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def is_over_limit(request: HttpRequest, *, what: str, most: int, seconds: int) -> bool:
    """Whether this request is more than the `most` that a reader may make of `what` in a while."""
    reader = _reader(request)
    if not reader:
        return False
    window = int(time.time()) // seconds
    digest = salted_hmac("pactwatch.limits", f"{what} {window} {reader}").hexdigest()
    key = f"limit:{what}:{digest}"
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # the cache made room for something else just now
        return False


def _reader(request: HttpRequest) -> str:
    """The network a request comes from; "" where a proxy does not say, for then all are one."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    # Of IPv6 every reader has a whole network.
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
