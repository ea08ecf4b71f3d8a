"""Webhooks: what is sent and how it is signed, hostile consumers, and the pages of their owners."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from companies.api.webhook_messages import content_of
from companies.importers.posting import SECONDS, Posted, post
from companies.models import Change, Company, Delivery, Subscription
from companies.register import suppliers
from companies.register.following.new_deliveries import make_deliveries
from companies.register.following.sending import deliver
from companies.register.following.subscribing import address_fault, new_secret
from companies.register.following.webhooks import webhooks
from tests.builders import a_company, a_pact, a_subscription
from tests.consumers import (
    HOST,
    consuming,
    drop_by_drop,
    huge_headers,
    nonsense,
    status,
    without_end,
)
from tests.test_check import absent, sign
from tests.test_outbox import changed, follower, heard

pytestmark = [pytest.mark.django_db, pytest.mark.history]

PUBLIC_ADDRESS = "https://93.184.215.14/hook"
PRIVATE = (
    "https://127.0.0.1/x",
    "https://localhost/x",
    "https://10.0.0.7/x",
    "https://192.168.1.1/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[fd00::1]/x",
)


@pytest.fixture(autouse=True)
def pact():
    return a_pact()


def run(server):
    return deliver({"webhook": webhooks(content_of, server.network)}, make_deliveries)


def at(server, path="good", **fields):
    return follower(address=server.url(path), host=HOST, secret=new_secret(), **fields)


# What is sent


def test_a_message_is_verified_by_the_library_of_standard_webhooks():
    with consuming() as server:
        subscription = at(server)
        heard("Acme")
        assert run(server) == 1

    [got] = server.received
    assert Webhook(subscription.secret).verify(got.content.decode(), got.headers) == got.message
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(got.content.decode(), got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(subscription.secret).verify(got.content.decode() + " ", got.headers)


def test_the_code_in_the_manual_verifies_a_message():
    manual = (Path(__file__).parent.parent / "docs/api.md").read_text()
    [lines] = re.findall(r"```python\n(from standardwebhooks.*?)```", manual, re.DOTALL)
    with consuming() as server:
        subscription = at(server)
        heard("Acme")
        run(server)

    [got] = server.received
    known = {"body": got.content.decode(), "headers": got.headers}
    exec(lines.replace("whsec_…", subscription.secret), known)  # noqa: S102  # our own manual
    assert known["message"] == got.message


def test_a_message_has_the_content_of_the_change_in_the_api(client):
    with consuming() as server:
        at(server)
        pact = a_pact()
        company = a_company("Acme")
        absent(company, pact)
        sign(company)
        run(server)

    told = [one.message for one in server.received]
    assert [one["type"] for one in told] == ["company.changed"] * len(told)
    for message in told:
        data = message["data"]
        given = client.get(data["url"]).json()["results"][0]
        assert {name: data[name] for name in given if name not in ("what", "company")} == {
            name: value for name, value in given.items() if name not in ("what", "company")
        }
        assert data["company"] == given["company"]
        assert message["timestamp"] == given["recorded_at"]
    cited = [source for one in told for source in one["data"]["sources"]]
    assert "http://testserver/api/v1/sources/acme-signs/" in cited


def test_a_repeated_message_has_the_same_bytes_even_after_a_renaming():
    subscription, company = follower(), heard("Acme")
    make_deliveries()
    delivery = Delivery.objects.get(subscription=subscription)
    before = content_of(delivery)

    changed(company, name="Acme Europe")
    company.refresh_from_db()
    assert content_of(Delivery.objects.get(pk=delivery.pk)) == before


def test_a_retry_has_the_same_id_and_body_and_a_new_signature():
    with consuming(bad=status(500)) as server:
        subscription = at(server, "bad")
        heard("Acme")
        run(server)
        Delivery.objects.update(next_attempt_at=timezone.now())
        time.sleep(1.1)
        run(server)

    first, second = server.received
    assert (first.id, first.content) == (second.id, second.content)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    for one in (first, second):
        assert Webhook(subscription.secret).verify(one.content.decode(), one.headers)


def test_a_list_name_that_now_matches_a_company_is_a_message_of_its_own():
    check = suppliers.kept_check(suppliers.keep(["Sonnenschein"], {}))
    with consuming() as server:
        at(server, supplier_check=check)
        a_company("Sonnenschein")
        run(server)

    [got] = server.received
    assert got.message["type"] == "name.matched"
    data = got.message["data"]
    assert (data["name"], data["place"], data["company"]["slug"]) == (
        "Sonnenschein",
        1,
        "sonnenschein",
    )


# Consumers that are slow, down or hostile


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (status(500), Posted(500, "status")),
        (status(302, Location="https://list.example/elsewhere"), Posted(302, "redirect")),
        (status(429, Retry_After="7"), Posted(429, "status", 7.0)),
        (without_end, Posted(200)),
        (drop_by_drop, Posted(0, "timeout")),
        (huge_headers, Posted(0, "network")),
        (nonsense, Posted(0, "network")),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_slow_consumer_is_cut_off_at_the_timeout(answer, seen):
    with consuming(it=answer) as server:
        begin = time.monotonic()
        found = post(server.url("it"), b"{}", {}, network=server.network, seconds=1.5)
        took = time.monotonic() - begin

    assert found == seen
    assert took < 3
    assert len(server.received) == 1  # no redirect was followed


HURRY = 3  # an attempt of ten seconds is over so much earlier


def test_hostile_consumers_do_not_delay_a_good_one():
    hostile = {"bad1": drop_by_drop, "bad2": without_end, "bad3": huge_headers, "bad4": nonsense}
    with consuming(**hostile) as server:
        at(server, "good")
        for name in hostile:
            at(server, name)
        heard("Acme")
        hurried = replace(server.network, clock=lambda: time.monotonic() * HURRY)
        begin = time.monotonic()
        deliver({"webhook": webhooks(content_of, hurried)}, make_deliveries)
        whole = time.monotonic() - begin
        [good] = server.of("good")

    assert whole > SECONDS / HURRY, "one of them kept us until the end"
    assert good.at - begin < SECONDS / HURRY


def test_a_consumer_that_answers_410_gets_nothing_more():
    with consuming(gone=status(410)) as server:
        subscription = at(server, "gone")
        heard("Acme")
        heard("Other")
        run(server)
        run(server)

    subscription.refresh_from_db()
    assert (subscription.state, subscription.state_reason) == ("ended", "gone")
    assert len(server.received) <= 2


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_ip_address_is_refused_when_a_webhook_is_created(client, address):
    answer = client.post("/webhooks/", {"address": address})

    assertContains(answer, "not on the public internet", status_code=400)
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://93.184.215.14/", "Enter a web address"),
        ("https://93.184.215.14:8443/", "must not name a port"),
        ("https://me:secret@93.184.215.14/", "must not hold a user name"),
        ("ftp://93.184.215.14/", "Enter a web address"),
        ("https://2130706433/", "Enter a web address"),  # 127.0.0.1 as one number
        ("javascript:alert(1)", "Enter a web address"),
        ("", "Enter the address of your endpoint."),
        ("https://" + "a" * 2000, "at most 1000 characters"),
        ("https://93.184.215.14/\x00", "Null characters"),
    ],
)
def test_a_url_without_a_public_host_is_refused_with_a_message(client, address, why):
    answer = client.post("/webhooks/", {"address": address})

    assertContains(answer, why, status_code=400)
    assert not Subscription.objects.exists()


def test_a_host_that_later_resolves_to_a_private_ip_address_is_sent_nothing():
    """As if its name was bound to another address after the webhook was created."""
    with consuming() as server:
        at(server)
        heard("Acme")
        rebound = type(server.network)(port=server.port, resolve=lambda host, port: ["10.0.0.7"])
        deliver({"webhook": webhooks(content_of, rebound)}, make_deliveries)

    assert server.received == []
    assert Delivery.objects.get().last_fault == "address"


def test_a_host_that_does_not_resolve_is_refused_with_a_message():
    def nowhere(host, port):
        raise OSError("no such host")

    with consuming() as server:
        network = type(server.network)(resolve=nowhere)
    assert address_fault("https://nowhere.example/", network) == "This host was not found."


# The pages


def made(client, **fields):
    answer = client.post("/webhooks/", {"address": PUBLIC_ADDRESS} | fields)
    link = re.search(r"/webhooks/[\w-]+/", answer.content.decode())[0]
    return Subscription.objects.latest("pk"), link, answer


def act(client, link, action):
    return client.post(link, {"action": action})


def test_a_new_webhook_shows_its_secret_once_and_must_pass_a_test(client):
    a_company("Acme", country="FR")
    subscription, link, answer = made(client, query="country=FR&sort=name")

    assertContains(answer, subscription.secret)
    assert subscription.state == "unconfirmed"
    assert subscription.query == "country=FR"
    assert [one.kind for one in subscription.deliveries.all()] == ["test"]
    again = client.get(link)
    assertNotContains(again, subscription.secret)
    assertContains(again, "Not confirmed yet")
    for one in (answer, again):
        assert one.headers["Cache-Control"] == "no-store, private"
        assert one.headers["Referrer-Policy"] == "no-referrer"
    assert link.split("/")[-2] not in json.dumps(
        [str(value) for value in vars(subscription).values()]
    )


def test_the_webhook_form_is_prefilled_from_the_list(client):
    a_company("Acme", country="FR")

    page = client.get("/companies/?country=FR&sort=-name&view=cards")
    [link] = re.findall(r'href="(/webhooks/\?[^"]*)"', page.content.decode())
    form = client.get(link.replace("&amp;", "&"))

    assertContains(form, 'name="query" value="country=FR"')
    assertContains(form, "which has 1 company today")


@pytest.mark.parametrize(
    "query", ["country=XX", "as_of=2025-01-01", "recorded_as_of=2025-01-01", "x=1"]
)
def test_a_webhook_with_unknown_filters_is_refused(client, query):
    assert client.get(f"/webhooks/?{query}").status_code == 400
    answer = client.post("/webhooks/", {"address": PUBLIC_ADDRESS, "query": query})
    assert answer.status_code == 400
    assert not Subscription.objects.exists()


def test_the_owner_pauses_resumes_renews_the_secret_and_deletes(client):
    subscription, link, _answer = made(client)
    Subscription.objects.update(state="active")

    assert act(client, link, "pause").status_code == 303
    assertContains(client.get(link), "Paused")
    assert act(client, link, "resume").status_code == 303
    renewed = act(client, link, "secret")
    secret = subscription.secret
    subscription.refresh_from_db()
    assert (subscription.state, subscription.secret != secret) == ("active", True)
    assertContains(renewed, subscription.secret)
    assertContains(act(client, link, "delete"), "The webhook is deleted")
    assert not Subscription.objects.exists()
    assert client.get(link).status_code == 404


def test_the_test_button_sends_one_test_whose_answer_the_log_shows(client):
    subscription, link, _answer = made(client)
    with consuming() as server:
        Subscription.objects.update(address=server.url(), host=HOST)
        run(server)
        act(client, link, "test")
        act(client, link, "test")
        run(server)

    subscription.refresh_from_db()
    assert subscription.state == "active"
    assert [one.message["type"] for one in server.received] == ["webhook.test"] * 2
    assertContains(client.get(link), "answer 204", count=2)


def test_an_unknown_action_on_a_webhook_changes_nothing(client):
    subscription, link, _answer = made(client)

    assert act(client, link, "nonsense").status_code == 400
    assert client.post(link).status_code == 400
    other = client.post(link, {"action": "delete"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert other.status_code == 403
    assert Subscription.objects.get() == subscription
    assert client.get("/webhooks/nobody/").status_code == 404


def test_webhooks_are_limited_to_twenty_an_hour_per_network_and_ten_unconfirmed_per_host(client):
    for _number in range(10):
        assert client.post("/webhooks/", {"address": PUBLIC_ADDRESS}).status_code == 200
    other = Client(REMOTE_ADDR="198.51.100.7")
    assertContains(
        other.post("/webhooks/", {"address": PUBLIC_ADDRESS}), "have not answered", status_code=400
    )
    for _number in range(10):
        assert client.post("/webhooks/", {"address": ""}).status_code == 400
    assert client.post("/webhooks/", {"address": PUBLIC_ADDRESS}).status_code == 429
    assert Subscription.objects.count() == 10


def test_a_saved_list_has_a_webhook_that_is_deleted_with_it(client):
    token = suppliers.keep(["Acme"], {})
    link = f"/check/kept/{token}/webhook"

    assertContains(client.get(f"/check/kept/{token}"), link)
    answer = client.post(link, {"address": PUBLIC_ADDRESS})
    assertContains(answer, "kept list of suppliers")
    assert Subscription.objects.get().supplier_check == suppliers.kept_check(token)
    assert client.get("/check/kept/nobody/webhook").status_code == 404

    client.post(f"/check/kept/{token}")
    assert not Subscription.objects.exists()


def test_a_saved_list_with_a_webhook_does_not_expire():
    check = suppliers.kept_check(suppliers.keep(["Acme"], {}))
    check.expires_at = timezone.now() + timezone.timedelta(days=2)
    check.save()
    a_subscription(supplier_check=check)

    call_command("deliver")

    check.refresh_from_db()
    assert check.expires_at > timezone.now() + timezone.timedelta(days=28)


def test_the_webhook_pages_are_translated_into_french(client):
    assertContains(client.get("/fr/webhooks/"), "Suivre par webhook")


def test_the_deliver_command_says_how_many_messages_arrived(capsys):
    a_company("Acme")

    call_command("deliver")

    assert capsys.readouterr().out == "0 delivered.\n"
    assert not Delivery.objects.exists()
    assert Change.objects.exists()
    assert Company.objects.exists()
