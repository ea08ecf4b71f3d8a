"""The list of companies, as its readers use it."""

import datetime
import re

import pytest

from tests.builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _pact():
    a_pact()


def rows(page):
    return re.findall(r'class="name" href="/(?:fr/)?companies/([\w-]+)/"', page)


def browse(client, query="", language=""):
    answer = client.get(f"{language}/companies/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_signatory_stands_with_its_status_date_and_sources(client):
    signing = a_signing(a_company("Airbus", country="FR"), since=datetime.date(2024, 9, 25))
    a_citation(signing=signing)

    page = browse(client)

    assert rows(page) == ["airbus"]
    assert "status-signed" in page
    assert "25\u00a0September\u00a02024" in page
    assert "1 source" in page
    assert "France" in page


def test_french_readers_get_french_words_and_dates(client):
    a_signing(a_company("Mistral AI", country="FR"), status="not_signed")

    page = browse(client, language="/fr")

    assert '<html lang="fr">' in page
    assert "9\u00a0octobre\u00a02024" in page
    assert "Absente de la liste" in page
    assert "refus" in page.lower()  # and says that it is none


def test_a_status_filter_keeps_only_its_companies_and_offers_a_way_back(client):
    a_signing(a_company("Airbus"))
    a_signing(a_company("Meta"), status="declined")

    page = browse(client, "status=declined")

    assert rows(page) == ["meta"]
    assert 'data-count="1"' in page
    assert re.search(r'value="declined"\s+checked', page)
    assert 'class="chip" href="?"' in page


def test_an_empty_list_says_so_and_leads_out(client):
    a_company("Airbus")

    page = browse(client, "q=nothing+like+it")

    assert "No company of the register fits these filters." in page
    assert 'href="/companies/"' in page


def test_pages_keep_the_filters(client):
    for number in range(3):
        a_signing(a_company(f"Company {number}"))

    page = browse(client, "status=signed&page_size=2")

    assert 'rel="next" href="?status=signed&amp;page_size=2&amp;page=2"' in page


def test_an_unknown_parameter_is_named_with_what_could_stand_there(client):
    answer = client.get("/companies/?colour=red&status=signed")

    assert answer.status_code == 400
    page = answer.content.decode()
    assert "colour" in page
    assert "sector" in page
    assert "/companies/?status=signed" in page


def test_a_page_past_the_last_is_not_found(client):
    assert client.get("/companies/?page=2").status_code == 404


def test_hostile_names_are_only_text(client):
    a_company('<script>alert(1)</script>"', slug="hostile")

    page = browse(client)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in page


@pytest.mark.parametrize("companies", [3, 30])
def test_the_page_takes_the_same_queries_for_3_and_30_companies(
    client, companies, django_assert_num_queries
):
    commitment = a_commitment()
    for _number in range(companies):
        company = a_company()
        a_signing(company)
        a_pledge(company, commitment=commitment)

    # The register's version; pact; count, rows and core pledges; six facets; the sectors' labels
    # for facets and chips; the pacts; signatories; whether there are core commitments.
    with django_assert_num_queries(16):
        browse(client)
