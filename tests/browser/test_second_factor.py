"""An editor's second factors in Chromium, with a security key that the browser pretends to have."""

import pytest
from django.contrib.auth.models import User

from tests.browser.test_pages import axe_results
from tests.test_login import code_of

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a long enough password 7"
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "isUserVerified": False,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def browser_page(page, settings):
    """A page of a browser with a security key; its complaints, and those of axe, are kept."""
    settings.REQUIRE_SECOND_FACTOR = True
    User.objects.create_user("ada", password=PASSWORD, is_staff=True, is_superuser=True)
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return page


def log_in(page):
    page.goto("/admin/")
    page.get_by_label("User name or e-mail").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def faults(page):
    found = axe_results(page).response["violations"]
    return [(fault["id"], page.url) for fault in found]


def test_an_editor_adds_a_key_and_an_app_and_logs_in_with_either(browser_page):
    page = browser_page
    log_in(page)
    page.wait_for_url("**/admin/second-factor/?next=/admin/")

    page.get_by_role("link", name="Add a security key").click()
    page.get_by_label("Name").fill("Blue key")
    page.wait_for_load_state()  # with the script that asks the key
    page.get_by_role("button", name="Add a security key").click()
    page.wait_for_url("**/admin/second-factor/codes/")
    assert page.locator(".codes li").count() == 10
    page.get_by_role("link", name="I have saved them").click()
    page.wait_for_url("**/admin/")
    page.get_by_role("button", name="Log out").click()

    log_in(page)
    page.wait_for_url("**/admin/login/second-factor/")
    unread = faults(page)
    page.get_by_role("button", name="Use the security key").click()
    page.wait_for_url("**/admin/")

    page.get_by_role("link", name="Second factor").click()
    assert page.locator(".keys").inner_text() == "Blue key"
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("code").inner_text()
    unread += faults(page)
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()
    page.wait_for_url("**/admin/second-factor/")
    page.get_by_role("button", name="Log out").click()

    log_in(page)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/admin/")

    assert (unread, page.complaints) == ([], [])
