"""A request starts from the state of the register that the response cache has read."""

import time
from contextlib import contextmanager

import pytest
from django.http import HttpResponse
from django.test import Client

from companies.models import ReadTable
from companies.queries.roster.table_state import (
    TableState,
    forget,
    one_state,
    read_state,
    state,
    until_rolled_back,
)
from companies.register import read_table
from pactwatch.page_fragments import FRAGMENTS, STATE
from pactwatch.response_cache import ResponseCache
from tests import sampling
from tests.builders import a_pact
from tests.reader_client import CachedHandler, forget_answers
from tests.sharing import shared
from tests.test_quick_answers import EDITS, a_register, edited, firm
from tests.test_replicas import a_replica
from tests.test_response_cache import Told, asked

pytestmark = [pytest.mark.django_db, pytest.mark.history]

rows = shared(a_register, history=True)
WARM = (
    *("/api/v1/companies/firm/", "/api/v1/companies/", "/api/v1/companies/?country=FR&sort=-since"),
    *("/api/v1/statistics/", "/", "/companies/firm/", "/companies/missed/"),
)
ADDRESSES = (
    *(*WARM, "/companies/", "/fr/companies/?q=fir", "/api/v1/companies/?q=fir", "/statistics/"),
    *("/absent/", "/left/", "/matrix/", "/commitments/", "/changes/"),
)


class Given:
    """Stands for Django: keeps the state with which each request began."""

    def __init__(self):
        self.states, self.status = [], 200

    def __call__(self, environ, start):
        self.states.append(environ.get(STATE))
        start(f"{self.status} x", [("Content-Type", "text/html")])
        response = HttpResponse("a page", status=self.status, content_type="text/html")
        response.close = int  # else it ends the test's transaction
        return response


@pytest.fixture
def given():
    return Given()


@pytest.fixture
def application(given):
    return ResponseCache(given)


def believed_for_a_minute(application):
    application.freshness()
    application.freshness.until = time.monotonic() + 60


@contextmanager
def as_believed():
    """Answer as a process that has not yet learned of the newest edit."""
    fresh = CachedHandler.answers.freshness
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fresh, "_read", lambda: None)
        yield


def read_all():
    """What is answered by address; an error has another number each time."""
    answers = {address: Client().get(address) for address in ADDRESSES}
    found = {address: one.content for address, one in answers.items() if one.status_code == 200}
    return dict.fromkeys(ADDRESSES) | found


@pytest.mark.parametrize("address", WARM)
def test_the_state_of_the_register_is_all_that_a_warm_request_reads(
    address, django_assert_num_queries
):
    for _again in range(2):
        Client().get(address)
        forget_answers()

    with django_assert_num_queries(1):
        assert Client().get(address).status_code == 200
    forget_answers()
    with as_believed(), django_assert_num_queries(0):
        assert Client().get(address).status_code == 200


def test_a_reader_starts_from_the_state_of_the_stamp(application, given):
    Told(application, asked())
    Told(application, asked("/absent/", "q=" + "x" * 3000))  # which is not cached

    assert given.states == [read_state()] * 2
    assert application.freshness.stamp.state is given.states[1]


@pytest.mark.parametrize(
    "environ", [asked(method="POST"), asked("/admin/"), asked("/healthz/ready")]
)
def test_forms_and_the_admin_read_the_state_themselves(application, given, environ):
    Told(application, asked())
    Told(application, environ)

    assert given.states[1] is None


def test_an_editor_starts_from_a_state_that_is_read_for_the_request(application, given):
    believed_for_a_minute(application)
    edited(firm(), size="large")

    Told(application, asked())
    Told(application, asked(cookie="sessionid=a"))
    Told(application, asked("/absent/"))

    before, seen, after = (one.number for one in given.states)
    assert before + 1 == seen == after == read_state().number


def test_no_reader_goes_back_while_a_form_is_answered(application, given):
    """What a form reads is newer, and the caches would be filled again for an older state."""
    believed_for_a_minute(application)
    edited(firm(), size="large")
    meanwhile = []

    def slowly(environ, start):
        if environ["REQUEST_METHOD"] == "POST":
            meanwhile.append(application.freshness().version)
        return given(environ, start)

    application.django = slowly
    Told(application, asked(method="POST"))

    assert meanwhile == [read_state().number]


def test_a_replica_is_read_from_its_own_state(application, given):
    with a_replica("replica-1", "x"):
        application.replicas.add("replica-1", lambda: TableState(10**9))
        Told(application, asked())

    assert given.states == [TableState(10**9)]


def test_after_a_lost_replica_the_primary_reads_its_own_state(application, given):
    given.status = 503
    with a_replica("replica-1", "x"):
        application.replicas.add("replica-1", lambda: TableState(10**9))
        Told(application, asked())

    assert given.states == [TableState(10**9), None]


def test_with_replicas_the_primary_reads_its_own_state(application, given):
    """Which may be newer than the one that is believed, as that of a replica was."""
    application.replicas.add("replica-1", lambda: TableState(0))
    Told(application, asked())

    assert given.states == [None]


def test_a_thread_with_another_file_open_reads_its_own_state(application, given, monkeypatch):
    believed_for_a_minute(application)
    monkeypatch.setattr("pactwatch.response_cache.reopen_replaced_file", lambda: (1, 2))
    Told(application, asked())

    assert given.states == [None]


def test_rebuilding_the_read_table_voids_what_was_made_of_the_one_before(application, given):
    changes = (
        lambda: None,
        lambda: ReadTable.objects.update(written=0),
        lambda: ReadTable.objects.all().delete(),
        read_table.rebuild,
    )
    for change in changes:
        change()
        for _again in range(2):
            application.freshness.until = 0.0
            Told(application, asked())

    of_each = [(one.written, one.number) for one in given.states]
    number = read_state().number
    assert of_each == [(written, number) for written in (number, 0, None, number)]


def test_a_record_is_rendered_again_once_the_read_table_is_rebuilt():
    path = "/api/v1/companies/firm/"
    ReadTable.objects.update(written=0)
    Client().get(path)
    found = {key[2]: answer for key, answer in CachedHandler.answers.store.answers.items()}
    assert found[path].about == "company-firm"

    read_table.rebuild()
    Client().get(path)

    again = {key[2]: answer for key, answer in CachedHandler.answers.store.answers.items()}
    assert again[path] is not found[path]


def test_within_a_preview_no_other_state_is_read():
    with until_rolled_back(), one_state(TableState(7)):
        assert state().number < 0


def test_a_given_state_is_not_read_again(django_assert_num_queries):
    with django_assert_num_queries(0), one_state(TableState(7)):
        assert state() == TableState(7)


@pytest.mark.parametrize("edit", sampling.each(8, [*EDITS]))
def test_what_is_read_during_an_edit_is_not_cached_for_the_new_version(edit):
    """PostgreSQL's state is believed for 0.2 s, so that rows may be newer than it says."""
    a_pact()
    before = read_all()
    with as_believed():
        EDITS[edit]()
        forget_answers()
        meanwhile = read_all()

    after = read_all()

    assert any(meanwhile.values())
    assert after != before
    forget_answers()
    forget()
    FRAGMENTS.clear()
    assert after == read_all()
