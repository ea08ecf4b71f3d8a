"""Limits of the API, counted by all workers together; ids of requests; what will be taken out."""

import datetime
import logging
import threading

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from accounts.expiry import delete_events
from accounts.limits import api_limit
from accounts.limits.api_limit import TOGETHER, RequestCounter, add
from accounts.models import RequestCount
from tests.builders import a_company, a_pact, a_signing

pytestmark = pytest.mark.django_db
LIST = "/api/v1/companies/"
NOW = 1_800_000_000.0


@pytest.fixture
def limit_of_three(settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = 3
    monkeypatch.setattr(api_limit.time, "time", lambda: NOW + 18)
    monkeypatch.setattr(api_limit, "COUNTER", RequestCounter())
    a_pact()
    return Client()


def test_the_requests_beyond_the_limit_are_refused_until_the_minute_is_over(limit_of_three):
    answers = [limit_of_three.get(f"{LIST}?page_size={n}") for n in (1, 2, 3, 4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        f'"api";r={left};t=42' for left in (2, 1, 0, 0)
    ]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"api";q=3;w=60'}
    refused = answers[-1]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Retry-After"] == "42"
    assert "RateLimit" in refused.headers["Access-Control-Expose-Headers"]
    assert refused.json()["type"] == "http://testserver/api/v1/docs/#limits"
    assert refused.json()["detail"].endswith("Try again in 42 seconds.")


def test_a_cached_response_does_not_count_and_has_no_ratelimit_header(limit_of_three):
    first = limit_of_three.get(LIST)
    again = [limit_of_three.get(LIST) for _ in range(5)]

    assert first.headers["RateLimit"] == '"api";r=2;t=42'
    assert {answer.status_code for answer in again} == {200}
    assert not any("RateLimit" in answer.headers for answer in again)


def test_refused_api_requests_count_toward_the_limit_and_pages_do_not(limit_of_three):
    for query in ("a=1", "b=1", "c=1"):
        assert limit_of_three.get(f"{LIST}?{query}").status_code == 400

    assert limit_of_three.get(LIST).status_code == 429
    assert limit_of_three.get("/companies/").status_code == 200
    assert limit_of_three.get(LIST, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_without_a_limit_nothing_is_counted(client):
    a_pact()

    assert "RateLimit" not in client.get(LIST).headers
    assert not RequestCount.objects.exists()


def test_workers_share_one_count_and_rarely_write_it(django_assert_num_queries):
    one, other = RequestCounter(), RequestCounter()
    with django_assert_num_queries(0):
        for _ in range(TOGETHER - 1):
            one.count("client", NOW)
    one.count("client", NOW)
    for _ in range(TOGETHER):
        other.count("client", NOW)

    assert RequestCount.objects.get().number == 2 * TOGETHER
    assert other.count("client", NOW) == 2 * TOGETHER + 1
    assert one.count("client", NOW + 60) == 1


@pytest.mark.database
def test_counts_of_past_minutes_are_deleted():
    add("client", 1, 20)
    add("client", 1, 20)
    assert RequestCount.objects.get().number == 40

    add("client", 2, 20)
    assert [row.minute for row in RequestCount.objects.all()] == [2]
    delete_events(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
    assert not RequestCount.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one at a time")
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_requests_added_at_the_same_moment_are_all_counted():
    def added():
        try:
            add("client", 1, 20)
        finally:
            connection.close()

    add("client", 1, 20)
    threads = [threading.Thread(target=added) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert RequestCount.objects.get().number == 100


def test_a_worker_counts_by_itself_while_the_database_is_away(monkeypatch, caplog):
    asked = []

    def away(*args):
        asked.append(args)
        raise DatabaseError

    monkeypatch.setattr(api_limit, "add", away)
    counter = RequestCounter()

    assert [counter.count("client", NOW) for _ in range(45)][-1] == 45
    assert len(asked) == 1
    assert "by each worker for itself" in caplog.text


def test_an_error_response_and_the_log_have_the_same_request_id(client, caplog):
    with caplog.at_level(logging.WARNING):
        answer = client.get("/api/v1/nowhere/")

    number = answer.json()["request_id"]
    assert answer.headers["X-Request-Id"] == number
    assert len(number) == 16
    assert number in {getattr(record, "request_id", "") for record in caplog.records}
    assert client.get("/api/v1/nowhere/").json()["request_id"] != number


def test_a_deprecated_parameter_announces_its_end_in_the_response_headers(client):
    a_signing(a_company("Acme"))

    answer = client.get("/api/v1/signings/?on=2024-10-10")

    assert answer.headers["Deprecation"] == "@1795910400"
    assert answer.headers["Sunset"] == "Mon, 29 Nov 2027 00:00:00 GMT"
    assert (
        '<http://testserver/api/v1/docs/#deprecated>; rel="deprecation"' in answer.headers["Link"]
    )
    assert 'rel="first"' in answer.headers["Link"]
    instead = client.get("/api/v1/signings/?as_of=2024-10-10")
    assert instead.json()["results"] == answer.json()["results"]
    assert "Deprecation" not in instead.headers


def test_the_schema_marks_deprecated_parameters(client):
    schema = client.get("/api/v1/schema/?format=json").json()

    parameters = schema["paths"]["/api/v1/signings/"]["get"]["parameters"]
    (on,) = [one for one in parameters if one["name"] == "on"]
    assert on["deprecated"]
    assert "use as_of" in on["description"]
    assert [one["name"] for one in parameters if one.get("deprecated")] == ["on"]


def test_the_index_lists_every_endpoint_of_the_api(client):
    a_signing(a_company("Acme"))

    index = client.get("/api/v1/").json()

    assert {"index", "companies", "schema", "docs", "statistics"} <= set(index["endpoints"])
    assert index["templates"]["company"] == "http://testserver/api/v1/companies/{slug}/"
    paths = client.get("/api/v1/schema/?format=json").json()["paths"]
    listed = {*index["endpoints"].values(), *index["templates"].values()}
    assert {f"http://testserver{path}" for path in paths} <= listed
    for url in (*index["endpoints"].values(), *index["files"].values(), *index["feeds"].values()):
        told = 405 if url.endswith("/match/") else 200  # which only takes names
        assert client.get(url).status_code == told, url
