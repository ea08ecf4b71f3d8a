"""What programs ask for: a cursor that edits do not disturb, fields, details, facets."""

import random
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from django.db.models import ProtectedError
from django.http import QueryDict

from companies.models import (
    Commitment,
    Company,
    CompanyName,
    CompanyRedirect,
    Milestone,
    Pact,
    Pledge,
    Signing,
    Source,
)
from companies.queries import ChangeFilter
from companies.register.history import save
from companies.register.merging.merge import merge
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)
from tests.sampling import ALL
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]
LIST = "/api/v1/companies/"
DETAILS = ("names", "signings", "pledges", "citations", "reports")
COUNTRIES = ("FR", "DE", "US", "")


def twelve_companies():
    governance, source = a_commitment("governance"), a_source("list")
    a_pact("gpai-code")
    for number in range(12):
        company = a_company(f"Company {number:02}", country=COUNTRIES[number % 4])
        if number % 3:
            signing = a_signing(company, "signed" if number % 2 else "not_signed")
            a_citation(signing=signing, source=source)
            a_pledge(company, commitment=governance)
        CompanyName.objects.create(company=company, name=f"C {number:02}", kind="alias")
    a_citation(company=company, source=source)
    company.reports.create(pact=a_pact(), period=1)
    Milestone.objects.create(
        date="2024-09-25", topic="ai_pact", title_en="First", title_fr="Premier", source=source
    )


register = shared(twelve_companies, history=True)


def slugs(answer):
    return [row["slug"] for row in answer["results"]]


def read_all(client, url, between=lambda: None):
    """The rows of all answers to a cursor, with something that happens after the first."""
    answer = client.get(url).json()
    found = answer["results"]
    between()
    while answer["next"]:
        answer = client.get(answer["next"]).json()
        found += answer["results"]
    return found


# The cursor


def test_a_cursor_yields_every_company_once_in_the_order_of_creation(client):
    first = client.get(f"{LIST}?cursor=*&page_size=5")
    answer = first.json()

    assert set(answer) == {"count", "page_size", "next_cursor", "next", "results"}
    assert (answer["count"], answer["page_size"], len(answer["results"])) == (12, 5, 5)
    assert first.headers["Link"] == f'<{answer["next"]}>; rel="next"'
    assert f"cursor={answer['next_cursor']}" in answer["next"]
    found = [row["slug"] for row in read_all(client, f"{LIST}?cursor=*&page_size=5")]
    assert found == [f"company-{number:02}" for number in range(12)]


def test_a_merge_between_two_cursor_pages_skips_and_repeats_no_company(client):
    def merged():
        both = {"kept": a_company_of("company-08"), "merged": a_company_of("company-00")}
        told = {"name_kind": "former", "cause": "correction", "reason": "one company"}
        merge(**both, **told, decisions={})

    by_name = client.get(f"{LIST}?page_size=5").json()
    found = [row["slug"] for row in read_all(client, f"{LIST}?cursor=*&page_size=5", merged)]

    assert found == [f"company-{number:02}" for number in range(12)]
    # By numbers, the company that moved up from the second page to the first would be missed.
    assert "company-05" not in slugs(client.get(by_name["next"]).json())


def a_company_of(slug):
    return Company.objects.get(slug=slug)


def test_a_cursor_yields_renamed_and_new_companies_once(client):
    def renamed():
        company = a_company_of("company-11")
        company.name = "Aardvark"
        company.save()
        a_company("Alpha")

    found = [row["slug"] for row in read_all(client, f"{LIST}?cursor=*&page_size=5", renamed)]

    assert found == [*(f"company-{number:02}" for number in range(12)), "alpha"]


def test_the_last_cursor_yields_companies_added_later(client):
    answer = client.get(f"{LIST}?cursor=*").json()
    assert answer["next"] is None
    after = f"{LIST}?cursor={answer['next_cursor']}"
    assert slugs(client.get(after).json()) == []

    a_company("Latecomer")

    assert slugs(client.get(after).json()) == ["latecomer"]


# The row of each list that the last parts of a URL name.
ROWS = {
    "companies": (Company, ("slug",)),
    "pacts": (Pact, ("slug",)),
    "commitments": (Commitment, ("pact__slug", "code")),
    "signings": (Signing, ("company__slug", "pact__slug", "since")),
    "pledges": (Pledge, ("company__slug", "commitment__pact__slug", "commitment__code")),
    "sources": (Source, ("slug",)),
    "milestones": (Milestone, ("date", "title_en")),
}


def key_of(name, row):
    """The primary key of a row, by its URL of this moment."""
    model, columns = ROWS[name]
    parts = row["url"].rstrip("/").split("/")[-len(columns) :]
    if name == "milestones":
        parts[1] = row["title"]["en"]
    return model.objects.get(**dict(zip(columns, parts, strict=True))).pk


@pytest.mark.parametrize("name", ROWS)
def test_a_cursor_skips_and_repeats_no_row_during_edits(client, name):
    for number in range(9):
        source = a_source(f"uncited-{number}")
        a_pact(f"pact-{number}")
        a_commitment(f"extra-{number}", kind="additional")
        date = f"2025-01-0{number + 1}"
        Milestone.objects.create(
            date=date, topic="ai_act", title_en=f"M{number}", title_fr="M", source=source
        )
    a_source("last")
    model, _columns = ROWS[name]
    before, found, edits = {*model.objects.values_list("pk", flat=True)}, [], edits_of(model)

    url = f"/api/v1/{name}/?cursor=*&page_size=3"
    while url:
        answer = client.get(url).json()
        found += [key_of(name, row) for row in answer["results"]]
        next(edits)
        url = answer["next"]

    after = {*model.objects.values_list("pk", flat=True)}
    assert len(found) == len({*found})
    assert before & after <= {*found}
    assert not after - before - {*found}, "a new row is read too"
    assert before - after, "a row was deleted meanwhile"


def edits_of(model):
    """An edit between each two answers: a merge, a new name, what is deleted and what is added."""
    told = {"name_kind": "former", "cause": "correction", "reason": "one company"}
    companies = [a_company_of(f"company-{number:02}") for number in (8, 0, 11)]
    merge(kept=companies[0], merged=companies[1], **told, decisions={})
    yield
    companies[2].name, companies[2].slug = "Aardvark", "aardvark"
    save(companies[2], "test")
    a_signing(a_company("Late"))
    yield
    for row in (model.objects.order_by("pk").first(), model.objects.order_by("-pk").first()):
        with suppress(ProtectedError):  # nothing but rows that no other names can go
            row.delete()
    while True:
        yield


@pytest.mark.parametrize(
    "query",
    [
        *("cursor=1", "cursor=**", "cursor=MTox", "cursor=*&page=2", "cursor=*&sort=name"),
        *("cursor=c291cmNlOjE", "cursor=Y29tcGFueTotMQ", "cursor=*&cursor=*"),
    ],
)
def test_a_cursor_with_page_or_sort_or_from_another_list_is_refused(client, query):
    answer = client.get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert {fault["parameter"] for fault in answer.json()["errors"]} == {"cursor"}


def test_a_large_list_is_read_by_a_cursor_without_sorting_it(client, monkeypatch):
    monkeypatch.setattr("companies.queries.roster.orders._MANY", 3)

    found = read_all(client, f"{LIST}?cursor=*&page_size=2&country=FR&country=DE")

    assert [row["slug"][-2:] for row in found] == ["00", "01", "04", "05", "08", "09"]


# Fields, details, facets


def test_fields_limits_a_response_to_these_fields(client):
    row = client.get(f"{LIST}?fields=slug,status").json()["results"][1]
    assert row == {"slug": "company-01", "status": "signed"}
    record = client.get(f"{LIST}company-01/?fields=slug,names").json()
    assert record == {"slug": "company-01", "names": [{"name": "C 01", "kind": "alias"}]}
    assert set(client.get("/api/v1/sources/?fields=slug").json()["results"][0]) == {"slug"}


def test_include_adds_the_details_of_a_record_to_a_list(client):
    rows = client.get(f"{LIST}?include={','.join(DETAILS)}").json()["results"]

    assert len(rows) == 12
    for row in rows:
        record = client.get(f"{LIST}{row['slug']}/").json()
        assert {name: row[name] for name in DETAILS} == {name: record[name] for name in DETAILS}


def test_include_works_on_a_list_and_on_a_record(client):
    row = client.get(f"{LIST}?include=names&fields=slug").json()["results"][0]
    assert row == {"slug": "company-00", "names": [{"name": "C 00", "kind": "alias"}]}
    record = client.get(f"{LIST}company-11/?include=citations").json()
    assert set(DETAILS) & set(record) == {"citations"}
    assert record["name"] == "Company 11"


def test_details_of_a_past_day_are_those_of_that_day(client):
    url = f"{LIST}?include=signings,pledges&as_of=2024-10-08&fields=slug"

    assert {len(row["signings"]) for row in client.get(url).json()["results"]} == {0}


@pytest.mark.parametrize("companies", [3, 12])
def test_details_take_the_same_number_of_queries_for_any_number(
    client, companies, django_assert_num_queries
):
    client.get(LIST)  # the process now keeps how all companies stand

    # The register's version; the rows and their core pledges (2); the companies; their names,
    # citations, signings, pledges and reports (5); the citations of the last three (3).
    with django_assert_num_queries(12):
        client.get(f"{LIST}?page_size={companies}&include={','.join(DETAILS)}&sort=-name")


def test_facets_count_the_companies_of_each_value(client):
    answer = client.get(f"{LIST}?facets=country,status&country=FR").json()

    assert answer["count"] == 3
    assert answer["facets"] == {
        "country": {"FR": 3, "DE": 3, "US": 3, "unknown": 3},
        "status": {"not_signed": 2, "unknown": 1},
    }
    assert client.get(f"{LIST}?facets=commitment").json()["facets"] == {
        "commitment": {"governance": 4}
    }
    assert "facets" not in client.get(LIST).json()


@pytest.mark.parametrize(
    ("query", "parameter", "valid"),
    [
        ("include=secrets", "include", "pledges"),
        ("fields=slug,colour", "fields", "since_basis"),
        ("facets=name", "facets", "implementation_evidence"),
        ("sort=name,price", "sort", "-known"),
        ("country__not=Germany", "country__not", "DE"),
        ("name__not=x", "name__not", "company__not"),
    ],
)
def test_an_unknown_value_is_refused_with_the_valid_ones(client, query, parameter, valid):
    answer = client.get(f"{LIST}?{query}")

    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["parameter"]) == (400, parameter)
    assert valid in fault["valid"]


def test_a_former_public_id_names_its_company_in_a_filter(client):
    CompanyRedirect.objects.create(old_slug="before", company=a_company_of("company-03"))

    assert slugs(client.get(f"{LIST}?company=before&company=company-01").json()) == [
        "company-01",
        "company-03",
    ]
    assert "company-03" not in slugs(client.get(f"{LIST}?company__not=before").json())
    answer = client.get(f"{LIST}?company__not=nobody")
    assert answer.json()["errors"][0]["reason"] == "No company has the public id “nobody”."


def test_signings_and_pledges_can_exclude_a_company(client):
    for name in ("signings", "pledges"):
        found = client.get(f"/api/v1/{name}/?company__not=company-01&page_size=100").json()
        assert found["count"] == 7
    assert client.get("/api/v1/signings/?since__gte=2024-10-10").json()["count"] == 0
    assert client.get("/api/v1/signings/?since__lte=2024-10-09").json()["count"] == 8
    assert Pledge.objects.known().count() == 8


# Changes: page, API and feed


CHANGES = {
    "q": ["company", "company 03", "FR", "nobody"],
    "company": ["company-01", "company-03"],
    "company__not": ["company-01", "company-03"],
    "pact": ["eu-ai-pact", "gpai-code"],
    "kind": ["status", "pledge", "profile", "source"],
    "country": ["FR", "US", "unknown"],
    "country__not": ["FR", "US", "unknown"],
    "since": ["2000-01-01", "2999-01-01"],
    "until": ["2000-01-01", "2999-01-01"],
    "material": ["true", "false", "all"],
}


def test_a_query_finds_the_same_changes_on_the_page_in_the_api_and_in_the_feed(client):
    chance, numbers = random.Random(3), set()
    for _each in range(150 if ALL else 30):
        names = chance.sample(sorted(CHANGES), chance.randint(0, 3))
        query = {"material": "true"} | {name: chance.choice(CHANGES[name]) for name in names}
        asked = urlencode(query)
        page = ChangeFilter(QueryDict(asked)).rows.values_list("number", flat=True)
        answer = client.get(f"/api/v1/changes/?{asked}&page_size=100").json()
        feed = client.get(f"/changes/feed.json?{asked}").json()
        found = [change["number"] for change in answer["results"]]
        assert found == sorted(page)[:100], query
        entries = [int(item["id"].rpartition("/")[2]) for item in feed["items"]]
        assert entries == sorted(page, reverse=True)[: len(entries)], query
        assert len(entries) == min(len(page), 50), query
        numbers.add(len(page))
    assert len(numbers) > 3, "the queries hardly differ"


def test_fields_limits_the_fields_of_a_change(client):
    for path in ("/api/v1/changes/", "/api/v1/companies/company-00/history/"):
        every = client.get(f"{path}?page_size=5").json()
        some = client.get(f"{path}?page_size=5&fields=number,what,hash").json()

        assert [*some["results"][0]] == ["number", "what", "hash"]
        assert some["results"] == [
            {name: row[name] for name in ("number", "what", "hash")} for row in every["results"]
        ]
        assert some["next"] is None or "fields=number" in some["next"]
        assert client.get(f"{path}?fields=price").status_code == 400
