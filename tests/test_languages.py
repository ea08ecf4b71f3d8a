"""The languages of the site: those of the settings, each page with links to the others."""

import re

import pytest
from django.utils.translation import override

from companies.models import Signing

from .builders import a_company, a_pact

pytestmark = pytest.mark.django_db

THREE = [("en", "English"), ("fr", "Français"), ("de", "Deutsch")]


def links(response, attribute="href"):
    return set(re.findall(rf'{attribute}="([^"]*)"', response.content.decode()))


def test_a_page_links_itself_in_the_other_language(client):
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


def test_the_sitemap_has_a_page_in_every_language(client, settings):
    settings.LANGUAGES = THREE

    sitemap = client.get("/sitemap.xml").content.decode()

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
