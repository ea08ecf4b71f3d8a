"""Count tried second-factor codes, and answer refused logins, whichever view raised it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import login_limits
from .refusals import LoginRefused, TooManyAttempts

# The pages of allauth that take a second factor; passwords are counted where they are checked.
CODES = {"mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}


class LimitedLogins:
    """Middleware that counts a code before it is checked, and answers refused logins."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = request.resolver_match and request.resolver_match.url_name
        if request.method != "POST" or name not in CODES:
            return None
        user = waiting_for_code(request)
        try:
            if user:
                login_limits.begin(request, user.get_username())
        except TooManyAttempts as error:
            return answer(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer(request, error) if isinstance(error, LoginRefused) else None


def waiting_for_code(request: HttpRequest) -> Any:
    """The account of the session, or the one whose password the session has verified."""
    if request.user.is_authenticated:
        return request.user
    from allauth.account.internal.stagekit import unstash_login

    login = unstash_login(request, peek=True)
    return login.user if login else None


def answer(request: HttpRequest, refused: LoginRefused) -> HttpResponse:
    context = {"refused": refused, "again": request.get_full_path()}
    page = render(request, "accounts/refused.html", context, status=refused.status)
    page["Retry-After"] = str(refused.retry_after)
    page["Cache-Control"] = "no-store"
    return page
