"""Errors of the API, as application/problem+json."""

import json

import pytest
from rest_framework.decorators import api_view, parser_classes
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from companies.api.parsers import StrictJSONParser
from companies.api.urls import urlpatterns
from tests.builders import a_pact

pytestmark = pytest.mark.django_db
LIST = "/api/v1/companies/"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def pact(db):
    return a_pact()


def test_a_bad_query_lists_each_parameter_with_reason_and_valid_values(client):
    response = client.get(f"{LIST}?colour=red&size=huge")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == PROBLEM
    body = response.json()
    assert body["title"] == "Bad Request"
    assert body["instance"] == f"{LIST}?colour=red&size=huge"
    assert body["type"].startswith("http://testserver/api/v1/docs/")
    unknown, size = body["errors"]
    assert unknown["parameter"] == "colour"
    assert "country" in unknown["valid"]
    assert size["parameter"] == "size"
    assert size["valid"] == ["micro", "sme", "large", "unknown"]


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=%C2%B2",
        "page=1e999",
        "page=1_0",
        "page=%2B1",
        "page=%D9%A3",
        "page=" + "9" * 5000,
        "page=99999999999999999999",
        "page_size=101",
        "page_size=0",
        "page=1&page=2",
        "sort=shoe",
        "sort=name&sort=name",
        "country=XX",
        "status=refused",
        "pact=none",
        "q=" + "a" * 201,
        "format=xml",
        "nothing=",
    ],
)
def test_an_invalid_value_is_refused(client, query):
    response = client.get(f"{LIST}?{query}")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == PROBLEM
    assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("day", ["99999-01-01", "0000-01-01", "2024-02-30", "10/09/2024", "now"])
def test_a_day_that_is_no_iso_date_is_refused(client, day):
    assert client.get("/api/v1/signings/", {"on": day}).status_code == 400


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_is_read_only(client, method):
    response = getattr(client, method)(LIST, "{}", content_type="application/json")

    assert response.status_code == 405
    assert response.headers["Content-Type"] == PROBLEM
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_client_that_does_not_accept_json_gets_406(client):
    response = client.get(LIST, headers={"accept": "text/html"})

    assert response.status_code == 406
    assert response.headers["Content-Type"] == PROBLEM
    assert client.get(LIST, headers={"accept": "text/html, */*;q=0.1"}).status_code == 200


def test_a_cached_response_is_406_for_a_client_that_does_not_accept_json(client):
    assert client.get(LIST).status_code == 200

    assert client.get(LIST, headers={"accept": "text/html"}).status_code == 406


def test_parameters_of_accept_are_ignored(client):
    indented = client.get(LIST, headers={"accept": "application/json; indent=8; charset=latin-1"})

    assert indented.headers["Content-Type"] == "application/json"
    assert indented.content == client.get(LIST).content
    assert b"\n" not in indented.content


def test_only_the_matching_endpoints_read_a_request_body():
    views = {route.name: getattr(route.callback, "cls", None) for route in urlpatterns}
    readers = {name for name, view in views.items() if getattr(view, "parser_classes", ())}

    assert {name.partition("-")[0] for name in readers} == {"match", "reconcile"}


class UnreadBody:
    """A body that fails the test if anything reads it."""

    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("path", ["", "companies/", "companies/acme/", "schema/", "docs/"])
def test_a_post_is_answered_with_405_without_reading_its_body(client, path):
    response = client.generic(
        "POST",
        f"/api/v1/{path}",
        b"[" * 20_000,
        content_type="application/json",
        **{"wsgi.input": UnreadBody()},
    )

    assert response.status_code == 405
    assert response.headers["Content-Type"] == PROBLEM


@api_view(["POST"])
@parser_classes([StrictJSONParser])
def echo(request):
    return Response(request.data)


def posted(body, content_type="application/json"):
    request = APIRequestFactory().generic("POST", "/api/v1/", body, content_type=content_type)
    response = echo(request)
    if hasattr(response, "render"):
        response.render()
    return response


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "nested too deeply"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'"\\ud800"', "surrogate"),
        (b'"a\\u0000b"', "NUL"),
        (b"NaN", "not JSON: NaN"),
        (b"9" * 5000, "not JSON"),
    ],
)
def test_the_parser_refuses_json_that_a_database_cannot_store(body, reason):
    response = posted(body)

    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM
    assert reason in json.loads(response.content)["detail"]


def test_the_parser_reads_json():
    assert posted('{"name": "Été", "backslash": "\\\\u0000"}'.encode()).data == {
        "name": "Été",
        "backslash": "\\u0000",
    }


def test_the_parser_refuses_another_media_type():
    response = posted(b"a=b", "text/plain")

    assert response.status_code == 415
    assert response["Content-Type"] == PROBLEM


@pytest.mark.parametrize("query", ["q=%FF%FE", "q=caf%E9", "q=%C0%80", "%FF=1", "q=%ED%A0%80"])
def test_a_query_that_is_not_utf_8_is_refused_and_not_answered_with_an_empty_list(client, query):
    answer = client.get(f"/api/v1/companies/?{query}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "The query is not in UTF-8."
