"""The register can be taken away: each file of it, whole and as it was at one moment."""

import csv
import hashlib
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from itertools import chain
from tempfile import TemporaryFile

import frictionless
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from companies.models import Company, Pact, ProgressReport, Source
from companies.register.history import save
from companies.register.open_data import file_formats, public_files
from companies.register.package import TABLES, dump, dumping
from companies.register.package.tables import BY_NAME
from tests.builders import a_citation, a_commitment, a_company, a_pledge, a_signing
from tests.packages import load
from tests.reader_client import forget_answers
from tests.sharing import shared

pytestmark = pytest.mark.django_db
HOSTILE = 'quotes "and"\nlines; =1+1, 📜'


def rows_of_each_kind() -> None:
    company = a_company("Acme", description=HOSTILE, country="FR")
    a_citation(signing=a_signing(company, reason_en=HOSTILE), quote='"Acme"')
    a_pledge(company, commitment=a_commitment("governance"), basis="stated")
    a_company("Bolt", parent=company)


register = shared(rows_of_each_kind)


def body(name: str, client: Client | None = None) -> bytes:
    response = (client or Client()).get(f"/data/{name}")
    assert response.status_code == 200, name
    return b"".join(response) if response.streaming else response.content


def stated(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(name).decode(), newline="")))


def typed(lines: bytes, table: str) -> list[dict]:
    rows = [json.loads(line) for line in lines.splitlines()]
    return [row for row in rows if row.pop("table") == table]


def test_the_csv_files_are_those_of_a_dump():
    files = dict(dump())

    assert {table.file: body(table.file) for table in TABLES} == {
        name: content for name, content in files.items() if name.endswith(".csv")
    }


def test_the_data_page_lists_every_file_with_rows_size_and_checksum(client):
    page = client.get("/data/").text

    for name in ("pactwatch.zip", "pactwatch.jsonl", "pactwatch.sqlite3", "companies.csv"):
        content = body(name)
        assert f'href="http://testserver/data/{name}"' in page
        assert hashlib.sha256(content).hexdigest() in page
    assert [table.file for table in TABLES if f"/data/{table.file}" not in page] == []


@pytest.mark.parametrize(
    ("path", "said"), [("/data/", "Country of headquarters."), ("/fr/data/", "Pays du siège.")]
)
def test_columns_are_described_in_the_readers_language_from_the_models(client, path, said):
    page = client.get(path).text

    assert "<dt><code>since_basis</code></dt>" in page
    assert f"<dd>{said}" in page


@pytest.mark.long
def test_frictionless_reads_the_zip_and_finds_nothing_wrong(tmp_path):
    with zipfile.ZipFile(io.BytesIO(body("pactwatch.zip"))) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)

    report = frictionless.validate(str(tmp_path / "datapackage.json"), type="package")

    assert report.flatten(["title", "rowNumber", "note"]) == []


def test_the_zip_can_be_loaded_and_dumped_to_the_same_bytes(tmp_path):
    before = dict(dump())
    with zipfile.ZipFile(io.BytesIO(body("pactwatch.zip"))) as archive:
        archive.extractall(tmp_path)

    load(tmp_path, "--replace")

    assert dict(dump()) == before


def test_datapackage_json_has_the_checksums_of_the_files():
    package = json.loads(body("datapackage.json"))

    for one in package["resources"]:
        content = body(one["path"])
        assert one["bytes"] == len(content)
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_a_json_line_has_the_values_of_its_row_and_null_for_empty_ones():
    lines = body("pactwatch.jsonl")
    company = typed(lines, "companies")[0]

    assert (company["slug"], company["description"]) == ("acme", HOSTILE)
    assert company["parent"] is None
    assert typed(lines, "commitments")[0]["position"] == 0
    assert len(lines.splitlines()) == sum(len(stated(table.file)) for table in TABLES)


def test_the_sqlite_file_is_valid_and_its_foreign_keys_hold(tmp_path):
    path = tmp_path / "register.sqlite3"
    path.write_bytes(body("pactwatch.sqlite3"))
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        found = database.execute("SELECT slug, parent FROM companies ORDER BY slug").fetchall()
        about = dict(database.execute("SELECT name, value FROM about"))
    database.close()

    assert found == [("acme", None), ("bolt", "acme")]
    assert about["licence"] == "https://creativecommons.org/licenses/by/4.0/"


def test_parquet_has_texts_unescaped(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "companies.parquet"
    path.write_bytes(body("companies.parquet"))

    rows = duckdb.read_parquet(str(path)).order("slug").select("slug", "description", "parent")

    assert rows.fetchall() == [("acme", HOSTILE, None), ("bolt", None, "acme")]


def test_parquet_has_typed_dates_and_numbers(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "pacts.parquet"
    path.write_bytes(body("pacts.parquet"))

    rows = duckdb.read_parquet(str(path)).select("opened_on", "report_after_months").fetchall()

    assert rows == [(date(2024, 9, 25), 12)]


def test_the_dumped_package_has_no_checksums_of_another_version():
    assert b"sha256:" in body("datapackage.json")

    assert b"sha256:" not in dict(dump())["datapackage.json"]


def test_parquet_is_not_offered_without_its_library(client, monkeypatch):
    monkeypatch.setattr(file_formats, "HAS_PARQUET", False)
    public_files.forget()

    assert client.get("/data/companies.parquet").status_code == 404
    assert "Parquet" not in client.get("/data/").text


def test_a_large_register_without_a_release_is_streamed_with_the_same_bytes(
    client, monkeypatch, tmp_path, settings
):
    settings.RELEASES_DIR = tmp_path
    whole = {name: body(name) for name in ("companies.csv", "pactwatch.jsonl", "pactwatch.zip")}
    monkeypatch.setattr(public_files, "SMALL", 0)
    public_files.forget()
    forget_answers()

    assert client.get("/data/companies.csv").streaming
    assert {name: body(name) for name in whole} == whole
    page = client.get("/data/").text
    assert 'href="http://testserver/data/companies.csv"' in page
    assert "SHA-256 <code>" not in page


def test_rows_read_with_values_equal_those_of_model_instances(register):
    company, pact = Company.objects.get(slug="acme"), Pact.objects.get()
    report = ProgressReport.objects.create(company=company, pact=pact, due_on=date(2025, 10, 1))
    pledge = a_pledge(company, commitment=a_commitment("ai-literacy"), basis="stated")
    for fact in ({"report": report}, {"pledge": pledge}, {"company": company}):
        a_citation(**fact, quote="Acme", about_on=date(2025, 1, 1), about_on_precision="year")

    for table in TABLES:
        instances = [table.values(instance) for instance in table.stated_rows()]
        assert [*map(list, map(dict.items, table.stated_texts()))] == [
            [*row.items()] for row in instances
        ]
    assert len(list(BY_NAME["citations"].stated_texts())) == 4


def test_a_large_register_serves_the_files_of_its_newest_release(
    client, monkeypatch, tmp_path, settings
):
    settings.RELEASES_DIR = tmp_path
    monkeypatch.setattr(public_files, "SMALL", 0)
    call_command("release", verbosity=0)
    names = [f"companies.{kind}" for kind in ("csv", "parquet") if kind in FORMS]
    names += ["datapackage.json", "pactwatch.zip", "pactwatch.jsonl", "pactwatch.sqlite3"]

    first = {name: body(name) for name in names}
    a_company("Later")

    (made,) = tmp_path.iterdir()
    assert first == {name: (made / name).read_bytes() for name in names}
    assert {name: body(name) for name in names} == first
    page = client.get("/data/").text
    assert f"release {made.name}</a>" in page
    for name, content in first.items():
        assert name == "datapackage.json" or hashlib.sha256(content).hexdigest() in page
    assert sqlite_rows(first["pactwatch.sqlite3"], tmp_path / "x") == [("acme",), ("bolt",)]
    call_command("release", verbosity=0)
    assert "later," in body("companies.csv").decode()
    assert f"release {made.name}-2</a>" in client.get("/data/").text


def test_a_large_register_with_a_release_counts_no_table_to_its_end(
    monkeypatch, tmp_path, settings
):
    settings.RELEASES_DIR = tmp_path
    monkeypatch.setattr(public_files, "SMALL", 1)
    call_command("release", verbosity=0)
    a_company("Later")  # and with it the register has another version

    with CaptureQueriesContext(connection) as sent:
        files = public_files.public_files()

    counts = [one["sql"] for one in sent if "COUNT(" in one["sql"]]
    assert files.release
    assert counts
    assert [sql for sql in counts if "LIMIT" not in sql] == []


FORMS = {"csv", "parquet"} if file_formats.HAS_PARQUET else {"csv"}


def sqlite_rows(content: bytes, path) -> list[tuple]:
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT slug FROM companies ORDER BY slug").fetchall()


def test_rows_are_in_the_same_order_whatever_the_size_of_the_sort_buffer(monkeypatch):
    for number in range(9):
        a_company(f"C{number * 7 % 9}")
    table = next(table for table in TABLES if table.name == "companies")
    at_once = list(dumping.ordered_rows(table))

    monkeypatch.setattr(dumping, "SORTED", 2)

    assert list(dumping.ordered_rows(table)) == at_once


def test_rows_that_wait_in_files_are_out_of_memory_and_keep_any_character(monkeypatch):
    monkeypatch.setattr(dumping, "BLOCK", 2)
    rows = [("line\nfeed\r", "zero\0one\1"), ('"é"', ""), ("", "\x1e\x1f"), ("", ""), ("\0", "\1")]

    with TemporaryFile() as file:
        waiting = dumping._waiting(rows, file)
        written = file.seek(0, 2)
        file.seek(0)

        assert written > len("".join(chain(*rows)))
        assert list(waiting) == rows


def test_the_first_part_of_a_file_is_sent_before_any_row_is_read():
    def rows(table):
        raise AssertionError("a row was read")
        yield

    for parts in (file_formats.sqlite_file(rows, {}), file_formats.csv_file(TABLES[0], rows)):
        assert len(next(parts)) > 0


def test_the_files_follow_an_edit():
    company = Company.objects.get(slug="acme")
    company.country = "DE"

    save(company, "test")

    assert [row["country"] for row in stated("companies.csv")] == ["DE", ""]


def test_future_dates_are_in_the_files_too():
    """The page reads the register as of today; a file holds all that is stored."""
    a_signing(Company.objects.get(slug="bolt"), since="2024-10-09", until="2090-01-01")
    Client().get("/data/")

    assert [row["until"] for row in stated("signings.csv")] == ["", "2090-01-01"]


@pytest.mark.parametrize("path", ["companies.csv?as_of=2024-01-01", "datapackage.json?x=1"])
def test_a_data_file_refuses_parameters(client, path):
    assert client.get(f"/data/{path}").status_code == 400


@pytest.mark.parametrize("name", ["x.csv", "companies.xml", "pactwatch", "companies.csv.gz"])
def test_an_unknown_data_file_is_a_404(client, name):
    assert client.get(f"/data/{name}").status_code == 404


def test_cors_is_allowed_for_data_files_and_not_for_the_page(client):
    assert client.get("/data/companies.csv")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/data/")


def test_a_data_file_is_cached_with_an_etag(client):
    etag = client.get("/data/companies.csv")["ETag"]

    assert client.get("/data/companies.csv", HTTP_IF_NONE_MATCH=etag).status_code == 304


def test_the_key_columns_come_first_in_a_file_without_a_primary_key():
    """Whoever applies a delta sorts such a file by all of its columns."""
    for table in TABLES:
        if "primaryKey" not in dumping.resource(table)["schema"]:
            assert list(table.columns)[: len(table.key)] == list(table.key)


def test_every_source_is_in_the_file():
    assert len(stated("sources.csv")) == Source.objects.count()


def test_every_format_keeps_carriage_returns(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    table = next(table for table in TABLES if table.name == "sectors")
    row = ("x", "lone\rreturn", 'of "Windows"\r\nlines')
    path = tmp_path / "sectors.parquet"

    path.write_bytes(b"".join(file_formats.parquet_file(table, lambda table: [row])))

    assert duckdb.read_parquet(str(path)).fetchall() == [row]
