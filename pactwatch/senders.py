"""What keeps a form without login or cookie from being misused: whence it is sent, and how often.

No address is stored: the count is kept under a keyed hash of it, and forgotten after the hour.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

HOUR = 3600


def comes_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the browser says that a page of another site sent this."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if not origin:
        return False
    try:
        return urlsplit(origin).netloc != request.get_host()
    except ValueError:
        return True


def may_send(request: HttpRequest, *, what: str, an_hour: int) -> bool:
    """Count one more sending of `what`; False when this address sent enough within the hour."""
    sender = _sender(request)
    if not sender:
        return True
    hour = f"{timezone.now():%Y-%m-%d %H}"
    hidden = salted_hmac(f"{__name__} {what} {hour}", sender, algorithm="sha256").hexdigest()
    key = f"sent:{hidden}"
    cache.add(key, 0, timeout=HOUR)
    try:
        return cache.incr(key) <= an_hour
    except ValueError:  # forgotten between the two lines
        return True


def _sender(request: HttpRequest) -> str:
    """The client's network, "" where it cannot be known: a proxy must not be taken for one."""
    text = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        # The last one is what our own proxy saw; the others are what the client claims.
        text = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    # One household or machine has as many addresses of IPv6 as it likes, in one network.
    prefix = 32 if address.version == 4 else 64
    return str(ipaddress.ip_network((address, prefix), strict=False))
