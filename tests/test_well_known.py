"""What programs read: robots, sitemap, llms.txt, security.txt, favicon, health."""

import datetime
import json
import re
import xml.etree.ElementTree as ET
from itertools import chain

import pytest
from django.conf import settings
from django.db import Error, connection
from django.template.loader import render_to_string
from django.utils import timezone
from pytest_django.asserts import assertContains

from companies.models import Company
from companies.pages.well_known.sitemaps import (
    PAGES,
    CompanySitemap,
    SiteSitemap,
    SlugOfCompany,
)
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def sitemap(client) -> dict[str, ET.Element]:
    """The entries of all files of the sitemap by URL."""
    entries = [url for file in files(client) for url in parsed(client, file)]
    return {str(url.findtext(f"{SITEMAP}loc")): url for url in entries}


def files(client) -> list[str]:
    """The addresses of the files of the sitemap, as its index names them."""
    index = parsed(client, "/sitemap.xml")
    assert index.tag == f"{SITEMAP}sitemapindex"
    return [str(one.findtext(f"{SITEMAP}loc")) for one in index]


def parsed(client, address: str) -> ET.Element:
    return ET.fromstring(client.get(address.removeprefix(settings.SITE_URL)).content)


def alternates(entry: ET.Element) -> dict[str, str]:
    return {link.attrib["hreflang"]: link.attrib["href"] for link in entry.iter(f"{XHTML}link")}


def test_robots_txt_excludes_the_admin_and_names_the_sitemap(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /fr/admin/",
        "",
        "Sitemap: http://testserver/sitemap.xml",
    ]


def test_every_url_of_the_sitemap_works(client):
    pact = a_pact()
    code = a_pact("gpai-code")
    a_commitment("governance", pact=pact)
    a_commitment("copyright", pact=code)
    a_company("Acme")

    entries = sitemap(client)

    assert len(entries) == 2 * (len(PAGES) + 2 + 2 + 1)
    assert "http://testserver/commitments/copyright/?pact=gpai-code" in entries
    for address in entries:
        assert client.get(address.removeprefix("http://testserver")).status_code == 200, address


def test_each_url_of_the_sitemap_has_its_translations(client):
    a_company("Acme")

    entries = sitemap(client)

    both = {
        "en": "http://testserver/companies/acme/",
        "fr": "http://testserver/fr/companies/acme/",
    }
    assert [alternates(entries[address]) for address in both.values()] == [both, both]


def test_the_sitemap_uses_the_public_url_of_the_site_for_any_host(client, settings):
    settings.SITE_URL = "https://register.example.org"

    assert all(url.startswith("https://register.example.org/") for url in sitemap(client))


@pytest.mark.history
def test_the_sitemap_has_the_day_on_which_a_record_last_changed(client):
    company = a_company("Acme")
    signing = a_signing(company)
    pledge = a_pledge(company)
    for row, day in ((company, 1), (signing, 2), (pledge, 3)):
        changed_at = datetime.datetime(2026, 3, day, 12, tzinfo=datetime.UTC)
        row.history.update(history_date=changed_at)

    entry = sitemap(client)["http://testserver/companies/acme/"]

    assert entry.findtext(f"{SITEMAP}lastmod") == "2026-03-03"


def test_other_pages_of_the_sitemap_have_the_day_of_the_last_change_of_the_register(client):
    a_company("Acme")

    entry = sitemap(client)["http://testserver/fr/statistics/"]

    assert entry.findtext(f"{SITEMAP}lastmod") == timezone.localdate().isoformat()


def by_django(page: int) -> str:
    """A file of the records as Django writes it, entry by entry."""
    found = CompanySitemap()
    urls = SiteSitemap.get_urls(found, page)
    return render_to_string("sitemap.xml", {"urlset": urls})


@pytest.mark.history
@pytest.mark.database
def test_the_records_of_the_sitemap_are_written_as_django_writes_them(client, monkeypatch):
    for number in range(3):
        a_company(f"Company {number}")
    Company.history.filter(slug="company-1").delete()
    monkeypatch.setattr(SlugOfCompany, "get_absolute_url", Company.get_absolute_url, raising=False)

    response = client.get("/sitemap-companies.xml")

    assert response.text == by_django(1)
    assert response.text.count("<lastmod>") == 4
    monkeypatch.setattr(SiteSitemap, "limit", 2)
    assert client.get("/sitemap-companies.xml?p=3").text == by_django(3)


def test_a_sitemap_file_has_at_most_as_many_urls_as_the_protocol_allows(client, monkeypatch):
    monkeypatch.setattr(SiteSitemap, "limit", 5)  # and so one company stands in two files
    for number in range(6):
        a_company(f"Company {number}")
    found = [one for one in files(client) if "companies" in one]

    parts = [[url.findtext(f"{SITEMAP}loc") for url in parsed(client, file)] for file in found]

    assert found[1] == "http://testserver/sitemap-companies.xml?p=2"
    assert [len(part) for part in parts] == [5, 5, 2]
    assert sorted(chain.from_iterable(parts)) == sorted(
        f"http://testserver{before}/companies/company-{number}/"
        for number in range(6)
        for before in ("", "/fr")
    )
    assert client.get("/sitemap-companies.xml?p=4").status_code == 404
    assert client.get("/sitemap-others.xml").status_code == 404


# For each of three files the version (response cache); for the index pacts, commitments and the
# roster, which has all companies (10); for the files the first two again, lastmod, twice the
# state of the roster, companies and three histories.
SITEMAP_QUERIES = 27


@pytest.mark.parametrize("number", [2, 5])
def test_the_sitemap_takes_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, number
):
    for _ in range(number):
        a_signing()
    with django_assert_num_queries(SITEMAP_QUERIES):
        assert len(sitemap(client)) == 2 * (len(PAGES) + 1 + number)


def test_llms_txt_explains_that_an_absence_is_no_refusal(client):
    response = client.get("/llms.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assertContains(response, "It is not a refusal.")
    assertContains(response, "(http://testserver/method/)")


@pytest.mark.history
def test_every_url_in_llms_txt_works(client):
    a_signing(a_company("Acme"))
    found = re.findall(r"\(http://testserver(/[^)]*)\)", client.get("/llms.txt").text)

    asked = {path: client.get(path).status_code for path in found}
    assert {path for path, status in asked.items() if status != 200} == {"/api/v1/match/"}
    assert asked["/api/v1/match/"] == 405
    assert len(found) == len({*found}) >= 18


@pytest.mark.history
def test_the_statements_of_llms_txt_are_true(client):
    a_signing(acme := a_company("Acme"))
    a_pledge(acme)
    a_signing(bolt := a_company("Bolt"), "not_signed")
    text = client.get("/llms.txt").text

    def get(path: str, **query: str) -> str:
        answer = client.get(path, query)
        assert answer.status_code == 200, path
        return answer.content.decode()

    def names_sent(number: int) -> int:
        body = {"names": [{"name": "Example Bakery"}] * number}
        answer = client.post("/api/v1/match/", body, content_type="application/json")
        return answer.status_code

    for code in ("not_signed", "declined", "no_evidence", "first_seen"):
        assert code in text
        assert code in get("/api/v1/schema/")
    record = client.get(f"/api/v1/companies/{bolt.slug}/").json()
    for name in ("lists_without", "last_checked"):
        assert f"`{name}`" in text
        assert name in json.dumps(record)
    assert "up to 500 names" in text
    assert (names_sent(500), names_sent(501)) == (200, 400)
    assert '`"known": false`' in text
    assert "CC BY 4.0" in text
    assert "creativecommons.org/licenses/by/4.0" in client.get("/api/v1/").json()["licence"]
    assert "`download.csv` and `download.json` below it" in text
    assert client.get("/matrix/download.json").status_code == 200
    assert "two to six companies" in text
    assert "Bolt" in get("/compare/", company=bolt.slug)
    assert "`?view=recorded`" in text
    get("/changes/", view="recorded")
    assert "`feed.atom` and `feed.json` below it, with the same filters" in text
    assert "Acme" in get("/companies/feed.json", status="signed")
    assert "Bolt" not in get("/companies/feed.json", status="signed")
    log = client.get("/api/v1/changes/").json()
    assert "`next_cursor`" in text
    get("/api/v1/changes/", cursor=log["next_cursor"])
    assert [one["number"] for one in log["results"]] == sorted(
        one["number"] for one in log["results"]
    )


def test_llms_txt_of_an_empty_register_makes_no_claim_about_data(client):
    assert client.get("/llms.txt").status_code == 200


def test_security_txt_has_a_contact_and_expires_within_a_year(client, settings):
    settings.SECURITY_CONTACT = "mailto:security@example.org"

    fields = dict(
        line.split(": ", 1) for line in client.get("/.well-known/security.txt").text.splitlines()
    )

    expires = datetime.datetime.fromisoformat(fields.pop("Expires"))
    assert timezone.now() < expires < timezone.now() + datetime.timedelta(days=365)
    assert fields == {
        "Contact": "mailto:security@example.org",
        "Preferred-Languages": "en, fr",
        "Canonical": "http://testserver/.well-known/security.txt",
    }


def test_without_a_contact_there_is_no_security_txt(client, settings):
    settings.SECURITY_CONTACT = ""

    assert client.get("/.well-known/security.txt").status_code == 404


def test_favicon_ico_redirects_to_the_static_file(client):
    response = client.get("/favicon.ico")

    assert (response.status_code, response["Location"]) == (302, "/static/favicon.svg")


def test_the_liveness_check_needs_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz/live")

    assert (response.status_code, response.text) == (200, "ok\n")
    assert "ETag" not in response


def test_the_readiness_check_shows_the_version_of_the_register(client):
    a_company()
    before = client.get("/healthz/ready").json()
    a_company()

    after = client.get("/healthz/ready").json()

    assert before["status"] == after["status"] == "ok"
    assert after["version"] == before["version"] + 1


def test_the_readiness_check_fails_while_a_migration_is_missing(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'companies'")

    response = client.get("/healthz/ready")

    assert response.status_code == 503
    assert response.json()["reason"].startswith("migrations not applied:")


def test_the_readiness_check_fails_without_a_database_and_hides_its_host(client):
    def fail(*args):
        raise Error("could not connect to db.internal as pactwatch")

    with connection.execute_wrapper(fail):
        response = client.get("/healthz/ready")

    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "reason": "the database does not answer",
    }
