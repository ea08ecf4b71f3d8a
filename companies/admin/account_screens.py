"""Admin of login sessions and of the audit log."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import sessions
from accounts.enrolment import confirmed
from accounts.models import AccountEvent, LoginSession

from .base import GuardedAdmin, ReadOnlyAdmin, Screens, View, screens_of

ENDS_SESSIONS = "accounts.delete_loginsession"


@admin.register(AccountEvent)
class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "account", "by", "detail", "address", "device")
    list_filter = ["kind"]
    date_hierarchy = "at"
    search_fields = ["account", "by"]
    search_help_text = _("Search by account name.")
    fields = ("at", "kind", "account", "by", "detail", "address", "device")
    list_per_page = 50


@admin.register(LoginSession)
class SessionAdmin(GuardedAdmin):
    """A user's own sessions; all sessions for those who may end them."""

    list_display = ["used_at", "is_this_one", "account", "began_at", "address", "device"]
    fields = ["account", "device", "address", "began_at", "used_at"]
    list_per_page = 50

    def guarded(self, view: View) -> View:
        """Decorate a view that needs a confirmation within the last minutes."""
        return super().guarded(confirmed(view))

    @admin.display(description=_("this one"), boolean=True)
    def is_this_one(self, session: LoginSession) -> bool:
        return session.is_this_one  # type: ignore[attr-defined, no-any-return]  # get_queryset's

    def get_list_filter(self, request: HttpRequest) -> Any:
        everybodys = request.user.has_perm(ENDS_SESSIONS)
        return [("account", admin.RelatedOnlyFieldListFilter)] if everybodys else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[LoginSession]:
        alive = super().get_queryset(request).filter(expire_date__gt=timezone.now())
        shown = alive.exclude(account=None).select_related("account")
        if not request.user.has_perm(ENDS_SESSIONS):
            shown = shown.filter(account=request.user.pk)
        return sessions.marked(shown, request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: LoginSession) -> None:
        self.delete_queryset(request, self.get_queryset(request).filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[LoginSession]) -> None:
        this = request.session.session_key or ""
        own = queryset.filter(session_key=this).exists()
        sessions.end(queryset.exclude(session_key=this))
        if own:
            logout(request)


@screens_of(LoginSession)
class SessionScreens(Screens):
    routes = {"end_others": "end-others/"}

    def end_others(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        number = sessions.end_others(User.objects.get(username=request.user.get_username()))
        message = ngettext("%(number)d session ended.", "%(number)d sessions ended.", number)
        messages.success(request, message % {"number": number})
        return redirect("admin:accounts_loginsession_changelist")
