"""The commonest tasks of an editor, done from the desk in Chromium, with their clicks counted.

A click is a press of a button or link, a choice in a list, or a box that is ticked; typing is none.
"""

import datetime

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache

from companies.importers.download import Download
from companies.models import Citation, Company, Signing, Source
from companies.register.verifying import describing
from tests.builders import a_citation, a_commitment, a_company, a_pact, a_signing, a_source
from tests.lists import a_reading

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

URL = "https://newsroom.example/pact"
PAGE = (
    b"<html lang=en><title>Meta signs the Pact</title>"
    b"<meta property=og:site_name content='Newsroom'>"
    b"<meta property=article:published_time content=2025-03-04><body>x"
)


@pytest.fixture(params=["with scripts", "without scripts"])
def scripts(request):
    return request.param == "with scripts"


@pytest.fixture
def browser_context_args(browser_context_args, scripts):
    return browser_context_args | {"java_script_enabled": scripts}


@pytest.fixture
def web(monkeypatch):
    """Stands in for the page that is cited; the Internet Archive has no copy."""

    def answer(url):
        content = b"{}" if "archive.org" in url else PAGE
        return Download(url, content, "0" * 64, "", "", False, "text/html")

    monkeypatch.setattr(describing, "fetch_page", answer)
    monkeypatch.setattr(describing, "fetch_archive", answer)
    cache.clear()


class Desk:
    """A page of an editor who is logged in, and the clicks since then."""

    def __init__(self, page):
        self.page, self.clicks, self.complaints = page, 0, []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)

    def press(self, role, name):
        self.clicks += 1
        self.page.get_by_role(role, name=name, exact=True).first.click()

    def choose(self, name, value):
        self.clicks += 1
        self.page.locator(f"[name={name}]").select_option(value)

    def tick(self, selector):
        self.clicks += 1
        self.page.locator(selector).check()

    def type(self, name, value):
        self.page.locator(f"[name={name}]").first.fill(value)


@pytest.fixture
def desk(page, log_in, scripts):
    log_in(User.objects.create_user("ada", is_staff=True, is_superuser=True))
    return Desk(page)


@pytest.fixture
def meta(live_server):
    company = a_company("Meta", country="US")
    day = datetime.date(2024, 9, 25)
    absent = a_signing(company, status="not_signed", since=day, since_basis="first_seen")
    snub = a_source("politico", title="Meta snubs the Pact", published_on=day)
    a_citation(signing=absent, source=snub)
    a_pact()
    return company


def test_a_status_is_changed_with_a_new_source_in_five_clicks(desk, meta, web):
    desk.page.goto("/admin/")
    desk.type("q", "Meta")
    desk.press("button", "Find")
    desk.type("new_url", URL)
    desk.press("button", "Fill in from the address")
    desk.choose("status", "signed")
    desk.type("since", "2025-03-04")
    desk.choose("since_basis", "first_seen")
    desk.type("quote", "Meta signs")
    desk.type("change_reason", "its newsroom")
    desk.press("button", "Change status")
    desk.page.wait_for_url("**/change/")

    assert desk.clicks == 5
    signed = Signing.objects.get(company=meta, until=None)
    assert (signed.status, signed.since) == ("signed", datetime.date(2025, 3, 4))
    source = signed.citations.get().source
    assert (source.title, source.publisher, source.url) == ("Meta signs the Pact", "Newsroom", URL)
    assert source.published_on == datetime.date(2025, 3, 4)
    assert desk.complaints == []


def test_evidence_is_added_for_two_facts_in_three_clicks(desk, meta, web):
    desk.page.goto(f"/admin/companies/company/{meta.pk}/change/")
    desk.type("new_url", URL)
    desk.press("button", "Read it")
    desk.tick(f"[value=company-{meta.pk}]")
    desk.type("quote", "Meta")
    desk.press("button", "Save")
    desk.page.wait_for_url("**/change/")

    assert desk.clicks == 3
    source = Source.objects.get(url=URL)
    cited = Citation.objects.filter(source=source).values_list("signing", "company")
    assert set(cited) == {(meta.signings.get().pk, None), (None, meta.pk)}
    assert desk.complaints == []


def test_one_click_previews_a_status_beside_the_form_and_keeps_what_was_typed(desk, meta):
    news = a_source("newsroom", title="Newsroom")
    desk.page.goto(f"/admin/companies/company/{meta.pk}/change-status/?source={news.pk}")
    desk.choose("status", "signed")
    desk.type("since", "2025-03-04")
    desk.choose("since_basis", "first_seen")
    desk.type("quote", "Meta signs")
    frame = desk.page.frame_locator("[name=record-preview]")
    frame.get_by_text("The public record as it is now.").wait_for()
    desk.clicks = 0

    desk.press("button", "Preview")
    frame.get_by_text("No preview yet").wait_for()
    desk.type("new_url", URL)
    desk.type("new_title", "Meta signs the Pact")
    desk.choose("new_kind", "company")
    desk.type("new_published_on", "2025-03-04")
    desk.type("change_reason", "its newsroom")
    desk.press("button", "Preview")
    frame.get_by_text("First seen as a signatory: 4 March 2025.").first.wait_for()

    assert desk.clicks == 3
    assert desk.page.locator("[name=quote]").input_value() == "Meta signs"
    assert Signing.objects.get().status == "not_signed"
    assert desk.complaints == []


def test_sixteen_proposals_are_applied_in_three_clicks(desk, live_server, scripts):
    a_commitment("ai-literacy")
    trees = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel"]
    names = [f"{tree} {trade}" for tree in trees for trade in ("Analytics", "Robotics")]
    a_reading(names, accept=True)
    desk.page.goto("/admin/")

    desk.press("link", "Review: New companies")
    desk.tick("[name=kind]")
    desk.press("button", "Apply 16" if scripts else "Apply selected")
    desk.page.wait_for_load_state()

    assert desk.clicks == 3
    assert Company.objects.filter(name__in=names).count() == 16
    assert desk.complaints == []


def test_each_missing_country_is_filled_with_one_click_from_the_filtered_list(desk, live_server):
    for name in ("Acme", "Beta", "Gamma"):
        a_company(name, country="")
    desk.page.goto("/admin/")

    desk.press("link", "Without a country")
    desk.press("link", "Acme")
    for _company in range(3):
        desk.type("country", "FI")
        desk.press("button", "Save and next")
    desk.page.wait_for_url("**/company/?lacks=country")

    assert desk.clicks == 5
    assert set(Company.objects.values_list("country", flat=True)) == {"FI"}


@pytest.mark.parametrize("scripts", [True])
def test_the_keyboard_shortcuts_of_the_review_work_in_an_admin_list(desk, live_server):
    for name in ("Acme", "Beta", "Gamma"):
        a_company(name)
    desk.page.goto("/admin/companies/company/")

    desk.page.keyboard.press("j")
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("x")
    assert desk.page.locator("input.action-select:checked").count() == 1
    desk.page.keyboard.press("k")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url("**/change/**")

    assert desk.page.locator("h1").inner_text() == "Acme"
