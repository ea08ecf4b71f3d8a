"""The register that comes with the project: what it holds, and that it is a sound package."""

import csv
import datetime
import hashlib
import json
from collections import Counter
from operator import attrgetter
from pathlib import Path

import frictionless
import pytest
from django.core.management import call_command

import companies
from companies.models import Citation, Company, Opinion, Pact, Pledge, Signing
from companies.register.package import TABLES, descriptor
from tests.dated_lists import CODE_2026_07_31, LISTS
from tests.packages import dumped
from tests.sharing import shared

DATA = Path(companies.__file__).parent / "data"
TODAY = datetime.date(2026, 10, 1)


pytestmark = pytest.mark.django_db
register = shared(lambda: call_command("load_register", verbosity=0))


def rows(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def toward_the_pact() -> Counter[str]:
    """How many companies have each current status toward the AI Pact, by the files alone."""
    return Counter(
        row["status"]
        for row in rows("signings")
        if row["pact"] == "eu-ai-pact" and not row["until"]
    )


@pytest.mark.parametrize("table", TABLES, ids=attrgetter("name"))
def test_the_seed_register_loads_all_of_its_rows(register, table):
    assert table.stated_rows().count() == len(rows(table.name))


def test_the_seed_register_has_the_expected_number_of_companies_per_status(register):
    pact = Pact.objects.get(slug="eu-ai-pact")

    standing = Counter(
        Company.objects.with_status(pact, TODAY)
        .exclude(status="unknown")
        .values_list("status", flat=True)
    )

    assert standing == toward_the_pact()


def test_no_company_is_recorded_as_having_refused_the_ai_pact(register):
    """Meta said that it might join later: that is a reason, and no refusal."""
    meta = Signing.objects.get(company__slug="meta", pact__slug="eu-ai-pact")

    assert (meta.status, str(meta.started)) == ("not_signed", "2024-09-25")
    assert "at this time" in meta.reason_en
    assert toward_the_pact()["declined"] == 0


def test_meta_refused_the_code_in_its_own_words(register):
    quotes = Citation.objects.filter(
        signing__company__slug="meta", signing__pact__slug="gpai-code"
    ).values_list("quote", flat=True)

    assert any("Meta won’t be signing it" in quote for quote in quotes)


def test_samsung_is_on_the_register_once(register, client):
    samsung = Company.objects.get(names__name="Samsung")

    assert (samsung.slug, samsung.name) == ("samsung", "Samsung Electronics")
    assert set(samsung.signings.values_list("pact__slug", flat=True)) == {
        "eu-ai-pact",
        "seoul-frontier",
    }
    old = client.get("/companies/samsung-electronics/")
    assert (old.status_code, old["Location"]) == (308, "/companies/samsung/")


def test_each_quote_from_a_list_of_the_code_is_a_name_on_that_list():
    lists = {source["slug"]: source for source in rows("sources")}
    kept = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.read_text().splitlines()
        for path in LISTS.glob("gpai-code/*.txt")
    }
    today = "digital-strategy-ec-europa-eu-en-policies-contents-code-gpai"
    for citation in rows("citations"):
        source = lists[citation["source"]]
        if source["kind"] != "official_list" or citation["pact"] != "gpai-code":
            continue
        names = CODE_2026_07_31 if source["slug"] == today else kept[source["sha256"]]
        expected = citation["company"] != "xai" and citation["quote"]  # xAI signed a chapter
        assert not expected or expected in names, citation


def test_a_period_of_the_code_begins_on_the_day_of_a_list(register):
    days = {str(signing.started) for signing in Signing.objects.filter(pact__slug="gpai-code")}

    said_by_meta = "2025-07-18"
    assert days == {said_by_meta, "2025-08-01", "2025-12", "2026", "2026-07-31"}


def test_an_absence_cites_the_list_in_our_words_and_not_as_a_quote():
    lists = {row["slug"] for row in rows("sources") if row["kind"] == "official_list"}
    absent = {
        (row["company"], row["pact"], row["since"])
        for row in rows("signings")
        if row["status"] == "not_signed"
    }

    for citation in rows("citations"):
        key = (citation["company"], citation["pact"], citation["since"])
        if citation["source"] in lists and key in absent:
            assert (citation["quote"], citation["own_words"]) == ("", ""), citation


def test_two_readings_of_the_press_say_why_companies_stay_away(register):
    first, second = Opinion.objects.filter(pact__slug="eu-ai-pact")

    assert (first.quote, second.quote) == (
        "assez superficiel et peu engageant",
        "un message de contestation de ces géants",
    )
    for opinion in (first, second):
        assert "Micropole" in opinion.author_en
        assert (opinion.language, opinion.source.publisher) == ("fr", "Micropole")


def test_no_source_title_describes_how_we_read_it():
    assert [row["title"] for row in rows("sources") if "[title" in row["title"]] == []


def test_126_names_were_on_the_first_lists(register):
    pact = Pact.objects.get(slug="eu-ai-pact")

    signed = Company.objects.with_status(pact, datetime.date(2024, 10, 9)).signed()

    assert signed.count() == 126


def test_every_signatory_has_the_three_core_pledges(register):
    core = {"governance", "high-risk-mapping", "ai-literacy"}
    signatories = Company.objects.filter(
        signings__pact__slug="eu-ai-pact", signings__status="signed"
    )
    pledged = {company: set() for company in signatories.values_list("slug", flat=True)}
    for pledge in Pledge.objects.filter(commitment__pact__slug="eu-ai-pact"):
        pledged[pledge.company.slug].add(pledge.commitment.code)

    assert len(pledged) == toward_the_pact()["signed"]
    assert [slug for slug, codes in pledged.items() if not core <= codes] == []


def test_a_date_is_as_precise_as_its_source(register):
    precisions = {
        str(signing.started): signing.since_precision for signing in Signing.objects.all()
    }

    assert precisions["2026"] == "year"
    assert precisions["2025-04-16"] == "day"
    assert [text for text, precision in precisions.items() if precision == "month"] != []


def test_the_register_is_written_back_byte_for_byte(register):
    assert dumped() == {path.name: path.read_bytes() for path in DATA.iterdir()}


def test_frictionless_finds_nothing_wrong_with_the_package():
    report = frictionless.validate(str(DATA / "datapackage.json"), type="package")

    assert report.flatten(["title", "rowNumber", "note"]) == []
    assert len(report.tasks) == len(TABLES)


def test_the_descriptor_is_the_one_the_code_would_write():
    assert json.loads((DATA / "datapackage.json").read_text()) == descriptor()
