"""Views that answer most requests with cached JSON, and leave the others to REST framework."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer

from companies import queries
from companies.api.base_views import RegisterView
from companies.queries.recorded import reading
from companies.queries.roster.table_state import one_state, state
from pactwatch.page_fragments import STATE
from pactwatch.response_cache.accepting import LONGEST, accepts
from pactwatch.response_cache.quick_answers import TRIED, QuickResponse

JSON = JSONRenderer.media_type
ALLOW = "GET, HEAD, OPTIONS"
# The body and headers for a request, its clock, the state and the rest; None where it has neither.
Answer = Callable[..., tuple[bytes, dict[str, str]] | None]


def quick_answer(request: HttpRequest, answer: Answer, *args: Any) -> QuickResponse | None:
    """The fast response of `answer`; None if the view must answer.

    That is for past days, invalid queries and other media types; the view then reports the
    error.
    """
    clock, accept = queries.clock_of(request), request.META.get("HTTP_ACCEPT", "*/*")
    if (
        TRIED in request.META
        or request.method not in ("GET", "HEAD")
        or clock.is_past
        or len(accept) >= LONGEST
        or not accepts(accept, JSON)
    ):
        return None
    try:
        with one_state(request.META.get(STATE)), reading(clock):
            found = answer(request, clock, state(), *args)
    except (queries.BadQuery, Http404, SuspiciousOperation):
        return None
    if found is None:
        return None
    body, headers = found
    return QuickResponse(body, JSON, {"Allow": ALLOW} | headers)


class QuickView(RegisterView):
    """A view that leaves to REST framework what `answer` has no answer to."""

    answer: Answer
    filterset_class: type[Any]

    @classmethod
    def quick(cls, request: HttpRequest, **arguments: str) -> QuickResponse | None:
        return quick_answer(request, cls.answer, cls.filterset_class, *arguments.values())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = self.quick(request, **kwargs)
        return super().dispatch(request, *args, **kwargs) if answer is None else answer
