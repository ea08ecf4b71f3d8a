"""What one person approved is not lost before the second one looks, and what needs no second."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from companies.models import Company, Proposal, Signing
from companies.register.package.offers import offer
from companies.register.review.deciding import Decision, apply

from .builders import a_citation, a_company, a_pact, a_signing, a_source
from .editors import a_reviewer as a_reviewer_s_browser
from .editors import an_editor, errors, save
from .lists import a_reading, a_reviewer, the_proposal
from .packages import ROWS, a_package, load

pytestmark = [pytest.mark.django_db, pytest.mark.history]
BEGAN = datetime.date(2024, 10, 9)
REFUSES = "Acme will not sign the Pact."


@pytest.fixture(autouse=True)
def two_people(settings):
    settings.SECOND_PERSON = "harmful"
    a_pact()


def states() -> list[tuple[str, str]]:
    found = Proposal.objects.filter(action="no_longer_listed").order_by("pk")
    return [(str(one.run.seen_on), one.state) for one in found]


# Newer readings


def test_a_first_approval_is_kept_when_a_newer_list_proposes_the_same():
    a_signing(a_company("Airbus"), since=BEGAN)
    a_reading(["Bolt"], on="2026-11-20", accept=True)
    ann, rob = a_reviewer("ann"), a_reviewer("rob")
    apply(the_proposal("no_longer_listed").pk, Decision(), by=ann)

    newer = a_reading(["Bolt", "Cargo"], on="2026-11-21", accept=True)

    assert states() == [("2026-11-20", "proposed")]
    assert newer.run.proposals_count == 2
    assert "1 more, approved once, wait in an earlier review" in str(newer)
    apply(the_proposal("no_longer_listed").pk, Decision(), by=rob)
    removed = Signing.objects.get(status="removed")
    assert (removed.since, removed.until) == (datetime.date(2026, 11, 20), None)
    assert Proposal.objects.get(state="applied").approved_by == ann


def test_an_unapproved_proposal_is_replaced_by_that_of_the_newer_list():
    a_signing(a_company("Airbus"), since=BEGAN)
    a_reading(["Bolt"], on="2026-11-20", accept=True)
    a_reading(["Bolt", "Cargo"], on="2026-11-21", accept=True)

    assert states() == [("2026-11-20", "superseded"), ("2026-11-21", "proposed")]


def test_an_approval_ends_once_a_newer_list_names_the_company_again():
    a_signing(a_company("Airbus"), since=BEGAN)
    a_reading(["Bolt"], on="2026-11-20", accept=True)
    apply(the_proposal("no_longer_listed").pk, Decision(), by=a_reviewer("ann"))

    a_reading(["Bolt", "Airbus"], on="2026-11-21", accept=True)

    assert states() == [("2026-11-20", "superseded")]


@pytest.mark.parametrize("day", ["2025-03-01", "2025-03-02"])
def test_a_first_approval_is_kept_for_the_same_spreadsheet_and_lost_for_another(day):
    a_company("Acme")
    survey, clara = a_source("survey"), a_reviewer_s_browser("clara")
    row = (
        f"company,status,since,quote,own_words\nAcme,declined,2025-03-01,{REFUSES},will_not_sign\n"
    )

    def send(content: str) -> Proposal:
        file = SimpleUploadedFile("companies.csv", content.encode())
        sent = {"pact": a_pact().pk, "source": survey.pk, "file": file}
        answer = clara.post("/admin/companies/importrun/upload/", sent)
        assert errors(answer) == []
        return Proposal.objects.get(state="proposed")

    french = Decision(values={"reason_fr": "Elle a refusé."})
    ann = a_reviewer("ann")
    apply(send(row).pk, french, by=ann)
    again = send(row.replace("2025-03-01", day))

    assert again.approved_by == (ann if day == "2025-03-01" else None)
    apply(again.pk, french, by=a_reviewer("rob"))
    assert Signing.objects.filter(status="declined").exists() == (day == "2025-03-01")


def test_a_first_approval_is_kept_when_a_newer_package_proposes_the_same(tmp_path):
    load(a_package(tmp_path))
    rows = [row.replace(",signed,", ",removed,") for row in ROWS["signings"]]

    def upgrade(**tables: list[str]) -> None:
        a_package(tmp_path, signings=rows, **tables)
        offer({path.name: path.read_bytes() for path in tmp_path.iterdir()})

    upgrade()
    ann, before = a_reviewer("ann"), Proposal.objects.get()
    apply(before.pk, Decision(), by=ann)
    upgrade(sectors=[*ROWS["sectors"], "new-sector,New,Nouveau"])

    again = Proposal.objects.get(state="proposed", difference=before.difference)
    assert (again.approved_by, again.run_id != before.run_id) == (ann, True)
    apply(again.pk, Decision(), by=a_reviewer("rob"))
    assert Signing.objects.filter(status="removed").exists()


# What changes no status


def declined_acme() -> Company:
    company = a_company("Acme", website="https://acme.example")
    period = a_signing(company, "declined", since=BEGAN, since_basis="stated")
    source = a_source(published_on=BEGAN)
    a_citation(signing=period, source=source, quote=REFUSES, own_words="will_not_sign")
    return company


def test_one_person_renames_a_company_whatever_its_status_is():
    """Its status stays, and so do the quote and the name that the quote has."""
    company = declined_acme()

    answer = save(an_editor(), company, name="Acme Group", change_reason="renamed")

    assert (answer.status_code, Proposal.objects.count()) == (302, 0)
    assert Company.objects.get().name == "Acme Group"
    assert Signing.objects.get().status == "declined"
