"""Who signed what: companies beside all pacts."""

import csv
import datetime
import io
import re

import pytest
from openpyxl import load_workbook
from pytest_django.asserts import assertContains, assertNotContains, assertNumQueries

from companies.models import Signing
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from tests.reader_client import forget_answers
from tests.sharing import shared

pytestmark = pytest.mark.django_db
QUERIES = 7


def a_register():
    main, code = a_pact(), a_pact("gpai-code", name_en="Code of Practice", position=2)
    seoul = a_pact("seoul-frontier", name_en="Frontier", position=3, listed_total=20)
    a_pact("transparency-code", name_en="Transparency", position=4)
    chapters = [a_commitment(one, pact=code, kind="chapter") for one in ("first", "second")]
    stand = {
        "Acme": ("signed", "signed", "signed"),
        "Bolt": ("signed", "signed", None),
        "Cargo": ("not_signed", "declined", "signed"),
        "Delta": ("removed", "signed", None),
        "Echo": ("declined", None, "signed"),
        "Fox": (None, "signed", None),
        "Gulf": ("signed", "not_signed", None),
        "Hotel": ("withdrawn", None, None),
        "India": ("not_signed", "not_signed", None),
        "Juliet": ("unknown", None, None),
    }
    for name, statuses in stand.items():
        company = a_company(name, country="FR" if name < "D" else "DE", sector=a_sector())
        for pact, status in zip((main, code, seoul), statuses, strict=True):
            if status:
                a_signing(company, status, pact=pact)
    acme = main.signings.get(company__slug="acme")
    a_citation(signing=acme, source=a_source("proof", title="The proof"), quote="Acme")
    a_pledge(acme.company, commitment=chapters[0])


register = shared(a_register)


def groups(response) -> dict[str, list[str]]:
    return {
        one.label: [company.name for company, _cells in one.rows]
        for one in response.context["groups"]
    }


def table(client, query="?show=all") -> list[dict[str, str]]:
    content = b"".join(client.get(f"/matrix/download.csv{query}")).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def cell(response, company: str, pact: int) -> str:
    """The words of one cell."""
    row = re.search(rf"<bdi>{company}</bdi>.*?</tr>", response.text, re.S)[0]
    found = re.findall(r"<td.*?</td>", row, re.S)[pact]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()


def test_companies_are_grouped_by_the_pacts_they_signed(client):
    assert groups(client.get("/matrix/?show=all")) == {
        "Signed all pacts in this table": ["Acme"],
        "Signed the EU AI Pact and another": ["Bolt"],
        "Not on the list of the EU AI Pact, signed another": ["Cargo"],
        "No longer a signatory of the EU AI Pact, signed another": ["Delta"],
        "Signed another pact, not the EU AI Pact": ["Echo"],
        "Signed another pact; no information on the EU AI Pact": ["Fox"],
        "Signed the EU AI Pact, and no other that we know of": ["Gulf"],
        "No longer a signatory": ["Hotel"],
        "Not a signatory of any pact we checked": ["India"],
        "No information": ["Juliet"],
    }


def test_the_summary_counts_companies_that_signed_all_pacts_or_only_others(client):
    response = client.get("/matrix/")

    assert response.context["sentences"] == [
        "1 company has signed all 3 pacts in this table.",
        "1 company signed another pact and is not on the list of the EU AI Pact.",
    ]
    in_germany = client.get("/matrix/?country=DE").context["sentences"]
    assert in_germany == ["No company that we know of has signed all of them."]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "Acme Bolt Cargo Delta Echo Gulf India"),
        ("?show=several&country=FR", "Acme Bolt Cargo"),
        ("?show=differences", "Cargo Delta Echo Gulf"),
        ("?show=left", "Delta Hotel"),
        ("?q=fox", "Fox"),
        ("?q=fox&show=several", ""),
        ("?sector=unknown", ""),
        ("?country__not=FR", "Delta Echo Gulf India"),
        ("?country__not=FR&country__not=DE", ""),
        ("?role__not=unknown", ""),
        ("?sector__not=software&region__not=us", ""),
        ("?as_of=2024-01-01&show=all", "Acme Bolt Cargo Delta Echo Fox Gulf Hotel India Juliet"),
        ("?as_of=2024-01-01", ""),
        ("?page_size=2&page=2&show=all", "Cargo Delta"),
    ],
)
def test_the_query_filters_the_rows_of_the_matrix(client, query, names):
    response = client.get(f"/matrix/{query}")

    shown = [name for group in groups(response).values() for name in group]
    assert " ".join(shown) == names
    assert [row["name"] for row in table(client, re.sub(r"page=\d+", "", query))][:2] == (
        shown[:2] if "page=2" not in query else ["Acme", "Bolt"]
    )


def test_a_group_heading_counts_the_whole_group_on_every_page(client):
    first = client.get("/matrix/?show=differences&page_size=1").context["groups"]

    assert [(group.number, len(group.rows)) for group in first] == [(1, 1)]
    shows = dict(client.get("/matrix/").context["shows"])
    assert shows == {"several": 7, "all": 10, "differences": 4, "left": 2}


def test_a_cell_has_the_status_the_month_and_the_source(client):
    response = client.get("/matrix/?show=all")

    assert cell(response, "Acme", 0) == "Signed Source: The proof, Oct 2024"
    assertContains(response, '<a href="https://example.org/proof" rel="nofollow noopener">')
    assert cell(response, "Acme", 1).endswith("Acme, GPAI Code, Oct 2024 · 1 chapter")
    assert cell(response, "Cargo", 0) == "Not on the list Sources: Cargo, EU AI Pact, Oct 2024"
    assertContains(response, '<a href="/companies/cargo/#evidence">')


def test_an_unknown_status_has_no_date_in_its_cell(client):
    response = client.get("/matrix/?show=all")

    assert cell(response, "Fox", 0) == "No information"
    assert cell(response, "Juliet", 0) == "No information"


def test_the_csv_file_has_one_row_per_company_with_api_codes(client):
    acme, *_others, juliet = table(client)

    assert (acme["slug"], acme["country"], acme["sector"]) == ("acme", "FR", "software")
    assert acme["eu_ai_pact_status"] == "signed"
    assert acme["eu_ai_pact_since"] == "2024-10-09"
    assert acme["eu_ai_pact_source_url"] == "https://example.org/proof"
    cargo = table(client, "?q=cargo")[0]
    assert (cargo["eu_ai_pact_status"], cargo["eu_ai_pact_last_checked"]) == (
        "not_signed",
        "2024-10-09",
    )
    assert (juliet["gpai_code_status"], juliet["gpai_code_since"]) == ("unknown", "")
    assert not [column for column in acme if column.startswith("transparency")]


def test_the_json_file_has_the_same_rows_as_the_csv_file(client):
    answer = client.get("/matrix/download.json?q=acme")

    assert b'"gpai_code_status": "signed"' in b"".join(answer)


def test_a_workbook_holds_days_as_dates_and_months_as_texts(client):
    Signing.objects.filter(company__slug="acme", pact__slug="gpai-code").update(
        since_precision="month"
    )
    answer = client.get("/matrix/download.xlsx?q=acme")
    sheet = load_workbook(io.BytesIO(b"".join(answer)))["companies"]
    acme = dict(zip(*sheet.iter_rows(values_only=True), strict=True))

    assert isinstance(acme["eu_ai_pact_since"], datetime.date)
    assert isinstance(acme["gpai_code_since"], str)


def test_a_pact_whose_list_was_never_read_has_no_column(client):
    assertNotContains(client.get("/matrix/?show=all"), "Transparency Code")


@pytest.mark.parametrize("query", ["pact=gpai-code", "show=some", "status=signed", "page=0"])
def test_the_matrix_refuses_unknown_parameters(client, query):
    assert client.get(f"/matrix/?{query}").status_code == 400
    assert client.get(f"/matrix/download.csv?{query}").status_code == 400


def test_the_matrix_is_translated_into_french(client):
    response = client.get("/fr/matrix/?show=all")

    assert response.context["sentences"][0] == "1 entreprise a signé les 3 pactes du tableau."
    assertContains(response, "Ont signé tous les pactes")
    assert cell(response, "Acme", 1).endswith("oct. 2024 · 1 chapitre")


def test_the_form_keeps_the_parameters_it_has_no_field_for(client):
    page = client.get("/matrix/?show=left&role=provider&as_of=2025-01-01&country__not=DE")

    kept = {"show": "left", "role": "provider", "as_of": "2025-01-01", "country__not": "DE"}
    for name, value in kept.items():
        assertContains(page, f'<input type="hidden" name="{name}" value="{value}">')


@pytest.mark.parametrize("rows", [1, 9])
def test_a_page_takes_a_fixed_number_of_queries(client, rows):
    """Version, pacts, sectors for the form; companies; periods, citations, chapters.

    The lists of a version of the register are kept, but for its number.
    """
    client.get("/matrix/?show=all")
    forget_answers()

    with assertNumQueries(QUERIES):
        client.get(f"/matrix/?show=all&page_size={rows}")


def test_a_register_without_a_pact_shows_companies_of_which_nothing_is_known(client):
    a_company("Of no pact")

    assertContains(client.get("/matrix/?show=all"), "Of no pact")
    assert client.get("/embed/matrix/").status_code == 200
