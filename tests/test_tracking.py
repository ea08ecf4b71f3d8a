"""Addresses as others share them: what they added is ignored, and nothing else."""

import pytest

from companies.queries.parameters import StrictFilter
from pactwatch.tracking import FAMILIES, FRESHENERS, TRACKING, without_tracking
from tests.builders import a_company, a_signing

pytestmark = pytest.mark.django_db
SHARED = (
    *("utm_source=newsletter&utm_medium=email&utm_campaign=x", "fbclid=IwAR0x", "gclid=x"),
    *("mc_cid=1&mc_eid=2", "ref=example.org", "ref_src=twsrc%5Etfw", "igshid=1", "si=1"),
    *("dclid=1&gbraid=2&wbraid=3", "msclkid=4", "UTM_Source=x", "utm%5Fsource=x", "FBCLID=x"),
    *("utm_source=a&utm_source=b", "utm_source", "&amp;utm_medium=x", "at_campaign=x&wt.mc_id=3"),
)
PAGES = ("/", "/fr/", "/companies/", "/companies/acme/", "/fr/companies/acme/", "/verify/")
PAGES += ("/companies/acme/badge.svg", "/companies/acme/badge.json", "/companies/acme/badge/")
PAGES += ("/changes/", "/changes/feed.atom", "/changes/feed.json", "/companies/acme/feed.atom")
PAGES += ("/companies/download.csv", "/statistics/", "/statistics/europe.svg", "/compare/")
PAGES += ("/matrix/", "/matrix/download.csv")
PAGES += ("/absent/", "/reports/", "/corrections/", "/corrections/new/", "/check/", "/sitemap.xml")


@pytest.fixture(autouse=True)
def company(db):
    company = a_company("Acme")
    a_signing(company)
    return company


@pytest.mark.parametrize("page", PAGES)
def test_a_url_with_tracking_parameters_shows_the_page(client, page):
    assert client.get(f"{page}?utm_source=newsletter&fbclid=x").status_code == 200


@pytest.mark.parametrize("query", SHARED)
def test_tracking_parameters_are_ignored(client, query):
    shared = client.get(f"/companies/acme/?{query}")

    assert shared.status_code == 200
    assert shared.content == client.get("/companies/acme/").content


@pytest.mark.history
def test_a_url_with_tracking_parameters_shares_the_cached_response(
    client, django_assert_num_queries
):
    client.get("/companies/?status=signed")

    with django_assert_num_queries(1):  # the register's version
        assert client.get("/companies/?utm_source=x&status=signed&gclid=y").status_code == 200


def test_no_link_on_a_page_repeats_a_tracking_parameter(client):
    assert b"fbclid" not in client.get("/companies/?status=signed&fbclid=x").content


def test_other_parameters_beside_a_tracking_parameter_still_apply(client):
    page = client.get("/companies/?utm_source=x&status=withdrawn&ref=y")

    assert b"Acme" not in page.content
    assert without_tracking("q=a%26utm_source&utm_source=x&q=b+c") == "q=a%26utm_source&q=b+c"


def test_an_unknown_parameter_is_still_refused(client):
    for query in ("colour=red", "utm=x", "reference=x", "sir=1", "v=2"):
        assert client.get(f"/companies/acme/?{query}").status_code == 400, query


@pytest.mark.parametrize("query", ["v=2", "t=1700000000", "_=1", "ts=1", "cachebuster=3"])
def test_a_badge_or_chart_accepts_a_cache_busting_parameter(client, query):
    for picture in ("companies/acme/badge.svg", "companies/acme/badge.json"):
        assert client.get(f"/{picture}?{query}").status_code == 200, picture
    assert client.get(f"/statistics/europe.svg?{query}").status_code == 200


def test_the_api_refuses_tracking_parameters(client):
    for query in SHARED:
        response = client.get(f"/api/v1/companies/?{query.lstrip('&')}")
        assert response.status_code == 400, query


def test_a_redirect_drops_the_tracking_parameter(client, company):
    company.redirects.create(old_slug="acme-old")

    assert client.get("/companies/acme-old/?utm_source=x")["Location"] == "/companies/acme/"


def test_no_filter_has_the_name_of_a_tracking_parameter():
    for query in _all(StrictFilter):
        for name in query.base_filters:
            assert name not in TRACKING | FRESHENERS, name
            assert not name.startswith(FAMILIES), name


def _all(base):
    for query in base.__subclasses__():
        yield query
        yield from _all(query)
