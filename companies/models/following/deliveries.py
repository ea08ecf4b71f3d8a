"""The outbox: messages for followers, and their attempts."""

import datetime
import secrets
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from .subscriptions import Subscription


def new_message_id() -> str:
    return f"msg_{secrets.token_urlsafe(18)}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        """Deliveries neither delivered nor given up."""
        return self.filter(delivered_at=None, given_up_at=None)

    def due(self, now: datetime.datetime) -> Self:
        """Deliveries that may be sent now, earliest first.

        Of one subscription and company only the first waiting one: they are sent in order.
        For a subscription that is not active, only the messages that its owner requested.
        """
        earlier = self.model._default_manager.waiting().filter(
            subscription=OuterRef("subscription"), lane=OuterRef("lane"), pk__lt=OuterRef("pk")
        )
        active = Q(subscription__state=Subscription.State.ACTIVE)
        asked = Q(kind__in=Delivery.ASKED_FOR) & ~Q(subscription__state=Subscription.State.ENDED)
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        found = self.waiting().filter(active | asked, free, next_attempt_at__lte=now)
        return found.exclude(Exists(earlier)).order_by("next_attempt_at", "pk")


class Delivery(models.Model):
    """One message for one follower: its facts, and the attempts to deliver it.

    No text is stored: the message is rendered from the facts when it is sent, the same each
    time.
    """

    class Kind(models.TextChoices):
        """The kind of message."""

        CHANGE = "change", _("change")
        MATCH = "match", _("new match")
        DIGEST = "digest", _("changes of a week")
        TEST = "test", _("test")
        CONFIRM = "confirm", _("question whether it is wanted")

    class Fault(models.TextChoices):
        """Why the last attempt failed."""

        STATUS = "status", _("status code of the answer")
        REDIRECT = "redirect", _("the address leads elsewhere")
        TIMEOUT = "timeout", _("no answer in time")
        NETWORK = "network", _("no connection")
        CERTIFICATE = "certificate", _("no valid certificate")
        ADDRESS = "address", _("an address we do not send to")
        ANSWER = "answer", _("an answer that cannot be read")
        REFUSED = "refused", _("the mail server refused it")

    ASKED_FOR = (Kind.TEST, Kind.CONFIRM)  # no news, but requested by the owner

    subscription = models.ForeignKey(
        Subscription,
        verbose_name=_("subscription"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    message_id = models.CharField(
        _("message id"), max_length=40, unique=True, default=new_message_id
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.CharField(
        _("key"), max_length=140, help_text=_("What it is about, once for a subscription.")
    )
    changes = models.JSONField(
        _("changes"), default=list, blank=True, help_text=_("The numbers of the changes it tells.")
    )
    matches = models.JSONField(
        _("new matches"),
        default=list,
        blank=True,
        help_text=_(
            "Of a message about several: the place of each name on a kept list, from 0, and the "
            "company’s public id."
        ),
    )
    company_slug = models.SlugField(_("company"), max_length=100, blank=True)
    place = models.PositiveIntegerField(
        _("place"), null=True, blank=True, help_text=_("Of the name on a kept list, from 0.")
    )
    lane = models.PositiveBigIntegerField(
        _("order"),
        default=0,
        help_text=_("The company, by primary key: its messages are sent one after the other."),
    )
    made_at = models.DateTimeField(_("made at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    refusals = models.PositiveSmallIntegerField(
        _("refusals"), default=0, help_text=_("How often a mail server refused it for good.")
    )
    first_attempt_at = models.DateTimeField(_("first attempt at"), null=True, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    claimed_until = models.DateTimeField(
        _("being sent until"),
        null=True,
        blank=True,
        help_text=_("Another process may send it after that: the first one is gone."),
    )
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    status = models.PositiveSmallIntegerField(_("status of the answer"), null=True, blank=True)
    last_fault = models.CharField(
        _("fault of the last attempt"), max_length=12, choices=Fault, blank=True
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(delivered_at=None, given_up_at=None),
                name="delivery_due",
            ),
            models.Index(
                fields=["subscription", "lane", "id"],
                condition=Q(delivered_at=None, given_up_at=None),
                name="delivery_in_order",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "key"],
                name="delivery_once",
                violation_error_message=_("This is already told to this follower."),
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(given_up_at=None),
                name="delivery_has_one_end",
                violation_error_message=_("A delivery is delivered or given up, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def is_waiting(self) -> bool:
        return self.delivered_at is None and self.given_up_at is None
