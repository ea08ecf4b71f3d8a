"""The other endpoints: pacts, commitments, signings, pledges, sources, milestones, statistics."""

import datetime

import pytest

from companies.models import Milestone
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)
from tests.reader_client import forget_answers

pytestmark = pytest.mark.django_db
API = "/api/v1/"


def a_milestone(title, **fields):
    values = {"date": datetime.date(2024, 9, 25), "topic": "ai_pact", "source": a_source()}
    return Milestone.objects.create(**values | fields, title_en=title, title_fr=f"{title} (fr)")


def a_register(number):
    """`number` rows in every list."""
    for i in range(number):
        pact = a_pact(f"pact-{i}")
        commitment = a_commitment(f"code-{i}", pact=pact, source=a_source())
        company = a_company(f"Company {i}")
        a_citation(signing=a_signing(company, pact=pact))
        a_citation(pledge=a_pledge(company, commitment=commitment))
        a_milestone(f"Milestone {i}")


def test_the_index_links_every_endpoint(client):
    a_pact()

    index = client.get(API).json()

    assert set(index["endpoints"]) == {
        "companies",
        "pacts",
        "commitments",
        "signings",
        "pledges",
        "sources",
        "milestones",
        "changes",
        "statistics",
        "coverage",
        "match",
        "reconcile",
        "index",
        "schema",
        "docs",
    }
    only_post = index["endpoints"].pop("match")
    assert client.get(only_post).status_code == 405
    for url in [*index["endpoints"].values(), index["schema"]]:
        assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    ("endpoint", "queries"),
    [
        ("pacts/", 3),  # version, count, rows
        ("commitments/", 3),  # pact and source come with the rows
        ("signings/", 6),  # and the citations with their sources, the full lists (3)
        ("sources/", 3),
        ("milestones/", 3),
    ],
)
@pytest.mark.parametrize("number", [2, 5])
def test_a_list_of_any_length_takes_the_same_number_of_queries(
    client, django_assert_num_queries, endpoint, queries, number
):
    a_register(number)

    with django_assert_num_queries(queries):
        assert client.get(f"{API}{endpoint}").json()["count"] >= number


@pytest.mark.parametrize("number", [2, 5])
def test_pledges_take_the_same_number_of_queries_once_the_rosters_are_known(
    client, django_assert_num_queries, number
):
    a_register(number)
    client.get(f"{API}pledges/")
    forget_answers()

    with django_assert_num_queries(4):  # version, rows, their citations and sources
        assert client.get(f"{API}pledges/").json()["count"] >= number


@pytest.mark.parametrize("number", [2, 5])
def test_statistics_take_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, number
):
    a_register(number)
    a_pact()

    # The version; the pact; how all companies stand (8); the periods that ended; the quotes and
    # their checks.
    with django_assert_num_queries(12):
        client.get(f"{API}statistics/")
    # All of it is kept: the version, the pact asked for.
    with django_assert_num_queries(2):
        client.get(f"{API}statistics/?pact=eu-ai-pact")


@pytest.mark.parametrize("number", [2, 5])
def test_a_pact_takes_the_same_number_of_queries_for_any_number_of_commitments(
    client, django_assert_num_queries, number
):
    for i in range(number):
        a_commitment(f"code-{i}", source=a_source())

    with django_assert_num_queries(5):  # version, pact, commitments, their pact, opinions
        record = client.get(f"{API}pacts/eu-ai-pact/").json()
    assert len(record["commitments"]) == number


@pytest.mark.parametrize(
    "endpoint", ["pacts", "commitments", "signings", "pledges", "sources", "milestones"]
)
def test_every_row_is_served_at_its_own_url(client, endpoint):
    a_register(2)

    for row in client.get(f"{API}{endpoint}/").json()["results"]:
        record = client.get(row["url"]).json()
        assert {name: record[name] for name in row} == row
        assert client.get(row["url"], {"page": "1"}).status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        "pacts/none/",
        "commitments/eu-ai-pact/none/",
        "signings/none/eu-ai-pact/2024-10-09/",
        "signings/none/eu-ai-pact/2024-99-99/",
        "signings/none/eu-ai-pact/yesterday/",
        "pledges/none/eu-ai-pact/governance/",
        "sources/none/",
        "milestones/2024-09-25/none/",
        "milestones/99999-09-25/none/",
        "nothing/",
        "companies/a/b/c/d/",
    ],
)
def test_a_url_without_a_row_is_a_404(client, url):
    a_pact()

    response = client.get(f"{API}{url}")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.json()["status"], response.json()["title"]) == (404, "Not Found")


def test_signings_are_filtered_by_the_day_on_which_they_are_in_force(client):
    company = a_company("Acme")
    day = datetime.date(2025, 1, 1)
    a_signing(company, until=day)
    a_signing(company, "withdrawn", since=day)

    def statuses(on):
        rows = client.get(f"{API}signings/", {"on": on}).json()["results"]
        return [row["status"] for row in rows]

    assert statuses("2024-12-31") == ["signed"]
    assert statuses("2025-01-01") == ["withdrawn"]


def test_a_date_has_the_precision_of_its_source(client):
    a_milestone("Started", date=datetime.date(2023, 1, 1), date_precision="year")
    a_milestone("Signed", date=datetime.date(2024, 9, 1), date_precision="month")

    rows = client.get(f"{API}milestones/").json()["results"]

    assert [(row["date"], row["date_precision"]) for row in rows] == [
        ("2023", "year"),
        ("2024-09", "month"),
    ]
    assert rows[1]["title"] == {"en": "Signed", "fr": "Signed (fr)"}


def test_a_milestone_without_a_latin_title_has_a_url(client):
    milestone = a_milestone("日本")

    (row,) = client.get(f"{API}milestones/").json()["results"]

    assert milestone.title_en == row["title"]["en"]
    assert client.get(row["url"]).json() == row


def test_statistics_are_those_of_the_pact_of_the_query(client):
    a_signing(a_company(country="FR"))
    a_signing(a_company(country="US"))
    a_signing(a_company(country="DE"), "not_signed")
    a_signing(a_company(), pact=a_pact("gpai-code"))

    answer = client.get(f"{API}statistics/").json()

    assert (answer["pact"]["slug"], answer["companies"], answer["signatories"]) == (
        "eu-ai-pact",
        4,
        2,
    )
    assert answer["by_status"] == {"signed": 2, "not_signed": 1, "unknown": 1}
    assert answer["by_region"] == {"eu": 1, "us": 1, "other": 0, "unknown": 0}
    assert answer["over_time"] == [{"date": "2024-10-09", "signatories": 2}]
    assert (answer["listed_total"], answer["listed_total_on"]) == (230, "2025-12-15")
    other = client.get(f"{API}statistics/", {"pact": "gpai-code"}).json()
    assert (other["signatories"], other["url"]) == (
        1,
        "http://testserver/api/v1/statistics/?pact=gpai-code",
    )


def test_statistics_of_an_unknown_pact_list_the_known_ones(client):
    a_pact()

    response = client.get(f"{API}statistics/", {"pact": "none"})

    assert response.status_code == 400
    (fault,) = response.json()["errors"]
    assert (fault["parameter"], fault["valid"]) == ("pact", ["eu-ai-pact"])
