"""Hostile requests to every URL: none gets a 500 or a traceback, or takes over a second."""

import time

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path, resolve

from pactwatch import urls
from tests.hostile.drawing import SHARES, Request
from tests.hostile.everything import a_desk_with_work, a_row_of_everything
from tests.hostile.places import Map, places
from tests.hostile.sending import Sender, Tally, log_of_the_settings
from tests.hostile.trying import Trial
from tests.sampling import ALL

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]
# Requests of each role. To another database it matters which values reach it, and a few turns do.
COUNT = 2_000 if ALL else 120 if connection.vendor == "sqlite" else 50


def raises(request):
    raise KeyError("nothing expected this")


def streams_and_raises(request):
    return StreamingHttpResponse(1 // each for each in (1, 0))


def is_slow(request):
    end = time.process_time() + 0.11
    while time.process_time() < end:
        pass
    return HttpResponse()


def is_refused(request):
    raise PermissionDenied


def logs_two_lines(request):
    request.session.load()
    from logging import getLogger

    getLogger("x").warning("Not understood")
    raise SuspiciousOperation("a\nb")


def sends_away(request):
    return HttpResponse(status=302, headers={"Location": "//evil.example/"})


VIEWS = (raises, streams_and_raises, is_slow, is_refused, logs_two_lines, sends_away)
# The site, with views that are wrong.
urlpatterns = [*(path(f"{view.__name__}/", view) for view in VIEWS), *urls.urlpatterns]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


def told_of(view):
    with log_of_the_settings() as log:
        sender, tally = Sender("anonymous", log), Tally()
        sender.judged(Request("wrong", f"/{view.__name__}/"), tally)
    return [fault.partition("\n")[0] for fault in tally.faults]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("view", "fault"),
    [
        (raises, "- anonymous: 500"),
        (streams_and_raises, "- anonymous: raised"),
        (logs_two_lines, "- anonymous: 400 is more than one line"),
        (sends_away, "- anonymous: sends on to //evil.example/"),
    ],
)
def test_the_checker_reports_a_view_that_misbehaves(view, fault):
    assert told_of(view) == [fault]


@pytest.mark.urls(__name__)
def test_the_checker_reports_a_slow_view(monkeypatch):
    monkeypatch.setattr("tests.hostile.sending.SLOW", 0.1)  # seconds

    assert told_of(is_slow)[0].startswith("- anonymous: 200 after 0.")


@pytest.mark.urls(__name__)
def test_the_checker_accepts_a_refusal():
    assert told_of(is_refused) == []


def test_hostile_requests_are_sent_to_every_url():
    routes = places()

    for path_of_a_view in ("/", "/companies/acme/", "/api/v1/companies/", "/healthz/live"):
        assert resolve(path_of_a_view).route in routes
    assert resolve("/admin/companies/company/1/change/").route in routes
    assert resolve("/admin/companies/company/1/history/2/").route in routes


@pytest.mark.database
def test_no_hostile_request_gets_a_500_or_a_traceback_or_takes_over_a_second():
    a_row_of_everything()
    the_map = Map(a_desk_with_work())

    for role in SHARES:
        trial = Trial(role, the_map)
        trial.go_on(f"0 {role}", COUNT)
        print(trial.tally)
        assert not trial.tally.faults
        # All of it would be in vain if every request were refused at the door.
        assert trial.tally.share(2) > 0.15
        assert trial.tally.share(4) > 0.15
