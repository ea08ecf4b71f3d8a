"""The response cache: fresh after every edit, and the same for every client."""

import gc
import gzip
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client

from companies.models import Company
from companies.queries.roster.table_state import TableState
from pactwatch.outages import WHY_AWAY
from pactwatch.response_cache import ResponseCache, freshness
from tests.builders import a_company, a_pact, a_signing
from tests.reader_client import forget_answers

pytestmark = pytest.mark.history

LIST = "/api/v1/companies/"


@pytest.mark.django_db
def test_a_client_with_the_current_etag_gets_304(client):
    a_signing(a_company("Orange"))
    first = client.get(LIST)

    again = client.get(LIST, headers={"if-none-match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    asked_each_time = (
        "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
    )
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == asked_each_time
    assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["W/{}", '"other", {}', "*"])
def test_if_none_match_may_be_weak_a_list_or_any(client, form):
    a_pact()
    etag = client.get(LIST).headers["ETag"]

    assert client.get(LIST, headers={"if-none-match": form.format(etag)}).status_code == 304


@pytest.mark.database
@pytest.mark.django_db
def test_an_edit_changes_the_response_and_its_etag(client):
    company = a_company("Orange")
    a_signing(company)
    before = client.get(LIST)

    company.name = "Orange SA"
    company.save()
    after = client.get(LIST, headers={"if-none-match": before.headers["ETag"]})

    assert after.status_code == 200
    assert after.json()["results"][0]["name"] == "Orange SA"
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.django_db
def test_head_has_the_headers_of_get_and_no_body(client):
    a_pact()
    for _cached in (False, True):
        head = client.head(LIST)
        whole = client.get(LIST)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["ETag"] == whole.headers["ETag"]
        assert head.headers["Content-Length"] == str(len(whole.content))
        forget_answers()


@pytest.mark.django_db
def test_a_compressed_response_has_its_own_etag(client):
    a_signing(a_company("Orange"))
    a_signing(a_company("SAP"))
    plain = client.get(LIST)

    packed = client.get(LIST, headers={"accept-encoding": "br, gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    headers = {"accept-encoding": "gzip", "if-none-match": packed.headers["ETag"]}
    assert client.get(LIST, headers=headers).status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", ["gzip;q=0", "gzip; q=0.0", "br", "", "x-gzip-not"])
def test_a_client_that_refuses_gzip_gets_an_uncompressed_response(client, refusal):
    a_signing(a_company("Orange"))
    a_signing(a_company("SAP"))

    assert "Content-Encoding" not in client.get(LIST, headers={"accept-encoding": refusal}).headers


@pytest.mark.django_db
def test_error_responses_are_not_cached(client):
    a_pact()
    assert client.get(f"{LIST}orange/").status_code == 404
    cache_before = client.get(f"{LIST}?page=2")
    assert "ETag" not in cache_before.headers

    # bulk_create makes no new version of the register, so a cached 404 would stay.
    Company.objects.bulk_create([Company(slug="orange", name="Orange")])

    assert client.get(f"{LIST}orange/").status_code == 200


@pytest.mark.django_db
def test_a_post_neither_fills_nor_reads_the_cache(client):
    a_pact()
    client.get(LIST)

    assert client.post(LIST).status_code == 405
    assert client.get(LIST).status_code == 200


@pytest.mark.django_db
def test_request_headers_of_one_client_do_not_reach_another(client, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    a_pact()
    client.get(
        LIST,
        headers={
            "host": "other.example",
            "accept": "application/json;indent=9",
            "accept-language": "fr",
            "cookie": "django_language=fr",
            "x-forwarded-host": "evil.example",
            "x-http-method-override": "DELETE",
        },
    )

    answer = client.get(f"{LIST}?page_size=1")

    assert b"other.example" not in answer.content
    assert b"evil.example" not in client.get(LIST).content
    assert client.get(LIST).headers["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_the_schema_is_json_or_yaml_by_the_accept_of_each_request(client):
    for _again in range(2):
        assert client.get("/api/v1/schema/").content.startswith(b"openapi: 3.1")
        as_json = client.get("/api/v1/schema/", headers={"accept": "application/json"})
        assert as_json.json()["openapi"].startswith("3.1")


@pytest.mark.django_db
def test_the_content_security_policy_of_a_view_is_cached(client):
    a_pact()
    policies = [
        client.get("/embed/count/").headers["Content-Security-Policy"] for _again in range(2)
    ]

    assert policies[0] == policies[1]
    assert "frame-ancestors *" in policies[0]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory, each thread has its own")
def test_concurrent_clients_get_the_same_response_and_the_new_one_after_an_edit():
    company = a_company("Orange")
    a_signing(company)

    def names(_number):
        try:
            return Client().get(LIST).json()["results"][0]["name"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(names, range(10))) == {"Orange"}
        company.name = "Orange SA"
        company.save()
        assert set(pool.map(names, range(10))) == {"Orange SA"}


# The application itself, as a server calls it


def asked(path="/companies/", query="", method="GET", **headers):
    """The environment of a request of a server."""
    told = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "testserver",
        "wsgi.url_scheme": "http",
        **told,
    }


class Made:
    """Stands for Django: answers each request with its own number, and counts them."""

    def __init__(self, **response):
        self.number, self.response = 0, response

    def __call__(self, environ, start):
        self.number += 1
        content = f"{self.number} {environ['REQUEST_METHOD']}".ljust(1000)
        response = HttpResponse(self.response.get("content", content))
        response.status_code = self.response.get("status", 200)
        for name, value in self.response.get("headers", {}).items():
            response.headers[name] = value
        start("200 OK", [*response.items()])
        return response


class Told:
    """What an application answers to one request."""

    def __init__(self, application, environ):
        self.body = b"".join(application(environ, self.start))

    def start(self, status, headers):
        self.status, self.headers = status, dict(headers)


@pytest.fixture
def made():
    return Made()


@pytest.fixture
def application(made, db):
    return ResponseCache(made)


def test_each_distinct_url_has_its_own_cached_response(application, made):
    Told(application, asked("/companies/", "q=a"))

    others = [
        asked("/companies/?q=a"),  # %3F in a path
        asked("/companies", "q=a"),
        asked("/companies/", "q=a&q=a"),
        asked("/companies/", "q=%61"),
        asked("/companies/", "q=a", host="other.example"),
        asked("/companies/", "q=a") | {"wsgi.url_scheme": "https"},
        asked("/companies/", "q=a\t"),
    ]
    for environ in others:
        Told(application, environ)

    assert made.number == 1 + len(others)
    assert Told(application, asked("/companies/", "utm_source=x&q=a")).body.startswith(b"1 GET")


@pytest.mark.parametrize(
    "environ",
    [
        asked(method="POST"),
        asked("/admin/login/"),
        asked("/fr/admin/"),
        asked("/static/a.css"),
        asked("/healthz/ready"),
        asked(query="q=" + "x" * 3000),
        asked(host=""),
        asked(host="testserver:" + "9" * 3000),
        asked() | {"CONTENT_TYPE": "text/plain; charset=utf-7"},
        asked() | {"CONTENT_LENGTH": "2"},
        asked() | {"wsgi.url_scheme": "gopher"},
    ],
    ids=lambda environ: environ["PATH_INFO"],
)
def test_requests_that_django_must_handle_bypass_the_cache(application, made, environ):
    Told(application, asked())
    before = made.number

    Told(application, environ)
    Told(application, environ)

    assert made.number == before + 2


@pytest.mark.parametrize(
    "response",
    [
        {"status": 404},
        {"headers": {"Vary": "Accept"}},
        {"headers": {"Vary": "Accept-Language, Cookie"}},
        {"headers": {"Vary": "*"}},
        {"headers": {"Vary": "accept-encoding, HX-Request"}},
        {"headers": {"Cache-Control": "private, max-age=60"}},
        {"headers": {"Content-Encoding": "br"}},
        {"headers": {"Cache-Control": "no-store"}},
    ],
    ids=str,
)
@pytest.mark.django_db
def test_a_private_response_is_not_cached(response):
    application = ResponseCache(made := Made(**response))

    assert "ETag" not in Told(application, asked()).headers
    Told(application, asked())

    assert made.number == 2


def test_head_and_get_share_one_cached_response(application, made):
    head = Told(application, asked(method="HEAD"))
    whole = Told(application, asked())

    assert (head.body, made.number) == (b"", 1)
    assert head.headers == whole.headers
    assert whole.body.startswith(b"1 GET")


def test_an_editor_is_never_answered_from_the_cache_and_fills_it_with_nothing(application, made):
    editor = asked(cookie="a=b; sessionid=a")
    Told(application, asked())

    answers = [
        Told(application, environ).body[:1] for environ in (editor, editor, asked(), asked())
    ]

    assert answers == [b"2", b"3", b"1", b"1"]
    assert len(application.store.answers) == 1


def test_other_cookies_change_nothing(application, made):
    Told(application, asked(cookie="_ga=1"))

    assert Told(application, asked(cookie="_ga=2")).body.startswith(b"1")
    assert not application.store.sent


@pytest.mark.database
def test_the_process_that_wrote_serves_the_new_version_at_once(application, made, monkeypatch):
    states = iter([TableState(1), TableState(2), TableState(2)])
    monkeypatch.setattr(application.freshness.read_state, "call", lambda: next(states))
    Told(application, asked())
    Told(application, asked("/admin/", method="POST"))

    assert Told(application, asked()).body.startswith(b"3")


def test_replacing_the_database_file_voids_the_cache(application, made):
    Told(application, asked())
    application.freshness.stamp = application.freshness.stamp._replace(file=(1, 2))

    Told(application, asked())

    assert made.number == 2


@pytest.mark.database
def test_while_the_database_is_down_the_newest_cached_response_is_sent_with_its_time(
    application, made
):
    def away():
        raise OperationalError

    kept = Told(application, asked())
    application.freshness.read_state.call = away
    application.freshness.until = 0.0

    found = Told(application, asked("/companies/"))
    other = asked("/absent/")
    Told(application, other)

    assert (found.status, found.body) == ("200 OK", kept.body)
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Cache-Status"].startswith('PactWatch; hit; detail="kept 20')
    assert "ETag" not in found.headers
    assert isinstance(other[WHY_AWAY], OperationalError)


@pytest.mark.database
def test_when_the_database_fails_during_rendering_the_newest_cached_response_is_sent(
    application, made
):
    Told(application, asked())
    application.freshness.stamp = application.freshness.stamp._replace(state=TableState(99))
    made.response = {"status": 503}

    assert Told(application, asked()).headers["Cache-Control"] == "no-store"


@pytest.mark.database
def test_many_simultaneous_clients_of_a_new_url_cost_one_rendering(application, made):
    application.freshness()  # the database of a test has one thread
    application.freshness.until = time.monotonic() + 60
    going_on = Event()

    def slowly(environ, start):
        going_on.wait(5)
        return made(environ, start)

    application.django = slowly
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(Told, application, asked()) for _ in range(16)]
        while len(application.store.making) < 1:
            time.sleep(0.001)
        going_on.set()

    assert {answer.result().body for answer in answers} == {b"1 GET".ljust(1000)}


def test_the_cache_is_bounded_in_bytes_and_unread_urls_do_not_evict_read_ones(made, db):
    application = ResponseCache(made)
    application.store.limit = 60_000  # twelve answers
    for _ in range(2):
        Told(application, asked("/read/", accept_encoding="gzip"))
    for number in range(30):
        Told(application, asked("/junk/", f"q={number}"))
        Told(application, asked("/read/"))

    store = application.store
    sizes = [answer.size for answer in store.answers.values()]
    assert made.number == 31
    assert sum(sizes) == store.size <= 60_000
    # What was sent to requests references no other response.
    bodies = {id(answer.plain.body) for answer in store.answers.values()}
    bodies |= {id(answer.packed.body) for answer in store.answers.values() if answer.packed}
    assert store.sent
    assert all(id(sent[3][0]) in bodies for sent in store.sent.values())


def test_a_response_that_was_compressed_is_cached_compressed_only(made, db):
    application = ResponseCache(made)
    plain = Told(application, asked())
    packed = Told(application, asked(accept_encoding="gzip"))
    again = Told(application, asked())
    head = Told(application, asked(method="HEAD"))

    (answer,) = application.store.answers.values()
    assert made.number == 1
    assert again.body == plain.body == gzip.decompress(packed.body) == b"1 GET".ljust(1000)
    assert again.headers == plain.headers
    assert head.headers["Content-Length"] == "1000"
    assert answer.plain.body is None
    assert answer.size == application.store.size == 4000 + len(packed.body)
    assert all(sent[3] in ([], [packed.body]) for sent in application.store.sent.values())


def test_a_response_too_large_for_the_cache_is_not_cached(made, db):
    application = ResponseCache(made)
    application.store.limit = 60_000
    Told(application, asked("/read/"))
    made.response = {"content": "x" * 8000}

    Told(application, asked("/large/"))
    Told(application, asked("/large/"))

    assert made.number == 3
    assert [key[2] for key in application.store.answers] == ["/read/"]


def test_cached_responses_use_no_more_memory_than_counted(made, db):
    application = ResponseCache(made)
    Told(application, asked())
    made.response = {"headers": {"Content-Security-Policy": "default-src 'self'; " * 30}}
    Told(application, asked(query="q=first", accept_encoding="gzip"))  # what is loaded once
    tracemalloc.start()
    for number in range(200):
        Told(application, asked(query=f"q={number}", accept_encoding="gzip"))
        Told(application, asked(query=f"q={number}", accept_encoding="gzip"))
    gc.collect()  # queries for the version
    taken, _most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken <= application.store.size


def test_a_cache_limit_of_zero_caches_nothing(made, db):
    application = ResponseCache(made)
    application.store.limit = 0

    assert "ETag" in Told(application, asked()).headers
    assert Told(application, asked()).body.startswith(b"2")
    assert application.store.size == len(application.store.answers) == 0


def test_nginx_is_told_to_revalidate_after_a_second(settings, made, db):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    application = ResponseCache(made)
    environ = asked(x_forwarded_proto="https")

    whole = Told(application, environ)
    unchanged = Told(application, environ | {"HTTP_IF_NONE_MATCH": whole.headers["ETag"]})

    second = f"@{application.freshness.second}"
    for answer in (whole, unchanged):
        assert answer.headers["X-Accel-Expires"] == second
        assert answer.headers["Vary"] == "Accept-Encoding"  # all that nginx tells apart
        assert answer.headers["Surrogate-Key"] == "register"


def test_nginx_caches_a_response_as_long_as_the_view_allows_browsers_to(settings, db):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    application = ResponseCache(Made(headers={"Cache-Control": "public, max-age=300"}))

    answers = [Told(application, asked(x_forwarded_proto="https")) for _ in "ab"]

    assert [one.headers["X-Accel-Expires"] for one in answers] == ["300", "300"]
    assert application.django.number == 1


@pytest.mark.database
def test_nginx_does_not_cache_a_response_rendered_during_a_version_change(settings, made, db):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    def slowly(environ, start):
        fresh = application.freshness
        fresh.stamp, fresh.second = fresh.stamp._replace(state=TableState(99)), fresh.second + 1
        return made(environ, start)

    application = ResponseCache(slowly)

    assert Told(application, asked(x_forwarded_proto="https")).headers["X-Accel-Expires"] == "0"


@pytest.mark.parametrize(("now", "believed"), [(100.95, 0.05), (100.5, freshness.TRUSTED_FOR)])
def test_a_version_is_not_trusted_beyond_the_second_for_which_nginx_may_cache(
    now, believed, application, monkeypatch, db
):
    """Else nginx is told of a second that is over, and keeps nothing until it is read again."""
    monkeypatch.setattr(freshness, "clock", lambda: now)

    application.freshness()

    assert application.freshness.second == 100
    left = application.freshness.until - application.freshness.read_at
    assert left == pytest.approx(believed, abs=0.001)


# A kept answer takes 115 instructions of Python where the same was asked before, else 446, all of
# them in the cache; to read the version anew takes 9,500. Each look at the request is one of them:
# in a map() they were not counted, and took half as long again.
SAME, OTHER = 120, 450


def test_a_cached_response_is_served_without_django(application):
    browser = {"accept": "text/html,*/*;q=0.8", "accept_encoding": "gzip, br"}
    environ = asked(query="q=a", **browser)
    for _ in range(3):
        application.store.sent.clear()
        Told(application, environ)

    application.freshness.until = time.monotonic() + 60
    for most in (SAME, OTHER):
        instructions, files = traced(lambda: application(environ, lambda *told: None))
        assert instructions <= most
        assert {file.rpartition("pactwatch/")[2].split("/")[0] for file in files} == {
            "response_cache"
        }
        application.store.sent.clear()


def test_a_repeated_request_reuses_the_same_header_and_body_objects(application):
    heads = []
    environ = asked(accept_encoding="gzip")
    for _ in range(4):
        body = application(environ, lambda status, headers: heads.append(headers))

    assert heads[2] is heads[3]
    assert body is application(environ, lambda *told: None)


def another_process(path, statement):
    code = (
        f"import sqlite3; c = sqlite3.connect({str(path)!r}, timeout=0.1)\n"
        f"c.execute({statement!r}); c.commit()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_sqlite_commit_of_another_process_is_noticed_at_once_and_a_read_is_not(tmp_path):
    path = tmp_path / "a.sqlite3"
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("PRAGMA journal_mode=WAL")
    reader.execute("CREATE TABLE a (b)")
    commits = freshness._commits(str(path))
    before = bytes(commits)

    reader.execute("BEGIN")
    reader.execute("INSERT INTO a VALUES (1)")
    assert commits == before
    reader.execute("ROLLBACK")
    assert commits == before
    another_process(path, "INSERT INTO a VALUES (1)")
    assert commits != before
    reader.close()


def test_reading_the_sqlite_commit_counter_does_not_release_locks(tmp_path):
    path = tmp_path / "a.sqlite3"
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("PRAGMA journal_mode=WAL")
    reader.execute("CREATE TABLE a (b)")
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM a").fetchone() == (0,)

    freshness._commits(str(path))
    gc.collect()
    # Were the reader's lock gone, this would write over the pages that it reads.
    another_process(path, "INSERT INTO a VALUES (1)")
    another_process(path, "PRAGMA wal_checkpoint(TRUNCATE)")

    assert reader.execute("SELECT count(*) FROM a").fetchone() == (0,)
    assert path.with_name("a.sqlite3-wal").stat().st_size
    reader.close()


def test_without_a_write_ahead_log_the_version_is_cached_for_a_moment(tmp_path):
    sqlite3.connect(path := tmp_path / "a.sqlite3").execute("CREATE TABLE a (b)")

    assert freshness._commits(str(path)) == b""


@pytest.mark.database
def test_a_cached_response_is_revalidated_after_a_commit(application, made):
    Told(application, asked())
    fresh = application.freshness
    fresh.until = time.monotonic() + 60
    assert fresh.is_current()

    fresh.commits = b"another"

    assert not fresh.is_current()


def traced(call):
    """How many instructions of Python a call takes, and in which files."""
    taken, files = Counter(), set()

    def trace(frame, event, argument):
        if "lambda" not in frame.f_code.co_name:
            files.add(frame.f_code.co_filename)
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        taken[event] += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return taken["opcode"], files
