"""Parts of records that companies share from a cache: each page is as if rendered alone."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from companies.models import Commitment, Company, QuoteCheck, Source
from companies.pages.record.record_page import PAGES
from companies.register import read_table
from pactwatch.page_fragments import FRAGMENTS
from tests.builders import a_citation, a_commitment, a_company, a_pledge, a_signing, a_source
from tests.reader_client import forget_answers
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]

DAY = datetime.date
LATER = DAY(2025, 3, 1)
PARTS = {"companies/_receipt_details.html", "companies/record/_commitments.html"}
# What differs in one citation, or in one pledge, of companies that are alike otherwise.
CITED = {
    "own words": {"own_words": "will_not_sign"},
    "day": {"about_on": LATER},
    "month": {"about_on": LATER, "about_on_precision": "month"},
    "verified": {"verified_on": LATER},
    "verified by an editor": {"verified_on": LATER, "verified_by": "editor"},
    "no quote": {"quote": ""},
}
CHECKED = {
    "found": {},
    "found later": {"checked_at": datetime.datetime(2025, 3, 9, 12, tzinfo=datetime.UTC)},
    "found before": {"result": "not_found", "found_on": DAY(2025, 2, 1)},
    "not found": {"result": "not_found", "found_on": None},
    "in the copy": {"in_copy": True},
    "in the copy of a day": {"in_copy": True, "copy_of": LATER},
}
DONE = {"implementation": "planned", "implementation_basis": "self_reported"}
PLEDGED = {
    "stated": {"basis": "stated"},
    "planned": DONE,
    "according to others": DONE | {"implementation_basis": "third_party"},
    "fully": DONE | {"implementation": "full"},
    "as of": DONE | {"as_of": LATER},
    "target": {"target_on": LATER},
    "note": {"note_en": "A note."},
}


def alike(name, status="signed", **citation):
    company = a_company(name)
    since = DAY(2024, 11, 1)
    source = {"source": Source.objects.get(), "quote": "The company signed."}
    cited = a_citation(signing=a_signing(company, status, since=since), **source | citation)
    return company, cited


def a_register_of_companies_alike():
    a_source("letter", publisher="A paper", retrieved_on=LATER)
    governance = a_commitment("governance")
    optional = a_commitment("optional", kind=Commitment.Kind.ADDITIONAL)
    a_commitment("for providers", kind=Commitment.Kind.ADDITIONAL, audience="provider")
    for name in ("First", "Second"):
        alike(name)
    alike("Declined", "declined")
    alike("Removed", "removed")
    for name, values in CITED.items():
        alike(f"Cited {name}", **values)
    for name, values in CHECKED.items():
        _company, citation = alike(f"Checked {name}")
        of = {"citation": citation, "quote": citation.quote, "url": citation.source.url}
        day = datetime.datetime(2025, 3, 8, 12, tzinfo=datetime.UTC)
        of |= {"result": "found", "found_on": LATER, "since": LATER, "checked_at": day}
        QuoteCheck.objects.create(**of | values)
    for name, values in PLEDGED.items():
        company, _citation = alike(f"Pledged {name}")
        a_pledge(company, commitment=governance, **values)
    company, _citation = alike("Optional")
    a_pledge(company, commitment=optional)
    company, _citation = alike("Left with a pledge")
    signing = company.signings.get()
    signing.until = LATER
    signing.save()
    a_signing(company, "withdrawn", since=LATER)
    company, _citation = alike("Deployer")
    company.role = "deployer"
    company.save()
    read_table.rebuild()


rows = shared(a_register_of_companies_alike, history=True)


def addresses():
    slugs = Company.objects.order_by("pk").values_list("slug", flat=True)
    return [f"{start}/companies/{slug}/" for slug in slugs for start in ("", "/fr")]


def records(*, alone):
    found = {}
    for address in addresses():
        if alone:
            FRAGMENTS.clear()
        answer = Client().get(address)
        assert answer.status_code == 200
        found[address] = answer.content
    PAGES.forget()
    forget_answers()
    return found


def parts():
    return [key for key in FRAGMENTS.cached if isinstance(key, tuple) and key[0] in PARTS]


def test_a_record_is_the_same_whether_its_parts_are_shared_or_rendered_for_it_alone():
    together = records(alone=False)

    assert records(alone=True) == together


def test_a_part_is_rendered_once_for_companies_of_which_it_shows_the_same():
    Client().get("/companies/first/")
    first = parts()
    Client().get("/companies/second/")

    assert {name for name, *_key in first} == PARTS
    assert parts() == first


def test_a_part_of_a_past_day_or_with_a_company_s_own_note_is_not_shared():
    Client().get("/companies/first/?as_of=2024-12-01")
    Client().get("/companies/pledged-note/")

    assert {name for name, *_key in parts()} == {"companies/_receipt_details.html"}


def test_a_check_of_a_quote_is_shown_until_the_quote_is_another():
    FRAGMENTS.clear()
    shown = Client().get("/companies/checked-found/").text
    QuoteCheck.objects.filter(citation__signing__company__slug="checked-found").update(
        quote="Another.", checked_at=timezone.now()
    )
    PAGES.forget()
    forget_answers()

    assert "page-check" in shown
    assert "page-check" not in Client().get("/companies/checked-found/").text
