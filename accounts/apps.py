from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who may work on the register: logins, second factors, sessions, and a log of them."""

    name = "accounts"
    verbose_name = _("accounts")
