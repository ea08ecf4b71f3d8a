"""A client made from the OpenAPI document alone reads a running server into typed objects."""

import json
import urllib.request
from dataclasses import dataclass, field, make_dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]
PLAIN = {"string": str, "integer": int, "boolean": bool, "null": type(None), "number": float}


@dataclass
class Client:
    """One method for each operation, which takes its parameters and no others."""

    address: str
    document: dict[str, Any]
    classes: dict[str, type] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, schema in self.document["components"]["schemas"].items():
            if "properties" in schema:
                names = sorted(schema["properties"], key=lambda one: one not in required(schema))
                fields = [
                    one if one in required(schema) else (one, Any, field(default=None))
                    for one in names
                ]
                self.classes[name] = make_dataclass(name, fields, frozen=True)

    def call(self, operation: str, **given: Any) -> Any:
        ((path, item),) = [
            (path, item["get"])
            for path, item in self.document["paths"].items()
            if "get" in item and item["get"]["operationId"] == operation
        ]
        query = []
        for name, value in given.items():
            (one,) = [one for one in item["parameters"] if one["name"] == name]
            if one["in"] == "path":
                path = path.replace(f"{{{name}}}", quote(value, safe=""))
            elif isinstance(value, list) and not one.get("explode", True):
                query.append((name, ",".join(value)))
            else:
                query += [(name, each) for each in (value if isinstance(value, list) else [value])]
        return self.read(f"{self.address}{path}?{urlencode(query)}", item)

    def read(self, url: str, item: dict[str, Any]) -> Any:
        with urllib.request.urlopen(url) as answer:  # noqa: S310  # of the test's server
            (content,) = item["responses"]["200"]["content"].values()
            return self.typed(content["schema"], json.load(answer))

    def typed(self, schema: dict[str, Any], value: Any) -> Any:
        """The value as the schema types it; TypeError where it is something else."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.typed(self.document["components"]["schemas"][name] | {"name": name}, value)
        if choices := [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
            return self.first(choices, value)
        for part in schema.get("allOf", ()):
            return self.typed(part, value)
        if "properties" in schema:
            return self.made(schema, value)
        return self.plain(schema, value)

    def first(self, choices: list[dict[str, Any]], value: Any) -> Any:
        for schema in choices:
            try:
                return self.typed(schema, value)
            except TypeError:
                continue
        raise TypeError(value)

    def made(self, schema: dict[str, Any], value: Any) -> Any:
        if not isinstance(value, dict) or value.keys() - schema["properties"].keys():
            raise TypeError(value)
        read = {key: self.typed(schema["properties"][key], each) for key, each in value.items()}
        return self.classes[schema["name"]](**read) if "name" in schema else read

    def plain(self, schema: dict[str, Any], value: Any) -> Any:
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if "array" in kinds and isinstance(value, list):
            return [self.typed(schema.get("items", {}), each) for each in value]
        if "object" in kinds and isinstance(value, dict):
            rest = schema.get("additionalProperties") or {}
            return {
                key: self.typed(rest if rest is not True else {}, each)
                for key, each in value.items()
            }
        if ("enum" in schema and value not in schema["enum"]) or (
            kinds and type(value) not in [PLAIN[kind] for kind in kinds if kind in PLAIN]
        ):
            raise TypeError(value)
        return value


def required(schema: dict[str, Any]) -> list[str]:
    return list(schema.get("required", ()))


@pytest.fixture
def api(live_server, settings):
    settings.SITE_URL = live_server.url
    source = a_source("list")
    company = a_company("Acme", country="FR")
    a_citation(signing=a_signing(company), source=source)
    a_pledge(company, commitment=a_commitment("governance", source=source))
    a_company("Bolt", country="DE")
    a_pact("gpai-code")
    with urllib.request.urlopen(f"{live_server.url}/api/v1/schema/?format=json") as answer:  # noqa: S310
        return Client(live_server.url, json.load(answer))


def test_a_client_made_from_the_schema_reads_every_list_and_row(api):
    page = api.call("companies_list", country=["FR"], include=["names", "pledges"], page_size=5)
    (acme,) = page.results
    assert (type(acme).__name__, acme.status, acme.country) == ("Company", "signed", "FR")
    assert [type(one).__name__ for one in acme.pledges] == ["TakenOn"]
    assert acme.signings is None

    some = api.call("companies_list", fields=["slug"], cursor="*", page_size=1)
    assert type(some.results[0]).__name__ == "SomeCompanyFields"
    assert (some.results[0].slug, some.page, some.next_cursor != "") == ("acme", None, True)

    record = api.call("companies_retrieve", slug="acme")
    assert record.signings[0].citations[0].source.slug == "list"
    for name in ("pacts", "commitments", "signings", "pledges", "sources", "changes"):
        assert api.call(f"{name}_list").results, name
    assert api.call("statistics_retrieve").signatories == 1


def test_a_client_refuses_what_the_schema_does_not_have(api):
    with pytest.raises(ValueError, match="not enough values"):
        api.call("companies_list", colour="red")
    with pytest.raises(TypeError):
        api.typed({"$ref": "#/components/schemas/CompanyName"}, {"name": "x", "kind": "nickname"})
