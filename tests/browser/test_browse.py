"""The list of companies in Chromium: in place with scripts, the same without."""

import re

import pytest
from playwright.sync_api import expect

from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_sector, a_signing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _register(live_server):
    a_pact()
    literacy = a_commitment("ai-literacy")
    for number, country in enumerate(["FR", "DE", "IT", "ES", "NL", "SE", "DK", "FI"]):
        company = a_company(f"Company {country}", country=country, sector=a_sector("software"))
        a_signing(company, status="signed" if number % 2 else "not_signed")
        if number % 2:
            a_pledge(company, commitment=literacy)
    a_signing(a_company("Meta", country="US"), status="declined")


def names(page):
    return page.locator("#results .name")


def test_a_ticked_facet_changes_list_counts_and_address_in_place(page):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/companies/")
    page.evaluate("window.stayed = true")
    box = page.get_by_role("checkbox", name="Declined, in public")
    box.focus()
    page.keyboard.press("Space")

    expect(names(page)).to_have_text(["Meta"])
    page.wait_for_url("**/companies/?status=declined")
    expect(page.get_by_role("checkbox", name="Declined, in public")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Declined, in public")).to_be_checked()
    expect(page.locator("label:has(#country-US) .count")).to_have_text("1")
    expect(page.get_by_role("link", name="Français")).to_have_attribute(
        "href", "/fr/companies/?status=declined"
    )
    expect(page.get_by_role("link", name="CSV")).to_have_attribute(
        "href", "/companies/download.csv?status=declined"
    )
    assert page.evaluate("window.stayed")
    assert said == []


def test_the_number_found_is_announced_and_its_region_stays(page):
    page.goto("/companies/")
    page.evaluate("window.region = document.querySelector('[role=status]')")
    page.get_by_role("checkbox", name="Declined, in public").check()

    expect(page.get_by_role("status")).to_have_text("1 company")
    assert page.evaluate("window.region === document.querySelector('[role=status]')")


def test_what_was_unfolded_stays_unfolded(page):
    page.goto("/companies/")
    page.get_by_text("4 more (Country)").click()
    page.get_by_role("checkbox", name="Software").check()

    expect(names(page)).to_have_count(8)
    expect(page.locator("#more-country")).to_have_attribute("open", "")


def test_going_back_shows_the_list_of_before(page):
    page.goto("/companies/")
    page.get_by_role("checkbox", name="Declined, in public").check()
    page.wait_for_url("**status=declined")
    page.go_back()

    expect(names(page)).to_have_count(9)
    expect(page.get_by_role("checkbox", name="Declined, in public")).not_to_be_checked()


def test_a_search_is_answered_in_place_with_names_that_resemble(page):
    page.goto("/companies/")
    page.evaluate("window.stayed = true")
    page.get_by_role("searchbox").fill("Metta Inc")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Did you mean …?")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.wait_for_url(re.compile(r"\?q=Metta(\+|%20)Inc$"))
    assert page.evaluate("window.stayed")


@pytest.mark.parametrize("width", [360])
def test_on_a_phone_the_filters_are_folded_and_their_button_leads_to_the_result(page, width):
    page.goto("/companies/?status=signed")
    facets = page.locator("#facets")
    expect(facets).to_be_hidden()
    page.get_by_text("Filters (1 in force)").click()
    button = page.get_by_role("button", name="Show")
    expect(facets).to_be_visible()
    expect(button).to_be_in_viewport(ratio=1)
    page.get_by_role("checkbox", name="Not on the list").check()
    expect(page.get_by_role("status")).to_have_text("8 companies")
    expect(facets).to_be_visible()
    button.click()

    expect(facets).to_be_hidden()
    expect(page.get_by_role("status")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [360])
@pytest.mark.parametrize("view", ["table", "cards"])
def test_a_thumb_can_hit_every_name_and_link_of_the_list(page, width, view):
    page.goto(f"/companies/?view={view}&status=signed")
    small = page.locator("#results a, #list-tools a").evaluate_all(
        "links => links.filter(a => a.offsetParent && a.getBoundingClientRect().height < 24)"
        ".map(a => a.textContent)"
    )
    assert small == []


def test_without_scripts_the_button_does_the_same(browser, browser_context_args):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto("/companies/")
    page.get_by_label("Declined, in public").check()
    page.get_by_role("button", name="Show").click()

    expect(page.locator("#results .name")).to_have_text(["Meta"])
    expect(page.get_by_label("Declined, in public")).to_be_checked()
    context.close()
