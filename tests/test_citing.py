"""The citation of a record: its words, its files, and a URL that shows what was cited."""

import datetime
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from companies.models import CompanyRedirect
from tests.builders import a_company, a_pact, a_signing

pytestmark = [pytest.mark.django_db, pytest.mark.history]

DAY = datetime.date(2024, 10, 9)
PAST = "as_of=2024-10-20"
# What https://github.com/citation-style-language/schema requires of an item, and allows here.
REQUIRED = {"id", "type"}
ALLOWED = REQUIRED | {
    "title", "author", "container-title", "issued", "accessed", "language", "note", "URL",
    "version",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _pact():
    a_pact()


def cited(client, form, *, slug="airbus", query="", language=""):
    return client.get(f"{language}/companies/{slug}/cite.{form}?{query}")


def csl(answer):
    items = json.loads(answer.content)
    assert len(items) == 1
    return items[0]


def bibtex(answer):
    """The fields of a BibTeX entry, whose braces must balance."""
    entry = answer.content.decode()
    assert entry.count("{") == entry.count("}")
    assert re.match(r"@misc\{[^\s,{}]+,\n", entry)
    return dict(re.findall(r"^  (\w+) += \{(.*)\},$", entry, re.MULTILINE))


def test_a_citation_names_the_record_the_version_and_the_url(client):
    a_company("Airbus")

    answer = cited(client, "txt", query=PAST)

    today = timezone.localdate()
    said = answer.content.decode()
    assert said.startswith("PactWatch, “Airbus and the EU AI Pact”. Register version ")
    assert "true as of 20 October 2024. " in said
    assert said.endswith(
        f" http://testserver/companies/airbus/?as_of=2024-10-20&recorded_as_of={today}\n"
    )
    assert "\u00a0" not in said


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        ("txt", "text/plain; charset=utf-8"),
        ("bib", "application/x-bibtex; charset=utf-8"),
        ("json", "application/vnd.citationstyles.csl+json"),
    ],
)
def test_a_citation_downloads_with_its_media_type_and_a_file_name(client, form, content_type):
    a_company("Airbus")

    answer = cited(client, form)

    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == f'attachment; filename="pactwatch-airbus.{form}"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_record_shows_its_citation_and_links_to_the_files(client):
    a_company("Airbus")

    page = client.get("/companies/airbus/").content.decode()

    assert cited(client, "txt").content.decode().strip().replace("&", "&amp;") in page
    for form in ("txt", "bib", "json"):
        assert f'<a href="/companies/airbus/cite.{form}" download>' in page


def test_a_record_as_of_a_past_day_links_to_citations_of_that_day(client):
    a_company("Airbus")

    page = client.get(f"/companies/airbus/?{PAST}").content.decode()

    assert f'<a href="/companies/airbus/cite.bib?{PAST}" download>' in page


def test_the_bibtex_entry_has_the_fields_of_a_web_page(client):
    a_company("Airbus")

    fields = bibtex(cited(client, "bib"))

    today = timezone.localdate()
    assert list(fields) == ["author", "title", "year", "month", "note", "url", "urldate"]
    assert fields["author"] == "{PactWatch}"
    assert fields["title"] == "{Airbus and the EU AI Pact}"
    assert fields["urldate"] == str(today)
    assert fields["year"] == str(today.year)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("A{B}C", r"A\textbraceleft{}B\textbraceright{}C"),
        ("Bits & 50% #1_$", r"Bits \& 50\% \#1\_\$"),
        ("back\\slash~^", r"back\textbackslash{}slash\textasciitilde{}\textasciicircum{}"),
        ("Société Générale Österreich", "Société Générale Österreich"),
        ('Quotes "and", a comma', 'Quotes "and", a comma'),
    ],
)
def test_special_characters_of_a_name_are_escaped_for_bibtex(client, name, written):
    a_company(name, slug="airbus")

    fields = bibtex(cited(client, "bib"))

    assert fields["title"] == f"{{{written} and the EU AI Pact}}"
    assert set(fields) >= {"url", "urldate"}


@pytest.mark.parametrize("name", ['Quotes "and", a comma', "Société {Générale}", "<b>&</b>"])
def test_csl_json_keeps_special_characters_of_a_name(client, name):
    a_company(name, slug="airbus")

    assert csl(cited(client, "json"))["title"] == f"{name} and the EU AI Pact"


def test_csl_json_fits_its_schema(client):
    a_company("Airbus")

    item = csl(cited(client, "json"))

    today = timezone.localdate()
    assert set(item) >= REQUIRED
    assert set(item) <= ALLOWED
    assert item["type"] == "webpage"
    assert item["author"] == [{"literal": "PactWatch"}]
    assert item["issued"] == {"date-parts": [[today.year, today.month, today.day]]}
    assert item["accessed"] == item["issued"]
    assert item["language"] == "en"
    assert all(isinstance(item[name], str) for name in ("id", "title", "note", "URL", "version"))


def test_the_url_of_a_citation_shows_the_record_as_it_was_cited(client):
    company = a_company("Airbus")
    left_on = datetime.date(2025, 6, 1)
    a_signing(company, since=DAY, until=left_on)
    a_signing(company, "withdrawn", since=left_on)

    address = urlsplit(csl(cited(client, "json", query=PAST))["URL"])
    page = client.get(f"{address.path}?{address.query}").content.decode()

    assert parse_qs(address.query)["as_of"] == ["2024-10-20"]
    assert "This page shows an earlier date." in page
    assert "First seen as a signatory: 9\u00a0October\u00a02024" in page
    assert "Left, according to the company" not in page


def test_a_citation_as_recorded_in_the_past_names_no_version(client):
    a_company("Airbus")
    day = timezone.localdate() - datetime.timedelta(days=2)
    # The register of that day was empty; the record is asked for as it is recorded today.
    answer = cited(client, "json", query=f"recorded_as_of={timezone.localdate()}")
    assert "version" in csl(answer)

    assert cited(client, "json", query=f"recorded_as_of={day}").status_code == 404


def test_a_citation_is_translated_into_french(client):
    a_company("Airbus")

    item = csl(cited(client, "json", query="as_of=2024-10-01", language="/fr"))

    assert item["language"] == "fr"
    assert item["title"] == "Airbus\u00a0: Pacte européen sur l’IA"
    assert "1er octobre 2024" in item["note"]
    assert urlsplit(item["URL"]).path == "/fr/companies/airbus/"
    said = cited(client, "txt", language="/fr").content.decode()
    assert "Airbus : Pacte européen sur l’IA" in said


@pytest.mark.parametrize("form", ["txt", "bib", "json"])
@pytest.mark.parametrize(
    "query",
    ["as=2024-10-01", "as_of=yesterday", "as_of=2024-10-01%00", "as_of=9999-01-01", "colour=red"],
)
def test_a_citation_refuses_an_invalid_parameter(client, form, query):
    a_company("Airbus")

    assert cited(client, form, query=query).status_code == 400


def test_the_citation_of_a_former_public_id_redirects(client):
    CompanyRedirect.objects.create(old_slug="eads", company=a_company("Airbus"))

    answer = cited(client, "bib", slug="eads")

    assert answer.status_code == 308
    assert answer["Location"] == "/companies/airbus/cite.bib"


@pytest.mark.parametrize("form", ["txt", "bib", "json"])
def test_the_citation_of_an_unknown_company_is_a_404(client, form):
    assert cited(client, form, slug="nobody").status_code == 404


def test_an_unknown_format_of_a_citation_is_a_404(client):
    a_company("Airbus")

    assert cited(client, "ris").status_code == 404


# The register's version; the company; the pact; its statuses; the version to cite.
QUERIES = 5


@pytest.mark.parametrize("form", ["txt", "bib", "json"])
def test_a_citation_takes_few_queries(client, django_assert_num_queries, form):
    a_company("Airbus")

    with django_assert_num_queries(QUERIES):
        cited(client, form)
