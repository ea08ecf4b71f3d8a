"""E-mail alerts: asked for, confirmed, told, and ended, with a mail server in this process."""

import datetime
import random
import re
import zoneinfo
from collections import Counter

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from companies.models import Change, Company, CompanyName, Delivery, Subscription, SupplierCheck
from companies.register.following import emails, mail_schedule, outbox, signups
from companies.register.following.emails import ended_in_time
from companies.register.following.mail_contents import MailEntry
from companies.register.following.mail_schedule import end_of_week
from companies.register.following.new_deliveries import last_change, make_mails, make_messages
from companies.register.following.outbox import AttemptResult
from companies.register.following.sending import deliver
from companies.register.history import save
from companies.register.personal import erasure, persons
from companies.register.personal.inventory import INVENTORY
from tests.builders import a_commitment, a_company, a_pact, a_signing
from tests.mail_server import TAKEN, a_dawdler, a_mail_server, free_port
from tests.sampling import seeds
from tests.test_check import fifty, sign  # noqa: F401  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.history]
READER = "lena@reader.example"
HOUR = datetime.timedelta(hours=1)
LINK = re.compile(r"http://testserver(/(?:fr/)?alerts/[\w-]+/)")
LOCAL = zoneinfo.ZoneInfo("Europe/Brussels")


@pytest.fixture
def server(settings):
    a_pact()
    with a_mail_server() as (found, port):
        settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "alerts@register.example"
        yield found


def run(now=None):
    """What `deliver` does, as of a moment."""
    return deliver({"email": emails.emails}, lambda: make_mails(now))


def ask(client, path="/alerts/", address=READER, rhythm="each", **more):
    query = path.partition("?")[2]
    return client.post(path, {"email": address, "rhythm": rhythm, "query": query, **more})


def follow(client, server, path="/alerts/", **more):
    """Ask and confirm; the path of the private page."""
    answer = ask(client, path, **more)
    assert answer.status_code == 200, answer.content
    run()
    page = LINK.search(text_of(server.mails.pop())).group(1)
    assert client.post(page, {"action": "confirm"}).status_code == 303
    return page


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def html_of(mail):
    return mail.get_body(("html",)).get_content()


def lines(mail):
    return [line[2:] for line in text_of(mail).splitlines() if line.startswith("* ")]


def later(hours=2):
    """Let the mails that were made be old enough for the next."""
    past = timezone.now() - hours * HOUR
    Delivery.objects.update(made_at=past)


# Asking and confirming


def test_only_the_confirmation_mail_is_sent_before_the_reader_confirms(client, server):
    ask(client)
    run()
    a_signing(a_company("Acme"))
    run()

    [question] = server.mails
    assert question["To"] == READER
    assert question["Subject"].startswith("PactWatch: please confirm")
    assert "List-Unsubscribe" not in question
    page = LINK.search(text_of(question)).group(1)
    assert client.post(page, {"action": "confirm"}).status_code == 303
    run()
    assert len(server.mails) == 1  # what was before is no news
    a_signing(a_company("Bolt"))
    run()
    assert lines(server.mails[1])[0].startswith("Bolt")
    assert "Acme" not in text_of(server.mails[1])


def test_opening_the_link_confirms_nothing_because_scanners_open_it(client, server):
    ask(client)
    run()
    page = LINK.search(text_of(server.mails[0])).group(1)

    shown = client.get(page)
    client.head(page)

    assert "Yes, send me e-mails" in shown.text
    assert shown.headers["Cache-Control"] == "no-store, private"
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert Subscription.objects.get().state == "unconfirmed"


def test_the_response_is_the_same_whether_an_e_mail_address_is_known_or_not(client, server):
    first = ask(client)
    follow(client, server, address="known@reader.example")
    known = ask(client, address="known@reader.example")
    new = ask(client, address="new@reader.example")

    assert first.content == known.content == new.content
    assert (first.status_code, known.status_code, new.status_code) == (200, 200, 200)


def test_a_second_subscription_to_the_same_thing_is_not_created(client, server):
    follow(client, server)
    ask(client, rhythm="weekly")
    run()

    [mail] = server.mails
    assert "already follow" in mail["Subject"]
    assert Subscription.objects.get().rhythm == "each"  # a stranger cannot change it


def test_an_e_mail_address_gets_at_most_three_confirmation_mails_a_day(client, server):
    for number in range(5):
        a_company(f"Company {number}")
        ask(client, f"/alerts/?company=company-{number}", address="Lena@READER.example")
        run()

    assert len(server.mails) == 3
    Delivery.objects.update(made_at=timezone.now() - 25 * HOUR)
    ask(client, address="lena@reader.example")
    run()
    assert len(server.mails) == 4


def test_an_unconfirmed_subscription_is_deleted_after_48_hours_and_its_link_expires(client, server):
    ask(client)
    run()
    page = LINK.search(text_of(server.mails[0])).group(1)
    Subscription.objects.update(made_at=timezone.now() - 47 * HOUR)
    make_messages()
    assert client.get(page).status_code == 200

    Subscription.objects.update(made_at=timezone.now() - 48 * HOUR)

    assert client.get(page).status_code == 404
    assert client.post(page, {"action": "confirm"}).status_code == 404
    make_messages()
    assert not Subscription.objects.exists()


def test_too_many_subscription_forms_from_one_network_are_refused_for_a_while(client, server):
    codes = [ask(client, address=f"a{number}@reader.example").status_code for number in range(11)]

    assert codes == [200] * 10 + [429]
    assert Subscription.objects.count() == 10


@pytest.mark.parametrize(
    "fields",
    [
        {"address": ""},
        {"address": "nobody"},
        {"address": "a@b.example\nBcc: x@y.example"},
        {"rhythm": "daily"},
        {"homepage": "http://spam.example"},
        {"query": "colour=red"},
        {"query": "country=XX"},
    ],
)
def test_an_invalid_subscription_form_is_shown_again_with_its_errors(client, server, fields):
    query = {"query": fields.pop("query")} if "query" in fields else {}
    data = {"email": fields.pop("address", READER), "rhythm": "each", **fields, **query}

    answer = client.post("/alerts/", data)

    assert answer.status_code == 400
    assert "Not sent" in answer.text
    assert not Subscription.objects.exists()


def test_a_subscription_form_from_another_site_is_refused(client, server):
    answer = client.post(
        "/alerts/", {"email": READER, "rhythm": "each"}, headers={"sec-fetch-site": "cross-site"}
    )

    assert answer.status_code == 403
    assert not Subscription.objects.exists()


def test_a_list_that_does_not_exist_cannot_be_followed(client, server):
    assert client.get("/alerts/?colour=red").status_code == 400
    assert client.get("/alerts/?country=XX").status_code == 400
    assert client.get("/alerts/?country=FR&status=signed").status_code == 200


def test_without_a_mail_server_the_page_says_so_and_stores_nothing(client, settings):
    settings.EMAIL_URL = ""

    assert "sends no e-mail" in client.get("/alerts/").text
    assert ask(client).status_code == 503
    assert not Subscription.objects.exists()


def test_the_management_link_cannot_be_derived_from_the_database_alone(client, server, settings):
    page = follow(client, server)
    token = page.split("/")[2]

    stored = str(Subscription.objects.values().get())

    assert token not in stored
    settings.SECRET_KEY = "another" * 10
    a_signing(a_company("Acme"))
    run()  # its mails have a link of the new key
    assert client.get(LINK.search(text_of(server.mails[-1])).group(1)).status_code == 200


# What is told


def test_a_follower_of_one_company_gets_only_its_changes(client, server):
    acme, bolt = a_company("Acme"), a_company("Bolt")
    follow(client, server, "/alerts/?company=acme")

    a_signing(bolt)
    a_signing(acme)
    run()

    [mail] = server.mails
    assert lines(mail) == ["Acme: signed, first named on 9 October 2024"]
    assert "http://testserver/companies/acme/" in text_of(mail)
    assert mail["Subject"].startswith("PactWatch: Acme: signed")


def test_a_follower_of_a_list_hears_of_companies_that_join_and_leave_it(client, server):
    acme, bolt = a_company("Acme", country="FR"), a_company("Bolt", country="DE")
    follow(client, server, "/alerts/?country=FR")

    bolt.country = "FR"
    save(bolt, "moved")
    run()
    later()
    acme.country = "IT"
    save(acme, "moved")
    run()

    assert [one.split(":")[0] for mail in server.mails for one in lines(mail)] == ["Bolt", "Acme"]
    assert "http://testserver/companies/?country=FR" in text_of(server.mails[0])


def test_a_list_is_named_by_its_filters_in_the_language_of_the_reader(client, server):
    query = "country=FR&status=signed&q=acme&size=large"

    asked = [client.get(f"{start}/alerts/?{query}").text for start in ("", "/fr")]

    assert "a list of companies (France, Signed, “acme”, …)" in asked[0]
    assert "une liste d’entreprises (France, Signataire, « acme », …)" in asked[1].replace(
        "\u00a0", " "
    )


def test_changes_within_an_hour_are_sent_in_one_mail(client, server):
    follow(client, server)
    a_signing(a_company("Acme"))
    run()
    for name in ("Bolt", "Cask", "Dune"):
        a_signing(a_company(name))
    run()
    assert len(server.mails) == 1

    later()
    run()

    assert len(server.mails) == 2
    assert [one.split(":")[0] for one in lines(server.mails[1])] == ["Dune", "Cask", "Bolt"]
    assert server.mails[1]["Subject"] == "PactWatch: 3 changes, all companies"
    later()
    run()
    assert len(server.mails) == 2


def test_editorial_changes_are_not_mailed(client, server):
    acme = a_company("Acme")
    follow(client, server)

    acme.description = "Better words."
    save(acme, "wording")
    run()

    assert server.mails == []


def test_a_mail_with_many_changes_lists_some_and_counts_the_rest(client, server, monkeypatch):
    monkeypatch.setattr("companies.register.following.mail_contents.MOST_LISTED", 2)
    follow(client, server)
    for name in ("Acme", "Bolt", "Cask"):
        a_signing(a_company(name))
    run()

    [mail] = server.mails
    assert len(lines(mail)) == 2
    assert "1 more change is in the register." in text_of(mail)


def test_a_mail_has_the_sources_of_a_status(client, server):
    acme, pact = a_company("Acme"), a_pact()
    a_signing(acme, "not_signed", pact=pact, since_basis="observed")
    follow(client, server, "/alerts/?company=acme")

    sign(acme)
    run()

    [mail] = server.mails
    assert "https://example.org/acme" in text_of(mail)
    assert '<a href="https://example.org/acme">' in html_of(mail)


def test_a_mail_never_calls_an_absence_a_refusal(client, server):
    acme = a_company("Acme")
    follow(client, server, "/alerts/?company=acme")

    a_signing(acme, "not_signed", since_basis="observed")
    run()

    text = text_of(server.mails[0])
    assert "not on the list" in text.lower()
    assert "It is not a refusal." in text
    assert "did not sign" not in text


def test_a_mail_is_in_the_language_of_its_reader(client, server):
    ask(client, "/fr/alerts/")
    run()
    [question] = server.mails
    page = LINK.search(text_of(question)).group(1)
    assert page.startswith("/fr/alerts/")
    client.post(page, {"action": "confirm"})
    a_signing(a_company("Acme"))
    run()

    mail = server.mails[1]
    assert "signataire" in text_of(mail) or "signé" in text_of(mail)
    assert "http://testserver/fr/companies/acme/" in text_of(mail)
    assert '<html lang="fr">' in html_of(mail)
    assert mail["Content-Language"] == "fr"


def test_a_mail_has_no_image_and_no_tracking_link(client, server):
    for address in ("a@reader.example", "b@reader.example"):
        follow(client, server, address=address)
    a_signing(a_company("Acme"))
    run()

    found = [html_of(mail) for mail in sorted(server.mails, key=lambda mail: mail["To"])]
    assert not re.search(r"<(img|link|script|style|iframe)|url\(|onclick", "".join(found))
    without = [LINK.sub("OWN", text) for text in found]
    assert without[0] == without[1]
    assert found[0] != found[1]


def test_html_in_a_name_is_escaped_in_a_mail(client, server):
    follow(client, server)
    a_signing(a_company("Bold & <b>Brave</b>", slug="bold"))
    run()

    assert "Bold &amp; &lt;b&gt;Brave&lt;/b&gt;" in html_of(server.mails[0])
    assert "Bold & <b>Brave</b>" in text_of(server.mails[0])


def test_a_name_cannot_add_a_header(client, server, monkeypatch):
    follow(client, server)
    a_signing(a_company("Acme"))
    line = {"line": "Acme\r\nBcc: x@y.example", "more": "", "url": "", "sources": []}
    monkeypatch.setattr(emails, "news_in", lambda delivery: [MailEntry(**line)])
    run()

    [mail] = server.mails
    assert "Bcc" not in mail
    assert mail["Subject"] == "PactWatch: Acme Bcc: x@y.example"


def test_a_subscription_with_an_invalid_filter_is_paused_without_failing_others(client, server):
    page = follow(client, server, "/alerts/?country=FR")
    Subscription.objects.update(query="colour=red")
    a_signing(a_company("Acme"))

    run()

    assert Subscription.objects.get().state == "paused"
    assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    ("shown", "linked"),
    [
        ("/companies/?country=FR&sort=-since&page=1", "/alerts/?country=FR"),
        ("/companies/", "/alerts/"),
        ("/companies/acme/", "/alerts/?company=acme"),
        ("/absent/", "/alerts/?pact=eu-ai-pact&amp;status=not_signed"),
        ("/left/", "/alerts/?status=removed&amp;status=withdrawn"),
        ("/reports/", "/alerts/?pact=eu-ai-pact&amp;status=signed"),
        ("/commitments/governance/", "/alerts/?pact=eu-ai-pact&amp;commitment=governance"),
        ("/changes/", "/alerts/"),
        ("/fr/changes/", "/fr/alerts/"),
    ],
)
def test_a_page_links_to_the_subscription_form_with_its_filters(client, server, shown, linked):
    a_signing(a_company("Acme", country="FR"))
    a_commitment()
    page = client.get(shown).text

    [address] = re.findall(r'href="((?:/fr)?/alerts/[^"]*)"', page)
    if "/absent/" in shown:
        assert "status=not_signed" in address
    else:
        assert address == linked
    assert client.get(address.replace("&amp;", "&")).status_code == 200


def test_without_a_mail_server_no_page_links_to_the_form(client, settings):
    settings.EMAIL_URL = ""
    a_signing(a_company("Acme"))

    for shown in ("/companies/", "/companies/acme/", "/changes/", "/absent/"):
        assert "/alerts/" not in client.get(shown).text


def test_a_page_of_a_past_day_has_no_link_to_the_form(client, server):
    a_signing(a_company("Acme"))

    assert "/alerts/" not in client.get("/left/?as_of=2025-01-01").text


# The kept list


def test_the_owner_of_a_saved_list_gets_exactly_its_changes(client, server, fifty):  # noqa: F811  # the fixture
    follow(client, server, f"{fifty}/alerts")
    touched = Company.objects.get(slug="nordlicht-07")
    signing = touched.signings.get()

    signing.reason_en = "Better words."
    save(signing, reason="wording")
    sign(touched)
    other = Company.objects.get(slug="unlisted").signings.get()
    sign(other.company)
    alias = CompanyName(company_id=other.company_id, name="Sonnenschein Holding", kind="alias")
    save(alias, reason="found")
    run()

    [mail] = server.mails
    told = lines(mail)
    assert len(told) == 2
    assert told[0] == "“Sonnenschein Holding” on your list: we know it now as Unlisted"
    assert told[1].startswith("Nordlicht 07")
    assert mail["Subject"] == "PactWatch: 2 changes, your list of suppliers"
    assert "/check/kept/" not in text_of(mail) + html_of(mail)
    later()
    run()
    assert len(server.mails) == 1


def test_a_saved_list_followed_by_mail_does_not_expire(client, server, fifty):  # noqa: F811  # the fixture
    follow(client, server, f"{fifty}/alerts")
    soon = timezone.now() + datetime.timedelta(days=2)
    SupplierCheck.objects.update(expires_at=soon)

    make_messages()

    assert SupplierCheck.objects.get().expires_at > timezone.now() + datetime.timedelta(days=28)


def test_deleting_a_saved_list_ends_its_mail_subscription(client, server, fifty):  # noqa: F811  # the fixture
    follow(client, server, f"{fifty}/alerts")

    client.post(fifty)

    assert not Subscription.objects.exists()


# The week


def monday(weeks: int = 1) -> datetime.datetime:
    """A Monday morning to come, in the time zone of the site."""
    today = timezone.localdate()
    day = today + datetime.timedelta(days=7 * weeks - today.weekday())
    return datetime.datetime.combine(day, datetime.time(8), LOCAL)


def test_a_weekly_mail_is_sent_once_on_monday(client, server):
    follow(client, server, rhythm="weekly")
    a_signing(a_company("Acme"))
    a_signing(a_company("Bolt"))
    run()
    assert server.mails == []

    run(monday())
    run(monday())
    run(monday() + datetime.timedelta(days=3))

    [mail] = server.mails
    assert [one.split(":")[0] for one in lines(mail)] == ["Bolt", "Acme"]
    assert mail["Subject"] == "PactWatch: 2 changes in a week, all companies"


def test_a_week_without_changes_sends_nothing(client, server):
    follow(client, server, rhythm="weekly")

    for weeks in (1, 2, 3):
        run(monday(weeks))

    assert server.mails == []


def test_a_missed_monday_mail_is_sent_at_the_next_run(client, server):
    follow(client, server, rhythm="weekly")
    a_signing(a_company("Acme"))

    run(monday() + datetime.timedelta(days=2))

    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("now", "ended"),
    [
        ("2026-11-30T05:59", "2026-11-23"),  # Monday before the morning
        ("2026-11-30T06:00", "2026-11-30"),
        ("2026-12-06T23:59", "2026-11-30"),
        ("2026-03-30T06:00", "2026-03-30"),  # the day after the clocks changed
        ("2026-10-26T06:00", "2026-10-26"),
    ],
)
def test_a_week_ends_on_monday_at_midnight_in_the_time_zone_of_the_site(now, ended):
    moment = datetime.datetime.fromisoformat(now).replace(tzinfo=LOCAL)

    found = end_of_week(moment)

    assert found == datetime.datetime.fromisoformat(ended).replace(tzinfo=LOCAL)


def test_a_change_recorded_on_monday_belongs_to_the_next_weekly_mail(client, server, monkeypatch):
    follow(client, server, rhythm="weekly")
    a_signing(a_company("Acme"))
    before = mail_schedule.last_change_before(timezone.now())
    monkeypatch.setattr(mail_schedule, "last_change_before", lambda instant: before)
    a_signing(a_company("Bolt"))  # after the week ended
    run(monday())

    [mail] = server.mails
    assert [one.split(":")[0] for one in lines(mail)] == ["Acme"]
    monkeypatch.undo()
    run(monday(2))
    assert [one.split(":")[0] for one in lines(server.mails[1])] == ["Bolt"]


def test_a_reader_can_switch_to_weekly_mails(client, server):
    page = follow(client, server)

    client.post(page, {"action": "weekly"})
    a_signing(a_company("Acme"))
    run()
    assert server.mails == []
    run(monday())
    assert len(server.mails) == 1


# Ending


def test_one_click_unsubscribe_needs_no_cookie_or_origin(client, server):
    follow(client, server)
    a_signing(a_company("Acme"))
    run()
    [mail] = server.mails
    address = re.fullmatch(r"<http://testserver(/[^>]+)>", mail["List-Unsubscribe"].strip()).group(
        1
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    program = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site"})

    answer = program.post(address, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()
    assert program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    a_signing(a_company("Bolt"))
    run()
    assert len(server.mails) == 1


def test_opening_the_unsubscribe_link_only_asks_for_confirmation(client, server):
    page = follow(client, server)

    shown = client.get(f"{page}stop/")

    assert "Stop these e-mails?" in shown.text
    assert Subscription.objects.exists()
    assert client.get("/alerts/nosuch/stop/").status_code == 404


def test_unsubscribing_on_the_private_page_deletes_the_e_mail_address(client, server):
    page = follow(client, server)

    answer = client.post(page, {"action": "stop"})

    assert "No more e-mails" in answer.text
    assert not Subscription.objects.exists()
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("action", ["", "nosuch", "delete"])
def test_an_unknown_action_on_the_private_page_changes_nothing(client, server, action):
    page = follow(client, server)
    before = Subscription.objects.values().get()

    assert client.post(page, {"action": action}).status_code == 400

    assert Subscription.objects.values().get() == before


# A mail server that is slow, refuses, or is away


def attempts(hours: float = 7):
    """Let what waits be due."""
    Delivery.objects.update(next_attempt_at=timezone.now() - HOUR)


def test_an_e_mail_address_is_given_up_after_three_permanent_refusals(client, server):
    follow(client, server)
    server.answers[READER] = ["550 no such user"] * 3
    a_signing(a_company("Acme"))

    states = []
    for _time in range(3):
        run()
        attempts()
        states.append(Subscription.objects.get().state)

    assert states == ["active", "active", "ended"]
    assert Subscription.objects.get().state_reason == "refused"
    a_signing(a_company("Bolt"))
    run()
    assert server.mails == []
    assert server.asked == 1 + 3


def test_a_server_that_was_away_does_not_count_as_a_refusal(client, server, settings):
    follow(client, server)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    a_signing(a_company("Acme"))
    for _time in range(4):
        run()
        attempts()
    settings.EMAIL_PORT = port
    server.answers[READER] = ["550 no such user"]

    run()

    assert Subscription.objects.get().state == "active"
    assert Delivery.objects.get(kind="change").refusals == 1


def test_permanent_refusals_within_an_hour_count_once(client, server):
    follow(client, server)
    server.answers[READER] = ["550 no such user"]
    a_signing(a_company("Acme"))

    run()

    assert Delivery.objects.latest("pk").next_attempt_at > timezone.now() + HOUR * 0.7
    assert Delivery.objects.latest("pk").last_fault == "refused"


def test_a_mail_to_a_full_mailbox_is_sent_again_later(client, server):
    follow(client, server)
    server.answers[READER] = ["452 mailbox full", "452 mailbox full"]
    a_signing(a_company("Acme"))

    for _time in range(3):
        run()
        attempts()

    [mail] = server.mails
    told = Delivery.objects.get(kind="change")
    assert told.attempts == 3
    assert mail["Message-ID"] == f"<{told.message_id}@testserver>"


def test_an_unreachable_mail_server_loses_no_mail_and_no_subscription(client, server, settings):
    follow(client, server)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    a_signing(a_company("Acme"))
    run()
    # Far longer than a webhook is tried.
    Delivery.objects.update(first_attempt_at=timezone.now() - datetime.timedelta(days=9))
    attempts()
    run()
    assert Subscription.objects.get().state == "active"

    settings.EMAIL_PORT = port
    attempts()
    run()

    assert len(server.mails) == 1


def test_a_mail_sent_again_keeps_its_message_id_and_date(client, server):
    follow(client, server)
    a_signing(a_company("Acme"))
    run()
    told = Delivery.objects.filter(kind="change")
    told.update(delivered_at=None, next_attempt_at=timezone.now())  # as if killed before the note

    run()

    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert text_of(first) == text_of(second)


def test_a_mail_server_that_never_ends_its_greeting_is_cut_off(settings, monkeypatch):
    monkeypatch.setattr(emails, "WHOLE", 1.0)
    message = EmailMultiAlternatives("Subject", "Text", "a@b.example", [READER])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with a_dawdler() as port:
        settings.EMAIL_PORT = port
        outcome = emails.send(message, 1)

    assert (outcome.result, outcome.fault) == (AttemptResult.RETRY, "timeout")


def test_the_timeout_applies_to_the_smtp_backend_only(mailoutbox):
    message = EmailMultiAlternatives("Subject", "Text", "a@b.example", [READER])

    with ended_in_time(object()) as late:
        assert not late.is_set()
    assert emails.send(message, 1).result is AttemptResult.DELIVERED
    assert len(mailoutbox) == 1


def test_without_a_mail_server_mails_stay_unsent(client, server, settings):
    follow(client, server)
    a_signing(a_company("Acme"))
    settings.EMAIL_URL = ""

    run()

    assert Delivery.objects.get(kind="change").delivered_at is None
    settings.EMAIL_URL = "smtp://127.0.0.1"
    attempts()
    run()
    assert len(server.mails) == 1


def test_a_mail_refused_for_its_content_is_sent_again(client, server):
    follow(client, server)
    server.on_data = "554 looks like spam"
    a_signing(a_company("Acme"))
    run()
    server.on_data = TAKEN
    attempts()
    run()

    assert len(server.mails) == 1


OUT_OF_ORDER = ("down", "refused", "full", "up", "up", "up")


@pytest.mark.parametrize("seed", seeds(1))
def test_many_random_edits_lose_duplicate_or_misdirect_no_mail(client, server, settings, seed):
    dice = random.Random(seed)
    companies = [a_company(name, country="FR") for name in ("Acme", "Bolt", "Cask", "Dune")]
    readers = {"all@reader.example": "", "acme@reader.example": "company=acme"}
    readers |= {"weekly@reader.example": "", "cask@reader.example": "company=cask"}
    for address, query in readers.items():
        rhythm = "weekly" if "weekly" in address else "each"
        follow(client, server, f"/alerts/?{query}", address=address, rhythm=rhythm)
    begin, port, refused = last_change(), settings.EMAIL_PORT, Counter()

    for step in range(40):
        for company in dice.sample(companies, dice.randrange(3)):
            company.country = dice.choice(["FR", "DE", "IT", "ES"])
            company.description = str(step)
            save(company, "moved")
        fault = dice.choice(OUT_OF_ORDER)
        settings.EMAIL_PORT = free_port() if fault == "down" else port
        some = dice.choice([*readers])
        server.answers = {some: ["452 full"]} if fault == "full" else {}
        if fault == "refused" and refused[some] < 2:  # the third would be believed
            server.answers = {some: ["550 no"]}
            refused[some] += 1
        later()
        attempts()
        run(monday(step // 10 + 1) if step % 10 == 9 else None)
        if dice.random() < 0.2:  # killed after the mail server took a mail, before that was noted
            newest = Delivery.objects.filter(delivered_at__isnull=False).order_by("-pk")[:1]
            Delivery.objects.filter(pk__in=newest.values("pk")).update(delivered_at=None)
    settings.EMAIL_PORT = port
    server.answers.clear()
    for _time in range(3):
        later()
        attempts()
        run(monday(9))

    assert {one.state for one in Subscription.objects.all()} == {"active"}
    lines_of = Change.objects.filter(number__gt=begin, material=True, has_line=True)
    told = {one.message_id: one for one in Delivery.objects.exclude(kind="confirm")}
    for address, query in readers.items():
        by_id = {
            mail["Message-ID"].strip("<>").partition("@")[0]: mail for mail in server.to(address)
        }
        found = sorted(number for one in by_id for number in told[one].changes)
        slug = query.partition("=")[2]
        wanted = lines_of.filter(company_slug=slug) if slug else lines_of
        assert found == sorted(wanted.values_list("number", flat=True)), address
        assert found or slug
        for one, mail in by_id.items():
            assert told[one].subscription.address == address
            assert len(lines(mail)) == len(told[one].changes)
            if slug:
                assert {line.partition(":")[0].lower() for line in lines(mail)} == {slug}


def test_mail_links_do_not_open_webhooks_and_webhook_links_do_not_open_mail_subscriptions(
    client, server
):
    page = follow(client, server)
    token = page.split("/")[2]

    assert client.get(f"/webhooks/{token}/").status_code == 404
    assert client.post(f"/webhooks/{token}/", {"action": "secret"}).status_code == 404
    Subscription.objects.update(channel="webhook")
    assert client.get(page).status_code == 404
    assert client.post(f"{page}stop/").status_code == 200
    assert Subscription.objects.exists()


# Personal data


def test_exporting_and_erasing_a_person_includes_their_subscriptions(client, server):
    follow(client, server)
    follow(client, server, address="other@reader.example")

    person = persons.find(READER.upper())
    assert READER in persons.as_json(person)
    assert Subscription.objects.earliest("pk").secret not in persons.as_json(person)
    told = erasure.erase(person)

    assert [one.address for one in Subscription.objects.all()] == ["other@reader.example"]
    assert any(line.startswith("Subscription ") for line in told)


def test_data_of_an_unconfirmed_reader_is_deleted_automatically(client, server):
    ask(client)
    Subscription.objects.update(made_at=timezone.now() - 49 * HOUR)
    [unconfirmed] = [one for one in INVENTORY if one.code == "unconfirmed"]

    assert "48" in unconfirmed.how_long
    assert unconfirmed.delete_over(timezone.now()) == 1
    assert not Subscription.objects.exists()


def test_two_simultaneous_forms_create_one_subscription(client, server):
    signups.sign_up(READER, rhythm="each", language="en")
    signups.sign_up(READER, rhythm="weekly", language="fr")

    one = Subscription.objects.get()
    assert (one.rhythm, one.language) == ("weekly", "fr")


def test_an_unconfirmed_webhook_expires_after_a_day_and_a_mail_subscription_after_two(
    client, server
):
    ask(client)
    Subscription.objects.update(made_at=timezone.now() - 25 * HOUR)

    assert outbox.end_unconfirmed(timezone.now()) == 0
