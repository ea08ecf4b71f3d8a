"""How many signatories are known, and of how many: never the one without the other."""

import csv
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from companies.models import Pact
from companies.pages.urls import urlpatterns

from .builders import a_commitment, a_company, a_pact, a_signing

KNOWN, ANNOUNCED = 19, 877

ROOT = Path(__file__).parent.parent
LANGUAGES = [code for code, _name in settings.LANGUAGES]

# Of each address with a name in it, one that has the number.
NAMED = {
    "companies/<slug:slug>/": "companies/company-0/",
    "commitments/<slug:code>/": "commitments/governance/",
    "pacts/<slug:slug>/": "pacts/eu-ai-pact/",
}
PICTURES = (
    "signatories-over-time", "by-country", "by-region", "by-sector", "by-size", "by-role",
    "europe", "world", "implementation",
)  # fmt: skip


def addresses() -> list[str]:
    """Every page without a name in its address, one of each with a name, pictures and files."""
    routes = [str(pattern.pattern) for pattern in urlpatterns]
    plain = [route for route in routes if "<" not in route and not route.endswith(".xlsx")]
    pictures = [f"statistics/{name}.{kind}" for name in PICTURES for kind in ("svg", "csv")]
    return [*plain, *NAMED.values(), *pictures]


@pytest.fixture
def register(db):
    pact = a_pact(listed_total=ANNOUNCED)
    a_commitment("governance", pact=pact)
    for number in range(KNOWN):
        company = a_company(f"Company {number}", country="FR", size="large", role="both")
        a_signing(company)
    a_company("On the register and no signatory")


def words(response) -> str:
    """The text of an answer, without markup and on one line; a picture's title is text too."""
    body = b"".join(response) if response.streaming else response.content
    if response["Content-Type"].startswith("text/csv"):
        return body.decode().replace(",", " ")
    html = re.sub(r"<(style|script|path)\b.*?(</\1>|/>)", " ", body.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_of_known_signatories_is_never_shown_without_the_announced_total(
    register, client, language
):
    number = re.compile(rf"(?<![\d.,-]){KNOWN}(?![\d.,]*\d)")
    sentence = re.compile(rf"{KNOWN} (known )?(signator|signataire)[^.;:|]*")
    prefix = "/" if language == "en" else f"/{language}/"
    seen = set()

    for address in addresses():
        text = words(client.get(prefix + address))
        if number.search(text) and address != "data/":  # which counts the rows of files
            seen.add(address)
            assert str(ANNOUNCED) in text, address
        for found in sentence.finditer(text):
            assert str(ANNOUNCED) in found[0], (address, found[0])

    assert seen >= {
        "", "companies/", "method/", "statistics/", "pacts/", "pacts/eu-ai-pact/", "commitments/",
        "commitments/governance/", "reports/", "check/", "companies/download.csv",
        "companies/download.json", *(f"statistics/{name}.svg" for name in PICTURES),
    }  # fmt: skip


@pytest.mark.parametrize("address", ["/llms.txt", "/api/v1/statistics/"])
def test_machine_readable_outputs_state_both_numbers(register, client, address):
    text = client.get(address).content.decode()

    assert str(KNOWN) in text
    assert str(ANNOUNCED) in text


@pytest.mark.parametrize(
    ("pact", "number", "language", "words"),
    [
        ("eu-ai-pact", 1, "en", "1 known signatory (of more than 1,200)"),
        ("eu-ai-pact", 9, "en", "9 known signatories (of more than 1,200)"),
        ("eu-ai-pact", 9, "fr", "9 signataires connus (sur plus de 1\u202f200)"),
        ("gpai-code", 9, "en", "9 known signatories (of 1,200)"),
        ("gpai-code", 9, "fr", "9 signataires connus (sur 1\u202f200)"),
    ],
)
def test_the_sentence_names_the_pact_and_its_announced_total(pact, number, language, words):
    with translation.override(language):
        assert Pact(slug=pact, listed_total=1200).known(number) == words


@pytest.mark.parametrize(
    ("language", "words"), [("en", "9 known signatories"), ("fr", "9 signataires connus")]
)
def test_without_an_announced_total_only_the_known_number_is_shown(language, words):
    with translation.override(language):
        assert Pact(slug="eu-ai-pact").known(9) == words


def test_no_text_in_the_repository_hard_codes_the_number_of_signatories():
    """It is counted: a number that is written down is wrong after the next reading of a list."""
    with (ROOT / "companies/data/signings.csv").open(newline="", encoding="utf-8") as file:
        known = sum(
            row["pact"] == "eu-ai-pact" and row["status"] == "signed" and not row["until"]
            for row in csv.DictReader(file)
        )
    said = re.compile(rf"(?<!\d)({known}|137)\b[^.\n]{{0,30}}\b(signator|signataire|signed|known)")
    texts = [
        path
        for pattern in (
            "templates/**/*.*",
            "locale/**/*.po",
            "docs/*.md",
            "*.md",
            "companies/**/*.py",
        )
        for path in ROOT.glob(pattern)
    ]

    assert [path.name for path in texts if said.search(path.read_text(encoding="utf-8"))] == []
