"""Create the mails of followers: changes since the last one, or of past weeks.

One mail has everything new, whatever the company, so that an hour of edits is not a hundred mails.
A week ends on Monday at midnight in the time zone of the site. No mail is created without changes.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence

from django.db.models import Exists, OuterRef
from django.utils import timezone

from companies.models import Change, Delivery, Subscription, SubscriptionQuerySet

from .news import Item, News

QUIET = datetime.timedelta(hours=1)  # between two mails to one follower
MORNING = datetime.timedelta(hours=6)  # after midnight, on Mondays
Messages = Callable[[News], Sequence[Delivery]]
Kind, Rhythm = Delivery.Kind, Subscription.Rhythm


def rounds(now: datetime.datetime) -> list[tuple[SubscriptionQuerySet, Messages, int | None]]:
    """The subscriptions due for a mail, how to make it, and up to which change."""
    followers = Subscription.objects.filter(channel=Subscription.Channel.EMAIL)
    sent = Delivery.objects.filter(
        subscription=OuterRef("pk"), kind=Kind.CHANGE, made_at__gt=now - QUIET
    )
    each = followers.filter(rhythm=Rhythm.EACH).exclude(Exists(sent))
    weekly = followers.filter(rhythm=Rhythm.WEEKLY)
    return [(each, of_each, None), (weekly, of_weeks, last_change_before(end_of_week(now)))]


def end_of_week(now: datetime.datetime) -> datetime.datetime:
    """The last Monday at midnight, once it is morning."""
    day = timezone.localtime(now - MORNING).date()
    monday = day - datetime.timedelta(days=day.weekday())
    return timezone.make_aware(datetime.datetime.combine(monday, datetime.time.min))


def last_change_before(instant: datetime.datetime) -> int:
    before = Change.objects.filter(recorded_at__lt=instant).order_by("-number")
    return before.values_list("number", flat=True).first() or 0


def of_each(news: News) -> list[Delivery]:
    return _mail(news, Kind.CHANGE) if news.items else []


def of_weeks(news: News) -> list[Delivery]:
    return _mail(news, Kind.DIGEST) if news.items else []


def _mail(news: News, kind: Delivery.Kind) -> list[Delivery]:
    now = timezone.now()
    mail = Delivery(
        subscription=news.subscription,
        kind=kind,
        key=f"mail/{news.begin}-{news.last}",
        changes=_numbers(news.items, Kind.CHANGE),
        matches=[[one.place, one.company_slug] for one in news.items if one.kind == Kind.MATCH],
        made_at=now,
        next_attempt_at=now,
    )
    return [mail]


def _numbers(items: Iterable[Item], kind: Delivery.Kind) -> list[int]:
    return [number for one in items if one.kind == kind for number in one.changes]
