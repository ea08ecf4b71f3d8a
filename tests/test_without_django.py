"""Answers without Django's handler and middleware are those that these would give."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.limits import api_limit
from companies.api.quick import middleware
from pactwatch.measuring.request_ids import current
from pactwatch.outages import WHY_AWAY
from pactwatch.response_cache import quick_answers
from pactwatch.response_cache.quick_answers import QuickAnswers, QuickResponse
from tests.reader_client import CachedHandler, forget_answers
from tests.sharing import shared
from tests.test_quick_answers import a_register
from tests.test_response_cache import Told, asked

pytestmark = [pytest.mark.django_db, pytest.mark.history]

rows = shared(a_register, history=True)
LIST = "/api/v1/companies/"
QUICK = (
    *(LIST, f"{LIST}firm/", f"{LIST}missed/", f"{LIST}?page_size=1&page=2", f"{LIST}?q=fir"),
    *(f"{LIST}?facets=country", f"{LIST}?country=FR&sort=-since", f"{LIST}firm/?pact=seoul"),
    *("/api/v1/statistics/", "/api/v1/statistics/?pact=seoul"),
)


@pytest.fixture
def by_django(monkeypatch):
    """The addresses that Django is asked for."""
    found, django = [], CachedHandler.quick.django

    def noted(environ, start):
        query = environ["QUERY_STRING"]
        found.append(environ["PATH_INFO"] + (f"?{query}" if query else ""))
        return django(environ, start)

    monkeypatch.setattr(CachedHandler.quick, "django", noted)
    return found


def taught(**request):
    """A client of a process that has seen Django's headers."""
    forget_answers()
    client = Client()
    client.get(f"{LIST}branch/", **request)
    return client


def told(answer):
    return answer.status_code, dict(answer.headers), answer.content


def both(address, *, method="get", **request):
    """What Django answers, and what is answered without it."""
    forget_answers()
    of_django = getattr(Client(), method)(address, **request)
    return told(of_django), told(getattr(taught(**request), method)(address, **request))


@pytest.mark.parametrize("address", QUICK)
def test_status_headers_and_body_are_those_of_django(address, by_django):
    of_django, quick = both(address)

    assert of_django == quick
    assert quick[0] == 200
    assert by_django == [address, f"{LIST}branch/"]


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "head"},
        {"secure": True},
        {"headers": {"accept": "application/json, */*;q=0.1", "accept-language": "fr"}},
        {"headers": {"accept-encoding": "gzip", "origin": "https://other.example"}},
        {"headers": {"cookie": "sessionid=abc; theme=dark"}},
        {"headers": {"host": "localhost:8000"}},
    ],
    ids=str,
)
def test_the_same_for_every_kind_of_request(request_, by_django, settings):
    settings.SECURE_HSTS_SECONDS = 3600
    of_django, quick = both(f"{LIST}firm/", **request_)

    assert of_django == quick
    assert ("Strict-Transport-Security" in quick[1]) == ("secure" in request_)
    assert len(by_django) == 2


@pytest.mark.parametrize(
    ("address", "request_", "status"),
    [
        (f"{LIST}nobody/", {}, 404),
        (f"{LIST}?nothing=1", {}, 400),
        (f"{LIST}?q=%00", {}, 400),
        (f"{LIST}?q=%ff", {}, 400),
        (f"{LIST}firm/?as_of=2025-01-01", {}, 200),
        (f"{LIST}firm/?fields=name", {}, 200),
        (f"{LIST}firm/", {"headers": {"accept": "text/html"}}, 406),
        (f"{LIST}firm/", {"headers": {"accept": "x"}}, 406),
        (f"{LIST}firm/", {"headers": {"host": "other.example"}}, 400),
        (f"{LIST}firm/", {"SCRIPT_NAME": "/below"}, 200),
        (f"{LIST}firm/", {"CONTENT_TYPE": "text/plain; charset=utf-7"}, 400),
        ("/api/v1/pacts/", {}, 200),
        ("/api/v1/nothing/", {}, 404),
        ("/companies/firm/", {}, 200),
    ],
    ids=str,
)
def test_django_answers_the_rest(address, request_, status, by_django):
    answer = taught().get(address, **request_)

    assert answer.status_code == status
    assert by_django == [f"{LIST}branch/", address]


@pytest.mark.parametrize("method", ["post", "options", "delete"])
def test_django_answers_other_methods(method, by_django):
    answer = getattr(taught(), method)(f"{LIST}firm/")

    assert answer.status_code == {"options": 204}.get(method, 405)
    assert len(by_django) == 2


def test_no_request_is_tried_twice_for_a_quick_answer():
    missing, sent = f"{LIST}nobody/", []
    taught().get(missing)
    for client in (Client(), taught()):
        with CaptureQueriesContext(connection) as queries:
            client.get(missing)
        sent.append([query["sql"] for query in queries])

    assert sent[0] == sent[1]


def test_an_error_is_left_to_django(monkeypatch, by_django):
    client = taught()

    def away(request):
        raise OperationalError

    monkeypatch.setattr(CachedHandler.quick, "answer", away)

    assert client.get(f"{LIST}firm/").status_code == 200
    assert len(by_django) == 2


def test_while_the_database_is_away_django_says_so(by_django):
    taught()
    environ = asked(f"{LIST}firm/") | {WHY_AWAY: OperationalError()}
    environ["tests.handler"] = lambda environ: QuickResponse(b"by Django", "text/plain", {})

    assert Told(CachedHandler.quick, environ).body == b"by Django"
    assert by_django[1:] == [f"{LIST}firm/"]


def test_http_is_not_answered_with_what_https_has_taught(settings, by_django):
    client = taught(secure=True)
    settings.SECURE_SSL_REDIRECT = True

    assert client.get(f"{LIST}firm/", secure=True).status_code == 200
    assert client.get(f"{LIST}firm/").status_code == 403
    assert len(by_django) == 2


def test_an_unusual_scheme_teaches_nothing():
    forget_answers()
    Client().get(f"{LIST}firm/", **{"wsgi.url_scheme": "gopher"})

    assert CachedHandler.quick.learned == {}


def test_an_answer_with_a_cookie_teaches_nothing():
    def with_a_cookie(environ, start):
        response = QuickResponse(b"{}", "application/json", {})
        response.set_cookie("a", "b")
        start("200 OK", [*response.items()])
        return response

    quick = QuickAnswers(with_a_cookie)
    Told(quick, asked(LIST))

    assert quick.learned == {}


def test_quick_answers_count_toward_the_limit(settings, monkeypatch, by_django):
    settings.API_REQUESTS_PER_MINUTE = 3
    monkeypatch.setattr(api_limit, "COUNTER", api_limit.RequestCounter())
    monkeypatch.setattr(api_limit.time, "time", lambda: 1_800_000_018.0)
    client = taught()
    answers = [client.get(f"{LIST}?page_size={number}") for number in (1, 2, 3, 4)]

    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert [one.headers["RateLimit"][8:] for one in answers] == [
        f"{left};t=42" for left in (1, 0, 0, 0)
    ]
    assert {one.headers["RateLimit-Policy"] for one in answers} == {'"api";q=3;w=60'}
    assert "RateLimit" not in {name for name, _value in CachedHandler.quick.learned["http"]}
    assert len(by_django) == 3


def test_a_quick_answer_is_counted_as_fresh_and_returns_its_connection(monkeypatch):
    left = []
    monkeypatch.setattr(quick_answers, "leave_connection", lambda: left.append(1))
    client = taught()
    monkeypatch.setattr(current, "environ", None)

    client.get(f"{LIST}firm/")

    assert current.environ["PATH_INFO"] == f"{LIST}firm/"
    assert left == [1]


def test_only_views_with_a_quick_answer_are_tried_for_one(rf, monkeypatch):
    monkeypatch.setattr(middleware, "count", lambda request: pytest.fail("counted"))

    assert middleware.quick_response(rf.get("/api/v1/pacts/")) is None
    assert middleware.quick_response(rf.get(f"{LIST}nobody/")) is None
