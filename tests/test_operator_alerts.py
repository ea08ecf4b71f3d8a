"""Alerts: each in a sentence, told once until it changes, and nothing lost while mail is down."""

import datetime
import smtplib
from io import StringIO

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone

from companies.models import Correction, ImportRun, OfficialList, QuoteCheck, ToldAlert
from companies.register import operator_alerts
from companies.register.backups import folders
from companies.register.history import new_version
from pactwatch.measuring.counters import counters

from .builders import (
    a_citation,
    a_company,
    a_correction,
    a_delivery,
    a_pact,
    a_signing,
    a_subscription,
)
from .lists import a_reading

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


class Down(EmailBackend):
    """A mail server that takes nothing, and says the address as real ones do."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"operator@example.org": (550, b"no")})


@pytest.fixture(autouse=True)
def site(settings, tmp_path):
    settings.EMAIL_URL = "smtp://127.0.0.1"
    settings.ALERT_EMAILS = ["operator@example.org"]
    settings.BACKUP_DIR = tmp_path / "backups"
    backed_up(settings, timezone.now())


def read_days_ago(days):
    ImportRun.objects.update(retrieved_at=timezone.now() - days * DAY)
    new_version()


def backed_up(settings, at):
    whole = settings.BACKUP_DIR / f"{at:{folders.NAME}}"
    whole.mkdir(parents=True)
    (whole / "manifest.json").touch()


def told():
    out = StringIO()
    call_command("alert", stdout=out)
    return out.getvalue().strip()


def lines():
    """What the last mail said, without the link at its end."""
    return mail.outbox[-1].body.split("\n\n")[0].splitlines()


def a_lost_quote(since=datetime.date(2026, 11, 20)):
    citation = a_citation(signing=a_signing(a_company()), quote="Acme")
    return QuoteCheck.objects.create(
        citation=citation,
        url=citation.source.url,
        quote=citation.quote,
        checked_at=timezone.now(),
        since=since,
        result="gone",
    )


def test_no_alert_is_mailed_when_nothing_is_wrong():
    assert told() == "Nothing new (0 mailed before)."
    assert mail.outbox == []


def test_a_list_unread_for_three_days_is_alerted_and_again_when_it_stops_a_second_time():
    OfficialList.objects.create(pact=a_pact(), url="https://cited.example/list")
    told()
    assert lines() == ["EU AI Pact: the list was never read."]
    a_reading(["Acme"])
    read_days_ago(2)
    assert told() == "Mailed 0 new, 1 over."
    assert lines() == ["Over: list not read eu-ai-pact."]
    assert mail.outbox[-1].subject == "PactWatch: Over: list not read eu-ai-pact."

    read_days_ago(3)
    told()
    assert lines() == ["EU AI Pact: the list was not read for 3 days."]
    assert mail.outbox[-1].subject == "PactWatch: EU AI Pact: the list was not read for 3 days."
    assert told() == "Nothing new (1 mailed before)."
    read_days_ago(5)
    told()
    assert lines() == ["EU AI Pact: the list was not read for 5 days."]


def test_a_missing_backup_is_alerted_once_after_two_days(settings):
    [newest] = settings.BACKUP_DIR.glob("2*")
    at = timezone.now() - 2 * DAY
    newest.rename(newest.with_name(at.strftime(folders.NAME)))

    assert told() == "Mailed 1 new, 0 over."
    assert told() == "Nothing new (1 mailed before)."

    day = f"{timezone.localtime(at):%Y-%m-%d}"
    assert lines() == [f"There was no backup for 2 days: the newest is dated {day}."]
    assert len(mail.outbox) == 1
    backed_up(settings, timezone.now())
    assert told() == "Mailed 0 new, 1 over."


def test_a_register_without_any_backup_is_alerted(settings, tmp_path):
    settings.BACKUP_DIR = tmp_path / "nowhere"
    told()

    assert lines() == [f"There is no whole backup in {tmp_path / 'nowhere'}."]


def test_a_quote_missing_from_its_page_is_alerted_with_url_and_date():
    check = a_lost_quote()
    told()

    assert lines() == [
        f"A quote is gone since 2026-11-20: {check.url} "
        f"(http://testserver/admin/companies/citation/{check.citation_id}/change/)"
    ]
    check.result, check.found_on = "found", datetime.date(2026, 11, 29)
    check.save()
    told()
    assert lines() == [f"Over: quote gone {check.citation_id}."]


def test_corrections_and_proposals_waiting_for_a_week_are_alerted(settings):
    correction = a_correction()
    a_reading(["Acme", "Bolt"])
    assert told() == "Nothing new (0 mailed before)."
    week_ago = timezone.now() - 7 * DAY
    Correction.objects.update(received_at=week_ago)
    ImportRun.objects.update(retrieved_at=week_ago)

    told()

    day, run = f"{timezone.localtime(week_ago):%Y-%m-%d}", ImportRun.objects.get().pk
    assert lines() == [
        f"Correction {correction.receipt} waits since {day}.",
        f"2 of a reading's proposals wait since {day}: "
        f"http://testserver/admin/companies/importrun/{run}/review/",
    ]
    assert mail.outbox[-1].subject == "PactWatch: 2 things need you"
    assert mail.outbox[-1].to == ["operator@example.org"]
    assert mail.outbox[-1].body.endswith("\n\nhttp://testserver/admin/")


def test_an_alert_that_the_mail_server_refuses_is_sent_again_later(settings, capsys):
    a_lost_quote()
    taken, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.test_operator_alerts.Down"
    failures = counters().of_all()["mail_failures",]
    for _attempt in range(2):
        with pytest.raises(CommandError, match="No mail was sent") as failed:
            told()
        assert "A quote is gone since 2026-11-20" in str(failed.value), "the journal has it"
        assert "operator@" not in str(failed.value)
        assert not ToldAlert.objects.exists()
    assert counters().of_all()["mail_failures",] == failures + 2

    settings.EMAIL_BACKEND = taken
    assert told() == "Mailed 1 new, 0 over."
    assert lines()[0].startswith("A quote is gone since 2026-11-20")


@pytest.mark.parametrize("missing", ["EMAIL_URL", "ALERT_EMAILS"])
def test_without_a_mail_server_alerts_are_printed_and_stay_unsent(settings, missing):
    setattr(settings, missing, "")
    assert told() == "Nothing needs anybody."
    a_lost_quote()

    for _run in range(2):
        assert told().startswith("A quote is gone since 2026-11-20")
    assert not ToldAlert.objects.exists()


def test_many_alerts_of_one_kind_are_shortened_to_a_count():
    many = [
        operator_alerts.Alert("quote", str(number), None, f"Quote {number}.")
        for number in range(operator_alerts.SHOWN + 5)
    ]

    said = list(operator_alerts.lines(many, []))

    assert len(said) == operator_alerts.SHOWN + 2
    assert said[-2] == "And 5 more."


def test_alerts_are_written_in_the_language_of_the_settings(settings):
    settings.ALERT_LANGUAGE = "fr"
    OfficialList.objects.create(pact=a_pact(), url="https://cited.example/list")
    told()
    assert lines() == ["Pacte européen sur l’IA\u00a0: la liste n’a jamais été lue."]
    assert mail.outbox[-1].body.endswith("\n\nhttp://testserver/fr/admin/")

    a_reading(["Acme"])
    read_days_ago(4)
    assert told() == "Mailed 1 new, 0 over."
    assert lines()[0].endswith("\u00a0: la liste n’a pas été lue depuis 4 jours.")


def test_late_deliveries_and_unreachable_followers_are_alerted():
    waits = a_delivery(a_subscription(state="active"))
    paused_at = timezone.now() - DAY
    paused = a_subscription(state="paused", state_reason="failed", state_since=paused_at)
    a_subscription(state="paused", state_reason="owner")
    waits.next_attempt_at = timezone.now() - datetime.timedelta(minutes=59)
    waits.save()
    assert told() == "Mailed 1 new, 0 over."
    assert lines() == [
        f"Follower {paused.pk} was not reached for 24 hours and is paused since "
        f"{timezone.localtime(paused_at):%Y-%m-%d}: {paused.host}."
    ]

    waits.next_attempt_at = timezone.now() - datetime.timedelta(hours=2)
    waits.save()
    assert told() == "Mailed 1 new, 0 over."
    since = timezone.localtime(waits.next_attempt_at)
    assert lines() == [f"Messages to followers wait since {since:%Y-%m-%d %H:%M}."]
    waits.delivered_at = timezone.now()
    waits.save()
    assert told() == "Mailed 0 new, 1 over."
