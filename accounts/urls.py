"""The login and the second factors: of allauth's pages those that editors need, and no other.

They stand in front of the admin's own URLs and take the place of its login, logout and change of
password, so that none of them is a second door.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from django.urls import URLPattern, path

from .bounds import bounded


def page(route: str, view: Callable[..., Any], name: str) -> URLPattern:
    return path(route, bounded(view), name=name)


entrance = [
    page("login/", account.login, "account_login"),
    page("login/second-factor/", mfa.authenticate, "mfa_authenticate"),
    page("logout/", account.logout, "account_logout"),
    page("confirm/", account.reauthenticate, "account_reauthenticate"),
    page("confirm/code/", mfa.reauthenticate, "mfa_reauthenticate"),
    page("confirm/key/", keys.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
]
looking = [
    page("second-factor/", mfa.index, "mfa_index"),
    page("second-factor/keys/", keys.list_webauthn, "mfa_list_webauthn"),
]
changing = [
    page("password_change/", account.password_change, "account_change_password"),
    page("second-factor/app/", totp.activate_totp, "mfa_activate_totp"),
    page("second-factor/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp"),
    page("second-factor/codes/", recovery_codes.view_recovery_codes, "mfa_view_recovery_codes"),
    page(
        "second-factor/codes/new/",
        recovery_codes.generate_recovery_codes,
        "mfa_generate_recovery_codes",
    ),
    page("second-factor/keys/add/", keys.add_webauthn, "mfa_add_webauthn"),
    page("second-factor/keys/<int:pk>/", keys.edit_webauthn, "mfa_edit_webauthn"),
    page("second-factor/keys/<int:pk>/remove/", keys.remove_webauthn, "mfa_remove_webauthn"),
]
urlpatterns = [*entrance, *looking, *changing]
