"""What search engines see of each page, and that hostile text in the data stays text."""

import datetime
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from companies.models import Citation, Company, CompanyName, Milestone, Pact, Signing, Source
from companies.pages import urls
from companies.register.history import unit_of_work
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_correction,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from tests.sharing import read_once

pytestmark = [pytest.mark.django_db, pytest.mark.history]

# Arguments of the URLs that have any.
ARGUMENTS = {
    "company": ["acme"],
    "company-history": ["acme"],
    "commitment": ["governance"],
    "pact": ["eu-ai-pact"],
    "badge": ["acme"],
    "correction": ["PW-2345-678N"],
}
LINKED_DATA = "application/ld+json"
# Cards stand in pages of other sites, a confirmation opens by its link alone, the form for alerts
# and the page of a webhook are for no search engine, and a release is a folder:
# tests/test_releases.py has one.
NAMES = [
    page.name
    for page in urls.urlpatterns
    if str(page.pattern)[-1:] in ("", "/")
    and not (page.name or "").startswith(
        ("embed-", "alert", "subscription", "correction-confirm", "correction-untold")
    )
    and page.name != "release"
]
VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "text", "rect", "line"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Document(HTMLParser):
    """The elements of a page in their order, each with its own text."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.open and self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    @property
    def title(self) -> str:
        """The page’s own; drawings have titles too."""
        return self.all("title")[0].text

    def all(self, tag: str, **attributes: str) -> list[Element]:
        return [
            element
            for element in self.elements
            if element.tag == tag and attributes.items() <= element.attributes.items()
        ]

    def one(self, tag: str, **attributes: str) -> Element:
        (element,) = self.all(tag, **attributes)
        return element


def parsed(page: str) -> Document:
    document = Document()
    document.feed(page)
    return document


def address(name: str, language: str = "en") -> str:
    with override(language):
        return reverse(name, args=ARGUMENTS.get(name, []))


@unit_of_work()  # told once, so in half the time
def a_register() -> None:
    """A row of every kind that pages show."""
    a_correction(receipt=ARGUMENTS["correction"][0])
    pact = a_pact(summary_en="Voluntary pledges.", summary_fr="Engagements volontaires.")
    company = a_company("Acme", country="FR", sector=a_sector(), website="https://acme.example")
    a_citation(signing=a_signing(company, pact=pact), quote="Acme")
    a_citation(signing=a_signing(a_company("Nemo"), "not_signed", pact=pact), quote="not Nemo")
    pledge = a_pledge(
        company,
        commitment=a_commitment("governance", text="Govern", text_basis="verbatim"),
        implementation="full",
        implementation_basis="self_reported",
    )
    a_citation(pledge=pledge, quote="we did")
    Milestone.objects.create(
        date=timezone.localdate() + datetime.timedelta(days=30),
        topic="ai_pact",
        title_en="Next",
        title_fr="Suite",
        source=a_source(),
    )


EACH = [(name, language) for name in NAMES for language in ("en", "fr")]


def every_page():
    """The answer of each page in each language, parsed."""
    a_register()
    client = Client()
    answers = {each: client.get(address(*each)) for each in EACH}
    return {each: (answer, parsed(answer.text)) for each, answer in answers.items()}


pages = read_once(every_page)


@pytest.mark.parametrize(("name", "language"), EACH)
def test_a_page_has_one_title_one_heading_and_a_description(pages, name, language):
    response, document = pages[name, language]

    assert response.status_code == 200
    assert document.one("html").attributes["lang"] == response["Content-Language"] == language
    assert len(document.all("h1")) == 1
    assert document.one("h1").text.strip()
    assert "PactWatch" in document.title
    assert len(document.one("meta", name="description").attributes["content"]) > 15
    assert document.one("meta", property="og:title").attributes["content"]
    shared = {
        one.attributes["property"] for one in document.all("meta") if "property" in one.attributes
    }
    assert {"og:description", "og:image", "og:image:alt", "og:url"} <= shared
    assert len(document.one("meta", property="og:image:alt").attributes["content"]) > 60
    assert document.one("meta", name="twitter:card").attributes["content"] == "summary_large_image"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("what", ["title", "description"])
def test_no_two_pages_share_a_title_or_a_description(pages, what, language):
    said: dict[str, str] = {}
    for name in NAMES:
        document = pages[name, language][1]
        if what == "title":
            said[name] = document.title
        else:
            said[name] = document.one("meta", name="description").attributes["content"]

    assert len(set(said.values())) == len(said), said


@pytest.mark.parametrize(("name", "language"), EACH)
def test_a_page_links_to_its_canonical_url_and_its_translations(pages, name, language):
    document = pages[name, language][1]
    alternates = {
        link.attributes["hreflang"]: link.attributes["href"]
        for link in document.all("link", rel="alternate")
        if "hreflang" in link.attributes
    }
    both = {code: f"http://testserver{address(name, code)}" for code in ("en", "fr")}

    assert alternates == both | {"x-default": both["en"]}
    assert document.one("link", rel="canonical").attributes["href"] == both[language]


@pytest.mark.parametrize("path", ["/absent/", "/statistics/", "/companies/", "/commitments/"])
@pytest.mark.parametrize(
    ("query", "canonical"),
    [("?pact=gpai-code", "?pact=gpai-code"), ("?pact=eu-ai-pact", "")],
)
def test_the_canonical_url_keeps_the_pact_unless_it_is_the_default(client, path, query, canonical):
    a_pact()
    a_signing(pact=a_pact("gpai-code"))

    document = parsed(client.get(path + query).text)

    link = document.one("link", rel="canonical").attributes["href"]
    assert link == f"http://testserver{path}{canonical}"
    french = document.one("link", rel="alternate", hreflang="fr").attributes["href"]
    assert french == f"http://testserver/fr{path}{canonical}"
    other = document.one("a", **{"class": "language"}).attributes["href"]
    assert other == f"/fr{path}{query}"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_sets_no_cookie_and_loads_nothing_from_other_sites(pages, name):
    response, document = pages[name, "en"]

    assert not response.cookies
    loaded = [
        element.attributes.get("src") or element.attributes.get("href", "")
        for element in document.elements
        if element.tag in ("script", "img", "iframe", "audio", "video", "source")
        or (element.tag == "link" and element.attributes["rel"] in ("stylesheet", "icon"))
    ]
    own = ("/static/", "/companies/acme/badge.svg")
    assert all(url.startswith(own) for url in loaded if url), loaded
    inline = [script for script in document.all("script") if "src" not in script.attributes]
    assert inline == document.all("script", type=LINKED_DATA)
    assert not [e for e in document.elements if "style" in e.attributes or e.tag == "style"]


@pytest.mark.parametrize(("name", "kind"), [("company", "Organization"), ("data", "Dataset")])
def test_the_json_ld_of_a_page_is_valid(pages, name, kind):
    block = pages[name, "en"][1].one("script", type=LINKED_DATA)

    data = json.loads(block.text)
    assert (data["@context"], data["@type"]) == ("https://schema.org", kind)
    assert data["url"] == f"http://testserver{address(name)}"


# Hostile text in the data, saved without the forms, which refuse some of it.

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e{{ 7 }}"
HOSTILE_LINK = "javascript:alert(1)"


def own_script(script: Element) -> bool:
    return script.attributes.get("src", "").startswith("/static/")


def poison() -> None:
    """Save hostile text and links in every field that pages show."""
    a_register()
    text = {"name_en": HOSTILE, "name_fr": HOSTILE, "summary_en": HOSTILE, "summary_fr": HOSTILE}
    Pact.objects.update(**text, issuer=HOSTILE, url=HOSTILE_LINK)
    company = Company.objects.get(slug="acme")
    CompanyName.objects.create(company=company, name="Acme Group", kind="alias")
    CompanyName.objects.update(name=HOSTILE)
    Company.objects.filter(pk=company.pk).update(
        name=HOSTILE,
        legal_name=HOSTILE,
        description=HOSTILE,
        website=HOSTILE_LINK,
        profile_url=HOSTILE_LINK,
    )
    Company.objects.filter(slug="nemo").update(name=f"{HOSTILE}2")
    company.sector._meta.model.objects.update(label_en=HOSTILE, label_fr=HOSTILE)
    Signing.objects.update(reason_en=HOSTILE, reason_fr=HOSTILE)
    Milestone.objects.update(title_en=HOSTILE, title_fr=HOSTILE)
    Source.objects.update(title=HOSTILE, publisher=HOSTILE, archived_url=HOSTILE_LINK)
    for source in Source.objects.all():
        Source.objects.filter(pk=source.pk).update(url=f"{HOSTILE_LINK}//{source.pk}")
    Citation.objects.update(quote=HOSTILE)
    for pledge in company.pledges.all():
        type(pledge).objects.update(note_en=HOSTILE, note_fr=HOSTILE)
        pledge.commitment._meta.model.objects.update(
            title_en=HOSTILE, title_fr=HOSTILE, text=HOSTILE, ai_act_article=HOSTILE[:100]
        )


PROGRAMS_READ = ("/sitemap-companies.xml", "/sitemap-pages.xml", "/llms.txt")


def poisoned_pages():
    """Each page with hostile text, parsed, and the answers of two files."""
    poison()
    client = Client()
    pages = {each: parsed(client.get(address(*each)).text) for each in EACH}
    return pages | {path: client.get(path).text for path in PROGRAMS_READ}


poisoned = read_once(poisoned_pages)


@pytest.mark.parametrize(("name", "language"), EACH)
def test_hostile_text_is_escaped(poisoned, name, language):
    document = poisoned[name, language]

    for script in document.all("script"):
        if own_script(script):
            assert not script.text
        else:
            assert script.attributes == {"type": LINKED_DATA}
            json.loads(script.text)
    for element in document.elements:
        assert element.tag != "img" or "onerror" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        assert not element.attributes.get("href", "").startswith("javascript:")


@pytest.mark.parametrize("name", ["companies", "company", "absent", "commitment", "pact"])
def test_hostile_text_is_shown_on_the_page(poisoned, name):
    """Otherwise the test above would pass on an empty page."""
    assert "alert(1)" in poisoned[name, "en"].one("main").text


@pytest.mark.parametrize("name", ["companies", "company", "absent", "commitment"])
def test_a_bidi_override_in_a_name_does_not_reach_the_text_after_it(poisoned, name):
    document = poisoned[name, "en"]

    links = [
        element.text for element in document.all("bdi") if element.text.startswith("</script>")
    ]
    assert links


@pytest.mark.parametrize("path", PROGRAMS_READ)
def test_hostile_text_does_not_reach_the_sitemap_or_llms_txt(poisoned, path):
    assert "alert(1)" not in poisoned[path]
