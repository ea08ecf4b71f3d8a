"""URLs of login and second factors: only those of allauth's pages that editors need.

They come before the admin's own URLs and replace its login, logout and password change, so that
none of them remains reachable.
"""

from django.urls import URLPattern, path

from pactwatch.startup import LaterView

from .bounds import bounded

ACCOUNT, FACTORS = "allauth.account.views.", "allauth.mfa.base.views."
APPS, CODES = "allauth.mfa.totp.views.", "allauth.mfa.recovery_codes.views."
KEYS = "allauth.mfa.webauthn.views."


def page(route: str, view: str, name: str) -> URLPattern:
    return path(route, bounded(LaterView(view)), name=name)


entrance = [
    page("login/", ACCOUNT + "login", "account_login"),
    page("login/second-factor/", FACTORS + "authenticate", "mfa_authenticate"),
    page("logout/", ACCOUNT + "logout", "account_logout"),
    page("confirm/", ACCOUNT + "reauthenticate", "account_reauthenticate"),
    page("confirm/code/", FACTORS + "reauthenticate", "mfa_reauthenticate"),
    page("confirm/key/", KEYS + "reauthenticate_webauthn", "mfa_reauthenticate_webauthn"),
]
looking = [
    page("second-factor/", FACTORS + "index", "mfa_index"),
    page("second-factor/keys/", KEYS + "list_webauthn", "mfa_list_webauthn"),
]
changing = [
    page("password_change/", ACCOUNT + "password_change", "account_change_password"),
    page("second-factor/app/", APPS + "activate_totp", "mfa_activate_totp"),
    page("second-factor/app/remove/", APPS + "deactivate_totp", "mfa_deactivate_totp"),
    page("second-factor/codes/", CODES + "view_recovery_codes", "mfa_view_recovery_codes"),
    page(
        "second-factor/codes/new/",
        CODES + "generate_recovery_codes",
        "mfa_generate_recovery_codes",
    ),
    page("second-factor/keys/add/", KEYS + "add_webauthn", "mfa_add_webauthn"),
    page("second-factor/keys/<int:pk>/", KEYS + "edit_webauthn", "mfa_edit_webauthn"),
    page("second-factor/keys/<int:pk>/remove/", KEYS + "remove_webauthn", "mfa_remove_webauthn"),
]
urlpatterns = [*entrance, *looking, *changing]
