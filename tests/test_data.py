"""The register that comes with the project: what it holds, and that it is a sound package."""

import datetime
import json
from pathlib import Path

import frictionless
import pytest
from django.core.management import call_command

import companies
from companies.models import (
    Citation,
    Company,
    Milestone,
    Pact,
    Pledge,
    Signing,
    Source,
)
from companies.register.package import descriptor
from tests.packages import dumped
from tests.sharing import shared

DATA = Path(companies.__file__).parent / "data"
TODAY = datetime.date(2026, 10, 1)


pytestmark = pytest.mark.django_db
register = shared(lambda: call_command("load_register", verbosity=0))


@pytest.mark.parametrize(
    ("model", "number"),
    [(Company, 178), (Signing, 213), (Citation, 387), (Source, 48), (Milestone, 33)],
)
def test_the_register_holds_all_of_its_rows(register, model, number):
    assert model.objects.count() == number


@pytest.mark.parametrize(
    ("status", "number"), [("signed", 137), ("not_signed", 13), ("declined", 1)]
)
def test_companies_stand_toward_the_pact_as_the_sources_say(register, status, number):
    pact = Pact.objects.get(slug="eu-ai-pact")

    standing = Company.objects.with_status(pact, TODAY).filter(status=status)

    assert standing.count() == number


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

    assert len(pledged) == 137
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
    assert len(report.tasks) == 16


def test_the_descriptor_is_the_one_the_code_would_write():
    assert json.loads((DATA / "datapackage.json").read_text()) == descriptor()
