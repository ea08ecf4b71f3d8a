"""Limits attempts at passwords and codes, counted in the database for all processes.

An attempt counts until it is known to be right. Failures count per account and network, and per
network. Failures from elsewhere never lock anybody out: they only leave fewer attempts to networks
that have never logged in to the account.
"""

import datetime
import unicodedata
from math import ceil

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.audit_log import record
from accounts.models import AccountEvent, LoginAttempt
from pactwatch.limits import network_of

from .refusals import TooManyAttempts

WHILE = datetime.timedelta(minutes=15)
ON_ACCOUNT = 5  # from one network
ON_ATTACKED = 2  # from a network the account does not know, while it is attacked from elsewhere
ATTACKED = 50  # failures from elsewhere
FROM_NETWORK = 30
NOTED_EACH = datetime.timedelta(minutes=1)  # else a flood of refusals would flood the log


def begin(request: HttpRequest, name: str) -> LoginAttempt:
    """Count an attempt to log in as `name`, before the password is checked.

    Each attempt is written and then counted, so that of many at once no more than the limit
    pass. Raises TooManyAttempts.
    """
    network = network_of(request)
    attempt = LoginAttempt.objects.create(name_hash=hash_of(name), network=network)
    if full := full_limit(attempt, name):
        attempt.delete()
        refused(request, name, network)
        raise TooManyAttempts(seconds_left(full))
    return attempt


def full_limit(attempt: LoginAttempt, name: str) -> QuerySet[LoginAttempt] | None:
    """The attempts that reach a limit, or None."""
    recent = LoginAttempt.objects.filter(at__gt=timezone.now() - WHILE)
    from_network = recent.filter(network=attempt.network)
    on_account = from_network.filter(name_hash=attempt.name_hash)
    if from_network.count() > FROM_NETWORK:
        return from_network
    number = on_account.count()
    if number > ON_ACCOUNT:
        return on_account
    if number > ON_ATTACKED and is_attacked(recent, attempt) and not is_known(attempt, name):
        return on_account
    return None


def is_attacked(recent: QuerySet[LoginAttempt], attempt: LoginAttempt) -> bool:
    elsewhere = recent.filter(name_hash=attempt.name_hash).exclude(network=attempt.network)
    return elsewhere.count() > ATTACKED


def is_known(attempt: LoginAttempt, name: str) -> bool:
    """Whether the account has logged in from this network before."""
    user = account_called(name)
    events = AccountEvent.objects.filter(
        kind=AccountEvent.Kind.LOGGED_IN, network=attempt.network
    ).exclude(network="")
    return user is not None and events.filter(account_pk=user.pk).exists()


def forget(user: User, network: str) -> None:
    """Reset the counts after a login of the account from this network."""
    name_hash = hash_of(user.get_username())
    LoginAttempt.objects.filter(name_hash=name_hash, network=network).delete()


def refused(request: HttpRequest, name: str, network: str) -> None:
    kind = AccountEvent.Kind.REFUSED
    since = timezone.now() - NOTED_EACH
    if not AccountEvent.objects.filter(at__gt=since, kind=kind, network=network).exists():
        record(kind, account=account_called(name), request=request)


def seconds_left(attempts: QuerySet[LoginAttempt]) -> int:
    """Seconds until the oldest of these attempts no longer counts."""
    oldest = attempts.order_by("at").values_list("at", flat=True).first() or timezone.now()
    return max(1, ceil((oldest + WHILE - timezone.now()).total_seconds()))


def account_called(name: str) -> User | None:
    return User.objects.filter(username=folded(name)).first() or (
        User.objects.filter(username__iexact=folded(name)).first()
    )


def hash_of(name: str) -> str:
    typed = folded(name).casefold()
    return salted_hmac("accounts.limits.login_limits", typed, algorithm="sha256").hexdigest()


def folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()
