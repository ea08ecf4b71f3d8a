"""Names sent to match/: candidates with score, reasons and status, and an honest "not known"."""

import pytest

from companies.models import CompanyIdentifier, CompanyName
from companies.queries.candidates.scoring import Description, candidates_of
from tests.builders import a_company, a_pact, a_signing

pytestmark = pytest.mark.django_db
MATCH = "/api/v1/match/"
LEI = "7LTWFZYICNSX8D621K86"


def match(client, *names, query="", **more):
    body = {"names": [{"name": one} if isinstance(one, str) else one for one in names], **more}
    return client.post(f"{MATCH}{query}", body, content_type="application/json")


def only_candidate(client, name):
    [result] = match(client, name).json()["results"]
    [candidate] = result["candidates"]
    return candidate


def codes(candidate):
    return [reason["code"] for reason in candidate["reasons"]]


@pytest.fixture
def orange():
    pact = a_pact()
    company = a_company("Orange", country="FR", website="https://www.orange.com/")
    a_signing(company, pact=pact)
    return company


def test_a_name_of_the_register_is_matched_with_its_status(client, orange):
    answer = match(client, "ORANGE").json()

    [result] = answer["results"]
    [candidate] = result["candidates"]
    assert (answer["pact"], result["name"], result["known"]) == ("eu-ai-pact", "ORANGE", True)
    assert (candidate["match"], candidate["score"], codes(candidate)) == (True, 100, ["exact"])
    listed = client.get("/api/v1/companies/").json()["results"]
    assert [candidate["company"]] == listed


def test_the_reason_of_a_match_is_given_in_both_languages(client, orange):
    [reason] = only_candidate(client, "Orange")["reasons"]

    assert reason["text"] == {"en": "Exact name.", "fr": "Nom exact."}


def test_a_similar_name_is_a_candidate_and_not_a_match(client, orange):
    candidate = only_candidate(client, "Orange Bank")

    assert not candidate["match"]
    assert candidate["score"] < 100


def test_an_unknown_name_is_unknown_and_not_a_refusal(client, orange):
    [result] = match(client, "Example Bakery").json()["results"]

    assert result == {"name": "Example Bakery", "known": False, "candidates": []}


def test_a_match_response_states_the_coverage_of_the_register(client, orange):
    pact = orange.signings.get().pact
    pact.listed_total, pact.listed_total_on = 230, "2025-02-01"
    pact.save()

    answer = match(client, "Example Bakery").json()

    assert answer["coverage"] == {
        "signatories": 1,
        "listed_total": 230,
        "listed_total_on": "2025-02-01",
        "list_date": None,
    }


def test_an_empty_register_matches_nothing_and_says_so(client, db):
    answer = match(client, "Orange", {"name": "Example Bakery", "country": "FR"})

    assert answer.status_code == 200
    assert answer.json()["results"] == [
        {"name": name, "known": False, "candidates": []} for name in ("Orange", "Example Bakery")
    ]
    assert answer.json()["pact"] == "eu-ai-pact"
    assert answer.json()["coverage"] == {
        "signatories": 0,
        "listed_total": None,
        "listed_total_on": None,
        "list_date": None,
    }


def test_a_different_country_turns_a_match_into_a_candidate(client, orange):
    candidate = only_candidate(client, {"name": "Orange", "country": "PL"})

    assert not candidate["match"]
    assert codes(candidate) == ["exact", "other_country"]


def test_an_unknown_country_does_not_affect_the_match(client):
    a_pact()
    a_company("Orange", country="")

    candidate = only_candidate(client, {"name": "Orange", "country": "PL"})

    assert (candidate["match"], codes(candidate)) == (True, ["exact"])


def test_an_identifier_matches_a_company_with_a_similar_name(client, orange):
    CompanyIdentifier.objects.create(company=orange, scheme="lei", value=LEI)
    spelt = {"scheme": "lei", "value": LEI.lower()}

    candidate = only_candidate(client, {"name": "Orange Bank", "identifiers": [spelt]})
    stranger = only_candidate(client, {"name": "Example Bakery", "identifiers": [spelt]})

    assert (candidate["match"], codes(candidate)[-1]) == (True, "same_identifier")
    assert (stranger["match"], codes(stranger)) == (False, ["same_identifier"])


def test_an_identifier_without_a_scheme_is_tried_with_every_scheme(client, orange):
    CompanyIdentifier.objects.create(company=orange, scheme="wikidata", value="Q1431486")

    address = {"value": "https://www.wikidata.org/wiki/Q1431486"}
    candidate = only_candidate(client, {"name": "Orange", "identifiers": [address]})

    assert codes(candidate) == ["exact", "same_identifier"]


def test_a_different_identifier_of_the_same_scheme_turns_a_match_into_a_candidate(client, orange):
    CompanyIdentifier.objects.create(company=orange, scheme="lei", value=LEI)
    other = {"scheme": "lei", "value": "529900T8BM49AURSDO55"}

    candidate = only_candidate(client, {"name": "Orange", "identifiers": [other]})

    assert (candidate["match"], codes(candidate)) == (False, ["exact", "other_identifier"])


def test_a_name_and_an_identifier_of_different_companies_are_candidates(client, orange):
    other = a_company("Bouygues")
    CompanyIdentifier.objects.create(company=other, scheme="lei", value=LEI)

    named = {"name": "Orange", "identifiers": [{"scheme": "lei", "value": LEI}]}
    [result] = match(client, named).json()["results"]

    found = {one["company"]["slug"]: one["match"] for one in result["candidates"]}
    assert found == {"orange": True, "bouygues": False}


@pytest.mark.parametrize(
    "website", ["orange.com", "http://orange.com", "https://www.Orange.com/en"]
)
def test_a_website_finds_a_company_however_it_is_written(client, orange, website):
    candidate = only_candidate(client, {"name": "Example Bakery", "website": website})

    assert (candidate["match"], codes(candidate)) == (False, ["same_website"])


def test_former_names_are_matched_too(client, orange):
    CompanyName.objects.create(company=orange, name="France Télécom", kind="former")

    assert codes(only_candidate(client, "France Telecom")) == ["former"]


def test_a_past_day_gives_the_status_of_that_day(client, orange):
    [result] = match(client, "Orange", query="?as_of=2020-01-01").json()["results"]

    assert result["candidates"][0]["company"]["status"] == "unknown"


def test_the_response_has_at_most_the_requested_number_of_candidates(client):
    a_pact()
    for number in range(6):
        a_company(f"Nordlicht {number}")

    [some] = match(client, "Nordlicht", limit=2).json()["results"]

    assert len(some["candidates"]) == 2


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ([], "body"),
        ({}, "names"),
        ({"names": []}, "names"),
        ({"names": [{}]}, "names[0].name"),
        ({"names": [{"name": ""}]}, "names[0].name"),
        ({"names": ["Orange"]}, "names[0]"),
        ({"names": [{"name": "A", "land": "FR"}]}, "names[0].land"),
        ({"names": [{"name": "A"}, {"name": "B", "country": "France"}]}, "names[1].country"),
        ({"names": [{"name": "A" * 201}]}, "names[0].name"),
        ({"names": [{"name": "A", "identifiers": [{"scheme": "duns"}]}]}, "names[0].identifiers"),
        ({"names": [{"name": "A"}], "limit": 0}, "limit"),
        ({"names": [{"name": "A"}] * 501}, "names"),
    ],
)
def test_an_invalid_body_is_refused_with_the_path_of_each_error(client, body, place):
    a_pact()

    answer = client.post(MATCH, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert any(one["parameter"].startswith(place) for one in answer.json()["errors"])


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"names": [{"name": "\xff"}]}', "application/json", 400),
        (b'{"names": [{"name": "a\\u0000b"}]}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"names=Orange", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 400),
    ],
)
def test_a_body_that_is_not_json_is_a_problem_response(client, body, kind, status):
    a_pact()

    answer = client.post(MATCH, body, content_type=kind)

    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_get_requests_and_unknown_parameters_are_refused(client):
    a_pact()

    assert client.get(MATCH).status_code == 405
    assert match(client, "Orange", query="?q=a").status_code == 400


def test_a_hundred_names_take_as_many_queries_as_two(django_assert_max_num_queries, orange):
    for number in range(30):
        a_company(f"Nordlicht {number}", website=f"https://nordlicht{number}.example/")
    described = [
        Description(name=f"Nordlicht {n}", website=f"nordlicht{n}.example", country="DE")
        for n in range(100)
    ]
    list(candidates_of(described[:1]))  # reads the words of names

    with django_assert_max_num_queries(11):
        list(candidates_of(described[:2]))
    with django_assert_max_num_queries(11):
        list(candidates_of(described))
