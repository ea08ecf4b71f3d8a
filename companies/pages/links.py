"""Links that several pages share."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    QueryDict,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from companies.queries.querysets import company_moved_from

# No cache stores it, no search engine lists it, no other site receives its URL as a referrer.
PRIVATE = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def private(response: HttpResponseBase) -> HttpResponse:
    for name, value in PRIVATE.items():
        response.headers[name] = value
    return response  # type: ignore[return-value]  # a stream is an answer too


def kept_by(key: str, response: HttpResponse) -> HttpResponse:
    """Let an answer outlive edits of anything but what the key names, if it names something."""
    if key:
        response.headers["Surrogate-Key"] = key
    return response


def redirect_renamed(request: HttpRequest, view: str, slug: str) -> HttpResponsePermanentRedirect:
    """A 308 to `view` of the company that had this slug before; Http404 for an unknown one."""
    company = company_moved_from(slug)
    if company is None:
        raise Http404(_("We have no company called “%(slug)s”.") % {"slug": slug[:100]})
    url = reverse(view, args=[company.slug]) + query_string(request.GET)
    return HttpResponsePermanentRedirect(url, preserve_request=True)


def query_string(query: QueryDict) -> str:
    """The query with its question mark, or nothing."""
    return f"?{query.urlencode()}" if query else ""


def feed_query(query: QueryDict, *, but: Iterable[str] = ()) -> str:
    """The query of a feed that holds what the page shows."""
    rest = query.copy()
    for name in ("page", "view", "before", *but):
        rest.pop(name, None)
    return query_string(rest)


def list_query(query: QueryDict) -> str:
    """The query of a list, whatever its order and whichever part of it is shown."""
    return feed_query(query, but=("sort", "page_size", "compare"))


@dataclass(frozen=True)
class Chip:
    """A filter in force, with the query string that removes it."""

    label: str
    without: str


def chip(label: str, query: QueryDict, name: str, value: str) -> Chip:
    """The chip of one value of a repeatable parameter; removing it leads to the first page."""
    rest = query.copy()
    for place in ("page", "before"):
        rest.pop(place, None)
    rest.setlist(name, [other for other in rest.getlist(name) if other != value])
    return Chip(label, f"?{rest.urlencode()}")


@dataclass(frozen=True)
class QuickFilter:
    """A range of days as a link, with the number of its events or changes."""

    label: str
    number: int | None
    url: str
    chosen: bool
