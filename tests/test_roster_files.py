"""A large register's rosters are files: what a process reads there is what the periods tell."""

import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Change, Company, ReadTable
from companies.queries import Clock
from companies.queries.roster import cited_lists, roster_files, rosters, table_scan
from companies.queries.searching import cached_words
from companies.register import read_table
from companies.register.history import save
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)
from tests.test_cached_reads import scans_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]
ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    """A register of a few companies, each of which counts as large."""
    settings.RECORDED_DIR = tmp_path
    monkeypatch.setattr(roster_files, "LEAST", 2)
    for number, status in enumerate(["signed", "signed", "not_signed", "declined", "signed"]):
        company = a_company(f"Firm {number}", country=["FR", "", "US"][number % 3])
        a_citation(signing=a_signing(company, status=status))
    commitment = a_commitment("governance")
    a_pledge(
        Company.objects.get(slug="firm-0"),
        commitment=commitment,
        implementation="planned",
        implementation_basis="self_reported",
    )
    read_table.rebuild()
    yield tmp_path
    rosters.forget()


@pytest.fixture
def unread(monkeypatch):
    """Fail where the read table is read whole."""

    def scan(_pact):
        raise AssertionError("The read table was read.")

    monkeypatch.setattr(rosters, "scan", scan)


def present(today=None):
    """The roster as a process that begins finds it."""
    rosters.forget()
    return rosters.roster_of(a_pact(), Clock(today=today or timezone.localdate()))


def assert_it_is_that_of_the_periods(roster, day=None):
    told = rosters.from_periods(a_pact(), day or timezone.localdate())
    assert (roster.keys, roster.levels) == (told.keys, told.levels)
    assert [list(one.keys) for one in roster.orders.values()] == [
        list(one.keys) for one in told.orders.values()
    ]
    for name, places_of in told.values.items():
        stored = {value: places for value, places in roster.values[name].items() if places}
        assert stored == {value: places for value, places in places_of.items() if places}, name


def of_pacts(folder):
    """The files with a roster; those beside them have events and words, of all pacts."""
    return list(folder.glob("*-*-*-*.roster"))


def files(folder):
    return sorted(path.name for path in of_pacts(folder))


@pytest.mark.database
def test_rebuilding_the_read_table_leaves_a_file_for_each_pact_that_was_read(folder, unread):
    assert len(files(folder)) == 1

    roster = present()

    assert_it_is_that_of_the_periods(roster)
    assert roster.stored
    assert [roster.keys.place(key) for key in roster.keys.by_place] == [0, 1, 2, 3, 4]


def version_of(folder):
    return max(int(name.removesuffix(".roster").rpartition("-")[2]) for name in files(folder))


@pytest.mark.database
def test_a_renamed_and_a_new_company_are_put_in_their_places(unread):
    company = Company.objects.get(slug="firm-2")
    company.name, company.country = "A new name", "DE"
    save(company, "Renamed.")
    a_signing(a_company("Firm 1b"), status="interested")

    roster = present()

    assert_it_is_that_of_the_periods(roster)
    assert len(roster) == 6


@pytest.mark.parametrize("days", [1, 400, 4000])
def test_the_states_of_reports_on_a_later_day_need_no_reading(unread, days):
    day = timezone.localdate() + days * ONE_DAY

    assert_it_is_that_of_the_periods(present(day), day)
    assert_it_is_that_of_the_periods(rosters.roster_of(a_pact(), Clock(today=day)), day)


def read_again(monkeypatch):
    """How often the read table is read whole."""
    asked = []
    monkeypatch.setattr(rosters, "scan", lambda pact: asked.append(pact) or table_scan.scan(pact))
    return asked


def test_a_file_from_before_a_restore_is_not_read(monkeypatch):
    asked = read_again(monkeypatch)
    last = Change.objects.order_by("-number").first()
    monkeypatch.setattr(roster_files, "_last_change", lambda: [last.number, "0" * 64])
    a_company("After the copy")
    rosters.forget()
    read_table.rebuild()
    assert len(asked) == 1

    assert_it_is_that_of_the_periods(present())
    assert len(asked) == 2


@pytest.mark.parametrize("content", [b"", b"\0" * 40, b"\0\0\0\0\0\0\0\2{}", None])
def test_a_file_that_is_damaged_or_gone_is_written_again(folder, monkeypatch, content):
    asked = read_again(monkeypatch)
    [path] = of_pacts(folder)
    path.unlink() if content is None else path.write_bytes(content)

    assert_it_is_that_of_the_periods(present())
    assert (len(asked), path.stat().st_size > 1000) == (1, True)
    present()
    assert len(asked) == 1


def test_a_shortened_file_is_written_again(folder, monkeypatch):
    asked = read_again(monkeypatch)
    [path] = of_pacts(folder)
    path.write_bytes(path.read_bytes()[:-3])

    assert_it_is_that_of_the_periods(present())
    assert len(asked) == 1


def test_a_file_of_other_code_is_not_read(folder, monkeypatch):
    asked = read_again(monkeypatch)
    monkeypatch.setattr(roster_files, "_code", lambda: 1)

    present()

    assert len(asked) == 1
    assert len(files(folder)) == 2


@pytest.mark.database
def test_what_is_not_committed_is_not_written(folder):
    before = files(folder)
    with transaction.atomic():
        a_company("Not yet")
        ReadTable.objects.update(written=rosters.state().number)
        assert len(present()) == 6
        transaction.set_rollback(True)

    assert files(folder) == before
    assert len(present()) == 5


def lists(monkeypatch, asked):
    """How many companies each cited list names, as a process that begins finds it."""
    rosters.forget()
    read = cited_lists._read
    monkeypatch.setattr(
        cited_lists, "_read", lambda before, changed: asked.append(changed) or read(before, changed)
    )
    found = cited_lists.named_by_lists()
    monkeypatch.setattr(cited_lists, "_read", read)
    return {day: tuple(named) for (_pact, day), named in found.items()}


@pytest.mark.database
def test_the_companies_that_cited_lists_name_are_read_from_a_file(folder, monkeypatch):
    asked, day = [], datetime.date(2025, 3, 1)
    source = a_source(kind="official_list", published_on=day)
    first, second = (Company.objects.get(slug=f"firm-{number}") for number in (0, 1))
    a_citation(signing=first.signings.get(), source=source)
    read_table.rebuild()
    assert lists(monkeypatch, asked) == {day: (1, 3)}
    assert asked == [None]

    citation = a_citation(signing=second.signings.get(), source=source)
    assert lists(monkeypatch, asked) == {day: (2, 3)}
    citation.delete()
    assert lists(monkeypatch, asked) == {day: (1, 3)}
    assert asked == [None, [second.pk], [second.pk]]

    save(changed(source, kind="press"), "No list.")
    assert lists(monkeypatch, asked) == {}
    assert asked[-1] is None
    [path] = [path for path in folder.glob("*-lists-*") if path.stat().st_size]
    path.write_bytes(path.read_bytes()[:20])
    assert lists(monkeypatch, asked) == {}
    assert asked[-1] is None


def changed(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    return row


def test_a_process_that_begins_searches_words_that_it_reads_from_a_file(folder, monkeypatch):
    assert len(list(folder.glob("*-names-*"))) == 1
    monkeypatch.setattr(cached_words, "_all_names", None)  # to read them fails
    a_company("A new firm")
    of_now = present()

    assert (cached_words.places_named(["firm"], of_now), len(of_now)) == (of_now.all, 6)
    assert cached_words.places_named(["irm", "2"], of_now).bit_count() == 1
    monkeypatch.undo()
    [path] = folder.glob("*-names-*")
    path.write_bytes(path.read_bytes()[:-3])
    assert cached_words.places_named(["firm"], present()) == of_now.all


def test_a_small_register_has_no_files(folder, monkeypatch):
    monkeypatch.setattr(roster_files, "LEAST", 6)
    [path] = of_pacts(folder)
    path.unlink()

    read_table.rebuild()
    present()

    assert files(folder) == []


def test_a_disk_that_takes_nothing_stops_no_answer(folder, settings, client):
    (folder / "full").touch()
    settings.RECORDED_DIR = folder / "full"
    rosters.forget()

    assert client.get("/companies/").status_code == 200


def test_a_new_file_is_written_once_much_has_changed_and_two_stay(folder, monkeypatch):
    monkeypatch.setattr(rosters, "MANY_IN_FILE", 2)
    versions = [version_of(folder)]
    for number in range(5):
        a_company(f"Another {number}")
        rosters.roster_of(a_pact(), Clock())
        versions.append(version_of(folder))

    assert versions[0] == versions[1] < versions[2] == versions[3] < versions[4]
    assert len(files(folder)) == 2
    assert_it_is_that_of_the_periods(present())


def test_a_process_writes_no_file_where_another_one_did(folder, monkeypatch):
    monkeypatch.setattr(rosters, "MANY_IN_FILE", 1)
    a_company("One")
    rosters.roster_of(a_pact(), Clock())
    a_company("Two")
    [*_others, newest] = sorted(of_pacts(folder), key=lambda path: path.stat().st_mtime_ns)
    name, _dash, version = newest.stem.rpartition("-")
    newer = newest.with_name(f"{name}-{int(version) + 7}.roster")
    newer.write_bytes(newest.read_bytes())

    rosters.roster_of(a_pact(), Clock())

    assert version_of(folder) == int(version) + 7
    assert_it_is_that_of_the_periods(present())


@pytest.mark.database
@pytest.mark.parametrize("number", [1, 8, 500])
def test_whom_lists_name_of_some_companies_is_found_by_their_periods(number):
    keys = list(range(1, number + 1))
    with CaptureQueriesContext(connection) as sent:
        list(cited_lists._cited(keys))

    scanned = scans_in(query["sql"] for query in sent.captured_queries)

    assert len(scanned) == 1
    assert not [steps for steps in scanned.values() if steps]
