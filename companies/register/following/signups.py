"""E-mail subscriptions: requested by a form, confirmed by a mailed link, ended by any link.

Until confirmed, one mail is all they get. Each mail has the same link, whose token derives from a
random secret of the subscription and a key of the site: the database alone gives no link.
"""

import base64
import datetime
import hashlib
import secrets
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from companies.models import Delivery, Subscription, SupplierCheck, host_of
from companies.register.history import lock_register

from .outbox import is_late, last_change

MOST_QUESTIONS, A_DAY = 3, datetime.timedelta(days=1)  # to one address
Channel, State = Subscription.Channel, Subscription.State


def normal(address: str) -> str:
    """Normalize an e-mail address: lower case domain."""
    name, _at, domain = address.strip().rpartition("@")
    return f"{name}@{domain.lower()}"


def sign_up(
    address: str, *, rhythm: str, language: str, query: str = "", check: SupplierCheck | None = None
) -> None:
    """Mail a confirmation request for following a list, or a saved supplier list.

    An existing follower gets a mail that says so. An e-mail address gets at most three a day.
    """
    address = normal(address)
    with transaction.atomic():
        lock_register()  # else two forms at once would make two subscriptions
        to_it = Subscription.objects.filter(channel=Channel.EMAIL, address__iexact=address)
        to_it = to_it.exclude(state=State.ENDED)
        recent = Delivery.objects.filter(
            subscription__in=to_it, kind=Delivery.Kind.CONFIRM, made_at__gt=timezone.now() - A_DAY
        )
        number = recent.count()
        if number >= MOST_QUESTIONS:
            return
        same = to_it.filter(query=query, supplier_check=check).first()
        wanted = same or _new(address, language, query, check)
        if wanted.state == State.UNCONFIRMED:
            wanted.rhythm, wanted.language = rhythm, language
            wanted.save(update_fields=["rhythm", "language"])
        _question(wanted)


def _new(address: str, language: str, query: str, check: SupplierCheck | None) -> Subscription:
    subscription = Subscription(
        channel=Channel.EMAIL,
        address=address,
        host=host_of(address),
        language=language,
        query=query,
        supplier_check=check,
        secret=secrets.token_urlsafe(32),
        state_since=timezone.now(),
        position=last_change(),
    )
    subscription.token_hash = hash_of(token_of(subscription))
    subscription.save()
    return subscription


def _question(subscription: Subscription) -> None:
    now = timezone.now()
    Delivery.objects.create(
        subscription=subscription,
        kind=Delivery.Kind.CONFIRM,
        key=f"confirm/{secrets.token_hex(8)}",
        made_at=now,
        next_attempt_at=now,
    )


# The link


def token_of(subscription: Subscription) -> str:
    keyed = salted_hmac(__name__, subscription.secret, algorithm="sha256")
    return base64.urlsafe_b64encode(keyed.digest()[:24]).decode()


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def link(subscription: Subscription, view: str = "alert") -> str:
    """The private URL of a subscription; changes with SECRET_KEY."""
    token = token_of(subscription)
    if subscription.token_hash != hash_of(token):
        subscription.token_hash = hash_of(token)
        subscription.save(update_fields=["token_hash"])
    return settings.SITE_URL + reverse(view, args=[token])


def with_token(token: str) -> Subscription | None:
    """The subscription with this token; None for an expired or forged one."""
    rows = Subscription.objects.filter(channel=Channel.EMAIL).select_related("supplier_check")
    found = rows.filter(token_hash=hash_of(token)).first()
    return None if found and is_late(found) else found


# Confirming and ending


def confirm(subscription: Subscription, members: Callable[[], bytes]) -> None:
    """Activate the subscription; `members` are the companies it follows now."""
    with transaction.atomic():
        lock_register()  # nothing is recorded between the position and the companies
        waiting = Subscription.objects.select_for_update().filter(
            pk=subscription.pk, state=State.UNCONFIRMED
        )
        waiting.update(
            state=State.ACTIVE,
            state_since=timezone.now(),
            position=last_change(),
            members=members(),
        )
    subscription.refresh_from_db()


def change_rhythm(subscription: Subscription, rhythm: str) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(rhythm=rhythm)


def end(subscription: Subscription) -> None:
    """Delete the subscription with all its data."""
    subscription.delete()
