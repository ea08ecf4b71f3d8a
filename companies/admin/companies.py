"""Admin of companies: the list, and one form with the whole record."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, DateTimeField, Exists, Max, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, NullIf
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.countries import country_name
from companies.models import (
    DEFAULT_PACT,
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Pact,
    PartialDate,
    Pledge,
    ProgressReport,
    Sector,
    Signing,
)
from companies.names.letters import alphabetical
from companies.queries import narrowed

from .base import LONGEST_SEARCH, RegisterAdmin, RowInline, StackedRowInline
from .company_form import CompanyForm, keep_old_names
from .desk.gap_filter import GapFilter
from .desk.next_row import gap_of_list
from .desk.record_summary import headings, summary_of_record
from .facts import EvidenceInline
from .forms import NameFormSet, PeriodForm, PeriodFormSet, PledgeForm, PledgeFormSet
from .history_screens import describe, timeline
from .previewing.frame import beside, is_preview, refused
from .previewing.public_record import previewed


class NameInline(RowInline):
    model = CompanyName
    formset = NameFormSet
    fields = ("name", "kind")


class IdentifierInline(RowInline):
    model = CompanyIdentifier
    fields = ("scheme", "value")


class EvidenceCount:
    """A column with the number of citations, linked to them."""

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)  # type: ignore[misc]  # InlineModelAdmin's
        return rows.annotate(evidence_count=Count("citations"))

    @admin.display(description=_("evidence"))
    def evidence(self, row: Any) -> str:
        if not row.pk:
            return "–"
        url = reverse(f"admin:companies_{row._meta.model_name}_change", args=[row.pk])
        return format_html('<a href="{}#citations-group">{}</a>', url, row.evidence_count)


class SigningInline(EvidenceCount, StackedRowInline):
    model = Signing
    form = PeriodForm
    formset = PeriodFormSet
    autocomplete_fields = ("pact",)
    readonly_fields = ("evidence",)
    fields = (
        ("pact", "status", "evidence"),
        ("since", "since_precision", "since_basis"),
        ("until", "until_precision"),
        ("reason_en", "reason_fr"),
        ("asked", "asked_on"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("company", "pact")


class PledgeInline(EvidenceCount, RowInline):
    model = Pledge
    form = PledgeForm
    formset = PledgeFormSet
    autocomplete_fields = ("commitment",)
    readonly_fields = ("evidence",)
    fields = (
        "commitment",
        "basis",
        "implementation",
        "implementation_basis",
        "as_of",
        "target_on",
        "evidence",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("company", "commitment")


class ReportInline(EvidenceCount, RowInline):
    model = ProgressReport
    autocomplete_fields = ("pact",)
    readonly_fields = ("evidence",)
    fields = (
        "pact",
        "period",
        "due_on",
        "due_basis",
        "submitted_on",
        "published_on",
        "url",
        "evidence",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("company", "pact")


class StatusFilter(admin.SimpleListFilter):
    title = _("EU AI Pact status")
    parameter_name = "status"
    NONE = "none"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Signing.Status.choices, (self.NONE, _("no status recorded"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == self.NONE:
            return queryset.filter(status__isnull=True)
        return queryset.filter(status=self.value()) if self.value() else queryset


class CountryFilter(admin.SimpleListFilter):
    title = _("country of headquarters")
    parameter_name = "country"
    UNKNOWN = "unknown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        language = get_language() or "en"
        codes = Company.objects.order_by().exclude(country="").values_list("country", flat=True)
        countries = [(code, country_name(code, language)) for code in codes.distinct()]
        return [
            *sorted(countries, key=lambda row: alphabetical(row[1])),
            (self.UNKNOWN, _("unknown")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == self.UNKNOWN:
            return queryset.filter(country="")
        return queryset.filter(country=self.value()) if self.value() else queryset


class EvidenceFilter(admin.SimpleListFilter):
    title = _("evidence")
    parameter_name = "evidence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("status without a source")), ("some", _("status with a source"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        sourced = Exists(Citation.objects.filter(signing=OuterRef("signing_id")))
        if self.value() == "none":
            return queryset.filter(~sourced)
        return queryset.filter(sourced) if self.value() == "some" else queryset


VERSIONS_PER_PAGE = 100


def _count(target: str) -> Coalesce:
    """Subquery with the number of citations of a company's rows; it uses an index."""
    cited = Citation.objects.filter(**{target: OuterRef("pk")}).order_by().values(target)
    return Coalesce(Subquery(cited.annotate(number=Count("pk")).values("number")), 0)


# In place of NULL: Greatest() is NULL as soon as one of its values is.
NEVER = Value(datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC), DateTimeField())


def _last_change(model: Any, key: str) -> Any:
    versions = model.history.filter(**{key: OuterRef("pk")}).order_by().values(key)
    return Coalesce(Subquery(versions.annotate(last=Max("history_date")).values("last")), NEVER)


# What a company lacks that has no such rows.
GAP_OF: dict[Any, str] = {CompanyIdentifier: "identifier"}


def folded_but_for(request: HttpRequest, *gaps: str) -> dict[str, list[str]]:
    """Fieldset options that collapse a section, unless the list filtered by what it lacks."""
    return {"classes": [] if gap_of_list(request) in (set(gaps) - {""}) else ["collapse"]}


@admin.register(Company)
class CompanyAdmin(RegisterAdmin):
    form = CompanyForm
    list_display = (
        "name",
        "status_toward_pact",
        "country_shown",
        "sector",
        "evidence_count",
        "last_change",
    )
    list_filter = (
        GapFilter,
        StatusFilter,
        EvidenceFilter,
        CountryFilter,
        "sector",
        "size",
        "role",
        "profile_basis",
    )
    list_select_related = ("sector",)
    search_fields = ("name",)
    search_help_text = _("Any name of the company; case, accents and punctuation do not matter.")
    autocomplete_fields = ("sector", "parent")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (
        SigningInline,
        EvidenceInline,
        PledgeInline,
        NameInline,
        IdentifierInline,
        ReportInline,
    )
    fieldsets = (
        (
            _("Name and website"),
            {"fields": (("name", "slug"), ("legal_name", "website"), "parent", "description")},
        ),
        (
            _("Profile"),
            {
                "description": _(
                    "Leave blank if no source states it. “Basis” tells readers how reliable "
                    "these facts are."
                ),
                "fields": (
                    ("country", "sector"),
                    ("size", "role"),
                    ("profile_basis", "profile_url"),
                ),
            },
        ),
    )
    actions = ("change_status_of_selected",)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # The public id never follows the name once it is published.
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        heads = self.headings(request, obj)
        (_name, options), (_profile, profile), *others = fieldsets
        names, *fields = options["fields"]
        fields = (names, "keep_former_name", *fields)
        return [
            (
                heads["name"],
                {**options, **folded_but_for(request, "legal_name"), "fields": fields},
            ),
            (
                heads["country"],
                {**profile, **folded_but_for(request, "country", "sector", "role")},
            ),
            *others,
        ]

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> Any:
        """Django's method; inlines of an existing company are collapsed."""
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines if obj else ():
            inline.classes = folded_but_for(request, GAP_OF.get(inline.model, ""))["classes"]
            inline.verbose_name_plural = self.headings(request, obj)[inline.model.__name__]
        return inlines

    def headings(self, request: HttpRequest, company: Company) -> dict[str, str]:
        """The summary of each section of the form, read once per request."""
        if not hasattr(request, "headings"):
            request.headings = headings(company)  # type: ignore[attr-defined]  # an attribute of ours
        return request.headings  # type: ignore[attr-defined, no-any-return]  # an attribute of ours

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if company := context.get("original"):
            context["record"] = summary_of_record(company)
        page = super().render_change_form(request, context, *args, **kwargs)
        return refused(request, context["summary"]) if is_preview(request) else page

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return beside(super().changeform_view(request, *args, **kwargs))

    def written(self, request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
        """Save the form as other admins do; roll a preview back."""
        if not is_preview(request):
            return super().written(request, answer)
        saved = partial(getattr, request, "saved_company")
        return previewed(request, partial(super().written, request, answer), saved)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        request.saved_company = obj  # type: ignore[attr-defined]  # an attribute of ours
        before = Company.objects.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        if before:
            keep_old_names(request, before, obj, form.cleaned_data)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        pact = Pact.objects.filter(slug=DEFAULT_PACT).first() or Pact(pk=0)
        companies = Company.objects.with_status(pact, timezone.localdate())
        targets = ("company", "signing__company", "pledge__company", "report__company")
        own, signings, pledges, reports = (_count(target) for target in targets)
        return companies.annotate(
            evidence_count=own + signings + pledges + reports,
            last_change=NullIf(
                Greatest(
                    _last_change(Company, "id"),
                    _last_change(Signing, "company_id"),
                    _last_change(Pledge, "company_id"),
                    _last_change(CompanyName, "company_id"),
                ),
                NEVER,
            ),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        if len(search_term) > LONGEST_SEARCH:
            return queryset.none(), False
        return narrowed(queryset, search_term), False

    @admin.display(description=_("EU AI Pact status"), ordering="status")
    def status_toward_pact(self, company: Any) -> str:
        if company.status is None:
            return "–"
        since = PartialDate(company.since, company.since_precision)
        return f"{Signing.Status(company.status).label}, {since}"

    @admin.display(description=_("country"), ordering="country")
    def country_shown(self, company: Company) -> str:
        return company.country_name or "–"

    @admin.display(description=_("evidence"), ordering="evidence_count")
    def evidence_count(self, company: Any) -> int:
        count: int = company.evidence_count
        return count

    @admin.display(description=_("last change"), ordering="last_change")
    def last_change(self, company: Any) -> Any:
        last = company.last_change
        return date_format(timezone.localtime(last), "DATE_FORMAT") if last else "–"

    @admin.action(description=_("Change the status of one company"), permissions=["change"])
    def change_status_of_selected(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponseRedirect | None:
        chosen = list(queryset[:2])
        if len(chosen) == 1:
            return HttpResponseRedirect(
                reverse("admin:companies_company_change_status", args=[chosen[0].pk])
            )
        self.message_user(
            request, _("Choose one company: each status needs its own source."), level="warning"
        )
        return None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The history of the company and of all its rows in one list."""
        versions = timeline(Company(pk=int(object_id)))
        company = self.get_queryset(request).filter(pk=object_id).first()
        if not versions and company is None:
            raise Http404
        if not self.has_view_or_change_permission(request, company):
            raise PermissionDenied
        pages = Paginator(versions, VERSIONS_PER_PAGE)
        page = pages.get_page(request.GET.get(PAGE_VAR))
        names = [version.name for version, _before in versions if version.instance_type is Company]
        name = company.name if company else names[0] if names else object_id
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(name)s and its rows") % {"name": name},
            "module_name": self.opts.verbose_name_plural,
            "object": company or Company(pk=int(object_id), name=name),
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "company": company,
            "lines": [describe(version, before) for version, before in page],
            "page_obj": page,
            "page_range": pages.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            **(extra_context or {}),
        }
        return render(request, "admin/companies/company/history.html", context)


class RowAdmin(RegisterAdmin):
    """Admin of rows that are edited on their company's page; only their history has its own."""

    fixed_fields = ("company",)
    autocomplete_fields = ("company",)
    list_select_related = ("company",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(CompanyName)
class CompanyNameAdmin(RowAdmin):
    list_display = ("name", "kind", "company")
    list_filter = ("kind",)
    search_fields = ("name_folded",)
    fieldsets = ((None, {"fields": ("company", "name", "kind")}),)


@admin.register(CompanyIdentifier)
class CompanyIdentifierAdmin(RowAdmin):
    list_display = ("value", "scheme", "company")
    list_filter = ("scheme",)
    search_fields = ("value",)
    fieldsets = ((None, {"fields": ("company", "scheme", "value")}),)


@admin.register(CompanyRedirect)
class CompanyRedirectAdmin(RegisterAdmin):
    list_display = ("old_slug", "company")
    list_select_related = ("company",)
    search_fields = ("old_slug", "company__name_folded")
    autocomplete_fields = ("company",)
    fieldsets = (
        (
            None,
            {
                "description": _("The old address redirects to the company’s current record."),
                "fields": ("old_slug", "company"),
            },
        ),
    )


@admin.register(Sector)
class SectorAdmin(RegisterAdmin):
    list_display = ("code", "label_en", "label_fr")
    search_fields = ("code", "label_en", "label_fr")
    fieldsets = ((None, {"fields": ("code", ("label_en", "label_fr"))}),)
