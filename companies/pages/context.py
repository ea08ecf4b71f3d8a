"""Context processors for all templates."""

from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict

from companies.models import DEFAULT_PACT
from companies.pages.embedding.share_image import PictureOfPage
from companies.pages.links import list_query
from companies.queries import Clock, clock_of, first_recorded_on
from pactwatch.languages import translations


def site(request: HttpRequest) -> dict[str, Any]:
    query = _query(request)
    clock = clock_of(request)
    # Another pact is another page; other parameters show the same page differently.
    pact = query.get("pact", DEFAULT_PACT)
    pact = f"?pact={pact}" if pact != DEFAULT_PACT and pact.replace("-", "").isalnum() else ""
    suffix = f"?{query.urlencode()}" if query else ""
    alternates = translations(request.path, pact)
    return {
        "site_url": settings.SITE_URL,
        "sends_mail": bool(settings.EMAIL_URL),
        "contact_email": settings.CONTACT_EMAIL,
        "release": settings.VERSION,
        "alternates": alternates,
        # Mostly the same: to find a page in each language takes 0.15 ms.
        "languages": alternates if suffix == pact else translations(request.path, suffix),
        "canonical": settings.SITE_URL + request.path + pact,
        "list_query": list_query(query),
        "share_image": PictureOfPage(request),
        "day": clock.day,
        "is_past": clock.is_past,
        **(_past(request, clock) if clock.is_past else {}),
    }


def _past(request: HttpRequest, clock: Clock) -> dict[str, Any]:
    """For a past page: the URL of the same page today, and the first recorded day if later."""
    today = request.GET.copy()
    for name in ("as_of", "recorded_as_of", "page"):
        today.pop(name, None)
    recorded_on = clock.past.get("recorded_as_of")
    began_on = first_recorded_on() if recorded_on else None
    return {
        "began_on": began_on if began_on and recorded_on and recorded_on < began_on else None,
        "url_today": request.path + (f"?{today.urlencode()}" if today else ""),
    }


def _query(request: HttpRequest) -> QueryDict:
    """The query parameters; empty if they are too many, for the error page."""
    try:
        return request.GET
    except TooManyFieldsSent:
        return QueryDict()
