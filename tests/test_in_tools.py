"""What pages and the manual offer to copy runs as it stands."""

import csv
import html
import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.builders import a_commitment, a_company, a_pact, a_signing
from tests.test_api_manual import MANUAL

ROOT = Path(__file__).parent.parent
LISTS = (
    "/companies/?country=FR&country=US&sort=-since",
    "/fr/companies/?q=a",
    "/matrix/",
    "/reports/",
)
CURL = re.findall(r"^curl '([^']+)'$", MANUAL, re.MULTILINE)
REQUESTS = re.findall(r"\*\*`GET (/api[^`]+)`", MANUAL)
PROGRAMS = re.findall(r"```python\n(.*?)```", MANUAL, re.DOTALL)
(NOTEBOOK,) = (ROOT / "examples").glob("*.ipynb")

pytestmark = pytest.mark.django_db(transaction=True)


def two_signatories():
    commitment = a_commitment("governance")
    a_signing(a_company("2021.AI", slug="2021-ai", country="FR"), pact=commitment.pact)
    a_signing(a_company("Bära & Söner", country="US"))


def lines_of(client, path):
    """What a page offers, by tool."""
    found = re.findall(r'data-tool="(\w+)">(.*?)</code>', client.get(path).content.decode(), re.S)
    return {tool: html.unescape(text) for tool, text in found}


@pytest.fixture
def register(live_server, settings):
    settings.SITE_URL = live_server.url
    two_signatories()
    return live_server.url


def test_a_list_offers_lines_that_read_what_it_shows(client, register, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    for path in LISTS:
        lines = lines_of(client, path)
        assert set(lines) == {"pandas", "duckdb", "r", "excel", "curl"}, path
        url = lines["excel"]
        assert all(url in line for line in lines.values()), path
        subprocess.run(["sh", "-c", lines["curl"]], cwd=tmp_path, check=True, capture_output=True)
        file = tmp_path / "pactwatch.csv"
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
        # DuckDB reads addresses by an extension that it downloads; the statement is the same.
        found = duckdb.sql(lines["duckdb"].replace(url, str(file)).rstrip(";")).fetchall()
        assert len(found) == len(rows) == 2, path


def test_the_lines_for_pandas_read_what_a_list_shows(client, register):
    pytest.importorskip("pandas")
    found = {}
    exec(lines_of(client, LISTS[0])["pandas"], found)  # noqa: S102  # what the page offers

    assert list(found["table"]["country"]) == ["FR", "US"]


def test_the_requests_of_the_manual_are_answered(client, register):
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
def test_the_program_of_the_manual_follows_the_changes(register, monkeypatch, capsys):
    def sleep(seconds):
        raise Asleep

    (program,) = PROGRAMS
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
