"""The release has one number, which everything that names it reads from pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
from pytest_django.asserts import assertContains

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent
NUMBER = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("url", ["/", "/fr/", "/companies/", "/nowhere/"])
def test_the_footer_of_a_page_names_the_release(client, url):
    response = client.get(url)

    assertContains(response, f"PactWatch {NUMBER}", status_code=response.status_code)


@pytest.mark.parametrize("url", ["/healthz", "/healthz/ready"])
def test_the_health_check_names_the_release_and_is_never_kept(client, url):
    response = client.get(url)

    assert response.json()["release"] == NUMBER
    assert "ETag" not in response


def test_the_schema_of_the_api_names_the_release(client):
    assert client.get("/api/v1/schema/?format=json").json()["info"]["version"] == NUMBER


def test_the_changelog_has_a_dated_section_of_the_release():
    assert re.search(
        rf"^## \[{re.escape(NUMBER)}\] - \d{{4}}-\d\d-\d\d$",
        (ROOT / "CHANGELOG.md").read_text(),
        re.MULTILINE,
    )
