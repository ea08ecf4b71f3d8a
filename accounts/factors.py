"""The second factors of an account, and which of them a session has verified."""

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
    """How a session was opened and confirmed, oldest first.

    A password counts only while the account has no second factor, and of second factors only
    those that the account still has.
    """
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return [one for one in records if one.get("id") in factors] if factors else records


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether the session verified its user's strongest method within the last minutes."""
    records = shown(request, factors_of(request.user))
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record["at"] > since for record in records)


def count_as_shown(request: HttpRequest, authenticator: Authenticator, **kwargs: Any) -> None:
    """Count a newly added factor as verified; recovery codes are only handed out."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, request.user, "mfa", id=authenticator.pk)


def remove_factors(user: User, request: HttpRequest | None = None) -> int:
    """Delete all second factors of an account, whose next login adds a new one."""
    found = list(Authenticator.objects.filter(user=user))
    for factor in found:
        factor.delete()
        authenticator_removed.send(
            sender=Authenticator, request=request, user=user, authenticator=factor
        )
    return len(found)
