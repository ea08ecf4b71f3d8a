"""Admin of import runs, quote checks and changes: to read and decide, not to edit."""

from operator import itemgetter
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.audit_log import exported
from companies.models import (
    Change,
    ImportRun,
    ListHeading,
    OfficialList,
    Proposal,
    QuoteCheck,
    RefusedMatch,
)
from companies.queries import KnownRows, sentence
from companies.register.verifying.stored_pages import stored

from .base import GuardedAdmin, ReadOnlyAdmin, RegisterAdmin, Screens, ValuesFilter, screens_of


@admin.register(OfficialList)
class OfficialListAdmin(RegisterAdmin):
    list_display = ("pact", "url", "every_hours", "watched")
    list_select_related = ("pact",)


@admin.register(ListHeading)
class ListHeadingAdmin(RegisterAdmin):
    list_display = ("text", "pact", "language", "kind")
    list_filter = ("pact", "kind", ("language", ValuesFilter))
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
        "received_from",
        "retrieved_at",
        "seen_on",
        "page_date",
        "page_date_basis",
        "accepted",
        "remarks",
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

    @admin.display(description=_("original file"))
    def kept_bytes(self, run: ImportRun) -> Any:
        if not run.sha256 or run.state == ImportRun.State.UNCHANGED:
            return "–"
        url = reverse("admin:companies_importrun_bytes", args=[run.pk])
        whole = format_html('<a href="{}">{}</a>', url, _("Download"))
        facts = itemgetter("size", "sha256", "names")
        said = str(_("{} bytes, SHA-256 {}, {} names"))
        pages = (
            (f"{url}?page={number}", page["url"], said.format(*facts(page)))
            for number, page in enumerate(run.documents, start=1)
        )
        return whole + format_html_join("", '<br><a href="{}">{}</a>: {}', pages)


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
    """Admin of refused matches; deleting one lets the name be suggested again."""

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
        """Django's method; the rows of a page share their lookups: a fixed number of queries."""
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


@admin.register(QuoteCheck)
class QuoteCheckAdmin(ReadOnlyAdmin):
    list_display = ("citation", "quote", "result", "reason", "checked_at", "found_on", "in_copy")
    list_filter = ("result", "reason", "in_copy")
    list_select_related = ("citation__source",)
    search_fields = ("url", "quote", "sha256")
    date_hierarchy = "checked_at"
    fields = (
        "citation",
        "url",
        "quote",
        ("result", "reason", "status"),
        ("checked_at", "since", "found_on"),
        ("sha256", "page_bytes"),
        ("in_copy", "copy_of"),
        ("copy_sha256", "copy_bytes"),
    )

    @admin.display(description=_("file of the page"))
    def page_bytes(self, check: QuoteCheck) -> str:
        return bytes_link(check, "page", check.sha256)

    @admin.display(description=_("file of the archived copy"))
    def copy_bytes(self, check: QuoteCheck) -> str:
        return bytes_link(check, "copy", check.copy_sha256)


@screens_of(QuoteCheck)
class StoredPageScreens(Screens):
    routes = {"bytes": "<int:check_id>/bytes/<str:which>/"}

    def bytes(self, request: HttpRequest, check_id: int, which: str) -> HttpResponse:
        """Download stored bytes, never as a page: no browser may run them."""
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        check = get_object_or_404(QuoteCheck, pk=check_id)
        sha256 = {"page": check.sha256, "copy": check.copy_sha256}.get(which, "")
        content = stored(sha256)
        if content is None:
            raise Http404(_("This file is not kept, or has been replaced by a newer one."))
        exported(f"bytes of a cited page: {sha256[:16]}")
        return HttpResponse(
            content,
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{sha256[:16]}.bin"',
                "X-Content-Type-Options": "nosniff",
            },
        )


def bytes_link(check: QuoteCheck, which: str, sha256: str) -> str:
    if not sha256:
        return "–"
    url = reverse("admin:companies_quotecheck_bytes", args=[check.pk, which])
    return format_html('<a href="{}">{}</a>', url, _("Download"))
