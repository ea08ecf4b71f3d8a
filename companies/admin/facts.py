"""Admin of signing statuses, pledges and reports, and of their citations and sources."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten
from django.db.models import Count, QuerySet
from django.forms.models import modelformset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Citation,
    Pledge,
    ProgressReport,
    QuoteCheck,
    Retraction,
    Signing,
    Source,
    stronger_than_quote,
    without_quote,
)

from .base import MOST_ROWS, RegisterAdmin, StackedRowInline, ValuesFilter
from .company_form import TARGETS, EvidenceForm, EvidenceFormSet
from .desk.gap_filter import GapFilter
from .evidence.source_fields import AddressInput, is_to_fill_in, source_filled_in
from .forms import COMES_WITH_SIGNATURE, RegisterPledgeForm

LINES = (
    ("quote", "language"),
    ("translation_en", "translation_fr"),
    "own_words",
    ("about_on", "about_on_precision"),
    ("verified_on", "verified_by"),
)
FIELDS = ("source", *flatten(LINES))


class EvidenceInline(StackedRowInline):
    """The citations of a company, on its page."""

    model = Citation
    fk_name = "company"
    fields = (("supports", "source"), *LINES)
    autocomplete_fields = ("source",)
    verbose_name_plural = _("Evidence: citations of this record")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        may_delete = self.has_delete_permission(request, obj)
        return modelformset_factory(
            Citation,
            form=EvidenceForm,
            formset=EvidenceFormSet,
            fields=FIELDS,
            formfield_callback=lambda field, **options: self.formfield_for_dbfield(
                field, request, **options
            ),
            extra=0,
            can_delete=may_delete,
            max_num=MOST_ROWS if self.has_add_permission(request, obj) else 0,
            absolute_max=MOST_ROWS,
        )


class CitationInline(StackedRowInline):
    """The citations of a status, pledge or report, on its page."""

    model = Citation
    fields = ("source", *LINES)
    autocomplete_fields = ("source",)


class CitationsOfSigning(CitationInline):
    fk_name = "signing"


class CitationsOfPledge(CitationInline):
    fk_name = "pledge"


class CitationsOfReport(CitationInline):
    fk_name = "report"


class CitedAdmin(RegisterAdmin):
    """Admin of a model that has citations."""

    fixed_fields = ("company",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(evidence_count=Count("citations"))
        return counted

    @admin.display(description=_("evidence"), ordering="evidence_count")
    def evidence(self, row: Any) -> int:
        count: int = row.evidence_count
        return count


class ProofFilter(admin.SimpleListFilter):
    title = _("evidence")
    parameter_name = "proof"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("too-weak", _("status stronger than its quote"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(pk__in=stronger_than_quote(Signing.objects.all()))


@admin.register(Signing)
class SigningAdmin(CitedAdmin):
    list_display = ("company", "pact", "status", "started", "ended", "since_basis", "evidence")
    list_filter = (
        GapFilter,
        ProofFilter,
        "pact",
        "status",
        "since_basis",
        "asked",
        ("until", admin.EmptyFieldListFilter),
    )
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

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return (*shown, "faults") if ProofFilter.parameter_name in request.GET else shown

    @admin.display(description=_("Evidence problems"))
    def faults(self, signing: Signing) -> str:
        found = stronger_than_quote(Signing.objects.filter(pk=signing.pk))
        return " ".join(text for error in found.get(signing.pk, []) for text in error.messages)

    @admin.display(description=_("since"), ordering="since")
    def started(self, signing: Signing) -> str:
        return signing.started.in_words(get_language() or "en")

    @admin.display(description=_("until"), ordering="until")
    def ended(self, signing: Signing) -> str:
        return signing.ended.in_words(get_language() or "en") if signing.ended else "–"


@admin.register(Retraction)
class RetractionAdmin(RegisterAdmin):
    """Admin of retractions; “Retract a status” on a company’s page adds one."""

    list_display = ("company", "pact", "status", "published_from", "retracted_on")
    list_filter = ("pact", "status")
    list_select_related = ("company", "pact")
    search_fields = ("company__name_folded",)
    fixed_fields = ("company", "pact", "status", "since", "since_precision", "retracted_on")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Pledge)
class PledgeAdmin(CitedAdmin):
    form = RegisterPledgeForm
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
                    "Evidence of implementation. If you found none, leave “no evidence found”: "
                    "it does not mean “not done”."
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

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        pledge = self.get_object(request, object_id)
        if pledge and pledge.comes_with_signature:
            self.message_user(request, COMES_WITH_SIGNATURE, messages.ERROR)
            return redirect("admin:companies_pledge_change", pledge.pk)
        return super().delete_view(request, object_id, extra_context)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the selected pledges except those implied by a signature."""
        staying = [row.pk for row in queryset if row.comes_with_signature]
        if staying:
            self.message_user(request, COMES_WITH_SIGNATURE, messages.ERROR)
        super().delete_queryset(request, queryset.exclude(pk__in=staying))


@admin.register(Source)
class SourceAdmin(RegisterAdmin):
    list_display = ("title", "publisher", "kind", "published_on", "retrieved_on", "cited")
    list_filter = (
        GapFilter,
        "kind",
        ("published_on", admin.EmptyFieldListFilter),
        ("archived_url", admin.EmptyFieldListFilter),
        ("publisher", ValuesFilter),
    )
    search_fields = ("title", "publisher", "url", "slug")
    ordering = ("title", "pk")  # counting citations drops that of the model
    date_hierarchy = "published_on"
    prepopulated_fields = {"slug": ("title",)}
    fieldsets = (
        (None, {"fields": ("url", ("title", "slug"), ("publisher", "publisher_fr"), "kind")}),
        (
            _("Date and archived copy"),
            {
                "description": _(
                    "Pages disappear. Record the day you read it and the link to an archived copy."
                ),
                "fields": (
                    ("published_on", "retrieved_on"),
                    "archived_url",
                    "sha256",
                    ("obtained", "received_from"),
                ),
            },
        ),
    )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        may_save = (
            self.has_change_permission(request) if object_id else self.has_add_permission(request)
        )
        if is_to_fill_in(request) and may_save:
            request.filled_in = source_filled_in(request)  # type: ignore[attr-defined]  # RegisterForm's
            request.method = "GET"  # the form is shown once more, and nothing is saved
        return super().changeform_view(request, object_id, form_url, extra_context)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "url" and field:
            field.widget = AddressInput(attrs={"class": "vTextField"})
        return field

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sources = super().get_queryset(request)
        counted: QuerySet[Any] = sources.annotate(cited=Count("citations"))
        return counted

    @admin.display(description=_("citations"), ordering="cited")
    def cited(self, source: Any) -> int:
        count: int = source.cited
        return count


class QuoteFilter(admin.SimpleListFilter):
    title = _("quote")
    parameter_name = "quoted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("missing", _("quote missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return without_quote(queryset) if self.value() else queryset


class CheckFilter(admin.SimpleListFilter):
    """Filters citations by the result of the last check of their page."""

    title = _("check of the page")
    parameter_name = "check"
    results = {
        "lost": QuoteCheck.LOST,
        "gone": (QuoteCheck.Result.GONE,),
        "not_seen": QuoteCheck.NOT_SEEN,
        "found": (QuoteCheck.Result.FOUND,),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("lost", _("quote not found on its page")),
            ("gone", _("page gone")),
            ("not_seen", _("page not reachable or not read")),
            ("found", _("quote found")),
            ("never", _("never checked")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        checks = QuoteCheck.objects.of_current_quotes()
        if self.value() == "never":
            return queryset.exclude(pk__in=checks.values("citation"))
        if wanted := self.results.get(self.value() or ""):
            return queryset.filter(pk__in=checks.filter(result__in=wanted).values("citation"))
        return queryset


@admin.register(Citation)
class CitationAdmin(RegisterAdmin):
    list_display = ("source", "supports", "confidence", "page_check", "verified_on", "verified_by")
    list_filter = (
        GapFilter,
        QuoteFilter,
        CheckFilter,
        "own_words",
        "source__kind",
        ("verified_on", admin.EmptyFieldListFilter),
    )
    list_select_related = (
        "source",
        "quote_check",
        "company",
        "signing__company",
        "signing__pact",
        "pledge__company",
        "pledge__commitment",
        "report__company",
        "report__pact",
    )
    search_fields = ("source__title", "quote")
    date_hierarchy = "verified_on"
    autocomplete_fields = ("source", *TARGETS)
    fieldsets = (
        (None, {"fields": ("source", *LINES)}),
        (
            _("What it supports"),
            {
                "description": _(
                    "Fill in exactly one. On a company’s own page you choose it from a list."
                ),
                "fields": TARGETS,
            },
        ),
    )

    @admin.display(description=_("check of the page"))
    def page_check(self, citation: Citation) -> str:
        check = citation.check_of_page
        if check is None:
            return "–"
        url = reverse("admin:companies_quotecheck_change", args=[check.pk])
        return format_html('<a href="{}">{}</a>', url, check.get_result_display())

    @admin.display(description=_("supports"))
    def supports(self, citation: Citation) -> str:
        return str(citation.signing or citation.pledge or citation.report or citation.company)


@admin.register(ProgressReport)
class ProgressReportAdmin(CitedAdmin):
    list_display = (
        "company",
        "pact",
        "period",
        "due_on",
        "submitted_on",
        "published_on",
        "evidence",
    )
    list_filter = (
        "pact",
        "period",
        "due_basis",
        ("submitted_on", admin.EmptyFieldListFilter),
        ("published_on", admin.EmptyFieldListFilter),
    )
    list_select_related = ("company", "pact")
    search_fields = ("company__name_folded", "company__names__name_folded")
    date_hierarchy = "due_on"
    autocomplete_fields = ("company", "pact")
    inlines = (CitationsOfReport,)
    fieldsets = (
        (
            None,
            {
                "description": _("Reporting is optional. A submitted report need not be public."),
                "fields": (
                    ("company", "pact", "period"),
                    ("due_on", "due_basis"),
                    ("submitted_on", "published_on"),
                    "url",
                ),
            },
        ),
    )
