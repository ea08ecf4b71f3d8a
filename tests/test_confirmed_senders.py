"""Who sent a company's statement: said only where a link mailed to its own domain was confirmed."""

import datetime
import re

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Correction
from companies.register import confirmation
from companies.register import corrections as rules
from tests.builders import a_company, a_correction, a_pact
from tests.correction_posts import letter
from tests.editors import a_login, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.history]

CONFIRMED = "Sender confirmed by e-mail"
OWN = "press@acme.example"


@pytest.fixture(autouse=True)
def acme(settings):
    settings.EMAIL_URL = "submission://mail.example"
    a_pact()
    return a_company("Acme", website="https://www.acme.example")


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    """Send a message and return the e-mails that follow."""

    def send(path: str = "/corrections/new/", **fields: str) -> list:
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(path, letter(**fields)).status_code == 303
        return mail.outbox

    return send


def links(message) -> list[str]:
    """The paths in an e-mail."""
    return re.findall(r"http://testserver(\S+)", message.body)


def a_statement(acme, **fields) -> Correction:
    return a_correction(acme, **{"kind": "statement", "email": OWN} | fields)


def published(statement: Correction) -> Correction:
    return rules.accept(statement.pk, reply="Thank you.", by=a_user())


def test_receipt_of_a_message_is_acknowledged_with_its_number_and_address(send):
    [message] = send("/fr/corrections/new/", email="me@b.eu", message="zzsecretzz")

    receipt = Correction.objects.get().receipt
    assert message.to == ["me@b.eu"]
    assert receipt in message.subject
    assert links(message) == [f"/fr/corrections/{receipt}/"]
    assert "bien reçu" in message.body
    assert "zzsecretzz" not in message.body


def test_a_message_sent_twice_is_acknowledged_once(send):
    send(email="me@b.eu")

    assert len(send(email="me@b.eu")) == 1


def test_a_statement_is_confirmed_by_the_button_behind_the_mailed_link(send, client, acme):
    [message] = send(kind="statement", email=OWN, message="We never signed.")
    page, link = links(message)

    asked = client.get(link)
    assertContains(asked, "Did Acme send this statement?")
    assertContains(asked, "We never signed.")
    assert Correction.objects.get().sender_confirmed_at is None  # a mail scanner opens links
    assert "no-store" in asked["Cache-Control"]
    assert asked["Referrer-Policy"] == "no-referrer"
    assertNotContains(asked, OWN)

    answer = client.post(link)

    assert (answer.status_code, answer["Location"]) == (303, page)
    assertContains(client.get(page), CONFIRMED)
    published(Correction.objects.get())
    assertContains(client.get("/companies/acme/"), CONFIRMED)
    day = timezone.localdate()
    said = client.get(page).text.replace("\u00a0", " ")
    assert f"Sender confirmed by e-mail on {day.day} {day:%B %Y}." in said


def test_the_page_of_a_statement_asks_for_its_confirmation_until_it_is_given(
    client, acme, settings
):
    asked = "confirm the statement with the link in our e-mail"
    statement = a_statement(acme)
    assertContains(client.get(statement.get_absolute_url()), asked)
    assertNotContains(client.get(a_correction(acme).get_absolute_url()), asked)

    settings.EMAIL_URL = ""
    assertNotContains(client.get(statement.get_absolute_url()), asked)

    settings.EMAIL_URL = "submission://mail.example"
    statement.sender_confirmed_at = timezone.now()
    statement.save()
    assertNotContains(client.get(statement.get_absolute_url()), asked)


def test_confirming_again_keeps_the_first_confirmation_date(client, acme):
    link = confirmation.confirmation_path(a_statement(acme))
    client.post(link)
    first = Correction.objects.get().sender_confirmed_at

    assert client.post(link).status_code == 303

    assert Correction.objects.get().sender_confirmed_at == first
    assertNotContains(client.get(link), "<button>Yes")


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "statement", "email": "me@elsewhere.example"},
        {"kind": "error", "email": OWN},
    ],
    ids=["other_domain", "no_statement"],
)
def test_no_confirmation_link_is_mailed_when_it_would_prove_nothing(send, fields):
    [message] = send(**fields)

    assert len(links(message)) == 1


@pytest.mark.parametrize(
    ("website", "email", "proves"),
    [
        ("https://www.acme.example/about", "press@ACME.example", True),
        ("https://acme.example", "press@mail.acme.example", True),
        ("https://acme.hoster.example", "press@hoster.example", False),
        ("https://notacme.example", "press@acme.example", False),
        ("https://acme.example.org", "press@acme.example", False),
        ("https://mail.ru", "anybody@mail.ru", False),
        ("https://gmx.de/acme", "anybody@gmx.de", False),
        ("", "press@acme.example", False),
        ("https://acme.example", "", False),
    ],
)
def test_only_an_e_mail_address_of_the_company_domain_proves_the_sender(website, email, proves):
    company = a_company("Other", website=website)

    assert Correction(company=company, email=email, kind="statement").can_confirm_sender is proves


@pytest.mark.parametrize("code", ["x", "x.y", "é", "1.2.3", "%00", "x" * 3000])
def test_a_forged_confirmation_link_confirms_nothing(client, acme, code):
    statement = a_statement(acme)

    for answer in (client.get, client.post):
        response = answer(f"/corrections/{statement.receipt}/confirm/{code}/")
        assert response.status_code in (400, 404)
    assert Correction.objects.get().sender_confirmed_at is None


def test_a_confirmation_link_is_valid_for_one_statement_and_one_e_mail_address(client, acme):
    own, other = a_statement(acme), a_statement(acme)
    link = confirmation.confirmation_path(own)

    assert client.post(link.replace(own.receipt, other.receipt)).status_code == 404
    Correction.objects.filter(pk=own.pk).update(email="boss@acme.example")
    assert client.post(link).status_code == 404
    assert not Correction.objects.exclude(sender_confirmed_at=None)


def test_a_confirmation_link_expires_after_a_week(client, acme, monkeypatch):
    link = confirmation.confirmation_path(a_statement(acme))
    monkeypatch.setattr(confirmation, "CONFIRM_WITHIN", datetime.timedelta(seconds=-1))

    assertContains(client.get(link), "or has expired", status_code=404)
    assert client.post(link).status_code == 404


def test_a_declined_statement_is_not_confirmed_and_a_published_one_still_is(client, acme):
    declined, open_one = a_statement(acme), a_statement(acme)
    rules.decline(declined.pk, reply="No.", by=a_user("bob"))
    published(open_one)
    assertNotContains(client.get("/companies/acme/"), CONFIRMED)

    assert client.post(confirmation.confirmation_path(declined)).status_code == 404
    assert client.post(confirmation.confirmation_path(open_one)).status_code == 303

    assertContains(client.get("/companies/acme/"), CONFIRMED)


def test_another_site_cannot_submit_the_confirmation(client, acme):
    link = confirmation.confirmation_path(a_statement(acme))

    client.post(link, headers={"Sec-Fetch-Site": "cross-site"})

    assert Correction.objects.get().sender_confirmed_at is None


def test_a_confirmation_applies_only_to_the_company_that_was_named(client, acme):
    statement = a_statement(acme)
    client.post(confirmation.confirmation_path(statement))

    rules.name_company(statement.pk, a_company("Other"))

    assert Correction.objects.get().sender_confirmed_at is None


def test_an_editor_sees_whether_the_sender_was_confirmed(client, acme):
    desk = a_login("ann", "Reviewers")
    statement = a_statement(acme)
    screen = f"/admin/companies/correction/{statement.pk}/answer/"

    assertContains(desk.get(screen), "It has not been confirmed yet.")
    assertContains(desk.get(screen), "Sender not confirmed by e-mail.")
    client.post(confirmation.confirmation_path(statement))

    assertContains(desk.get(screen), "Sender confirmed by e-mail:")
    assertNotContains(desk.get(screen), "Sender not confirmed")
