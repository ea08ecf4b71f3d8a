"""The reconciliation API in both versions, held against the schemas of its specification."""

import json
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from companies.models import CompanyIdentifier
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/reconcile/"
SCHEMAS = Path(__file__).parent / "reconciliation"
OLD, NEW = "0.2", "1.0-draft"
NEW_ACCEPT = {"headers": {"accept": "application/json;version=1.0-draft"}}


@cache
def validator(version, name):
    schemas = {
        path.stem: json.loads(path.read_text()) for path in SCHEMAS.glob(f"{version}/*.json")
    }
    registry = Registry().with_resources(
        (schema["$id"], DRAFT7.create_resource(schema))
        for schema in schemas.values()
        if "$id" in schema
    )
    return Draft7Validator(schemas[name], registry=registry)


def assert_valid(version, name, data):
    assert [error.message for error in validator(version, name).iter_errors(data)] == []


@pytest.fixture
def register():
    pact = a_pact()
    commitment = a_commitment(pact=pact)
    orange = a_company("Orange", country="FR", website="https://www.orange.com/")
    a_signing(orange, pact=pact)
    a_pledge(
        orange,
        commitment=commitment,
        implementation="partial",
        implementation_basis="self_reported",
        as_of="2025-10-01",
    )
    bank = a_company("Orange Bank", country="FR")
    CompanyIdentifier.objects.create(company=bank, scheme="wikidata", value="Q24939060")
    return orange


def ask_old(client, batch):
    assert_valid(OLD, "reconciliation-query-batch", batch)
    answer = client.post(ROOT, {"queries": json.dumps(batch)})
    assert answer.status_code == 200, answer.content
    assert_valid(OLD, "reconciliation-result-batch", answer.json())
    return {key: found["result"] for key, found in answer.json().items()}


def ask_new(client, *queries):
    body = {"queries": [*queries]}
    assert_valid(NEW, "reconciliation-query-batch", body)
    answer = client.post(f"{ROOT}match", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert_valid(NEW, "reconciliation-result-batch", answer.json())
    return [one["candidates"] for one in answer.json()["results"]]


def named(text, **more):
    return {"conditions": [{"matchType": "name", "propertyValue": text}], **more}


def property_is(name, value, **more):
    return {"matchType": "property", "propertyId": name, "propertyValue": value, **more}


def test_one_url_serves_the_manifest_of_both_versions(client, register):
    old, new = client.get(ROOT), client.get(ROOT, **NEW_ACCEPT)

    assert_valid(OLD, "manifest", old.json())
    assert_valid(NEW, "manifest", new.json())
    assert "identifierSpace" in old.json()
    assert "identifierSpace" not in new.json()
    assert old.json()["versions"] == new.json()["versions"] == [OLD, NEW]
    assert "Accept" in new.headers["Vary"]


def test_the_urls_of_the_manifest_work(client, register):
    manifest = client.get(ROOT).json()

    for template in (manifest["view"]["url"], manifest["preview"]["url"]):
        assert client.get(template.replace("{{id}}", "orange")).status_code == 200
    for one in (*manifest["suggest"].values(), manifest["extend"]["propose_properties"]):
        assert client.get(one["service_url"] + one["service_path"]).status_code == 200
    assert "x-frame-options" not in client.get(
        manifest["preview"]["url"].replace("{{id}}", "orange")
    )


def test_openrefine_can_send_a_batch_as_a_form_or_in_the_query_string(client, register):
    batch = {"q0": {"query": "ORANGE", "type": "company", "limit": 3}, "q1": {"query": "Bakery"}}

    found = ask_old(client, batch)
    by_get = client.get(ROOT, {"queries": json.dumps(batch)}).json()

    assert found["q0"][0]["id"] == "orange"
    assert found["q0"][0]["match"]
    assert found["q0"][0]["score"] == 100
    assert found["q1"] == []
    assert by_get == {key: {"result": rows} for key, rows in found.items()}


def test_both_versions_give_the_same_candidates(client, register):
    old = ask_old(client, {"q0": {"query": "Orange Banque", "limit": 5}})["q0"]
    [new] = ask_new(client, named("Orange Banque", limit=5))

    assert old == new
    assert {one["id"] for one in new} >= {"orange-bank"}


def test_a_candidate_has_its_status_with_date_and_its_country(client, register):
    [[candidate]] = ask_new(client, named("Orange"))

    assert candidate["description"].startswith("EU AI Pact: signatory since ")
    assert candidate["description"].endswith(" · France")
    assert candidate["type"] == [{"id": "company", "name": "Company"}]


def test_candidates_are_described_in_the_readers_language(client, register):
    body = {"queries": [named("Orange")]}
    french = {"headers": {"accept-language": "fr-CH, en;q=0.5"}}

    answer = client.post(f"{ROOT}match", body, content_type="application/json", **french)

    [candidate] = answer.json()["results"][0]["candidates"]
    assert candidate["features"] == [{"id": "exact", "name": "Nom exact.", "value": True}]
    assert answer.headers["Content-Language"] == "fr"


def test_properties_work_as_in_the_match_endpoint(client, register):
    pid = [{"pid": "wikidata", "v": "Q24939060"}]
    country = [{"pid": "country", "v": "Poland"}]

    found = ask_old(
        client,
        {
            "number": {"properties": pid},
            "entity": {"properties": [{"pid": "identifier", "v": {"id": "Q24939060"}}]},
            "country": {"query": "Orange", "properties": country},
        },
    )

    assert [(one["id"], one["match"]) for one in found["number"]] == [("orange-bank", True)]
    assert found["entity"] == found["number"]
    assert {one["id"]: one["match"] for one in found["country"]}["orange"] is False


def test_a_required_property_filters_the_candidates(client, register):
    a_company("Orange Polska", country="PL")
    name = {"matchType": "name", "propertyValue": "Orange"}

    required, excluded, optional = ask_new(
        client,
        {"conditions": [name, property_is("country", "PL", required=True)]},
        {"conditions": [name, property_is("country", "FR", matchQuantifier="none")]},
        {"conditions": [name, property_is("country", "PL")]},
    )

    assert {one["id"] for one in required} <= {"orange-polska"}
    assert "orange" not in {one["id"] for one in excluded}
    assert "orange" in {one["id"] for one in optional}


def test_a_public_id_can_be_a_property(client, register):
    [found] = ask_new(client, {"conditions": [{"matchType": "id", "propertyValue": "orange-bank"}]})

    assert [(one["id"], one["match"]) for one in found] == [("orange-bank", True)]


def test_an_unknown_type_has_no_candidates(client, register):
    assert ask_old(client, {"q0": {"query": "Orange", "type": "person"}}) == {"q0": []}
    assert ask_new(client, named("Orange", type="person")) == [[]]


def test_extended_values_equal_those_of_the_downloads(client, register):
    query = {
        "ids": ["orange", "nobody"],
        "properties": [{"id": name} for name in ("status", "since", "pledge_governance", "lei")],
    }
    assert_valid(OLD, "data-extension-query", query)

    old = client.post(ROOT, {"extend": json.dumps(query)}).json()
    new = client.post(f"{ROOT}extend", query, content_type="application/json").json()

    assert_valid(OLD, "data-extension-response", old)
    assert_valid(NEW, "data-extension-response", new)
    [row] = client.get("/api/v1/companies/").json()["results"][:1]
    assert old["rows"]["orange"]["status"] == [{"str": row["status"]}]
    assert old["rows"]["orange"]["pledge_governance"] == [{"str": "partial"}]
    assert old["rows"]["orange"]["lei"] == []
    assert old["rows"]["nobody"] == {one["id"]: [] for one in query["properties"]}
    assert [row["id"] for row in new["rows"]] == ["orange", "nobody"]
    assert new["rows"][0]["properties"][0] == {"id": "status", "values": [{"str": row["status"]}]}


def test_properties_with_values_are_suggested(client, register):
    answer = client.get(f"{ROOT}extend/propose?type=company&limit=3").json()

    assert_valid(NEW, "data-extension-property-proposal", answer)
    assert_valid(OLD, "data-extension-property-proposal", answer)
    assert [one["id"] for one in answer["properties"]] == ["slug", "name", "legal_name"]


@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_suggest_service_completes_what_is_typed(client, register, version):
    def suggest(kind, query):
        answer = client.get(f"{ROOT}suggest/{kind}?{query}").json()
        plural = {"entity": "entities", "property": "properties", "type": "types"}[kind]
        assert_valid(version, f"suggest-{plural}-response", answer)
        return [one["id"] for one in answer["result"]]

    assert suggest("entity", "prefix=ora") == ["orange", "orange-bank"]
    assert suggest("entity", "prefix=ora&limit=1&offset=1") == ["orange-bank"]
    assert suggest("entity", "prefix=orange-bank") == ["orange-bank"]
    assert suggest("entity", "prefix=zzz") == []
    assert suggest("property", "prefix=wiki") == ["wikidata"]
    assert suggest("type", "prefix=") == ["company"]


def test_an_empty_register_returns_no_candidates(client, db):
    assert ask_old(client, {"q0": {"query": "Orange"}}) == {"q0": []}
    assert ask_new(client, named("Orange")) == [[]]
    assert client.get(f"{ROOT}extend/propose?type=company").json()["properties"] == []
    assert client.get(f"{ROOT}suggest/entity?prefix=ora").json() == {"result": []}


def test_the_preview_is_the_embed_card_of_the_company(client, register):
    answer = client.get(f"{ROOT}preview?id=orange")

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/embed/companies/orange/")
    assert client.get(f"{ROOT}preview?id=nobody").status_code == 400


def test_cors_is_allowed_for_batches(client):
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    allowed = client.options(f"{ROOT}match", headers=asked)

    assert allowed.status_code == 204
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert client.get(ROOT).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "batch",
    [
        "{",
        "[]",
        '{"q0": []}',
        '{"q0": {}}',
        '{"q0": {"query": 5, "land": "x"}}',
        '{"q0": {"query": "a", "limit": 0}}',
        '{"q0": {"query": "a", "limit": "many"}}',
        '{"q0": {"query": "a", "limit": 1e400}}',
        '{"q0": {"query": "a", "properties": [{"pid": "ceo", "v": "b"}]}}',
        '{"q0": {"query": "a", "properties": [{"pid": "country"}]}}',
        '{"q0": {"query": "a", "properties": {"pid": "country"}}}',
        '{"q0": {"query": {"a": 1}}}',
        json.dumps({"q0": {"query": "a" * 201}}),
        json.dumps({f"q{number}": {"query": "a"} for number in range(501)}),
        '{"q0": {"query": "\\u0000"}}',
        "[" * 50_000,
    ],
    ids=lambda batch: batch[:40],
)
def test_an_invalid_batch_is_a_problem_response(client, register, batch):
    answer = client.post(ROOT, {"queries": batch})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"queries": {}},
        {"queries": [{}]},
        {"queries": [{"conditions": []}]},
        {"queries": [{"conditions": [{"matchType": "name"}]}]},
        {"queries": [{"conditions": [{"matchType": "label", "propertyValue": "a"}]}]},
        {"queries": [{"conditions": [{"matchType": ["name"], "propertyValue": "a"}]}]},
        {"queries": [{"conditions": [property_is("ceo", "a")]}]},
        {"queries": [{"conditions": [property_is("country", "FR", matchQuantifier="most")]}]},
        {"queries": [{"conditions": [property_is("country", "FR", matchQualifier="x")]}]},
        {"queries": [{"conditions": [{"matchType": "name", "propertyValue": []}]}]},
    ],
)
def test_an_unreadable_body_is_a_problem_response(client, register, body):
    for route in (f"{ROOT}match", ROOT):
        answer = client.post(route, body, content_type="application/json")

        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    ["", "extend", "extend?x=1", "suggest/entity?q=a", "suggest/entity?limit=-1", "preview"],
)
def test_an_unknown_url_below_the_service_is_a_problem_response(client, register, query):
    answer = client.get(f"{ROOT}{query}" if query else f"{ROOT}?query=a")

    assert answer.status_code in (400, 405)
    assert answer.headers["Content-Type"] == "application/problem+json"
