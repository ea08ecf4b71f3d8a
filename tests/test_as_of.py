"""The first clock: the register as it was true on a past day, checked against dated lists."""

import datetime

import pytest
from django.utils import timezone

from companies.models import Company, Pact, Signing
from companies.models.text import fold

from .builders import a_citation, a_commitment, a_company, a_pact, a_pledge, a_signing
from .dated_lists import (
    AI_PACT_2024_10_09,
    CODE_2025_08_01,
    CODE_2025_12,
    CODE_2026_07_31,
)
from .packages import load

pytestmark = pytest.mark.django_db


def listed(client, pact: str, day: str) -> set[str]:
    """The folded names of the signatories that the API gives for a day, page after page."""
    names: set[str] = set()
    address = f"/api/v1/companies/?pact={pact}&status=signed&as_of={day}&page_size=100"
    while address:
        answer = client.get(address).json()
        names |= {fold(company["name"]) for company in answer["results"]}
        address = answer["next"]
    return names


def test_the_real_register_agrees_with_every_dated_list(client):
    load()
    spellings = {
        fold(name): fold(company.name)
        for company in Company.objects.prefetch_related("names")
        for name in [company.name, *(other.name for other in company.names.all())]
    }

    def of(names: list[str]) -> set[str]:
        return {spellings[fold(name)] for name in names}

    one_chapter = {fold("xAI")}
    assert listed(client, "eu-ai-pact", "2024-09-24") == set()
    assert listed(client, "eu-ai-pact", "2024-10-09") == of(AI_PACT_2024_10_09)
    assert listed(client, "gpai-code", "2025-08-01") == of(CODE_2025_08_01) | one_chapter
    assert listed(client, "gpai-code", "2025-12-31") == of(CODE_2025_12) | one_chapter
    assert listed(client, "gpai-code", "2026-07-31") == of(CODE_2026_07_31) | one_chapter
    first = listed(client, "eu-ai-pact", "2024-09-25")
    day = datetime.date(2024, 9, 25)
    seen = Signing.objects.filter(pact__slug="eu-ai-pact", status="signed", since=day)
    assert first == {fold(signing.company.name) for signing in seen.select_related("company")}
    statistics = client.get("/api/v1/statistics/?as_of=2024-10-09").json()
    assert statistics["signatories"] == 126


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
    "/statistics/",
]


@pytest.mark.parametrize("language", ["", "/fr"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_past_says_so_and_links_to_today(client, page, language):
    a_past_signatory()
    a_commitment("governance")

    response = client.get(f"{language}{page}?as_of=2025-01-05")
    text = response.content.decode()

    assert response.status_code == 200
    assert ("5 janvier 2025" if language else "5 January 2025") in text.replace("\u00a0", " ")
    assert f'href="{language}{page}"' in text
    assert '<meta name="robots" content="noindex">' in text
    assert f'rel="canonical" href="http://testserver{language}{page}"' in text


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_today_does_not(client, page):
    a_past_signatory()
    a_commitment("governance")

    text = client.get(page).content.decode()

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
def test_the_status_is_that_of_the_day(client, day, status):
    a_past_signatory()

    assert client.get(f"/api/v1/companies/acme/?as_of={day}").json()["status"] == status
    counts = client.get(f"/api/v1/statistics/?as_of={day}").json()
    assert counts["by_status"] == {status: 1}
    assert counts["signatories"] == (status == "signed")


def test_filters_facets_and_links_keep_the_day(client):
    a_past_signatory()

    text = client.get("/companies/?as_of=2025-01-05&status=signed&country=FR").content.decode()

    assert 'data-count="1"' in text
    assert '<input type="hidden" name="as_of" value="2025-01-05">' in text
    assert 'href="/companies/acme/?as_of=2025-01-05"' in text
    assert "/api/v1/companies/?as_of=2025-01-05" in text


def test_what_came_later_is_not_told_of_an_earlier_day(client):
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


def test_a_period_that_ended_later_had_no_end_then(client):
    a_past_signatory()

    (then,) = client.get("/api/v1/signings/?as_of=2025-01-05").json()["results"]
    record = client.get("/api/v1/companies/acme/?as_of=2025-01-05").json()

    assert (then["status"], then["until"]) == ("signed", None)
    assert [period["until"] for period in record["signings"]] == [None]


def test_an_announced_total_of_later_is_not_shown(client):
    a_past_signatory()

    assert "230" not in client.get("/companies/?as_of=2025-12-14").content.decode()
    assert "230" in client.get("/companies/?as_of=2025-12-15").content.decode()


@pytest.mark.parametrize(
    "page", ["/companies/", "/companies/acme/", "/statistics/", "/api/v1/companies/"]
)
@pytest.mark.parametrize("parameter", ["as_of", "recorded_as_of"])
@pytest.mark.parametrize(
    "day", ["tomorrow", "2024-13-01", "2024-10", "20241009", "²", "9999-12-31"]
)
def test_a_day_that_cannot_be_asked_about_is_refused(client, page, parameter, day):
    a_past_signatory()

    assert client.get(page, {parameter: day}).status_code == 400


def test_tomorrow_is_refused_with_the_reason_and_today_is_today(client):
    a_past_signatory()
    today = timezone.localdate()

    tomorrow = client.get("/companies/", {"as_of": today + datetime.timedelta(days=1)})
    now = client.get("/companies/", {"as_of": today})

    assert "That day has not come yet." in tomorrow.content.decode()
    assert (now.status_code, 'class="past"' in now.content.decode()) == (200, False)


@pytest.mark.parametrize("page", ["/method/", "/about/", "/data/", "/api/v1/", "/api/v1/sources/"])
def test_what_has_no_past_refuses_the_parameter(client, page):
    a_pact()

    assert client.get(f"{page}?as_of=2025-01-05").status_code == 400


@pytest.mark.parametrize(
    "page", ["/companies/", "/companies/acme/", "/statistics/", "/api/v1/companies/"]
)
def test_the_past_costs_no_more_queries_than_today(client, page, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    company = a_past_signatory()
    a_pledge(company)
    with CaptureQueriesContext(connection) as today:
        client.get(page)

    with django_assert_max_num_queries(len(today)):
        client.get(f"{page}?as_of=2025-01-05")


def test_random_days_agree_with_the_periods(client):
    import random

    load()
    days = [datetime.date(2024, 5, 1) + datetime.timedelta(days=n) for n in range(900)]
    for day in random.Random(7).sample(days, 12):
        for pact in Pact.objects.all():
            expected = Signing.objects.on(day).signed().filter(pact=pact).count()
            address = f"/api/v1/statistics/?pact={pact.slug}&as_of={day}"
            assert client.get(address).json()["signatories"] == expected, (pact, day)
