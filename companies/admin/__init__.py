"""The admin: editors' screens."""

from typing import Any

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django.contrib import admin
from django.contrib.auth import admin as auth
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.enrolment import confirmed
from accounts.factors import remove_factors

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
from .base import GuardedAdmin, View
from .desk import filter_screens, find_screen
from .desk.desk_view import show_desk
from .evidence import cite_screen
from .following import follower_screens
from .previewing import preview_screen

__all__ = [
    "account_screens",
    "cite_screen",
    "companies",
    "correction_queue",
    "facts",
    "filter_screens",
    "find_screen",
    "follower_screens",
    "import_runs",
    "instruments",
    "merge_screen",
    "preview_screen",
    "review_screen",
    "status_screen",
    "upload_screen",
]

admin.site.site_header = admin.site.site_title = "PactWatch"
admin.site.index_title = _("The register")
admin.site.enable_nav_sidebar = False  # the desk leads to every list, by task
admin.site.site_url = reverse_lazy("home")  # type: ignore[assignment]  # rendered late

# The last two show the secrets of second factors, and addresses that nothing reads.
admin.site.unregister([User, Group, Authenticator, EmailAddress])


class RightsAdmin(GuardedAdmin):
    """Admin of models that grant permissions; needs a confirmation within the last minutes."""

    def guarded(self, view: View) -> View:
        return super().guarded(confirmed(view))


@admin.register(User)
class UserAdmin(RightsAdmin, auth.UserAdmin):  # type: ignore[type-arg]  # not at run time
    list_display = (*auth.UserAdmin.list_display, "has_second_factor")  # type: ignore[misc]  # a tuple
    actions = ("reset_second_factor",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(has_second_factor=Exists(factors))

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, user: Any) -> bool:
        return bool(user.has_second_factor)

    @admin.action(
        description=_("Remove the second factor (the next login sets up a new one)"),
        permissions=["change"],
    )
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        number = sum(bool(remove_factors(user, request)) for user in users)
        message = ngettext(
            "%(number)d account must set up a second factor at the next login.",
            "%(number)d accounts must set up a second factor at the next login.",
            number,
        )
        self.message_user(request, message % {"number": number})


@admin.register(Group)
class GroupAdmin(RightsAdmin, auth.GroupAdmin):
    pass


# Of the project's URLs, which name this module.
urlpatterns = [
    path("", admin.site.admin_view(show_desk), name="index"),
    *filter_screens.urls(),
    *admin.site.get_urls(),
]
