"""What pages and the manual offer to copy runs as it stands."""

import csv
import html
import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.builders import a_commitment, a_company, a_pact, a_signing, a_source
from tests.test_api_manual import MANUAL

ROOT = Path(__file__).parent.parent
LISTS = {
    "/companies/?country=FR&country=US&sort=-since": 2,
    "/fr/companies/?q=a": 3,
    "/matrix/?show=all": 4,
    "/reports/": 2,
    "/absent/": 2,
    "/data/": 1,
}
# Their lines read JSON of the API.
CHANGES = {
    "/changes/?view=recorded&material=all&kind=status": 4,
    "/companies/2021-ai/history/?material=all&since=2020-01-01": 2,
    "/left/": 1,
}
CURL = re.findall(r"^curl '([^']+)'$", MANUAL, re.MULTILINE)
REQUESTS = re.findall(r"\*\*`GET (/api[^`]+)`", MANUAL)
PROGRAMS = re.findall(r"```python\n(.*?)```", MANUAL, re.DOTALL)
# The lines about the signature of a webhook: tests/test_webhooks.py runs them.
FOLLOWING = [one for one in PROGRAMS if "webhook" not in one]
(NOTEBOOK,) = (ROOT / "examples").glob("*.ipynb")

pytestmark = pytest.mark.django_db(transaction=True)


def some_companies():
    commitment = a_commitment("governance", source=a_source("list"))
    a_signing(a_company("2021.AI", slug="2021-ai", country="FR"), pact=commitment.pact)
    a_signing(a_company("Bära & Söner", country="US"))
    a_signing(a_company('Absent, "quoted"'), "not_signed")
    a_signing(a_company("Gone"), "removed")


def lines_of(client, path):
    """What a page offers, by tool."""
    found = re.findall(r'data-tool="(\w+)">(.*?)</code>', client.get(path).content.decode(), re.S)
    return {tool: html.unescape(text) for tool, text in found}


@pytest.fixture
def register(live_server, settings):
    settings.SITE_URL = live_server.url
    some_companies()
    return live_server.url


def by_curl(lines, folder):
    """The file that the line for curl writes."""
    subprocess.run(["sh", "-c", lines["curl"]], cwd=folder, check=True, capture_output=True)
    return folder / lines["curl"].split()[2]


def by_duckdb(lines, file):
    duckdb = pytest.importorskip("duckdb")
    # It reads addresses by an extension that it downloads; the statement is the same.
    return duckdb.sql(lines["duckdb"].replace(lines["excel"], str(file)).rstrip(";"))


def by_pandas(lines):
    found = {}
    exec(lines["pandas"], found)  # noqa: S102  # what the page offers
    return found["table"]


@pytest.mark.parametrize(("path", "number"), LISTS.items())
def test_a_list_offers_working_code_for_pandas_duckdb_r_excel_and_curl(
    client, register, tmp_path, path, number
):
    lines = lines_of(client, path)
    assert set(lines) == {"pandas", "duckdb", "r", "excel", "curl"}
    assert all(lines["excel"] in line for line in lines.values())

    file = by_curl(lines, tmp_path)
    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert len(by_duckdb(lines, file).fetchall()) == len(rows) == number
    first = next(iter(rows[0]))
    assert by_pandas(lines)[first].tolist() == [row[first] for row in rows]


@pytest.mark.history
@pytest.mark.parametrize(("path", "number"), CHANGES.items())
def test_the_changes_page_offers_working_code_that_reads_json(
    client, register, tmp_path, path, number
):
    lines = lines_of(client, path)
    assert set(lines) == {"pandas", "duckdb", "r", "excel", "curl"}
    assert all(lines["excel"] in line for line in lines.values())

    file = by_curl(lines, tmp_path)
    rows = json.loads(file.read_text())["results"]
    read = by_duckdb(lines, file)
    assert len(read.fetchall()) == len(rows) == number
    assert {*rows[0]} <= {*read.columns} | {"company", "pact", "what", "fields", "reason"}
    table = by_pandas(lines)
    assert table["company.name"].tolist() == [row["company"]["name"] for row in rows]


def test_a_filtered_list_of_absences_offers_no_code(client, register):
    assert lines_of(client, "/absent/?state=declined") == {}


def test_the_requests_of_the_api_manual_work(client, register):
    assert len(CURL) >= 3
    assert len(REQUESTS) >= 8
    a_pact()
    for url in CURL:
        path = url.removeprefix("https://register.example.org")
        if "cursor=MT" not in path:  # which another register gave out
            assert curl(f"{register}{path}")["results"] is not None
    for path in REQUESTS:
        assert curl(f"{register}{path}"), path


def curl(url):
    done = subprocess.run(["curl", "-sf", url], check=True, capture_output=True)
    return json.loads(done.stdout)


class Asleep(Exception):
    """The program waits for what comes."""


@pytest.mark.history
def test_the_example_program_of_the_manual_follows_the_changes(register, monkeypatch, capsys):
    def sleep(seconds):
        raise Asleep

    (program,) = FOLLOWING
    monkeypatch.setattr(time, "sleep", sleep)
    with pytest.raises(Asleep):
        exec(program.replace("https://register.example.org", register), {})  # noqa: S102  # ours

    assert "2021.AI signed, first named on 9 October 2024" in capsys.readouterr().out


def test_the_notebook_draws_the_signatories_over_time(register, tmp_path, monkeypatch):
    notebook = json.loads(NOTEBOOK.read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert notebook["nbformat"] == 4
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PACTWATCH", register)

    names = {}
    for cell in cells:
        exec("".join(cell["source"]), names)  # noqa: S102  # ours

    assert names["points"] == [("2024-10-09", 2)]
    assert names["picture"].startswith("<svg")
