"""Compare companies: their properties, adding and removing one, and what is refused."""

import datetime

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import CompanyName, CompanyRedirect, Pledge
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


@pytest.fixture(autouse=True)
def register():
    acme = a_company("Acme", country="FR", sector=a_sector("software"), size="large")
    literacy = a_commitment("ai-literacy", title_en="AI literacy")
    a_citation(signing=a_signing(acme), source=a_source())
    a_pledge(
        acme,
        commitment=literacy,
        implementation=Pledge.Implementation.FULL,
        implementation_basis="self_reported",
        as_of=datetime.date(2025, 4, 16),
    )
    nemo = a_company("Nemo", country="US", size="large")
    a_signing(nemo, "not_signed", since_basis="observed", reason_en="Nobody asked it.")


def rows(response) -> dict[str, list[tuple[str, str]]]:
    """The value and detail of each property for each company, by its label."""
    return {
        row.label: [(said.value, said.detail) for _column, said in row.said]
        for row in response.context["rows"]
    }


def names(response) -> list[str]:
    return [column.company.name for column in response.context["columns"]]


BOTH = "/compare/?company=acme&company=nemo"


def test_every_property_shows_what_is_known_of_each_company(client):
    found = rows(client.get(BOTH))

    assert found["Status"] == [("Signed", ""), ("Not on the list", "")]
    assert found["Date"] == [
        ("9\u00a0October\u00a02024", "first list or report that we know"),
        ("list of 9\u00a0October\u00a02024", "our check of the list"),
    ]
    assert found["Reason"] == [("none", ""), ("", "Nobody asked it.")]
    assert found["Headquarters"] == [("France", ""), ("United States", "")]
    assert found["Sector"] == [("Software", ""), ("unknown", "")]
    assert found["Size"] == [("large", ""), ("large", "")]
    assert found["AI literacy"] == [
        (
            "fully implemented",
            "Pledged by signing. According to the company (16\u00a0April\u00a02025)",
        ),
        ("no pledge known", ""),
    ]
    assert found["Progress report"] == [
        ("no public report found", "Invited by 9\u00a0October\u00a02025"),
        ("signature unknown", ""),
    ]
    assert found["Evidence"] == [("1 source", ""), ("no source", "")]


def test_companies_are_shown_in_the_order_of_the_url(client):
    assert names(client.get("/compare/?company=nemo&company=acme")) == ["Nemo", "Acme"]


def test_other_pacts_are_named_with_their_status(client):
    seoul = a_pact("seoul", name_en="Seoul commitments", position=2)
    a_signing(a_company("Lost"), "removed", pact=seoul)

    row = client.get("/compare/?company=lost&company=acme").context["rows"][-2]

    assert [said.others for _column, said in row.said] == [
        (("Seoul commitments", "removed", "No longer listed"),),
        (),
    ]


def test_only_differences_hides_equal_properties(client):
    response = client.get(f"{BOTH}&show=differences")

    assert "Size" not in rows(response)
    assert set(rows(response)) == {
        "Status",
        "Date",
        "Reason",
        "Headquarters",
        "Sector",
        "AI literacy",
        "Progress report",
        "Evidence",
    }
    assertContains(response, "4 of 12 rows are identical.")


def test_the_comparison_says_when_companies_do_not_differ(client):
    a_company("Twin A")
    a_company("Twin B")

    response = client.get("/compare/?company=twin-a&company=twin-b&show=differences")

    assertContains(response, "These companies do not differ in any row.")


def test_a_company_is_added_by_its_name(client):
    CompanyName.objects.create(
        company=a_company("Blue"), name="International Blue Machines", kind="alias"
    )

    response = client.get("/compare/?company=acme&show=all&add=international blue machines")

    assert response.status_code == 302
    assert response["Location"] == "?company=acme&company=blue&show=all"


@pytest.mark.parametrize("typed", ["Acmee", "Acme Bank"])
def test_a_similar_name_suggests_companies(client, typed):
    response = client.get(f"/compare/?company=nemo&add={typed}")

    assert names(response) == ["Nemo"]
    assertContains(response, f"Which company is “{typed}”?")
    assertContains(response, '<a href="?company=nemo&amp;company=acme"><bdi>Acme</bdi></a>')


def test_a_name_of_two_companies_suggests_both(client):
    CompanyName.objects.create(company=a_company("One"), name="Twin", kind="alias")
    CompanyName.objects.create(company=a_company("Two"), name="Twin", kind="alias")

    response = client.get("/compare/?add=Twin")

    offered = [company.name for company, _address in response.context["suggestions"]]
    assert offered == ["One", "Two"]


def test_a_part_of_a_name_suggests_its_company(client):
    a_company("Deutsche Telekom")

    response = client.get("/compare/?add=tsche")

    offered = [company.name for company, _address in response.context["suggestions"]]
    assert offered == ["Deutsche Telekom"]


def test_the_comparison_says_when_a_name_is_unknown(client):
    response = client.get("/compare/?company=nemo&add=Qwxzy")

    assert response.status_code == 200
    assertContains(response, "We have no company called “Qwxzy”, and none with a similar name.")


def test_an_unknown_public_id_is_reported_and_the_others_are_still_compared(client):
    response = client.get("/compare/?company=acme&company=nobody&company=nemo")

    assert response.status_code == 400
    assert names(response) == ["Acme", "Nemo"]
    assertContains(response, "We have no company with the public id “nobody”.", status_code=400)


def test_a_company_given_twice_is_shown_once(client):
    response = client.get("/compare/?company=acme&company=nemo&company=acme")

    assert names(response) == ["Acme", "Nemo"]
    assertContains(response, "Acme is already in this comparison.")


def test_a_company_in_the_comparison_is_not_added_again(client):
    response = client.get(f"{BOTH}&add=Acme")

    assert response.status_code == 200
    assertContains(response, "Acme is already in this comparison.")


def test_of_more_than_six_companies_the_others_are_listed_as_left_out(client):
    slugs = [a_company(f"Number {number}").slug for number in range(1, 9)]

    response = client.get("/compare/?" + "&".join(f"company={slug}" for slug in slugs))

    assert len(names(response)) == 6
    assertContains(
        response,
        "You can compare at most 6 companies. Left out: Number 7, Number 8.",
    )
    assertNotContains(response, "Add a company")


def test_a_seventh_company_is_not_added(client):
    slugs = [a_company(f"Number {number}").slug for number in range(1, 7)]
    query = "&".join(f"company={slug}" for slug in slugs)

    response = client.get(f"/compare/?{query}&add=Acme")

    assertContains(response, "Acme was not added: you can compare at most 6 companies.")


def test_with_one_company_the_page_offers_to_add_a_second(client):
    response = client.get("/compare/?company=acme")

    assertContains(response, "Add a second company to compare.")
    assertNotContains(response, "<table")


def test_without_companies_the_page_says_how_to_begin(client):
    assertContains(client.get("/compare/"), "Type a company name above to start.")


def test_the_link_that_removes_a_company_keeps_the_other_parameters(client):
    response = client.get(f"{BOTH}&as_of=2025-01-01&show=differences")

    assertContains(response, 'href="?company=nemo&amp;as_of=2025-01-01&amp;show=differences"')


def test_a_company_that_was_renamed_is_found_by_its_old_public_id(client):
    acme = a_company("New Name")
    CompanyRedirect.objects.create(old_slug="old-name", company=acme)

    assert names(client.get("/compare/?company=old-name&company=nemo")) == ["New Name", "Nemo"]


def test_as_of_shows_the_statuses_of_that_day(client):
    response = client.get(f"{BOTH}&as_of=2024-10-01")

    assert rows(response)["Status"] == [("No information", ""), ("No information", "")]
    assertContains(response, '<input type="hidden" name="as_of" value="2024-10-01">')
    assertContains(response, 'href="/companies/acme/?as_of=2024-10-01"')


def test_another_pact_has_its_own_commitments(client):
    code = a_pact("gpai-code", name_en="GPAI Code", report_after_months=None)
    a_commitment("safety", pact=code, kind="chapter", title_en="Safety")
    a_signing(a_company("Third"), pact=code)

    found = rows(client.get("/compare/?company=third&company=acme&pact=gpai-code"))

    assert "Safety" in found
    assert "AI literacy" not in found
    assert found["Progress report"] == [
        ("this pact does not invite reports", ""),
        ("signature unknown", ""),
    ]


def test_pledges_of_a_former_signatory_say_that_it_has_left(client):
    left = a_company("Left")
    a_commitment("governance", title_en="Governance")
    a_signing(left, until=datetime.date(2025, 1, 1))
    a_signing(left, "withdrawn", since=datetime.date(2025, 1, 1))

    found = rows(client.get("/compare/?company=left&company=acme"))

    assert found["Governance"][0] == (
        "no evidence found",
        "Pledged by signing. Made while it was a signatory",
    )


@pytest.mark.parametrize(
    "query", ["colour=red", "show=some", "pact=nothing", "as_of=tomorrow", "add=a&add=b"]
)
def test_an_unknown_parameter_or_value_is_refused(client, query):
    assertContains(client.get(f"/compare/?{query}"), "Unknown filter", status_code=400)


def test_a_record_links_to_the_comparison(client):
    assertContains(client.get("/companies/acme/"), 'href="/compare/?company=acme"')


def test_search_engines_may_index_only_the_page_without_companies(client):
    assertContains(client.get(BOTH), '<meta name="robots" content="noindex">')
    assertNotContains(client.get("/compare/"), '<meta name="robots" content="noindex">')


# The version, redirects, the pact; the companies with names, identifiers, subsidiaries, citations,
# periods with citations, pledges with citations, reports; commitments, the pacts to choose from;
# the full lists (3); retractions.
QUERIES = 18


@pytest.mark.parametrize("number", [2, 6])
def test_the_number_of_queries_does_not_depend_on_the_number_of_companies(
    client, django_assert_num_queries, number
):
    slugs = []
    for _ in range(number):
        signing = a_signing()
        a_citation(signing=signing)
        a_pledge(signing.company, commitment=a_commitment(f"code-{signing.pk}"))
        slugs.append(signing.company.slug)
    with django_assert_num_queries(QUERIES):
        response = client.get("/compare/?" + "&".join(f"company={slug}" for slug in slugs))
    assert len(names(response)) == number
