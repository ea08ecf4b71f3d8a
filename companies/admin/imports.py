"""What outside lists said, and the public history: to read, not to edit."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from companies.models import Change, ImportRun, Proposal

from .base import ReadOnlyAdmin


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("retrieved_at", "pact", "state", "names_count", "proposals_count", "partial")
    list_filter = ("pact", "state", "partial")
    list_select_related = ("pact",)
    search_fields = ("source_url", "sha256")
    date_hierarchy = "retrieved_at"
    fields = (
        "pact",
        "source_url",
        "retrieved_at",
        "sha256",
        "names_count",
        "proposals_count",
        "partial",
        "state",
        "refusal",
    )


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    list_display = ("subject", "action", "state", "run", "decided_by", "decided_at")
    list_filter = ("state", "action", "run__pact")
    list_select_related = ("company", "run__pact", "decided_by")
    search_fields = ("new_name", "company__name_folded")
    date_hierarchy = "run__retrieved_at"

    @admin.display(description=_("company"), ordering="company__name_folded")
    def subject(self, proposal: Proposal) -> str:
        return str(proposal.company or proposal.new_name)


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "company_name", "what", "cause", "material", "by_role")
    list_display_links = ("what",)
    list_filter = ("kind", "cause", "material", "by_role")
    search_fields = ("what_en", "what_fr", "company_slug", "company_name")
    date_hierarchy = "recorded_at"
