"""How high pages are, and where their answer stands: what a reader sees without scrolling."""

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1440, "height": 900}


@pytest.fixture(autouse=True)
def _register(live_server):
    call_command("load_register")


def top_of(page, selector):
    """Pixels between the top of the page and the first such element."""
    box = page.locator(selector).first.bounding_box()
    assert box, selector
    return box["y"]


@pytest.mark.parametrize("language", ["", "/fr"])
def test_the_first_names_stand_above_the_fold_of_a_phone_and_home_is_short(page, language):
    page.set_viewport_size(PHONE)
    page.goto(f"{language}/")

    assert top_of(page, "[aria-labelledby=signed] .roll a") <= 460
    assert top_of(page, "[aria-labelledby=absent] .roll a") <= 700
    shown = page.locator(".roll li:not(.all):visible")
    assert shown.count() == 5 + 5
    page.set_viewport_size(DESKTOP)
    assert page.evaluate("document.documentElement.scrollHeight") <= 1300

    page.set_viewport_size(PHONE)
    page.goto(f"{language}/companies/")
    assert top_of(page, "#results .name") <= 480
    field, button = page.locator("#q").bounding_box(), page.locator(".search button").bounding_box()
    assert abs(field["y"] - button["y"]) < 2  # one row
