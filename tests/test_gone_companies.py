"""Rosters after companies are gone: updated, not built again."""

import datetime
import random
from itertools import product

import pytest

from companies.models import Citation, Company, Sector, Signing
from companies.queries import Clock
from companies.queries.events import cached_events
from companies.queries.roster import cited_lists, rosters, table_scan
from companies.queries.roster.roster import CompanyKeys
from companies.queries.roster.table_state import state
from companies.register.history import delete, save
from tests.builders import a_company, a_pact, a_source
from tests.sampling import on_both
from tests.sharing import shared
from tests.test_read_table import (
    a_register,
    assert_alike,
    do,
    join,
    move,
    recode,
    remove,
    remove_commitment,
)

pytestmark = [pytest.mark.django_db, pytest.mark.history]

rows = shared(a_register, history=True)
PACTS = ["eu-ai-pact", "seoul"]


def roster(pact="eu-ai-pact"):
    return rosters.roster_of(a_pact(pact), Clock())


def anew(pact="eu-ai-pact"):
    rosters.forget()
    return roster(pact)


@pytest.mark.parametrize(
    ("pact", "edits"),
    on_both(3, product(PACTS, [[move, remove, join], [remove], [remove, remove], [join]])),
)
def test_a_roster_follows_companies_that_are_gone(monkeypatch, pact, edits):
    chance, number = random.Random(len(edits)), len(roster(pact))
    for edit in edits:
        do(edit, chance)
    with monkeypatch.context() as patch:
        patch.setattr(rosters, "scan", None)  # the whole table is not read
        found = roster(pact)

    assert len(found) < number
    assert_alike(found, anew(pact))


def test_a_company_that_is_gone_and_one_that_is_new_are_both_noticed(monkeypatch):
    before = roster()
    monkeypatch.setattr(rosters, "scan", None)
    delete(Company.objects.get(slug="firm-1"), "a test")
    new = a_company("Firm 1b")

    found = roster()

    assert len(found) == len(before)
    assert found.keys.place(new.pk) == 2  # after Élan and Firm 0


@pytest.mark.parametrize("edit", [recode, remove_commitment])
def test_commitments_and_sectors_are_read_again_if_they_changed(edit):
    roster()
    do(remove, random.Random(1))
    do(edit, random.Random(1))

    assert_alike(roster(), anew())


def test_after_a_sector_changed_the_table_is_read_again(monkeypatch):
    roster()
    read, scan = [], rosters.scan
    monkeypatch.setattr(rosters, "scan", lambda pact: read.append(pact) or scan(pact))
    sector = Sector.objects.get(code="legal")
    sector.code = "law"

    save(sector, "renamed")

    assert {"law", "software"} <= {*roster().values["sector"]}
    assert len(read) == 1


@pytest.mark.database
def test_many_that_are_gone_are_not_looked_for_one_by_one():
    keys = roster().keys
    assert table_scan.gone_from(keys, [], state().number) == []
    more = CompanyKeys(keys.by_place + keys.by_place.__class__("q", range(1000, 1009)))
    assert table_scan.gone_from(more, [], state().number) is None
    few = CompanyKeys(keys.by_place + keys.by_place.__class__("q", [1000, 1005, 1100]))
    assert table_scan.gone_from(few, [], state().number) == [1000, 1005, 1100]


def test_counts_of_another_version_of_the_register_are_not_used():
    keys = roster().keys

    assert table_scan.gone_from(keys, [], state().number - 1) is None


@pytest.mark.parametrize("edits", on_both(2, [[remove, move], [remove]]))
def test_lists_and_events_follow_companies_that_a_roster_found_gone(monkeypatch, edits):
    source = a_source("list", kind="official_list", published_on=datetime.date(2026, 1, 1))
    for signing in Signing.objects.filter(status="signed"):
        save(Citation(signing=signing, source=source), "cited")
    roster(), cited_lists.named_by_lists(), cached_events.events()
    for edit in edits:
        do(edit, random.Random(7))
    roster()
    written = []

    with monkeypatch.context() as patch:
        for one in (cached_events, cited_lists):  # for the next process, which cannot follow
            patch.setattr(one, "_write", written.append)
        patch.setattr(cached_events, "_whole", None)  # all events are not read
        events = cached_events.events()
        patch.setattr(Citation.objects, "all", None)  # nor are all citations
        lists = cited_lists.named_by_lists()

    assert len(written) == 2
    rosters.forget()
    assert lists == cited_lists.named_by_lists()
    assert events.groups == cached_events.events().groups
