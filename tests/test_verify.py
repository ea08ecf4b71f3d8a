"""Verify answers in one sentence, with date and proof, or says what the register lacks."""

import datetime
import re
from html import unescape

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from companies.models import CompanyRedirect
from pactwatch.response_cache import FRESH
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source
from tests.lists import a_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pact():
    return a_pact()


def text(response) -> str:
    """The text of the main content, without tags, words separated by one space."""
    content = response.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", content)))


def verdict(response) -> str:
    found = re.search(r'<h2 id="verdict">(.*?)</h2>', response.text, re.DOTALL)
    return unescape(found[1]).replace("\u00a0", " ") if found else ""


STATUSES = [
    ("signed", "stated", "Acme is a signatory of the EU AI Pact: signed 9 October 2024."),
    (
        "signed",
        "observed",
        "Acme is a signatory of the EU AI Pact, first seen as one: 9 October 2024.",
    ),
    (
        "removed",
        "observed",
        "Acme was listed as a signatory of the EU AI Pact and is no longer on the official list "
        "(9 October 2024).",
    ),
    (
        "withdrawn",
        "stated",
        "Acme is a former signatory of the EU AI Pact: it left, according to the company "
        "(9 October 2024).",
    ),
    (
        "declined",
        "stated",
        "Acme said publicly that it would not sign the EU AI Pact (9 October 2024).",
    ),
    (
        "not_signed",
        "observed",
        "Acme was not on the list of signatories of the EU AI Pact (9 October 2024).",
    ),
    (
        "interested",
        "stated",
        "Acme is in the network of the EU AI Pact and has not signed (9 October 2024).",
    ),
    ("unknown", "stated", "We have no information on whether Acme signed the EU AI Pact."),
]


@pytest.mark.parametrize(("status", "basis", "says"), STATUSES)
def test_the_answer_is_one_sentence_with_date_and_source(client, status, basis, says):
    signing = a_signing(a_company("Acme"), status, since_basis=basis)
    source = a_source(title="The list of that day")
    a_citation(signing=signing, source=source, quote="Acme, Paris")

    page = client.get("/verify/?company=acme")

    assert verdict(page) == says
    assert "“Acme, Paris”" in text(page)
    assertContains(page, "The list of that day")
    assertContains(page, f'status-{status}"')
    assertContains(page, 'href="/companies/acme/"')


@pytest.mark.parametrize(
    ("basis", "says"),
    [
        ("observed", "No longer on the official list, as we saw on 9 October 2024."),
        ("first_seen", "No longer on the official list, according to a source: 9 October 2024."),
    ],
)
def test_a_removal_is_called_observed_only_if_we_read_the_list(client, basis, says):
    a_signing(a_company("Acme"), "removed", since_basis=basis)

    assert says in text(client.get("/verify/?company=Acme")).replace("\u00a0", " ")


def test_an_absence_from_the_list_is_called_an_observation(client):
    a_signing(a_company("Acme"), "not_signed", since_basis="observed")

    page = text(client.get("/verify/?company=acme"))

    assert "Not being listed is not a refusal." in page


def test_a_company_without_a_period_is_not_known(client):
    a_company("Acme")

    page = client.get("/verify/?company=acme")

    assert verdict(page) == "We have no information on whether Acme signed the EU AI Pact."
    assert "We have no information on whether it signed" in text(page)


def test_further_sources_are_counted(client):
    signing = a_signing(a_company("Acme"))
    for _one in range(3):
        a_citation(signing=signing)

    assert "2 more sources" in text(client.get("/verify/?company=acme"))


def test_the_answer_says_when_the_list_was_last_read(client):
    a_reading(["Acme"], on="2026-11-20", accept=True)
    a_signing(a_company("Acme"))

    page = text(client.get("/verify/?company=acme")).replace("\u00a0", " ")

    assert "The last complete list we could read is dated 20 November 2026." in page


@pytest.mark.parametrize("asked", ["acme", "ACME", " Acmé ", "before", "Acme Société", "BEFORE"])
def test_a_company_is_found_by_any_of_its_names_and_ids(client, asked):
    company = a_company("Acme")
    company.names.create(name="Acme Societe", kind="legal")
    CompanyRedirect.objects.create(old_slug="before", company=company)
    a_signing(company)

    assert verdict(client.get("/verify/", {"company": asked})).startswith("Acme is a signatory")


def test_a_company_is_found_by_its_name_with_another_legal_form(client):
    a_signing(a_company("Milestone Systems", country="DK"))

    page = client.get("/verify/", {"company": "Milestone Systems A/S"})

    assert verdict(page).startswith("Milestone Systems is a signatory")


def test_each_pact_has_its_own_answer(client):
    company = a_company("Acme")
    a_signing(company)
    a_signing(pact=a_pact("gpai-code", name_en="Code of Practice"))

    page = client.get("/verify/?company=acme&pact=gpai-code")

    assert verdict(page) == "We have no information on whether Acme signed the Code of Practice."


def test_as_of_answers_for_that_day(client):
    company = a_company("Acme")
    a_signing(company, until=datetime.date(2025, 3, 1))
    a_signing(company, "removed", since=datetime.date(2025, 3, 1), since_basis="observed")

    assert "is a signatory" in verdict(client.get("/verify/?company=acme&as_of=2025-02-28"))
    assert "no longer on the official list" in verdict(client.get("/verify/?company=acme"))


def test_a_name_shared_by_two_companies_offers_both(client):
    for slug in ("nova", "nova-spa"):
        company = a_company(f"Company {slug}", slug=slug)
        company.names.create(name="Nova AI", kind="alias")

    page = client.get("/verify/?company=nova+ai")

    assert "Which one is “nova ai”?" in text(page)
    assertContains(page, 'href="?company=nova"')
    assertContains(page, 'href="?company=nova-spa"')


def test_a_public_id_that_is_also_a_name_offers_both_companies_and_links_to_the_record(client):
    a_company("Quantum Labs", slug="quantum")
    a_company("Quantum", slug="quantum-2")

    page = client.get("/verify/?company=quantum")

    assert "Which one is “quantum”?" in text(page)
    assertContains(page, 'href="/companies/quantum/"')
    assertContains(page, 'href="?company=quantum-2"')


@pytest.mark.parametrize("asked", ["Milestone", "Milestone Sistems", "ileston"])
def test_a_similar_name_is_suggested_but_not_answered_for(client, asked):
    a_signing(a_company("Milestone Systems"))

    page = client.get("/verify/", {"company": asked})

    assert verdict(page) == ""
    assert f"“{asked}” is not on the register" in text(page)
    assert "Similar names (they may be different companies):" in text(page)
    assertContains(page, 'href="?company=milestone-systems"')


def test_an_unknown_name_does_not_mean_that_it_did_not_sign(client):
    a_signing(a_company("Acme"))

    page = text(client.get("/verify/?company=Zzyzx"))

    assert "“Zzyzx” is not on the register" in page
    assert "It may still have signed" in page
    assert "Similar names" not in page


def test_without_a_company_the_page_explains_the_answers(client):
    page = text(client.get("/verify/"))

    assert "Possible answers" in page
    assert "Not being listed is not a refusal." in page
    assert "Possible answers" not in text(client.get("/verify/?company=x"))


def test_markup_in_a_name_is_escaped(client):
    page = client.get("/verify/", {"company": '"><script>alert(1)</script>'})

    assert "<script>alert" not in page.text
    assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "company=a&company=b",
        "company=acme&pact=nothing",
        "company=acme&as_of=yesterday",
        "company=a%00b",
        "company=" + "x" * 201,
    ],
    ids=["parameter", "twice", "pact", "day", "nul", "long"],
)
def test_an_unknown_parameter_or_value_is_refused(client, query):
    a_company("Acme")

    assert client.get(f"/verify/?{query}").status_code == 400


@pytest.mark.parametrize("asked", ["\u202e", "%", "_", "'; --", "…", "   ", "日本"])
def test_any_text_gets_an_answer(client, asked):
    a_signing(a_company("Acme"))

    assert client.get("/verify/", {"company": asked}).status_code == 200


def test_a_changed_status_is_in_the_next_answer(client):
    signing = a_signing(a_company("Acme"))
    assert "is a signatory" in verdict(client.get("/verify/?company=acme"))

    signing.status = "removed"
    signing.save()

    assert "no longer on the official list" in verdict(client.get("/verify/?company=acme"))


def test_a_period_that_ends_tomorrow_has_ended_tomorrow(client, monkeypatch):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    company = a_company("Acme")
    a_signing(company, until=tomorrow)
    a_signing(company, "removed", since=tomorrow, since_basis="observed")
    assert "is a signatory" in verdict(client.get("/verify/?company=acme"))

    moment = timezone.now() + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: moment)

    assert "no longer on the official list" in verdict(client.get("/verify/?company=acme"))


def test_the_answer_is_revalidated_each_time_and_sets_no_cookie(client):
    a_signing(a_company("Acme"))

    page = client.get("/verify/?company=acme")

    assert page["Cache-Control"] == FRESH
    assert not page.cookies


@pytest.mark.parametrize("sources", [1, 9])
def test_the_number_of_queries_does_not_depend_on_the_number_of_sources(
    client, django_assert_num_queries, sources
):
    signing = a_signing(a_company("Acme"))
    for _one in range(sources):
        a_citation(signing=signing)
    client.get("/verify/?company=someone")  # reads all names

    # Version, pact, refused matches, company, period with its evidence and that one's
    # sources, the full lists after an edit (2), all pacts.
    with django_assert_num_queries(8):
        client.get("/verify/?company=acme")


def test_an_unknown_company_links_to_a_prefilled_correction_form(client):
    page = client.get("/verify/", {"company": "Zzyzx & Söhne"})

    address = "/corrections/new/?kind=new_company&company=Zzyzx%20%26%20S%C3%B6hne"
    assertContains(page, f'href="{address.replace("&c", "&amp;c")}"')
    assertContains(client.get(address), 'name="company" value="Zzyzx &amp; Söhne"')


def test_the_answer_comes_before_the_form(client):
    a_signing(a_company("Acme"))

    for asked in ("acme", "Zzyzx"):
        main = client.get("/verify/", {"company": asked}).text.partition("<main")[2]
        assert main.index("<h2") < main.index("<form")
