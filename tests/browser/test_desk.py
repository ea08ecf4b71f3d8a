"""The editors' screens in Chromium: axe finds nothing, on any of them."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.browser.test_pages import AXE, axe_results
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_correction,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from tests.lists import a_reading

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

LISTS = ["company", "correction", "proposal"]
RARE_LISTS = [  # or like the others
    "signing", "citation",
    "pledge", "source", "progressreport", "companyname", "companyidentifier", "companyredirect",
    "sector", "pact", "commitment", "milestone", "opinion", "publishedshare", "officiallist",
    "listheading",
]  # fmt: skip
READ_ONLY_LISTS = ["importrun", "refusedmatch", "change", "quotecheck", "retraction"]


@pytest.fixture
def screens(page, log_in):
    """Every kind of screen with a row on it, for a superuser who is logged in."""
    log_in(User.objects.create_user("ada", is_superuser=True, is_staff=True))
    a_sector("software")
    a_commitment("ai-literacy")
    company = a_company("Saidot", country="FI", website="https://saidot.example")
    signing = a_signing(company)
    a_citation(signing=signing, source=a_source(), quote="Saidot")
    a_pledge(company)
    other = a_company("Moldau Analytics")
    a_signing(other)
    run = a_reading(["Saidott", "Moldau Analytics", "Ilmatar Oy"]).run
    letter = a_correction(company)
    screen = f"/admin/companies/company/{company.pk}"
    page.add_init_script(AXE)
    usual = [
        "/admin/",
        *(f"/admin/companies/{name}/" for name in LISTS),
        f"{screen}/change/",
        f"{screen}/change-status/",
        f"{screen}/add-evidence/",
        "/admin/companies/company/cite/",
        f"{screen}/retract-status/",
        f"{screen}/undo-status/{signing.pk}/",
        f"{screen}/history/",
        f"{screen}/delete/",
        f"{screen}/merge/",
        f"{screen}/merge/?into={other.pk}",
        f"/admin/companies/importrun/{run.pk}/review/",
        f"/admin/companies/importrun/{run.pk}/change/",
        reverse("admin:companies_importrun_upload"),
        reverse("admin:companies_importrun_queue"),
        f"/admin/companies/correction/{letter.pk}/answer/",
        f"/admin/companies/signing/{signing.pk}/change/",
        "/admin/second-factor/",
        "/admin/accounts/accountevent/",
    ]
    lists = [f"/admin/companies/{name}/" for name in RARE_LISTS]
    rare = [
        *(*lists, *(f"{address}add/" for address in lists)),
        "/admin/companies/company/?lacks=sector",
        "/admin/companies/company/add/",
        f"/admin/companies/signing/{signing.pk}/history/",
        "/admin/accounts/loginsession/",
        "/admin/auth/user/",
    ]
    return usual, [*rare, *(f"/admin/companies/{name}/" for name in READ_ONLY_LISTS)]


def faults(page, address):
    page.goto(address)
    found = axe_results(page).response["violations"]
    return [(address, one["id"], len(one["nodes"]), one["nodes"][0]["html"][:300]) for one in found]


def test_axe_finds_no_fault_on_the_screens_that_editors_use_every_day(page, screens):
    usual, _rare = screens
    assert [fault for address in usual for fault in faults(page, address)] == []


@pytest.mark.long
@pytest.mark.parametrize("width", [360])
@pytest.mark.parametrize("language", ["", "/fr"])
def test_axe_finds_no_fault_on_any_admin_screen_on_a_phone(page, screens, language, width):
    usual, rare = screens
    addresses = [f"{language}{address}" for address in (*usual, *rare)]
    assert [fault for address in addresses for fault in faults(page, address)] == []
