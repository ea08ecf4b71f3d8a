"""Find a person by e-mail address, receipt or user name, and collect their data."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import BinaryField, EmailField, Field, ForeignKey, JSONField, Model, Q

from companies.models import Correction, Delivery, Subscription, read_receipt

# Not about the person who decided on them, or a secret.
_OF_OTHERS = ("companies", "mfa")
_SECRETS = ("password", "secret")  # the names of fields


@dataclass(frozen=True)
class Person:
    """A person: their corrections, accounts and subscriptions."""

    corrections: tuple[Correction, ...]
    accounts: tuple[User, ...]
    subscriptions: tuple[Subscription, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.corrections or self.accounts or self.subscriptions)

    def __str__(self) -> str:
        found = [f"correction {one.receipt}" for one in self.corrections]
        found += [f"account {one.username}" for one in self.accounts]
        return ", ".join([*found, *(f"subscription {one}" for one in self.subscriptions)])

    @property
    def words(self) -> set[str]:
        """Words by which a text may name the person."""
        found = {one.email for one in self.corrections}
        found |= {one.address for one in self.subscriptions}
        for account in self.accounts:
            found |= {account.username, account.get_full_name(), *addresses(account)}
        return found - {""}


def find(who: str) -> Person:
    """Find a person: by address all data; by receipt only that correction.

    The URL of a webhook finds its subscriptions.
    """
    name = who.strip()
    accounts = User.objects.filter(username=name)
    if "@" in name:
        accounts = User.objects.filter(Q(username=name) | Q(pk__in=_owners(name)))
    emails = {name} if "@" in name else set()
    emails |= {address for account in accounts for address in addresses(account)}
    sent = Q(receipt=read_receipt(name) or None)
    for email in emails:
        sent |= Q(email__iexact=email)
    corrections = Correction.objects.filter(sent).select_related("company").order_by("pk")
    follow = Q(pk=None)
    for address in emails | ({name} if "://" in name else set()):
        follow |= Q(address__iexact=address)
    subscriptions = Subscription.objects.filter(follow).order_by("pk")
    return Person(tuple(corrections), tuple(accounts), tuple(subscriptions))


def references() -> Iterator[tuple[type[Model], str]]:
    """Each foreign key of any table to an account."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and field.related_model is User:
                yield model, field.name


def _addresses() -> Iterator[tuple[type[Model], str, str]]:
    """Models with e-mail addresses of accounts, with their foreign key and address field."""
    yield User, "pk", "email"
    for model, owner in references():
        for field in model._meta.concrete_fields:
            if isinstance(field, EmailField) and model._meta.app_label != "companies":
                yield model, owner, field.name


def addresses(account: User) -> set[str]:
    found: set[str] = set()
    for model, owner, email in _addresses():
        rows = model._base_manager.filter(**{owner: account.pk})
        found |= {*rows.values_list(email, flat=True)}
    return found - {""}


def _owners(address: str) -> set[int]:
    found: set[int] = set()
    for model, owner, email in _addresses():
        rows = model._base_manager.filter(**{f"{email}__iexact": address})
        found |= {*rows.values_list(owner, flat=True)}
    return found


def session_model() -> type[AbstractBaseSession]:
    """The model of the site's sessions."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return store.get_model_class()  # type: ignore[no-any-return]  # what the settings name


def sessions_of(account: User) -> list[AbstractBaseSession]:
    """The sessions of an account, which only the signed data identifies."""
    rows, key = session_model()._base_manager.all(), str(account.pk)
    return [one for one in rows if one.get_decoded().get("_auth_user_id") == key]


def named_in_text() -> Iterator[tuple[type[Model], str]]:
    """Models that name an account in text beside its key: `by` and `by_pk`."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        for name in sorted(names):
            if f"{name}_pk" in names:
                yield model, name


def as_json(person: Person) -> str:
    """All rows about a person by table, as readable JSON."""
    rows = {
        "corrections": [stated(one) for one in person.corrections],
        "accounts": [_account(one) for one in person.accounts],
        "subscriptions": [_subscription(one) for one in person.subscriptions],
    }
    return json.dumps(rows, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)


def _subscription(one: Subscription) -> dict[str, Any]:
    deliveries = Delivery.objects.filter(subscription=one).order_by("pk")
    return stated(one) | {"deliveries": [stated(row) for row in deliveries]}


def _account(account: User) -> dict[str, Any]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for model, field in references():
        for row in model._base_manager.filter(**{field: account}).order_by("pk"):
            rows.setdefault(model._meta.label, []).append({"as": field} | stated(row))
    for model, name in named_in_text():
        for row in model._base_manager.filter(**{f"{name}_pk": account.pk}).order_by("pk"):
            rows.setdefault(model._meta.label, []).append({"as": name} | stated(row))
    return stated(account) | {
        "groups": [group.name for group in account.groups.all()],
        "sessions_until": [session.expire_date for session in sessions_of(account)],
        "rows": rows,
    }


def stated(row: Model) -> dict[str, Any]:
    """A row's columns, without bytes, secrets and data about others."""
    return {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.name not in _SECRETS and not _is_of_others(field)
    }


def _is_of_others(field: "Field[Any, Any]") -> bool:
    listed = isinstance(field, JSONField) and field.model._meta.app_label in _OF_OTHERS
    return listed or isinstance(field, BinaryField)
