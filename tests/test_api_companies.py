"""/api/v1/companies/ and one company."""

import datetime

import pytest
from django.urls import reverse

from companies.models import CompanyIdentifier, CompanyName, CompanyRedirect
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)

pytestmark = pytest.mark.django_db
LIST = "/api/v1/companies/"


def a_signatory(name, **fields):
    company = a_company(name, **fields)
    a_citation(signing=a_signing(company), source=a_source(f"list-{company.slug}"))
    return company


def test_a_row_has_profile_status_and_dates_toward_one_pact(client):
    company = a_company(
        "Orange", country="FR", sector=a_sector("telecoms"), size="large", role="both"
    )
    signing = a_signing(
        company,
        since=datetime.date(2024, 10, 1),
        since_precision="month",
        since_basis="stated",
    )
    a_citation(signing=signing)
    a_citation(signing=signing)
    a_pledge(
        company,
        commitment=a_commitment("ai-literacy"),
        implementation="partial",
        implementation_basis="self_reported",
    )
    a_pledge(company, commitment=a_commitment("extra", kind="additional"))

    assert client.get(LIST).json()["results"] == [
        {
            "slug": "orange",
            "name": "Orange",
            "country": "FR",
            "region": "eu",
            "sector": {"code": "telecoms", "label": {"en": "Telecoms", "fr": "Telecoms"}},
            "size": "large",
            "role": "both",
            "pact": "eu-ai-pact",
            "status": "signed",
            "since": "2024-10",
            "since_precision": "month",
            "since_basis": "stated",
            "last_checked": None,
            "source_count": 2,
            "core_pledges": [{"commitment": "ai-literacy", "implementation": "partial"}],
            "url": "http://testserver/api/v1/companies/orange/",
            "page": "http://testserver/companies/orange/",
        }
    ]


def test_a_company_without_a_signing_has_the_status_unknown(client):
    a_pact()
    a_company("Nobody")

    (row,) = client.get(LIST).json()["results"]

    assert (row["status"], row["since"], row["since_basis"]) == ("unknown", None, None)
    assert (row["country"], row["region"], row["sector"]) == (None, "unknown", None)
    assert client.get(LIST, {"status": "unknown"}).json()["count"] == 1


def test_the_status_is_that_toward_the_pact_of_the_query(client):
    company = a_signatory("Mistral")
    a_signing(company, "interested", pact=a_pact("gpai-code"))

    (row,) = client.get(LIST, {"pact": "gpai-code"}).json()["results"]

    assert (row["pact"], row["status"]) == ("gpai-code", "interested")


def test_filters_may_be_repeated_and_combined(client):
    a_signatory("Orange", country="FR")
    a_signatory("SAP", country="DE")
    a_signatory("IBM", country="US")
    a_signing(a_company("Renault", country="FR"), "not_signed")

    answer = client.get(f"{LIST}?country=FR&country=DE&status=signed&sort=-name").json()

    assert [row["slug"] for row in answer["results"]] == ["sap", "orange"]


def test_a_page_of_a_list_has_its_number_and_links_to_its_neighbours(client):
    for name in ("A", "B", "C", "D", "E"):
        a_signatory(name, country="FR")

    response = client.get(f"{LIST}?country=FR&page_size=2&page=2")
    answer = response.json()

    url = "http://testserver/api/v1/companies/?country=FR&page_size=2&page="
    assert (answer["count"], answer["page"], answer["pages"], answer["page_size"]) == (5, 2, 3, 2)
    assert (answer["previous"], answer["next"]) == (f"{url}1", f"{url}3")
    assert response.headers["Link"] == (
        f'<{url}1>; rel="first", <{url}1>; rel="prev", <{url}3>; rel="next", <{url}3>; rel="last"'
    )


def test_an_empty_list_is_one_empty_page(client):
    a_pact()

    answer = client.get(LIST).json()

    assert answer == {
        "count": 0,
        "page": 1,
        "pages": 1,
        "page_size": 50,
        "next": None,
        "previous": None,
        "results": [],
    }


def test_a_page_past_the_last_is_a_404_that_names_the_last(client):
    a_signatory("A")

    response = client.get(LIST, {"page": "2"})

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "There is no page 2; the last one is 1."


def test_a_record_has_all_known_facts_with_their_sources(client):
    group = a_company("Group")
    company = a_company("Orange", country="FR", parent=group, website="https://orange.example")
    a_company("Orange Bank", parent=company)
    CompanyName.objects.create(company=company, name="France Télécom", kind="former")
    CompanyIdentifier.objects.create(company=company, scheme="lei", value="969500MCOONR8990S771")
    source = a_source("list", title="The list", published_on=datetime.date(2024, 10, 9))
    signing = a_signing(company, reason_en="Named on it.", reason_fr="Nommée.")
    a_citation(signing=signing, source=source, quote="Orange")
    a_citation(company=company, source=source)
    pledge = a_pledge(company)
    a_citation(pledge=pledge, source=source, quote="we govern")
    a_signing(company, "interested", pact=a_pact("gpai-code"), since=datetime.date(2025, 7, 10))
    a_signing(
        company,
        "signed",
        pact=a_pact("seoul"),
        since=datetime.date(2024, 5, 21),
        until=datetime.date(2024, 6, 1),
    )

    record = client.get(f"{LIST}orange/").json()

    assert record["names"] == [{"name": "France Télécom", "kind": "former"}]
    [lei] = record["identifiers"]
    assert (lei["scheme"], lei["value"]) == ("lei", "969500MCOONR8990S771")
    assert lei["url"] == "https://search.gleif.org/#/record/969500MCOONR8990S771"
    assert record["group"]["parent"]["slug"] == "group"
    assert [c["slug"] for c in record["group"]["subsidiaries"]] == ["orange-bank"]
    assert [s["pact"]["slug"] for s in record["signings"]] == ["gpai-code", "eu-ai-pact", "seoul"]
    assert [p["pact"] for p in record["other_pacts"]] == ["gpai-code"]
    period = record["signings"][1]
    assert period["reason"] == {"en": "Named on it.", "fr": "Nommée."}
    assert period["url"] == "http://testserver/api/v1/signings/orange/eu-ai-pact/2024-10-09/"
    (citation,) = period["citations"]
    assert citation["quote"] == "Orange"
    assert citation["source"]["document_url"] == "https://example.org/list"
    assert citation["source"]["url"] == "http://testserver/api/v1/sources/list/"
    assert record["pledges"][0]["commitment"]["code"] == "governance"
    assert record["pledges"][0]["citations"][0]["quote"] == "we govern"
    assert record["citations"][0]["source"]["slug"] == "list"
    assert client.get(record["url"]).json() == record


def test_a_merged_or_renamed_company_redirects_with_its_query(client):
    company = a_signatory("Orange")
    CompanyRedirect.objects.create(old_slug="france-telecom", company=company)

    response = client.get(f"{LIST}france-telecom/?pact=eu-ai-pact")

    assert response.status_code == 308
    assert response.headers["Location"] == (
        "http://testserver/api/v1/companies/orange/?pact=eu-ai-pact"
    )


def test_an_unknown_company_is_a_404(client):
    a_pact()

    response = client.get(f"{LIST}nobody/")

    assert response.status_code == 404
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "We have no company called “nobody”.",
        "instance": "/api/v1/companies/nobody/",
        "request_id": response.headers["X-Request-Id"],
    }


@pytest.mark.parametrize("query", ["colour=red", "colour=", "page=1", "pact=none", "pact=a&pact=b"])
def test_a_record_refuses_unknown_parameters_and_values(client, query):
    a_signatory("Orange")

    response = client.get(f"{LIST}orange/?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


def many_companies(number):
    literacy = a_commitment("ai-literacy")
    for i in range(number):
        company = a_signatory(f"Company {i:02}", sector=a_sector(f"sector-{i % 3}"))
        a_pledge(company, commitment=literacy)


@pytest.mark.parametrize("number", [2, 5])
def test_a_list_of_any_length_takes_the_same_number_of_queries(
    client, django_assert_num_queries, number
):
    many_companies(number)

    # The register's version; the pact and its commitments; how all companies stand (7); rows and
    # core pledges; the full lists (2).
    with django_assert_num_queries(14):
        assert client.get(LIST).json()["count"] == number


@pytest.mark.parametrize("number", [2, 5])
def test_a_record_of_any_size_takes_the_same_number_of_queries(
    client, django_assert_num_queries, number
):
    company = a_company("Orange")
    source = a_source("list")
    for i in range(number):
        a_citation(signing=a_signing(company, pact=a_pact(f"pact-{i}")), source=source)
        commitment = a_commitment(f"code-{i}", pact=a_pact(f"pact-{i}"))
        a_citation(pledge=a_pledge(company, commitment=commitment), source=source)
        a_company(parent=company)
    a_pact()

    # The version; the pact; the record; the full lists (2).
    with django_assert_num_queries(5):
        assert len(client.get(f"{LIST}orange/").json()["signings"]) == number


def test_a_cached_response_takes_one_query(client, django_assert_num_queries):
    many_companies(3)
    client.get(LIST)

    with django_assert_num_queries(1):
        client.get(LIST)


def test_a_row_links_its_public_page(client):
    a_signatory("Orange")

    (row,) = client.get(LIST).json()["results"]

    assert row["page"] == f"http://testserver{reverse('company', args=['orange'])}"
