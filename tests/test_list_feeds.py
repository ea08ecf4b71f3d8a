"""The feed of each list: what is in it, and that strict readers take it."""

import datetime
import json
import re
from io import StringIO
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from companies.models import Change, Company, CompanyRedirect, Milestone, ProgressReport, Signing
from companies.pages.history.feed_forms import NAMESPACE
from companies.queries.events import newest_changes
from companies.register.history import save
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_milestone,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
    stored,
)
from tests.reader_client import forget_answers
from tests.sharing import shared
from tests.test_cached_reads import scans_in, sorts_in
from tests.test_seo import parsed

pytestmark = [pytest.mark.django_db, pytest.mark.history]
A = f"{{{NAMESPACE}}}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FULL = {"implementation": "full", "implementation_basis": "self_reported"}
# The path of each feed without its form, and the page that offers it.
FEEDS = {
    "/changes/feed": "/changes/?view=recorded",
    "/changes/happened/feed": "/changes/",
    "/companies/feed": "/companies/",
    "/companies/acme/feed": "/companies/acme/",
    "/absent/feed": "/absent/",
    "/left/feed": "/left/",
    "/reports/feed": "/reports/",
    "/commitments/feed": "/commitments/",
    "/commitments/governance/feed": "/commitments/governance/",
    "/matrix/feed": "/matrix/",
    "/data/releases/feed": "/data/releases/",
}


def build():
    """Acme signed and reported, Bolt is not on the list, Cask left."""
    pact = a_pact(report_after_months=12)
    acme, bolt, cask = (a_company(name, country="FR") for name in ("Acme", "Bolt", "Cask"))
    signed = a_signing(acme)
    a_citation(signing=signed, source=a_source("first-list"))
    a_pledge(acme, **FULL)
    stored(
        ProgressReport(
            company=acme, pact=pact, period="2025", published_on=datetime.date(2025, 9, 1),
            url="https://acme.example/report",
        )
    )  # fmt: skip
    a_signing(bolt, "not_signed")
    a_signing(cask, until=datetime.date(2025, 5, 1))
    a_signing(cask, "removed", since=datetime.date(2025, 5, 1))
    a_milestone("Pact opened", pact=pact, topic=Milestone.Topic.AI_PACT)


_rows = shared(build, history=True)


@pytest.fixture
def register():
    return [Company.objects.get(slug=slug) for slug in ("acme", "bolt", "cask")]


@pytest.fixture(autouse=True)
def released(request, settings, tmp_path):
    """A release, where a test is about releases: it takes longer than all the rest."""
    settings.RELEASES_DIR = tmp_path
    if "releases" in request.node.name:
        request.getfixturevalue("register")
        call_command("release", stdout=StringIO())


def titles(client, path: str) -> list[str]:
    place, _mark, query = path.partition("?")
    response = client.get(f"{place}.json?{query}")
    assert response.status_code == 200, response.content
    return [item["title"] for item in response.json()["items"]]


def faults_of_atom(content: bytes) -> list[str]:
    """What RFC 4287 requires of a feed and its entries (4.1.1, 4.1.2), and is not so."""
    root = ET.fromstring(content)
    found = [] if root.tag == f"{A}feed" else ["no feed"]
    authored = root.find(f"{A}author/{A}name") is not None
    for one in (root, *root.iter(f"{A}entry")):
        found += [
            f"{one.tag} has {len(one.findall(A + name))} {name}"
            for name in ("id", "title", "updated")
            if len(one.findall(A + name)) != 1
        ]
        found += [] if authored or one.find(f"{A}author") is not None else ["nobody wrote it"]
        found += [
            f"{date.text} is no instant of RFC 3339"
            for name in ("updated", "published")
            for date in one.findall(A + name)
            if not RFC3339.fullmatch(date.text)
        ]
        links = [
            (link.get("rel"), link.get("type"), link.get("hreflang"))
            for link in one.findall(f"{A}link")
        ]
        found += ["two alternates of a kind"] if len(links) != len({*links}) else []
        found += [
            f"{link.get('href')} is no absolute IRI"
            for link in one.findall(f"{A}link")
            if not urlsplit(link.get("href", "")).netloc
        ]
        found += [] if urlsplit(one.findtext(f"{A}id")).scheme else ["an id that is no IRI"]
        found += ["an empty title"] if not one.findtext(f"{A}title") else []
        found += [
            f"no {name}" for name in one.findall(f"{A}category") if not name.get("term")
        ]  # fmt: skip
    ids = [one.findtext(f"{A}id") for one in root.iter(f"{A}entry")]
    return found + (["an id twice"] if len(ids) != len({*ids}) else [])


def faults_of_json_feed(feed: dict) -> list[str]:
    """What JSON Feed 1.1 requires, and is not so."""
    found = [] if feed["version"] == "https://jsonfeed.org/version/1.1" else ["the version"]
    found += [] if isinstance(feed.get("title"), str) and feed["title"] else ["no title"]
    found += [] if isinstance(feed.get("items"), list) else ["no items"]
    known = {
        *("version", "title", "language", "home_page_url", "feed_url", "next_url", "authors"),
        "items",
    }
    found += [f"unknown member {name}" for name in {*feed} - known]
    for author in feed["authors"]:
        found += [] if {*author} & {"name", "url", "avatar"} else ["an author without a name"]
    for item in feed["items"]:
        found += [] if isinstance(item.get("id"), str) else ["an id that is no string"]
        found += [] if {*item} & {"content_text", "content_html"} else ["no content"]
        found += [] if RFC3339.fullmatch(item["date_published"]) else [item["date_published"]]
        found += [] if all(isinstance(one, str) for one in item["tags"]) else ["a tag"]
    for name in ("home_page_url", "feed_url", "next_url"):
        found += [] if urlsplit(feed.get(name, "https://x/")).netloc else [f"{name} is relative"]
    ids = [item["id"] for item in feed["items"]]
    return found + (["an id twice"] if len(ids) != len({*ids}) else [])


@pytest.mark.parametrize("start", ["", "/fr"])
@pytest.mark.parametrize("path", FEEDS)
def test_every_feed_is_valid_in_both_forms(client, register, path, start):
    atom = client.get(f"{start}{path}.atom")
    in_json = client.get(f"{start}{path}.json")

    assert faults_of_atom(atom.content) == []
    assert faults_of_json_feed(in_json.json()) == []
    read = feedparser.parse(atom.content)
    assert not read.bozo
    assert read.version == "atom10"
    assert [one.id for one in read.entries] == [one["id"] for one in in_json.json()["items"]]
    assert [one.title for one in read.entries] == [one["title"] for one in in_json.json()["items"]]
    assert read.entries, "a feed of nothing proves nothing"
    assert all(one.updated_parsed and one.link and one.summary for one in read.entries)


def test_the_feed_validator_finds_a_fault():
    entry = "<entry><id>x</id><title>t</title><updated>yesterday</updated></entry>"
    bad = f'<feed xmlns="{NAMESPACE}"><id>tag:x,2026:f</id><title>t</title>{entry}{entry}</feed>'
    assert {*faults_of_atom(bad.encode())} == {
        f"{A}feed has 0 updated",
        "nobody wrote it",
        "yesterday is no instant of RFC 3339",
        "an id that is no IRI",
        "an id twice",
    }
    item = {"id": 1, "date_published": "2026", "tags": [], "url": "/"}
    feed = {"version": "1", "title": "", "items": [item], "authors": [{}], "feed_url": "/x"}
    assert len(faults_of_json_feed(feed)) == 7


def test_every_feed_url_is_covered_by_these_tests():
    names = {
        str(one.pattern)
        for one in get_resolver("companies.pages.urls").url_patterns
        if "feed." in str(one.pattern)
    }
    tried = {
        path[1:].replace("acme", "<slug:slug>").replace("governance", "<slug:code>")
        for path in FEEDS
    }
    kept = "check/kept/<str:token>/feed"  # private; its tests are those of the check
    assert names == {f"{path}.{form}" for path in {*tried, kept} for form in ("atom", "json")}


@pytest.mark.parametrize(("path", "shown"), FEEDS.items())
def test_the_page_of_a_list_links_to_its_feeds_in_its_head_and_in_its_text(
    client, register, path, shown
):
    document = parsed(client.get(shown).text)

    kinds = {"atom": "application/atom+xml", "json": "application/feed+json"}
    for form, media_type in kinds.items():
        told = document.one("link", rel="alternate", type=media_type).attributes["href"]
        assert told.startswith(f"http://testserver{path}.{form}")
        assert client.get(told).status_code == 200
    assert re.search(rf'<a href="{re.escape(path)}\.atom[^"]*">Atom</a>', client.get(shown).text)


def test_the_feed_of_a_filtered_list_has_the_filters_but_not_the_order(client, register):
    text = client.get("/companies/?country=FR&sort=-since&page_size=2&view=cards").text

    assert 'href="http://testserver/companies/feed.atom?country=FR"' in text
    assert 'href="http://testserver/absent/feed.json?state=not_asked"' in (
        client.get("/absent/?state=not_asked").text
    )


def of(titles: list[str]) -> set[str]:
    return {title.partition(":")[0] for title in titles}


def test_the_feed_of_absent_companies_has_their_changes(client, register):
    assert of(titles(client, "/absent/feed")) == {"Bolt", "Cask"}
    assert of(titles(client, "/absent/feed?state=removed")) == {"Cask"}
    a_signing(register[1], pact=a_pact("gpai-code"))
    assert not [
        one
        for one in titles(client, "/absent/feed")
        if "signed, first named" in one and "Bolt" in one
    ]


def test_the_feed_of_who_left_has_their_statuses(client, register):
    found = titles(client, "/left/feed")

    assert of(found) == {"Cask"}
    assert "no longer" in found[0]
    assert titles(client, "/left/feed?pact=eu-ai-pact") == found
    a_signing(register[0], pact=a_pact("gpai-code"))
    assert titles(client, "/left/feed?pact=gpai-code") == []


def test_the_feed_of_reports_has_new_reports(client, register):
    (title,) = titles(client, "/reports/feed")

    assert title.startswith("Acme:")
    assert titles(client, "/reports/feed?state=published") == [title]
    assert titles(client, "/reports/feed?state=none_found") == []


def test_the_feed_of_a_commitment_has_its_pledges_and_its_own_changes(client, register):
    a_commitment("other")
    pledge = a_pledge(a_company("Dune"), commitment=a_commitment("third"), **FULL)

    assert of(titles(client, "/commitments/third/feed")) >= {"Dune"}
    assert "Dune" not in of(titles(client, "/commitments/governance/feed"))
    pledge.implementation = "partial"
    save(pledge, "test")
    assert "Dune" in titles(client, "/commitments/third/feed")[0]
    assert "Dune" in titles(client, "/commitments/feed?kind=core")[0]
    assert client.get("/commitments/nosuch/feed.atom").status_code == 404


def test_the_feed_of_the_table_of_pacts_has_the_statuses_of_its_companies(client, register):
    found = titles(client, "/matrix/feed?show=left")

    assert of(found) == {"Cask"}
    assert of(titles(client, "/matrix/feed?q=Bolt")) == {"Bolt"}


def test_the_feed_of_events_has_no_absence(client, register):
    every = titles(client, "/changes/happened/feed")

    assert len(every) == 5
    assert not [one for one in every if one.startswith("Bolt")]
    assert of(titles(client, "/changes/happened/feed?event=removed")) == {"Cask"}
    (report,) = titles(client, "/changes/happened/feed?event=report")
    assert report.startswith("Acme")
    assert len(titles(client, "/changes/happened/feed?event=milestone")) == 1
    later = titles(client, "/changes/happened/feed?since=2025-05-01&until=2025-06-01")
    assert of(later) == {"Cask"}


def test_the_feed_of_the_releases_has_each_with_its_url(client, register):
    (item,) = client.get("/data/releases/feed.json").json()["items"]

    assert re.fullmatch(r"tag:testserver,2026:release/[\w.-]+", item["id"])
    assert client.get(item["url"]).status_code == 200
    assert client.get("/data/releases/feed.atom").headers["Cache-Control"] == "private, no-cache"
    assert client.get("/data/releases/feed.atom?page=2").status_code == 400


def test_an_editorial_change_is_in_no_feed_of_a_list(client, register):
    before = {path: titles(client, path) for path in FEEDS if "acme" not in path}
    acme = register[0]
    acme.description = "Makes anvils."
    save(acme, "test")

    assert {path: titles(client, path) for path in before} == before


def test_an_entry_keeps_its_id_when_the_company_is_renamed(client, register):
    def ids() -> list[str]:
        return [one["id"] for one in client.get("/left/feed.json").json()["items"]]

    before = ids()
    cask = register[2]
    cask.name = "Cask Holding"
    save(cask, "test")

    assert [one for one in ids() if one in before] == before


@pytest.mark.parametrize(
    "path",
    [
        *("/absent/feed.atom?state=nosuch", "/left/feed.json?pact=nosuch"),
        *("/reports/feed.atom?colour=red", "/commitments/feed.json?kind=nosuch"),
        *("/commitments/governance/feed.atom?colour=red", "/matrix/feed.json?show=nosuch"),
        *("/changes/happened/feed.atom?event=nosuch", "/changes/happened/feed.json?since=soon"),
        "/data/releases/feed.json?colour=red",
    ],
)
def test_a_feed_refuses_what_its_list_refuses(client, register, path):
    assert client.get(path).status_code == 400


def test_a_feed_of_a_list_is_read_page_by_page(client, register):
    first = client.get("/absent/feed.json?page_size=1").json()

    assert "next_url" not in first
    for number in range(60):
        cask = register[2]
        cask.country = ("DE", "FR")[number % 2]
        save(cask, "test")
    first = client.get("/absent/feed.json").json()
    second = client.get(first["next_url"]).json()
    assert len(first["items"]) == 50
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    assert json.dumps(second)
    assert Change.objects.count() > 60
    assert Signing.objects.exists()


# Large lists


@pytest.fixture
def many(monkeypatch):
    """Each list counts as one of many companies, and changes are looked through by twos."""
    monkeypatch.setattr(newest_changes, "FEW", 0)
    monkeypatch.setattr(newest_changes, "CHUNK", 2)


LISTS = (
    *("/companies/feed.json?status=signed", "/absent/feed.json", "/left/feed.json"),
    *("/reports/feed.json", "/matrix/feed.json?show=all"),
)


@pytest.mark.database
@pytest.mark.parametrize("path", LISTS)
def test_the_feed_of_a_large_list_has_what_that_of_a_small_one_has(
    client, register, monkeypatch, path
):
    few = client.get(path).json()
    monkeypatch.setattr(newest_changes, "FEW", 0)
    monkeypatch.setattr(newest_changes, "CHUNK", 2)
    forget_answers()

    assert client.get(path).json() == few
    assert few["items"]


@pytest.mark.database
def test_the_pages_of_the_feed_of_a_large_list_follow_one_another(client, register, many):
    acme = register[0]
    for number in range(60):
        acme.country = ("DE", "FR")[number % 2]
        save(acme, reason="moved")
    CompanyRedirect.objects.create(old_slug="acme-before", company=acme)
    whole = client.get("/companies/acme/feed.json").json()["items"]

    first = client.get("/companies/feed.json?company=acme").json()
    second = client.get("/companies/feed.json?company=acme&page=2").json()

    assert first["items"] == whole
    assert len(first["items"]) == 50
    assert first["next_url"].endswith("/companies/feed.json?company=acme&page=2")
    assert "next_url" not in second
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    assert len(second["items"]) >= 10
    missing = client.get("/companies/feed.json?company=acme&page=3")
    assert (missing.status_code, "the last one is 2" in missing.text) == (404, True)


@pytest.mark.database
@pytest.mark.parametrize("path", LISTS)
def test_the_feed_of_a_large_list_scans_no_table_and_sorts_none(client, register, many, path):
    client.get(path)
    forget_answers()
    with CaptureQueriesContext(connection) as sent:
        assert client.get(path).status_code == 200

    sql = [one["sql"] for one in sent]
    assert not {one: found for one, found in scans_in(sql).items() if found}
    changes = [one for one in sql if 'ORDER BY "companies_change"."number"' in one]
    assert changes
    assert not sorts_in(changes)
