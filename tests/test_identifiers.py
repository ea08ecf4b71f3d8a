"""Identifiers of companies in other registers: checked, in one form, each of one company."""

import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from companies.models import Change, CompanyIdentifier
from companies.names.identifiers import one_form, why_wrong
from companies.register.history import save as save_row
from companies.register.history import save_new
from companies.register.merging.merge import merge
from companies.register.package import BrokenPackage
from tests.builders import a_company, a_pact, a_signing
from tests.editors import a_reviewer, an_editor, errors, save
from tests.packages import a_package, load

pytestmark = pytest.mark.django_db
LEI = "529900D6BF99LW9R2E68"

SAME = [  # two ways of writing one identifier
    ("lei", "529900d6bf99lw9r2e68", LEI),
    ("lei", " 5299 00D6-BF99-LW9R-2E68 ", LEI),
    ("lei", f"https://search.gleif.org/#/record/{LEI}", LEI),
    ("wikidata", "q42", "Q42"),
    ("wikidata", "https://www.wikidata.org/wiki/Q42", "Q42"),
    ("isin", "us 0378331005", "US0378331005"),
    ("vat", "fr 40 303 265 045", "FR40303265045"),
    ("vat", "es a78374725", "ESA78374725"),
    ("vat", "GR 094259216", "EL094259216"),
    ("vat", "BE 428759497", "BE0428759497"),
    ("vat", "CHE-107.787.577 TVA", "CHE107787577MWST"),
    ("eu-transparency-register", "03181945560\u201359", "03181945560-59"),
]
WRONG = [  # and a part of the reason
    ("lei", "529900D6BF99LW9R2E69", "check digits"),
    ("lei", "529900D6BF99LW9R2E6", "this one has 19"),
    ("lei", "529900D6BF99LW9R2EXX", "two check digits"),
    ("lei", "5299000000000000000000", "this one has 22"),
    ("isin", "US0378331006", "check digits"),
    ("isin", "US03783310", "this one has 10"),
    ("isin", "ZZ0378331005", "country code"),
    ("vat", "FR40303265046", "check digits"),
    ("vat", "DE12345", "a different format"),
    ("vat", "40303265045", "begins with a country code"),
    ("vat", "US123456789", "begins with “US”"),
    ("wikidata", "42", "Q42"),
    ("wikidata", "Q042", "Q42"),
    ("eu-transparency-register", "0318194556059", "a hyphen"),
    ("eu-transparency-register", "3181-5", "a hyphen"),
]


@pytest.mark.parametrize(("scheme", "typed", "kept"), SAME)
def test_two_spellings_of_an_identifier_are_the_same(scheme, typed, kept):
    assert one_form(scheme, typed) == kept
    assert one_form(scheme, kept) == kept
    assert why_wrong(scheme, kept) == ""


@pytest.mark.parametrize(("scheme", "typed", "reason"), WRONG)
def test_a_wrong_identifier_is_refused_with_the_reason(scheme, typed, reason):
    with pytest.raises(ValidationError) as refused:
        CompanyIdentifier(company=a_company(), scheme=scheme, value=typed).full_clean()

    assert reason in " ".join(refused.value.messages)


@pytest.mark.parametrize("text", ["", "-", "\u200b", "É" * 20, "x" * 60, "１２３", "CHE", "٣"])
@pytest.mark.parametrize("scheme", CompanyIdentifier.Scheme.values)
def test_an_invalid_identifier_is_refused_with_a_sentence(scheme, text):
    with pytest.raises(ValidationError):
        CompanyIdentifier(company=a_company(), scheme=scheme, value=text).full_clean()


def rows_with(scheme, value):
    return {
        "identifiers__TOTAL_FORMS": 1,
        "identifiers__0__scheme": scheme,
        "identifiers__0__value": value,
    }


@pytest.mark.parametrize("typed", [LEI, LEI.lower(), f" {LEI[:4]} {LEI[4:]}"])
def test_a_form_refuses_an_identifier_of_another_company_and_names_it(typed):
    client, orange = an_editor(), a_company("Orange")
    a_company("SAP").identifiers.create(scheme="lei", value=LEI)

    response = save(client, orange, **rows_with("lei", typed))

    assert "Another company already has this identifier." in errors(response)
    assert "It is that of SAP." in errors(response)
    assert not orange.identifiers.exists()


def test_a_form_stores_the_canonical_form_of_an_identifier():
    client, orange = an_editor(), a_company("Orange")

    save(client, orange, **rows_with("vat", "fr 40 303 265 045"))

    assert orange.identifiers.get().value == "FR40303265045"


def test_two_spellings_of_an_identifier_on_one_page_are_refused():
    client, orange = an_editor(), a_company("Orange")
    changes = rows_with("lei", LEI) | {
        "identifiers__TOTAL_FORMS": 2,
        "identifiers__1__scheme": "lei",
        "identifiers__1__value": LEI.lower(),
    }

    response = save(client, orange, **changes)

    assert response.status_code == 200
    assert errors(response)
    assert not orange.identifiers.exists()


@pytest.mark.database
def test_code_and_the_database_also_store_the_canonical_form():
    row = a_company().identifiers.create(scheme="lei", value=LEI.lower())

    assert row.value == LEI
    with pytest.raises(IntegrityError), transaction.atomic():
        a_company().identifiers.create(scheme="lei", value=LEI)
    CompanyIdentifier.objects.filter(pk=row.pk).update(value=LEI.lower())
    with pytest.raises(IntegrityError), transaction.atomic():
        save_new([CompanyIdentifier(company=a_company(), scheme="lei", value=LEI)], "")


def refused(tmp_path, *identifiers):
    with pytest.raises(Exception) as broken:  # noqa: PT011  # CommandError with every fault
        load(a_package(tmp_path / "package", company_identifiers=list(identifiers)))
    assert not isinstance(broken.value, AssertionError | BrokenPackage)
    return str(broken.value)


def test_a_package_needs_canonical_and_valid_identifiers(tmp_path):
    said = refused(tmp_path, f"acme,lei,{LEI.lower()}")
    assert f"value '{LEI.lower()}': It is kept as “{LEI}”." in said

    assert "this one has 19" in refused(tmp_path, f"acme,lei,{LEI[:-1]}")
    assert "stands on line 2 already" in refused(tmp_path, f"acme,lei,{LEI}", f"bolt,lei,{LEI}")


def test_a_merge_keeps_each_identifier_once_in_canonical_form():
    kept, other = a_company("Kept"), a_company("Other")
    kept.identifiers.create(scheme="wikidata", value="Q1")
    other.identifiers.create(scheme="lei", value=LEI.lower())

    merge(
        kept=kept,
        merged=other,
        decisions={},
        name_kind="alias",
        cause=Change.Cause.CORRECTION,
        reason="one company",
    )

    assert sorted(kept.identifiers.values_list("value", flat=True)) == [LEI, "Q1"]


def test_the_record_links_the_registers_that_have_a_page(client):
    company = a_company("Acme", website="https://acme.example")
    a_signing(company)
    for scheme, value in (
        *(("lei", LEI), ("wikidata", "Q42"), ("vat", "FR40303265045")),
        *(("isin", "US0378331005"), ("eu-transparency-register", "03181945560-59")),
    ):
        company.identifiers.create(scheme=scheme, value=value)

    page = client.get("/companies/acme/").content.decode()
    record = client.get("/api/v1/companies/acme/").json()

    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    organization = json.loads(block)
    pages = {one["scheme"]: one["url"] for one in record["identifiers"]}
    assert pages["lei"] == f"https://search.gleif.org/#/record/{LEI}"
    assert pages["wikidata"] == "https://www.wikidata.org/wiki/Q42"
    assert pages["eu-transparency-register"].endswith("?id=03181945560-59")
    assert pages["vat"] is None
    assert pages["isin"] is None
    linked = sorted(url for url in pages.values() if url)
    assert sorted(organization["sameAs"]) == sorted(["https://acme.example", *linked])
    assert (organization["leiCode"], organization["vatID"]) == (LEI, "FR40303265045")
    for url in linked:
        assert f'href="{url}"' in page
    assert "FR40303265045" in page


def test_a_stored_invalid_identifier_can_be_corrected_in_the_form():
    client, company = a_reviewer(), a_company("Acme")
    a_pact()
    row = company.identifiers.create(scheme="lei", value="1234")

    response = save(client, company, website="https://acme.example")
    assert "An LEI has 20 letters and digits; this one has 4." in errors(response)

    row.value = LEI.lower()
    save_row(row, "mended")
    assert company.identifiers.get().value == LEI


@pytest.mark.long  # 0021 is released and never changes
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_the_migration_normalises_identifiers_and_lists_those_it_could_not(capsys):
    a_company("SAP"), a_company("Orange"), a_company("Acme")
    try:
        executor = MigrationExecutor(connection)
        executor.migrate([("companies", "0020_opinions")])
        apps = executor.loader.project_state([("companies", "0020_opinions")]).apps
        rows = apps.get_model("companies", "CompanyIdentifier").objects
        ids = dict(apps.get_model("companies", "Company").objects.values_list("slug", "pk"))
        for slug, scheme, value in (
            *(("sap", "lei", LEI.lower()), ("orange", "lei", LEI), ("acme", "lei", "1234")),
            *(("acme", "vat", "FR40303265045"), ("orange", "wikidata", "q42")),
        ):
            rows.create(company_id=ids[slug], scheme=scheme, value=value)
        capsys.readouterr()
    finally:
        call_command("migrate", verbosity=0, interactive=False)

    said = capsys.readouterr().out
    assert f"removed, because sap has it: orange, lei {LEI}" in said
    assert "to be checked: acme, lei 1234: An LEI has 20 letters and digits" in said
    assert sorted(CompanyIdentifier.objects.values_list("company__slug", "value")) == [
        ("acme", "1234"),
        ("acme", "FR40303265045"),
        ("orange", "Q42"),
        ("sap", LEI),
    ]
