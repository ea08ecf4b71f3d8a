from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who may work on the register: logins, second factors, sessions, and a log of them."""

    name = "accounts"
    verbose_name = _("accounts")

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added

        from .factors import count_as_shown

        authenticator_added.connect(count_as_shown)
