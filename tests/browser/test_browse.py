"""The list of companies in Chromium, with scripts and without."""

import csv
import json
import re
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.browser.registers import built_once
from tests.builders import a_commitment, a_company, a_pact, a_pledge, a_sector, a_signing

pytestmark = pytest.mark.django_db(transaction=True)


@built_once
def _register():
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


def test_ticking_a_facet_updates_the_list_its_counts_and_the_url_in_place(page):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/companies/")
    page.evaluate("window.stayed = true")
    box = page.get_by_role("checkbox", name="Publicly declined")
    box.focus()
    page.keyboard.press("Space")

    expect(names(page)).to_have_text(["Meta"])
    page.wait_for_url("**/companies/?status=declined")
    expect(page.get_by_role("checkbox", name="Publicly declined")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Publicly declined")).to_be_checked()
    expect(page.locator("label:has(#country-US) .count")).to_have_text("1")
    expect(page.get_by_role("link", name="Français")).to_have_attribute(
        "href", "/fr/companies/?status=declined"
    )
    expect(page.get_by_role("link", name="CSV")).to_have_attribute(
        "href", "/companies/download.csv?status=declined&sort=known"
    )
    assert page.evaluate("window.stayed")
    assert said == []


def test_the_number_of_results_is_announced_in_a_live_region_that_stays(page):
    page.goto("/companies/")
    page.evaluate("window.region = document.querySelector('[role=status]')")
    page.get_by_role("checkbox", name="Publicly declined").check()

    expect(page.get_by_role("status")).to_have_text("1 company")
    assert page.evaluate("window.region === document.querySelector('[role=status]')")


def test_an_open_facet_stays_open_after_filtering(page):
    page.goto("/companies/")
    page.get_by_text("4 more (Country)").click()
    page.get_by_role("checkbox", name="Software").check()

    expect(names(page)).to_have_count(8)
    expect(page.locator("#more-country")).to_have_attribute("open", "")


def test_the_back_button_shows_the_previous_list(page):
    page.goto("/companies/")
    page.get_by_role("checkbox", name="Publicly declined").check()
    page.wait_for_url("**status=declined")
    page.go_back()

    expect(names(page)).to_have_count(9)
    expect(page.get_by_role("checkbox", name="Publicly declined")).not_to_be_checked()


def test_a_search_without_results_suggests_similar_names_in_place(page):
    page.goto("/companies/")
    page.evaluate("window.stayed = true")
    page.get_by_role("combobox").fill("Metta Inc")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Did you mean …?")).to_be_visible()
    expect(page.get_by_role("combobox")).to_be_focused()
    page.wait_for_url(re.compile(r"\?q=Metta(\+|%20)Inc$"))
    assert page.evaluate("window.stayed")


@pytest.mark.parametrize("width", [360])
def test_filters_are_collapsed_on_a_phone_and_their_button_goes_to_the_results(page, width):
    page.goto("/companies/?status=signed")
    facets = page.locator("#facets")
    expect(facets).to_be_hidden()
    page.get_by_text("Filters (1 in force)").click()
    button = page.get_by_role("button", name="Apply filters")
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
def test_names_and_links_of_the_list_are_large_enough_to_tap(page, width, view):
    page.goto(f"/companies/?view={view}&status=signed")
    small = page.locator("#results a, #list-tools a").evaluate_all(
        "links => links.filter(a => a.offsetParent && a.getBoundingClientRect().height < 24)"
        ".map(a => a.textContent)"
    )
    assert small == []


@pytest.mark.parametrize("width", [360])
def test_a_long_status_leaves_room_for_the_name_on_a_phone(page, width):
    a_signing(a_company("Milestone International"), status="interested")
    for start in ("", "/fr"):
        page.goto(f"{start}/companies/")
        widths = page.locator("#results tbody th").evaluate_all(
            "cells => cells.map(cell => cell.getBoundingClientRect().width)"
        )
        assert min(widths) > 110, start
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, start


def test_the_back_button_undoes_two_filters_one_by_one(page):
    page.goto("/companies/")
    page.get_by_role("checkbox", name="France").check()
    expect(page.get_by_role("status")).to_have_text("1 company")
    page.get_by_role("checkbox", name="Germany").check()
    expect(names(page)).to_have_text(["Company DE", "Company FR"])
    page.wait_for_url("**/companies/?country=FR&country=DE")

    page.go_back()
    expect(names(page)).to_have_text(["Company FR"])
    expect(page.get_by_role("checkbox", name="Germany")).not_to_be_checked()
    page.go_back()
    expect(names(page)).to_have_count(9)
    page.go_forward()
    expect(names(page)).to_have_text(["Company FR"])
    expect(page.get_by_role("checkbox", name="France")).to_be_checked()


def test_chips_are_removed_by_keyboard_and_the_focus_moves_to_the_next_one(page):
    page.goto("/companies/?q=company&status=signed&country=DE")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="Remove: “company”").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="Remove: Signed")).to_be_focused()
    expect(page.get_by_role("combobox")).to_have_value("")
    page.wait_for_url("**/companies/?status=signed&country=DE")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Remove: Germany")).to_be_focused()
    page.keyboard.press("Enter")
    expect(names(page)).to_have_count(9)
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("9 companies")
    expect(page.locator("#facets input:checked")).to_have_count(0)
    assert page.evaluate("window.stayed")


def test_order_and_view_change_in_place_and_are_kept_when_filtering(page):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/companies/?status=not_signed")
    page.evaluate("window.stayed = true")
    order = page.locator("#sort-country")
    order.focus()
    page.keyboard.press("Enter")

    in_order = ["Company DK", "Company FR", "Company IT", "Company NL"]
    expect(names(page)).to_have_text(in_order)
    expect(order).to_be_focused()
    expect(order).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    expect(names(page)).to_have_text(in_order[::-1])
    page.wait_for_url("**/companies/?status=not_signed&sort=-country")
    page.locator("#view-cards").click()
    expect(page.locator("#results .cards > li")).to_have_count(4)
    page.get_by_role("checkbox", name="Netherlands").check()
    page.wait_for_url("**/companies/?sort=-country&view=cards&status=not_signed&country=NL")
    expect(page.locator("#results .cards .name")).to_have_text(["Company NL"])
    assert page.evaluate("window.stayed")
    assert said == []


def test_the_next_page_starts_at_its_top(page):
    page.goto("/companies/?page_size=4")
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="Next").click()

    expect(names(page)).to_have_text(["Company FR", "Company IT", "Company NL", "Company SE"])
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("status")).to_be_in_viewport(ratio=1)
    page.wait_for_url("**/companies/?page_size=4&page=2")
    page.get_by_role("checkbox", name="Software").check()
    expect(names(page)).to_have_text(["Company DE", "Company DK", "Company ES", "Company FI"])
    page.wait_for_url("**/companies/?page_size=4&sector=software")
    assert page.evaluate("window.stayed")


def taken(page, name):
    """The file that the browser downloads from a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).click()
    return download.value.path().read_bytes()


def test_each_download_has_the_filtered_companies_in_the_order_of_the_list(page):
    page.goto("/companies/")
    page.get_by_role("checkbox", name="Not on the list").check()
    expect(names(page)).to_have_count(4)
    page.locator("#sort-country").click()
    expect(page.locator("#sort-country")).to_have_attribute("aria-current", "true")
    shown = names(page).all_text_contents()

    rows = list(csv.DictReader(taken(page, "CSV").decode("utf-8-sig").splitlines()))
    sheet = load_workbook(BytesIO(taken(page, "XLSX")))["companies"]
    sheet_rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    column = sheet_rows[0].index("name")
    kept = json.loads(taken(page, "JSON"))

    assert shown == ["Company DK", "Company FR", "Company IT", "Company NL"]
    assert [row["name"] for row in rows] == shown
    assert [row[column] for row in sheet_rows[1:]] == shown
    assert [row["name"] for row in kept["results"]] == shown


@pytest.fixture
def plain(browser, browser_context_args):
    """A page in a browser without scripts."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_filters_work_without_scripts(plain):
    plain.goto("/companies/")
    expect(plain.get_by_role("button", name="Apply filters")).to_be_in_viewport(ratio=1)
    plain.get_by_label("Not on the list").check()
    plain.get_by_label("France").check()
    plain.get_by_text("4 more (Country)").click()
    plain.get_by_label("Netherlands").check()
    plain.get_by_role("button", name="Apply filters").click()

    expect(names(plain)).to_have_text(["Company FR", "Company NL"])
    expect(plain.get_by_label("France")).to_be_checked()
    expect(plain.get_by_role("status")).to_have_text("2 companies")
    for _turn in range(2):  # by name, then the other way round
        plain.locator("#sort-name").click()
    expect(names(plain)).to_have_text(["Company NL", "Company FR"])
    plain.locator("#view-cards").click()
    expect(plain.locator("#results .cards .name")).to_have_text(["Company NL", "Company FR"])
    plain.get_by_role("link", name="Remove: France").click()
    expect(names(plain)).to_have_text(["Company NL"])
    plain.go_back()
    expect(names(plain)).to_have_text(["Company NL", "Company FR"])
    rows = taken(plain, "CSV").decode("utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["Company NL", "Company FR"]


def test_ticked_companies_stay_ticked_from_page_to_page_with_and_without_scripts(
    page, browser, browser_context_args
):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    for one, next_page in (
        (page, page.get_by_role("link", name="Next →")),
        (plain := context.new_page(), plain.get_by_role("button", name="Next page, with these")),
    ):
        one.goto("/companies/?page_size=5&sort=name")
        one.get_by_role("checkbox", name="Compare Company DE").check()
        next_page.click()
        expect(names(one).first).to_have_text("Company IT")
        one.get_by_role("checkbox", name="Compare Meta").check()
        expect(one.locator(".compare-bar").get_by_label("Company DE")).to_be_checked()
        one.get_by_role("button", name="Compare ticked companies").click()
        one.wait_for_url("**/compare/?company=company-de&company=meta")


def test_a_company_ticked_during_a_pending_search_stays_ticked(page):
    page.goto("/companies/")
    held = []
    page.route("**/companies/?q=company*", lambda route: held.append(route), times=1)
    page.get_by_role("combobox").fill("company")
    page.get_by_role("checkbox", name="Compare Company DE").check()  # leaves the field: it searches
    page.get_by_role("checkbox", name="Compare Meta").check()
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()

    expect(page.get_by_role("checkbox", name="Compare Meta")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="Compare Company DE")).to_be_checked()
    page.get_by_role("button", name="Compare ticked companies").click()
    page.wait_for_url("**/compare/?company=company-de&company=meta")


def test_typing_suggests_names_and_ticked_companies_can_be_compared(page):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/companies/")
    with page.expect_response("**/names.json?q=comp"):
        page.get_by_role("combobox").press_sequentially("comp", delay=20)

    expect(page.locator("#q-names option")).to_have_count(8)
    assert page.locator("#q-names option").first.get_attribute("value") == "Company DE"
    bar = page.get_by_role("button", name="Compare ticked companies")
    for name in ("Company DE", "Company FR"):
        page.get_by_role("checkbox", name=f"Compare {name}").check()
    expect(bar).to_be_in_viewport(ratio=1)
    bar.click()
    page.wait_for_url("**/compare/?company=company-de&company=company-fr")
    expect(page.locator("main h1")).to_be_visible()
    assert said == []
