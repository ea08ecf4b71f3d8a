"""The list of companies: found, filtered, ordered, in few queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from .builders import (
    a_citation,
    a_company,
    a_pledge,
    a_sector,
    a_signing,
)
from .editors import an_editor, text

pytestmark = [pytest.mark.django_db, pytest.mark.history]
LIST = "/admin/companies/company/"


def rows_on_the_list(client, query=""):
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200
    return [company.name for company in response.context["cl"].result_list]


def a_full_company(number):
    company = a_company(f"Company {number:02}", country="FR", sector=a_sector())
    a_citation(signing=a_signing(company))
    return company


def test_the_list_takes_as_many_queries_for_five_companies_as_for_two():
    client = an_editor()
    counts = []
    for numbers in (range(2), range(2, 5)):
        for number in numbers:
            a_full_company(number)
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert len(rows_on_the_list(client)) == numbers.stop
        counts.append(len(queries))
    # session, user, permissions (2), pact, two counts, rows, countries, sectors, saved filters
    assert counts == [11, 11]


def test_the_list_shows_status_country_evidence_and_the_last_change():
    client = an_editor()
    company = a_full_company(1)
    a_citation(pledge=a_pledge(company))
    a_citation(company=company)

    listed = client.get(LIST).context["cl"].result_list[0]

    shown = text(client.get(LIST))
    assert "Signed, 2024-10-09" in shown
    assert "France" in shown
    assert listed.evidence_count == 3
    assert listed.last_change == max(
        company.history.first().history_date,
        company.signings.get().history.first().history_date,
        company.pledges.get().history.first().history_date,
    )


@pytest.mark.parametrize("column", range(1, 7))
def test_the_list_is_ordered_by_every_column(column):
    client = an_editor()
    a_company("Bare")
    a_full_company(1)

    up, down = (rows_on_the_list(client, f"?o={sign}{column}") for sign in ("", "-"))

    assert sorted(up) == sorted(down) == ["Bare", "Company 01"]
    assert up == down[::-1]


@pytest.mark.parametrize("search", ["societe generale", "SOCIÉTÉ", "sg  bank"])
def test_the_admin_search_finds_a_company_by_any_name_without_accents(search):
    client = an_editor()
    company = a_company("Société Générale")
    company.names.create(name="SG Bank", kind="alias")
    a_company("Other")

    assert rows_on_the_list(client, f"?q={search}") == ["Société Générale"]
    found = client.get(
        "/admin/autocomplete/",
        {
            "app_label": "companies",
            "model_name": "signing",
            "field_name": "company",
            "term": search,
        },
    )
    assert [row["text"] for row in found.json()["results"]] == ["Société Générale"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?status=signed", ["Signatory"]),
        ("?status=declined", ["Decliner"]),
        ("?status=none", ["Bare"]),
        ("?country=FR", ["Signatory"]),
        ("?country=unknown", ["Bare", "Decliner"]),
        ("?evidence=some", ["Signatory"]),
        ("?evidence=none", ["Bare", "Decliner"]),
        ("?_facets=True&status=signed", ["Signatory"]),
    ],
)
def test_the_company_list_can_be_filtered(query, expected):
    client = an_editor()
    a_company("Bare")
    a_signing(a_company("Decliner"), status="declined")
    a_citation(signing=a_signing(a_company("Signatory", country="FR")))

    assert rows_on_the_list(client, query) == expected
