"""Signing statuses and pledges, each with its citations."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from companies.models import Pledge, Signing

from .base import RegisterAdmin
from .citations import CitationsOfPledge, CitationsOfSigning


class CitedAdmin(RegisterAdmin):
    """Rows that citations support."""

    fixed_fields = ("company",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(evidence_count=Count("citations"))
        return counted

    @admin.display(description=_("evidence"), ordering="evidence_count")
    def evidence(self, row: Any) -> int:
        count: int = row.evidence_count
        return count


@admin.register(Signing)
class SigningAdmin(CitedAdmin):
    list_display = ("company", "pact", "status", "started", "ended", "since_basis", "evidence")
    list_filter = ("pact", "status", "since_basis", "asked", ("until", admin.EmptyFieldListFilter))
    list_select_related = ("company", "pact")
    search_fields = ("company__name_folded", "company__names__name_folded")
    date_hierarchy = "since"
    autocomplete_fields = ("company", "pact")
    inlines = (CitationsOfSigning,)
    fieldsets = (
        (
            None,
            {
                "description": _(
                    "One status over one period. To record that a status changed, use “Change "
                    "status” on the company’s page: it ends this period and begins the next."
                ),
                "fields": (
                    ("company", "pact"),
                    "status",
                    ("since", "since_precision", "since_basis"),
                    ("until", "until_precision"),
                    "reason_en",
                    "reason_fr",
                    ("asked", "asked_on"),
                ),
            },
        ),
    )

    @admin.display(description=_("since"), ordering="since")
    def started(self, signing: Signing) -> str:
        return str(signing.started)

    @admin.display(description=_("until"), ordering="until")
    def ended(self, signing: Signing) -> str:
        return str(signing.ended) if signing.ended else "–"


@admin.register(Pledge)
class PledgeAdmin(CitedAdmin):
    list_display = ("company", "commitment", "basis", "implementation", "as_of", "evidence")
    list_filter = (
        "commitment__pact",
        "basis",
        "implementation",
        "implementation_basis",
        "commitment",
    )
    list_select_related = ("company", "commitment")
    search_fields = ("company__name_folded", "company__names__name_folded")
    autocomplete_fields = ("company", "commitment")
    inlines = (CitationsOfPledge,)
    fieldsets = (
        (None, {"fields": (("company", "commitment"), "basis")}),
        (
            _("Implementation"),
            {
                "description": _(
                    "What is known of its doing. Finding no evidence is not a “no”: leave it at "
                    "“no evidence found”."
                ),
                "fields": (
                    ("implementation", "implementation_basis"),
                    ("as_of", "target_on"),
                    "note_en",
                    "note_fr",
                ),
            },
        ),
    )
