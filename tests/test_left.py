"""Who left: from when, until when, and no more of the reason than a source says."""

import datetime

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.builders import a_citation, a_company, a_pact, a_signing, a_source
from tests.reader_client import forget_answers
from tests.test_seo import parsed

pytestmark = pytest.mark.django_db

THEN = datetime.date(2026, 7, 31)


def leaver(name, status="removed", **fields):
    """A company that signed in 2024 and left on `THEN`."""
    company = a_company(name)
    pact = fields.pop("pact", None) or a_pact()
    a_signing(company, pact=pact, until=THEN)
    return a_signing(company, status, pact=pact, since=THEN, since_basis="observed", **fields)


def names(page):
    return [one.text for one in parsed(page.text).all("a", **{"class": "name"})]


def test_a_former_signatory_has_both_days_its_reason_and_its_source(client):
    source = a_source(title="The list of July", kind="official_list")
    a_citation(signing=leaver("Acme", reason_en="No reason was published."), source=source)

    page = client.get("/left/")

    assert names(page) == ["Acme"]
    assertContains(page, "We know of 1 company that was a signatory and no longer is.")
    assertContains(page, "first named as a signatory: 9\u00a0October\u00a02024")
    assertContains(page, "31\u00a0July\u00a02026 (our check of the list)")
    assertContains(page, "No reason was published.")
    assertContains(page, "<bdi>The list of July</bdi>")
    assertContains(page, "A list gives no reason")
    assertContains(client.get("/fr/left/"), "Une liste ne donne pas de motif")


def test_what_the_company_said_is_quoted(client):
    source = a_source(title="A letter", kind="company")
    signing = leaver("Acme", "withdrawn")
    a_citation(signing=signing, source=source, quote="We left.", own_words="has_left")

    page = client.get("/left/")

    assertContains(page, "Withdrawn")
    assertContains(page, "“We left.”")


def test_companies_with_the_same_day_and_source_share_one_entry(client):
    source = a_source(kind="official_list")
    for name in ("Acme", "Beta"):
        a_citation(signing=leaver(name), source=source)
    leaver("Ceta")

    (group,) = client.get("/left/").context["groups"]

    said = [[one.company.name for one in leaving.lines] for leaving in group.leavings]
    assert said == [["Acme", "Beta"], ["Ceta"]]


def test_the_page_lists_no_current_signatory_and_nobody_who_never_signed(client):
    back = leaver("Acme")
    back.until = datetime.date(2026, 8, 31)
    back.save()
    a_signing(back.company, since=back.until)
    a_signing(a_company("Beta"), "not_signed", since_basis="observed")
    a_signing(a_company("Ceta"))

    page = client.get("/left/")

    assert names(page) == []
    assertContains(page, "We know of no company that has left.")
    assertContains(page, "A company may have left without a list or source")
    assert names(client.get("/left/?as_of=2026-08-01")) == ["Acme"]


def test_a_signature_that_ended_without_a_later_status_is_listed_without_a_reason(client):
    a_signing(a_company("Acme"), until=THEN)

    page = client.get("/left/")

    assert names(page) == ["Acme"]
    assertContains(page, "no source we know says how")
    assertNotContains(page, "No longer listed</span>")


def test_the_page_lists_all_pacts_and_can_be_filtered_by_one(client):
    leaver("Acme")
    leaver("Beta", pact=a_pact("gpai-code", name_en="GPAI Code"))

    assert names(client.get("/left/")) == ["Acme", "Beta"]
    assert names(client.get("/left/?pact=gpai-code")) == ["Beta"]
    assert client.get("/left/?pact=none").status_code == 400
    assert client.get("/left/?colour=red").status_code == 400


def test_the_page_links_to_the_same_companies_in_the_api(client):
    leaver("Acme")

    (link,) = [one for one in parsed(client.get("/left/").text).all("a") if one.text == "JSON"]
    found = client.get(link.attributes["href"]).json()["results"]

    assert [one["status"] for one in found] == ["removed"]


def test_the_page_is_in_the_footer_and_in_the_sitemap(client):
    a_pact()

    assertContains(client.get("/about/"), 'href="/left/"')
    assertContains(client.get("/sitemap-pages.xml"), "/left/</loc>")


# Version, periods, companies' periods, citations, pacts, and what is read of them again.
QUERIES = 8


@pytest.mark.parametrize("number", [2, 5])
def test_the_page_takes_the_same_number_of_queries_for_any_number(
    client, django_assert_max_num_queries, number
):
    for i in range(number):
        a_citation(signing=leaver(f"Acme {i}"))
    client.get("/left/")  # from which the process knows how all companies stand
    forget_answers()

    with django_assert_max_num_queries(QUERIES):
        client.get("/left/")
