"""The outbox: what is made of changes, in which order it is sent, and what becomes of it."""

import datetime
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Change, Company, CompanyName, Delivery, Subscription, packed
from companies.queries.following.followed_list import FollowedList
from companies.queries.upkeep.open_tasks import oldest_delivery
from companies.register import suppliers
from companies.register.following import outbox
from companies.register.following.new_deliveries import (
    last_change,
    make_deliveries,
    read_news,
    write_news,
)
from companies.register.following.outbox import AttemptResult, Outcome, claim, note
from companies.register.following.sending import OF_A_HOST, SLOW_AT_ONCE, deliver
from companies.register.history import save, unit_of_work
from companies.register.merging.merge import merge
from tests.builders import a_company, a_delivery, a_pact, a_subscription
from tests.test_check import absent, sign

pytestmark = [pytest.mark.django_db, pytest.mark.history]

DAY = datetime.timedelta(days=1)
ARRIVED = Outcome(AttemptResult.DELIVERED, 200)
DOWN = Outcome(AttemptResult.RETRY, None, "network")
GONE = Outcome(AttemptResult.GONE, 410, "status")


@pytest.fixture(autouse=True)
def pact():
    return a_pact()


def told(subscription):
    """The companies that a subscription's deliveries are about, in order."""
    rows = Delivery.objects.filter(subscription=subscription).order_by("pk")
    return list(rows.values_list("company_slug", flat=True))


def changed(company, **values):
    for name, value in values.items():
        setattr(company, name, value)
    save(company, "found")


def heard(name):
    """A company of which one change is told."""
    company = a_company(name)
    changed(company, size="large")
    return company


def follower(query="", **fields):
    """A webhook of a list, as of now."""
    asked = FollowedList.of_query(query)
    members = packed(asked.members()) if query else b""
    return a_subscription(query=asked.canonical, members=members, position=last_change(), **fields)


def sent(outcome=ARRIVED):
    """What `deliver` sends, in order, each with this outcome."""
    log = []

    def channel(delivery):
        log.append(delivery)
        return lambda: outcome

    deliver({"webhook": channel}, make_deliveries)
    return log


# Making


def test_each_material_change_of_a_company_is_one_delivery_and_editorial_ones_none():
    everything, acme = follower(), a_company("Acme", country="FR")

    changed(acme, description="A line of words.")
    changed(acme, country="DE")
    make_deliveries()

    [delivery] = Delivery.objects.all()
    assert told(everything) == ["acme"]
    assert Change.objects.get(number=delivery.changes[0]).fields == {"country": ["FR", "DE"]}


def test_making_deliveries_twice_creates_no_duplicates():
    everything = follower()
    heard("Acme")

    assert (make_deliveries(), make_deliveries()) == (1, 0)
    Subscription.objects.update(position=0)  # as after a fault: the constraint stands behind
    assert told(everything) == ["acme"]


def test_two_processes_that_read_the_same_changes_create_one_delivery():
    everything = follower()
    heard("Acme")
    each = Subscription.objects.all()
    first, second = read_news(each), read_news(each)

    assert (write_news(first), write_news(second)) == (1, 0)
    assert told(everything) == ["acme"]


def test_a_company_leaving_a_list_while_it_is_read_is_delivered():
    acme = a_company("Acme", country="FR")
    french = follower("country=FR")
    changed(acme, size="large")

    class Meanwhile:
        """Subscriptions, when asked for which somebody edits, once."""

        edits = 1

        def active(self):
            if self.edits:
                self.edits = 0
                changed(acme, country="DE")
            return Subscription.objects.active()

    make_deliveries(Meanwhile())
    make_deliveries()

    assert told(french) == ["acme", "acme"]


def test_a_follower_of_a_list_hears_of_companies_that_join_stay_and_leave():
    stays, other = a_company("Stays", country="FR"), a_company("Other", country="DE")
    french = follower("country=FR")

    changed(other, country="FR")
    make_deliveries()
    changed(stays, country="IT")
    make_deliveries()
    changed(stays, country="ES")
    make_deliveries()

    assert told(french) == ["other", "stays"]


def test_a_change_is_delivered_where_its_company_was_or_is_on_the_list():
    acme = a_company("Acme", country="FR")
    french, german = follower("country=FR"), follower("country=DE")

    changed(acme, country="ES")
    changed(acme, country="DE")
    make_deliveries()

    assert told(french) == told(german) == ["acme", "acme"]


def test_a_resumed_subscription_gets_the_changes_it_missed():
    paused = follower(state="paused")
    heard("Acme")
    make_deliveries()
    assert told(paused) == []

    outbox.resume(paused)
    make_deliveries()

    assert told(paused) == ["acme"]


def test_a_deleted_company_is_delivered_to_followers_of_its_lists():
    acme = a_company("Acme", country="FR")
    french, german = follower("country=FR"), follower("country=DE")

    with unit_of_work():
        acme.delete()
    make_deliveries()

    assert (set(told(french)), told(german)) == ({"acme"}, [])


def test_a_subscription_with_invalid_filters_is_paused_with_the_reason():
    broken = a_subscription(query="sector=gone")
    fine = follower()
    heard("Acme")

    make_deliveries()

    broken.refresh_from_db()
    assert (broken.state, broken.state_reason, told(fine)) == ("paused", "query", ["acme"])


def test_a_saved_list_gets_exactly_the_entries_of_its_feed():
    pact = a_pact()
    for number in range(49):
        absent(a_company(f"Nordlicht {number:02}"), pact)
    absent(a_company("Unlisted"), pact)
    names = [*(f"Nordlicht {number:02}" for number in range(49)), "Sonnenschein Holding"]
    check = suppliers.kept_check(suppliers.keep(names, {}))
    mine, all_of_them = a_subscription(supplier_check=check), follower()
    touched = Company.objects.get(slug="nordlicht-07")
    signing = touched.signings.get()

    signing.reason_en = "Better words."
    save(signing, reason="wording")
    sign(touched)
    make_deliveries()
    other = Company.objects.get(slug="unlisted")
    sign(other)
    save(CompanyName(company=other, name="Sonnenschein Holding", kind="alias"), reason="found")
    make_deliveries()
    changed(a_company("Elsewhere"), country="FR")
    make_deliveries()

    rows = Delivery.objects.filter(subscription=mine).order_by("pk")
    found = [(one.kind, one.company_slug, one.place) for one in rows]
    assert found == [("change", "nordlicht-07", None), ("match", "unlisted", 49)]
    assert len(told(all_of_them)) > 2


def test_a_thousand_subscriptions_to_a_list_cost_one_query_of_the_register():
    for number in range(20):
        a_company(f"Company {number}", country="FR" if number % 2 else "DE")
    lists = ["country=FR", "country=DE", ""]
    rows = [follower(lists[number % 3]) for number in range(3)]
    more = [
        Subscription(
            **{
                field.attname: getattr(rows[number % 3], field.attname)
                for field in Subscription._meta.concrete_fields
                if field.name not in ("id", "token_hash")
            },
            token_hash=f"x{number}",
        )
        for number in range(997)
    ]
    Subscription.objects.bulk_create(more)
    for company in Company.objects.all():
        changed(company, size="large")

    with CaptureQueriesContext(connection) as asked:
        made = make_deliveries()

    assert made == 20 * 333 + 20 // 2 * 667
    # Two lists are read, each in a few queries; beside that deliveries are written, many at a time.
    reads = [one for one in asked if not one["sql"].startswith("INSERT")]
    assert len(reads) < 30


# The order, and attempts


def test_deliveries_of_one_company_are_in_order_and_others_do_not_wait():
    acme, other = a_company("Acme"), a_company("Other")
    follower()
    changed(acme, country="FR")
    changed(acme, country="DE")
    changed(other, country="FR")

    assert [one.company_slug for one in sent(DOWN)] == ["acme", "other"]
    assert sent() == []  # it is not time yet
    Delivery.objects.update(next_attempt_at=timezone.now())

    log = sent()
    assert sorted(one.company_slug for one in log) == ["acme", "acme", "other"]
    assert [one.changes for one in log if one.company_slug == "acme"] == sorted(
        one.changes for one in log if one.company_slug == "acme"
    )


def test_deliveries_of_a_merged_company_precede_those_after_the_merge():
    kept, gone = a_company("Acme"), a_company("Acme Old")
    follower()
    changed(gone, country="FR")
    make_deliveries()
    merge(
        kept=kept,
        merged=gone,
        decisions={},
        name_kind="former",
        cause=Change.Cause.CORRECTION,
        reason="one company",
    )
    kept.refresh_from_db()
    changed(kept, country="DE")
    make_deliveries()

    assert len(set(Delivery.objects.values_list("lane", flat=True))) == 1
    first = sent(DOWN)
    assert [one.changes for one in first] == [Delivery.objects.order_by("pk")[0].changes]


def test_a_claimed_delivery_is_not_sent_by_another_until_its_lease_is_over():
    subscription = follower()
    heard("Acme")
    make_deliveries()
    [key] = Delivery.objects.values_list("pk", flat=True)
    now = timezone.now()

    [claimed] = claim([key], now)
    assert claim([key], now) == []
    assert claim([key], now + datetime.timedelta(seconds=59)) == []
    [again] = claim([key], now + datetime.timedelta(seconds=61))
    assert (again.message_id, again.attempts) == (claimed.message_id, 2)
    note(again, ARRIVED, now)
    note(claimed, DOWN, now)  # the first process, which was only slow
    row = Delivery.objects.get(subscription=subscription)
    assert (row.delivered_at, row.status, row.last_fault) == (now, 200, "")
    subscription.refresh_from_db()
    assert subscription.failing_since is None


def test_a_delivery_is_retried_for_24_hours_and_then_the_subscription_is_paused():
    subscription = follower()
    heard("Acme")
    make_deliveries()
    [key] = Delivery.objects.values_list("pk", flat=True)
    start = now = timezone.now()

    waits = []
    while (row := Delivery.objects.get()).is_waiting:
        [claimed] = claim([key], now)
        note(claimed, DOWN, now)
        row.refresh_from_db()
        waits.append((row.next_attempt_at - now).total_seconds())
        now = max(now, row.next_attempt_at)

    assert now == start + DAY
    assert 8 <= waits[0] <= 12
    assert 10 <= len(waits) <= 16
    assert max(waits) <= 6 * 3600 * 1.2
    subscription.refresh_from_db()
    assert (subscription.state, subscription.state_reason) == ("paused", "failed")
    outbox.resume(subscription)
    assert [one.message_id for one in sent()] == [row.message_id]


def test_a_consumer_that_answers_gone_is_unsubscribed():
    subscription = follower()
    heard("Acme")
    heard("Other")

    sent(GONE)

    subscription.refresh_from_db()
    assert (subscription.state, subscription.state_reason) == ("ended", "gone")
    Delivery.objects.update(next_attempt_at=timezone.now())
    assert sent() == []


def test_an_answered_test_delivery_confirms_the_subscription_and_a_failed_one_ends_it():
    good, bad = (a_subscription(state="unconfirmed") for _number in range(2))
    for one in (good, bad):
        a_delivery(one).save()
    channel = {
        "webhook": lambda delivery: lambda: ARRIVED if delivery.subscription == good else DOWN
    }

    deliver(channel, make_deliveries)
    Subscription.objects.update(made_at=timezone.now() - DAY)
    deliver(channel, make_deliveries)

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state, bad.state_reason) == ("active", "ended", "unconfirmed")


def test_a_failed_test_delivery_pauses_nothing_and_is_tried_once():
    subscription = follower()
    a_delivery(subscription).save()

    sent(DOWN)

    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert Delivery.objects.get().given_up_at


def test_the_retry_after_of_a_consumer_is_obeyed():
    follower()
    heard("Acme")
    now = timezone.now()

    sent(Outcome(AttemptResult.RETRY, 429, "status", wait=900.0))

    assert Delivery.objects.get().next_attempt_at >= now + datetime.timedelta(seconds=900)


def test_slow_hosts_do_not_delay_the_others():
    """Of one host and of those that failed, few are asked at once; the others pass them."""
    ended, running, most = threading.Event(), [], []
    good = follower()  # the first of all, whose deliveries are made after those of the others
    slow = [follower(failing_since=timezone.now()) for _number in range(SLOW_AT_ONCE + 3)]
    for number in range(12):
        heard(f"Company {number}")
    arrived = []

    def channel(delivery):
        def send():
            if delivery.subscription == good:
                arrived.append(delivery.pk)
                if len(arrived) == 12:
                    ended.set()
                return ARRIVED
            running.append(delivery.subscription.host)
            most.append(len(running))
            assert running.count(delivery.subscription.host) <= OF_A_HOST
            assert ended.wait(10)  # until all others arrived
            running.remove(delivery.subscription.host)
            return DOWN

        return send

    make_deliveries()
    assert Delivery.objects.order_by("pk").last().subscription == good
    deliver({"webhook": channel}, make_deliveries)

    assert len(arrived) == 12
    assert max(most) <= SLOW_AT_ONCE
    assert len(slow) == SLOW_AT_ONCE + 3


def test_a_delivery_counts_as_late_only_if_its_subscription_is_active():
    subscription = follower()
    heard("Acme")
    make_deliveries()

    since = oldest_delivery()
    assert since == Delivery.objects.get().next_attempt_at
    outbox.end(subscription, Subscription.State.PAUSED, Subscription.Reason.OWNER)
    assert oldest_delivery() is None


def test_the_delivery_log_and_ended_subscriptions_are_deleted_after_their_retention_period():
    kept, ended = follower(), follower(state="ended", state_since=timezone.now() - 31 * DAY)
    a_delivery(kept, delivered_at=timezone.now() - 31 * DAY).save()
    a_delivery(kept, given_up_at=timezone.now() - 31 * DAY).save()
    a_delivery(kept, made_at=timezone.now() - 31 * DAY).save()

    until = timezone.now() - 30 * DAY
    assert (outbox.delete_log(until), outbox.delete_ended(until)) == (2, 1)
    assert list(Subscription.objects.all()) == [kept]
    assert not Subscription.objects.filter(pk=ended.pk).exists()
    assert Delivery.objects.get().is_waiting
