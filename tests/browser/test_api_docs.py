"""The documentation of the API in Chromium, under the site's strict CSP."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import axe_results
from tests.builders import a_pact

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_api_docs_show_every_endpoint(page, live_server):
    a_pact()
    said, elsewhere = [], []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request", lambda r: None if r.url.startswith(live_server.url) else elsewhere.append(r.url)
    )

    page.goto(f"{live_server.url}/api/v1/docs/")
    page.locator("summary", has_text="/api/v1/companies/").first.click()

    expect(page.get_by_text("ISO 3166-1 code of the headquarters").first).to_be_visible()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        found = axe_results(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert elsewhere == []
    assert said == []
