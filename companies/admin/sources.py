"""Sources, citations and progress reports."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from companies.models import Citation, ProgressReport, Source

from .base import RegisterAdmin
from .citations import FIELDS, TARGETS, CitationsOfReport
from .facts import CitedAdmin


@admin.register(Source)
class SourceAdmin(RegisterAdmin):
    list_display = ("title", "publisher", "kind", "published_on", "retrieved_on", "cited")
    list_filter = ("kind", ("archived_url", admin.EmptyFieldListFilter), "publisher")
    search_fields = ("title", "publisher", "url", "slug")
    date_hierarchy = "published_on"
    prepopulated_fields = {"slug": ("title",)}
    fieldsets = (
        (None, {"fields": ("url", ("title", "slug"), ("publisher", "kind"))}),
        (
            _("When, and a copy that stays"),
            {
                "description": _(
                    "A page may vanish. Note the day you read it and the address of a kept copy."
                ),
                "fields": (("published_on", "retrieved_on"), "archived_url", "sha256"),
            },
        ),
    )

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


@admin.register(Citation)
class CitationAdmin(RegisterAdmin):
    list_display = ("source", "supports", "confidence", "verified_on", "verified_by")
    list_filter = ("confidence", "source__kind", ("verified_on", admin.EmptyFieldListFilter))
    list_select_related = (
        "source",
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
        (None, {"fields": FIELDS}),
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
                "description": _(
                    "Reporting is an invitation. A report that was submitted need not be public."
                ),
                "fields": (
                    ("company", "pact", "period"),
                    ("due_on", "due_basis"),
                    ("submitted_on", "published_on"),
                    "url",
                ),
            },
        ),
    )
