"""The second factors of an account, and which of them a session has shown."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest


def factors_of(user: Any) -> set[int]:
    return set(Authenticator.objects.filter(user=user).values_list("pk", flat=True))


def shown(request: HttpRequest, factors: set[int]) -> list[dict[str, Any]]:
    """What a session was opened and confirmed with, the oldest first.

    A password counts only while the account has no second factor, and of factors only those that
    the account still has.
    """
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return [one for one in records if one.get("id") in factors] if factors else records


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether the session showed the best its user has within the last minutes."""
    records = shown(request, factors_of(request.user))
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record["at"] > since for record in records)


def count_as_shown(request: HttpRequest, authenticator: Authenticator, **kwargs: Any) -> None:
    """Whoever adds a factor has just used it; the codes that come with it are only handed out."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, request.user, "mfa", id=authenticator.pk)


def remove_factors(user: User, request: HttpRequest | None = None) -> int:
    """Remove all second factors of an account, whose next login begins with a new one."""
    found = list(Authenticator.objects.filter(user=user))
    for factor in found:
        factor.delete()
        authenticator_removed.send(
            sender=Authenticator, request=request, user=user, authenticator=factor
        )
    return len(found)
