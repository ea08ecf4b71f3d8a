"""Every way to edit the register writes history rows and public lines, with who and why."""

import datetime

import pytest

from companies.models import Change, Company, Signing
from companies.queries.recorded import tables

from .builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing, a_source
from .change_lines import lines
from .editors import a_reviewer, an_editor, page, save, typed
from .packages import a_package, load

pytestmark = [pytest.mark.django_db, pytest.mark.history]


class Trail:
    """What was written since: history rows by model, and public lines."""

    def __init__(self) -> None:
        self.rows = {model: model.history.count() for model in tables()}
        self.changes = Change.objects.count()

    @property
    def history_rows(self) -> dict[str, int]:
        counts = {model.__name__: model.history.count() - self.rows[model] for model in tables()}
        return {name: number for name, number in counts.items() if number}

    @property
    def lines(self) -> list[str]:
        return lines(Change.objects.filter(number__gt=self.changes).order_by("number"))

    @property
    def roles(self) -> set[str]:
        new = Change.objects.filter(number__gt=self.changes)
        return set(new.values_list("by_role", flat=True))


def test_saving_a_form_writes_a_history_row_and_a_public_line():
    editor, company = an_editor(), a_company("Acme", country="DE")
    trail = Trail()

    save(editor, company, country="FR", change_reason="annual report")

    assert trail.history_rows == {"Company": 1}
    assert trail.lines == ["Acme: country of headquarters: France, before: Germany"]
    assert trail.roles == {"editor"}
    row = company.history.first()
    assert (row.history_user.username, row.history_change_reason) == ("ann", "annual report")


def test_saving_a_form_with_rows_of_two_tables_is_one_unit_of_work():
    editor, company = an_editor(), a_company("Acme")
    trail = Trail()

    save(
        editor,
        company,
        website="https://acme.example",
        names__TOTAL_FORMS=1,
        names__0__name="Acme SA",
        names__0__kind="legal",
    )

    assert trail.history_rows == {"Company": 1, "CompanyName": 1}
    assert trail.lines == ["Acme: website: https://acme.example", "Acme: other name added: Acme SA"]


def test_adding_a_company_is_recorded_and_published():
    editor = an_editor()
    a_pact()
    trail = Trail()

    address = "/admin/companies/company/add/"
    editor.post(address, typed(editor.get(address), name="Bolt", slug="bolt"))

    assert trail.history_rows == {"Company": 1}
    assert trail.lines == ["Bolt: added to the register"]


def test_changing_a_status_and_undoing_it_are_recorded_and_published():
    editor, company, source = an_editor(), a_company("Acme"), a_source()
    a_commitment("governance")
    trail = Trail()

    address = page(company, "change-status")
    values = {"status": "signed", "since": "2024-10", "source": source.pk}
    values |= {"since_basis": "stated", "quote": "In October 2024 we signed."}
    editor.post(address, typed(editor.get(address), **values, change_reason="a press release"))

    assert trail.history_rows == {"Signing": 1, "Pledge": 1, "Citation": 1}
    assert trail.lines == ["Acme: signed in October 2024"]

    trail = Trail()
    signing = Signing.objects.get()
    editor.post(
        f"/admin/companies/company/{company.pk}/undo-status/{signing.pk}/",
        {"change_reason": "the wrong company"},
    )

    assert trail.history_rows == {"Signing": 1, "Pledge": 1, "Citation": 1}
    assert trail.lines == ["Acme: entry withdrawn: “signed” since October 2024"]


def test_deleting_a_company_with_its_rows_is_recorded_and_published():
    reviewer, company = a_reviewer(), a_company("Acme")
    a_citation(signing=a_signing(company))
    a_pledge(company)
    trail = Trail()

    reviewer.post(page(company, "delete"), {"post": "yes"})

    assert Company.objects.count() == 0
    assert trail.history_rows == {"Company": 1, "Signing": 1, "Citation": 1, "Pledge": 1}
    assert "Acme: removed from the register" in trail.lines
    assert trail.roles == {"reviewer"}


def test_deleting_several_companies_at_once_is_recorded_and_published():
    reviewer = a_reviewer()
    companies = [a_company(name) for name in ("Acme", "Bolt")]
    trail = Trail()

    reviewer.post(
        "/admin/companies/company/",
        {
            "action": "delete_selected",
            "_selected_action": [company.pk for company in companies],
            "post": "yes",
        },
    )

    assert trail.history_rows == {"Company": 2}
    assert sorted(trail.lines) == [
        "Acme: removed from the register",
        "Bolt: removed from the register",
    ]


def test_restoring_an_earlier_version_is_recorded_and_published():
    editor, company = an_editor(), a_company("Acme", country="DE")
    first = company.history.get()
    save(editor, company, country="FR")
    trail = Trail()

    address = f"/admin/companies/company/{company.pk}/history/{first.pk}/"
    response = editor.post(address, typed(editor.get(address), change_reason="it was right"))

    assert response.status_code == 302
    company.refresh_from_db()
    assert company.country == "DE"
    assert trail.history_rows == {"Company": 1}
    assert trail.lines == ["Acme: country of headquarters: Germany, before: France"]


@pytest.mark.parametrize(
    ("build", "field", "value", "line"),
    [
        (a_pact, "listed_total", 240, "EU AI Pact: officially announced total: 240, before: 230"),
        (a_source, "title", "News", "News: title: News, before: Source"),
        (
            lambda: a_signing(a_company("Acme"), since=datetime.date(2024, 10, 9)),
            "since",
            "2024-10-08",
            "Acme: “signed” since 8 October 2024, not 9 October 2024",
        ),
    ],
    ids=["a pact", "a source", "a signing"],
)
def test_editing_rows_of_other_tables_is_recorded_and_published(build, field, value, line):
    reviewer, row = a_reviewer(), build()
    if field == "title":
        row.title = "Source"
        row.save()
    trail = Trail()

    response = save(reviewer, row, **{field: value})

    assert response.status_code == 302
    assert trail.history_rows == {type(row).__name__: 1}
    assert trail.lines == [line]


def test_loading_a_package_is_recorded_and_published(tmp_path):
    package = a_package(tmp_path / "package")
    trail = Trail()

    load(package)

    assert trail.history_rows["Signing"] == 2
    assert "Acme: signed, first seen on a list of October 2024" in trail.lines
    assert trail.roles == {"machine"}
    assert Company.history.first().history_change_reason == "load_register"
