"""The documentation of the API in Chromium, under the site's strict CSP."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_pages import WCAG_22_AA
from tests.builders import a_pact

# Rules that Swagger UI's own elements break, which no style sheet mends.
OF_SWAGGER_UI = {
    "heading-order",  # its tags are h3 below our h1 and its h2
    "nested-interactive",  # a link to the operation stands inside the button that opens it
    "region",  # its head and its servers stand outside its own main
    "scrollable-region-focusable",  # the block with an example answer
    "select-name",  # the disabled lists of values beside a parameter
}

pytestmark = pytest.mark.django_db(transaction=True)

COLOURED = "<span style="  # numbers in an example: Swagger UI writes their colour into the element


def inside(node):
    return f"#swagger-ui {node['target'][0]}"


def test_the_api_docs_show_every_endpoint(page, live_server):
    a_pact()
    said = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    elsewhere = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((live_server.url, "data:")) else elsewhere.append(r.url),
    )

    page.goto(f"{live_server.url}/api/v1/docs/")

    expect(page.locator(".opblock")).to_have_count(18)
    page.locator("#operations-companies-companies_list .opblock-summary").click()
    page.wait_for_selector("#operations-companies-companies_list .parameters")
    assert "Quote it fairly" in page.inner_text(".info")
    found = Axe().run(page, options=WCAG_22_AA).response["violations"]
    assert [
        (one["id"], node["html"])
        for one in found
        for node in one["nodes"]
        if not node["html"].startswith(COLOURED)
        if one["id"] not in OF_SWAGGER_UI or not page.query_selector(inside(node))
    ] == []
    assert elsewhere == []
    assert said == []
