"""Error pages."""

import json

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error, connection
from django.test import Client, RequestFactory
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from companies.pages import errors
from tests.builders import a_pact, a_signing

pytestmark = pytest.mark.django_db
PAGES_WITH_A_PACT = ["/absent/", "/statistics/", "/reports/", "/companies/"]
PAGES = [
    *PAGES_WITH_A_PACT,
    "/matrix/",
    "/commitments/",
    "/pacts/",
    "/method/",
    "/data/",
    "/about/",
    "/",
]


@pytest.fixture(autouse=True)
def pacts(db):
    a_pact()
    a_signing(pact=a_pact("gpai-code", name_en="GPAI Code"))


@pytest.mark.parametrize("path", PAGES)
def test_an_unknown_parameter_is_refused_with_its_name(client, path):
    response = client.get(path, {"colour": "red"})

    assert response.status_code == 400
    assertTemplateUsed(response, "400.html")
    assertContains(response, "<bdi>colour</bdi>", status_code=400)
    assertContains(response, "This parameter does not exist.", status_code=400)


@pytest.mark.parametrize("path", PAGES_WITH_A_PACT)
def test_an_unknown_pact_is_refused_with_the_known_ones(client, path):
    response = client.get(path, {"pact": "none"})

    assertContains(response, "<bdi>pact</bdi>", status_code=400)
    assertContains(response, "<code>eu-ai-pact</code>, <code>gpai-code</code>", status_code=400)


def test_the_link_on_an_error_page_keeps_the_valid_parameters(client):
    response = client.get("/companies/?status=signed&colour=red&country=Mars&sort=name")

    url = "/companies/?status=signed&amp;sort=name"
    assertContains(response, f'<a class="button" href="{url}">', status_code=400)
    assert client.get(url.replace("&amp;", "&")).status_code == 200


def test_the_link_on_an_error_page_drops_a_parameter_with_a_very_long_name(client):
    response = client.get("/companies/", {"x" * 5000: "1"})

    assertContains(response, '<a class="button" href="/companies/">', status_code=400)


def test_html_in_a_parameter_is_escaped(client):
    response = client.get("/companies/", {"<script>alert(1)</script>": "\u202e", "sort": '"><b>'})

    assertContains(response, "&lt;script&gt;alert(1)&lt;/script&gt;", status_code=400)
    assertNotContains(response, "<script>", status_code=400)
    assertNotContains(response, '"><b>', status_code=400)


def test_an_error_page_below_fr_is_in_french(client):
    response = client.get("/fr/companies/?colour=red")

    assertContains(response, '<html lang="fr">', status_code=400)
    assertContains(response, 'href="/fr/companies/"', status_code=400)


@pytest.mark.parametrize(("path", "language"), [("/nowhere/", "en"), ("/fr/nowhere/", "fr")])
def test_a_404_is_in_the_language_of_its_url(client, path, language):
    response = client.get(path, headers={"accept-language": "fr" if language == "en" else "en"})

    assertContains(response, f'<html lang="{language}">', status_code=404)
    assert response["Content-Language"] == language


def test_a_404_has_a_search_form(client):
    response = client.get("/nowhere/")

    assertContains(response, "There is no page at this address.", status_code=404)
    assertContains(response, '<form class="search" action="/companies/"', status_code=404)


def test_a_404_has_no_canonical_url(client):
    response = client.get("/nowhere/")

    assertNotContains(response, 'rel="canonical"', status_code=404)
    assertNotContains(response, 'rel="alternate"', status_code=404)
    assertContains(response, 'class="language" href="/fr/"', status_code=404)


def test_a_404_shows_the_reason_of_the_view(client):
    response = client.get("/pacts/none/")

    assertContains(response, "We have no pact called “none”.", status_code=404)


def test_a_404_below_api_is_a_problem(client):
    response = client.get("/api/v1/nowhere/?a=b")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no page at this address.",
        "instance": "/api/v1/nowhere/?a=b",
        "request_id": response.headers["X-Request-Id"],
    }


@pytest.mark.parametrize(
    ("handler", "error", "status", "words"),
    [
        (errors.bad_request, SuspiciousOperation(), 400, "This request cannot be read."),
        (errors.forbidden, PermissionDenied(), 403, "You do not have access to this page."),
    ],
)
def test_a_refused_request_gets_a_page_or_below_api_a_problem(handler, error, status, words):
    page = handler(RequestFactory().get("/somewhere/"), error)
    problem = handler(RequestFactory().get("/api/v1/somewhere/"), error)

    assertContains(page, words, status_code=status)
    assert problem["Content-Type"] == "application/problem+json"
    assert json.loads(problem.content)["detail"] == words


@pytest.mark.parametrize(("path", "language"), [("/", "en"), ("/fr/", "fr")])
def test_the_page_of_a_server_error_needs_no_database(client, path, language):
    def fail(*args):
        raise Error("could not connect to db.internal")

    client.raise_request_exception = False
    with connection.execute_wrapper(fail):
        response = client.get(path)

    assertContains(response, f'<html lang="{language}">', status_code=500)
    assertContains(response, f'<a class="brand" href="{path}">', status_code=500)
    assertNotContains(response, "db.internal", status_code=500)


def test_a_server_error_below_api_is_a_problem(client):
    def fail(*args):
        raise Error("could not connect to db.internal")

    client.raise_request_exception = False
    with connection.execute_wrapper(fail):
        response = client.get("/api/v1/companies/")

    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    assert "db.internal" not in response.text


@pytest.mark.parametrize("address", ["/method/", "/companies/", "/compare/", "/api/v1/companies/"])
def test_an_error_page_lists_the_first_of_many_unknown_parameters_and_its_link_drops_all(
    client, address
):
    response = client.get(address, {f"a{number}": "" for number in range(2_400)})

    assert response.status_code == 400
    assert response.text.count("There is no such parameter.") <= 20
    assert len(response.content) < 120_000
    assert f'href="{address}"' in response.text or address.startswith("/api/")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/admin/login/", "This was not sent from a page of this site"),
        ("/fr/admin/login/", "Cet envoi ne vient pas d’une page de ce site"),
    ],
)
def test_a_form_without_the_token_of_its_page_is_refused_in_the_language_of_the_page(
    address, words
):
    response = Client(enforce_csrf_checks=True).post(address, {"a": "b"})

    assertContains(response, words, status_code=403)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_form_sent_to_a_page_of_the_api_is_refused_with_a_problem(method):
    response = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/docs/")

    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")
