"""The frame of a quick answer: for plain JSON about the present, and else REST framework's."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.renderers import JSONRenderer

from companies import queries
from companies.queries.recorded import reading
from companies.queries.roster.table_state import one_state, state
from pactwatch.response_cache.accepting import LONGEST, accepts

JSON = JSONRenderer.media_type
ALLOW = "GET, HEAD, OPTIONS"
# The body and headers for a request, its clock, the state and the rest; None where it has neither.
Answer = Callable[..., tuple[bytes, dict[str, str]] | None]


def quick_answer(request: HttpRequest, answer: Answer, *args: Any) -> HttpResponse | None:
    """What `answer` gives; None where the view has to: of a past day, of a fault, in other forms.

    The view then finds the fault again and says what it is.
    """
    clock, accept = queries.clock_of(request), request.META.get("HTTP_ACCEPT", "*/*")
    if (
        request.method not in ("GET", "HEAD")
        or clock.is_past
        or len(accept) >= LONGEST
        or not accepts(accept, JSON)
    ):
        return None
    try:
        with one_state(), reading(clock):
            found = answer(request, clock, state(), *args)
    except (queries.BadQuery, Http404, SuspiciousOperation):
        return None
    if found is None:
        return None
    body, headers = found
    return HttpResponse(body, content_type=JSON, headers={"Allow": ALLOW} | headers)
