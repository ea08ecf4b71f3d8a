"""The public pages in Chromium: on phones and desktops, in both languages, light and dark."""

import datetime

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.registers import built_once
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from tests.sampling import ALL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

# axe does not check the rules of WCAG 2.2 by default.
WCAG_22_AA = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # to list all that passes doubles the time
}
# The rules whose result depends on colours: two thirds of the time of all.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
COLOURS = WCAG_22_AA | {"runOnly": {"type": "rule", "values": OF_COLOURS}}
BUT_COLOURS = WCAG_22_AA | {"rules": {rule: {"enabled": False} for rule in OF_COLOURS}}
PAGES = [
    "/",
    "/companies/",
    "/companies/meta/",
    "/companies/milestone-systems/",
    "/companies/milestone-systems/history/",
    "/changes/",
    "/left/",
    "/absent/",
    "/absent/?state=declined",
    "/compare/",
    "/matrix/",
    "/matrix/?show=all&country=FR",
    "/compare/?company=meta&company=milestone-systems&add=nobody",
    "/check/",
    "/verify/",
    "/verify/?company=meta",
    "/verify/?company=milestone",
    "/companies/milestone-systems/badge/",
    "/corrections/",
    "/corrections/?receipt=PW-7K3M-Q9XX",
    "/corrections/new/?company=meta",
    "/webhooks/?country=FR",
    "/commitments/",
    "/commitments/ai-literacy/",
    "/pacts/",
    "/pacts/eu-ai-pact/",
    "/reports/",
    "/statistics/",
    "/method/",
    "/data/",
    "/about/",
    "/privacy/",
    "/embed/",
    "/companies/?colour=red",
]


@built_once
def _register():
    a_pact()
    literacy = a_commitment("ai-literacy", text="promote awareness", text_basis="verbatim")
    sector = a_sector("security")
    source = a_source("list", kind="official_list", published_on=datetime.date(2024, 10, 9))
    milestone = a_company("Milestone Systems", country="DK", sector=sector, size="large")
    a_citation(signing=a_signing(milestone), source=source, quote="Milestone Systems")
    a_pledge(
        milestone,
        commitment=literacy,
        implementation="planned",
        implementation_basis="self_reported",
    )
    meta = a_company("Meta", country="US", size="large")
    a_citation(signing=a_signing(meta, status="declined"), source=a_source(), quote="no")
    a_signing(
        a_company("A very long name of a company that no designer thought of GmbH & Co. KGaA"),
        status="not_signed",
    )


AXE = Axe().axe_script
# What passes stays in the browser: its description takes a third of the time of a look.
LOOK = "async options => ({violations: (await axe.run(options)).violations})"


def axe_results(page, rules=WCAG_22_AA):
    """As `Axe().run`, which reads axe anew each time: a second look takes half as long.

    Where a test looks at many pages, each begins with axe by `page.add_init_script(AXE)`: Chromium
    then has the script already, and needs half the time.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return AxeResults(page.evaluate(LOOK, rules))


# Width and height of the screen, colours, and the rules by which axe looks at it in a language:
# French differs in the words alone, and the dark in colours. The first is a window of 1280 by 1024
# pixels, enlarged four times (WCAG 1.4.10). `make test-all` looks at every page on every screen by
# every rule. Colours change but once a page, and every second page is looked at in French
# and in the dark.
SCREENS = [
    (320, 256, "light", {}),
    (360, 900, "light", {"": WCAG_22_AA, "/fr": BUT_COLOURS}),
    (1440, 900, "light", {}),
    (1440, 900, "dark", {"": COLOURS}),
    (768, 900, "dark", {}),
]


@pytest.mark.parametrize("language", ["", "/fr"])
def test_every_page_fits_the_screen_is_accessible_and_loads_nothing_from_other_sites(
    page, live_server, language
):
    """Each page is loaded once, and shown on one screen after the other."""
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(AXE)
    shown = (0, 0, "")
    for number, path in enumerate(PAGES):
        page.goto(f"{language}{path}")
        for width, height, colour_scheme, rules in SCREENS:
            if (width, height) != shown[:2]:
                page.set_viewport_size({"width": width, "height": height})
            if colour_scheme != shown[2]:
                page.emulate_media(color_scheme=colour_scheme)
            shown = (width, height, colour_scheme)
            where = f"{language}{path} {width} {colour_scheme}"
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wider) <= 0, where
            is_usual = language == "" and colour_scheme == "light"
            if ALL or (language in rules and (is_usual or number % 2 == 0)):
                found = axe_results(page, WCAG_22_AA if ALL else rules[language])
                assert found.violations_count == 0, f"{where}: {found.generate_report()}"
    assert [text for text in said if "400" not in text] == []
    assert page.context.cookies() == []
    assert [url for url in asked if not url.startswith(live_server.url)] == []


def test_nothing_moves_for_readers_who_prefer_reduced_motion(browser, browser_context_args):
    still = {"reduced_motion": "reduce"}
    page = browser.new_context(**browser_context_args | still).new_page()
    page.goto("/companies/")

    moving = """[...document.querySelectorAll("*")].filter(one => {
        const style = getComputedStyle(one);
        return style.scrollBehavior === "smooth" || style.animationName !== "none"
            || style.transitionDuration.split(",").some(time => parseFloat(time) > 0.001);
    }).map(one => one.tagName)"""
    assert page.evaluate(moving) == []


def test_pages_have_the_same_text_without_scripts(browser, browser_context_args):
    plain = browser.new_context(**browser_context_args, java_script_enabled=False).new_page()
    scripted = browser.new_context(**browser_context_args).new_page()
    for path in ("/", "/companies/", "/companies/meta/", "/absent/", "/statistics/"):
        plain.goto(path)
        scripted.goto(path)
        # Only a script can copy, so that without scripts no button offers it.
        scripted.evaluate(
            "for (const one of document.querySelectorAll('[data-copy]')) one.remove()"
        )
        assert plain.locator("main").inner_text() == scripted.locator("main").inner_text(), path


@pytest.mark.parametrize("width", [360])
def test_a_search_on_a_phone_finds_a_company_and_explains_its_absence(page, width):
    page.goto("/fr/")
    page.locator("#q").fill("very long")
    page.locator("#q").press("Enter")
    page.get_by_role("link", name="A very long name").click()
    page.wait_for_url("**/companies/a-very-long-name*/")

    assert "9 octobre 2024" in page.locator("main").inner_text().replace("\u00a0", " ")
    assert page.locator(".status-not_signed").first.is_visible()


def test_a_filter_narrows_the_list_without_scripts(browser, browser_context_args):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto("/companies/")
    page.get_by_label("Publicly declined").check()
    page.get_by_role("button", name="Apply filters").click()

    expect(page.locator(".rows .name")).to_have_text(["Meta"])
    context.close()


def test_the_first_tab_stop_skips_to_the_content(page):
    page.goto("/companies/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url("**#content")


def test_the_language_switch_keeps_the_query(page):
    page.goto("/companies/?status=declined")
    page.get_by_role("link", name="Français").click()

    page.wait_for_url("**/fr/companies/?status=declined")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
