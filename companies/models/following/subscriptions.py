"""Followers: where to notify them, of what, and the last change they were sent."""

import zlib
from collections.abc import Collection, Iterable
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> Self:
        """Active subscriptions."""
        return self.filter(state=Subscription.State.ACTIVE)


class Subscription(models.Model):
    """A subscription to a list of companies or to a saved list of suppliers.

    It is no part of the register: no history, and in no dump or release. Only whoever has its
    private link can read it, and editors, who see no secret.
    """

    class Channel(models.TextChoices):
        """How a follower is notified."""

        WEBHOOK = "webhook", _("webhook")
        EMAIL = "email", _("e-mail")

    class Rhythm(models.TextChoices):
        """How often a follower is notified."""

        EACH = "each", _("each change")
        WEEKLY = "weekly", _("once a week")

    class State(models.TextChoices):
        """Whether a follower is notified."""

        UNCONFIRMED = "unconfirmed", _("not confirmed yet")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    class Reason(models.TextChoices):
        """Why a subscription is paused or has ended."""

        OWNER = "owner", _("by its owner")
        OPERATOR = "operator", _("by an editor")
        FAILED = "failed", _("no message could be delivered for 24 hours")
        GONE = "gone", _("the address answered that it is gone")
        REFUSED = "refused", _("its mail server refused our messages")
        UNCONFIRMED = "unconfirmed", _("not confirmed within 24 hours")
        QUERY = "query", _("its filters are no longer valid")

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    rhythm = models.CharField(_("rhythm"), max_length=10, choices=Rhythm, default=Rhythm.EACH)
    query = models.CharField(
        _("filters"),
        max_length=2000,
        blank=True,
        help_text=_("The query string of the list of companies; empty for all companies."),
    )
    supplier_check = models.ForeignKey(
        "SupplierCheck",
        verbose_name=_("kept check"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="subscriptions",
    )
    language = models.CharField(_("language"), max_length=7, default=settings.LANGUAGE_CODE)
    address = models.CharField(_("address"), max_length=1000)
    host = models.CharField(_("host"), max_length=255)
    token_hash = models.CharField(_("SHA-256 of the token"), max_length=64, unique=True)
    secret = models.CharField(_("secret for signatures"), max_length=100, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=State, default=State.UNCONFIRMED, db_index=True
    )
    state_reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    state_since = models.DateTimeField(_("state since"))
    failing_since = models.DateTimeField(
        _("failing since"),
        null=True,
        blank=True,
        help_text=_("When the first of the attempts failed since which none succeeded."),
    )
    position = models.PositiveBigIntegerField(
        _("last change seen"), help_text=_("The number of the last change that was looked at.")
    )
    members = models.BinaryField(
        _("companies"), default=b"", help_text=_("Those that it followed at that change.")
    )

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["-made_at", "-pk"]
        default_permissions = ("view", "change")  # an editor pauses and ends, and writes none
        constraints = [
            models.CheckConstraint(
                condition=Q(query="") | Q(supplier_check__isnull=True),
                name="subscription_follows_one_thing",
                violation_error_message=_("Follow a list of companies or a kept check, not both."),
            ),
            models.CheckConstraint(
                condition=~Q(channel="webhook") | ~Q(secret=""),  # nosec B106  # none is what it refuses
                name="subscription_webhook_is_signed",
                violation_error_message=_("A webhook needs a secret for its signatures."),
            ),
        ]

    def __str__(self) -> str:
        # Neither the address nor the host: this may be printed anywhere.
        return f"{self.pk}"

    @property
    def is_of_all(self) -> bool:
        """Whether it follows every company."""
        return not self.query and self.supplier_check_id is None


def packed(keys: Collection[int]) -> bytes:
    """Pack primary keys for storage: a compressed bitmap."""
    bits = bytearray(max(keys, default=0) // 8 + 1)
    for key in keys:
        bits[key >> 3] |= 1 << (key & 7)
    return zlib.compress(bytes(bits), 1)


def among(stored: bytes, keys: Iterable[int]) -> set[int]:
    """Which of `keys` are among the packed primary keys."""
    bits = zlib.decompress(stored) if stored else b""
    return {key for key in keys if key >> 3 < len(bits) and bits[key >> 3] >> (key & 7) & 1}


def host_of(address: str) -> str:
    """The host of a URL or e-mail address, in lower case."""
    if "://" in address:
        return urlsplit(address).hostname or ""
    return address.rpartition("@")[2].lower()
