"""An editor in Chromium, under the same strict CSP as readers."""

import datetime

import pytest
from django.contrib.auth.models import Group, User

from companies.models import Signing
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

PASSWORD = "a long enough password 7"


@pytest.fixture
def meta(live_server):
    """Meta, which declined in public; the groups come from a migration, which a flush undoes."""
    editor = User.objects.create_user("ada", password=PASSWORD, is_staff=True, is_superuser=True)
    editor.groups.add(*Group.objects.filter(name="Editors"))
    company = a_company("Meta", country="US")
    declined = a_signing(company, status="declined", since=datetime.date(2024, 9, 25))
    a_citation(signing=declined, source=a_source("politico", title="Meta snubs the Pact"))
    a_source("newsroom", title="Meta signs", kind="company")
    a_pact()
    return company


@pytest.fixture
def desk(page, live_server):
    """A page on which the editor is logged in, with the errors of the browser."""
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)

    def log_in(address):
        page.goto(address)
        page.get_by_label("User name or e-mail").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        return page

    return log_in


def periods(company):
    rows = company.signings.order_by("since").values_list("status", "since", "until")
    return list(rows)


def test_an_editor_changes_a_status_sees_it_on_the_record_and_undoes_it(desk, meta):
    before = periods(meta)
    page = desk(f"/admin/companies/company/{meta.pk}/change/")

    page.get_by_role("link", name="Change status").click()
    page.locator("[name=status]").select_option("signed")
    page.locator("[name=since]").fill("2025-03")
    page.locator("[name=since_basis]").select_option("stated")
    page.locator(".field-source .select2-selection, .select2-selection").first.click()
    page.locator(".select2-search__field").fill("Meta signs")
    page.locator(".select2-results__option", has_text="Meta signs").click()
    page.locator("[name=quote]").fill("Since March 2025, Meta is a signatory.")
    page.locator("[name=change_reason]").fill("its newsroom says so")
    page.locator("[type=submit].default").click()
    page.wait_for_url("**/change/")

    started = datetime.date(2025, 3, 1)
    assert periods(meta) == [
        ("declined", datetime.date(2024, 9, 25), started),
        ("signed", started, None),
    ]
    page.goto("/companies/meta/")
    assert "Signing date, stated by a source: March 2025" in page.locator(
        "main"
    ).inner_text().replace("\u00a0", " ")

    page.goto(f"/admin/companies/company/{meta.pk}/change/")
    page.get_by_role("link", name="Undo last status change").click()
    page.locator("[name=change_reason]").fill("the newsroom page was a draft")
    page.locator("[type=submit]").last.click()
    page.wait_for_url("**/change/")

    assert periods(meta) == before
    reasons = Signing.history.filter(company=meta, status="signed").order_by("history_date")
    assert [row.history_change_reason for row in reasons] == [
        "its newsroom says so",
        "the newsroom page was a draft",
    ]
    assert page.complaints == []


def test_a_status_without_a_source_is_refused_and_the_form_keeps_its_values(desk, meta):
    before = periods(meta)
    page = desk(f"/admin/companies/company/{meta.pk}/change-status/")

    page.locator("[name=status]").select_option("signed")
    page.locator("[name=since]").fill("2025-03-01")
    page.locator("[name=since_basis]").select_option("stated")
    page.locator("form").evaluate_all("forms => forms.forEach(form => form.noValidate = true)")
    page.locator("[type=submit].default").click()

    page.locator(".errorlist").first.wait_for()
    assert page.locator("[name=since]").input_value() == "2025-03-01"
    assert periods(meta) == before
