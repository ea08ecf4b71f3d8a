"""Admin of pacts, commitments, milestones, and published shares and opinions."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from companies.models import Commitment, Milestone, Opinion, Pact, PublishedShare

from .base import RegisterAdmin


@admin.register(Pact)
class PactAdmin(RegisterAdmin):
    list_display = ("name", "issuer", "opened_on", "closed_on", "listed_total", "position")
    search_fields = ("slug", "name_en", "name_fr")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name_en", "name_fr"),
                    ("slug", "position"),
                    ("issuer", "issuer_fr"),
                    "url",
                    ("opened_on", "closed_on"),
                    "report_after_months",
                )
            },
        ),
        (
            _("The official count"),
            {
                "description": _(
                    "The total announced by the issuer. We show our own count beside it."
                ),
                "fields": (("listed_total", "listed_total_on"),),
            },
        ),
        (_("Summary"), {"fields": ("summary_en", "summary_fr")}),
    )

    @admin.display(description=_("name"), ordering="name_en")
    def name(self, pact: Pact) -> str:
        return pact.name


@admin.register(Commitment)
class CommitmentAdmin(RegisterAdmin):
    list_display = ("title", "code", "pact", "kind", "audience", "position")
    list_filter = ("pact", "kind", "audience", "text_basis")
    list_select_related = ("pact",)
    search_fields = ("code", "title_en", "title_fr")
    autocomplete_fields = ("pact", "source")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("pact", "code", "position"),
                    ("kind", "audience"),
                    ("title_en", "title_fr"),
                )
            },
        ),
        (
            _("Text"),
            {
                "description": _("Whether the text is the document’s own or ours."),
                "fields": (
                    "text",
                    ("ai_act_article", "ai_act_article_fr"),
                    ("text_basis", "source"),
                ),
            },
        ),
    )

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, commitment: Commitment) -> str:
        return commitment.title


@admin.register(Milestone)
class MilestoneAdmin(RegisterAdmin):
    list_display = ("when", "topic", "title", "source", "confidence")
    list_display_links = ("title",)
    list_filter = ("topic", "pact", "source__kind")
    list_select_related = ("source",)
    search_fields = ("title_en", "title_fr")
    date_hierarchy = "date"
    autocomplete_fields = ("pact", "source")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("date", "date_precision", "moved_from"),
                    ("topic", "pact"),
                    ("title_en", "title_fr"),
                    ("value", "reports_received"),
                    "source",
                )
            },
        ),
    )

    @admin.display(description=_("date"), ordering="date")
    def when(self, milestone: Milestone) -> str:
        return str(milestone.when)

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, milestone: Milestone) -> str:
        return milestone.title


@admin.register(PublishedShare)
class PublishedShareAdmin(RegisterAdmin):
    list_display = ("value", "percent", "pact", "source")
    list_filter = ("pact", "value")
    list_select_related = ("pact", "source")
    autocomplete_fields = ("pact", "source")
    fields = ("pact", "value", ("percent", "signatories"), "source")


@admin.register(Opinion)
class OpinionAdmin(RegisterAdmin):
    list_display = ("__str__", "pact", "source")
    list_filter = ("pact",)
    list_select_related = ("pact", "source")
    search_fields = ("says_en", "says_fr", "quote")
    autocomplete_fields = ("pact", "source")
    fields = (
        ("pact", "position"),
        ("says_en", "says_fr"),
        ("quote", "language"),
        ("translation_en", "translation_fr"),
        ("author_en", "author_fr"),
        "source",
    )
