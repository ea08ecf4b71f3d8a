"""How high pages are, and where their answer stands: what a reader sees without scrolling."""

import pytest
from django.core.management import call_command

from tests.sampling import ALL

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
FIRST_SCREEN = 640  # pixels of a phone
# What a reader came for, on one of each kind of page.
ANSWERS = {
    "/companies/mistral-ai/": ".says",
    "/companies/milestone-systems/": ".says",
    "/companies/?q=zzzz": ".empty p",
    "/absent/": ".lead",
    "/left/": ".former a",
    "/pacts/": ".says",
    "/pacts/eu-ai-pact/": ".pairs dd a",
    "/commitments/": ".statements .name",
    "/commitments/ai-literacy/": ".page-head .says",
    "/compare/?company=google&company=mistral-ai": ".compared .status",
    "/matrix/": ".lead",
    "/reports/": ".fact",
    "/statistics/": ".lead",
    "/changes/": ".month p",
    "/changes/?view=recorded": ".month p",
    "/check/": "#names",
    "/verify/": ".verify-form button",
    "/verify/?company=Mistral": ".verdict > h2",
    "/corrections/": ".actions .button",
    "/corrections/new/": "#id_company",
    "/method/": "#coverage strong",
    "/about/": ".lead",
    "/privacy/": ".lead",
    "/data/": ".files a",
    "/embed/": "main h2",
}
# The sum of what the browser saw move by itself (the Layout Instability API).
SHIFTS = """new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.shifted = (window.shifted ?? 0) + entry.value;
}).observe({type: "layout-shift", buffered: true})"""
SHIFTED = """() => new Promise(done =>
    requestAnimationFrame(() => setTimeout(() => done(window.shifted ?? 0))))"""


@pytest.fixture(autouse=True)
def _register(live_server):
    call_command("load_register")


def top_of(page, selector):
    """Pixels between the top of the page and the first such element."""
    box = page.locator(selector).first.bounding_box()
    assert box, selector
    return box["y"]


@pytest.mark.parametrize("language", ["/fr", *([""] if ALL else [])])
def test_each_page_shows_its_answer_on_the_first_phone_screen_without_layout_shift(page, language):
    """French, whose words are longer; `make test-all` looks at English too."""
    page.add_init_script(SHIFTS)
    page.set_viewport_size(PHONE)
    low, moved = {}, {}
    for path, answer in ANSWERS.items():
        page.goto(f"{language}{path}")
        box = page.locator(answer).first.bounding_box()
        if (bottom := box["y"] + box["height"]) > FIRST_SCREEN:
            low[path] = bottom
        if shifted := page.evaluate(SHIFTED):
            moved[path] = shifted
    assert low == {}
    assert moved == {}

    page.goto(f"{language}/")
    assert top_of(page, "[aria-labelledby=signed] .roll a") <= 460
    assert top_of(page, "[aria-labelledby=absent] .roll a") <= 700
    shown = page.locator(".roll li:not(.all):visible")
    assert shown.count() == 5 + 5
    page.goto(f"{language}/companies/")
    assert top_of(page, "#results .name") <= 480
    field, button = page.locator("#q").bounding_box(), page.locator(".search button").bounding_box()
    assert abs(field["y"] - button["y"]) < 2  # one row
    assert page.evaluate(SHIFTED) == 0

    page.set_viewport_size(DESKTOP)
    for path, most in {
        "/": 1300,
        "/companies/kaspersky/": 2000,  # the longest record
        "/companies/mistral-ai/": 1600,
        "/changes/": 2500,
    }.items():
        page.goto(f"{language}{path}")
        assert page.evaluate("document.documentElement.scrollHeight") <= most, path
        assert page.evaluate(SHIFTED) == 0, path
