"""What every template may use."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.urls import translate_url

from companies import queries
from companies.models import DEFAULT_PACT
from companies.queries.recorded import first_recorded_on


@dataclass(frozen=True)
class Translation:
    """The same page in one of the site's languages, under the name that language gives itself."""

    code: str
    name: str
    path: str

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.path


def translations(path: str, query: str = "") -> list[Translation]:
    """The page at `path` in every language of the site."""
    return [
        Translation(code, name, translate_url(path, code) + query)
        for code, name in settings.LANGUAGES
    ]


def site(request: HttpRequest) -> dict[str, Any]:
    query = _query(request)
    past = queries.asked_moment(query)
    # Another pact is another page; whatever else is asked for shows the same page otherwise.
    pact = query.get("pact", DEFAULT_PACT)
    pact = f"?pact={pact}" if pact != DEFAULT_PACT and pact.replace("-", "").isalnum() else ""
    asked = f"?{query.urlencode()}" if query else ""
    return {
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "alternates": translations(request.path, pact),
        "languages": translations(request.path, asked),
        "canonical": settings.SITE_URL + request.path + pact,
        "past": _past(request, past) if past.is_past else None,
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
