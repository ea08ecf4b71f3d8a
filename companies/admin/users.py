"""Logins and groups: only superusers see these screens."""

from django.contrib import admin
from django.contrib.auth import admin as auth
from django.contrib.auth.models import Group, User

from .guard import GuardedAdmin

admin.site.unregister([User, Group])


@admin.register(User)
class UserAdmin(GuardedAdmin, auth.UserAdmin):  # type: ignore[type-arg]  # not at run time
    pass


@admin.register(Group)
class GroupAdmin(GuardedAdmin, auth.GroupAdmin):
    pass
