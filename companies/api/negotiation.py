"""Which form an answer takes: the one asked for, else 406."""

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class RegisterNegotiation(DefaultContentNegotiation):
    """Accept as Django reads it. Its parameters change nothing: answers are kept by address."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> Any:
        by_type = {renderer.media_type: renderer for renderer in renderers}
        wanted = request._request.get_preferred_type(list(by_type))
        if wanted is None:
            raise NotAcceptable
        return by_type[wanted], wanted
