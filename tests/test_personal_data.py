"""What is kept of people is told on /privacy/, handed out, erased, and deleted when it is over."""

import datetime
import json
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from companies.models import (
    Change,
    Citation,
    Correction,
    ImportRun,
    Proposal,
    RefusedMatch,
    Subscription,
)
from companies.register import corrections as rules
from companies.register.history import save, unit_of_work
from companies.register.personal.inventory import INVENTORY, in_words
from companies.register.personal.persons import find, session_model
from tests.builders import (
    a_citation,
    a_company,
    a_delivery,
    a_pact,
    a_signing,
    a_subscription,
)
from tests.editors import a_login, a_user

pytestmark = pytest.mark.django_db

TOLD = {field for data in INVENTORY for field in data.fields}
# Models whose texts tell of organisations, each with the reason; a field that looks as if it could
# tell of a person has to stand in the table, or below, all the same.
ORGANISATIONS = "public facts about organisations"
OURS = "written by the program, of no person"
NOT_OF_PEOPLE = {
    "auth.Group": OURS,
    "auth.Permission": OURS,
    "contenttypes.ContentType": OURS,
    "companies.Change": "the public tables again, which name no editor",
    "companies.Citation": ORGANISATIONS,
    "companies.Commitment": ORGANISATIONS,
    "companies.Company": ORGANISATIONS,
    "companies.CompanyIdentifier": ORGANISATIONS,
    "companies.CompanyName": ORGANISATIONS,
    "companies.CompanyRedirect": ORGANISATIONS,
    "companies.CompanyRow": ORGANISATIONS,
    "companies.NameKey": ORGANISATIONS,
    "companies.ImportRun": "addresses and hashes of lists of organisations",
    "companies.ListHeading": ORGANISATIONS,
    "companies.Merge": "the rows of two companies",
    "companies.Milestone": ORGANISATIONS,
    "companies.OfficialList": ORGANISATIONS,
    "companies.Opinion": "our summary of what a public figure said",
    "companies.Pact": ORGANISATIONS,
    "companies.Pledge": ORGANISATIONS,
    "companies.ProgressReport": ORGANISATIONS,
    "companies.Proposal": "values of companies",
    "companies.PublishedShare": ORGANISATIONS,
    "companies.QuoteCheck": "addresses and hashes of public pages",
    "companies.RefusedMatch": "names of companies",
    "companies.Retraction": ORGANISATIONS,
    "companies.Sector": ORGANISATIONS,
    "companies.Signing": ORGANISATIONS,
    "companies.StatusRow": ORGANISATIONS,
    "companies.Delivery": "numbers of changes, public ids of companies, codes and times",
    "companies.ToldAlert": "public ids and numbers of rows",
    "companies.Source": "addresses and hashes of public pages",
}
LEFT_OUT = {
    "admin.LogEntry.object_id": "the number of a row",
    "companies.Company.description": ORGANISATIONS,
    "companies.SavedFilter.table": "the name of a list",
}
# Apps whose tables the site may lack.
OF_LOGINS = ("account", "accounts", "mfa")
# What a field of a person is likely to be called.
LIKELY = re.compile(
    r"e_?mail|phone|(^|_)ip($|_)|agent|user|person|author|contact|_by$|received_from|message|"
    r"reply|secret|password|token(?!_hash)|comment"
)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
ALWAYS = (models.EmailField, models.GenericIPAddressField)


def demanded(model):
    """The fields of a model that may hold personal data, as the table names them."""
    of_history = hasattr(model, "instance_type")
    for field in model._meta.concrete_fields:
        is_account = field.is_relation and field.related_model is User
        free = not field.choices and model._meta.label not in NOT_OF_PEOPLE
        is_text = isinstance(field, TEXTS) and (free or LIKELY.search(field.name))
        if is_account or is_text or isinstance(field, ALWAYS):
            yield field.name if of_history else f"{model._meta.label}.{field.name}"


def test_each_field_that_may_store_personal_data_is_in_the_table_or_left_out_with_a_reason():
    wrong = []
    for model in apps.get_models():
        past = getattr(model, "instance_type", None)
        names = set(demanded(model))
        if past:  # a row of the audit history holds what its model does, and who wrote it
            of_model = {field.name for field in past._meta.concrete_fields}
            names = {name for name in names if name not in of_model} - {"history_type"}
        wrong += sorted(names - TOLD - {*LEFT_OUT})
    assert wrong == []


def test_the_table_of_personal_data_names_existing_fields_only():
    of_history = {"history_user", "history_change_reason"}
    installed = {model._meta.label for model in apps.get_models()}
    for name in TOLD - of_history:
        label, _dot, field = name.rpartition(".")
        if label in installed or label.partition(".")[0] not in OF_LOGINS:
            assert apps.get_model(label)._meta.get_field(field)
    assert {*NOT_OF_PEOPLE} <= installed


def test_a_new_e_mail_field_would_be_reported_as_missing_in_the_table():
    class Reader(models.Model):  # noqa: DJ008  it has no rows
        email = models.EmailField()
        seen_from = models.GenericIPAddressField()
        editor = models.ForeignKey(User, models.CASCADE)
        words = models.TextField()

        class Meta:
            app_label = "companies"

    try:
        found = [*demanded(Reader)]
    finally:
        del apps.all_models["companies"]["reader"]
        apps.clear_cache()
    names = ("email", "seen_from", "editor", "words")
    assert found == [f"companies.Reader.{name}" for name in names]


# The page


def test_the_privacy_page_shows_every_row_with_the_retention_periods_of_the_settings(
    client, settings
):
    settings.KEEP_EMAILS_DAYS, settings.KEEP_MESSAGES_DAYS = 41, 730
    page = client.get("/privacy/").text

    assert re.findall(r'<div id="([\w-]+)">', page) == [k.code for k in INVENTORY]
    assert "How long: 41 days after we answer." in page
    assert "How long: 2 years after we answer;" in page
    assert client.get("/privacy/").cookies == {}
    assert client.get("/privacy/?x=1").status_code == 400


def test_the_privacy_page_is_translated_into_french(client):
    page = client.get("/fr/privacy/").text

    assert "90\u00a0jours" in page
    assert "How long" not in page


def test_every_retention_period_is_a_setting_above_zero():
    periods = {name for name in dir(settings) if re.fullmatch(r"(KEEP|AUDIT)_\w+_DAYS", name)}

    assert {data.days for data in INVENTORY} - {""} == periods
    assert all(getattr(settings, name) >= 1 for name in periods)


def test_a_retention_period_of_whole_years_is_shown_in_years():
    assert [in_words(days) for days in (1, 30, 365, 1095)] == [
        "1 day",
        "30 days",
        "1 year",
        "3 years",
    ]


def test_every_public_form_states_the_retention_periods_of_the_settings(client, settings):
    settings.KEEP_LISTS_DAYS = 7
    a_pact()

    assert "keep the result for 7 days" in client.get("/check/").text
    assert "Keep this list for 7 days" in client.post("/check/", {"names": "Acme"}).text


# What is over


def days_ago(days):
    return timezone.now() - datetime.timedelta(days=days)


def a_letter(receipt="", **fields):
    given = {"kind": "error", "message": "I am here.", "company_name": "Nemo"} | fields
    return Correction.objects.create(**given, **({"receipt": receipt} if receipt else {}))


def an_answered(by, *, days, **fields):
    letter = a_letter(**fields)
    (rules.accept if letter.is_statement else rules.decline)(letter.pk, reply="No.", by=by)
    Correction.objects.filter(pk=letter.pk).update(closed_at=days_ago(days))
    return letter


def test_a_message_is_emptied_after_its_retention_period_and_a_published_statement_stays():
    ann, acme = a_user(), a_company("Acme")
    old = an_answered(ann, days=1095, evidence_url="https://a.example/")
    new = an_answered(ann, days=1094)
    stands = an_answered(ann, days=2000, kind="statement", company=acme, company_name="")
    waits = a_letter()

    call_command("personal_data", "expire")

    old.refresh_from_db()
    assert (old.message, old.company_name, old.evidence_url) == ("–", "", "")
    assert (old.state, old.reply) == ("declined", "No.")
    for data in (new, stands, waits):
        assert Correction.objects.get(pk=data.pk).message == "I am here."


def test_sessions_and_the_admin_log_are_deleted_after_their_retention_period():
    ann = a_user()
    a_login("root")
    sessions = session_model().objects
    sessions.create(session_key="x", session_data="", expire_date=days_ago(0))
    for days in (364, 366):
        entry = LogEntry.objects.create(user=ann, action_flag=2, object_repr=f"{days}")
        LogEntry.objects.filter(pk=entry.pk).update(action_time=days_ago(days))

    call_command("personal_data", "expire")

    assert [entry.object_repr for entry in LogEntry.objects.all()] == ["364"]
    assert not sessions.filter(session_key="x").exists()
    assert sessions.count() == 1


def test_a_decided_spreadsheet_is_deleted_and_an_official_list_is_kept():
    seen = {"seen_on": timezone.localdate(), "pact": a_pact(), "content": b"name\nAnn\n"}
    old, waiting, new = (
        ImportRun.objects.create(kind="spreadsheet", retrieved_at=days_ago(days), **seen)
        for days in (365, 365, 364)
    )
    listed = ImportRun.objects.create(retrieved_at=days_ago(365), **seen)
    Proposal.objects.create(run=waiting, new_name="Acme", action="new_company", difference="x")

    call_command("personal_data", "expire")

    held = {run.pk: bool(run.content) for run in ImportRun.objects.all()}
    assert held == {old.pk: False, waiting.pk: True, new.pk: True, listed.pk: True}


# One person

MARK = "zzmarkzz"
ADDRESS = f"{MARK}@reader.example"


def said(capsys, *arguments):
    call_command("personal_data", *arguments)
    return capsys.readouterr().out


def everything():
    """Every value of every row of the database as text, but for sessions, which are signed."""
    return "\n".join(
        f"{model._meta.label} {row}"
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values()
        if model is not session_model()
    )


@pytest.mark.parametrize("who", [ADDRESS, ADDRESS.upper(), f" {ADDRESS} "])
def test_an_e_mail_address_finds_all_corrections_sent_with_it(capsys, who):
    for message in ("One.", "Two."):
        a_letter(email=ADDRESS, message=message)
    a_letter(email="other@reader.example")
    a_letter()

    found = json.loads(said(capsys, "export", who))

    assert [one["message"] for one in found["corrections"]] == ["One.", "Two."]
    assert found["accounts"] == []


def test_a_receipt_number_finds_only_its_own_correction(capsys):
    first, _second = a_letter(email=ADDRESS), a_letter(email=ADDRESS)

    found = json.loads(said(capsys, "export", first.receipt.lower().replace("-", " ")))

    assert [one["receipt"] for one in found["corrections"]] == [first.receipt]


@pytest.mark.parametrize("who", ["", " ", "@", "nobody@reader.example", "PW-2222-2222", "%", "é"])
def test_an_unknown_person_is_refused(who):
    a_letter()
    a_user("ann")

    assert not find(who)
    with pytest.raises(CommandError, match="Nothing is kept of"):
        call_command("personal_data", "erase", who, "--yes")


def test_erasing_a_sender_empties_their_messages_and_keeps_our_replies(capsys):
    ann = a_user()
    texts = {"evidence_url": f"https://{MARK}.example/", "company_name": f"{MARK} AG"}
    sent = an_answered(ann, days=1, email=ADDRESS, message=f"I am {MARK}.", **texts)

    out = said(capsys, "erase", ADDRESS, "--yes")

    assert f"Correction {sent.receipt}: erased." in out
    assert MARK not in everything()
    sent.refresh_from_db()
    sent.full_clean()
    assert (sent.state, sent.reply, sent.closed_by) == ("declined", "No.", ann)


def test_erasing_a_sender_keeps_a_published_statement_until_it_is_withdrawn(capsys):
    ann = a_user()
    words = {"kind": "statement", "company": a_company("Acme"), "company_name": ""}
    sent = an_answered(ann, days=1, email=ADDRESS, message=f"We are {MARK}.", **words)

    assert "its published statement stands" in said(capsys, "erase", sent.receipt, "--yes")
    sent.refresh_from_db()
    assert (sent.email, sent.message) == ("", f"We are {MARK}.")
    rules.withdraw_statement(sent.pk, reason="Asked.", by=ann)
    said(capsys, "erase", sent.receipt, "--yes")
    assert MARK not in everything()


def test_an_open_correction_that_was_erased_can_still_be_closed():
    letter = a_letter(email=ADDRESS)
    call_command("personal_data", "erase", letter.receipt, "--yes")

    rules.decline(letter.pk, reply="The sender asked us to forget it.", by=a_user())

    letter.refresh_from_db()
    assert (letter.state, letter.message) == ("declined", "–")


def test_nothing_is_erased_without_confirmation(monkeypatch):
    letter = a_letter(email=ADDRESS)

    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("personal_data", "erase", letter.receipt)

    letter.refresh_from_db()
    assert letter.email == ADDRESS


def what_an_editor_leaves(ann):
    """Rows of every table that points to an account, written as `ann`."""
    acme = a_company("Acme")
    with unit_of_work(by=ann):
        acme.description = "Makes things."
        save(acme, "looked up")
        citation = a_citation(signing=a_signing(acme))
        citation.verified_on, citation.verified_by = timezone.localdate(), MARK
        save(citation, "looked at")
    run = ImportRun.objects.create(
        pact=a_pact(), retrieved_at=timezone.now(), seen_on=timezone.localdate(), started_by=ann
    )
    decided = {"decided_by": ann, "decided_at": timezone.now()}
    Proposal.objects.create(
        run=run, company=acme, action="change", difference="x", state="applied", **decided
    )
    RefusedMatch.objects.create(company=acme, name="Acme Ltd", **decided)
    statement = an_answered(ann, days=1, kind="statement", company=acme, company_name="")
    rules.withdraw_statement(statement.pk, reason="Asked.", by=ann)
    LogEntry.objects.create(user=ann, action_flag=2, object_repr="Acme", change_message="[]")
    LogEntry.objects.create(
        user=ann, action_flag=2, object_repr=MARK, object_id=str(ann.pk), change_message="[]"
    )


@pytest.mark.history
@pytest.mark.database
@pytest.mark.parametrize(("group", "role"), [("Editors", "editor"), ("Reviewers", "reviewer")])
def test_an_erased_editor_is_replaced_by_a_role_and_the_register_stays_the_same(
    capsys, group, role
):
    desk = a_login(MARK, group)
    ann = User.objects.get(username=MARK)
    ann.email, ann.first_name, ann.last_name = ADDRESS, f"Ann{MARK}", MARK
    ann.save()
    what_an_editor_leaves(ann)
    call_command("verify_changes", "--replay")
    before, facts = capsys.readouterr().out, [*Change.objects.order_by("number").values()]

    found = json.loads(said(capsys, "export", MARK))
    rows = found["accounts"][0]["rows"]
    assert {"companies.Proposal", "companies.HistoricalCompany", "admin.LogEntry"} < {*rows}
    assert "password" not in found["accounts"][0]
    out = said(capsys, "erase", MARK, "--yes")

    name = f"former-{role}-{ann.pk}"
    assert f"The account is now called {name}." in out
    assert "Still named" not in out
    assert MARK not in everything()
    ann.refresh_from_db()
    assert (ann.username, ann.is_active, ann.is_staff) == (name, False, False)
    assert not ann.has_usable_password()
    assert desk.get("/admin/").status_code == 302
    assert Proposal.objects.get().decided_by == ann
    call_command("verify_changes", "--replay")
    assert capsys.readouterr().out == before
    assert [*Change.objects.order_by("number").values()] == facts


@pytest.mark.history
def test_no_output_of_the_register_names_an_editor(client, tmp_path):
    ann = a_user(MARK, email=ADDRESS, first_name=MARK)
    what_an_editor_leaves(ann)

    call_command("dump_register", str(tmp_path))

    assert not any(MARK.encode() in path.read_bytes() for path in tmp_path.iterdir())
    pages = ("/companies/acme/", "/companies/acme/history/", "/changes/", "/changes/feed.atom")
    for address in (*pages, "/api/v1/changes/", "/api/v1/companies/acme/"):
        assert MARK not in client.get(address).text, address


def test_erasing_reports_texts_that_still_name_the_person(capsys):
    letter = an_answered(a_user(), days=1, email=ADDRESS)
    Correction.objects.filter(pk=letter.pk).update(reply=f"We wrote to {ADDRESS.upper()}.")
    a_company(f"Un{MARK}")

    out = said(capsys, "erase", ADDRESS, "--yes")

    assert f"Still named: companies.Correction {letter.pk}, reply." in out
    assert out.count("Still named") == 1


@pytest.mark.parametrize("typed", ["Ann", " ann ", "editor", "Verify_Sources", "<b>"])
def test_the_name_of_who_verified_a_quote_is_stored_as_editor(typed):
    citation = Citation(verified_by=typed)

    assert Citation._meta.get_field("verified_by").pre_save(citation, add=True) == "editor"


@pytest.mark.parametrize("typed", ["", "\u200b", "verify_sources"])
def test_an_empty_or_automatic_verifier_is_stored_unchanged(typed):
    citation = Citation(verified_by=typed)
    stored = Citation._meta.get_field("verified_by").pre_save(citation, add=True)

    assert stored == typed.strip("\u200b")


@pytest.mark.history
def test_an_older_change_that_names_a_verifier_still_replays(capsys):
    citation = a_citation(signing=a_signing())
    citation.verified_on, citation.verified_by = timezone.localdate(), "editor"
    save(citation, "looked at")
    last = Change.objects.order_by("number").last()
    named = Change(**{f.attname: getattr(last, f.attname) for f in Change._meta.concrete_fields})
    named.fields = {"verified_by": ["editor", "Ann"]}
    named.follow(last)
    named.save(force_insert=True)

    call_command("verify_changes", "--replay")

    assert "Replayed, they give the register as it is." in capsys.readouterr().out


def test_a_follower_is_found_by_e_mail_address_exported_without_the_secret_and_erased(capsys):
    follower = a_subscription(address="https://me.example/hook", secret="whsec_c2VjcmV0")
    other = a_subscription()
    a_delivery(follower).save()

    out = json.loads(said(capsys, "export", "https://me.example/hook"))
    [row] = out["subscriptions"]
    assert (row["address"], len(row["deliveries"])) == ("https://me.example/hook", 1)
    assert "whsec_c2VjcmV0" not in json.dumps(out)

    assert f"Subscription {follower.pk}: deleted." in said(
        capsys, "erase", "https://me.example/hook", "--yes"
    )
    assert list(Subscription.objects.all()) == [other]
