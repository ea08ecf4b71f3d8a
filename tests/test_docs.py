"""The documentation has every field, value, file and setting, and no others."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client, override_settings

from companies.models import Confidence, Precision, Region, ReportState, Signing
from companies.register.package import TABLES, load
from tests.sharing import read_once

ROOT = Path(__file__).parent.parent
DATA = (ROOT / "docs/data.md").read_text()
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"curl '(http://127.0.0.1:8000\S+)'.*?```json\n(.*?)```", README, re.DOTALL)
DEPLOY = (ROOT / "docs/deploy.md").read_text()
SETTINGS = (ROOT / "pactwatch/settings.py").read_text()
DOCUMENTS = [path for pattern in ("*.md", "docs/*.md") for path in sorted(ROOT.glob(pattern))]

SHARED = (Precision, Confidence)  # the choices of several fields
COMPUTED = (Region, ReportState)  # stored nowhere
MODELS = [
    model
    for model in apps.get_app_config("companies").get_models()
    if not hasattr(model, "history_object")
]
CHOICES = {
    f"{model.__name__}.{field.name}": field.choices
    for model in MODELS
    for field in model._meta.local_fields
    if field.choices and not any(field.choices == shared.choices for shared in SHARED)
} | {shared.__name__: shared.choices for shared in (*SHARED, *COMPUTED)}


def section(text: str, heading: str) -> str:
    """The text below a heading, up to the next one; "" without such a heading."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def first_column(text: str) -> list[str]:
    """The code at the beginning of each table row."""
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def variables(source: str) -> set[str]:
    """The environment variables that a settings file reads."""
    return set(re.findall(r'(?:env\.\w+|listed|required)\(\s*"(\w+)"', source))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_docs_data_lists_exactly_the_fields_of_each_model(model):
    fields = [field.name for field in model._meta.local_fields if field.name != "id"]

    assert sorted(first_column(section(DATA, model.__name__))) == sorted(fields)


@pytest.mark.parametrize("name", CHOICES)
def test_docs_data_lists_exactly_the_values_of_each_choice(name):
    values = [value for value, _label in CHOICES[name]]

    assert sorted(first_column(section(DATA, name))) == sorted(values)


def test_docs_data_labels_the_statuses_as_the_pages_do():
    shown = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section(DATA, "Signing.status"), re.MULTILINE)

    assert dict(shown) == {str(value): str(label) for value, label in Signing.Status.choices}


def test_docs_data_lists_exactly_the_files_of_the_data_package():
    files = {name for name in first_column(DATA) if name.endswith(".csv")}

    assert files == {table.file for table in TABLES}


def test_docs_deploy_lists_exactly_the_environment_variables_of_the_settings():
    documented = set(first_column(section(DEPLOY, "Environment variables")))

    assert documented == variables(SETTINGS)


def test_the_parser_finds_every_way_to_read_an_environment_variable():
    source = 'env.bool("DEBUG", False)\nlisted("HOSTS")\nrequired(\n    "KEY", "a secret")'

    assert variables(source) == {"DEBUG", "HOSTS", "KEY"}


def test_the_parser_reads_the_first_column_of_one_section():
    text = "### Pact\n\n| `slug` | public id |\n\n### Signing\n\n| `since` | day |\n"

    assert first_column(section(text, "Pact")) == ["slug"]
    assert first_column(section(text, "Company")) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_no_document_states_the_number_of_known_signatories(document):
    """The number changes with the data: pages, files and the API count it."""
    with (ROOT / "companies/data/signings.csv").open(newline="", encoding="utf-8") as file:
        known = sum(
            row["pact"] == "eu-ai-pact" and row["status"] == "signed" and not row["until"]
            for row in csv.DictReader(file)
        )

    assert not re.search(rf"\b{known}\b.{{0,20}}\b(signator|signed)", document.read_text(), re.S)


def responses_of_the_examples():
    files = {table.file: (ROOT / "companies/data" / table.file).read_bytes() for table in TABLES}
    load(files, reason="test")
    host = {"host": "127.0.0.1:8000"}
    with override_settings(SITE_URL="http://127.0.0.1:8000"):
        return {address: Client().get(address, headers=host).json() for address, _ in EXAMPLES}


responses = read_once(responses_of_the_examples)


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "answer"), EXAMPLES, ids=[address for address, _ in EXAMPLES])
def test_an_example_in_the_readme_is_the_response_of_the_api(address, answer, responses):
    expected, found = json.loads(answer), responses[address]
    if "request_id" in found:  # each request has another
        expected["request_id"] = found["request_id"]

    assert found == expected


def test_the_readme_has_two_examples_of_the_api():
    assert len(EXAMPLES) == 2


def links(document: Path) -> Iterator[str]:
    """The links in a document to files of the repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_to_a_file_works(document):
    assert [target for target in links(document) if not (document.parent / target).exists()] == []


ROOMS = (
    "accounts",
    "companies",
    "pactwatch",
    "templates",
    "tests",
    "tools",
    "benchmarks",
    "docs",
    "deploy",
)


def paths_named(text: str) -> list[str]:
    """Files and folders of this repository that `text` names in backticks."""
    spans = re.findall(r"`([\w./-]+)`", text)
    return [span for span in spans if "/" in span and span.split("/")[0] in ROOMS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_file_that_a_document_names_exists(document):
    missing = [name for name in paths_named(document.read_text()) if not (ROOT / name).exists()]
    assert missing == []


def test_the_parser_finds_file_paths_and_ignores_urls():
    text = "See `companies/models/`, `tests/builders.py`, `/companies/` and `application/json`."
    assert paths_named(text) == ["companies/models/", "tests/builders.py"]
