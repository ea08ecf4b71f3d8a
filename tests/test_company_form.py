"""The form of a company: folded sections that say what is in them, and the next row of a list."""

import datetime
import re

import pytest

from companies.models import CompanyIdentifier, CompanyName

from .builders import a_citation, a_company, a_pledge, a_sector, a_signing, a_source
from .editors import an_editor, errors, page, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.history]

LIST = "/admin/companies/company/"


def saidot():
    company = a_company(
        "Saidot", country="FI", sector=a_sector("software"), website="https://saidot.example"
    )
    signed = a_signing(company, since=datetime.date(2024, 10, 9), since_basis="first_seen")
    a_citation(signing=signed, source=a_source("list", title="The list"), quote="Saidot")
    a_pledge(company)
    CompanyName.objects.create(company=company, name="Saidot Oy", kind="legal")
    CompanyIdentifier.objects.create(company=company, scheme="wikidata", value="Q42")
    return company


def sections(response):
    """The headings of the folded sections."""
    markup = response.content.decode()
    found = re.findall(r"<details><summary>\s*<h\d[^>]*>\s*(.*?)\s*</h\d>", markup, re.DOTALL)
    return [re.sub(r"\s+", " ", one) for one in found]


def test_each_section_of_the_company_form_is_collapsed_with_a_summary():
    response = an_editor().get(page(saidot()))

    assert sections(response) == [
        "Name and website: Saidot · https://saidot.example",
        "Profile: Finland · Software · unknown · unknown",
        "Statuses: Signed, EU AI Pact",
        "Evidence: The list",
        "Pledges: Governance",
        "Other names: Saidot Oy",
        "Identifiers: Wikidata Q42",
        "Progress reports: none",
    ]


@pytest.mark.parametrize(
    ("gap", "section"),
    [("country", "Profile"), ("legal_name", "Name and website"), ("identifier", "Identifiers")],
)
def test_the_section_with_the_missing_value_of_the_filtered_list_is_open(gap, section):
    address = f"{page(saidot())}?_changelist_filters=lacks%3D{gap}"

    folded = [one.partition(":")[0] for one in sections(an_editor().get(address))]

    assert section not in folded
    assert len(folded) == 7


def test_the_summary_of_a_section_with_many_rows_names_the_first_ones():
    company = a_company("Acme")
    for number in range(5):
        CompanyName.objects.create(company=company, name=f"Acme {number}", kind="alias")

    assert "Other names: Acme 0 · Acme 1 · Acme 2 and 2 more" in sections(
        an_editor().get(page(company))
    )


def test_the_form_of_a_new_company_has_no_collapsed_section():
    assert sections(an_editor().get(f"{LIST}add/")) == []


def test_a_section_with_an_error_is_open():
    client, company = an_editor(), saidot()

    response = client.post(page(company), typed(client.get(page(company)), country="XX"))

    assert "is not a country code" in " ".join(errors(response))
    assert not any(one.startswith("Profile") for one in sections(response))


def test_a_summary_of_the_record_is_shown_above_the_form():
    shown = text(an_editor().get(page(saidot())))

    assert "EU AI Pact Signed since 9 October 2024 (first list or report that we know)" in shown
    for part in ("The list", "Saidot Oy", "Wikidata Q42", "/companies/saidot/", "Last edit"):
        assert part in shown[: shown.index("Name and website:")], part


def go_on(client, company, filters, **typed_in):
    address = f"{page(company)}?_changelist_filters={filters}"
    return client.post(address, typed(client.get(address), **typed_in) | {"_next": "1"})


def test_save_and_next_goes_through_the_list_the_editor_came_from():
    first, second, third = (a_company(name, country="") for name in ("Acme", "Beta", "Gamma"))
    a_company("Beech", country="FI")  # between them, and in the list without a filter
    client = an_editor()

    response = go_on(client, first, "lacks%3Dcountry", country="FI")

    assert response.status_code == 302, errors(response)
    filters = "_changelist_filters=lacks%3Dcountry"
    assert response["Location"] == f"{page(second)}?{filters}"
    first.refresh_from_db()
    assert first.country == "FI"
    assert go_on(client, second, "lacks%3Dcountry")["Location"] == f"{page(third)}?{filters}"

    last = go_on(client, third, "lacks%3Dcountry")
    assert last["Location"] == f"{LIST}?lacks=country"
    assert "That was the last one of this list." in text(client.get(last["Location"]))


def test_save_and_next_keeps_the_order_and_the_search_of_the_list():
    first, second = a_company("Acme One"), a_company("Acme Two")
    a_company("Beta")
    client = an_editor()

    assert go_on(client, second, "q%3Dacme%26o%3D-1")["Location"].startswith(page(first))


def test_without_a_filtered_list_save_and_next_goes_through_all_companies():
    first, second = a_company("Acme"), a_company("Beta")

    assert go_on(an_editor(), first, "")["Location"] == page(second)


@pytest.mark.parametrize("filters", ["lacks%3Dnonsense", "id__gt%3D0", "p%3Dx", "%00", "%FF"])
def test_an_invalid_list_in_the_url_is_never_a_500(filters):
    client, company = an_editor(), a_company("Acme")
    a_company("Beta")

    assert go_on(client, company, filters).status_code in (302, 400)


def test_a_refused_save_stays_on_the_form():
    client, company = an_editor(), a_company("Acme")
    a_company("Beta")

    response = go_on(client, company, "", country="XX")

    assert response.status_code == 200
    assert "is not a country code" in " ".join(errors(response))
