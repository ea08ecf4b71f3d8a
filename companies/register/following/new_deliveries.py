"""Create deliveries of the changes since each subscription's position.

Nothing is added to an edit: the log of changes is read. A subscription's position moves in the
transaction that creates its deliveries, so that a killed process loses and repeats nothing.

A list of companies gets the material changes of companies that match now, or matched at the last
change read; a saved supplier list what `supplier_news` says. Feeds follow the same rules, but only
know what matches now.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from companies.models import (
    Change,
    Company,
    CompanyRedirect,
    Delivery,
    Subscription,
    SubscriptionQuerySet,
    SupplierCheck,
    among,
    packed,
)
from companies.queries.following.followed_list import FollowedList
from companies.queries.parameters import BadQuery
from companies.register.history import current_version, lock_register
from companies.register.suppliers import prolong

from .mail_schedule import rounds
from .news import Item, News
from .outbox import delete_unconfirmed, end, last_change
from .supplier_news import NAMING, news_of

Kind, State, Reason = Delivery.Kind, Subscription.State, Subscription.Reason
FEW = 500  # values in one query
TRIES = 3
BATCH = 1000


@dataclass(frozen=True)
class LoggedChanges:
    """The material changes after a number, with their companies."""

    last: int
    lines: list[tuple[int, str]]  # number and public id of then
    keys: Mapping[str, int]  # primary keys by public id of then
    naming: list[int]  # numbers of changes by which a name can match

    def after(self, position: int) -> Iterator[tuple[int, str, int]]:
        for number, slug in self.lines:
            if number > position:
                yield number, slug, self.keys.get(slug, 0)

    def is_quiet(self, position: int) -> bool:
        """Whether there is no change after this position."""
        return all(number <= position for number, _slug in self.lines) and all(
            number <= position for number in self.naming
        )


def read_news(subscriptions: SubscriptionQuerySet, until: int | None = None) -> list[News]:
    """What is new for each of these active subscriptions, up to the change `until`.

    One query for each distinct query and saved list, else a fixed number.
    """
    last = last_change() if until is None else until
    behind = list(subscriptions.active().filter(position__lt=last).select_related("supplier_check"))
    if not behind:
        return []
    recorded = _recorded(min(one.position for one in behind), last)
    groups: dict[str, list[Subscription]] = defaultdict(list)
    found = []
    for one in behind:
        if one.supplier_check:
            found.append(_of_check(one, one.supplier_check, recorded))
        else:
            groups[one.query].append(one)
    for query, followers in groups.items():
        found += _of_list(query, followers, recorded)
    return found


def _recorded(position: int, last: int) -> LoggedChanges:
    changes = Change.objects.filter(number__gt=position, number__lte=last).exclude(company_slug="")
    shown = changes.filter(has_line=True, material=True).order_by("number")
    lines = list(shown.values_list("number", "company_slug"))
    naming = changes.filter(table__in=NAMING).values_list("number", flat=True)
    return LoggedChanges(last, lines, keys_of({slug for _number, slug in lines}), list(naming))


def keys_of(slugs: Collection[str]) -> dict[str, int]:
    """Primary keys of companies by current or former public id, deleted ones included."""
    found: dict[str, int] = {}
    history = Company.history.order_by("history_id")
    redirects = CompanyRedirect.objects.order_by()
    for some in _parts(sorted(slugs)):
        found |= dict(Company.objects.filter(slug__in=some).order_by().values_list("slug", "pk"))
        if missing := [slug for slug in some if slug not in found]:
            moved = redirects.filter(old_slug__in=missing).values_list("old_slug", "company")
            found |= dict(moved)
        if missing := [slug for slug in some if slug not in found]:
            found |= dict(history.filter(slug__in=missing).values_list("slug", "id"))
    return found


def _parts(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), FEW):
        yield values[start : start + FEW]


def _of_list(
    query: str, followers: Iterable[Subscription], recorded: LoggedChanges
) -> Iterator[News]:
    try:
        members = FollowedList.of_query(query).members() if query else ()
    except (BadQuery, Http404):  # what it names is gone, or its pact
        yield from (News(one, recorded.last, bytes(one.members), fault=True) for one in followers)
        return
    stored = packed(members) if query else b""
    touched = {key for key in recorded.keys.values() if key}
    now = touched & {*members}
    for one in followers:
        relevant = touched | {0} if one.is_of_all else now | among(bytes(one.members), touched)
        items = [
            Item(Kind.CHANGE, f"change/{number}", slug, key, (number,))
            for number, slug, key in recorded.after(one.position)
            if key in relevant
        ]
        yield News(one, recorded.last, stored, items)


def _of_check(one: Subscription, check: SupplierCheck, recorded: LoggedChanges) -> News:
    """News of a saved list; `members` are the positions of matched names."""
    if recorded.is_quiet(one.position):
        return News(one, recorded.last, bytes(one.members))
    changes, matches = news_of(check, after=one.position, most=None)
    sent_before = among(bytes(one.members), (match.position for match in matches))
    items = [
        Item(
            Kind.CHANGE,
            f"change/{change.number}",
            change.company_slug,
            recorded.keys.get(change.company_slug, 0),
            (change.number,),
        )
        for change in changes
        if change.number <= recorded.last
    ]
    items += [
        Item(
            Kind.MATCH,
            f"match/{match.position}/{match.company.slug}",
            match.company.slug,
            match.company.pk,
            (match.change.number,) if match.change else (),
            match.position,
        )
        for match in matches
        if match.position not in sent_before
    ]
    items.sort(key=lambda item: item.changes or (0,))
    stored = packed({match.position for match in matches})
    return News(one, recorded.last, stored, items)


# Making deliveries


def make_deliveries(
    subscriptions: SubscriptionQuerySet | None = None,
    messages: Callable[[News], Sequence[Delivery]] | None = None,
    until: int | None = None,
) -> int:
    """Create the deliveries since each subscription's position, and move it.

    For all webhooks by default, else `subscriptions`; `messages` makes the deliveries of one
    subscription, by default one per item. `until` is the number of the last change to read.
    """
    extend_followed_lists()
    each = Subscription.objects.filter(
        channel=Subscription.Channel.WEBHOOK, rhythm=Subscription.Rhythm.EACH
    )
    among = each if subscriptions is None else subscriptions
    made = messages or one_for_each
    for _try in range(TRIES):
        version = current_version()
        found = read_news(among, until)
        with transaction.atomic():
            # What was read is consistent if nobody edited meanwhile.
            if current_version() == version:
                return write_news(found, made)
    with transaction.atomic():
        lock_register()
        return write_news(read_news(among, until), made)


def make_mails(now: datetime.datetime | None = None) -> int:
    """Create the mails that are due; returns how many."""
    found = rounds(now or timezone.now())
    return sum(make_deliveries(some, mail, until) for some, mail, until in found)


def make_messages() -> None:
    """Create all messages, and drop stale confirmation requests."""
    make_deliveries()
    make_mails()
    delete_unconfirmed(timezone.now())


def extend_followed_lists() -> None:
    """Extend the expiry of followed supplier lists, once a day."""
    soon = timezone.now() + datetime.timedelta(days=settings.KEEP_LISTS_DAYS - 1)
    followed = SupplierCheck.objects.kept().filter(expires_at__lt=soon)
    for check in followed.filter(subscriptions__in=Subscription.objects.active()).distinct():
        prolong(check)


def delivery_of(subscription: Subscription, item: Item) -> Delivery:
    return Delivery(
        subscription=subscription,
        kind=item.kind,
        key=item.key,
        changes=list(item.changes),
        company_slug=item.company_slug,
        place=item.place,
        lane=item.lane,
        made_at=timezone.now(),
        next_attempt_at=timezone.now(),
    )


def one_for_each(news: News) -> list[Delivery]:
    """One delivery per item of news."""
    return [delivery_of(news.subscription, one) for one in news.items]


def write_news(
    found: list[News], messages: Callable[[News], Sequence[Delivery]] = one_for_each
) -> int:
    """Save deliveries of subscriptions that no other process moved; within a transaction."""
    if not found:
        return 0
    locked = Subscription.objects.active().select_for_update().order_by("pk")
    rows = locked.filter(pk__in=[one.subscription.pk for one in found])
    positions = dict(rows.values_list("pk", "position"))
    found = [one for one in found if positions.get(one.subscription.pk) == one.begin]
    _put_in_order(found)
    deliveries = [delivery for one in found for delivery in messages(one)]
    Delivery.objects.bulk_create(deliveries, batch_size=BATCH)
    moved: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for one in found:
        if one.fault:
            end(one.subscription, State.PAUSED, Reason.QUERY)
        else:
            moved[one.last, one.members].append(one.subscription.pk)
    for (last, members), keys in moved.items():
        rows = Subscription.objects.filter(pk__in=keys)
        rows.update(position=last, members=members)
    return len(deliveries)


def _put_in_order(found: list[News]) -> None:
    """Deliver pending messages of a merged or renamed company before new ones."""
    lanes = {item.company_slug: item.lane for one in found for item in one.items}
    waiting = Delivery.objects.waiting().exclude(company_slug="").order_by()
    slugs = set(waiting.values_list("company_slug", flat=True).distinct()) if lanes else set()
    for slug, lane in keys_of(slugs).items():
        waiting.filter(company_slug=slug).exclude(lane=lane).update(lane=lane)
