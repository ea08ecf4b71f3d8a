"""What outside lists said, and the public history: to read and to decide, not to edit."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from companies.models import Change, ImportRun, ListHeading, OfficialList, Proposal, RefusedMatch
from companies.queries import KnownRows, sentence

from .base import GuardedAdmin, ReadOnlyAdmin, RegisterAdmin


@admin.register(OfficialList)
class OfficialListAdmin(RegisterAdmin):
    list_display = ("pact", "url", "every_hours", "watched")
    list_select_related = ("pact",)


@admin.register(ListHeading)
class ListHeadingAdmin(RegisterAdmin):
    list_display = ("text", "pact", "language", "kind")
    list_filter = ("pact", "kind", "language")
    list_select_related = ("pact",)
    search_fields = ("text",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    change_list_template = "admin/companies/importrun/change_list.html"
    list_display = (
        "retrieved_at",
        "pact",
        "kind",
        "state",
        "names_count",
        "waiting",
        "refusal",
    )
    list_filter = ("pact", "kind", "state", "partial")
    search_fields = ("source_url", "sha256", "file_name")
    date_hierarchy = "retrieved_at"
    fields = (
        "pact",
        "kind",
        "state",
        "refusal",
        "waiting",
        "source_url",
        "file_name",
        "retrieved_at",
        "seen_on",
        "names_count",
        "proposals_count",
        "partial",
        "part_because",
        "stated",
        "started_by",
        "sha256",
        "kept_bytes",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        waiting = Count("proposals", filter=Q(proposals__state=Proposal.State.PROPOSED))
        runs = ImportRun.objects.without_bytes().select_related("pact", "started_by")
        return runs.annotate(waiting_count=waiting)

    @admin.display(description=_("to review"))
    def waiting(self, run: Any) -> Any:
        if not run.proposals_count:
            return "–"
        return format_html('<a href="{}">{}</a>', review_url(run), run.waiting_count)

    @admin.display(description=_("raw bytes"))
    def kept_bytes(self, run: ImportRun) -> Any:
        if not run.sha256 or run.state == ImportRun.State.UNCHANGED:
            return "–"
        url = reverse("admin:companies_importrun_bytes", args=[run.pk])
        whole = format_html('<a href="{}">{}</a>', url, _("Download"))
        pages = (
            (f"{url}?page={number}", page["url"], page["size"], page["sha256"], page["names"])
            for number, page in enumerate(run.documents, start=1)
        )
        line = _("{} bytes, SHA-256 {}, {} names")
        row = format_html('<br><a href="{{}}">{{}}</a>: {}', line)
        return whole + format_html_join("", row, pages)


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    list_display = ("subject", "action", "state", "review", "decided_by", "decided_at", "reason")
    list_filter = ("state", "action", "run__kind", "run__pact")
    list_select_related = ("company", "run__pact", "decided_by")
    search_fields = ("new_name", "company__name_folded", "reason")
    date_hierarchy = "run__retrieved_at"

    @admin.display(description=_("company"), ordering="company__name_folded")
    def subject(self, proposal: Proposal) -> str:
        return str(proposal.subject)

    @admin.display(description=_("import run"), ordering="run")
    def review(self, proposal: Proposal) -> str:
        return format_html('<a href="{}">{}</a>', review_url(proposal.run), proposal.run)


@admin.register(RefusedMatch)
class RefusedMatchAdmin(GuardedAdmin):
    """Refusals can be taken back, so that the name is suggested again."""

    list_display = ("name", "company", "decided_by", "decided_at")
    list_select_related = ("company", "decided_by")
    search_fields = ("name_folded", "company__name_folded")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin):
    list_display = ("recorded_at", "company_name", "what", "cause", "material", "by_role")
    list_display_links = ("what",)
    list_filter = ("kind", "cause", "material", "has_line", "table", "by_role")
    search_fields = ("fields", "subject", "company_slug", "company_name")
    date_hierarchy = "recorded_at"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows of a page share what their words need: a fixed number of queries."""
        page = super().get_changelist_instance(request)
        known = KnownRows(page.result_list)
        for change in page.result_list:
            change.known = known
        return page

    @admin.display(description=_("change"))
    def what(self, change: Change) -> str:
        return sentence(change, getattr(change, "known", None) or KnownRows([change]))


def review_url(run: ImportRun) -> str:
    return reverse("admin:companies_importrun_review", args=[run.pk])
