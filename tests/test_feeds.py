"""Feeds of changes: valid Atom and JSON Feed, for all companies, for one, with any filter."""

import datetime
import json
import re
from xml.etree import ElementTree as ET

import pytest

from companies.models import Change, CompanyRedirect
from companies.pages.history.feed_forms import NAMESPACE, Feed, FeedEntry, atom
from companies.register.history import save
from tests.builders import a_company, a_pact, a_signing
from tests.test_seo import parsed

pytestmark = [pytest.mark.django_db, pytest.mark.history]
A = f"{{{NAMESPACE}}}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
BOTH = ("atom", "json")


def read(client, address: str) -> ET.Element:
    response = client.get(address)
    assert response.status_code == 200
    return ET.fromstring(response.content)


def link(element: ET.Element, rel: str) -> str | None:
    (found,) = [one for one in element.findall(f"{A}link") if one.get("rel") == rel] or [None]
    return None if found is None else found.get("href")


def titles(client, form: str, query: str = "", place: str = "/changes/") -> list[str]:
    if form == "json":
        return [item["title"] for item in client.get(f"{place}feed.json{query}").json()["items"]]
    return [
        e.findtext(f"{A}title") for e in read(client, f"{place}feed.atom{query}").iter(f"{A}entry")
    ]


def test_an_atom_feed_has_what_rfc_4287_requires(client):
    a_signing(a_company("Acme"))
    change = Change.objects.order_by("-number")[0]

    feed = read(client, "/changes/feed.atom?kind=status")

    assert feed.get(LANGUAGE) == "en"
    assert feed.findtext(f"{A}id") == "tag:testserver,2026:/changes/?kind=status"
    assert feed.findtext(f"{A}title") == "PactWatch: changes to the register"
    assert feed.findtext(f"{A}author/{A}name") == "PactWatch"
    assert RFC3339.fullmatch(feed.findtext(f"{A}updated"))
    assert link(feed, "self") == "http://testserver/changes/feed.atom?kind=status"
    assert link(feed, "alternate") == "http://testserver/changes/?kind=status"
    (entry,) = feed.iter(f"{A}entry")
    assert entry.findtext(f"{A}id") == f"tag:testserver,2026:change/{change.number}"
    assert entry.findtext(f"{A}title") == "Acme: signed, first named on 9 October 2024"
    assert entry.findtext(f"{A}updated") == feed.findtext(f"{A}updated")
    assert "Happened: 9\u00a0October\u00a02024." in entry.findtext(f"{A}summary")
    assert link(entry, "alternate") == "http://testserver/companies/acme/"
    assert entry.find(f"{A}category").attrib == {"term": "status", "label": "signing status"}


def test_a_json_feed_has_what_version_1_1_requires(client):
    a_signing(a_company("Acme"))
    change = Change.objects.order_by("-number")[0]

    feed = client.get("/changes/feed.json?kind=status").json()

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["language"] == "en"
    assert feed["home_page_url"] == "http://testserver/changes/?kind=status"
    assert feed["feed_url"] == "http://testserver/changes/feed.json?kind=status"
    assert "next_url" not in feed
    (item,) = feed["items"]
    assert item["id"] == f"tag:testserver,2026:change/{change.number}"
    assert item["url"] == "http://testserver/companies/acme/"
    assert item["title"] == "Acme: signed, first named on 9 October 2024"
    assert "event" in item["content_text"]
    assert RFC3339.fullmatch(item["date_published"])
    assert item["tags"] == ["status"]


@pytest.mark.parametrize(
    ("form", "media_type"), [("atom", "application/atom+xml"), ("json", "application/feed+json")]
)
@pytest.mark.parametrize("place", ["/changes/", "/companies/acme/"])
def test_a_feed_has_its_media_type_and_may_be_read_from_any_site(client, place, form, media_type):
    a_company("Acme")

    response = client.get(f"{place}feed.{form}")
    again = client.get(f"{place}feed.{form}", headers={"if-none-match": response.headers["ETag"]})

    assert response.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert again.status_code == 304
    for answer in (response, again):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("form", BOTH)
def test_editorial_changes_are_in_a_feed_only_on_request(client, form):
    company = a_company("Acme")
    company.description = "A maker of anvils."
    save(company, "test")

    assert not [title for title in titles(client, form) if "anvils" in title]
    assert [title for title in titles(client, form, "?material=all") if "anvils" in title]


@pytest.mark.parametrize("form", BOTH)
def test_a_feed_accepts_the_filters_of_the_page(client, form):
    a_signing(a_company("Acme", country="FR"))
    a_signing(a_company("Beta", country="DE"))

    assert [t.split(":")[0] for t in titles(client, form, "?kind=status&country=DE")] == ["Beta"]
    assert client.get(f"/changes/feed.{form}?colour=red").status_code == 400


@pytest.mark.parametrize("form", BOTH)
def test_a_company_has_its_own_feed_and_a_former_public_id_redirects_to_it(client, form):
    company = a_company("Acme")
    a_signing(company)
    a_signing(a_company("Beta"))
    CompanyRedirect.objects.create(old_slug="old", company=company)

    found = titles(client, form, "?kind=status", "/companies/acme/")
    moved = client.get(f"/companies/old/feed.{form}?kind=status")

    assert found == ["Acme: signed, first named on 9 October 2024"]
    assert moved.status_code == 308
    assert moved.headers["Location"] == f"/companies/acme/feed.{form}?kind=status"
    assert client.get(f"/companies/nobody/feed.{form}").status_code == 404


def test_a_feed_in_french_has_the_same_ids(client):
    a_signing(a_company("Acme"))

    english, french = (client.get(f"{start}/changes/feed.json").json() for start in ("", "/fr"))

    assert french["language"] == "fr"
    assert french["home_page_url"] == "http://testserver/fr/changes/"
    assert french["items"][0]["url"] == "http://testserver/fr/companies/acme/"
    assert [i["id"] for i in french["items"]] == [i["id"] for i in english["items"]]
    assert [i["title"] for i in french["items"]] != [i["title"] for i in english["items"]]
    assert read(client, "/fr/changes/feed.atom").get(LANGUAGE) == "fr"


def test_older_changes_are_on_the_next_page_of_a_feed(client):
    for name in ("Acme", "Beta"):
        a_signing(a_company(name))
    query = "?kind=status&page_size=1"

    first = client.get(f"/changes/feed.json{query}").json()
    address = first["next_url"].removeprefix("http://testserver")
    second = client.get(address).json()

    assert [feed["items"][0]["title"].split(":")[0] for feed in (first, second)] == ["Beta", "Acme"]
    assert "next_url" not in second
    older = link(read(client, f"/changes/feed.atom{query}"), "next")
    assert older == "http://testserver/changes/feed.atom?kind=status&page_size=1&page=2"


@pytest.mark.parametrize("form", BOTH)
def test_a_feed_without_changes_is_valid(client, form):
    assert titles(client, form) == []
    assert titles(client, form, "?kind=report") == []


def test_a_character_that_xml_forbids_does_not_break_the_feed():
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    entry = FeedEntry("tag:x,2026:1", "bell \a & <tag>", "ok", "http://x/", now, "name", "name")

    written = atom(Feed("tag:x,2026:f", "T", "en", "http://x/", "http://x/f", "", now, [entry]))

    title = ET.fromstring(written).findtext(f"{A}entry/{A}title")
    assert title == "bell \ufffd & <tag>"


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("/", "/changes/"),
        ("/fr/changes/", "/fr/changes/happened/"),
        ("/changes/?view=recorded", "/changes/"),
        ("/companies/acme/", "/companies/acme/"),
        ("/companies/acme/history/", "/companies/acme/"),
    ],
)
def test_a_page_links_to_its_feeds(client, page, place):
    a_company("Acme")
    a_pact()

    document = parsed(client.get(page).text)

    for form, media_type in (("atom", "application/atom+xml"), ("json", "application/feed+json")):
        found = document.one("link", rel="alternate", type=media_type)
        assert found.attributes["href"].partition("?")[0] == f"http://testserver{place}feed.{form}"


def test_a_filtered_page_links_to_the_feed_with_the_same_filters(client):
    a_company("Acme")

    document = parsed(client.get("/changes/?kind=status&page=1").text)

    found = document.one("link", rel="alternate", type="application/feed+json")
    assert found.attributes["href"] == "http://testserver/changes/feed.json?kind=status"


# The register's version; the changes; their companies and former slugs.
QUERIES = 4


@pytest.mark.parametrize("form", BOTH)
@pytest.mark.parametrize("number", [2, 5])
def test_a_feed_takes_the_same_number_of_queries_for_any_number_of_changes(
    client, django_assert_num_queries, number, form
):
    for _ in range(number):
        a_signing()

    with django_assert_num_queries(QUERIES):
        client.get(f"/changes/feed.{form}")


def test_a_json_feed_does_not_escape_accented_letters(client):
    a_signing(a_company("Éclair"))

    content = client.get("/changes/feed.json").content

    assert "Éclair" in content.decode()
    assert json.loads(content)


@pytest.mark.parametrize("form", BOTH)
def test_a_list_of_companies_has_a_feed_of_their_changes(client, form):
    a_signing(a_company("Acme", country="FR"))
    a_signing(a_company("Bolt", country="DE"))

    of_france = titles(client, form, "?country=FR", "/companies/")
    of_nobody = titles(client, form, "?country=PL", "/companies/")
    of_all = titles(client, form, "", "/companies/")

    assert {title.partition(":")[0] for title in of_france} == {"Acme"}
    assert of_nobody == []
    assert {title.partition(":")[0] for title in of_all} == {"Acme", "Bolt"}


def test_the_feed_of_a_list_has_what_a_company_did_under_former_public_ids(client):
    a_signing(company := a_company("Acme", country="FR"))
    company.slug = "apex"
    save(company, reason="renamed")
    CompanyRedirect.objects.create(old_slug="acme", company=company)

    assert len(titles(client, "atom", "?country=FR", "/companies/")) >= 1
    assert link(read(client, "/companies/feed.atom?country=FR&page=1"), "alternate").endswith(
        "/companies/?country=FR"
    )


def test_the_feed_of_a_list_refuses_what_the_list_refuses(client):
    a_pact()

    assert client.get("/companies/feed.atom?colour=red").status_code == 400
    assert client.get("/companies/feed.json?country=XX").status_code == 400
    assert client.get("/companies/feed.json?page=9").status_code == 404
