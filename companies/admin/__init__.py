"""Editors' screens."""

from django.contrib import admin
from django.contrib.auth import admin as auth
from django.contrib.auth.models import Group, User
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from . import (
    account_screens,
    companies,
    correction_queue,
    facts,
    import_runs,
    instruments,
    merge_screen,
    review_screen,
    status_screen,
    upload_screen,
)
from .base import GuardedAdmin

__all__ = [
    "account_screens",
    "companies",
    "correction_queue",
    "facts",
    "import_runs",
    "instruments",
    "merge_screen",
    "review_screen",
    "status_screen",
    "upload_screen",
]

admin.site.site_header = admin.site.site_title = "PactWatch"
admin.site.index_title = _("The register")
admin.site.site_url = reverse_lazy("home")  # type: ignore[assignment]  # rendered late

admin.site.unregister([User, Group])


@admin.register(User)
class UserAdmin(GuardedAdmin, auth.UserAdmin):  # type: ignore[type-arg]  # not at run time
    pass


@admin.register(Group)
class GroupAdmin(GuardedAdmin, auth.GroupAdmin):
    pass
