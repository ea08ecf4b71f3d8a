"""The record of one company: never more than its sources say."""

import datetime
import json
import re

import pytest

from companies.models import CompanyRedirect
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pact():
    a_pact()


def record(client, slug, language=""):
    answer = client.get(f"{language}/companies/{slug}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_signatory_first_seen_on_a_list_is_not_given_a_day_of_signing(client):
    a_signing(a_company("Milestone Systems"), since=datetime.date(2024, 10, 9))

    page = record(client, "milestone-systems")

    assert "First seen as a signatory: 9\u00a0October\u00a02024" in page
    assert "The day of signing is not public." in page


def test_an_absence_is_told_as_an_observation(client):
    a_signing(a_company("Mistral AI"), status="not_signed")

    page = record(client, "mistral-ai")

    assert "That is an observation, not a refusal." in page
    assert "Declined" not in page


def test_a_month_stays_a_month(client):
    a_signing(a_company("X"), since=datetime.date(2025, 12, 1), since_precision="month")

    page = record(client, "x")

    assert '<time datetime="2025-12">December\u00a02025</time>' in page


def test_the_first_of_a_month_is_french_in_french(client):
    a_signing(a_company("X"), since=datetime.date(2025, 8, 1))

    assert "1er\u00a0août\u00a02025" in record(client, "x", "/fr")


def test_a_source_is_shown_with_its_quote_and_publisher(client):
    signing = a_signing(a_company("Meta"), status="declined")
    source = a_source("press", title="Meta says no", publisher="POLITICO")
    a_citation(signing=signing, source=source, quote="we will not sign")

    page = record(client, "meta")

    assert "“we will not sign”" in page
    assert '<a href="https://example.org/press" rel="nofollow noopener">' in page
    assert "POLITICO" in page


def test_the_surest_official_source_comes_first(client):
    signing = a_signing(a_company("X"))
    a_citation(signing=signing, confidence="low", quote="third")
    a_citation(signing=signing, source=a_source(kind="press"), quote="second")
    a_citation(signing=signing, source=a_source(kind="official_list"), quote="first")

    page = record(client, "x")

    assert page.index("“first”") < page.index("“second”") < page.index("“third”")


def test_a_pledge_tells_what_is_known_and_on_whose_word(client):
    company = a_company("X")
    a_signing(company)
    done = {"implementation": "full", "implementation_basis": "self_reported"}
    a_pledge(company, commitment=a_commitment("ai-literacy"), **done)

    page = record(client, "x")

    assert "fully implemented" in page
    assert "by its own account" in page


def test_a_report_is_invited_twelve_months_after_the_first_list(client):
    a_signing(a_company("X"), since=datetime.date(2024, 10, 9))

    assert "that is 9\u00a0October\u00a02025" in record(client, "x")


def test_a_leaver_keeps_its_periods(client):
    company = a_company("X")
    left_on = datetime.date(2025, 6, 1)
    a_signing(company, since=datetime.date(2024, 10, 9), until=left_on)
    a_signing(company, status="withdrawn", since=left_on)

    page = record(client, "x")

    assert "Left, by its own word: 1\u00a0June\u00a02025." in page
    assert "until 1\u00a0June\u00a02025" in page


def test_an_address_of_before_leads_to_the_company(client):
    CompanyRedirect.objects.create(old_slug="old-name", company=a_company("New Name"))

    answer = client.get("/fr/companies/old-name/")

    assert answer.status_code == 308
    assert answer["Location"] == "/fr/companies/new-name/"


def test_an_unknown_company_is_not_found(client):
    assert client.get("/companies/nobody/").status_code == 404


def test_only_web_addresses_become_links(client):
    company = a_company("X")
    type(company).objects.filter(pk=company.pk).update(website="javascript:alert(1)")

    assert "javascript:" not in record(client, "x")


def test_json_ld_holds_hostile_names_as_text(client):
    a_company("</script><script>alert(1)//", slug="hostile")

    page = record(client, "hostile")

    assert "<script>alert" not in page
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1)
    assert json.loads(block)["name"] == "</script><script>alert(1)//"


@pytest.mark.parametrize("rows", [1, 10])
def test_the_record_takes_the_same_queries_however_much_is_known(
    client, rows, django_assert_num_queries
):
    company = a_company("X")
    signing = a_signing(company)
    for number in range(rows):
        a_citation(signing=signing)
        pledge = a_pledge(company, commitment=a_commitment(f"c{number}"))
        a_citation(pledge=pledge)

    # The version; the pact; the company; its names, identifiers, subsidiaries, citations, periods,
    # pledges and reports; the citations of periods and of pledges.
    with django_assert_num_queries(12):
        record(client, "x")
