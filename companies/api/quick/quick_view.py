"""The base class of views that answer most requests with cached JSON."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from companies.api.base_views import RegisterView
from pactwatch.response_cache.quick_answers import QuickResponse

from .answering import Answer, quick_answer


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
