"""What the API answers when it cannot answer."""

import pytest
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from tests.builders import a_pact

pytestmark = pytest.mark.django_db
LIST = "/api/v1/companies/"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def pact(db):
    return a_pact()


def test_a_bad_query_says_which_parameter_why_and_what_is_valid(client):
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
def test_a_value_that_cannot_be_used_is_refused(client, query):
    response = client.get(f"{LIST}?{query}")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == PROBLEM
    assert response.json()["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("day", ["99999-01-01", "0000-01-01", "2024-02-30", "10/09/2024", "now"])
def test_a_day_is_a_day_as_iso_writes_it(client, day):
    assert client.get("/api/v1/signings/", {"on": day}).status_code == 400


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_only_reads(client, method):
    response = getattr(client, method)(LIST, "{}", content_type="application/json")

    assert response.status_code == 405
    assert response.headers["Content-Type"] == PROBLEM
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_only_json_can_be_had(client):
    response = client.get(LIST, headers={"accept": "text/html"})

    assert response.status_code == 406
    assert response.headers["Content-Type"] == PROBLEM
    assert client.get(LIST, headers={"accept": "text/html, */*;q=0.1"}).status_code == 200


def test_an_answer_once_kept_is_still_refused_to_who_cannot_take_it(client):
    assert client.get(LIST).status_code == 200

    assert client.get(LIST, headers={"accept": "text/html"}).status_code == 406


def test_what_accept_adds_changes_nothing(client):
    indented = client.get(LIST, headers={"accept": "application/json; indent=8; charset=latin-1"})

    assert indented.headers["Content-Type"] == "application/json"
    assert indented.content == client.get(LIST).content
    assert b"\n" not in indented.content


@api_view(["POST"])
def echo(request):
    return Response(request.data)


def posted(body, content_type="application/json"):
    request = APIRequestFactory().generic("POST", "/api/v1/", body, content_type=content_type)
    response = echo(request)
    if hasattr(response, "render"):
        response.render()
    return response


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 20_000 + b"]" * 20_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"{",
        b"\xff\xfe",
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'"a\\u0000b"',
        b"NaN",
        b"1e999 2",
        b"9" * 5000,
    ],
)
def test_a_body_that_is_not_json_a_database_can_hold_is_refused(body):
    response = posted(body)

    assert response.status_code == 400
    assert response["Content-Type"] == PROBLEM


def test_a_body_in_json_is_read():
    assert posted('{"name": "Été", "backslash": "\\\\u0000"}'.encode()).data == {
        "name": "Été",
        "backslash": "\\u0000",
    }


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "a"])
def test_a_body_in_another_form_is_refused(content_type):
    response = posted(b"a=b", content_type)

    assert response.status_code == 415
    assert response["Content-Type"] == PROBLEM
