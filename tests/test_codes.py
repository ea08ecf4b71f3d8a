"""Codes, columns, keys and parameters claim no more than the words that readers see."""

import enum
import io
import pkgutil
import re
from importlib import import_module

import pytest
from django.db.models import TextChoices
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from openpyxl import load_workbook

import companies
from companies.pages import reports
from companies.pages.urls import urlpatterns
from companies.queries import WholeResult
from companies.queries.company_table import CompanyTable
from companies.register.package import TABLES, descriptor
from tests.builders import a_commitment, a_company, a_pact, a_signing

# Codes with a word that their label lacks, each with the label that was read beside it: a new code
# of this kind, or another label, has to be read by somebody before it stands here.
READ = {
    ("Absence", "interested"): "In the network, not a signatory",
    ("Absence", "no_answer"): "No reply (contacted by us)",
    ("Absence", "not_asked"): "Not on the list, not contacted",
    ("Absence", "removed"): "No longer listed",
    ("ReasonCode", "other_country"): "We list this company in another country.",
    ("ReasonCode", "other_identifier"): "We list another identifier of this kind.",
    ("Change.Action", "deleted"): "removed",
    ("Change.ByRole", "machine"): "an automatic import",
    ("Change.Cause", "world"): "event",
    ("Choice", "kept"): "as the company that stays has it",
    ("Commitment.Audience", "all"): "every signatory",
    ("Commitment.TextBasis", "paraphrase"): "in our words",
    ("Commitment.TextBasis", "verbatim"): "word for word",
    ("Company.ProfileBasis", "unknown"): "unknown",
    ("Company.Role", "both"): "provider and deployer",
    ("Company.Role", "unknown"): "unknown",
    ("Company.Size", "sme"): "small or medium-sized",
    ("Company.Size", "unknown"): "unknown",
    ("CompanyName.Kind", "alias"): "also known as",
    ("CompanyName.Kind", "as_listed"): "as an official list spells it",
    ("Correction.Kind", "claim"): "new evidence",
    ("Correction.Kind", "new_company"): "a missing company",
    ("Delivery.Fault", "network"): "no connection",
    ("Delivery.Fault", "redirect"): "the address leads elsewhere",
    ("Delivery.Fault", "timeout"): "no answer in time",
    ("Delivery.Kind", "confirm"): "question whether it is wanted",
    ("Delivery.Kind", "digest"): "changes of a week",
    ("EvidenceLevel", "none_found"): "no core commitment",
    ("ImportRun.LeftAs", "headed"): "below a heading",
    ("ImportRun.LeftAs", "said"): "in words",
    ("ImportRun.State", "failed"): "could not be fetched",
    ("ImportRun.State", "unchanged"): "unchanged since the last reading",
    ("Milestone.Topic", "gpai_code"): "General-Purpose AI Code",
    ("People", "checker"): "If you keep a list of suppliers here",
    ("People", "editor"): "If you work on the register",
    ("People", "named"): "If a source names you",
    ("People", "reader"): "If you read these pages",
    ("People", "sender"): "If you send a correction",
    ("Pledge.Basis", "implied_by_signature"): "by signing",
    ("Pledge.Implementation", "full"): "fully implemented",
    ("Pledge.ImplementationBasis", "self_reported"): "according to the company",
    (
        "ProgressReport.DueBasis",
        "from_first_seen",
    ): "counted from the first list that names the company",
    ("Proposal.Action", "conflict"): "changed here too",
    ("Proposal.Action", "no_longer_listed"): "no longer on the list",
    ("PublishedShare.Value", "both"): "provider and deployer",
    ("PublishedShare.Value", "eu"): "European Union",
    ("PublishedShare.Value", "other"): "elsewhere",
    ("PublishedShare.Value", "outside_eu"): "outside the European Union",
    ("PublishedShare.Value", "us"): "United States",
    ("QuoteCheck.Reason", "encoding"): "an unexpected compression",
    ("QuoteCheck.Reason", "front_page"): "redirects to the home page",
    ("QuoteCheck.Reason", "hardly_any_text"): "almost no text without JavaScript",
    ("QuoteCheck.Reason", "no_host"): "host not found",
    ("QuoteCheck.Reason", "size"): "a page too large to read",
    ("Region", "eu"): "European Union",
    ("Region", "other"): "other countries",
    ("Region", "unknown"): "unknown",
    ("Region", "us"): "United States",
    ("ReportState", "date_unknown"): "date unknown",
    ("ReportState", "none_found"): "no public report found",
    ("Resemblance", "foreign_form"): "The legal form is used in other countries.",
    ("Resemblance", "no_country"): "The company’s country is unknown.",
    ("Resemblance", "other_form"): "We list this company with another legal form.",
    ("Resemblance", "other_kind"): "Legal form of associations, partnerships or public bodies.",
    ("Resemblance", "part"): "One name contains the other.",
    ("Resemblance", "shared"): "Several companies on the register have this name.",
    ("Resemblance", "sold"): "Name of a brand or product, or similar to one.",
    ("Resemblance", "spacing"): "Only the spaces between the words differ.",
    ("Resemblance", "unknown_form"): "We do not know in which countries this legal form exists.",
    ("Show", "several"): "Two pacts or more",
    ("Signing.Asked", "no_answer"): "contacted, no reply",
    ("Signing.SinceBasis", "first_seen"): "first list or report that we know",
    ("Signing.SinceBasis", "observed"): "our check of the list",
    ("Signing.Status", "interested"): "In the network, not a signatory",
    ("Signing.Status", "not_signed"): "Not on the list",
    ("Signing.Status", "removed"): "No longer listed",
    ("Signing.Status", "unknown"): "No information",
    ("Subscription.Channel", "email"): "e-mail",
    ("Subscription.Reason", "failed"): "no message could be delivered for 24 hours",
    ("Subscription.Reason", "operator"): "by an editor",
    ("Subscription.Reason", "query"): "its filters are no longer valid",
    ("Subscription.Reason", "unconfirmed"): "not confirmed within 24 hours",
    ("Subscription.Rhythm", "weekly"): "once a week",
    ("Subscription.State", "unconfirmed"): "not confirmed yet",
}
# Codes without a label, which readers never see.
WITHOUT_LABEL = {"Basis", "DateBasis", "How", "Obstacle", "OtherKind", "Reason"}

# Columns, keys, parameters and addresses with such a word, each with what it says.
NAMED = {
    "confirm": "the page on which the sender of a statement confirms who sent it",
    "due_on": "the day by which a report was invited; its label says so",
    "due_basis": "how that day was derived",
    "verified_on": "the day a person, or first the program, found the quote, or nothing",
    "verified_by": "whether an editor or the program did",
    "verify": "the page that says what the register knows of a name",
    "absent": "the page of companies that are not on a list",
}

# Words that claim something about a company, in any form.
CLAIMS = re.compile(
    r"absen|accus|blacklist|breach|complian|confirm|declin|defaul|den(y|ied)|due|fail|late\b|"
    r"miss(ed|ing)|never|overdue|owe|prove|refus|reject|signed|verif|violat"
)


def enumerations():
    """Every enumeration of the register with text for its values."""
    for module in pkgutil.walk_packages(companies.__path__, "companies."):
        if ".migrations." not in module.name:
            import_module(module.name)
    waiting, found = [TextChoices, enum.StrEnum], set()
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            if each.__module__.startswith("companies.") and len(each):
                found.add(each)
    return sorted(found, key=lambda each: each.__qualname__)


def labelled():
    return [
        (each.__qualname__, str(one.value), one)
        for each in enumerations()
        if hasattr(next(iter(each)), "label")
        for one in each
    ]


def stems(text):
    return {word[:5] for word in re.findall(r"[^\W_]+", text.lower())}


@override("en")
def test_a_code_claims_no_more_than_its_label():
    labels = {(name, code): str(one.label) for name, code, one in labelled()}

    bolder = {key for key, label in labels.items() if not stems(key[1]) <= stems(label)}
    assert {key: labels[key] for key in bolder} == {key: READ.get(key) for key in bolder}


def test_no_published_code_was_removed():
    present = {(name, code) for name, code, _one in labelled()}

    assert READ.keys() <= present


def test_every_public_code_has_a_label():
    assert {
        each.__qualname__ for each in enumerations() if not hasattr(next(iter(each)), "label")
    } == WITHOUT_LABEL


def keys(schema):
    """The names of the properties and parameters that a description of the API declares."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        yield from (one["name"] for one in schema.get("parameters", []) if "name" in one)
        for below in schema.values():
            yield from keys(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from keys(below)


@pytest.mark.django_db
def test_no_public_column_key_parameter_or_url_overstates_its_meaning(rf):
    a_commitment("governance")
    whole = WholeResult.of(rf.get("/"))
    whole.refuse_faults()
    names = {
        *CompanyTable(whole).columns,
        *reports.COLUMNS,
        *(column for table in TABLES for column in table.columns),
        *keys(SchemaGenerator().get_schema(public=True)),
        *(part for url in urlpatterns for part in re.findall(r"[a-z_]+", str(url.pattern))),
    }

    claims = {name for name in names if CLAIMS.search(name)}
    assert (claims - NAMED.keys(), NAMED.keys() - claims) == (set(), set())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("/companies/?report=overdue", "none_found"),
        ("/api/v1/companies/?report=overdue", "none_found"),
        ("/api/v1/companies/?report=not_due", "not_yet_invited"),
        ("/reports/?state=overdue", "none_found"),
        ("/reports/report-clock.csv?state=due_soon", "invited_soon"),
        ("/companies/?evidence=none", "implementation_evidence"),
        ("/api/v1/companies/?implementation_evidence=none", "none_found, some_core, all_core"),
        ("/companies/download.csv?evidence=none", "implementation_evidence"),
    ],
)
def test_a_retired_code_is_refused_with_the_valid_ones(client, address, codes):
    a_pact()

    answer = client.get(address)

    assert answer.status_code == 400
    assert all(code in answer.text for code in codes.split(", "))


@pytest.mark.django_db
def test_a_signatory_without_a_known_report_is_not_called_late(client):
    a_signing(a_company("Acme"))

    rows = client.get("/companies/download.json").getvalue().decode()

    assert '"report": "none_found"' in rows
    assert "overdue" not in rows


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "status"),
    [("", "not_signed: Not on the list"), ("/fr", "not_signed: Ne figure pas sur la liste")],
)
def test_a_workbook_explains_its_columns_and_codes_on_its_first_sheet(client, language, status):
    a_signing(a_company("Acme"))

    answer = client.get(f"{language}/companies/download.xlsx")

    book = load_workbook(io.BytesIO(answer.getvalue()), read_only=True)
    columns, rows = book.worksheets
    explained = {row[0]: row[1] for row in columns.iter_rows(values_only=True)}
    assert next(rows.iter_rows(values_only=True))[0] == "slug"
    assert status in explained["status"]
    assert "none_found" in explained["report"]


def test_every_column_of_the_data_package_is_described():
    described = {
        f"{resource['name']}.{field['name']}": field.get("description", "")
        for resource in descriptor()["resources"]
        for field in resource["schema"]["fields"]
    }

    assert [name for name, description in described.items() if not description] == []
    assert "none" not in described["signings.status"].lower()
    assert "not_signed: Not on the list" in described["signings.status"]
