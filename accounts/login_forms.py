"""allauth's forms, made stricter: names, one-time codes, security key responses."""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account import forms as account
from allauth.account.fields import PasswordField
from allauth.account.internal.flows.login import perform_password_login
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as keys
from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

# What answers that no key gives raise deep inside the libraries that read them.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
CODES_AT_A_TIME = 3  # those of this half-minute and of its neighbours


class LoginForm(account.LoginForm):
    password = PasswordField(
        label=_("Password"), autocomplete="current-password", show_reset_help=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attributes = {"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
        self.fields["login"] = forms.CharField(
            label=_("User name or e-mail"), max_length=254, widget=forms.TextInput(attributes)
        )

    def clean_login(self) -> str:
        """The user name; for an e-mail address, that of the one account that has it."""
        login = str(self.cleaned_data["login"])
        if "@" not in login:
            return login
        named = User.objects.filter(Q(username=login) | Q(email__iexact=login))[:2]
        return named[0].get_username() if len(named) == 1 else login

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Log in; the session lifetime comes from the settings and not from "remember me"."""
        self._login.redirect_url = redirect_url
        credentials = self.user_credentials()
        response: HttpResponse = perform_password_login(request, credentials, self._login)
        return response


class ChangePasswordForm(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("Repeat the new password")


class OneTimeCode:
    """An authenticator code that is accepted once, in whichever process."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside it
        factor: Authenticator = self.authenticator  # type: ignore[attr-defined]  # as above
        if factor.type == Authenticator.Type.TOTP and not is_first_use(factor, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


@transaction.atomic
def is_first_use(factor: Authenticator, code: str) -> bool:
    stored = Authenticator.objects.select_for_update().get(pk=factor.pk)
    used, code = stored.data.get("used", []), normalize_user_code(code)
    if code in used:
        return False
    # The form saves the row it holds later, but only the time of its last use.
    stored.data["used"] = [*used, code][-CODES_AT_A_TIME:]
    stored.save(update_fields=["data"])
    return True


class AuthenticateForm(OneTimeCode, mfa.AuthenticateForm):
    pass


class ConfirmForm(OneTimeCode, mfa.ReauthenticateForm):
    pass


@contextmanager
def readable() -> Iterator[None]:
    try:
        yield
    except MALFORMED as error:
        raise get_adapter().validation_error("incorrect_code") from error


class AnswerField(forms.Field):
    """The JSON of a security key's response; it is never rendered again."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        with readable():
            return json.loads(value) if value else None

    def prepare_value(self, value: Any) -> str:
        return ""


def name_field(*, required: bool) -> forms.CharField:
    return forms.CharField(label=_("Name"), max_length=100, required=required)


class RenameKeyForm(keys.EditWebAuthnForm):
    name = name_field(required=True)


class AddKeyForm(keys.AddWebAuthnForm):
    name = name_field(required=False)  # a key that has answered is not turned away for it
    credential = AnswerField()

    def clean(self) -> dict[str, Any]:
        with readable():
            data: dict[str, Any] = super().clean()
            if answer := data.get("credential"):
                data["credential"] = essentials(answer)
            return data


def essentials(answer: dict[str, Any]) -> dict[str, Any]:
    """The fields of a security key's response that later logins need; browsers add others."""
    response = answer["response"]
    return {
        "id": str(answer["id"]),
        "rawId": str(answer["rawId"]),
        "type": "public-key",
        "response": {
            "clientDataJSON": str(response["clientDataJSON"]),
            "attestationObject": str(response["attestationObject"]),
        },
        "clientExtensionResults": {},
    }


class AnswerOfKey:
    def clean_credential(self) -> Authenticator:
        with readable():
            found: Authenticator = super().clean_credential()  # type: ignore[misc]  # as above
            return found


class AuthenticateKeyForm(AnswerOfKey, keys.AuthenticateWebAuthnForm):
    credential = AnswerField()


class ConfirmKeyForm(AnswerOfKey, keys.ReauthenticateWebAuthnForm):
    credential = AnswerField()
