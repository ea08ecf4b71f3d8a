"""What Mozilla's HTTP Observatory would say of every kind of page; 100 and more is an A+."""

from http.cookies import SimpleCookie

import pytest
from django.test import Client, override_settings

from .builders import a_citation, a_company, a_pact, a_signing
from .editors import a_login
from .observatory import score
from .sharing import shared

PAGES = ["/", "/fr/", "/companies/", "/companies/acme/", "/absent/", "/commitments/", "/pacts/"]
PAGES += [
    "/reports/",
    "/statistics/",
    "/statistics/europe.svg",
    "/matrix/",
    "/changes/",
    "/verify/",
]
PAGES += ["/compare/", "/check/", "/corrections/", "/corrections/new/", "/data/", "/method/"]
PAGES += [
    "/about/",
    "/companies/download.csv",
    "/robots.txt",
    "/sitemap-pages.xml",
    "/healthz/live",
]
PAGES += ["/companies/acme/history/", "/companies/acme/badge/", "/companies/acme/cite.txt"]
PAGES += ["/embed/"]
REFUSED = ["/nothing/", "/companies/?colour=red", "/companies/?q=%00", "/companies/nobody/"]
# For scripts and pages of other hosts: no policy keeps those out, which is worth 10.
OPEN = ["/api/v1/", "/api/v1/companies/", "/api/v1/docs/", "/api/v1/schema/", "/api/v1/nothing/"]
OPEN += ["/changes/feed.atom", "/companies/acme/badge.svg"]
# For frames of other sites, which costs 20 and nothing else: they hold no form, script or cookie.
FRAMED = ["/embed/count/", "/embed/chart/", "/embed/matrix/", "/embed/companies/acme/"]
ADMIN = ["/admin/", "/admin/companies/company/", "/admin/companies/company/add/"]
ADMIN += ["/admin/companies/importrun/queue/", "/admin/password_change/"]
IN_PRODUCTION = override_settings(
    SECURE_HSTS_SECONDS=31_536_000,
    SECURE_HSTS_INCLUDE_SUBDOMAINS=True,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    SESSION_COOKIE_SECURE=True,
    CSRF_COOKIE_SECURE=True,
)


def one_of_each():
    a_pact()
    a_citation(signing=a_signing(a_company("Acme")))


register = shared(one_of_each)


def scored(client, url):
    with IN_PRODUCTION:
        response = client.get(url, secure=True)
    html = "" if response.streaming else response.content.decode(errors="replace")
    return score(response.headers, response.cookies.values(), html)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("urls", "least"), [(PAGES, 130), (REFUSED, 130), (OPEN, 120), (FRAMED, 80)]
)
def test_public_pages_get_the_observatory_grade_a_plus(register, urls, least):
    client = Client(raise_request_exception=False)

    assert {url: score for url in urls if (score := scored(client, url)) < least} == {}


@pytest.mark.django_db
def test_the_admin_and_its_login_get_the_observatory_grade_a_plus(register):
    editor = a_login()

    assert scored(Client(), "/admin/login/") >= 130
    assert {url: score for url in ADMIN if (score := scored(editor, url)) < 130} == {}


GOOD = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@pytest.mark.parametrize(
    ("change", "cookie", "html", "expected"),
    [
        ({}, "", "", 130),
        ({"Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'"}, "", "", 125),
        ({"Content-Security-Policy": "default-src 'none'"}, "", "", 80),
        ({"Content-Security-Policy": ""}, "", "", 55),
        ({"Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}, "", "", 60),
        ({"Content-Security-Policy": "script-src 'self'; style-src 'unsafe-eval'"}, "", "", 60),
        ({"Strict-Transport-Security": "max-age=60"}, "", "", 120),
        ({"Strict-Transport-Security": ""}, "", "", 80),
        ({"Referrer-Policy": "unsafe-url"}, "", "", 120),
        ({"Cross-Origin-Resource-Policy": "cross-origin"}, "", "", 120),
        ({"X-Content-Type-Options": ""}, "", "", 125),
        ({"Access-Control-Allow-Credentials": "true"}, "", "", 50),
        ({}, "__Host-sessionid=a; Secure; HttpOnly; SameSite=Lax; Path=/", "", 135),
        ({}, "sessionid=a; HttpOnly; SameSite=Lax", "", 60),
        ({}, "sessionid=a; Secure; SameSite=Lax", "", 70),
        ({}, "csrftoken=a; Secure", "", 80),
        ({}, "", '<script src="/a.js"></script>', 130),
        ({}, "", '<script src="/a.js" integrity="sha256-a"></script>', 135),
        ({}, "", '<script src="//cdn.example/a.js"></script>', 50),
    ],
)
def test_the_observatory_score_follows_the_published_rules(change, cookie, html, expected):
    assert score(GOOD | change, SimpleCookie(cookie).values(), html) == expected
