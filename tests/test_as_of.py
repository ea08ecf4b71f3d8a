"""`as_of`: what was true on a past day."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Company, ProgressReport

from .builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing

pytestmark = pytest.mark.django_db


def a_past_signatory() -> Company:
    """Acme signed on 9 October 2024 and left on 1 June 2025."""
    company = a_company("Acme", country="FR")
    signed = a_signing(company, until=datetime.date(2025, 6, 1), reason_en="On the list.")
    a_citation(signing=signed)
    a_signing(company, "withdrawn", since=datetime.date(2025, 6, 1), since_basis="stated")
    return company


PAGES = [
    "/companies/",
    "/companies/acme/",
    "/absent/",
    "/commitments/",
    "/commitments/governance/",
    "/pacts/",
    "/pacts/eu-ai-pact/",
    "/reports/",
    "/statistics/",
    "/matrix/",
]


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_past_day_says_so_and_links_to_today(client, path, language):
    a_past_signatory()
    a_commitment("governance")

    response = client.get(f"{language}{path}?as_of=2025-01-05")
    text = response.content.decode()

    assert response.status_code == 200
    assert ("5 janvier 2025" if language else "5 January 2025") in text.replace("\u00a0", " ")
    assert f'href="{language}{path}"' in text
    assert '<meta name="robots" content="noindex">' in text
    assert f'rel="canonical" href="http://testserver{language}{path}"' in text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_today_has_no_notice_of_the_past(client, path):
    a_past_signatory()
    a_commitment("governance")

    text = client.get(path).content.decode()

    assert 'class="past"' not in text
    assert "noindex" not in text


@pytest.mark.parametrize(
    ("day", "status"),
    [
        ("2024-10-08", "unknown"),
        ("2024-10-09", "signed"),
        ("2025-05-31", "signed"),
        ("2025-06-01", "withdrawn"),
    ],
)
def test_a_status_is_the_one_in_force_on_the_day(client, day, status):
    a_past_signatory()

    assert client.get(f"/api/v1/companies/acme/?as_of={day}").json()["status"] == status
    counts = client.get(f"/api/v1/statistics/?as_of={day}").json()
    assert counts["by_status"] == {status: 1}
    assert counts["signatories"] == (status == "signed")


def test_filters_and_links_of_the_list_keep_the_day(client):
    a_past_signatory()

    text = client.get("/companies/?as_of=2025-01-05&status=signed&country=FR").content.decode()

    assert 'data-count="1"' in text
    assert '<input type="hidden" name="as_of" value="2025-01-05">' in text
    assert 'href="/companies/acme/?as_of=2025-01-05"' in text
    assert "/api/v1/companies/?as_of=2025-01-05" in text


@pytest.mark.parametrize("path", PAGES)
def test_links_to_pages_with_a_date_keep_the_date(client, path):
    company = a_past_signatory()
    a_pledge(company, commitment=a_commitment("governance"))
    a_signing(a_company("Bolt"), "declined")

    text = client.get(f"{path}?as_of=2025-01-05").content.decode()

    content = text.split('<main id="content"')[1].split("</main>")[0]
    links = re.findall(r'href="(/[^"#]*)', content.replace("Show today’s version", ""))
    dated = re.compile(
        r"/(api/v1/)?(companies|pacts|commitments|absent|reports|statistics|matrix)/"
    )
    # A step over time leads to its own day, which is an earlier one.
    kept = re.compile(r"as_of=(2025-01-05|2024-10-09)")
    forgetful = {link for link in links if dated.match(link) and not kept.search(link)}
    elsewhere = re.compile(r".*(history/|feed\.(atom|json))")
    assert {link for link in forgetful if not elsewhere.match(link)} == {path}


def test_an_implementation_is_unknown_before_the_day_of_its_evidence(client):
    company = a_past_signatory()
    governance = a_commitment("governance")
    a_pledge(
        company,
        commitment=governance,
        implementation="full",
        implementation_basis="self_reported",
        as_of=datetime.date(2025, 3, 1),
    )

    def pledge(day: str) -> list[str]:
        answer = client.get(f"/api/v1/companies/acme/?as_of={day}").json()
        return [one["implementation"] for one in answer["pledges"]]

    assert pledge("2024-10-08") == []
    assert pledge("2025-02-28") == ["no_evidence"]
    assert pledge("2025-03-01") == ["full"]
    before = client.get("/api/v1/statistics/?as_of=2025-02-28").json()["implementation"]
    assert before == {"governance": {"no_evidence": 1}}
    assert client.get("/api/v1/pledges/?as_of=2025-02-28&implementation=full").json()["count"] == 0


def test_a_period_that_ended_later_has_no_end_on_an_earlier_day(client):
    a_past_signatory()

    (then,) = client.get("/api/v1/signings/?as_of=2025-01-05").json()["results"]
    record = client.get("/api/v1/companies/acme/?as_of=2025-01-05").json()

    assert (then["status"], then["until"]) == ("signed", None)
    assert [period["until"] for period in record["signings"]] == [None]


def test_a_page_shows_no_total_that_was_announced_later(client):
    a_past_signatory()

    assert "230" not in client.get("/companies/?as_of=2025-12-14").content.decode()
    assert "230" in client.get("/companies/?as_of=2025-12-15").content.decode()


MALFORMED = ["tomorrow", "2024-13-01", "2024-10", "20241009", "²", "9999-12-31"]


@pytest.mark.parametrize(
    "path", ["/companies/", "/companies/acme/", "/statistics/", "/api/v1/companies/"]
)
def test_a_malformed_or_future_day_is_refused(client, path):
    a_past_signatory()

    for parameter in ("as_of", "recorded_as_of"):
        for day in MALFORMED:
            assert client.get(path, {parameter: day}).status_code == 400, (parameter, day)


def test_tomorrow_is_refused_with_a_reason_and_today_is_not_the_past(client):
    a_past_signatory()
    today = timezone.localdate()

    tomorrow = client.get("/companies/", {"as_of": today + datetime.timedelta(days=1)})
    now = client.get("/companies/", {"as_of": today})

    assert "This day is in the future." in tomorrow.content.decode()
    assert (now.status_code, 'class="past"' in now.content.decode()) == (200, False)


@pytest.mark.parametrize("path", ["/method/", "/about/", "/data/", "/api/v1/", "/api/v1/sources/"])
def test_a_page_without_a_date_refuses_as_of(client, path):
    a_pact()

    assert client.get(f"{path}?as_of=2025-01-05").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        "/api/v1/companies/",
        "/api/v1/companies/acme/?fields=slug",  # whose whole record of today is one statement
        "/api/v1/pacts/",
        "/api/v1/pacts/eu-ai-pact/",
        "/api/v1/signings/",
        "/api/v1/pledges/",
        "/api/v1/statistics/",
    ],
)
def test_a_past_day_takes_no_more_queries_than_today(client, path, django_assert_max_num_queries):
    company = a_company("Acme")
    a_citation(signing=a_signing(company))
    a_pledge(company, commitment=a_commitment("governance"))
    with CaptureQueriesContext(connection) as today:
        client.get(path)

    past = f"{path}{'&' if '?' in path else '?'}as_of=2025-01-05"
    with django_assert_max_num_queries(len(today)):
        client.get(past)


def test_the_pledges_of_a_past_day_are_those_of_its_signatories(client):
    a_pledge(a_past_signatory(), commitment=a_commitment("governance"))

    def count(day: str) -> int:
        return client.get(f"/api/v1/pledges/?as_of={day}").json()["count"]

    assert [count(day) for day in ("2024-10-08", "2024-10-09", "2025-06-01")] == [0, 1, 0]
    left = client.get("/api/v1/companies/acme/?as_of=2025-06-01").json()
    assert len(left["pledges"]) == 1


def test_a_report_is_unknown_before_the_day_it_was_given(client):
    company = a_past_signatory()
    ProgressReport.objects.create(
        company=company,
        pact=a_pact(),
        due_on=datetime.date(2025, 4, 1),
        due_basis="stated",
        submitted_on=datetime.date(2025, 4, 10),
        published_on=datetime.date(2025, 5, 2),
        url="https://acme.example/report",
    )

    def report(day: str) -> tuple[str, str, str]:
        (one,) = client.get(f"/api/v1/companies/acme/?as_of={day}").json()["reports"]
        return one["submitted_on"], one["published_on"], one["document_url"]

    def state(day: str) -> str:
        return client.get(f"/companies/acme/?as_of={day}").context["clock"].state

    assert report("2025-04-09") == (None, None, None)
    assert report("2025-05-01") == ("2025-04-10", None, None)
    assert report("2025-05-02") == ("2025-04-10", "2025-05-02", "https://acme.example/report")
    days = ("2025-01-05", "2025-03-01", "2025-04-09", "2025-04-10", "2025-05-02")
    assert [state(day) for day in days] == [
        "not_yet_invited",
        "invited_soon",
        "none_found",
        "submitted",
        "published",
    ]


def test_a_pact_that_opened_later_says_that_it_was_not_open_yet(client):
    a_past_signatory()

    pacts = client.get("/pacts/?as_of=2024-09-24").content.decode().replace("\u00a0", " ")
    pact = client.get("/pacts/eu-ai-pact/?as_of=2024-09-24").content.decode()

    assert "not open yet: it opened on 25 September 2024" in pacts
    assert "not open yet on 24 September 2024" in pact.replace("\u00a0", " ")
    assert "not open yet" not in client.get("/pacts/?as_of=2024-09-25").content.decode()


@pytest.mark.parametrize(
    "url", ["/api/v1/pacts/", "/api/v1/pacts/eu-ai-pact/", "/api/v1/statistics/"]
)
def test_the_api_has_no_total_that_was_announced_later(client, url):
    a_pact()

    def total(day: str) -> tuple[int | None, str | None]:
        answer = client.get(f"{url}?as_of={day}").json()
        answer = answer.get("results", [answer])[0]
        return answer["listed_total"], answer["listed_total_on"]

    assert total("2025-12-14") == (None, None)
    assert total("2025-12-15") == (230, "2025-12-15")


def test_a_record_says_that_a_status_known_by_its_year_may_have_begun_later(client):
    year = datetime.date(2025, 1, 1)
    a_signing(a_company("Acme"), since=year, since_precision="year", since_basis="stated")
    doubt = "Whether this status had begun by then (the source gives only 2025)."

    def doubted(query: str) -> bool:
        return doubt in client.get(f"/companies/acme/{query}").content.decode()

    assert doubted("?as_of=2025-03-01")
    assert not doubted("?as_of=2026-01-01")
    assert not doubted("")
    dated = client.get("/api/v1/companies/acme/?as_of=2025-03-01").json()
    assert (dated["since"], dated["since_precision"]) == ("2025", "year")


def test_a_refused_query_has_no_notice_of_the_past(client):
    response = client.get("/about/?as_of=2025-01-05")

    assert response.status_code == 400
    assert 'class="past"' not in response.content.decode()
