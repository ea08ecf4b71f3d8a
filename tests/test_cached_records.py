"""Answers about one company outlive edits of others, and are never older than what they show."""

import random

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from companies.models import (
    Commitment,
    Company,
    Pact,
    ReadTable,
    RegisterVersion,
    Sector,
    Signing,
    Source,
)
from companies.queries import changed_at, record_key
from companies.queries.clocks import Clock
from companies.register.history import new_version, save
from tests.reader_client import forget_answers
from tests.sampling import each, seeds
from tests.sharing import shared
from tests.test_read_table import EDITS, a_register, do, one_of, part

pytestmark = [pytest.mark.django_db, pytest.mark.history]

FORMS = ("/companies/{}/", "/companies/{}/badge.svg", "/api/v1/companies/{}/")
MORE_FORMS = (
    *("/fr/companies/{}/", "/companies/{}/badge.json", "/companies/{}/?pact=seoul"),
    *("/companies/{}/?as_of=2025-01-01", "/companies/{}/?recorded_as_of=2025-01-01"),
)
rows = shared(a_register, history=True)


def retitle(chance):
    source = one_of(Source, chance)
    source.title = f"Title {chance.random()}"
    save(source, "wrong")


def adopt(chance):
    company = one_of(Company, chance)
    company.parent = one_of(Company, chance)
    save(company, "bought")


def rename_pact(chance):
    pact = one_of(Pact, chance)
    pact.name_en = f"Pact {chance.random()}"
    save(pact, "renamed")


def rename_commitment(chance):
    commitment = one_of(Commitment, chance)
    commitment.title_en = f"Commitment {chance.random()}"
    save(commitment, "renamed")


def rename_sector(chance):
    sector = one_of(Sector, chance)
    sector.label_en = f"Sector {chance.random()}"
    save(sector, "renamed")


MORE = [retitle, adopt, rename_pact, rename_commitment, rename_sector, part]
ALL = [*EDITS, *MORE]
QUICK = [*each(3, EDITS), *MORE]  # tests/test_read_table.py makes each of the others


def answers(client, forms):
    slugs = Company.objects.order_by("pk").values_list("slug", flat=True)
    found = {(slug, form): client.get(form.format(slug)) for slug in slugs for form in forms}
    return {address: (one.status_code, one.content) for address, one in found.items()}


def assert_kept_answers_are_those_made_anew(client, forms=FORMS):
    kept = answers(client, forms)
    forget_answers()
    for address, anew in answers(client, forms).items():
        assert kept[address] == anew, address


@pytest.mark.parametrize("edit", QUICK)
def test_after_an_edit_every_cached_response_equals_a_fresh_one(client, edit):
    adopt(random.Random(1))
    answers(client, FORMS)

    do(edit, random.Random(edit.__name__))

    assert_kept_answers_are_those_made_anew(client)


@pytest.mark.long
@pytest.mark.database
@pytest.mark.parametrize("seed", seeds(1))
def test_after_many_edits_every_cached_response_equals_a_fresh_one(client, seed):
    chance, forms = random.Random(seed), FORMS + MORE_FORMS
    answers(client, forms)

    for number in range(30):
        do(chance.choice(ALL), chance)
        if number % 3 == 0:
            assert_kept_answers_are_those_made_anew(client, forms)


def queries_of(client, address):
    with CaptureQueriesContext(connection) as sent:
        assert client.get(address).status_code == 200
    return len(sent)


VERSION_AND_RECORD = 2  # what a kept answer asks after an edit


@pytest.mark.parametrize("form", [*FORMS, "/fr/companies/{}/", "/companies/{}/?as_of=2025-01-01"])
def test_the_cached_record_of_a_company_survives_an_edit_of_another_one(client, form):
    address = form.format("firm-1")
    client.get(address)

    change_name("firm-5")

    assert queries_of(client, address) <= VERSION_AND_RECORD
    assert queries_of(client, address) <= 1  # from then on it is as fresh as any


def change_name(slug):
    company = Company.objects.get(slug=slug)
    company.name += " SE"
    save(company, "renamed")


@pytest.mark.parametrize("form", FORMS)
def test_a_record_that_shows_an_absence_is_rendered_again_after_each_edit(client, form):
    address = form.format(Signing.objects.get(status="not_signed").company.slug)
    client.get(address)

    change_name("firm-5")

    assert queries_of(client, address) > VERSION_AND_RECORD


@pytest.mark.parametrize("of_table", [{"version": 1}, {"records": None}])
def test_without_an_up_to_date_read_table_no_cached_record_survives_an_edit(client, of_table):
    client.get("/companies/firm-1/")
    change_name("firm-5")
    ReadTable.objects.update(**of_table)

    assert queries_of(client, "/companies/firm-1/") > VERSION_AND_RECORD


def test_a_new_version_that_names_no_company_voids_all_cached_records():
    key = record_key("firm-1", ["signed"], Clock())
    before = changed_at(key)

    new_version(records=[Company.objects.get(slug="firm-5").pk])
    assert changed_at(key) == before
    new_version()

    assert changed_at(key) > before


def test_a_record_shows_a_change_of_its_parent_company_at_once(client):
    parent, child = (Company.objects.get(slug=slug) for slug in ("firm-1", "firm-5"))
    child.parent = parent
    save(child, "bought")
    pages = [f"/companies/{one.slug}/" for one in (parent, child)]
    assert all(b"Firm 5 SE" not in client.get(page).content for page in pages)

    change_name("firm-5")

    assert all(b"Firm 5 SE" in client.get(page).content for page in pages)


def test_restoring_an_older_database_voids_the_cache(client):
    change_name("firm-5")
    newer = client.get("/companies/firm-1/").content
    ReadTable.objects.update(records=0)
    RegisterVersion.objects.update(number=F("number") - 1)
    ReadTable.objects.update(version=F("version") - 1)
    Company.objects.filter(slug="firm-1").update(name="Of before")

    assert client.get("/companies/firm-1/").content != newer


def test_the_citation_of_a_record_names_the_version_at_which_it_last_changed(client):
    before = client.get("/companies/firm-1/cite.json").json()[0]["version"]

    change_name("firm-5")
    assert client.get("/companies/firm-1/cite.json").json()[0]["version"] == before
    change_name("firm-1")

    assert int(client.get("/companies/firm-1/cite.json").json()[0]["version"]) > int(before)
