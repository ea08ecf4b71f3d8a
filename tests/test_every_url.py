"""What holds for every address there is, found by walking the URLs: a new one is held to it too."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver

from companies.models import Company, Signing
from companies.pages.open_data import file_urls
from companies.pages.well_known import unprefixed_urls
from tests.builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing
from tests.editors import a_login, a_user
from tests.sharing import read_once

pytestmark = [pytest.mark.django_db, pytest.mark.history]
KNOWN = {
    "<slug:slug>": "acme",
    "<slug:company>": "acme",
    "<slug:pact>": "eu-ai-pact",
    "<slug:code>": "governance",
    "<slug:since>": "2024-10-09",
    "<slug:name>": "europe",
    "<slug:date>": "2024-10-09",
    "<slug:title>": "x",
    "<str:receipt>": "PW-7K3M-Q9XD",
    "<str:token>": "nothing",
    "<str:kind>": "csv",
    "<str:which>": "page",
    "<path:content_type_id>": "1",
    "<path:url>": "x",
}
# Cards for frames of other sites; the page that offers them is no frame.
FRAMED = re.compile(r"(/fr)?/embed/.+")
PART = re.compile(r"<[^>]+>|\([^)]*\)")
# To log in, to be told how, and the words of scripts, which are the same for everybody.
OPEN = re.compile(r"/admin/(login|jsi18n|logout)/")
HTTPS = {"SECURE_HSTS_SECONDS": 31_536_000, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True}


def routes(patterns: list, start: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = start + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern.url_patterns, route)


def filled_in(route: str) -> str:
    """An address of a route, with the row that stands in the register where it has one."""
    pact = route.startswith(("pacts/", "api/v1/pacts/"))
    known = KNOWN | ({"<slug:slug>": "eu-ai-pact"} if pact else {})
    ids = {"company_id": Company, "object_id": Company, "signing_id": Signing}
    for part in PART.findall(route):
        name = part.strip("<>").rpartition(":")[2]
        row = ids[name].objects.first() if name in ids else None
        route = route.replace(part, str(row.pk) if row else known.get(part, "1"), 1)
    return f"/{route.replace('^', '').replace('$', '')}"


def addresses() -> list[str]:
    return [*dict.fromkeys(map(filled_in, routes(get_resolver().url_patterns)))]


def one_of_each() -> None:
    a_commitment("governance")
    company = a_company("Acme")
    a_citation(signing=a_signing(company))
    a_pledge(company, commitment=a_pact().commitments.get())


def of_everybody():
    """What a reader without a login gets at each address, over HTTPS as in production."""
    one_of_each()
    reader = Client(raise_request_exception=False)
    with override_settings(**HTTPS):
        return {address: reader.get(address, secure=True) for address in addresses()}


answers = read_once(of_everybody)


def test_the_tests_find_the_urls_of_pages_api_and_admin(answers):
    found = [address for address, answer in answers.items() if answer.status_code == 200]

    assert len(answers) > 200
    assert len(found) > 50
    assert {"/", "/companies/acme/", "/api/v1/companies/", "/admin/login/"} <= {*found}


def test_every_response_has_a_content_security_policy(answers):
    for address, answer in answers.items():
        policy = {
            name: values
            for name, *values in map(
                str.split, answer.headers["Content-Security-Policy"].split(";")
            )
        }
        assert policy.get("object-src", policy["default-src"]) == ["'none'"], address
        framers = policy.pop("frame-ancestors")
        assert framers == (["*"] if FRAMED.fullmatch(address) else ["'none'"]), address
        assert ("X-Frame-Options" in answer.headers) == (framers == ["'none'"]), address
        assert policy["base-uri"] == ["'none'"], address
        sources = {source for values in policy.values() for source in values}
        assert sources <= {"'self'", "'none'", "data:"}, address
        assert "unsafe" not in answer.headers["Content-Security-Policy"], address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert answer.headers["Referrer-Policy"] in (
            "no-referrer",
            "same-origin",
            "strict-origin-when-cross-origin",
        ), address


def test_every_answer_over_https_binds_browsers_to_https_for_a_year_with_subdomains(answers):
    for address, answer in answers.items():
        told = answer.headers["Strict-Transport-Security"]
        assert told == "max-age=31536000; includeSubDomains", address


def test_every_response_has_a_content_type_and_every_text_a_charset(answers):
    for address, answer in answers.items():
        body = b"".join(answer) if answer.streaming else answer.content
        kind, _, charset = answer.headers.get("Content-Type", "").partition("; charset=")
        assert kind or not body, address
        if kind.startswith("text/") or kind.endswith("xml"):
            assert charset == "utf-8", (address, kind)
        if kind.endswith(("json", "xml")) or kind.startswith("text/"):
            body.decode()


def test_every_admin_url_redirects_an_anonymous_user_to_the_login(answers):
    behind = [address for address in answers if address.startswith("/admin/")]

    assert len(behind) > 100
    for address in behind:
        if not OPEN.match(address):
            answer = answers[address]
            assert answer.status_code in (302, 404), address
            assert "/login/" in answer.headers.get("Location", "/login/"), address


def test_every_redirect_stays_on_this_site(answers):
    led = {address: answer.headers.get("Location") for address, answer in answers.items()}

    assert len([one for one in led.values() if one]) > 50
    for address, location in led.items():
        if location:
            assert re.match(r"(https://testserver)?/(?!/)", location), address


def test_every_download_has_an_ascii_file_name(answers):
    named = [answer.headers.get("Content-Disposition") for answer in answers.values()]

    assert len([one for one in named if one]) > 10
    for disposition in filter(None, named):
        assert re.fullmatch(r'(inline|attachment); filename="[a-z0-9.-]+"', disposition)


def test_the_urls_outside_pages_api_and_admin_are_exactly_the_expected_ones():
    """Besides pages, the admin and the API: files for programs, and whether the site is well."""
    both = [*unprefixed_urls.urlpatterns, *file_urls.urlpatterns]
    found = {str(pattern.pattern) for pattern in both}

    assert found == {
        *("robots.txt", "sitemap.xml", "llms.txt", "favicon.ico", ".well-known/security.txt"),
        *("names.json", "sitemap-<slug:section>.xml", "opensearch.xml"),
        *(".well-known/pactwatch-keys.json", "data/<str:name>", "data/chain-head.json"),
        *("data/catalog.ttl", "data/catalog.jsonld", "data/releases/index.json"),
        "data/releases/<slug:name>/<path:file>",
        *("healthz", "healthz/live", "healthz/ready", "metrics"),
    }


def test_no_public_url_sets_a_cookie(answers):
    for address, answer in answers.items():
        assert not answer.cookies or address.startswith("/admin/"), address


WRITES = ("INSERT", "UPDATE", "DELETE")


def test_a_get_request_to_an_admin_screen_changes_nothing():
    """The screens behind which something is decided, and those that delete or restore a row."""
    one_of_each()
    own = [
        filled_in(route)
        for model, screen in admin.site._registry.items()
        for route in routes(screen.urls, f"admin/companies/{model._meta.model_name}/")
        if model._meta.app_label == "companies"
        and (not re.search(r"<path:object_id>|/(add/)?$", route) or model is Company)
    ]
    browser = a_login("root")
    browser.get("/admin/")

    with CaptureQueriesContext(connection) as sent:
        found = [browser.get(address).status_code for address in own]

    # At least those of the company; others are there where their first row has its number.
    assert found.count(200) > 8
    written = [query["sql"] for query in sent if query["sql"].startswith(WRITES)]
    assert [sql for sql in written if "django_session" not in sql] == []


def test_a_user_without_permissions_sees_nothing_of_the_register():
    one_of_each()
    nobody = Client(raise_request_exception=False)
    nobody.force_login(a_user("nobody"))
    inner = re.compile(r"/(add|delete|history|history/1)/$")  # the same code for every table
    own = [one for one in addresses() if one.startswith("/admin/companies/")]
    own = [one for one in own if "/company/" in one or not inner.search(one)]

    assert len(own) > 60
    for address in own:
        answer = nobody.get(address)
        assert answer.status_code in (302, 403, 404), address
        assert "Acme" not in answer.text, address


def exempt(patterns: list, start: str = "") -> Iterator[str]:
    """The routes that take a form without Django's token."""
    for pattern in patterns:
        route = start + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from exempt(pattern.url_patterns, route)
        elif getattr(pattern.callback, "csrf_exempt", False):
            yield route


def test_only_public_forms_and_the_api_are_csrf_exempt():
    found = set(exempt(get_resolver().url_patterns))

    assert {route for route in found if not route.startswith("api/v1/")} == {
        "alerts/",
        "alerts/<str:token>/",
        "alerts/<str:token>/stop/",
        "check/",
        "check/kept/<str:token>/alerts",
        "check/kept/<str:token>",
        "check/kept/<str:token>/webhook",
        "webhooks/",
        "webhooks/<str:token>/",
        "corrections/new/",
        "corrections/<str:receipt>/confirm/<str:code>/",
        "corrections/<str:receipt>/untold/<str:code>/",
    }


def test_an_admin_form_without_its_csrf_token_is_refused():
    company = a_company("Acme")
    editor = Client(enforce_csrf_checks=True)
    editor.force_login(a_user(is_superuser=True))

    for address in ("/admin/companies/company/{}/delete/", "/admin/logout/", "/admin/login/"):
        assert editor.post(address.format(company.pk), {"post": "yes"}).status_code == 403
    assert Company.objects.exists()


def test_logging_out_clears_the_browser_cache_of_admin_screens():
    editor = a_login("root")

    during, out = editor.get("/admin/"), editor.post("/admin/logout/")

    assert "Clear-Site-Data" not in during.headers
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert editor.get("/admin/").status_code == 302


# The same for everybody, whatever stands behind the question mark.
FIXED = {
    *("/healthz", "/healthz/live", "/healthz/ready"),
    *("/robots.txt", "/llms.txt", "/sitemap.xml", "/opensearch.xml"),
}


@pytest.mark.parametrize("query", ["nonsense=1", "as_of=2024-13-99"])
def test_every_public_page_refuses_an_unknown_parameter_and_a_day_that_does_not_exist(
    answers, query
):
    one_of_each()
    reader = Client(raise_request_exception=False)
    shown = [
        address
        for address, answer in answers.items()
        if answer.status_code == 200 and not address.startswith("/admin/")
    ]

    found = {address: reader.get(f"{address}?{query}").status_code for address in shown}

    assert len(shown) > 50
    assert {one for one, status in found.items() if status not in (400, 404)} == FIXED
