"""Hostile requests: none gets a 500, and every response has the security headers."""

import io
import random

import pytest
from django.test import Client, RequestFactory

from pactwatch.guards import Application
from tests.builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing
from tests.sampling import seeds
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
SECURITY = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "X-Frame-Options",
}


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
def test_a_hostile_body_is_not_read(browser, address, status):
    for body in (b"[" * 20_000, b"\xff\xfe", b'"\\u0000"', b"\0", b""):
        response = browser.generic("POST", address, body, content_type="application/json")
        assert checked(response, address).status_code == status


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

    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_the_api_says_in_a_problem_which_methods_there_are(browser):
    response = checked(browser.generic("TRACE", "/api/v1/companies/"), "/api/v1/companies/")

    assert response.status_code == 405


@pytest.mark.parametrize("address", ["/", "/companies/", "/changes/", "/healthz", "/sitemap.xml"])
def test_a_page_without_a_form_takes_no_post(browser, address):
    assert browser.post(address).status_code == 405


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


def test_a_malformed_content_type_is_refused():
    started = []
    environ = RequestFactory().get("/api/v1/").environ
    environ |= {"CONTENT_TYPE": "a/b; charset*=bogus''x", "wsgi.input": io.BytesIO()}

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
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_304_has_the_security_headers(client):
    etag = client.get("/api/v1/companies/").headers["ETag"]

    response = client.get("/api/v1/companies/", headers={"if-none-match": etag})

    assert response.status_code == 304
    assert response.headers.keys() >= SECURITY


def test_a_500_has_the_security_headers_and_does_not_show_its_cause(browser, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr("companies.queries.CompanyFilter.page_of_rows", broken)
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
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
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


HOSTILE_VALUES = [
    "",
    "%00",
    "%ff",
    "%C3%28",
    "%ED%A0%80",
    "%F0%9F%92%A9",
    "%C2%B2",
    "-1",
    "0",
    "1e999",
    "NaN",
    "9" * 30,
    "9" * 5000,
    "99999-01-01",
    "0001-01-01",
    "9999-12-31",
    "2024-10-09",
    "a" * 20_000,
    "%27%20OR%201=1--",
    "%25",
    "{{7*7}}",
    "..%2f..%2fetc%2fpasswd",
    "%0d%0aSet-Cookie:a=b",
    "%E2%80%AE",
    "signed",
    "eu-ai-pact",
    "FR",
    "xml",
]
HOSTILE_NAMES = [
    *("page", "page_size", "sort", "q", "pact", "status", "country", "region", "sector", "size"),
    *("role", "on", "company", "commitment", "kind", "audience", "topic", "basis", "format"),
    *(
        "as_of",
        "recorded_as_of",
        "view",
        "implementation_evidence",
        "report",
        "changed_since",
        "state",
        "add",
    ),
    *("show", "receipt", "since", "until", "material", "names", "message", "list"),
    *("implementation", "script", "lang", "version", "next", "%00", "%ff", "a[]", "", "__proto__"),
]
HOSTILE_HEADERS = [
    {},
    {},
    {"accept": "*/garbage"},
    {"accept": "application/json;q=nan, text/html;q=-1, a/b/c;q=;=;;"},
    {"accept": ",,,;;;"},
    {"accept": "\ud800"},
    {"accept": "a" * 10_000},
    {"accept-encoding": "gzip;q=junk, *;q=0, \xff"},
    {"accept-language": "x" * 5000},
    {"accept-language": "fr-\xff;q=9"},
    {"if-none-match": '"unclosed, W/"'},
    {"if-none-match": "*"},
    {"if-match": '"x"'},
    {"if-modified-since": "Sun, 06 Nov 99999 08:49:37 GMT"},
    {"if-modified-since": "Sun, 99 Nov 9999 99:99:99 GMT"},
    {"if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT"},
    {"range": "bytes=0-1, 9999999999999999999999-"},
    {"range": "junk"},
    {"x-http-method-override": "DELETE"},
    {"cookie": "sessionid=\xff; csrftoken=" + "x" * 9000 + "; messages=[[; django_language=%00"},
    {"cookie": "django_language=" + "a" * 600},
    {"host": "evil.example"},
    {"host": "testserver:99999999"},
    {"host": "[::1"},
    {"host": ""},
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-for": "'; DROP TABLE"},
    {"origin": "null"},
    {"referer": "http://["},
    {"authorization": "Basic !!!"},
    {"content-length": "junk"},
]
BODIES = [
    ("application/x-www-form-urlencoded", b"a=%ff&b=%00&username=%00&csrfmiddlewaretoken=%ff"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"+AGE-=+"),
    ("application/json", b"[" * 20_000),
    ("multipart/form-data", b"x"),
    (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name*=a''b\r\n\r\n",
    ),
    ("multipart/form-data; boundary=\xff", b"x"),
    ("text/plain;;;=;", b"\0"),
    ("", b""),
]


def hostile_requests(seed, number):
    chance = random.Random(seed)
    for _each in range(number):
        address = chance.choice([*API_ADDRESSES, *PAGES, LOGIN])
        if chance.random() < 0.2:
            address = f"{address}{chance.choice(HOSTILE_VALUES)}/"
        parameters = [
            f"{chance.choice(HOSTILE_NAMES)}={chance.choice(HOSTILE_VALUES)}"
            for _parameter in range(chance.choice([0, 1, 1, 2, 3]))
        ]
        if parameters and chance.random() < 0.2:
            parameters.append(parameters[0])
        if parameters and chance.random() < 0.02:
            parameters *= 600
        method = chance.choice(["GET"] * 6 + ["HEAD", "POST", "PUT", "OPTIONS", "PURGE"])
        yield method, address, "&".join(parameters), chance


@pytest.mark.database  # it refuses values by itself
@pytest.mark.parametrize("seed", seeds(1))
def test_no_hostile_request_gets_a_500(browser, seed):
    for method, path, query, chance in hostile_requests(seed, 250):
        content_type, body = chance.choice(BODIES)
        extra = {"QUERY_STRING": query} if query else {}
        response = browser.generic(
            method,
            path,
            body if method in ("POST", "PUT") else b"",
            content_type=content_type,
            headers=chance.choice(HOSTILE_HEADERS),
            **extra,
        )
        described = f"{path} {method} ?{query[:200]} {response.request.get('HTTP_HOST', '')}"
        if method == "HEAD":
            assert response.status_code < 500, described
        else:
            checked(response, described)
        assert response.headers.keys() >= SECURITY, described
