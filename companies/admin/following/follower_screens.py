"""Admin of subscriptions and their deliveries: to view, pause or end."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.admin.base import GuardedAdmin, ReadOnlyAdmin
from companies.models import Delivery, Subscription
from companies.register.following.outbox import end

State, OPERATOR = Subscription.State, Subscription.Reason.OPERATOR


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Admin of subscriptions, without secret and token: those are the owner's."""

    list_display = ("host", "channel", "state", "state_reason", "state_since", "failing_since")
    list_filter = ("state", "state_reason", "channel", "rhythm")
    search_fields = ("host", "query")
    date_hierarchy = "made_at"
    fields = (
        ("channel", "rhythm", "language"),
        "address",
        ("query", "supplier_check"),
        ("state", "state_reason", "state_since"),
        ("made_at", "failing_since", "position"),
    )
    actions = ("pause", "end")

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whether the user may pause and end subscriptions, the only allowed changes."""
        return GuardedAdmin.has_change_permission(self, request)

    @admin.action(description=_("Pause: its owner may resume it"), permissions=["end"])
    def pause(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        self._move(request, chosen.filter(state=State.ACTIVE), State.PAUSED)

    @admin.action(description=_("End for good"), permissions=["end"])
    def end(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        self._move(request, chosen.exclude(state=State.ENDED), State.ENDED)

    def _move(self, request: HttpRequest, chosen: QuerySet[Any], state: Subscription.State) -> None:
        number = 0
        for one in chosen:
            end(one, state, OPERATOR)
            self.log_change(request, one, str(state.label))
            number += 1
        message = ngettext(
            "%(number)d subscription is now: %(state)s.",
            "%(number)d subscriptions are now: %(state)s.",
            number,
        )
        self.message_user(request, message % {"number": number, "state": state.label})


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        "message_id",
        "subscription",
        "kind",
        "company_slug",
        "attempts",
        "delivered_at",
        "given_up_at",
        "status",
        "last_fault",
    )
    list_filter = ("kind", "last_fault")
    search_fields = ("message_id", "company_slug")
    date_hierarchy = "made_at"
    list_select_related = ("subscription",)
