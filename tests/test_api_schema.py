"""The OpenAPI document, and responses that match it."""

import io
import json

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from companies.models import CompanyIdentifier, CompanyName, Milestone
from companies.queries import CompanyFilter
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
from tests.sharing import read_once

pytestmark = [pytest.mark.django_db, pytest.mark.history]
EMPTY = ("/api/v1/companies/bare/", "/api/v1/statistics/?pact=bare")
FULL = (
    "/api/v1/",
    "/api/v1/companies/",
    "/api/v1/companies/acme/",
    "/api/v1/companies/acme/history/",
    "/api/v1/changes/",
    "/api/v1/pacts/",
    "/api/v1/pacts/eu-ai-pact/",
    "/api/v1/commitments/",
    "/api/v1/commitments/eu-ai-pact/governance/",
    "/api/v1/signings/",
    "/api/v1/signings/acme/eu-ai-pact/2024-10-09/",
    "/api/v1/pledges/",
    "/api/v1/pledges/acme/eu-ai-pact/governance/",
    "/api/v1/sources/",
    "/api/v1/sources/list/",
    "/api/v1/milestones/",
    "/api/v1/milestones/2024-09-25/first/",
    "/api/v1/statistics/",
)


document = read_once(lambda: Client().get("/api/v1/schema/?format=json").json())


def a_full_register():
    source = a_source("list")
    commitment = a_commitment("governance", source=source)
    company = a_company("Acme", country="FR", sector=a_sector(), parent=a_company("Group"))
    a_company("Bare")
    bare = a_pact("bare", report_after_months=None, listed_total=None, listed_total_on=None)
    a_signing(company, "interested", pact=bare)
    CompanyName.objects.create(company=company, name="ACME", kind="alias")
    CompanyIdentifier.objects.create(company=company, scheme="wikidata", value="Q1")
    a_citation(signing=a_signing(company), source=source)
    a_citation(pledge=a_pledge(company, commitment=commitment), source=source)
    company.reports.create(pact=a_pact(), period=1)
    Milestone.objects.create(
        date="2024-09-25", topic="ai_pact", title_en="First", title_fr="Premier", source=source
    )


def every_answer():
    a_full_register()
    client = Client()
    return {url: client.get(url) for url in (*FULL, *EMPTY)}


answers = read_once(every_answer)


def schema_of(document, url, status="200"):
    """The JSON schema of the response to `url`."""
    path = url.partition("?")[0]
    for name, item in document["paths"].items():
        parts, given = name.split("/"), path.split("/")
        if len(parts) == len(given) and all(
            p.startswith("{") or p == g for p, g in zip(parts, given, strict=True)
        ):
            (content,) = item["get"]["responses"][status]["content"].values()
            return {**content["schema"], "components": document["components"]}
    raise AssertionError(url)


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_document_is_generated_without_warnings():
    written = io.StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)

    assert yaml.safe_load(written.getvalue())["info"]["title"] == "PactWatch API"


def test_yaml_and_json_have_the_same_content(client, document):
    as_yaml = client.get("/api/v1/schema/")

    assert as_yaml.headers["Content-Type"].startswith("application/vnd.oai.openapi")
    assert yaml.safe_load(as_yaml.content) == document
    assert yaml.safe_load(client.get("/api/v1/schema/?format=yaml").content) == document


@pytest.mark.parametrize("query", ["format=xml", "format=json&format=yaml", "lang=fr"])
def test_an_unknown_format_or_parameter_is_refused(client, query):
    assert client.get(f"/api/v1/schema/?{query}").status_code == 400


@pytest.mark.parametrize("url", [*FULL, *EMPTY])
def test_a_response_matches_its_schema(answers, document, url):
    response = answers[url]

    assert response.status_code == 200
    faults = Draft202012Validator(schema_of(document, url)).iter_errors(response.json())
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


@pytest.mark.parametrize("url", FULL)
def test_a_response_has_no_field_outside_its_schema(answers, document, url):
    strict = json.loads(json.dumps(schema_of(document, url)))
    for schema in strict["components"]["schemas"].values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False

    faults = Draft202012Validator(strict).iter_errors(answers[url].json())

    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


@pytest.mark.parametrize(("query", "status"), [("colour=red", "400"), ("page=99", "404")])
def test_an_error_matches_its_schema(client, document, query, status):
    a_pact()
    url = f"/api/v1/companies/?{query}"

    body = client.get(url).json()

    Draft202012Validator(schema_of(document, url, status)).validate(body)


def test_every_operation_has_its_errors_and_every_parameter_a_description(document):
    operations = [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    for path, method, operation in operations:
        told = {"200", "400", "404", "406"} | ({"304"} if method == "get" else set())
        assert told <= operation["responses"].keys(), path
        assert operation["summary"], path
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])


def test_every_filter_of_companies_is_a_parameter(document):
    parameters = document["paths"]["/api/v1/companies/"]["get"]["parameters"]

    names = {parameter["name"] for parameter in parameters}
    assert names == {*CompanyFilter.base_filters, "cursor", "fields", "include", "facets"}
