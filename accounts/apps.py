from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Logins, second factors, sessions, and the audit log of them."""

    name = "accounts"
    verbose_name = _("accounts")

    def ready(self) -> None:
        from .passwords import check_breached_passwords

        register(check_breached_passwords, Tags.security)
        self.listen_to_logins()
        self.listen_to_rights()
        self.listen_to_second_factors()

    def listen_to_logins(self) -> None:
        from django.contrib.auth import signals as auth

        from . import sessions, signals

        auth.user_logged_in.connect(sessions.begin)
        auth.user_logged_in.connect(signals.logged_in)
        auth.user_logged_out.connect(signals.logged_out)
        auth.user_login_failed.connect(signals.failed)

    def listen_to_rights(self) -> None:
        from django.contrib.auth.models import Group, User
        from django.db.models import signals as rows

        from . import signals

        rows.pre_save.connect(signals.before_saving, sender=User)
        rows.post_save.connect(signals.after_saving, sender=User)
        rows.post_delete.connect(signals.deleted, sender=User)
        rows.pre_delete.connect(signals.group_deleted, sender=Group)
        for field in (User.groups, User.user_permissions, Group.permissions):
            rows.m2m_changed.connect(signals.rights_moved, sender=field.through)

    def listen_to_second_factors(self) -> None:
        from allauth.mfa import signals as mfa

        from . import signals
        from .factors import count_as_shown

        mfa.authentication_failed.connect(signals.code_failed)
        mfa.authenticator_added.connect(count_as_shown)
        mfa.authenticator_added.connect(signals.factor_added)
        mfa.authenticator_removed.connect(signals.factor_removed)
        mfa.authenticator_reset.connect(signals.factor_reset)
        mfa.authenticator_used.connect(signals.factor_used)
