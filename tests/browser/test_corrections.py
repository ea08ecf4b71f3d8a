"""Corrections in Chromium: from a record to the answer, by keyboard, and without scripts."""

import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from companies.models import Company, Correction
from tests.browser.registers import built_once
from tests.browser.test_pages import BUT_COLOURS, WCAG_22_AA, axe_results
from tests.builders import a_company, a_correction, a_pact, a_signing
from tests.correction_posts import letter, token
from tests.sampling import ALL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

PASSWORD = "a long enough password 7"


@built_once
def _register():
    a_pact()
    a_signing(a_company("Acme", country="FR"))


@pytest.fixture
def scriptless(browser, browser_context_args):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()


def accessible(page, rules=WCAG_22_AA) -> None:
    found = axe_results(page, rules)
    assert found.violations_count == 0, found.generate_report()


def focused(page) -> str:
    return page.evaluate("document.activeElement.id")


def tab_to(page, identifier: str) -> None:
    """Press Tab until a field has the focus, at most twenty times."""
    for _step in range(20):
        if focused(page) == identifier:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{identifier} was not reached; the focus is on {focused(page)!r}")


def answered(browser, live_server, receipt: str, reply: str) -> None:
    """Accept a correction with a reply in the admin."""
    User.objects.create_superuser("ada", password=PASSWORD)
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto("/admin/companies/correction/")
    page.get_by_label("User name or e-mail").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name=receipt).click()
    expect(page.get_by_text("press@acme.example")).to_be_visible()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_role("button", name="Assign to me")).to_have_count(0)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Write a reply to the sender.", exact=True)).to_be_visible()
    page.get_by_label("Public reply").fill(reply)
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".messagelist")).to_contain_text("accepted")
    context.close()


def test_a_reader_corrects_a_record_by_keyboard_and_reads_the_answer(page, browser, live_server):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/companies/acme/")
    page.get_by_role("link", name="Report an error").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/corrections/new/?company=acme")
    accessible(page)

    tab_to(page, "id_email")
    page.keyboard.type("press")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Not sent")).to_be_visible()
    assert focused(page) == "summary"
    accessible(page)
    page.get_by_role("link", name="Please write a message.").focus()
    page.keyboard.press("Enter")
    assert focused(page) == "id_message"
    page.keyboard.type("The company moved to Paris.")
    page.get_by_role("link", name="Please choose what your message is about.").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    tab_to(page, "id_email")
    page.keyboard.type("press@acme.example")  # what a tab enters is marked, and so replaced
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("/corrections/PW-"))
    accessible(page)
    correction = Correction.objects.get()
    assert (correction.company.slug, correction.kind) == ("acme", "error")
    assert (correction.message, correction.email) == (
        "The company moved to Paris.",
        "press@acme.example",
    )
    expect(page.get_by_role("heading", level=1)).to_contain_text(correction.receipt)
    expect(page.locator(".correction-steps li")).to_have_count(1)

    answered(browser, live_server, correction.receipt, "We corrected the country.")

    page.goto("/corrections/")
    page.get_by_label("Receipt number").fill(correction.receipt.lower().replace("-", " "))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/corrections/{correction.receipt}/")
    expect(page.locator(".correction-steps li")).to_have_count(3)
    expect(page.get_by_text("We corrected the country.")).to_be_visible()
    assert "acme.example" not in page.content()
    accessible(page)
    assert page.context.cookies() == []
    assert [text for text in said if "400" not in text] == []


def test_typing_the_company_suggests_names_from_the_register(page):
    page.goto("/corrections/new/")
    with page.expect_response("**/names.json?q=*"):
        page.get_by_label("Company", exact=True).press_sequentially("acm", delay=20)

    page.locator("#company-names option[value='Acme']").wait_for(state="attached")


def test_a_correction_is_sent_without_scripts(scriptless):
    page = scriptless
    page.goto("/fr/corrections/new/?company=acme&kind=error")
    page.locator("#id_message").fill("Le siège est à Paris.")
    page.locator("form.letter button").click()

    page.wait_for_url(re.compile("/fr/corrections/PW-"))
    assert Correction.objects.get().language == "fr"


def test_the_honeypot_field_stops_bots_and_is_invisible_to_readers(page):
    page.goto("/corrections/new/?company=acme&kind=error")
    expect(page.locator("#id_homepage")).to_be_hidden()
    page.locator("#id_message").fill("Buy now")
    page.evaluate("document.getElementById('id_homepage').value = 'https://spam.example'")
    page.locator("form.letter button").click()

    expect(page.locator("#summary")).to_contain_text("This field is there to catch robots.")
    expect(page.locator("#id_homepage")).to_be_visible()  # whoever filled it can empty it
    assert Correction.objects.count() == 0
    accessible(page)


def test_an_eleventh_correction_within_an_hour_is_refused_with_a_sentence(page, client):
    for number in range(10):
        client.post("/corrections/new/", letter(opened=token(number=f"{number}")))
    assert Correction.objects.count() == 10

    page.goto("/corrections/new/?company=acme&kind=error")
    page.locator("#id_message").fill("The eleventh")
    page.locator("form.letter button").click()

    expect(page.locator("#summary")).to_contain_text("Please send this one in an hour")
    expect(page.locator("#id_message")).to_have_value("The eleventh")
    assert focused(page) == "summary"
    assert Correction.objects.count() == 10


def test_a_double_click_sends_one_correction(page):
    page.goto("/corrections/new/?company=acme&kind=error")
    page.locator("#id_message").fill("Once.")
    page.locator("form.letter button").dblclick()

    # The second click ends the navigation of the first, which waiting for a URL calls an error.
    expect(page).to_have_url(re.compile("/corrections/PW-"))
    assert Correction.objects.count() == 1


SCREENS = [(320, "light"), (1440, "dark"), (320, "dark"), (1440, "light")]


@pytest.mark.parametrize("language", ["", "/fr"])
def test_every_state_of_a_correction_fits_the_screen_and_is_accessible(page, language):
    ada = User.objects.create_user("ada")
    acme = Company.objects.get()
    done = {"taken_by": ada, "taken_at": timezone.now()} | {
        "closed_by": ada,
        "closed_at": timezone.now(),
        "reply": "https://example.org/" + "a-very-long-address-without-a-space" * 5,
    }
    states = [
        a_correction(acme),
        a_correction(acme, state="checking", taken_by=ada, taken_at=timezone.now()),
        a_correction(state="declined", company_name="Nemo", **done),
        a_correction(acme, kind="statement", state="accepted", message="x" * 300, **done),
    ]
    # French differs in its words alone: axe looks at it on a phone, and not at its colours.
    with_axe = SCREENS if ALL else SCREENS[: 1 if language else 2]
    rules = BUT_COLOURS if language and not ALL else WCAG_22_AA
    for address in ("/corrections/", *(state.get_absolute_url() for state in states)):
        page.goto(f"{language}{address}")
        for width, colour_scheme in SCREENS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=colour_scheme)
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wider) <= 0, (address, width)
            if (width, colour_scheme) in with_axe:
                accessible(page, rules)
