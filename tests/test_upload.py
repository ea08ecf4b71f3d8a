"""Uploading a spreadsheet of companies in the admin."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from companies.importers.spreadsheet import write
from companies.models import Company, ImportRun, Proposal
from companies.register.review.deciding import Decision, apply
from companies.register.review.uploads import COLUMNS

from .builders import a_company, a_pact, a_sector, a_signing, a_source
from .editors import a_login, a_reviewer, an_editor
from .lists import a_reviewer as a_reviewing_user
from .lists import the_proposal

pytestmark = pytest.mark.django_db
URL = "/admin/companies/importrun/upload/"


def upload(client, content: bytes | str, name: str = "companies.csv"):
    """Post `content` as a file and return the response."""
    content = content.encode() if isinstance(content, str) else content
    source = a_source("survey", url="https://example.org/survey")
    return client.post(
        URL,
        {"pact": a_pact().pk, "source": source.pk, "file": SimpleUploadedFile(name, content)},
        follow=True,
    )


def text(response) -> str:
    return response.content.decode()


def proposals() -> list[tuple[str, str]]:
    return [(p.action, str(p.subject)) for p in Proposal.objects.order_by("pk")]


def test_rows_that_differ_from_the_register_become_proposals():
    a_sector("telecom")
    a_signing(a_company("Telefónica", country="ES"))
    a_company("Meta")
    a_signing(a_company("Orange"))

    response = upload(
        an_editor(),
        "company,country,sector,status,since\n"
        "Telefonica,ES,telecom,signed,2024-10-09\n"
        "Meta,US,,not_signed,2024-09-25\n"
        "Bolt,FR,,signed,2026-01\n"
        "Orange Bank,FR,,,\n",
    )

    assert "5 proposals." in text(response)
    assert proposals() == [
        ("change", "Telefónica"),
        ("change", "Meta"),
        ("change", "Meta"),
        ("new_company", "Bolt"),
        ("match_unsure", "Orange Bank"),
    ]


def test_an_applied_profile_keeps_the_source_as_its_basis():
    company = a_company("Telefónica", country="FR")
    upload(an_editor(), "company,country\nTelefónica,ES\n")

    apply(the_proposal("change").pk, Decision(), by=a_reviewing_user())

    company.refresh_from_db()
    assert (company.country, company.profile_basis, company.profile_url) == (
        "ES",
        "source",
        "https://example.org/survey",
    )


def test_an_applied_status_cites_the_chosen_source():
    company = a_company("Meta")
    review = upload(
        an_editor(),
        "company,status,since,quote,own words,about on\n"
        "Meta,declined,2024-09-25,We will not sign,will_not_sign,2024-09-25\n",
    )

    assert review.status_code == 200
    assert "says that it will not sign" in text(review)

    apply(the_proposal("change").pk, Decision(), by=a_reviewing_user())

    signing = company.signings.get()
    assert (signing.status, str(signing.started), signing.since_basis) == (
        "declined",
        "2024-09-25",
        "first_seen",
    )
    citation = signing.citations.get()
    assert (citation.source.slug, citation.quote, citation.own_words) == (
        "survey",
        "We will not sign",
        "will_not_sign",
    )


def test_a_new_company_gets_its_profile_from_the_spreadsheet():
    upload(an_editor(), "company,country,status,since\nBolt,FR,signed,2026-01\n")

    apply(the_proposal("new_company").pk, Decision(), by=a_reviewing_user())

    company = Company.objects.get()
    assert (company.country, company.signings.get().status) == ("FR", "signed")


def test_a_new_company_without_a_status_has_no_signing():
    upload(an_editor(), "company,country\nBolt,FR\n")

    apply(the_proposal("new_company").pk, Decision(), by=a_reviewing_user())

    assert Company.objects.get().signings.count() == 0


def test_a_proposal_is_stale_after_the_company_was_edited():
    company = a_company("Telefónica", country="FR")
    upload(an_editor(), "company,country\nTelefónica,ES\n")
    company.country = "PT"
    company.save()

    response = a_reviewer("rob2").post(
        f"/admin/companies/importrun/{ImportRun.objects.get().pk}/review/",
        {"selected": the_proposal("change").pk, "apply": "1"},
        follow=True,
    )

    assert "Telefónica has changed since this was proposed" in text(response)
    assert Proposal.objects.get().state == "stale"


def test_a_corrected_spreadsheet_of_the_same_source_supersedes_the_first():
    a_company("Telefónica", country="FR")
    editor = an_editor()
    upload(editor, "company,country\nTelefónica,PT\n")
    run = ImportRun.objects.get()

    content = SimpleUploadedFile("mended.csv", "company,country\nTelefónica,ES\n".encode())
    editor.post(URL, {"pact": run.pact_id, "source": run.source_id, "file": content})

    assert list(Proposal.objects.order_by("pk").values_list("state", "new__country")) == [
        ("superseded", "PT"),
        ("proposed", "ES"),
    ]


def test_a_workbook_becomes_proposals_too():
    content = write([["Bolt", "FR"]], headers=["Company", "Pays"], kind="xlsx")

    upload(an_editor(), content, "companies.xlsx")

    assert proposals() == [("new_company", "Bolt")]
    assert ImportRun.objects.get().kind == "spreadsheet"


def test_every_fault_is_listed_with_its_line_and_nothing_is_stored():
    response = upload(
        an_editor(),
        "company,country,sector,status,since\n"
        "Bolt,Atlantis,,,\n"
        "Core,,steam,,\n"
        "Dent,,,signed,soon\n"
        "Emil,,,signed,\n"
        "Fern,,,maybe,2026\n",
    )

    shown = text(response)
    assert "refused. Nothing was kept" in shown
    for line, column in [(2, "country"), (3, "sector"), (4, "since"), (5, "status"), (6, "status")]:
        assert f"<td>{line}</td><td>{column}</td>" in shown
    assert (ImportRun.objects.count(), Proposal.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"country\nFR\n", "company"),
        (b"%PDF-1.7", "PDF"),
        (b"company\n" + b"x\n" * 20_001, "20"),
        (b"x" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(content, reason):
    response = upload(an_editor(), content)

    assert reason in text(response)
    assert response.status_code == 200
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_can_be_uploaded(kind):
    a_sector("telecom")
    editor = an_editor()

    content = editor.get(f"/admin/companies/importrun/template.{kind}").content
    response = upload(editor, content, f"template.{kind}")

    assert "Nothing was kept" not in text(response)
    assert proposals() == [("new_company", "Telefónica")]


def test_a_template_in_another_format_is_not_found():
    assert an_editor().get("/admin/companies/importrun/template.exe").status_code == 404


def test_the_page_names_every_column():
    shown = text(an_editor().get(URL))

    for column in COLUMNS:
        assert f"<code>{column}</code>" in shown


def test_uploading_needs_a_login(client):
    viewer = a_login("viewer", group="Reviewers")
    viewer.get("/admin/")

    assert client.get(URL).status_code == 302
    assert viewer.get(URL).status_code == 200


def test_rejected_rows_are_not_proposed_again():
    a_company("Telefónica", country="FR")
    editor = an_editor()
    upload(editor, "company,country\nTelefónica,ES\n")
    run = ImportRun.objects.get()
    a_reviewer("rob2").post(
        f"/admin/companies/importrun/{run.pk}/review/",
        {"selected": [run.proposals.get().pk], "reject": "1", "reason": "the survey is wrong"},
    )

    editor.post(
        URL,
        {
            "pact": a_pact().pk,
            "source": run.source.pk,
            "file": SimpleUploadedFile("again.csv", b"company,country\nTelef\xc3\xb3nica,ES\n\n"),
        },
    )

    assert Proposal.objects.filter(state="proposed").count() == 0


def test_a_row_without_a_company_is_refused_with_its_number():
    response = upload(an_editor(), "company;country\nBolt;AT\n;FR\n")

    assert response.status_code == 200
    assert "<td>3</td><td>company</td><td>The company name is missing." in text(response)
    assert ImportRun.objects.count() == 0


def test_the_read_and_the_ignored_columns_are_shown_before_anything_is_applied():
    a_company("Bolt", country="DE")

    content = "Firmenliste 2026\n\nFirma;country code;sectors\nBolt;AT;telecom\n"
    review = upload(an_editor(), content)

    assert "0 proposals." in text(review)
    assert "Columns read: company (A, “Firma”)." in text(review)
    assert "Ignored columns (heading not recognised): “country code”, “sectors”." in text(review)
    assert "The rows above were ignored: “Firmenliste 2026”." in text(review)


def test_a_refused_file_also_reports_what_was_read():
    shown = text(upload(an_editor(), "company,nation,country\nBolt,x,Atlantis\n"))

    assert "Ignored columns (heading not recognised): “nation”." in shown


@pytest.mark.parametrize(
    ("typed", "since"),
    [("2025-10", "2025-10"), ("10/2025", "2025-10"), ("oct. 2025", "2025-10"), ("2025", "2025")],
)
def test_a_date_known_to_the_month_stays_so(typed, since):
    upload(an_editor(), f"company;status;since\nBolt;signed;{typed}\n")

    assert the_proposal("new_company").new["since"] == since


def test_an_ambiguous_date_is_refused_with_both_readings():
    shown = text(upload(an_editor(), "company;status;since\nBolt;signed;03/04/2025\n"))

    assert "may be 2025-04-03 or 2025-03-04" in shown


def test_a_spreadsheet_of_another_pact_is_refused():
    shown = text(upload(an_editor(), "company,pact\nBolt,seoul\n"))

    assert "“seoul”, expected one of: eu-ai-pact." in shown


def a_register_of_all_kinds() -> None:
    a_signing(a_company("+Simple", country="FR", sector=a_sector("telecom"), size="large"))
    a_signing(a_company("Meta, Inc.", legal_name="Meta Platforms, Inc."), "not_signed",
              since_basis="observed")  # fmt: skip
    a_signing(a_company("Bolt", country="DE"), since=date(2025, 3, 1), since_precision="month")
    a_company("Nobody Knows", country="IT")


@pytest.mark.parametrize("address", ["/companies/download", "/fr/companies/download"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_our_own_download_uploads_without_faults_or_proposals(client, address, kind):
    a_register_of_all_kinds()
    content = client.get(f"{address}.{kind}").getvalue()

    review = upload(an_editor(), content, f"download.{kind}")
    checked = client.post("/check/", {"file": SimpleUploadedFile(f"d.{kind}", content)})

    assert "0 proposals." in text(review)
    assert ImportRun.objects.get().names_count == 4
    assert [str(row.company) for row in checked.context["result"].rows] == [
        "Bolt", "Meta, Inc.", "Nobody Knows", "+Simple",
    ]  # fmt: skip
