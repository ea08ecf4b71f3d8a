"""What every template may use."""

from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.urls import translate_url
from django.utils.translation import get_language

from companies.models import DEFAULT_PACT

OTHER_LANGUAGE = {"en": "fr", "fr": "en"}


def site(request: HttpRequest) -> dict[str, Any]:
    query = _query(request)
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
        "other_language": other,
        "other_address": here[other] + (f"?{query.urlencode()}" if query else ""),
    }


def _query(request: HttpRequest) -> QueryDict:
    """The query, or none where there is too much of it: the page that says so needs one too."""
    try:
        return request.GET
    except TooManyFieldsSent:
        return QueryDict()
