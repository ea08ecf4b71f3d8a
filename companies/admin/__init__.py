"""Editors' screens."""

from django.contrib import admin
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from . import company, corrections, evidence, imports, pact, signing, users

__all__ = ["company", "corrections", "evidence", "imports", "pact", "signing", "users"]

admin.site.site_header = admin.site.site_title = "PactWatch"
admin.site.index_title = _("The register")
admin.site.site_url = reverse_lazy("home")  # type: ignore[assignment]  # rendered late
