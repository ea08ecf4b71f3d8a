"""Link helpers that several pages share."""

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


def with_cache_key(key: str, response: HttpResponse) -> HttpResponse:
    """Set Surrogate-Key, so that the response survives edits of anything else; "" sets nothing."""
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
    """The query string with "?", or ""."""
    return f"?{query.urlencode()}" if query else ""


def feed_query(query: QueryDict, *, but: Iterable[str] = ()) -> str:
    """The query string of the feed for this page."""
    rest = query.copy()
    for name in ("page", "view", "before", *but):
        rest.pop(name, None)
    return query_string(rest)


def list_query(query: QueryDict) -> str:
    """The query string of a list, without sorting and paging."""
    return feed_query(query, but=("sort", "page_size", "compare"))


@dataclass(frozen=True)
class Chip:
    """An active filter, with the query string that removes it."""

    label: str
    without: str


def chip(label: str, query: QueryDict, name: str, value: str) -> Chip:
    """The chip of one value of a parameter; removing it returns to the first page."""
    rest = query.copy()
    for place in ("page", "before"):
        rest.pop(place, None)
    rest.setlist(name, [other for other in rest.getlist(name) if other != value])
    return Chip(label, f"?{rest.urlencode()}")


@dataclass(frozen=True)
class QuickFilter:
    """A link to a range of days, with its count."""

    label: str
    number: int | None
    url: str
    chosen: bool
