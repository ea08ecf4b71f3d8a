"""Hostile requests: none gets a 500, and every response has the security headers."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory

from pactwatch.guards import Application
from tests.builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing
from tests.hostile.sending import SECURITY
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]
PROBLEM = "application/problem+json"
FORM_TYPE = "application/x-www-form-urlencoded"
API = (
    "",
    "companies/",
    "companies/acme/",
    "pacts/",
    "pacts/eu-ai-pact/",
    "commitments/",
    "commitments/eu-ai-pact/governance/",
    "signings/",
    "signings/acme/eu-ai-pact/2024-10-09/",
    "pledges/",
    "pledges/acme/eu-ai-pact/governance/",
    "sources/",
    "milestones/",
    "statistics/",
    "schema/",
    "docs/",
    "nothing/",
)
API_ADDRESSES = [f"/api/v1/{path}" for path in API]
PAGES = ("/", "/fr/", "/companies/", "/fr/companies/", "/companies/acme/", "/absent/", "/pacts/")
PAGES += ("/pacts/eu-ai-pact/", "/commitments/", "/commitments/governance/", "/statistics/")
PAGES += ("/reports/", "/reports/report-clock.csv", "/statistics/europe.svg")
PAGES += ("/statistics/europe.png", "/statistics/europe.csv", "/compare/", "/check/", "/verify/")
PAGES += ("/matrix/", "/matrix/download.csv", "/matrix/download.json")
PAGES += ("/corrections/", "/corrections/new/", "/corrections/PW-7K3M-Q9XD/", "/check/kept/x")
PAGES += ("/companies/download.csv", "/companies/download.xlsx", "/companies/download.json")
PAGES += ("/companies/acme/badge/", "/companies/acme/badge.svg", "/companies/acme/badge.json")
PAGES += ("/companies/acme/cite.txt", "/companies/acme/cite.bib", "/companies/acme/cite.json")
PAGES += ("/companies/acme/history/", "/companies/acme/feed.atom", "/companies/acme/feed.json")
PAGES += ("/changes/", "/changes/feed.atom", "/changes/feed.json")
PAGES += ("/method/", "/data/", "/about/", "/robots.txt", "/sitemap.xml", "/nothing/")
LOGIN = "/admin/login/"


def one_of_each():
    a_commitment("governance")
    company = a_company("Acme")
    a_citation(signing=a_signing(company))
    a_pledge(company, commitment=a_pact().commitments.get())


register = shared(one_of_each, history=True)


@pytest.fixture
def browser():
    return Client(raise_request_exception=False)


def checked(response, address):
    """`response`, after the checks that hold for every hostile request."""
    assert response.status_code < 500, (address, response.status_code)
    if address.startswith("/api/") and response.status_code >= 400:
        assert response.headers["Content-Type"] == PROBLEM, (address, response.status_code)
        assert response.json()["status"] == response.status_code
    if address.startswith("/api/"):
        assert not response.cookies, address
    return response


@pytest.mark.parametrize("address", [LOGIN, "/companies/", "/api/v1/companies/", "/nothing/"])
@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=rot13",
        "application/x-www-form-urlencoded; charset=nonsense",
        "application/json; charset=utf-7",
        "multipart/form-data; boundary=x; charset=idna",
    ],
)
def test_a_body_in_an_encoding_other_than_utf_8_is_refused(browser, address, content_type):
    response = browser.generic("POST", address, b"username=+AGE-&a=\xff", content_type=content_type)

    assert checked(response, address).status_code == 400


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", '"utf-8"'])
def test_a_form_in_utf_8_is_read(browser, encoding):
    response = browser.generic(
        "POST",
        LOGIN,
        b"username=a&password=b",
        content_type=f"application/x-www-form-urlencoded; charset={encoding}",
    )

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [("/api/v1/companies/", 405), ("/api/v1/nothing/", 404), (LOGIN, 200)],
)
def test_a_hostile_json_body_never_changes_the_response(browser, address, status):
    for body in (b"[" * 20_000, b"\xff\xfe", b'"\\u0000"', b"\0", b""):
        response = browser.generic("POST", address, body, content_type="application/json")
        assert checked(response, address).status_code == status


@pytest.mark.parametrize("length", ["junk", "-1", "1e3", "²", "0x5", "5 5", "1.0", "9" * 5_000])
@pytest.mark.parametrize("address", [LOGIN, "/check/", "/corrections/new/", "/api/v1/companies/"])
def test_a_content_length_that_is_no_number_is_refused(browser, address, length):
    response = browser.post(address, {"names": "Acme"}, CONTENT_LENGTH=length)

    assert checked(response, address).status_code == 400


@pytest.mark.database
@pytest.mark.parametrize(
    "address",
    [
        "/companies/?q=a%00b",
        "/companies/?%00=a",
        "/companies/%00/",
        "/fr/companies/a%00/",
        "/api/v1/companies/?q=%00",
        "/api/v1/companies/%00/",
        "/api/v1/%00",
        "/admin/login/?next=%00",
        "/admin/%00/",
        "/%00",
    ],
)
def test_a_nul_byte_in_a_url_is_refused(browser, address):
    assert checked(browser.get(address), address).status_code == 400


def test_a_nul_byte_in_the_login_form_is_a_form_error(browser):
    response = browser.post(LOGIN, {"username": "a\0b", "password": "c\0d"})

    assert response.status_code == 200


@pytest.mark.database
@pytest.mark.parametrize(
    "form",
    [
        {"names": "Acme", "choice-0": "\0"},
        {"names": "Acme", "choice-0": "\0", "keep": "1"},
        {"names": "Acme\0", "keep": "1"},
        {"names": "\0", "keep": "1"},
        {"names": "Acme", "keep": "\0"},
        {"names": "Acme", "download": "\0"},
        {"names": "Acme", "\0": "1"},
    ],
)
def test_a_nul_byte_in_a_list_to_check_is_never_a_500(browser, form):
    response = browser.post("/check/", form, follow=True)

    assert response.status_code in (200, 400)


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "A B"])
@pytest.mark.parametrize("address", ["/", "/nothing/", "/healthz", "/robots.txt", LOGIN, "/check/"])
def test_an_unknown_method_is_refused_everywhere(browser, address, method):
    response = browser.generic(method, address)

    taken = "GET, HEAD, POST" if address == LOGIN else "GET, HEAD, OPTIONS, POST"
    assert response.status_code == 405
    assert response.headers["Allow"] == taken


@pytest.mark.parametrize("address", [LOGIN, "/fr/admin/", "/admin/companies/company/"])
def test_options_is_not_answered_like_get_in_the_admin(browser, address):
    assert browser.options(address).status_code == 405


def test_the_api_answers_a_wrong_method_with_a_problem_that_lists_the_allowed_ones(browser):
    response = checked(browser.generic("TRACE", "/api/v1/companies/"), "/api/v1/companies/")

    assert response.status_code == 405


@pytest.mark.parametrize("address", ["/", "/companies/", "/changes/", "/healthz", "/sitemap.xml"])
def test_a_page_without_a_form_answers_post_with_405(browser, address):
    assert browser.post(address).status_code == 405


class SlowBody:
    """A body of which nothing more arrives until the sender is let go."""

    def __init__(self):
        self.asked, self.go = Event(), Event()

    def read(self, _size):
        self.asked.set()
        assert self.go.wait(10)
        return b"names=Acme"


def asked(method="POST", **environ):
    started = []
    environ = RequestFactory().generic(method, "/healthz/live", b"names=Acme").environ | environ
    Application()(environ, lambda status, _headers: started.append(status))
    return started[0]


@pytest.fixture
def connection_kept():
    """The test's own, which a request that no test client sends would close."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_slow_request_bodies_do_not_block_other_requests(connection_kept):
    bodies = [SlowBody(), SlowBody()]
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(asked, **{"wsgi.input": body}) for body in bodies]
        try:
            assert all(body.asked.wait(10) for body in bodies)
            assert asked("GET") == "200 OK"
            assert asked("POST") == "503 Service Unavailable"
        finally:
            for body in bodies:
                body.go.set()
        assert {one.result() for one in slow} == {"403 Forbidden"}
    assert asked("POST") == "403 Forbidden"  # without a token


def test_a_body_larger_than_any_form_is_not_read(connection_kept):
    assert asked(CONTENT_LENGTH="9" * 12) == "413 Request Entity Too Large"


def test_a_body_that_does_not_arrive_is_refused(connection_kept):
    class Broken:
        def read(self, _size):
            raise ConnectionResetError

    assert asked(**{"wsgi.input": Broken()}) == "400 Bad Request"


@pytest.mark.parametrize(("address", "content_type"), [("/", "text/plain"), ("/api/v1/", PROBLEM)])
def test_an_unknown_host_name_is_refused(browser, address, content_type):
    response = browser.get(address, headers={"host": "evil.example"})

    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith(content_type)


@pytest.mark.parametrize(
    "accept", ["a/b; charset*=bogus''x", "a/b; x*" + "9" * 5000 + "=q; x*0*=b"]
)
def test_a_malformed_accept_header_is_refused(browser, accept):
    response = browser.get("/api/v1/companies/", headers={"accept": accept})

    assert checked(response, "/api/v1/companies/").status_code == 400


@pytest.mark.parametrize(
    "content_type",
    [
        "a/b; charset*=bogus''x",
        "a/b; charset=idna",
        "a/b; charset=punycode",
        "a/b; charset=undefined",
        "a/b; charset=rot13",
        "a/b; charset=hex",
        "a/b; charset=mbcs",
        "a/b; charset=\0",
    ],
)
@pytest.mark.parametrize("query", ["", "a=%ff", "a=b&" * 2_600])
def test_a_malformed_content_type_is_refused(content_type, query, connection_kept):
    started = []
    environ = RequestFactory().get("/api/v1/").environ
    environ |= {"CONTENT_TYPE": content_type, "wsgi.input": io.BytesIO(), "QUERY_STRING": query}

    Application()(environ, lambda status, headers: started.append((status, dict(headers))))

    ((status, headers),) = started
    assert status == "400 Bad Request"
    assert headers["Content-Type"] == PROBLEM
    assert headers.keys() >= SECURITY


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/companies/",
        "/api/v1/companies/",
        "/admin/login/",
        "/admin/",
        "/nothing/",
        "/api/v1/nothing/",
        "/api/v1/companies/?colour=red",
        "/companies/?q=%00",
        "/companies",
        "/static/nothing.css",
    ],
)
@pytest.mark.parametrize("host", ["testserver", "evil.example"])
def test_every_response_has_the_security_headers(browser, address, host):
    response = browser.get(address, headers={"host": host})

    assert response.headers.keys() >= SECURITY
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "address", ["/api/v1/companies/", "/api/v1/companies/?colour=red", "/changes/feed.json"]
)
def test_the_policy_of_json_allows_nothing(client, address):
    policy = client.get(address).headers["Content-Security-Policy"]

    assert policy == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    assert "style-src 'self'" in client.get("/api/v1/docs/").headers["Content-Security-Policy"]


def test_a_304_has_the_security_headers(client):
    etag = client.get("/api/v1/companies/").headers["ETag"]

    response = client.get("/api/v1/companies/", headers={"if-none-match": etag})

    assert response.status_code == 304
    assert response.headers.keys() >= SECURITY


def test_a_500_has_the_security_headers_and_does_not_show_its_cause(browser, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr("companies.queries.CompanyFilter.page_of_keys", broken)
    response = browser.get("/api/v1/companies/")

    assert response.status_code == 500
    assert response.headers.keys() >= SECURITY
    assert response.headers["Content-Type"] == PROBLEM
    assert b"secret" not in response.content


def test_responses_over_https_have_hsts(client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    client = Client(raise_request_exception=False)

    for address in ("/", "/api/v1/", "/nothing/", "/?q=%00"):
        assert (
            "max-age=31536000"
            in client.get(address, secure=True).headers["Strict-Transport-Security"]
        )


def test_the_api_sets_no_cookie_even_in_reply_to_stale_ones(client):
    client.cookies.load({"sessionid": "gone", "csrftoken": "junk"})

    assert not client.get("/api/v1/companies/").cookies


def test_http_redirects_to_https_on_the_configured_host(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_SSL_HOST = "register.example.org"
    client = Client(raise_request_exception=False)

    response = client.get("/companies/?q=a", headers={"host": "evil.example"})

    assert response.status_code == 301
    assert response.headers["Location"] == "https://register.example.org/companies/?q=a"
    assert response.headers.keys() >= SECURITY


def test_the_api_allows_cross_origin_requests_without_credentials(client):
    response = client.get("/api/v1/companies/", headers={"origin": "https://news.example"})

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    assert not response.cookies


def test_a_preflight_request_is_answered(client):
    response = client.options(
        "/api/v1/companies/",
        headers={
            "origin": "https://news.example",
            "access-control-request-method": "GET",
            "access-control-request-headers": "if-none-match",
        },
    )

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]
    assert response.headers["Access-Control-Max-Age"] == "86400"


def test_options_lists_the_allowed_methods(client):
    response = client.options("/api/v1/companies/")

    assert (response.status_code, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_pages_do_not_allow_cross_origin_requests(client):
    response = client.get("/about/")

    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_admin_pages_are_not_stored_by_caches(client):
    assert "no-store" in client.get(LOGIN).headers["Cache-Control"]
