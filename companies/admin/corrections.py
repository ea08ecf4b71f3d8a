"""What readers and companies told us, and our answers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import Correction

from .guard import GuardedAdmin

CLOSED = (Correction.State.ACCEPTED, Correction.State.DECLINED)


@admin.register(Correction)
class CorrectionAdmin(GuardedAdmin):
    list_display = ("receipt", "kind", "company", "state", "received_at", "closed_at")
    list_filter = ("state", "kind")
    list_select_related = ("company",)
    search_fields = ("receipt", "message", "company__name_folded")
    date_hierarchy = "received_at"
    autocomplete_fields = ("company",)
    readonly_fields = (
        "receipt",
        "kind",
        "message",
        "evidence_url",
        "email",
        "received_at",
        "closed_at",
    )
    fieldsets = (
        (None, {"fields": ("receipt", "kind", "message", "evidence_url", "email", "received_at")}),
        (
            _("Our answer"),
            {
                "description": _("Everyone who knows the receipt number can read the reply."),
                "fields": ("company", "state", "reply", "closed_at"),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj.state not in CLOSED:
            obj.closed_at = None
        elif obj.closed_at is None:
            obj.closed_at = timezone.now()
        super().save_model(request, obj, form, change)
