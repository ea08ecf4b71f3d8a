"""Who sent a correction is nobody's business: not on a page, in an answer, a file or a log."""

import logging

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command

from companies.api import urls as api_urls
from companies.models import Change, Correction
from companies.pages import urls
from companies.pages.well_known import unprefixed_urls as machine_urls
from companies.register import corrections as rules
from tests.builders import a_citation, a_commitment, a_company, a_pact, a_signing
from tests.correction_posts import letter
from tests.editors import a_login, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.history]

SECRET = "zzsecretzz"
ANSWER = "/admin/companies/correction/{}/answer/"
KNOWN = {
    "<slug:slug>": "acme",
    "<slug:code>": "governance",
    "<slug:name>": "over-time",
    "<str:token>": "nothing",
}


@pytest.fixture
def sent(client):
    """A statement that was published and an error that was declined; both with an e-mail."""
    a_pact()
    a_commitment("governance")
    a_citation(signing=a_signing(a_company("Acme", website="https://acme.example")))
    ann = a_user()
    for kind in ("error", "statement"):
        fields = {"kind": kind, "email": f"{SECRET}@acme.example", "message": f"I am {kind}."}
        client.post("/corrections/new/", letter(**fields))
    error, statement = Correction.objects.order_by("pk")
    rules.decline(error.pk, reply="We found no source.", by=ann)
    rules.accept(statement.pk, reply="Published.", by=ann)
    return [error, statement]


def addresses(sent) -> list[str]:
    """Every public address, in English and, where it is a page, in French."""
    found = []
    patterns = [("", urls), ("fr/", urls), ("", machine_urls), ("api/v1/", api_urls)]
    for start, module in patterns:
        for pattern in module.urlpatterns:
            route = str(pattern.pattern)
            for part, example in KNOWN.items():
                route = route.replace(part, example)
            pact = route.startswith(("pacts/", "api/v1/pacts/"))
            route = route.replace("acme", "eu-ai-pact") if pact else route
            receipts = [one.receipt for one in sent] if "<str:receipt>" in route else [""]
            found += [f"/{start}{route.replace('<str:receipt>', one)}" for one in receipts]
    return found


def test_no_public_url_reveals_an_e_mail_address_or_who_answered(client, sent):
    tried = addresses(sent)
    answers = {address: client.get(address) for address in tried}

    read = [address for address, answer in answers.items() if answer.status_code == 200]
    assert len(read) > 50, "the addresses were found"
    assert {f"/corrections/{one.receipt}/" for one in sent} < set(read)
    for address, answer in answers.items():
        body = b"".join(answer) if answer.streaming else answer.content
        assert SECRET.encode() not in body, address
        assert b"I am error." not in body, address


def test_a_company_statement_is_on_its_record_and_in_no_download(client, sent):
    assert "I am statement." in client.get("/companies/acme/").text
    assert "I am statement." not in client.get("/api/v1/companies/acme/").text


def test_the_register_as_text_holds_no_correction(sent, tmp_path):
    call_command("dump_register", str(tmp_path / "register"))

    written = b"".join(path.read_bytes() for path in (tmp_path / "register").iterdir())
    assert b"acme" in written
    assert SECRET.encode() not in written
    assert sent[0].receipt.encode() not in written


def test_neither_the_public_history_nor_the_admin_log_contains_an_e_mail_address(client, sent):
    a_login("root").post(ANSWER.format(sent[1].pk), {"withdraw": "1", "reason": "It asked us to."})

    assert LogEntry.objects.count() == 1
    kept = [str(list(model.objects.values())) for model in (Change, LogEntry)]
    assert SECRET not in "".join(kept)


@pytest.mark.parametrize(
    "fields",
    [{"message": ""}, {"opened": "wrong"}, {"homepage": "x"}, {}],
    ids=["fault", "token", "trap", "taken"],
)
def test_the_log_contains_nothing_of_the_message(client, caplog, fields):
    caplog.set_level(logging.DEBUG)

    client.post(
        "/corrections/new/", letter(email=f"{SECRET}@acme.example", company=SECRET) | fields
    )

    said = [record.getMessage() for record in caplog.records if "backends" not in record.name]
    assert SECRET not in "".join(said)


# The editors' screens


def test_the_correction_list_neither_shows_nor_searches_e_mail_addresses(sent):
    desk = a_login("root")

    page = desk.get("/admin/companies/correction/").text
    assert sent[0].receipt in page
    assert SECRET not in page
    assert sent[0].receipt not in desk.get(f"/admin/companies/correction/?q={SECRET}").text
    assert SECRET not in desk.get(f"/admin/companies/correction/{sent[0].pk}/change/").text
    assert SECRET in desk.get(ANSWER.format(sent[0].pk)).text


@pytest.mark.parametrize("reply", ["", "   ", "x" * 4001], ids=["none", "blank", "long"])
@pytest.mark.parametrize("button", ["accept", "decline"])
def test_a_decision_without_a_reply_is_refused_in_the_admin(client, button, reply):
    correction = rules.receive(opening="1", kind="error", message="x", company_name="Nemo")

    page = a_login("root").post(ANSWER.format(correction.pk), {button: "1", "reply": reply})

    correction.refresh_from_db()
    assert (correction.state, correction.reply) == ("received", "")
    assert "Not saved." in page.text


def test_the_second_editor_of_a_correction_is_told_who_was_first():
    correction = rules.receive(opening="1", kind="error", message="x", company_name="Nemo")
    first, second = a_login("ann"), a_login("bob")
    address = ANSWER.format(correction.pk)
    first.post(address, {"decline": "1", "reply": "No source."})

    page = second.post(address, {"accept": "1", "reply": "Yes."}, follow=True)

    correction.refresh_from_db()
    assert (correction.state, correction.reply) == ("declined", "No source.")
    assert "nn closed this correction on" in page.text  # Django makes it begin with a capital


def test_a_statement_without_a_record_is_published_only_after_one_is_named(client):
    a_pact()
    acme = a_company("Acme")
    correction = rules.receive(
        opening="1", kind="statement", message="Our words.", company_name="Acmee"
    )
    desk, address = a_login("root"), ANSWER.format(correction.pk)

    refused = desk.post(address, {"accept": "1", "reply": "Published."}, follow=True)
    assert "Choose the company this statement is for" in refused.text
    unknown = desk.post(address, {"name": "1", "company": "Nobody"})
    assert "This company is not on the register." in unknown.text
    desk.post(address, {"name": "1", "company": "acme"})
    assert "Our words." not in client.get("/companies/acme/").text
    desk.post(address, {"accept": "1", "reply": "Published."})

    correction.refresh_from_db()
    assert (correction.company, correction.state) == (acme, "accepted")
    assert "Our words." in client.get("/companies/acme/").text


def test_markup_in_a_message_is_escaped_in_the_admin():
    message = "<script>alert(1)</script>"
    correction = rules.receive(
        opening="1", kind="error", message=message, company_name=message, email="a@b.eu"
    )

    page = a_login("root").get(ANSWER.format(correction.pk)).text

    assert message not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_an_unknown_action_on_a_correction_does_nothing():
    correction = rules.receive(opening="1", kind="error", message="x", company_name="Nemo")
    desk = a_login("root")

    for sent in ({}, {"publish": "1"}, {"withdraw": "1", "reason": "x"}):
        assert desk.post(ANSWER.format(correction.pk), sent).status_code in (200, 302)

    correction.refresh_from_db()
    assert correction.state == "received"
    assert desk.get(ANSWER.format(999_999)).status_code == 404
