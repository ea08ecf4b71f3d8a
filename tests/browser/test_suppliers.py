"""The comparison and the check of suppliers in Chromium: printed, on a phone, without scripts."""

import datetime
import re

import pytest
from playwright.sync_api import expect

from tests.browser.registers import built_once
from tests.builders import a_citation, a_commitment, a_company, a_pledge, a_sector, a_signing

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Gesellschaft für Datenverarbeitung und Beratung im Gesundheitswesen mbH & Co. KGaA"
SIX = [f"{letter}. {LONG}" for letter in "ABCDEF"]
REASON = "It said that it works on the law first and may join at a later stage, or it may not."


@built_once
def _register():
    titles = [f"A commitment of a title as long as they are, number {n}" for n in range(7)]
    commitments = [
        a_commitment(
            f"c{n}", title_en=title, title_fr=title, kind="core" if n < 3 else "additional"
        )
        for n, title in enumerate(titles)
    ]
    for number, name in enumerate(SIX):
        company = a_company(name, slug=f"c{number}", country="DE", sector=a_sector("health"))
        reason = {"reason_en": REASON, "reason_fr": REASON} if number % 2 else {}
        signing = a_signing(company, "declined" if number % 2 else "signed", **reason)
        a_citation(signing=signing)
        for commitment in commitments[:4]:
            a_pledge(
                company,
                commitment=commitment,
                implementation="full",
                implementation_basis="self_reported",
                as_of=datetime.date(2025, 4, 16),
            )


COMPARISON = "/compare/?" + "&".join(f"company=c{number}" for number in range(6))


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b", pdf))


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize(
    "paper",
    [{"format": "A4"}, {"format": "A4", "landscape": True}, {"prefer_css_page_size": True}],
    ids=["portrait", "landscape", "own"],
)
def test_a_comparison_of_six_long_names_prints_on_one_sheet(page, paper, language):
    page.goto(f"{language}{COMPARISON}")

    assert pages(page.pdf(**paper)) == 1


@pytest.mark.parametrize("width", [320])
def test_on_a_phone_each_compared_property_names_every_company(page, width):
    page.goto(COMPARISON)
    block = page.locator(".compared tbody tr").first

    expect(block.locator(".whose")).to_have_text(SIX)
    assert block.locator(".whose").first.is_visible()
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wider) <= 0


@pytest.fixture
def plain_page(browser, browser_context_args):
    """A page in a browser without JavaScript."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_companies_are_compared_without_scripts(plain_page):
    plain_page.goto("/compare/")
    for name in SIX[:2]:
        plain_page.locator("#add").fill(name)
        plain_page.get_by_role("button", name="Add").click()
    expect(plain_page.locator("thead .name")).to_have_text(SIX[:2])

    plain_page.get_by_role("link", name=f"Remove: {SIX[0]}").click()

    expect(plain_page.locator(".chips a")).to_have_count(1)


def test_a_list_of_suppliers_is_checked_saved_and_deleted_without_scripts_or_cookies(plain_page):
    plain_page.goto("/check/")
    plain_page.get_by_label("Company names, one per line").fill(f"{SIX[0]}\nB {LONG[:40]}")
    plain_page.get_by_role("button", name="Check these names").click()
    plain_page.get_by_role("group", name="B Gesellschaft").get_by_label(SIX[1]).check()
    plain_page.get_by_role("button", name="Apply these choices").click()
    expect(plain_page.locator(".checked .name")).to_have_text(SIX[:2])

    plain_page.get_by_label("Keep this list for 30 days").check()
    plain_page.get_by_role("button", name="Keep and show link").click()
    plain_page.wait_for_url("**/check/kept/*")
    expect(plain_page.locator(".checked .name")).to_have_text(SIX[:2])

    plain_page.get_by_role("button", name="Delete this list").click()
    expect(plain_page.locator("h1")).to_have_text("The list is deleted")
    assert plain_page.context.cookies() == []


def test_a_name_searched_for_beside_the_list_is_checked_together_with_it(page, plain_page):
    for one in (page, plain_page):
        one.goto("/check/")
        one.get_by_label("Company names, one per line").fill("Zzyzx")
    one_name = page.get_by_label("Or search for a name to add")
    with page.expect_response("**/names.json?q=*"):
        one_name.press_sequentially(SIX[0][:4], delay=20)
    page.locator(f"#one-names option[value='{SIX[0]}']").wait_for(state="attached")
    one_name.fill(SIX[0])
    one_name.press("Enter")
    names = page.get_by_label("Company names, one per line")
    expect(names).to_have_value(f"Zzyzx\n{SIX[0]}\n")
    expect(one_name).to_have_value("")
    plain_page.get_by_label("Or search for a name to add").fill(SIX[0])

    for one in (page, plain_page):
        one.get_by_role("button", name="Check these names").click()
        expect(one.locator(".checked .name")).to_have_text(SIX[:1])


def test_the_progress_of_a_long_list_disappears_with_the_result(page):
    page.goto("/check/")
    names = "\n".join(f"Zz{number:04}" for number in range(300))
    page.get_by_label("Company names, one per line").fill(names)
    page.get_by_role("button", name="Check these names").click()

    expect(page.get_by_role("heading", name="The result")).to_be_visible()
    expect(page.locator(".step")).to_have_count(3)
    assert not page.locator(".step").first.is_visible()
