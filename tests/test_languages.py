"""The languages of the site: those of the settings, each page with links to the others."""

import re
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.utils.translation import override
from openpyxl import load_workbook

from companies.models import Signing

from .builders import a_citation, a_commitment, a_company, a_pact, a_signing, a_source

pytestmark = pytest.mark.django_db

THREE = [("en", "English"), ("fr", "Français"), ("de", "Deutsch")]


GERMAN = {
    "Skip to main content": "Zum Inhalt springen",
    "Corrections": "Korrekturen",
    "Check suppliers": "Lieferanten prüfen",
    "Signed": "Unterzeichnet",
    "What it proves": "Was sie belegt",
}


@pytest.fixture
def german(settings, tmp_path):
    """A third language: one line in the settings, and one catalogue."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = Catalog(locale="de")
    for english, translated in GERMAN.items():
        catalogue.add(english, translated)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LANGUAGES = THREE
    settings.LOCALE_PATHS = [tmp_path, *settings.LOCALE_PATHS]


@pytest.fixture
def meta():
    """A record whose own words are in English, French and Italian."""
    a_pact()
    a_commitment("ai-literacy", title_en="AI literacy", title_fr="Maîtrise de l’IA")
    signing = a_signing(a_company("Meta", country="IT"), reason_fr="Elle attend la loi.")
    a_citation(signing=signing, source=a_source(), quote="Meta ha firmato")


def links(response, attribute="href"):
    return set(re.findall(rf'{attribute}="([^"]*)"', response.content.decode()))


def test_a_page_links_to_its_translation(client):
    a_pact()
    a_company("Acme")

    assert "/fr/companies/acme/" in links(client.get("/companies/acme/"))
    assert "/companies/acme/" in links(client.get("/fr/companies/acme/"))


def test_a_third_language_needs_one_line_in_the_settings(client, settings):
    settings.LANGUAGES = THREE
    a_pact()
    a_company("Acme", country="DE")

    page = client.get("/de/companies/acme/")

    assert page.status_code == 200
    assert '<html lang="de">' in page.content.decode()
    assert "Deutschland" in page.content.decode()
    assert {"/companies/acme/", "/fr/companies/acme/"} <= links(page)
    assert {"en", "fr", "de", "x-default"} <= links(page, "hreflang")


def test_one_catalogue_is_enough_to_read_the_interface_in_a_third_language(client, german, meta):
    page = client.get("/de/companies/meta/").content.decode()

    assert "Zum Inhalt springen" in page
    assert "Unterzeichnet" in page
    assert "Italien" in page
    assert '<meta property="og:locale" content="de_DE">' in page
    assert '<meta property="og:locale:alternate" content="fr_FR">' in page


def test_in_a_third_language_register_texts_fall_back_to_english_and_quotes_stay(
    client, german, meta
):
    page = client.get("/de/companies/meta/").content.decode()

    assert "EU AI Pact" in page
    assert "AI literacy" in client.get("/de/commitments/").content.decode()
    assert "Meta ha firmato" in page
    assert "Elle attend la loi." in page  # in the one language there is


@pytest.mark.parametrize(
    "path",
    [
        *("", "companies/", "absent/", "changes/", "check/", "commitments/", "compare/"),
        *("corrections/", "corrections/new/", "data/", "matrix/", "method/", "pacts/"),
        *("pacts/eu-ai-pact/", "reports/", "statistics/", "verify/?company=meta", "privacy/"),
        *(
            "companies/meta/history/",
            "companies/meta/badge/",
            "companies/meta/feed.atom",
            "admin/login/",
        ),
    ],
)
def test_every_page_works_in_a_third_language(client, german, meta, path):
    page = client.get(f"/de/{path}")

    assert page.status_code == 200
    assert 'lang="de"' in page.content.decode()


def test_a_download_is_formatted_for_a_third_language(client, german, meta):
    assert "slug;name" in client.get("/de/companies/download.csv").getvalue().decode()
    workbook = load_workbook(BytesIO(client.get("/de/companies/download.xlsx").getvalue()))
    cover = [cell for row in workbook.worksheets[0].values for cell in row]
    assert {"Was sie belegt", "What it proves", "Ce qu’il prouve"} <= {*cover}


def test_the_sitemap_has_a_page_in_every_language(client, settings):
    settings.LANGUAGES = THREE

    sitemap = client.get("/sitemap-pages.xml").content.decode()

    assert "<loc>http://testserver/de/method/</loc>" in sitemap
    assert sitemap.count('hreflang="de" href="http://testserver/de/method/"') == 3


def test_a_404_links_the_home_page_of_the_other_language(client):
    assert "/fr/" in links(client.get("/nowhere/"))


def test_a_stored_text_without_a_column_in_the_language_is_shown_in_english():
    with override("de"):
        assert a_pact().name == "EU AI Pact"


def test_a_reason_in_one_language_is_shown_to_all_with_its_language():
    signing = Signing(reason_fr="Elle attend la loi.")

    assert (signing.reason, signing.reason_language) == ("Elle attend la loi.", "fr")


def test_a_reason_in_both_languages_is_shown_in_the_active_one():
    signing = Signing(reason_en="It waits.", reason_fr="Elle attend.")

    with override("fr"):
        assert (signing.reason, signing.reason_language) == ("Elle attend.", "fr")


def test_an_english_summary_is_not_shown_on_a_french_page():
    with override("fr"):
        assert a_pact(summary_en="Voluntary pledges.").summary == ""
