"""Programs that nobody here wrote ask the API what its schema allows, and what it does not.

schemathesis.toml and tests/fuzzing.py say what they need to know.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.limits import api_limit
from companies.api.docs import document
from tests.sampling import ALL, only_on

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parent.parent
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.fixture
def register(live_server, settings):
    """The register of the data package, as its own examples need it."""
    settings.SITE_URL = live_server.url
    call_command("load_register", "--if-empty", verbosity=0)
    return live_server.url


@only_on("postgresql")  # which refuses more values
def test_schemathesis_finds_no_fault(register):
    command = [SCHEMATHESIS, "run", f"{register}/api/v1/schema/", "--no-color"]
    command += ["--max-examples=50"] if ALL else ["--max-examples=3", "--phases=fuzzing,stateful"]
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    assert f"{len(document()['paths'])} passed" in done.stdout, done.stdout


def examples():
    """The URL of each operation, and with each of its parameters as the schema shows it."""
    for path, item in document()["paths"].items():
        if "get" not in item:
            continue
        parameters = item["get"].get("parameters", [])
        for one in parameters:
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", one["schema"]["examples"][0])
        yield path
        for one in parameters:
            schema = one["schema"].get("items", one["schema"])
            for value in (*schema.get("examples", ()), *schema.get("enum", ())[:1]):
                if one["in"] == "query" and one["name"] != "recorded_as_of":
                    yield f"{path}?{urlencode({one['name']: value})}"


def test_every_example_of_the_schema_is_answered(register, client):
    urls = [*examples()]
    found = {url: client.get(url).status_code for url in urls}

    assert len(found) > 100
    assert {url: status for url, status in found.items() if status != 200} == {}


@pytest.mark.parametrize(
    ("path", "query", "missing"),
    [
        ("/api/v1/sources/", "?page_size=1", set()),
        ("/api/v1/signings/", "?on=2025-01-01", set()),
        ("/api/v1/companies/", "?x=1", set()),
        ("/api/v1/companies/{slug}/", "", {"Link"}),
    ],
)
def test_the_headers_of_an_answer_are_those_of_the_schema(
    register, settings, monkeypatch, path, query, missing
):
    settings.API_REQUESTS_PER_MINUTE = 1
    monkeypatch.setattr(api_limit, "COUNTER", api_limit.RequestCounter())
    responses = document()["paths"][path]["get"]["responses"]
    client = Client()

    for answer in (client.get(path.format(slug="openai") + query), client.get("/api/v1/")):
        headers = responses[str(answer.status_code)]["headers"]
        assert headers.keys() - missing <= answer.headers.keys()
        for name, one in headers.items():
            assert re.search(one["schema"].get("pattern", ""), answer.headers.get(name, ""))
    assert answer.status_code == 429
