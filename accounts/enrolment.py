"""Requires a second factor for every staff page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from . import urls
from .factors import confirmed_lately, factors_of, shown

View = Callable[..., HttpResponse]
LOOKING = {pattern.name for pattern in urls.looking}
CHANGING = {pattern.name for pattern in urls.changing}


class RequireSecondFactor:
    """Middleware that makes accounts add a second factor, and sessions verify it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        is_desk = match is not None and "admin" in match.namespaces
        name = match.url_name if match and not is_desk else None
        # Checked before the user is read: no other page reads a session.
        if not (is_desk or name in LOOKING | CHANGING) or request.user.is_anonymous:
            return None
        if not request.user.is_staff:
            # Django would send it to the login, which would send it back, for ever.
            raise PermissionDenied
        if settings.REQUIRE_SECOND_FACTOR and (instead := without_factor(request, is_desk)):
            return instead
        return to_confirm(request) if name in CHANGING and not confirmed_lately(request) else None


def without_factor(request: HttpRequest, is_desk: bool) -> HttpResponse | None:
    factors = factors_of(request.user)
    if factors:
        return None if shown(request, factors) else to_confirm(request)
    return redirect_to_login(request.get_full_path(), "mfa_index") if is_desk else None


def to_confirm(request: HttpRequest) -> HttpResponse:
    """Redirect to the page that asks for a second factor, or for the password if there is none."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        raise PermissionDenied
    return redirect_to_login(request.get_full_path(), methods[0]["url"])


def confirmed(view: View) -> View:
    """Decorate a view that needs a confirmation within the last minutes."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_required = settings.REQUIRE_SECOND_FACTOR and request.user.is_authenticated
        if is_required and not confirmed_lately(request):
            return to_confirm(request)
        return view(request, *args, **kwargs)

    return answer
