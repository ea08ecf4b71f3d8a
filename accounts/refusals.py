"""Answers a login that is not tried: too many before it, or too many at this moment."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class LoginRefused(Exception):
    """A login that is not tried; `status` and `retry_after` are those of the answer."""

    status = 429
    retry_after = 1

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(f"Not tried; again in {retry_after} seconds.")
        self.retry_after = retry_after

    @property
    def minutes(self) -> int:
        return -(-self.retry_after // 60)


class TooManyAttempts(LoginRefused):
    """Too many passwords or codes were wrong."""


class HasherBusy(LoginRefused):
    """Other passwords are being checked at this moment."""

    status = 503


class AnswerRefusedLogins:
    """Middleware that answers a refused login, whichever view asked for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, LoginRefused):
            return None
        context = {"refused": error, "again": request.get_full_path()}
        answer = render(request, "accounts/refused.html", context, status=error.status)
        answer["Retry-After"] = str(error.retry_after)
        answer["Cache-Control"] = "no-store"
        return answer
