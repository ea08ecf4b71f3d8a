"""How long a record is on a screen and on paper, and what stands on the first screen of a phone."""

import datetime
import io

import pypdf
import pytest

from tests.browser.registers import built_once
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)

pytestmark = pytest.mark.django_db(transaction=True)
HEIGHTS = {"signer": 2000, "absentee": 1600, "leaver": 2000}  # px at 1440
FIRST_SCREEN = 640  # px of a phone
LIST_DAY = datetime.date(2024, 10, 9)
CORE = {
    "governance": "Adopt an AI governance strategy",
    "mapping": "Map AI systems that may be high-risk",
    "literacy": "Promote AI literacy and awareness among staff",
}


@built_once
def _register():
    a_pact()
    for slug in ("gpai-code", "seoul"):
        a_signing(pact=a_pact(slug, name_en=f"The pact of {slug}", name_fr=f"Le pacte de {slug}"))
    for position, (code, title) in enumerate(CORE.items()):
        a_commitment(
            code, title_en=title, title_fr=title, position=position, ai_act_article="Art. 4"
        )
    listed = a_source("list", kind="official_list", published_on=LIST_DAY, publisher="Commission")
    press = [a_source(publisher=f"Paper {number}", published_on=LIST_DAY) for number in range(4)]
    signer = a_company("Signer", country="DK", size="large", role="both")
    signed = a_signing(signer)
    for source in (listed, *press):
        a_citation(signing=signed, source=source, quote="Signer is among those that have signed it")
    done = {"implementation": "planned", "implementation_basis": "self_reported", "as_of": LIST_DAY}
    pledge = a_pledge(
        signer, commitment=signer.pledges.get(commitment__code="literacy").commitment, **done
    )
    a_citation(pledge=pledge, source=press[0], quote="Planned practices, such as those of Signer")
    absent = a_signing(a_company("Absentee", country="FR"), "not_signed", since=LIST_DAY)
    for source in press:
        a_citation(signing=absent, source=source, quote="Absentee was not among them")
    leaver, left_on = a_company("Leaver"), datetime.date(2025, 6, 1)
    a_citation(signing=a_signing(leaver, until=left_on), source=listed, quote="Leaver")
    a_signing(leaver, "removed", since=left_on, since_basis="observed")


@pytest.mark.parametrize("language", ["", "/fr"])
def test_a_record_is_short_on_a_desktop_and_its_sidebar_stays_in_sight(page, language):
    for slug, most in HEIGHTS.items():
        page.goto(f"{language}/companies/{slug}/")
        assert page.evaluate("document.documentElement.scrollHeight") <= most, slug
        page.evaluate("scrollTo({top: 600, behavior: 'instant'})")
        seen = page.locator("#quote .quotable").first.bounding_box()
        assert seen["y"] >= 0, slug
        assert seen["y"] + seen["height"] <= 900, slug


@pytest.mark.parametrize("width", [360])
@pytest.mark.parametrize("language", ["", "/fr"])
def test_the_first_screen_of_a_phone_has_the_status_the_day_and_the_caution(page, language, width):
    for slug in HEIGHTS:
        page.goto(f"{language}/companies/{slug}/")
        for part in (".standing .status", ".says"):
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] <= FIRST_SCREEN, f"{slug} {part}"
    page.goto(f"{language}/companies/absentee/")
    said = page.locator(".says").inner_text().replace("\u00a0", " ")
    assert ("9 octobre 2024" if language else "9 October 2024") in said
    assert ("un refus" if language else "not a refusal") in said


@pytest.mark.parametrize("language", ["", "/fr"])
def test_a_record_prints_on_two_sheets_with_the_urls_of_its_sources(page, language):
    for slug in HEIGHTS:
        page.goto(f"{language}/companies/{slug}/")
        sheets = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
        text = "\n".join(sheet.extract_text() for sheet in sheets)
        assert len(sheets) <= 2, slug
        assert "JSON Feed" not in text, slug
        if slug != "leaver":
            assert "https://example.org/" in text, slug


def test_a_button_copies_the_sentence_to_quote(page, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/companies/absentee/")
    page.get_by_role("button", name="Copy").first.click()

    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#quote-en").inner_text()


def test_without_scripts_the_copy_button_is_absent_and_links_open_collapsed_sections(
    browser, browser_context_args
):
    plain = browser.new_context(**browser_context_args, java_script_enabled=False).new_page()
    plain.goto("/companies/signer/")

    assert plain.get_by_role("button", name="Copy").count() == 0
    plain.get_by_role("link", name="Cite with link").click()
    assert plain.locator("#cite .copy").is_visible()
