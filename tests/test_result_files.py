"""The whole result of a query of companies, as a file."""

import csv
import datetime
import io
import itertools
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from companies.importers.spreadsheet import CsvCells
from companies.importers.spreadsheet.cells import safe_value
from companies.models import CompanyIdentifier, ProgressReport
from companies.queries import company_table
from companies.register.history import current_version
from companies.register.read_table import rebuild
from pactwatch.outages.cached_files import CachedFiles
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

pytestmark = [pytest.mark.django_db, pytest.mark.history]

KINDS = ["csv", "xlsx", "json"]


@pytest.fixture(autouse=True)
def _pact():
    a_pact()


def download(client, kind, query="", language=""):
    answer = client.get(f"{language}/companies/download.{kind}?{query}")
    assert answer.status_code == 200
    return answer, b"".join(answer.streaming_content)


def table(client, kind, query=""):
    """The rows of a file by their headings; empty cells are None."""
    _answer, content = download(client, kind, query)
    if kind == "json":
        return json_rows(content)
    if kind == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(content), read_only=True)["companies"]
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    headings, *rows = lines
    return [
        {
            name: shown(value) if value not in ("", None) else None
            for name, value in zip(headings, row, strict=True)
        }
        for row in rows
    ]


def shown(value):
    """A value as text; a cell of a day as the day."""
    return str(value.date() if isinstance(value, datetime.datetime) else value)


def json_rows(content):
    about = json.loads(content)
    return [
        {name: None if value is None else str(value) for name, value in (row | about).items()}
        for row in about.pop("results")
    ]


def a_full_company():
    company = a_company(
        "Telefónica",
        legal_name="Telefónica, S.A.",
        country="ES",
        sector=a_sector("telecoms-cloud"),
        size="large",
        role="both",
    )
    CompanyIdentifier.objects.create(company=company, scheme="lei", value="549300EEJH4FEPDBBR25")
    signing = a_signing(
        company, since=datetime.date(2024, 9, 1), since_precision="month", reason_en="It said so."
    )
    press = a_source("press")
    official = a_source("list", kind="official_list")
    a_citation(signing=signing, source=press)
    a_citation(signing=signing, source=official)
    a_citation(signing=signing, source=official, quote="twice")
    a_pledge(company, commitment=a_commitment("governance", position=1))
    a_pledge(
        company,
        commitment=a_commitment("ai-literacy", position=2),
        implementation="full",
        implementation_basis="self_reported",
    )
    a_commitment("inform-people", kind="additional", position=3)
    return company


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_has_profile_status_pledges_report_and_sources(client, kind):
    a_full_company()
    today = str(timezone.localdate())

    assert table(client, kind, "status=signed") == [
        {
            "slug": "telefonica",
            "name": "Telefónica",
            "legal_name": "Telefónica, S.A.",
            "lei": "549300EEJH4FEPDBBR25",
            "wikidata": None,
            "country": "ES",
            "region": "eu",
            "sector": "telecoms-cloud",
            "size": "large",
            "role": "both",
            "pact": "eu-ai-pact",
            "status": "signed",
            "since": "2024-09",
            "since_precision": "month",
            "since_basis": "first_seen",
            "last_checked": None,
            "reason_en": "It said so.",
            "reason_fr": None,
            "pledge_governance": "no_evidence",
            "pledge_ai_literacy": "full",
            "pledge_inform_people": None,
            "implementation_evidence": "some_core",
            "report": "date_unknown",
            "source_count": "2",
            "first_source_url": "https://example.org/list",
            "record_url": "http://testserver/companies/telefonica/",
            "as_of": today,
            "recorded_as_of": today,
            "register_version": str(current_version()),
            "question": "status=signed",
            "known_signatories": "1",
            "listed_total": "230",
            "listed_total_on": "2025-12-15",
            "licence": "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
        }
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_has_all_rows_of_the_result_in_its_order(client, kind, monkeypatch):
    monkeypatch.setattr(company_table, "CHUNK", 3)
    for number in range(8):
        a_signing(a_company(f"Company {number}"), status="signed" if number else "declined")

    rows = table(client, kind, "status=signed&sort=-name")

    assert [row["name"] for row in rows] == [f"Company {number}" for number in range(7, 0, -1)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_as_of_a_past_day_has_the_facts_of_that_day(client, kind):
    company = a_company("Left")
    ended = datetime.date(2025, 6, 1)
    a_signing(company, until=ended)
    a_signing(company, status="withdrawn", since=ended)

    past, today = table(client, kind, "as_of=2025-05-31"), table(client, kind)

    assert [(row["status"], row["as_of"]) for row in past] == [("signed", "2025-05-31")]
    assert [row["status"] for row in today] == ["withdrawn"]


FORMULAS = ['=HYPERLINK("https://example.org")', "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)"]


@pytest.mark.parametrize(("kind", "before"), [("csv", "'"), ("xlsx", "")])
def test_a_name_is_never_a_formula_in_a_spreadsheet(client, kind, before):
    for number, name in enumerate(FORMULAS):
        a_company(name, slug=f"hostile-{number}")

    rows = table(client, kind)

    assert {row["name"] for row in rows} == {f"{before}{name}" for name in FORMULAS}


def test_a_workbook_has_days_as_dates_and_never_makes_up_a_day(client):
    a_signing(a_company("Acme"), since=datetime.date(2024, 10, 9))
    a_signing(a_company("Bolt"), since=datetime.date(2024, 9, 1), since_precision="month")

    content = download(client, "xlsx")[1]

    sheet = load_workbook(io.BytesIO(content))["companies"]
    column = next(cell.column for cell in sheet[1] if cell.value == "since")
    assert [sheet.cell(row, column).value for row in (2, 3)] == [
        datetime.datetime(2024, 10, 9),  # noqa: DTZ001
        "2024-09",
    ]


@pytest.mark.parametrize(("language", "first"), [("", "English"), ("/fr", "French")])
def test_a_workbook_begins_with_an_explanation_in_both_languages(client, language, first):
    a_signing(a_company("Acme"))

    content = download(client, "xlsx", language=language)[1]

    cover = load_workbook(io.BytesIO(content)).worksheets[0]
    english, french = (2, 4) if first == "English" else (4, 2)
    said = {at: [row[at - 1].value or "" for row in cover.rows] for at in (english, french)}
    assert "Not being listed is not a refusal." in said[english]
    assert "Ne pas figurer sur une liste n’est pas un refus." in said[french]
    assert any("CC BY 4.0" in text for text in said[english])
    assert any("We know 1 of the more than 230 signatories" in text for text in said[english])
    assert any("not_signed: Not on the list" in text for text in said[english])


@pytest.mark.parametrize(
    ("language", "query", "sign"),
    [
        ("", "", ","),
        ("/fr", "", ";"),
        ("/fr", "sep=comma", ","),
        ("", "sep=semicolon", ";"),
        ("", "sep=tab", "\t"),
    ],
)
def test_the_separator_follows_the_language_or_the_parameter(client, language, query, sign):
    a_company("Acme, Inc.; Söhne")

    content = download(client, "csv", query, language=language)[1].decode("utf-8-sig")

    [row] = csv.DictReader(io.StringIO(content, newline=""), delimiter=sign)
    assert row["name"] == "Acme, Inc.; Söhne"
    assert row["question"] == ""


def test_an_unknown_separator_is_refused_and_a_workbook_accepts_none(client):
    assert client.get("/companies/download.csv?sep=pipe").status_code == 400
    assert client.get("/companies/download.xlsx?sep=comma").status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_without_results_has_no_rows(client, kind):
    assert table(client, kind, "status=declined") == []


def test_a_file_is_named_by_its_pact_and_day_and_kept_out_of_search_engines(client):
    answer, _content = download(client, "csv", "as_of=2025-05-31")

    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="pactwatch-eu-ai-pact-2025-05-31.csv"'
    )
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(("kind", "query"), [("csv", "sep=comma"), ("json", "")])
def test_the_file_is_the_same_in_french(client, kind, query):
    a_full_company()

    files = [download(client, kind, query, language=one)[1] for one in ("", "/fr")]
    assert files[0] == files[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_has_a_content_length(client, kind):
    a_company("Acme")

    answer, content = download(client, kind)

    assert answer.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_that_fails_halfway_sends_nothing(client, kind, monkeypatch):
    a_company("Acme")
    a_company("Bolt")
    monkeypatch.setattr(company_table, "_profile", lambda *raw: 1 / 0)
    client.raise_request_exception = False

    answer = client.get(f"/companies/download.{kind}")

    assert answer.status_code == 500
    assert not answer.streaming
    monkeypatch.undo()
    assert len(table(client, kind)) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_is_made_once_per_register_version(client, kind, django_assert_max_num_queries):
    a_company("Acme")
    first = download(client, kind)[1]

    with django_assert_max_num_queries(9):
        assert download(client, kind)[1] == first
    a_company("Bolt")

    assert [row["name"] for row in table(client, kind)] == ["Acme", "Bolt"]


def test_older_cached_files_are_deleted_for_newer_ones(settings, tmp_path):
    settings.RECORDED_DIR = tmp_path
    files = CachedFiles(".file", most=3, most_bytes=25)
    for number in range(4):
        path = files.opened(f"small{number}", lambda path: path.write_text("a"), Path)
        os.utime(path, (number, number))
    assert {path.stem for path in tmp_path.iterdir()} == {"small1", "small2", "small3"}

    for number in range(3):
        files.opened(f"large{number}", lambda path: path.write_text("a" * 20), Path)

    assert {path.stem for path in tmp_path.iterdir()} == {"large1", "large2"}


def test_a_cached_file_deleted_by_another_process_is_made_again(settings, tmp_path):
    settings.RECORDED_DIR = tmp_path
    files = CachedFiles(".file", most=3)
    removed = itertools.chain([True, True], itertools.repeat(False))

    def open_late(path):
        if next(removed):
            path.unlink()
        return path.open()

    with files.opened("one", lambda path: path.write_text("whole"), open_late) as file:
        assert file.read() == "whole"


def test_a_download_is_complete_even_if_another_process_deletes_the_cached_file(settings, tmp_path):
    settings.RECORDED_DIR = tmp_path
    files, ended = CachedFiles(".file", most=3), Event()

    def keep_removing():
        while not ended.is_set():
            (tmp_path / "one.file").unlink(missing_ok=True)
            ended.wait(0.002)

    with ThreadPoolExecutor() as other:
        removing = other.submit(keep_removing)
        try:
            for _time in range(500):
                with files.opened("one", lambda path: path.write_text("whole"), Path.open) as file:
                    assert file.read() == "whole"
        finally:
            ended.set()
        removing.result()


@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_the_fast_path_for_plain_cells_writes_the_same_as_the_csv_module(sep):
    texts = [
        "Acme",
        "",
        "Élan & Co. (UK)",
        "a,b",
        "a;b",
        "a\tb",
        'a "b"',
        "=1",
        " =1",
        "'a",
        "a\nb",
        "a\x07b",
        "\xa0-1",
        "\uff1d1",
        "Société Générale – Île",
    ]
    cells = CsvCells(sep)
    for one, other in itertools.product([*texts, None, 0, 7, datetime.date(2024, 9, 1)], texts):
        line = io.StringIO()
        csv.writer(line, delimiter=sep).writerow([safe_value(one), safe_value(other)])

        assert cells(("one", "other"), (one, other)) + "\r\n" == line.getvalue()
        # A row is put together of parts, of which one may be a single cell.
        assert (
            sep.join([cells(("one",), (one,)), cells(("other",), (other,))]) == line.getvalue()[:-2]
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("query", ["page=2", "page_size=10", "view=cards", "status=refused"])
def test_a_download_refuses_page_parameters(client, kind, query):
    assert client.get(f"/companies/download.{kind}?{query}").status_code == 400


def test_the_evidence_and_report_columns_agree_with_the_filters(client):
    commitments = [a_commitment("governance"), a_commitment("ai-literacy")]
    for number, levels in enumerate([("no_evidence", "full"), ("planned", "full"), ("", "")]):
        company = a_company(f"Company {number}")
        a_signing(company)
        for commitment, level in zip(commitments, levels, strict=True):
            if level:
                basis = "" if level == "no_evidence" else "third_party"
                a_pledge(
                    company,
                    commitment=commitment,
                    implementation=level,
                    implementation_basis=basis,
                )
    ProgressReport.objects.create(
        company=company, pact=a_pact(), submitted_on=datetime.date(2025, 10, 1)
    )

    for row in table(client, "csv"):
        for name in ("implementation_evidence", "report"):
            found = table(client, "csv", f"{name}={row[name]}")
            assert row["slug"] in [other["slug"] for other in found]
    found = [row["implementation_evidence"] for row in table(client, "csv")]
    assert found == ["some_core", "all_core", "none_found"]
    assert [row["report"] for row in table(client, "csv")][2] == "submitted"


@pytest.mark.parametrize(("companies", "chunks"), [(2, 1), (5, 3)])
def test_a_chunk_takes_the_same_queries_however_many_companies_it_has(
    client, companies, chunks, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(company_table, "CHUNK", 2)
    a_full_company()
    for _number in range(companies - 1):
        a_citation(signing=a_signing(a_company()))

    # The pact, its commitments, its number of signatories, the version;
    # the full lists (2); how all companies stand (7), the reasons, and for each chunk its
    # companies, their identifiers, standings (3) and sources (2).
    with django_assert_num_queries(14 + 7 * chunks):
        without = download(client, "csv")[1]
    rebuild()
    forget_answers()
    # Two each from the read table, of which each table is read by itself.
    with django_assert_num_queries(13 + 2 * chunks):
        assert download(client, "csv")[1] == without


@pytest.mark.parametrize("kind", KINDS)
def test_the_reasons_of_statuses_stand_in_their_rows_however_many_chunks_there_are(
    client, kind, monkeypatch
):
    said = {"with": "It said so.", "without": None, "other": "It left, in its own words."}
    for slug, reason in said.items():
        a_signing(
            a_company(slug), reason_en=reason or "", reason_fr="En français" if reason else ""
        )
    rebuild()

    for chunk in (1, 2, 3):
        monkeypatch.setattr(company_table, "CHUNK", chunk)
        forget_answers()
        rows = table(client, kind)
        assert {row["slug"]: row["reason_en"] for row in rows} == said
        assert {row["reason_fr"] for row in rows} == {"En français", None}
