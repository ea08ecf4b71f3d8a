"""/api/v1/changes/ and the history of one company."""

import base64
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import NO_HASH, Change, Company, CompanyRedirect
from companies.queries.change_log import cursor_after
from companies.register.history import delete, save
from tests.builders import a_company, a_pact, a_signing
from tests.following import ACTS, ROWS, WRITERS
from tests.sampling import ALL
from tests.test_changes_page import recorded
from tests.test_killed import database_url, run  # noqa: F401  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.history]
LOG = "/api/v1/changes/"


def get(client, query: str = "", place: str = LOG) -> dict:
    response = client.get(f"{place}{query}")
    assert response.status_code == 200, response.text
    return response.json()


def numbers(answer: dict) -> list[int]:
    return [change["number"] for change in answer["results"]]


def fault(client, query: str, place: str = LOG) -> dict:
    response = client.get(f"{place}?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    (found,) = response.json()["errors"]
    return found


def test_a_change_is_served_as_recorded(client):
    a_signing(a_company("Acme"), since_precision="month")
    change = Change.objects.order_by("-number")[0]

    row = get(client)["results"][-1]

    assert row == {
        "number": change.number,
        "recorded_at": change.recorded_at.isoformat().replace("+00:00", "Z"),
        "company": {
            "slug": "acme",
            "name": "Acme",
            "url": "http://testserver/api/v1/companies/acme/",
            "page": "http://testserver/companies/acme/",
        },
        "pact": "eu-ai-pact",
        "table": "signings",
        "action": "added",
        "key": {"company": "acme", "pact": "eu-ai-pact", "since": "2024-10"},
        "fields": {
            "company": [None, "acme"],
            "pact": [None, "eu-ai-pact"],
            "status": [None, "signed"],
            "since": [None, "2024-10"],
            "since_basis": [None, "first_seen"],
        },
        "about": {},
        "kind": "status",
        "subject": None,
        "what": {
            "en": "signed, first named in October 2024",
            "fr": "a signé, première mention en octobre 2024",
        },
        "happened_on": "2024-10",
        "happened_precision": "month",
        "cause": "world",
        "material": True,
        "has_line": True,
        "by_role": "machine",
        "previous_hash": change.previous_hash,
        "hash": change.hash,
    }


def test_a_change_without_company_or_day_has_null_there(client):
    a_pact()

    (given,) = get(client)["results"]

    assert given["company"] is given["happened_on"] is given["happened_precision"] is None
    assert given["previous_hash"] == NO_HASH


def test_changes_are_oldest_first_and_include_editorial_ones(client):
    company = a_company("Acme")
    company.country = "FR"
    save(company, "test")

    answer = get(client)

    assert numbers(answer) == list(range(1, Change.objects.count() + 1))
    assert {change["material"] for change in answer["results"]} == {True, False}
    assert {c["material"] for c in get(client, "?material=true")["results"]} == {True}
    assert {c["material"] for c in get(client, "?material=false")["results"]} == {False}


@pytest.mark.database
def test_following_the_cursor_gives_each_change_once(client):
    for _ in range(5):
        a_signing()
    walked, address = [], f"{LOG}?page_size=3"

    while address:
        response = client.get(address.removeprefix("http://testserver"))
        answer = response.json()
        walked += numbers(answer)
        address = answer["next"]
        if address:
            assert response.headers["Link"] == f'<{address}>; rel="next"'

    assert walked == list(range(1, Change.objects.count() + 1))


def test_the_last_page_has_a_cursor_for_later(client):
    a_signing()
    end = get(client)

    assert end["next"] is None
    assert get(client, f"?cursor={end['next_cursor']}") == end | {"results": []}
    a_company("Later")
    later = get(client, f"?cursor={end['next_cursor']}")
    assert [change["company"]["slug"] for change in later["results"]] == ["later"]


def test_an_empty_log_has_a_cursor(client):
    answer = get(client)

    a_company("First")

    assert answer["results"] == []
    assert numbers(get(client, f"?cursor={answer['next_cursor']}")) == [1]


def test_a_cursor_keeps_its_place_in_a_filtered_log(client):
    for name in ("Acme", "Beta", "Gamma"):
        a_signing(a_company(name))

    first = get(client, "?kind=status&page_size=2")
    rest = get(client, f"?kind=status&page_size=2&cursor={first['next_cursor']}")

    slugs = [c["company"]["slug"] for answer in (first, rest) for c in answer["results"]]
    assert slugs == ["acme", "beta", "gamma"]
    assert "kind=status" in first["next"]


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "1",
        "%F0%9F%98%80",
        "____",
        "MQ==",
        encoded("1"),
        encoded("2:1"),
        encoded("1:-1"),
        encoded("1:+1"),
        encoded("1:01"),
        encoded("1:1 "),
        encoded("1:1\n"),
        encoded("1:١"),
        encoded("1:" + "9" * 30),
        encoded("1:999999"),  # beyond the end: it was not given out by this register
        encoded("1:1") + "=",
        "A" * 5000,
    ],
)
def test_a_forged_cursor_is_refused(client, cursor):
    a_signing()

    found = fault(client, f"cursor={cursor}")

    assert found["parameter"] == "cursor"
    assert found["reason"] == "This cursor is not valid. Leave it out to start from the beginning."


def test_a_cursor_of_the_register_is_accepted(client):
    for _ in range(12):
        a_company()

    assert [numbers(get(client, f"?cursor={cursor_after(n)}")) for n in (0, 9, 12)] == [
        list(range(1, 13)),
        [10, 11, 12],
        [],
    ]


@pytest.mark.database
def test_since_includes_the_changes_recorded_at_that_instant(client):
    for _ in range(3):
        a_company()
    recorded(1, "2026-03-01T10:00:00+00:00")
    recorded(2, "2026-03-01T23:30:00+00:00")
    recorded(3, "2026-03-03T00:00:00+00:00")

    assert numbers(get(client, "?since=2026-03-01T10:00:00Z")) == [1, 2, 3]
    assert numbers(get(client, "?since=2026-03-01T10:00:00.000001Z")) == [2, 3]
    assert numbers(get(client, "?since=2026-03-02")) == [2, 3]
    assert numbers(get(client, "?since=2026-03-02&until=2026-03-02")) == [2]
    assert numbers(get(client, f"?since=2026-03-02&cursor={cursor_after(2)}")) == [3]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("since=soon", "since"),
        ("kind=gossip", "kind"),
        ("material=1", "material"),
        ("page=1", "page"),
        ("page_size=101", "page_size"),
        ("company=nobody", "company"),
    ],
)
def test_an_invalid_parameter_is_refused(client, query, parameter):
    assert fault(client, query)["parameter"] == parameter


def test_a_change_under_a_former_id_links_the_present_company(client):
    kept = a_company("Kept")
    a_signing(a_company("Gone"))
    gone = Company.objects.get(slug="gone")
    for row in (*gone.signings.all(), gone):
        delete(row, "test")

    def company():
        return get(client, "?kind=status&company=gone")["results"][0]["company"]

    before = company()
    CompanyRedirect.objects.create(old_slug="gone", company=kept)

    assert before == {"slug": "gone", "name": "Gone", "url": None, "page": None}
    assert company()["url"] == "http://testserver/api/v1/companies/kept/"
    assert numbers(get(client, "?company=kept")) == numbers(get(client, "?company=gone"))


def test_the_history_of_a_company_has_the_form_of_the_log(client):
    a_signing(a_company("Acme"))
    a_signing(a_company("Beta"))

    history = get(client, "?kind=status", "/api/v1/companies/acme/history/")

    assert history == get(client, "?kind=status&company=acme") | {"next": None}
    assert [change["company"]["slug"] for change in history["results"]] == ["acme"]


def test_a_former_id_redirects_to_the_history_of_the_company(client):
    CompanyRedirect.objects.create(old_slug="old", company=a_company("Acme"))

    moved = client.get("/api/v1/companies/old/history/?kind=status")

    assert moved.status_code == 308
    address = "http://testserver/api/v1/companies/acme/history/?kind=status"
    assert moved.headers["Location"] == address
    assert client.get("/api/v1/companies/nobody/history/").status_code == 404


@pytest.mark.parametrize("query", ["company=acme", "country=FR"])
def test_the_history_of_a_company_refuses_another_company(client, query):
    a_company("Acme")

    fault(client, query, "/api/v1/companies/acme/history/")


@pytest.mark.database
def test_companies_are_filtered_by_the_time_of_their_last_change(client):
    for name in ("Early", "Late", "Renamed"):
        a_company(name)
    recorded(1, "2026-03-01T10:00:00+00:00")
    recorded(2, "2026-03-05T10:00:00+00:00")
    recorded(3, "2026-03-01T10:00:00+00:00")
    a_pact()
    CompanyRedirect.objects.create(old_slug="former", company=Company.objects.get(slug="renamed"))
    for number in range(4, Change.objects.count() + 1):
        recorded(number, "2026-03-01T10:00:00+00:00")

    def found(since):
        answer = client.get(f"/api/v1/companies/?changed_since={since}").json()
        return [company["slug"] for company in answer["results"]]

    assert found("2026-03-01") == ["early", "late", "renamed"]
    assert found("2026-03-05T10:00:00Z") == ["late"]
    assert found("2026-03-06") == []
    assert client.get("/companies/?changed_since=2026-03-06").status_code == 200
    assert fault(client, "changed_since=x", "/api/v1/companies/")["parameter"] == "changed_since"


def test_changed_since_finds_companies_changed_under_a_former_id(client):
    former = a_company("Former")
    delete(former, "test")
    a_pact()
    CompanyRedirect.objects.create(old_slug="former", company=a_company("Acme"))
    for number in range(1, Change.objects.count() + 1):
        recorded(number, "2026-03-01T10:00:00+00:00")
    recorded(Change.objects.filter(company_slug="former")[0].number, "2026-03-05T10:00:00+00:00")

    answer = client.get("/api/v1/companies/?changed_since=2026-03-05").json()

    assert [company["slug"] for company in answer["results"]] == ["acme"]


# The register's version; the changes; their redirects and companies; the pacts. A cursor is
# compared with the last number, which takes one more query.
@pytest.mark.parametrize("number", [2, 5])
def test_a_log_of_any_length_takes_the_same_number_of_queries(
    client, django_assert_num_queries, number
):
    for _ in range(number):
        a_signing()

    with django_assert_num_queries(5):
        client.get(LOG)
    with django_assert_num_queries(6):
        client.get(f"{LOG}?cursor={cursor_after(0)}")


@pytest.mark.database
@pytest.mark.skipif(
    connection.vendor == "sqlite" and not ALL, reason="on SQLite nobody reads what is half written"
)
def test_following_the_log_while_others_write_misses_and_repeats_nothing(database_url):  # noqa: F811
    for walked in json.loads(run(database_url, "-m", "tests.following")):
        assert walked == list(range(1, WRITERS * ACTS * ROWS + 1))


NUMBERS = {
    "sqlite": "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100000) "
    "SELECT n, datetime('2020-01-01', n || ' minutes') FROM s",
    "postgresql": "SELECT n, timestamptz '2020-01-01' + n * interval '1 minute' "
    "FROM generate_series(1, 100000) AS n",
}


def a_long_log() -> None:
    """100,000 changes of 5,000 companies, one a minute since the beginning of 2020."""
    columns = {field.column: "''" for field in Change._meta.concrete_fields}
    columns |= dict.fromkeys(("key", "fields", "about"), "'{}'")
    columns |= {
        "number": "n",
        "recorded_at": "instant",
        "company_slug": "'company-' || n % 5000",
        "happened_on": "NULL",
        "material": "n % 3 > 0",
        "has_line": "n % 2 > 0",
    }
    rows = f"SELECT {', '.join(columns.values())} FROM numbers"  # noqa: S608  # all ours
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH numbers (n, instant) AS ({NUMBERS[connection.vendor]}) "
            f"INSERT INTO companies_change ({names}) {rows}"
        )
        cursor.execute("ANALYZE companies_change")


# Steps of SQLite and PostgreSQL; in SQLite the tables of a subquery are U0 and V0.
READS_ALL = re.compile(r"SCAN (companies_change|U0|V0)$|Seq Scan on companies_change")


def plan(sql: str) -> list[str]:
    """The steps of the query plan."""
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}")
        return [str(row[-1]) for row in cursor.fetchall()]


@pytest.mark.database
def test_no_query_scans_a_long_log(client):
    a_long_log()
    a_company("Company 7")
    a_pact()

    for address in (
        f"{LOG}?cursor={cursor_after(90_000)}",
        f"{LOG}?since=2020-03-10",
        "/api/v1/companies/company-7/history/",
        "/companies/company-7/",
        "/api/v1/companies/?changed_since=2020-03-10",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        of_log = [query["sql"] for query in queries if '"companies_change"' in query["sql"]]
        assert of_log
        assert [step for sql in of_log for step in plan(sql) if READS_ALL.search(step)] == []


def test_changed_since_is_refused_together_with_a_past_day(client):
    a_pact()
    query = "changed_since=2020-01-01&recorded_as_of=2020-02-01"

    found = fault(client, query, "/api/v1/companies/")

    assert found["parameter"] == "changed_since"
    assert "recorded_as_of" in found["reason"]
    assert client.get(f"/companies/?{query}").status_code == 400
