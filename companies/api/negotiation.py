"""Content negotiation by the Accept header."""

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from pactwatch.response_cache.accepting import matches


class RegisterNegotiation(DefaultContentNegotiation):
    """Parses Accept as Django does, without its parameters: responses are cached by URL."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> Any:
        offered = list(renderers)
        for accepted in request._request.accepted_types:
            for renderer in offered:
                if matches(accepted, renderer.media_type):
                    return renderer, renderer.media_type
        raise NotAcceptable
