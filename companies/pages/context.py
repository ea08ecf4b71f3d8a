"""What every template may use."""

from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.urls import translate_url
from django.utils.translation import get_language

from companies import queries
from companies.models import DEFAULT_PACT
from companies.register.recorded import first_recorded_on

OTHER_LANGUAGE = {"en": "fr", "fr": "en"}


def site(request: HttpRequest) -> dict[str, Any]:
    query = _query(request)
    past = queries.asked_moment(query)
    # Another pact is another page; whatever else is asked for shows the same page otherwise.
    pact = query.get("pact", DEFAULT_PACT)
    pact = f"?pact={pact}" if pact != DEFAULT_PACT and pact.replace("-", "").isalnum() else ""
    here = {code: translate_url(request.path, code) for code in OTHER_LANGUAGE}
    other = OTHER_LANGUAGE[get_language() or "en"]
    return {
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "addresses": {code: settings.SITE_URL + path + pact for code, path in here.items()},
        "canonical": settings.SITE_URL + request.path + pact,
        "past": _past(request, past) if past.is_past else None,
        "other_language": other,
        "other_address": here[other] + (f"?{query.urlencode()}" if query else ""),
    }


def _past(request: HttpRequest, moment: queries.Moment) -> dict[str, Any]:
    """Which past a page shows, and where the same page shows today."""
    today = request.GET.copy()
    for name in ("as_of", "recorded_as_of", "page"):
        today.pop(name, None)
    began_on = first_recorded_on() if moment.recorded_as_of else None
    nothing_yet = began_on and moment.recorded_as_of and moment.recorded_as_of < began_on
    return {
        "as_of": moment.as_of,
        "recorded_as_of": moment.recorded_as_of,
        "began_on": began_on if nothing_yet else None,
        "query": moment.query,
        "address_today": request.path + (f"?{today.urlencode()}" if today else ""),
    }


def _query(request: HttpRequest) -> QueryDict:
    """The query, or none where there is too much of it: the page that says so needs one too."""
    try:
        return request.GET
    except TooManyFieldsSent:
        return QueryDict()
