"""The decorator of all public pages, and the error pages."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language_from_path, override
from django.utils.translation import gettext as _

from companies.queries import BadQuery, clock_of, read_by
from companies.queries.roster.table_state import one_state
from pactwatch.languages import translations
from pactwatch.outages import TooBusy, busy, is_outage, unavailable
from pactwatch.page_fragments import STATE
from pactwatch.problems import API_PREFIX, problem, request_id

View = Callable[..., HttpResponseBase]


def register_page(view: View) -> View:
    """Decorate a page view: read by the request's clock, and answer BadQuery with a 400.

    Every row that the view and its templates load is as known on `as_of`, and as recorded by
    the end of `recorded_as_of`.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_post, found = request.method == "POST", request.META.get(STATE)
        # What a POST writes, its answer shows.
        of_one_state = nullcontext() if is_post else one_state(found)
        try:
            with of_one_state:
                return read_by(clock_of(request), lambda: view(request, *args, **kwargs))
        except BadQuery as error:
            return bad_query(request, error)

    return page


def bad_query(request: HttpRequest, error: BadQuery) -> HttpResponse:
    """The 400 page: each faulty parameter with its reason, and the URL without them."""
    usable = request.GET.copy()
    for name in [name for name in usable if name[:100] in error.parameters]:
        usable.pop(name)
    query = usable.urlencode()
    context = {
        "reason": _("This address contains a filter or a value that does not exist."),
        "faults": error.faults,
        "usable_url": request.path + (f"?{query}" if query else ""),
        "is_past": False,
    }
    return _page(request, 400, context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, lambda: _("This request cannot be read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, lambda: _("You do not have access to this page."))


def not_of_our_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A request without the CSRF token of a form; Django's own page is in English and HTML."""
    return _answer(
        request,
        403,
        lambda: _(
            "This was not sent from a page of this site, or the page was open for too long. "
            "Reload the page and send the form again."
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # Only our own views say why in a sentence; Django's resolver passes a dictionary.
    said = exception.args[0] if exception.args else None
    reason = said if isinstance(said, str) else ""
    return _answer(request, 404, lambda: reason or _("There is no page at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exc_info()[1]
    with override(_language(request)):
        if isinstance(error, TooBusy):
            return busy(request)
        if is_outage(error):
            return unavailable(request)
    if request.path_info.startswith(API_PREFIX):
        return problem(request, 500, "Something went wrong on our side. It has been logged.")
    with override(_language(request)):
        # Without the request: no context processor runs, so nothing can fail a second time.
        said = render_to_string("500.html", {"request_id": request_id(request)})
        return HttpResponse(said, status=500)


def _answer(request: HttpRequest, status: int, reason: Callable[[], str]) -> HttpResponse:
    with override(_language(request)):
        if request.path_info.startswith(API_PREFIX):
            return problem(request, status, reason())
        return _page(request, status, {"reason": reason()})


def _page(request: HttpRequest, status: int, context: dict[str, Any]) -> HttpResponse:
    # There may be no page at this URL, so links to other languages lead to their home page.
    elsewhere = {"languages": translations(reverse("home")), "share_image": None}
    return render(request, f"{status}.html", elsewhere | context, status=status)


def _language(request: HttpRequest) -> str:
    """The language of the path, needed if no URL was resolved."""
    return get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
