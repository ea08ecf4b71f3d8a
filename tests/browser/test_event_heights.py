"""How high the pages of events are, and where on a phone their answer stands."""

import datetime

import pytest

from tests.browser.registers import built_once
from tests.builders import a_citation, a_company, a_milestone, a_signing, a_source

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

ANSWERS = {
    "/changes/": ".month p",
    "/changes/?view=recorded": ".month p",
    "/left/": ".former a",
    "/reports/": ".fact",
}


@built_once
def _register():
    source = a_source(kind="official_list", publisher="European Commission")
    for number in range(30):
        day = datetime.date(2025, 1 + number % 12, 1 + number % 28)
        a_milestone(f"Something that takes about one line to tell, number {number}", date=day)
    for number in range(12):
        company = a_company(f"Company number {number}")
        day = datetime.date(2026, 1, 1 + number)
        a_signing(company, until=day)
        removed = a_signing(company, "removed", since=day, since_basis="observed")
        a_citation(signing=removed, source=source)


def test_the_first_page_of_changes_is_at_most_2500_pixels_high(page):
    for path in ("/changes/", "/changes/?view=recorded"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollHeight") <= 2500, path


@pytest.mark.parametrize("width", [360])
def test_on_a_phone_the_main_content_ends_within_the_first_640_pixels(page, language):
    for path, answer in ANSWERS.items():
        page.goto(path)
        box = page.locator(answer).first.bounding_box()
        assert box["y"] + box["height"] <= 640, path
        assert page.evaluate("document.documentElement.scrollWidth") == 360, path
