"""The read table and the rosters made of it give what the periods give, before and after edits."""

import datetime
import random
from array import array
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyName,
    CompanyRow,
    Merge,
    Pact,
    PartialDate,
    Pledge,
    ProgressReport,
    ReadTable,
    Sector,
    Signing,
    StatusRow,
)
from companies.queries import Clock
from companies.queries.roster import bitmaps, rosters
from companies.register import read_table
from companies.register.history import delete, new_version, save, unit_of_work
from companies.register.merging.merge import merge
from companies.register.merging.renaming import leave_redirect
from companies.register.merging.undo import undo_merge
from companies.register.retractions import retract
from companies.register.statuses import change_status, undo_status_change
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from tests.sampling import ALL, seeds
from tests.serialized import answers, assert_answers_are_those_of_serializers
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]


def bits(order):
    """The slices of an order, whose number may be larger than needed after edits."""
    return [one for one in order.slices if one]


ONE_DAY = datetime.timedelta(days=1)


def assert_they_agree():
    assert list(read_table.faults()) == []
    today = timezone.localdate()
    for pact in Pact.objects.all():
        assert_alike(rosters.roster_of(pact, Clock(today=today)), rosters.from_periods(pact, today))
        for day in past_days(today):
            found = rosters.roster_of(pact, Clock(as_of=day, today=today))
            assert_alike(found, rosters.from_periods(pact, day))


def past_days(today):
    """The days before a status last began and before a pledge's doing last got known."""
    begun = Signing.objects.filter(since__lte=today).aggregate(day=Max("since"))["day"]
    known = Pledge.objects.filter(as_of__lte=today).aggregate(day=Max("as_of"))["day"]
    return {day - ONE_DAY for day in (begun, known) if day}


def assert_alike(found, periods):
    assert found.keys == periods.keys
    for order, keys in periods.orders.items():
        assert list(found.orders[order].keys) == list(keys.keys), order
        assert bits(found.orders[order]) == bits(keys), order
    for name, places_of in periods.values.items():
        having = {value: places for value, places in found.values[name].items() if places}
        assert having == {value: places for value, places in places_of.items() if places}, name
    for code, places_of in periods.levels.items():
        having = {value: places for value, places in found.levels[code].items() if places}
        assert having == places_of, code


def a_register():
    """Seven companies of every kind, and the read table of them."""
    sectors = [a_sector("software"), a_sector("legal"), None]
    commitments = [a_commitment("governance"), a_commitment("literacy")]
    seoul = a_pact("seoul", report_after_months=None)
    for number, status in enumerate(["signed", "signed", "not_signed", "declined", "", "signed"]):
        company = a_company(f"Firm {number}", country=["FR", "", "US"][number % 3])
        company.sector = sectors[number % 3]
        company.save()
        if status:
            a_citation(signing=a_signing(company, status=status))
        if number % 2:
            a_signing(company, pact=seoul)
    a_pledge(
        Company.objects.get(slug="firm-0"),
        commitment=commitments[0],
        implementation="full",
        implementation_basis="self_reported",
    )
    a_company("Élan")
    read_table.rebuild()


def one_of(model, chance):
    return chance.choice(list(model.objects.order_by("pk")))


rows = shared(a_register, history=True)


def rename(chance):
    company = one_of(Company, chance)
    company.name = f"{chance.choice(['Zeta', 'Alpha', 'Firm 2b', 'Ömega'])} {chance.random()}"
    save(company, "renamed")


def move(chance):
    company = one_of(Company, chance)
    company.country, company.sector = chance.choice(["DE", "FR", ""]), one_of(Sector, chance)
    company.size = chance.choice(Company.Size.values)
    save(company, "moved")


def add(chance):
    company = a_company(f"New {chance.random()}", country="IT")
    a_signing(company, status=chance.choice(["signed", "interested"]))


def sign(chance):
    company, pact = one_of(Company, chance), one_of(Pact, chance)
    if not Signing.objects.filter(company=company, pact=pact).exists():
        a_signing(company, pact=pact, since=datetime.date(2025, 1, chance.randint(1, 28)))


def end(chance):
    period = one_of(Signing, chance)
    period.until = timezone.localdate() + datetime.timedelta(days=chance.choice([-3, 0, 3]))
    period.save()  # a form refuses a day to come; what came otherwise is read rightly


def pledge(chance):
    found = one_of(Pledge, chance)
    found.implementation = chance.choice(["planned", "partial"])
    found.implementation_basis = "self_reported"
    found.as_of = timezone.localdate() - datetime.timedelta(days=9)
    save(found, "evidence")


def report(chance):
    period = one_of(Signing, chance)
    if not ProgressReport.objects.filter(company=period.company).exists():
        ProgressReport.objects.create(
            company=period.company, pact=period.pact, submitted_on=datetime.date(2025, 12, 1)
        )


def cite(chance):
    a_citation(signing=one_of(Signing, chance), source=a_source())


def uncite(chance):
    if Citation.objects.exists():
        delete(one_of(Citation, chance), "wrong")


def name(chance):
    CompanyName.objects.create(
        company=one_of(Company, chance), name=f"Brand {chance.random()}", kind="brand"
    )


def remove(chance):
    one_of(Company, chance).delete()


def recode(chance):
    sector = one_of(Sector, chance)
    sector.code += "-2"
    save(sector, "renamed")


def change(chance):
    company, pact = one_of(Company, chance), one_of(Pact, chance)
    change_status(
        company=company,
        pact=pact,
        status=chance.choice(["signed", "declined", "interested"]),
        since=PartialDate(timezone.localdate() - chance.randint(0, 400) * ONE_DAY, "day"),
        since_basis="stated",
        source=a_source(),
        quote=f"{company.name} signed the pact and declined it and is interested.",
        change_reason="news",
        seen=Signing.objects.filter(company=company, pact=pact, until=None).first(),
    )


def undo_change(chance):
    undo_status_change(one_of(Signing, chance), change_reason="wrong")


def take_status_back(chance):
    retract(
        one_of(Signing, chance),
        published_from=timezone.localdate(),
        reason_en="An error of ours.",
        reason_fr="Une erreur de notre part.",
        change_reason="wrong",
    )


def join(chance):
    kept, merged = chance.sample(list(Company.objects.order_by("pk")), 2)
    merge(
        kept=kept,
        merged=merged,
        decisions={},
        name_kind="former",
        cause="correction",
        reason="one company",
    )


def part(chance):
    undo_merge(one_of(Merge, chance), reason="two companies")


def readdress(chance):
    company = one_of(Company, chance)
    with unit_of_work():
        old, company.slug = company.slug, f"moved-{chance.randint(1, 9999)}"
        save(company, "renamed")
        leave_redirect(company, old, "renamed")


def remove_commitment(chance):
    commitment = one_of(Commitment, chance)
    for found in Pledge.objects.filter(commitment=commitment):
        found.delete()
    commitment.delete()


def shorten(chance):
    pact = one_of(Pact, chance)
    pact.report_after_months = chance.choice([None, 6, 12, 24])
    pact.save()


EDITS = [
    *(rename, move, add, sign, end, pledge, report, cite, uncite, name, remove, recode),
    *(change, undo_change, take_status_back, join, readdress, remove_commitment, shorten),
]


def do(edit, chance):
    """An act, unless the register refuses it or there is nothing to do it to."""
    refusals = (ValidationError, IndexError, ValueError, ProtectedError)
    with suppress(*refusals), transaction.atomic():
        edit(chance)


@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_the_read_table_matches_the_periods(edit):
    assert_they_agree()
    answers()
    chance = random.Random(edit.__name__)

    for _time in range(2 if ALL else 1):
        do(edit, chance)
        assert_they_agree()
    assert_answers_are_those_of_serializers()


def test_after_a_merge_and_its_undoing_the_read_table_matches_the_periods():
    chance = random.Random(4)

    join(chance)
    assert_they_agree()
    part(chance)

    assert_they_agree()
    assert Merge.objects.get().undone_at


@pytest.mark.long
@pytest.mark.database
@pytest.mark.parametrize("seed", seeds(1))
def test_after_many_edits_the_read_table_matches_the_periods(seed):
    chance = random.Random(seed)

    for number in range(40):
        do(chance.choice([*EDITS, part]), chance)
        if number % 3 == 0:
            assert_they_agree()


@pytest.mark.parametrize("days", [0, 1, 2])
def test_a_status_begins_and_ends_at_midnight_without_an_edit(days):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    a_signing(Company.objects.get(slug="elan"), since=tomorrow, until=tomorrow + ONE_DAY)

    clock = Clock(today=timezone.localdate() + datetime.timedelta(days=days))
    roster = rosters.roster_of(a_pact(), clock)

    assert roster == rosters.from_periods(a_pact(), clock.day)
    assert roster.signed.bit_count() == 3 + (days == 1)


def test_the_next_edit_updates_read_table_rows_whose_status_ended_by_date(monkeypatch):
    tomorrow = timezone.localdate() + ONE_DAY
    a_signing(Company.objects.get(slug="elan"), since=tomorrow)
    monkeypatch.setattr(timezone, "localdate", lambda *_: tomorrow)

    a_company("Any other")

    assert_they_agree()
    assert StatusRow.objects.filter(company__slug="elan", status="signed").exists()


def test_verify_changes_names_a_read_table_row_that_differs_from_the_periods():
    StatusRow.objects.filter(status="declined").update(status="signed")

    [fault] = read_table.faults()

    assert "'status': 'signed'" in fault
    assert "expected {" in fault


def test_an_api_list_from_the_read_table_equals_the_serializers(client):
    addresses = ["", "?sort=-since", "?pact=seoul", "?status=not_signed", "?as_of=2024-11-01"]

    stored = [client.get(f"/api/v1/companies/{query}").content for query in addresses]
    ReadTable.objects.all().delete()
    rosters.forget()
    cache.clear()

    assert [client.get(f"/api/v1/companies/{query}").content for query in addresses] == stored
    assert b"not_signed" in stored[0]


def lists(client):
    """The keys of the companies that a list, a search and a count give."""
    answers = [client.get(f"/api/v1/companies/{query}").json() for query in ("", "?q=firm")]
    return [[one["slug"] for one in answer["results"]] for answer in answers]


def test_rows_written_by_code_without_the_read_table_are_read_from_the_periods(client):
    version = ReadTable.objects.get().version
    a_company("Firm after a roll back")
    StatusRow.objects.all().delete()
    CompanyRow.objects.all().delete()
    ReadTable.objects.update(version=version)

    found = lists(client)

    assert all("firm-after-a-roll-back" in slugs for slugs in found)
    a_company("The next edit rewrites all")
    assert_they_agree()
    assert ReadTable.objects.get().version == version + 2


def test_a_new_version_without_register_changes_keeps_the_read_table_in_use():
    new_version()

    assert rosters.roster_of(a_pact(), Clock(today=timezone.localdate())).stored


def test_a_company_added_while_a_list_is_read_is_included(monkeypatch):
    clock = Clock(today=timezone.localdate())
    rosters.roster_of(a_pact(), clock)
    a_company("Elan and more")  # precedes the one that the process has not seen
    written = rosters.written_since
    a_company("Elan and more of it")
    monkeypatch.setattr(rosters, "written_since", lambda *of: dict([*written(*of).items()][:1]))

    roster = rosters.roster_of(a_pact(), clock)

    assert roster == rosters.from_periods(a_pact(), clock.day)


def test_a_page_in_the_order_of_changes_says_when_each_company_changed_last(client):
    page = client.get("/companies/?sort=-changed").content.decode()

    assert page.count("Last change recorded:") == Company.objects.count()
    assert "Last change recorded:" not in client.get("/companies/").content.decode()


@pytest.mark.parametrize("number", [0, 1, 1023, 1024, 5000])
def test_the_bitmap_of_many_positions_equals_that_of_the_same_few(number):
    places = random.Random(number).sample(range(10_000), number)

    assert bitmaps.of_many_places(places, 10_000) == bitmaps.of_places(places, 10_000)


@pytest.mark.parametrize("falling", [False, True])
def test_a_page_of_companies_with_the_same_key_reads_no_others(monkeypatch, falling):
    asked, members = [], bitmaps.members
    monkeypatch.setattr(
        bitmaps, "members", lambda places, *part: asked.append(part) or members(places, *part)
    )
    keys = array("q", [7] * 5000)

    found = bitmaps.ordered(
        (1 << 5000) - 1, keys, bitmaps.slices(keys), 4000, 4010, falling=falling
    )

    assert (found, asked) == (list(range(4000, 4010)), [(4000, 4010)])


def test_companies_unknown_to_a_roster_are_left_out_of_its_bitmaps():
    roster = rosters.roster_of(a_pact(), Clock())
    keys = [*roster.keys.by_place[2:4], 0, -1, 10**9]

    assert roster.places_of(keys) == 0b1100
    assert roster.places_of(keys * 1000) == 0b1100


def test_a_past_day_reads_what_differs_from_today_and_no_company(django_assert_num_queries):
    a_signing(a_company("firm"), since=datetime.date(2025, 3, 1))
    pact, yesterday = a_pact(), Clock(as_of=timezone.localdate() - ONE_DAY)
    rosters.roster_of(pact, yesterday)  # which keeps that of today, too

    # The state (2), then periods, reports, pledges and sources.
    with django_assert_num_queries(6) as sent:
        rosters.roster_of(pact, Clock(as_of=datetime.date(2025, 2, 28)))

    tables = [query["sql"].partition("FROM ")[2] for query in sent.captured_queries]
    assert not any(table.startswith('"companies_company"') for table in tables)


def test_reading_a_past_day_does_not_delay_requests_about_today(monkeypatch):
    def nobody_waits():
        free = rosters._making.acquire(timeout=5)
        if free:
            rosters._making.release()
        return free

    def read(*of):
        with ThreadPoolExecutor(1) as another:
            assert another.submit(nobody_waits).result()
        return "that of the day"

    monkeypatch.setattr(rosters, "_past_roster", read)

    found = rosters.roster_of(a_pact(), Clock(as_of=timezone.localdate() - ONE_DAY))

    assert found == "that of the day"
