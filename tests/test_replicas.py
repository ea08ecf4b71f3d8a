"""Reading from streaming replicas of the database, as far as they have caught up."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import OperationalError, connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.http import HttpResponse

from benchmarks.cluster import stop, three_databases
from companies.models import Sector
from companies.queries.roster.table_state import TableState
from pactwatch.response_cache import ResponseCache
from pactwatch.response_cache.replicas import Replicas, reading_from
from tools import postgres

from .test_outages import FORM, Site
from .test_response_cache import Told, asked


@contextmanager
def a_replica(alias, label):
    """A database with one sector, under an alias."""
    settings = connections.settings["default"] | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {},
    }
    connections[alias] = DatabaseWrapper(settings, alias)
    with connections[alias].schema_editor() as editor:
        editor.create_model(Sector)
    Sector.objects.using(alias).create(code="a", label_en=label, label_fr=label)
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias]


class Away:
    """Stands for a replica that is lost, and counts how often it is asked."""

    times = 0

    def __call__(self):
        self.times += 1
        raise OperationalError


def replicas(**versions):
    """Replicas of these versions, as their order is."""
    found = Replicas()
    for alias, version in versions.items():
        ask = version if callable(version) else lambda version=version: TableState(version)
        found.add(alias, ask)
    return found


@pytest.mark.django_db
def test_a_page_reads_everything_from_the_replica_and_the_connection_then_returns_to_the_primary():
    Sector.objects.create(code="a", label_en="of the primary", label_fr="x")
    with a_replica("replica-1", "of the replica"):
        with reading_from("replica-1"):
            by_orm = Sector.objects.get(code="a").label_en
            with connection.cursor() as cursor:
                cursor.execute("SELECT label_en FROM companies_sector")
                by_sql = cursor.fetchone()[0]

        assert by_orm == by_sql == "of the replica"
        assert Sector.objects.get(code="a").label_en == "of the primary"


def test_up_to_date_replicas_take_turns():
    found = replicas(one=7, two=8, three=6)

    caught_up = [("one", TableState(7)), ("two", TableState(8)), ("two", TableState(8))]
    assert [found.caught_up(7) for _ in range(3)] == caught_up
    assert found.caught_up(9) is None


def test_responses_never_go_back_to_an_older_version():
    found = replicas(one=7, two=8)
    found.caught_up(8)

    assert {found.caught_up(7) for _ in range(3)} == {("two", TableState(8))}


def test_a_lost_replica_is_skipped_for_a_while():
    lost = Away()
    found = replicas(lost=lost, other=7)

    assert {found.caught_up(7) for _ in range(6)} == {("other", TableState(7))}
    assert lost.times == 1


def test_a_programming_error_is_not_taken_for_a_lost_replica():
    def broken():
        raise KeyError

    with pytest.raises(KeyError):
        replicas(one=broken).caught_up(7)


@pytest.mark.django_db
def test_while_the_primary_is_down_pages_come_from_an_up_to_date_replica():
    made = []

    def django(environ, start):
        made.append(connections["default"].alias)
        start("200 OK", [("Content-Type", "text/html")])
        return HttpResponse("a page", content_type="text/html")

    application = ResponseCache(django)
    fresh = application.freshness
    fresh.read_state.call = Away()
    with a_replica("replica-1", "x"):
        application.replicas.add("replica-1", lambda: TableState(7))
        answer = Told(application, asked("/companies/"))
        again = Told(application, asked("/absent/"))

    assert (answer.status, answer.body, again.status) == ("200 OK", b"a page", "200 OK")
    assert answer.headers["Cache-Control"].startswith("public")
    assert made == ["replica-1"] * 2
    assert fresh.stamp.version == 7


@pytest.mark.django_db
def test_while_the_primary_is_down_an_outdated_replica_is_not_used():
    application = ResponseCache(lambda *asked: None)
    fresh = application.freshness
    fresh.stamp = fresh.stamp._replace(state=TableState(8))
    fresh.read_state.call = Away()
    application.replicas.add("replica-1", lambda: TableState(7))

    with pytest.raises(OperationalError):
        fresh()


@pytest.mark.django_db
def test_a_page_whose_replica_is_lost_falls_back_to_the_primary():
    made = []

    def django(environ, start):
        made.append(connections["default"].alias)
        status = 503 if made[-1] == "replica-1" else 200
        start(f"{status} x", [("Content-Type", "text/html"), ("X-Made", made[-1])])
        return HttpResponse("a page", status=status, content_type="text/html")

    application = ResponseCache(django)
    with a_replica("replica-1", "x"):
        application.replicas.add("replica-1", lambda: TableState(10**9))
        answer = Told(application, asked("/companies/"))

    assert made == ["replica-1", "default"]
    assert (answer.status, answer.headers["X-Made"]) == ("200 OK", "default")


@pytest.mark.django_db
def test_editors_always_read_from_the_primary():
    made = []

    def django(environ, start):
        made.append(connections["default"].alias)
        start("200 OK", [("Content-Type", "text/html")])
        return HttpResponse("a page", content_type="text/html")

    application = ResponseCache(django)
    with a_replica("replica-1", "x"):
        application.replicas.add("replica-1", lambda: TableState(10**9))
        Told(application, asked("/companies/", cookie="sessionid=a"))
        Told(application, asked("/admin/", method="POST"))

    assert made == ["default"] * 2


def asked_for_a_while(site, paths, seconds=3):
    """What eight readers are answered meanwhile: status, page, seconds."""

    def read(number):
        until, found = time.monotonic() + seconds, []
        while time.monotonic() < until:
            found.append(site.ask(paths[(number + len(found)) % len(paths)]))
        return found

    with ThreadPoolExecutor(8) as readers:
        return [answer for found in readers.map(read, range(8)) for answer in found]


@pytest.mark.long
@pytest.mark.skipif(
    not (postgres.machine_binaries() or Path("none")).joinpath("pg_basebackup").exists(),
    reason="no PostgreSQL server is installed",
)
def test_readers_are_served_throughout_the_loss_of_a_replica_and_the_primary():
    """None waits for longer than it takes to find out, and none is sent an old page."""
    with (
        tempfile.TemporaryDirectory(prefix="pactwatch-replicas-") as name,
        three_databases(Path(name)) as (urls, folders),
    ):
        site = Site(Path(name), urls[0])
        site.set_up()
        site.environment["REPLICA_URLS"] = ",".join(urls[1:])
        with site.served():
            paths = ["/companies/", "/absent/", "/api/v1/companies/?q=a"]
            before = asked_for_a_while(site, paths, 1)
            stop(folders[1])
            without_one = asked_for_a_while(site, paths)
            stop(folders[0])
            without_primary = asked_for_a_while(site, [*paths, "/statistics/", "/reports/"], 4)
            status, _page, took = site.ask("/corrections/new/", FORM)

    answers = [*before, *without_one, *without_primary]
    assert {answer[0] for answer in answers} == {200}
    assert not any("This page is from" in answer[1] for answer in answers)
    slow = sorted(answer[2] for answer in answers)[-9:]
    assert slow[0] < 1  # eight readers wait once for the primary, half a second
    assert slow[-1] < 3
    assert len(without_primary) > 100
    assert status == 503
    assert took < 3
