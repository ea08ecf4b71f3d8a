"""Refuses forms sent from other sites by the browser's headers: there is no cookie to check."""

from urllib.parse import urlsplit

from django.http import HttpRequest


def is_cross_site(request: HttpRequest) -> bool:
    """Whether the browser says that a page of another site sent the request."""
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
