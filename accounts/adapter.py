"""allauth's adapter: who may log in, where to go next, how to confirm."""

from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from .factors import confirmed_lately


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The user name or the password is wrong."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Allow redirects to this host only: ALLOWED_HOSTS may name others."""
        hosts, is_secure = {self.request.get_host()}, self.request.is_secure()
        return url_has_allowed_host_and_scheme(url, hosts, require_https=is_secure)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Apply no limit here: with allauth's own, anybody could lock an editor out."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Authenticate staff only; other accounts get the same answer as a stranger."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user and user.is_active and user.is_staff else None

    def is_reauthentication_required(self, **kwargs: Any) -> bool:
        return not confirmed_lately(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Offer a second factor, or the password if the account has none."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [one for one in methods if one["id"].startswith("mfa")] or methods

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)


class FactorAdapter(DefaultMFAAdapter):
    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Security key %(number)d") % {"number": number}

    def build_totp_svg(self, url: str) -> str:
        """The QR code as SVG path data in a square of 100; the page draws it without an image."""
        code = qrcode.QRCode()
        code.add_data(url)
        rows = code.get_matrix()
        size = 100 / len(rows)
        square = f"h{size:.3f}v{size:.3f}h-{size:.3f}z"
        dark = ((x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
        return "".join(f"M{x * size:.3f} {y * size:.3f}{square}" for x, y in dark)
