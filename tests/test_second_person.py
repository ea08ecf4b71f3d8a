"""A status that can harm needs two people, whichever screen it is entered on."""

import datetime
import os
import subprocess
import sys
from itertools import product

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from companies.models import Change, Citation, Company, Proposal, Retraction, Signing
from companies.register.approval.second_person import (
    NeedsSecondPerson,
    check_persons,
    check_setting,
)
from companies.register.history import delete, save, unit_of_work
from companies.register.merging.merge import merge
from companies.register.merging.undo import undo_merge
from companies.register.package.offers import offer
from companies.register.review.deciding import Decision, StaleProposal, apply, reject
from tests.sampling import each

from .builders import a_citation, a_company, a_pact, a_signing, a_source
from .editors import a_login, an_editor, page, text, typed
from .editors import a_reviewer as a_reviewer_s_browser
from .lists import a_reading, a_reviewer, the_proposal
from .packages import ROWS, a_package, load

pytestmark = [pytest.mark.django_db, pytest.mark.history]
BEGAN = datetime.date(2024, 10, 9)
LATER = datetime.date(2025, 3, 1)
REFUSES = "Acme will not sign the Pact."


@pytest.fixture(autouse=True)
def two_people(settings):
    settings.SECOND_PERSON = "harmful"
    a_pact()


def statuses(company: Company | None = None) -> list[tuple[str, datetime.date | None]]:
    periods = Signing.objects.order_by("since")
    periods = periods.filter(company=company) if company else periods
    return list(periods.values_list("status", "until"))


def decline(client: Client, company: Company, **changes: object):
    """Enter on the status screen that the company declined."""
    values = {
        "status": "declined",
        "since": "2025-03",
        "since_basis": "first_seen",
        "source": a_source().pk,
        "quote": REFUSES,
        "own_words": "will_not_sign",
        "change_reason": "a press release",
    }
    screen = page(company, "change-status")
    return client.post(screen, typed(client.get(screen), **values | changes))


def review_of(proposal: Proposal) -> str:
    return f"/admin/companies/importrun/{proposal.run_id}/review/"


def approve(client: Client, *proposals: Proposal, **more: str):
    address = review_of(proposals[0])
    sent = {"selected": [one.pk for one in proposals], "apply": "1", **more}
    return client.post(address, sent, follow=True)


# The doors


def by_the_status_screen(client: Client) -> None:
    a_signing(a_company("Acme"), since=BEGAN)
    decline(client, Company.objects.get())


def by_the_form_of_a_status(client: Client) -> None:
    signing = a_signing(a_company("Acme"), since=BEGAN)
    a_citation(signing=signing, quote=REFUSES, own_words="will_not_sign")
    form = typed(client.get(page(signing)), status="declined", change_reason="it says so")
    client.post(page(signing), form)


def by_a_new_row_of_statuses(client: Client) -> None:
    company, source = a_company("Acme"), a_source()
    add = "/admin/companies/signing/add/"
    values = {
        "company": company.pk,
        "pact": a_pact().pk,
        "status": "removed",
        "since": "2024-10-09",
        "since_basis": "first_seen",
        "citations-TOTAL_FORMS": 1,
        "citations-0-source": source.pk,
        "citations-0-about_on_precision": "day",
        "change_reason": "it says so",
    }
    client.post(add, typed(client.get(add), **values))


def by_the_form_of_a_company(client: Client) -> None:
    signing = a_signing(a_company("Acme"), since=BEGAN)
    form = typed(
        client.get(page(signing.company)), signings__0__status="removed", change_reason="I saw it"
    )
    client.post(page(signing.company), form)


def by_an_earlier_version(client: Client) -> None:
    signing = a_signing(a_company("Acme"), "removed", since=BEGAN)
    version = signing.history.get()
    signing.status = "signed"
    save(signing, "it was wrong")
    address = page(signing, f"history/{version.pk}")
    client.post(address, typed(client.get(address), change_reason="it was right"))


def by_undoing(client: Client) -> None:
    company = a_company("Acme")
    a_signing(company, "removed", since=BEGAN, until=LATER)
    signing = a_signing(company, since=LATER)
    address = page(company, f"undo-status/{signing.pk}")
    client.post(address, {"change_reason": "the wrong company"})


def by_retracting(client: Client) -> None:
    company = a_company("Acme")
    a_signing(company, since=datetime.date(2024, 9, 25), until=BEGAN)
    a_signing(company, "removed", since=BEGAN, until=LATER)
    signing = a_signing(company, since=LATER)
    address = page(company, "retract-status")
    values = {"period": signing.pk, "change_reason": "it was another company"}
    values |= {"reason_en": "It was wrong.", "reason_fr": "C’était faux."}
    client.post(address, typed(client.get(address), **values))


ENTERING = [
    by_the_status_screen,
    by_the_form_of_a_status,
    by_a_new_row_of_statuses,
    by_the_form_of_a_company,
    by_an_earlier_version,
    by_undoing,
    by_retracting,
]


@pytest.mark.parametrize(
    ("group", "enter"),
    # Each second pair is each group and each way, both of them several times.
    each(2, [*product(["Editors", "Reviewers", ""], ENTERING)]),
)
def test_a_guarded_status_entered_by_one_person_waits_for_another(enter, group):
    client = a_login("ann", group)
    before: list = []
    with transaction.atomic():
        enter(a_login("nobody", "Viewers"))
        before = statuses()
        transaction.set_rollback(True)

    enter(client)

    proposal = Proposal.objects.get()
    assert (proposal.run.kind, proposal.run.started_by.username) == ("entry", "ann")
    assert statuses() == before
    assert not Change.objects.filter(by_role__in=["editor", "reviewer"]).exists()
    shown = text(client.get(review_of(proposal)))
    assert "Acme" in shown
    assert "Needs two people: ann was the first." in shown


@pytest.mark.parametrize("enter", ENTERING)
def test_approval_by_a_second_person_publishes_the_status(enter):
    enter(a_reviewer_s_browser("ann"))
    proposal = Proposal.objects.get()
    harmful = ("declined", None), ("removed", None)

    assert "Someone else must too" in text(approve(a_browser_of("ann"), proposal))
    assert not {*harmful} & {*statuses()}
    approve(a_reviewer_s_browser("rob"), proposal)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by.username) == ("applied", "rob")
    assert proposal.approved_by.username == "ann"
    assert {*harmful} & {*statuses()}
    assert Change.objects.filter(by_role="reviewer").exists()


def a_browser_of(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


# What may be said of a proposal


def test_a_waiting_entry_is_stale_once_its_company_changed():
    company = a_company("Acme")
    signing = a_signing(company, since=BEGAN)
    decline(an_editor(), company)
    signing.reason_en = "It was mended meanwhile."
    save(signing, "an edit")

    with pytest.raises(StaleProposal, match="Acme has changed since this was entered"):
        apply(Proposal.objects.get().pk, Decision(), by=a_reviewer())

    assert Proposal.objects.get().state == "stale"
    assert statuses(company) == [("signed", None)]


def test_a_waiting_entry_is_stale_once_another_status_began():
    company = a_company("Acme")
    decline(an_editor(), company)
    a_signing(company, since=BEGAN)

    with pytest.raises(StaleProposal):
        apply(Proposal.objects.get().pk, Decision(), by=a_reviewer())


def test_a_form_sent_twice_creates_one_waiting_entry():
    company, client = a_company("Acme"), an_editor()
    source = a_source().pk
    for _time in range(2):
        decline(client, company, source=source)

    assert Proposal.objects.count() == 1


def test_rejecting_a_waiting_entry_writes_nothing():
    company = a_company("Acme")
    decline(an_editor(), company)

    reject(Proposal.objects.get().pk, reason="The quote is of another company.", by=a_reviewer())

    assert statuses(company) == []


def test_a_new_company_with_a_guarded_status_waits_complete_with_its_evidence():
    client = an_editor()
    add, source = "/admin/companies/company/add/", a_source()
    form = typed(
        client.get(add),
        name="Bolt",
        slug="bolt",
        signings__TOTAL_FORMS=1,
        signings__0__pact=a_pact().pk,
        signings__0__status="removed",
        signings__0__since="2024-10-09",
        signings__0__since_precision="day",
        signings__0__since_basis="first_seen",
        signings__0__until_precision="day",
        evidence__TOTAL_FORMS=1,
        evidence__0__source=source.pk,
        evidence__0__supports="company",
        evidence__0__about_on_precision="day",
    )
    client.post(add, form)
    proposal = Proposal.objects.get()
    assert (proposal.subject, Company.objects.count()) == ("Bolt", 0)
    a_signing(a_company("Airbus"), since=BEGAN)  # which may get the key that was not written
    assert "Airbus" not in text(client.get(review_of(proposal)))

    apply(proposal.pk, Decision(), by=a_reviewer())

    company = Company.objects.get(slug="bolt")
    assert statuses(Company.objects.get(slug="airbus")) == [("signed", None)]
    assert statuses(company) == [("removed", None)]
    assert Citation.objects.get().company == company


def test_ending_a_guarded_status_needs_one_person():
    company = a_company("Acme")
    a_signing(company, "removed", since=BEGAN)

    decline(an_editor(), company, status="signed", quote="Acme", own_words="")

    assert statuses(company) == [("removed", LATER), ("signed", None)]


# The watch


def sixteen() -> list[Proposal]:
    for number in range(16):
        a_signing(a_company(f"Gone {number:02}"), since=BEGAN)
    a_reading(["Bolt"], accept=True)
    return [*Proposal.objects.filter(action="no_longer_listed")]


def test_two_reviewers_publish_sixteen_removals_with_two_clicks_each():
    gone = sixteen()
    first, second = a_reviewer_s_browser("ann"), a_reviewer_s_browser("rob")
    whole = {"kind": "no_longer_listed", "apply": "1"}

    shown = text(first.get(review_of(gone[0])))
    answer = first.post(review_of(gone[0]), whole, follow=True)
    assert "ann was the first." not in shown
    assert shown.count("needs two people") == 1
    assert "Approved by you: 16. They are published when a second person" in text(answer)
    assert Signing.objects.filter(status="removed").count() == 0
    assert "ann was the first." in text(second.get(review_of(gone[0])))
    answer = second.post(review_of(gone[0]), whole, follow=True)

    assert "Applied: 16." in text(answer)
    assert Signing.objects.filter(status="removed").count() == 16
    assert {one.approved_by.username for one in Proposal.objects.filter(state="applied")} == {"ann"}


def test_one_reviewer_alone_cannot_publish_a_removal():
    gone = sixteen()
    client = a_reviewer_s_browser("ann")

    for _time in range(3):
        client.post(review_of(gone[0]), {"kind": "no_longer_listed", "apply": "1"})

    assert Signing.objects.filter(status="removed").count() == 0
    assert Proposal.objects.filter(state="proposed", action="no_longer_listed").count() == 16


def test_proposals_that_need_one_person_are_applied_beside_those_that_need_two():
    gone = sixteen()
    client = a_reviewer_s_browser("ann")
    new = Proposal.objects.get(action="new_company")

    answer = approve(client, new, gone[0])

    assert "Approved by you: 1." in text(answer)
    assert "Applied: 1." in text(answer)
    assert Company.objects.filter(name="Bolt").exists()


def test_a_second_approval_with_other_values_counts_as_a_first_one():
    a_signing(a_company("Airbus"), since=BEGAN)
    a_reading(["Bolt"], accept=True)
    pk = the_proposal("no_longer_listed").pk
    ann, rob = a_reviewer("ann"), a_reviewer("rob")
    why = Decision(values={"reason_en": "It left.", "reason_fr": "Elle est partie."})

    apply(pk, Decision(), by=ann)
    apply(pk, why, by=rob)
    assert Proposal.objects.get(pk=pk).approved_by == rob
    apply(pk, why, by=ann)

    assert Signing.objects.get(status="removed").reason_en == "It left."


# Uploads, packages and merges


def upload(client: Client, content: str):
    file = SimpleUploadedFile("companies.csv", content.encode())
    sent = {"pact": a_pact().pk, "source": a_source("survey").pk, "file": file}
    return client.post("/admin/companies/importrun/upload/", sent)


ROW = f"company,status,since,quote,own_words\nAcme,declined,2025-03-01,{REFUSES},will_not_sign\n"


def test_the_uploader_of_a_spreadsheet_row_is_its_first_person():
    a_company("Acme")
    ann = a_reviewer_s_browser("ann")
    upload(ann, ROW)
    proposal = Proposal.objects.get()

    approve(ann, proposal)
    assert statuses() == []
    approve(a_reviewer_s_browser("rob"), proposal)

    assert statuses() == [("declined", None)]


def test_a_guarded_status_from_the_package_needs_two_reviewers(tmp_path):
    load(a_package(tmp_path))
    rows = [row.replace(",signed,", ",removed,") for row in ROWS["signings"]]
    a_package(tmp_path, signings=rows)
    offer({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    proposal = Proposal.objects.first()

    apply(proposal.pk, Decision(), by=a_reviewer("ann"))
    assert not Signing.objects.filter(status="removed").exists()
    apply(proposal.pk, Decision(), by=a_reviewer("rob"))

    assert Signing.objects.filter(status="removed").exists()


def two_records() -> tuple[Company, Company]:
    kept, merged = a_company("Acme"), a_company("Acme Ltd", website="https://acme.example")
    a_signing(merged, "removed", since=BEGAN)
    return kept, merged


def merging(kept: Company, merged: Company):
    return merge(
        kept=kept,
        merged=merged,
        decisions={},
        name_kind="alias",
        cause=Change.Cause.CORRECTION,
        reason="one company",
        by=a_reviewer(),
    )


def test_a_merge_by_one_person_gives_no_company_a_guarded_status():
    with pytest.raises(ValidationError, match="give Acme a status that needs a second person"):
        merging(*two_records())

    assert Company.objects.count() == 2


def test_a_merge_into_the_company_with_the_status_needs_one_person_and_so_does_its_undoing():
    other, kept = two_records()

    done = merging(kept, other)
    undo_merge(done, reason="two companies", by=User.objects.get())

    assert statuses(kept) == [("removed", None)]


# The rule itself


def renamed(client: Client, company: Company, **values: object):
    form = typed(client.get(page(company)), name="Zenith", change_reason="a slip", **values)
    return client.post(page(company), form)


def test_renaming_a_company_that_declined_needs_two_people():
    company = a_company("Acme")
    a_signing(company, "declined", since=BEGAN)
    renamed(a_login("ann", "Reviewers"), company, keep_former_name="")

    assert Company.objects.get().name == "Acme"
    proposal = Proposal.objects.get()
    assert "Someone else must too" in text(approve(a_browser_of("ann"), proposal))
    approve(a_login("rob", "Reviewers"), proposal)
    assert Company.objects.get().name == "Zenith"


def test_a_company_that_declined_is_renamed_by_one_person_who_keeps_the_old_name():
    company = a_company("Acme")
    a_signing(company, "declined", since=BEGAN)
    ann = a_login("ann", "Reviewers")
    renamed(ann, company)
    assert Company.objects.get().all_names == ["Zenith", "", "Acme"]

    with pytest.raises(NeedsSecondPerson), unit_of_work(by=User.objects.get(username="ann")):
        delete(company.names.get(), "it was never called that")


def test_code_run_by_one_person_cannot_publish_a_guarded_status():
    signing = a_signing(since=BEGAN)
    signing.status = "removed"

    with pytest.raises(NeedsSecondPerson), unit_of_work(by=a_reviewer()):
        save(signing, "in a shell")

    assert statuses() == [("signed", None)]


def test_a_command_may_publish_a_guarded_status():
    signing = a_signing(since=BEGAN)
    signing.status = "removed"

    save(signing, "load_register")

    assert statuses() == [("removed", None)]


def test_the_database_refuses_the_same_person_as_first_and_second():
    a_signing(a_company("Airbus"), since=BEGAN)
    a_reading(["Bolt"], accept=True)
    proposal, ann = the_proposal("no_longer_listed"), a_reviewer("ann")
    apply(proposal.pk, Decision(), by=ann)
    apply(proposal.pk, Decision(), by=a_reviewer("rob"))

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(decided_by=ann)


def test_a_setting_turns_the_second_person_off(settings):
    settings.SECOND_PERSON = "off"
    company = a_company("Acme")

    decline(an_editor(), company)

    assert statuses() == [("declined", None)]


def test_a_setting_requires_a_second_person_for_every_status(settings):
    settings.SECOND_PERSON = "all"
    company = a_company("Acme")
    decline(an_editor(), company, status="signed", quote="Acme", own_words="")
    a_reading(["Bolt"])

    assert statuses() == []
    bolt = the_proposal("new_company")
    apply(bolt.pk, Decision(), by=a_reviewer("cora"))
    assert not Company.objects.filter(name="Bolt").exists()
    apply(bolt.pk, Decision(), by=a_reviewer("rob"))
    apply(the_proposal("change").pk, Decision(), by=User.objects.get(username="rob"))

    assert Signing.objects.signed().count() == 2


def test_a_setting_with_another_value_is_refused_at_the_start(monkeypatch):
    from environs import Env, EnvValidationError, validate

    monkeypatch.setenv("SECOND_PERSON", "sometimes")

    with pytest.raises(EnvValidationError):
        Env().str("SECOND_PERSON", validate=validate.OneOf(["harmful", "all", "off"]))


def test_system_checks_warn_without_a_second_reviewer_or_with_the_rule_off(settings):
    a_reviewer("ann")

    assert [one.id for one in check_persons(databases=["default"])] == ["pactwatch.W005"]
    a_reviewer("rob")
    assert check_persons(databases=["default"]) == []
    assert check_setting() == []
    settings.SECOND_PERSON = "off"
    assert [one.id for one in check_setting()] == ["pactwatch.W004"]


def test_an_empty_database_migrates_with_the_rule_on(tmp_path):
    """Whose checks are asked before there is a table."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}",
        "SECOND_PERSON": "harmful",
    }
    check = [sys.executable, "manage.py", "check", "--database=default"]

    answer = subprocess.run(check, env=environment, capture_output=True, text=True, timeout=120)

    assert (answer.returncode, "W005" in answer.stderr) == (0, False), answer.stderr


def test_an_approved_retraction_is_dated_the_day_it_is_published():
    by_retracting(an_editor())

    apply(Proposal.objects.get().pk, Decision(), by=a_reviewer())

    assert Retraction.objects.get().company.name == "Acme"
    assert Change.objects.filter(table="retractions", cause="retraction").count() == 1
