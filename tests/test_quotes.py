"""A quote in another language than the reader's has our translation under it, and says so."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

import companies
from companies.models import Citation, Source
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source
from tests.editors import an_editor, errors, page, typed

pytestmark = pytest.mark.django_db
DATA = Path(companies.__file__).parent / "data"
ITALIAN = {
    "quote": "Acme ha firmato il patto",
    "language": "it",
    "translation_en": "Acme has signed the pact",
    "translation_fr": "Acme a signé le pacte",
}
FRENCH = {"quote": "Acme signe", "language": "fr", "translation_en": "Acme signs"}
NAME_ONLY = {"quote": "Acme"}


def rows(table):
    with (DATA / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def quoted(client, prefix, **citation):
    """How the record shows the quote: the language it is marked with, and our translation."""
    signing = a_signing(a_company("Acme"))
    a_citation(signing=signing, **citation)
    text = client.get(f"/{prefix}companies/acme/").text
    marked = re.search(r'<blockquote dir="auto"(?: lang="(\w+)")?><bdi>', text)
    under = re.search(r'<p class="translation">([^<]+)</p>', text)
    return marked and marked[1], under and under[1].replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("prefix", "citation", "marked", "under"),
    [
        ("", ITALIAN, "it", "“Acme has signed the pact” (our translation)"),
        ("fr/", ITALIAN, "it", "« Acme a signé le pacte » (notre traduction)"),
        ("", FRENCH, "fr", "“Acme signs” (our translation)"),
        ("fr/", FRENCH, None, None),
        ("fr/", NAME_ONLY, None, None),
        ("fr/", {"quote": "Acme tekent", "language": "nl"}, "nl", None),
    ],
)
def test_a_quote_is_shown_with_its_translation_in_another_language(
    client, prefix, citation, marked, under
):
    assert quoted(client, prefix, **citation) == (marked, under)


def test_the_publisher_is_named_in_the_readers_language(client):
    source = a_source(publisher="OECD", publisher_fr="OCDE")
    a_citation(signing=a_signing(a_company("Acme")), source=source)

    assert "OECD" in client.get("/companies/acme/").text
    french = client.get("/fr/companies/acme/").text
    assert "OCDE" in french
    assert "OECD" not in french


def test_a_publisher_without_a_french_name_keeps_its_own():
    assert Source(publisher="POLITICO Europe").published_by == "POLITICO Europe"


@pytest.mark.parametrize("missing", ["quote", "language"])
def test_a_translation_needs_the_quote_and_its_language(missing):
    signing = a_signing()
    citation = Citation(signing=signing, source=a_source(), **ITALIAN | {missing: ""})

    with pytest.raises(ValidationError, match="needs the quote and its language"):
        citation.full_clean()


def test_an_editor_enters_translations_with_the_status():
    client, company = an_editor(), a_company("Acme")
    a_pact()
    screen = page(company, "change-status")
    values = {
        "status": "signed",
        "since": "2025-03",
        "since_basis": "first_seen",
        "source": a_source().pk,
        "change_reason": "an article says so",
    }

    response = client.post(screen, typed(client.get(screen), **values | ITALIAN))

    assert response.status_code == 302, errors(response)
    assert Citation.objects.values(*ITALIAN).get() == ITALIAN


def test_the_api_gives_both_translations_and_the_language(client):
    a_citation(signing=a_signing(a_company("Acme")), **ITALIAN)

    [signing] = client.get("/api/v1/companies/acme/").json()["signings"]
    [citation] = signing["citations"]

    assert citation["language"] == "it"
    assert citation["translation"] == {
        "en": ITALIAN["translation_en"],
        "fr": ITALIAN["translation_fr"],
    }


# The register's own quotes


def test_each_quote_of_the_seed_register_is_translated_into_the_other_languages():
    wrong = [
        row["quote"]
        for row in rows("citations")
        for language in ("en", "fr")
        if bool(row[f"translation_{language}"]) != (row["language"] not in ("", language))
    ]
    assert wrong == []


def test_a_quote_of_the_seed_register_without_a_language_is_a_name():
    """At most eight words: the longest is the line of an official list or of a data set."""
    long = [row["quote"] for row in rows("citations") if not row["language"]]
    assert [quote for quote in long if len(quote.split()) > 8] == []


def test_each_publisher_of_the_seed_register_has_one_french_name():
    names = defaultdict(set)
    for row in rows("sources"):
        names[row["publisher"]].add(row["publisher_fr"])
    assert {name: french for name, french in names.items() if len(french) > 1} == {}
    assert names["European Commission"] == {"Commission européenne"}


def test_milestone_titles_fit_three_lines_of_a_phone():
    """No page cuts them. 110 characters are three lines of 360 pixels."""
    titles = [row[name] for row in rows("milestones") for name in ("title_en", "title_fr")]
    assert [title for title in titles if len(title) > 110 or title[0].islower()] == []
