"""A reviewer goes through the first live reading in Chromium, with a mouse and with keys."""

import pytest
from django.contrib.auth.models import Permission, User

from companies.models import Company, Proposal, Signing
from tests.builders import a_company, a_sector, a_signing
from tests.first_live_reading import RESEMBLING, names_of_2026
from tests.lists import a_reading

pytestmark = [pytest.mark.django_db(transaction=True)]

KNOWN = ("Airbus", "Generali", "Lenovo", "ML Analytics", "Orange", "Porsche", "Saidot", "Tidio")


@pytest.fixture
def review(page, log_in):
    """The review of the reading, with the errors of the browser."""
    reviewer = User.objects.create_user("rob", is_staff=True)
    reviewer.user_permissions.add(
        *Permission.objects.filter(content_type__app_label="companies", codename__contains="view"),
        *Permission.objects.filter(codename="change_proposal"),
    )
    a_sector("software")
    for name in KNOWN:
        a_signing(a_company(name))
    run = a_reading(names_of_2026(KNOWN)).run
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
    log_in(reviewer)
    page.goto(f"/admin/companies/importrun/{run.pk}/review/")
    page.get_by_text("0 selected").wait_for()
    return page


def test_the_proposals_of_the_first_live_list_take_twenty_clicks_to_decide(review):
    page, unsure = review, review.locator("#kind-match_unsure .line")
    for name in (*(name for name in RESEMBLING if name != "Saidott"), "Moldau Analytics a.s."):
        unsure.filter(has_text=name).get_by_label("None of these").check()
    unsure.filter(has_text="Saidott").locator("[name=selected]").check()
    page.locator("#all-new_company").check()
    page.get_by_role("button", name="Use the suggested countries").click()
    page.locator("[name=all_sector]").select_option("software")
    page.get_by_role("button", name="Fill in").last.click()
    for left_out in page.locator("#kind-new_company .line:has(.look)").all():
        left_out.locator("[name=selected]").check()
    page.locator("#all-no_longer_listed").check()

    assert page.locator("#selected-count").inner_text() == "100 selected"
    page.locator(".decide").get_by_role("button", name="Apply 100").click()

    page.locator(".messagelist .success").wait_for()
    assert "Applied: 100." in page.locator(".messagelist").inner_text()
    assert not Proposal.objects.exclude(state="applied").exists()
    assert Company.objects.get(name="Ilmatar Oy").sector.label == "Software"
    assert Company.objects.get(name="Czarnolas Sp. z o.o.").country == "PL"
    assert Signing.objects.get(status="removed").company.name == "Tidio"
    assert page.complaints == []


@pytest.mark.parametrize("width", [360])
def test_the_review_works_by_keyboard_and_never_scrolls_sideways(review, width):
    page = review
    assert page.evaluate("document.documentElement.scrollWidth") == width

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator("[name=reason]").fill("ask a jury")  # letters that are no commands here
    page.locator("[name=reason]").press("Enter")  # Enter decides nothing
    page.locator("#all-no_longer_listed").focus()
    page.keyboard.press("a")

    page.locator(".messagelist .success").wait_for()
    assert Proposal.objects.filter(state="applied", reason="ask a jury").count() == 2
    assert page.complaints == []
