"""Erase a person: their messages, account, and name in other texts.

The rows that an editor decided on refer to the account, so that it stays, with a role in place of
its name: no fact of the register and no hash changes.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CharField, JSONField, Model, Q, TextField, Value
from django.db.models.functions import Replace

from companies.models import Correction, SavedFilter
from companies.register.corrections import forget_sender
from companies.register.history import lock_register, new_version

from .persons import Person, named_in_text, references, session_model, sessions_of

# Their rows about an account stay; of any other app they go: addresses, keys, sessions. So do the
# filters that somebody saved.
KEEP_THEIR_ROWS = ("companies", "admin")
PLACES = ("address", "network", "device")  # from where something was done
SHORTEST = 3  # letters of a name that is looked for in texts
MOST_LISTED = 50


def erase(person: Person) -> list[str]:
    """Erase in one transaction; returns lines of what was erased, and of remaining mentions."""
    words = person.words
    sent = [one.pk for one in person.corrections]
    followed = [one.pk for one in person.subscriptions]
    with transaction.atomic():
        lock_register()
        forget_sender(Correction.objects.filter(pk__in=sent))
        for one in person.subscriptions:
            one.delete()  # with its deliveries
        names = [_pseudonymise(account, words) for account in person.accounts]
        new_version()
    published = Correction.objects.published().filter(pk__in=sent)
    return [
        *(f"Correction {one.receipt}: erased." for one in person.corrections),
        *(f"{one}: its published statement stands; withdraw it in the admin." for one in published),
        *(f"Subscription {pk}: deleted." for pk in followed),
        *(f"The account is now called {name}." for name in names),
        *list(mentions(words))[:MOST_LISTED],
    ]


def _pseudonymise(account: User, words: set[str]) -> str:
    """Replace the account's name by a role, end its sessions and delete its credentials."""
    reviews = account.has_perm("companies.change_proposal")
    name = f"former-{'reviewer' if reviews else 'editor'}-{account.pk}"
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(account.pk))
    LogEntry.objects.filter(about | Q(object_repr=account.username)).update(object_repr=name)
    for session in sessions_of(account):
        session.delete()
    for model, field in references():
        if model._meta.app_label not in KEEP_THEIR_ROWS or model is SavedFilter:
            model._base_manager.filter(**{field: account}).delete()
    account.groups.clear()
    account.user_permissions.clear()
    account.username, account.last_login = name, None
    account.first_name = account.last_name = account.email = ""
    account.is_active = account.is_staff = account.is_superuser = False
    account.set_unusable_password()
    account.save()
    _rename_in_logs(account, words)  # also what the lines above logged
    return name


def _rename_in_logs(account: User, words: set[str]) -> None:
    """Replace the account's name in logs, keeping events without IP addresses."""
    for model, role in named_in_text():
        rows = model._base_manager.filter(**{f"{role}_pk": account.pk})
        places = [one for one in model._meta.concrete_fields if one.name in PLACES]
        rows.update(**{one.name: None if one.null else "" for one in places})
        rows.update(**{role: account.username})
        for word in sorted(words, key=len, reverse=True):
            said = Value(account.username)
            rows.update(**{name: Replace(name, Value(word), said) for name in _texts(model)})


def mentions(words: set[str]) -> Iterator[str]:
    """Texts in any table containing one of the words, for a person to review."""
    sought = sorted(word for word in words if len(word) >= SHORTEST)
    if not sought:
        return
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sought))})(?!\w)", re.IGNORECASE)
    for model in apps.get_models():
        names = _texts(model)
        holds = Q()
        for name in names:
            for word in {*sought, *(json.dumps(word)[1:-1] for word in sought)}:
                holds |= Q(**{f"{name}__icontains": word})
        if not holds:
            continue
        for row in model._base_manager.filter(holds).values("pk", *names):
            if found := [name for name in names if pattern.search(str(row[name]))]:
                yield f"Still named: {model._meta.label} {row['pk']}, {', '.join(found)}."


def _texts(model: type[Model]) -> list[str]:
    """The text columns of a model, without signed session data."""
    if model is session_model():
        return []
    columns: list[Any] = list(model._meta.concrete_fields)
    kinds = (CharField, TextField, JSONField)
    return [one.name for one in columns if isinstance(one, kinds) and not one.choices]
