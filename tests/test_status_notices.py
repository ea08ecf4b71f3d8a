"""A company that asked for it is told of a status that can harm it, before and when it is shown."""

import datetime
import re
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone
from pytest_django.asserts import assertContains

from companies.models import Company, Correction, Proposal, Signing, StatusNotice
from companies.register import confirmation
from companies.register import corrections as letters
from companies.register.approval.notices import send_waiting
from companies.register.history import save
from companies.register.review.deciding import Decision, apply

from .builders import a_company, a_correction, a_pact, a_signing
from .editors import a_reviewer as a_reviewer_s_browser
from .editors import an_editor, text
from .lists import a_reading, a_reviewer, the_proposal
from .test_second_person import decline

pytestmark = [pytest.mark.django_db, pytest.mark.history]
OWN = "press@acme.example"
BEGAN = datetime.date(2024, 10, 9)


@pytest.fixture(autouse=True)
def a_site_that_sends_mail(settings):
    settings.EMAIL_URL = "submission://mail.example"
    settings.SECOND_PERSON = "harmful"
    a_pact()


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def told(language: str = "en", **fields: object) -> Company:
    """A company whose confirmed sender asked to be told."""
    company = a_company("Acme", website="https://acme.example")
    a_correction(
        company,
        kind="statement",
        email=OWN,
        language=language,
        sender_confirmed_at=timezone.now(),
        tell_status=True,
        **fields,
    )
    return company


def test_the_confirmation_page_offers_status_notices(client):
    statement = a_correction(
        a_company("Acme", website="https://acme.example"), kind="statement", email=OWN
    )
    link = confirmation.confirmation_path(statement)

    assertContains(client.get(link), "Also write to us at this address")
    client.post(link, {"tell_status": "on"})

    assert Correction.objects.get().tell_status


def test_nobody_gets_a_status_notice_without_having_asked_for_it(client, commits):
    statement = a_correction(
        a_company("Acme", website="https://acme.example"), kind="statement", email=OWN
    )
    client.post(confirmation.confirmation_path(statement))
    with commits():
        decline(an_editor(), statement.company)

    assert not Correction.objects.get().tell_status
    assert mail.outbox == []


def test_a_company_is_notified_of_a_proposed_and_of_a_published_status(commits):
    company = told()

    with commits():
        decline(an_editor(), company)
    [first] = mail.outbox
    with commits():
        apply(Proposal.objects.get().pk, Decision(), by=a_reviewer())

    assert first.to == [OWN]
    assert first.subject == "PactWatch: “Publicly declined” is proposed for Acme"
    assert "(EU AI Pact, since March\xa02025). It is not public." in first.body
    second = mail.outbox[1]
    assert second.subject == "PactWatch: Acme is now listed as “Publicly declined”"
    assert "http://testserver/companies/acme/" in second.body
    assert not StatusNotice.objects.exists()
    assert {message.content_subtype for message in mail.outbox} == {"plain"}


def test_a_removal_is_notified_only_after_a_first_approval(commits):
    a_signing(told(), since=BEGAN)
    with commits():
        a_reading(["Bolt"], accept=True)
    assert mail.outbox == []

    with commits():
        apply(the_proposal("no_longer_listed").pk, Decision(), by=a_reviewer())

    assert [message.subject for message in mail.outbox] == [
        "PactWatch: “No longer listed” is proposed for Acme"
    ]


def test_a_french_sender_gets_and_ends_notices_in_french(client, commits):
    with commits():
        decline(an_editor(), told("fr"))

    [message] = mail.outbox
    assert "Un éditeur propose ce statut pour Acme" in message.body
    link = re.findall(r"http://testserver(/fr/\S+/untold/\S+)", message.body)[0]
    assertContains(client.get(link), "Ne plus recevoir ces messages")


def test_a_harmless_status_is_not_notified(commits):
    with commits():
        a_signing(told(), since=BEGAN)

    assert mail.outbox == []


def test_the_link_in_a_notice_unsubscribes_only_after_pressing_the_button(client, commits):
    company = told()
    with commits():
        decline(an_editor(), company)
    link = re.findall(r"http://testserver(/\S+/untold/\S+)", mail.outbox[0].body)[0]

    asked = client.get(link)
    assertContains(asked, "Stop messages about a status?")
    assert asked["Referrer-Policy"] == "no-referrer"
    assert Correction.objects.get().tell_status  # a mail scanner opens links
    assertContains(client.post(link), "You will get no more messages")

    with commits():
        apply(Proposal.objects.get().pk, Decision(), by=a_reviewer())
    assert len(mail.outbox) == 1
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("code", ["x", "é", "a" * 43])
def test_a_forged_unsubscribe_link_ends_nothing(client, code):
    told()

    assert (
        client.post(f"/corrections/{Correction.objects.get().receipt}/untold/{code}/").status_code
        == 404
    )
    assert Correction.objects.get().tell_status


def refusing(self, messages):
    raise smtplib.SMTPServerDisconnected("press@acme.example")


def test_a_failing_mail_server_loses_neither_the_edit_nor_the_status_notice(
    commits, monkeypatch, caplog
):
    company = told()
    monkeypatch.setattr(EmailBackend, "send_messages", refusing)
    with commits():
        decline(an_editor(), company)

    notice = StatusNotice.objects.get()
    assert (notice.stage, notice.failed) == ("proposed", "SMTPServerDisconnected")
    assert Proposal.objects.get().state == "proposed"
    assert OWN not in caplog.text
    queue = text(a_reviewer_s_browser().get("/admin/companies/importrun/queue/"))
    assert "Companies not told yet" in queue
    assert "Acme – Publicly declined (EU AI Pact, proposed) SMTPServerDisconnected" in queue

    monkeypatch.undo()
    assert send_waiting() == 1
    assert [message.to for message in mail.outbox] == [[OWN]]


def test_without_a_mail_server_the_desk_lists_who_must_be_notified(commits, settings):
    settings.EMAIL_URL = ""
    with commits():
        decline(an_editor(), told())

    queue = text(a_reviewer_s_browser().get("/admin/companies/importrun/queue/"))
    assert "No mail server is set (EMAIL_URL). Nothing is lost" in queue
    assert "Companies not told yet" not in text(
        an_editor("eve").get("/admin/companies/importrun/queue/")
    )


def test_the_same_status_is_notified_once(commits):
    company = told()
    signing = a_signing(company, since=BEGAN)
    signing.status = "removed"
    with commits():
        save(signing, "a command")
        signing.status = "signed"
        save(signing, "a command")
        signing.status = "removed"
        save(signing, "a command")

    assert len(mail.outbox) == 1


def test_the_e_mail_address_is_deleted_once_notices_have_ended(settings):
    told(state="accepted", reply="Thanks.", closed_at=timezone.now(), closed_by=a_reviewer())
    later = timezone.now() + datetime.timedelta(days=1)

    assert letters.forget_emails(later) == 0
    assert letters.forget_wishes(later) == 1
    assert letters.forget_emails(later) == 1

    assert Correction.objects.get().email == ""


def test_moving_a_statement_to_another_company_ends_its_notices():
    told()

    letters.name_company(Correction.objects.get().pk, a_company("Bolt"))

    assert not Correction.objects.get().tell_status
    assert not Signing.objects.exists()
