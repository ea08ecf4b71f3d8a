"""The audit history on the editors' screens: every change with who and why, and the way back."""

import pytest

from companies.models import Citation, Company, Signing

from .builders import a_citation, a_commitment, a_company, a_pledge, a_signing, a_source
from .editors import a_reviewer, an_editor, errors, page, save, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def lines(client, company, query=""):
    """The timeline of a company, newest first: what happened to which kind of row."""
    response = client.get(page(company, "history") + query)
    assert response.status_code == 200
    return response.context["lines"]


def version(record, row):
    return page(record, f"history/{row.pk}")


def restore(client, record, row, **changes):
    screen = version(record, row)
    return client.post(screen, typed(client.get(screen), **changes))


def test_the_history_says_who_changed_what_from_what_and_why():
    client, company = an_editor(), a_company("Acme", country="DE")
    save(client, company, country="FR", change_reason="annual report, page 2")

    newest, oldest = lines(client, company)

    (difference,) = newest["changes"]
    assert (difference["field"], difference["old"], difference["new"]) == (
        "Country of headquarters",
        "DE",
        "FR",
    )
    assert oldest["changes"] == []
    shown = text(client.get(page(company, "history")))
    assert "ann" in shown
    assert "annual report, page 2" in shown
    assert "an automatic import" in shown  # who made the company


def test_the_history_shows_empty_values_as_a_dash_and_no_derived_column():
    client, company = an_editor(), a_company("Acme")
    save(client, company, name="Acme SE", website="https://acme.example/")

    (changes,) = [line["changes"] for line in lines(client, company) if line["changes"]]

    assert [(c["field"], c["old"], c["new"]) for c in changes] == [
        ("Name", "Acme", "Acme SE"),
        ("Website", "–", "https://acme.example/"),
    ]


def test_the_history_of_a_company_lists_the_changes_of_its_rows_and_of_no_other_company():
    client, company = an_editor(), a_company("Acme")
    signing = a_signing(company)
    a_citation(signing=signing, source=a_source("ours", title="Ours"))
    a_pledge(company, commitment=a_commitment(kind="additional"))
    company.names.create(name="Acme SA", kind="legal").delete()
    a_citation(signing=a_signing(a_company("Stranger")), source=a_source("theirs", title="Theirs"))

    found = [(str(line["kind"]), line["step"].history_type) for line in lines(client, company)]

    assert found == [
        ("other name", "-"),
        ("other name", "+"),
        ("pledge", "+"),
        ("citation", "+"),
        ("signing status", "+"),
        ("company", "+"),
    ]
    assert "Theirs" not in text(client.get(page(company, "history")))


def test_a_long_history_comes_in_pages():
    client, company = an_editor(), a_company("Acme")
    for number in range(100):
        company.description = f"Version {number}"
        company.save()

    assert len(lines(client, company)) == 100
    assert len(lines(client, company, "?p=2")) == 1
    assert "101 steps" in text(client.get(page(company, "history")))


def test_the_history_of_one_row_shows_its_differences_too():
    client, signing = an_editor(), a_signing(a_company("Acme"))
    save(client, signing, reason_en="Company statement.", change_reason="found its letter")

    shown = text(client.get(page(signing, "history")))

    assert "Reason in English" in shown
    assert "Company statement." in shown
    assert "found its letter" in shown


def test_an_earlier_version_is_restored_with_a_reason_and_the_history_goes_on():
    client, company = an_editor(), a_company("Acme", country="DE")
    first = company.history.get()
    save(client, company, country="FR")

    response = restore(client, company, first, change_reason="FR was another Acme")

    assert response.status_code == 302, errors(response)
    company.refresh_from_db()
    assert company.country == "DE"
    assert [row.country for row in company.history.all()] == ["DE", "FR", "DE"]
    assert company.history.first().history_change_reason == "FR was another Acme"


def test_a_version_can_be_edited_before_it_is_restored():
    client, company = an_editor(), a_company("Acme", country="DE")
    first = company.history.get()
    save(client, company, country="FR", website="https://acme.example/")

    restore(client, company, first, country="BE")

    company.refresh_from_db()
    assert (company.country, company.website) == ("BE", "")


def test_a_deleted_citation_is_restored_from_the_history_of_its_company():
    client, company = an_editor(), a_company("Acme")
    citation = a_citation(signing=a_signing(company), quote="We signed.")
    client.post(page(citation, "delete"), {"post": "yes"})
    gone = lines(client, company)[0]

    response = client.post(gone["version_url"], typed(client.get(gone["version_url"])))

    assert response.status_code == 302, errors(response)
    assert Citation.objects.get(signing__company=company).quote == "We signed."


def test_a_deleted_company_keeps_its_history_and_comes_back_under_its_public_id():
    client, company = a_reviewer(), a_company("Acme", country="DE")
    a_signing(company)
    kept = Company(pk=company.pk)
    client.post(page(company, "delete"), {"post": "yes"})
    assert not Company.objects.exists()

    found = lines(client, kept)
    (gone,) = [
        line
        for line in found
        if line["step"].history_type == "-" and line["step"].instance_type is Company
    ]
    restored = client.post(gone["version_url"], typed(client.get(gone["version_url"])))

    assert restored.status_code == 302, errors(restored)
    company = Company.objects.get()
    assert (company.pk, company.slug, company.country) == (kept.pk, "acme", "DE")


def test_a_version_that_contradicts_the_register_of_today_is_refused_with_a_sentence():
    client, company = an_editor(), a_company("Acme")
    first = company.history.get()
    save(client, company, name="Acme Group")
    a_company("ACME", slug="other")

    response = restore(client, company, first)

    assert errors(response) == ["A company with this name is already on the register."]
    company.refresh_from_db()
    assert company.name == "Acme Group"


def test_a_period_is_not_restored_over_the_one_that_took_its_place():
    client, company = a_reviewer(), a_company("Acme")
    signing = a_signing(company, status="declined")
    kept = Signing(pk=signing.pk)
    client.post(page(signing, "delete"), {"post": "yes"})
    a_signing(company)

    response = restore(client, kept, Signing.history.filter(id=kept.pk).first())

    assert any("overlaps another one" in message for message in errors(response))
    assert company.signings.get().status == "signed"


def test_restoring_a_version_over_a_colleague_s_edit_is_refused():
    ann, company = an_editor("ann"), a_company("Acme", country="DE")
    screen = version(company, company.history.get())
    anns = typed(ann.get(screen))
    save(an_editor("bob"), company, country="FR")

    response = ann.post(screen, anns)

    assert "bob saved this record at" in errors(response)[0]
    company.refresh_from_db()
    assert company.country == "FR"


def test_the_version_of_another_record_is_a_404():
    client, company, other = an_editor(), a_company("Acme"), a_company("Other")

    assert client.get(version(company, other.history.get())).status_code == 404
    assert client.post(version(company, other.history.get()), {}).status_code == 404
    assert client.get(page(Company(pk=999), "history")).status_code == 404
