"""Account data: events of the audit log, attempts for the limits, and sessions."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DEVICE = 200  # characters of a user agent
NETWORK = 43  # characters of an IPv6 network


class AccountEvent(models.Model):
    """A line of the audit log, which outlives the account it names and is never changed."""

    class Kind(models.TextChoices):
        LOGGED_IN = "logged_in", _("logged in")
        FAILED = "failed", _("wrong name or password")
        CODE_FAILED = "code_failed", _("wrong second factor")
        REFUSED = "refused", _("blocked: too many attempts")
        LOGGED_OUT = "logged_out", _("logged out")
        FACTOR_ADDED = "factor_added", _("second factor added")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        FACTOR_RESET = "factor_reset", _("new recovery codes")
        RECOVERY_USED = "recovery_used", _("recovery code used")
        PASSWORD = "password", _("password changed")
        SESSION_ENDED = "session_ended", _("session ended")
        CREATED = "created", _("account created")
        RIGHTS = "rights", _("rights changed")
        DELETED = "deleted", _("account deleted")
        EXPORTED = "exported", _("exported")

    at = models.DateTimeField(_("at"), default=timezone.now, editable=False, db_index=True)
    kind = models.CharField(_("what happened"), max_length=20, choices=Kind)
    account_pk = models.BigIntegerField(null=True, editable=False)
    account = models.CharField(_("account"), max_length=150, blank=True)
    by_pk = models.BigIntegerField(null=True, editable=False)
    by = models.CharField(
        _("by"), max_length=150, blank=True, help_text=_("Empty if no one was logged in.")
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    network = models.CharField(_("network"), max_length=NETWORK, blank=True)
    device = models.CharField(_("device"), max_length=DEVICE, blank=True)
    detail = models.CharField(_("detail"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("event of an account")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["account_pk", "kind", "network"], name="event_of_account")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_kind_display()} {self.account}".rstrip()


class LoginAttempt(models.Model):
    """A password or code tried and not known to be right, for the limits.

    The user name is stored as a keyed hash: people type passwords into that field.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    name_hash = models.CharField(max_length=64)
    network = models.CharField(max_length=NETWORK, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["name_hash", "network", "at"], name="attempts_on_account"),
            models.Index(fields=["network", "at"], name="attempts_from_network"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.network}"


class RequestCount(models.Model):
    """How many API requests one client, a keyed hash, made in one minute."""

    client = models.CharField(max_length=64)
    minute = models.BigIntegerField(db_index=True)  # since 1970
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["client", "minute"], name="requestcount_unique")
        ]

    def __str__(self) -> str:
        return f"{self.minute}: {self.number}"


class LoginSession(AbstractBaseSession):
    """A login session with its account and device; its primary key does not reveal the cookie."""

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        null=True,
        related_name="sessions",
    )
    began_at = models.DateTimeField(_("first used"), null=True)
    used_at = models.DateTimeField(_("last used"), null=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    device = models.CharField(_("device"), max_length=DEVICE, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-used_at"]
        default_permissions = ("view", "delete")

    def __str__(self) -> str:
        return f"{self.address or '?'}, {self.device}".rstrip(", ")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from .session_store import SessionStore

        return SessionStore

    @staticmethod
    def id_of(session_key: str) -> str:
        return hashlib.sha256(session_key.encode()).hexdigest()[:32]
