"""Editors' screens."""

from django.contrib import admin
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from . import (
    companies,
    correction_queue,
    facts,
    import_runs,
    instruments,
    merge_screen,
    review_screen,
    sources,
    status_screen,
    upload_screen,
    users,
)

__all__ = [
    "companies",
    "correction_queue",
    "facts",
    "import_runs",
    "instruments",
    "merge_screen",
    "review_screen",
    "sources",
    "status_screen",
    "upload_screen",
    "users",
]

admin.site.site_header = admin.site.site_title = "PactWatch"
admin.site.index_title = _("The register")
admin.site.site_url = reverse_lazy("home")  # type: ignore[assignment]  # rendered late
