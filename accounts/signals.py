"""Audit events of accounts: logins, second factors, passwords and permissions.

Accounts are models of Django and allauth, so that their signals are the one place that sees every
change.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model
from django.http import HttpRequest

from pactwatch.limits import network_of

from . import sessions
from .audit_log import record
from .limits import login_limits
from .models import AccountEvent

Kind = AccountEvent.Kind
RIGHTS = ("username", "is_active", "is_staff", "is_superuser")


def logged_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    login_limits.forget(user, network_of(request))
    record(Kind.LOGGED_IN, account=user, request=request)


def logged_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        record(Kind.LOGGED_OUT, account=user, request=request)


def failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Log a failed login; the name typed is left out unless such an account exists."""
    account = login_limits.account_called(str(credentials.get("username") or ""))
    record(Kind.FAILED, account=account, request=request)


# Second factors


def code_failed(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    record(Kind.CODE_FAILED, account=user, request=request)


def factor_added(sender: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    record(Kind.FACTOR_ADDED, account=user, detail=authenticator.type)


def factor_removed(sender: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    record(Kind.FACTOR_REMOVED, account=user, detail=authenticator.type)


def factor_reset(sender: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    record(Kind.FACTOR_RESET, account=user, detail=authenticator.type)


def factor_used(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **kwargs: Any
) -> None:
    login_limits.forget(user, network_of(request))
    if authenticator.type == "recovery_codes":
        record(Kind.RECOVERY_USED, account=user, request=request)


# Passwords and rights


def before_saving(sender: Any, instance: User, **kwargs: Any) -> None:
    names = (*RIGHTS, "password")
    touched = kwargs.get("update_fields") or names
    before: dict[str, Any] = {}
    if instance.pk and {*touched} & {*names}:
        before = User.objects.filter(pk=instance.pk).values(*names).first() or {}
    instance._before = before  # type: ignore[attr-defined]  # for after_saving


def after_saving(sender: Any, instance: User, created: bool, **kwargs: Any) -> None:
    before = instance._before  # type: ignore[attr-defined]  # from before_saving
    if created:
        record(Kind.CREATED, account=instance, detail=rights_of(instance))
    if not before:
        return
    changed = [name for name in RIGHTS if getattr(instance, name) != before[name]]
    if changed:
        moved = [f"{name}: {before[name]} > {getattr(instance, name)}" for name in changed]
        record(Kind.RIGHTS, account=instance, detail="; ".join(moved))
    if is_new_password(instance, before["password"], kwargs.get("update_fields")):
        record(Kind.PASSWORD, account=instance)
        sessions.end_others(instance, why="password changed")
    if "is_active" in changed and not instance.is_active:
        sessions.end_others(instance, why="deactivated")


def is_new_password(user: User, before: str, update_fields: Any) -> bool:
    """Whether the password changed, rather than being rehashed by Django at a login."""
    typed = user._password  # type: ignore[attr-defined]  # Django's own, which the stubs lack
    rehashed = typed is None and {*(update_fields or ())} == {"password"}
    return user.password != before and not rehashed


def rights_of(user: User) -> str:
    return ", ".join(name for name in RIGHTS[1:] if getattr(user, name))


def deleted(sender: Any, instance: User, **kwargs: Any) -> None:
    record(Kind.DELETED, account=instance)


def group_deleted(sender: Any, instance: Group, **kwargs: Any) -> None:
    record(Kind.RIGHTS, detail=f"group {instance.name} deleted")


def rights_moved(
    sender: Any, instance: Model, action: str, model: Any, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Log groups and permissions that were granted or revoked, from either side of the relation."""
    sign = {"post_add": "+", "pre_remove": "-", "pre_clear": "-"}.get(action)
    if sign is None or (pk_set is not None and not pk_set):
        return
    others = model.objects.all() if pk_set is None else model.objects.filter(pk__in=pk_set)
    if pk_set is None:
        others = others.filter(**{back(model, instance): instance})
    moved = [*others]
    if model is User:
        for user in moved:
            record(Kind.RIGHTS, account=user, detail=f"{sign} {called(instance)}")
    elif moved:
        account = instance if isinstance(instance, User) else None
        whose = "" if account else f"{called(instance)}: "
        what = ", ".join(called(one) for one in moved)
        record(Kind.RIGHTS, account=account, detail=f"{whose}{sign} {what}")


def back(model: type[Model], instance: Model) -> str:
    """The query name by which rows of `model` filter by `instance`."""
    if model is User:
        return "groups" if isinstance(instance, Group) else "user_permissions"
    if isinstance(instance, User):
        return "user"
    return "permissions" if model is Group else "group"


def called(row: Model) -> str:
    if isinstance(row, Permission):
        return f"{row.content_type.app_label}.{row.codename}"
    return f"group {row}" if isinstance(row, Group) else str(row)
