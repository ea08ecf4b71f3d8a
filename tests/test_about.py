"""How the register is made, what its words mean and how its data may be used."""

import datetime
import json
import re

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from companies.models import Confidence, Pledge, RegisterVersion, Signing
from companies.names.letters import alphabetical
from companies.pages import definitions
from tests.builders import a_citation, a_company, a_milestone, a_pact, a_signing, a_source

pytestmark = pytest.mark.django_db


def text(response) -> str:
    """The text of a page without tags, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(
    ("choices", "meanings"),
    [
        (Signing.Status, definitions.STATUSES),
        (Signing.SinceBasis, definitions.SINCE_BASES),
        (Pledge.Basis, definitions.PLEDGE_BASES),
        (Pledge.Implementation, definitions.IMPLEMENTATIONS),
        (Pledge.ImplementationBasis, definitions.IMPLEMENTATION_BASES),
        (Confidence, definitions.CONFIDENCES),
    ],
)
def test_the_method_page_explains_every_value_of_every_code(client, choices, meanings):
    a_pact()

    response = client.get("/method/")

    assert set(meanings) == set(choices)
    for value, meaning in meanings.items():
        label = str(value.label)
        assertContains(response, label[0].upper() + label[1:])
        assertContains(response, str(meaning))


def test_the_method_page_compares_known_signatories_with_the_official_total(client):
    a_pact(listed_total=4)
    the_list = a_source(kind="official_list", published_on=datetime.date(2025, 3, 1))
    a_citation(signing=a_signing(), source=the_list)

    page = text(client.get("/method/"))

    assert "We know 1 of the more than 4 signatories the Commission counts" in page
    assert "That is about 25% at most." in page
    assert "we could read is dated 1 March 2025. It names 1 of the signatories we know." in page


def test_the_method_page_counts_the_signatories_with_a_stated_date(client):
    a_signing(since_basis=Signing.SinceBasis.STATED)
    a_signing()
    a_signing()

    assertContains(
        client.get("/method/"),
        "Of 1 signatory, among 3 known signatories (of more than 230), a source states the day",
    )


def test_the_method_page_lists_the_official_lists_newest_first(client):
    a_pact()
    for title, year in (("Old list", 2024), ("New list", 2026)):
        a_source(title=title, kind="official_list", published_on=datetime.date(year, 1, 1))
    a_source(title="Some paper", kind="press")

    page = text(client.get("/method/"))

    assert page.index("New list") < page.index("Old list")
    assert "Some paper" not in page


@pytest.mark.parametrize("path", ["/method/", "/about/"])
def test_a_contact_is_shown_when_the_setting_has_one(client, settings, path):
    a_pact()
    settings.CONTACT_EMAIL = "register@example.org"

    assertContains(client.get(path), '<a href="mailto:register@example.org">register@example.org')


@pytest.mark.parametrize("path", ["/method/", "/about/", "/data/"])
def test_no_contact_is_shown_when_the_setting_is_empty(client, settings, path):
    a_pact()
    settings.CONTACT_EMAIL = ""

    assertNotContains(client.get(path), "mailto:")


OPERATOR = {
    "OPERATOR": "Association Registre & Co",
    "OPERATOR_ADDRESS": "1 rue de la Paix, 75002 Paris",
    "OPERATOR_REGISTRATION": "RNA W751234567",
    "PUBLICATION_DIRECTOR": "Jeanne Martin",
    "HOSTING_PROVIDER": "Hoster SARL, 2 rue du Port, Lille",
    "FUNDING": "Gifts of its members.",
}


def test_the_about_page_says_who_runs_pays_for_and_is_responsible_for_the_site(client, settings):
    for name, value in OPERATOR.items():
        setattr(settings, name, value)

    page = client.get("/about/")

    for value in OPERATOR.values():
        assertContains(page, value.replace("&", "&amp;"))
    assertContains(client.get("/fr/about/"), '<p lang="en">Gifts of its members.')
    assertContains(page, 'href="/privacy/"')


def test_the_french_about_page_shows_the_funding_in_french(client, settings):
    settings.FUNDING, settings.FUNDING_FR = "Gifts.", "Des dons."

    assertContains(client.get("/fr/about/"), '<p lang="fr">Des dons.')
    assertContains(client.get("/about/"), '<p lang="en">Gifts.')


@pytest.mark.parametrize("left_out", [[*OPERATOR], *([name] for name in OPERATOR)])
def test_the_about_page_has_no_heading_for_an_empty_setting(client, settings, left_out):
    settings.CONTACT_EMAIL = ""
    for name, value in OPERATOR.items():
        setattr(settings, name, "" if name in left_out else value)

    page = client.get("/about/").text

    assert not re.search(r"<(dd|p)( [^>]*)?></", page)
    for name in left_out:
        assert OPERATOR[name].replace("&", "&amp;") not in page
    shown = {part for part in ("operator", "funding", "legal") if f'id="{part}"' in page}
    if left_out == [*OPERATOR]:
        assert shown == set()


def test_the_accessibility_statement_lists_what_was_checked_and_what_fails(client):
    page = text(client.get("/about/"))

    for said in ("What was checked:", "How:", "What was not checked:", "What falls short:"):
        assert said in page
    assert "we do not claim to conform" in page


@pytest.mark.parametrize("path", ["/method/", "/fr/method/"])
def test_the_glossary_is_sorted_alphabetically_in_the_language_of_the_reader(client, path):
    page = client.get(path).text

    glossary = page.partition('id="words"')[2].partition("</section>")[0]
    terms = re.findall(r"<dt><strong>(.*?)</strong>", glossary)
    assert len(terms) == len(definitions.WORDS)
    assert terms == sorted(terms, key=alphabetical)
    assert [value for value in Signing.Status.values if f'href="#status-{value}"' in glossary] == [
        *Signing.Status.values
    ]
    assert set(re.findall(r'href="#([a-z_-]+)"', glossary)) <= set(
        re.findall(r'id="([^"]+)"', page)
    )


def test_no_glossary_term_has_the_same_name_as_a_label_of_a_code():
    coded = [
        str(value.label).casefold()
        for meanings in (definitions.STATUSES, definitions.SINCE_BASES, definitions.CONFIDENCES)
        for value in meanings
    ]

    assert not {str(word).casefold() for word in definitions.WORDS} & set(coded)


def test_the_method_page_works_on_an_empty_register(client):
    assertContains(client.get("/method/"), "What is missing")


def test_the_data_page_has_a_sentence_of_attribution_to_copy(client):
    day = timezone.localdate()

    page = text(client.get("/data/")).replace("\u00a0", " ")

    assert "CC BY 4.0" in page
    assert f"PactWatch, http://testserver, as of {day.day} {day:%B %Y}, CC BY 4.0" in page


def test_every_api_url_on_the_data_page_works(client):
    a_pact()
    page = client.get("/data/").text

    addresses = re.findall(r'href="(/api/v1/[^"]*)"', page.split("<main")[1].split("</main>")[0])

    assert "/api/v1/companies/" in addresses
    assert {client.get(address).status_code for address in addresses} == {200}


def test_the_data_page_describes_the_dataset_in_json_ld(client):
    a_pact()
    version = RegisterVersion.objects.get()

    page = client.get("/fr/data/").text

    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    dataset = json.loads(block[1])
    assert dataset["@type"] == "Dataset"
    assert dataset["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert dataset["url"] == "http://testserver/fr/data/"
    assert dataset["inLanguage"] == "fr"
    assert dataset["version"] == str(version.number)
    assert dataset["dateModified"] == timezone.localdate().isoformat()
    urls = [one["contentUrl"] for one in dataset["distribution"]]
    assert urls[0] == "http://testserver/data/pactwatch.zip"
    assert urls[-1] == "http://testserver/api/v1/companies/"
    assert {client.get(url).status_code for url in urls} == {200}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/method/",
            "7 reports received by 3\u00a0March\u00a02026. We know of none",
        ),
        ("/fr/method/", "7 rapports reçus au 3\u00a0mars\u00a02026. Aucun n’est public"),
    ],
)
def test_the_number_of_reports_comes_from_the_newest_milestone(client, path, said):
    pact = a_pact()
    assertNotContains(client.get(path), "105")

    a_milestone("Reports", pact=pact, date=datetime.date(2026, 3, 3), reports_received=7)

    assertContains(client.get(path), said)


def test_the_data_page_shows_the_register_version_and_its_date(client):
    a_company()

    assertContains(client.get("/data/"), "Version 1, last changed on")


# Version; the pact, six for its statistics, stated days, official lists, the full lists (3),
# watched lists, the newest number of reports.
METHOD_QUERIES = 16
# Version three times (response cache, page, files), companies, computed pledges; each of 18 tables
# counted and read.
DATA_QUERIES = 5 + 18 * 2
# Version.
ABOUT_QUERIES = 1


@pytest.mark.parametrize("number", [2, 5])
@pytest.mark.parametrize(
    ("path", "queries"),
    [("/method/", METHOD_QUERIES), ("/data/", DATA_QUERIES), ("/about/", ABOUT_QUERIES)],
)
def test_the_pages_take_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, path, queries, number
):
    for _ in range(number):
        a_signing()
    with django_assert_num_queries(queries):
        assert client.get(path).status_code == 200
