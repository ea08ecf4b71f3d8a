"""The report clocks of all signatories: they agree with each record and accuse nobody."""

import csv
import datetime
import io
import re
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from companies.models import (
    Milestone,
    ProgressReport,
    ReportClock,
    ReportState,
    Signing,
    known_as_of,
    months_after,
    with_report_state,
)
from tests.builders import a_citation, a_company, a_pact, a_signing, a_source

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 11, 23)
STATED = Signing.SinceBasis.STATED


def a_report(company, **fields):
    values = {"company": company, "pact": a_pact(), "period": 1}
    return ProgressReport.objects.create(**values | fields)


def days_before(number):
    return timezone.localdate() - datetime.timedelta(days=number)


def one_of_each_state():
    """A signatory for each state of the clock, on today's date, named by it."""
    today = timezone.localdate()
    signed_on = {
        "none_found": days_before(400),
        "invited_soon": days_before(340),
        "not_yet_invited": days_before(10),
        "date_unknown": datetime.date(today.year - 2, 1, 1),
        "published": days_before(401),
        "submitted": days_before(402),
    }
    for state, since in signed_on.items():
        precision = "year" if state == "date_unknown" else "day"
        a_signing(a_company(state), since=since, since_precision=precision)
    given = {name: Signing.objects.get(company__name=name).company for name in signed_on}
    a_report(given["published"], published_on=days_before(3), url="https://example.org/report")
    a_report(given["submitted"], submitted_on=days_before(3))


def listed(response):
    return {line.company.name: str(line.clock.state) for line in response.context["lines"]}


def totals(response):
    return {total.state: total.number for total in response.context["totals"]}


def test_each_state_has_its_signatories_and_their_number(client):
    one_of_each_state()

    response = client.get("/reports/")

    assert listed(response) == {state: state for state in ReportState.values}
    assert list(listed(response)) == [
        "published", "submitted", "none_found", "invited_soon", "not_yet_invited", "date_unknown",
    ]  # fmt: skip
    assert totals(response) == dict.fromkeys(ReportState.values, 1)
    assert response.context["signatories"] == 6


@pytest.mark.parametrize("state", ReportState.values)
def test_the_link_of_a_total_lists_the_same_companies(client, state):
    one_of_each_state()

    assertContains(client.get("/reports/"), f'href="/reports/?state={state}#companies"')
    assert listed(client.get(f"/reports/?state={state}")) == {state: state}


SINCE = [
    datetime.date(2024, 2, 29),
    datetime.date(2025, 11, 21),
    datetime.date(2025, 11, 22),
    datetime.date(2025, 11, 23),
    datetime.date(2026, 1, 22),
    datetime.date(2026, 1, 23),
    datetime.date(2026, 11, 23),
]
REPORTS = [
    None,
    {},
    {"due_on": datetime.date(2026, 11, 22)},
    {"due_on": datetime.date(2026, 11, 23)},
    {"due_on": datetime.date(2027, 1, 22)},
    {"due_on": datetime.date(2027, 1, 23)},
    {"submitted_on": datetime.date(2026, 11, 23)},
    {"submitted_on": datetime.date(2026, 11, 24)},
    {"submitted_on": datetime.date(2026, 11, 1), "published_on": datetime.date(2026, 11, 24)},
    {"published_on": datetime.date(2026, 11, 23)},
]


@pytest.mark.parametrize(("precision", "months"), [("day", 6), ("month", 12)])
def test_the_report_state_in_bulk_equals_that_of_each_signing(precision, months):
    pact = a_pact(report_after_months=months)
    for since in SINCE:
        for given in REPORTS:
            company = a_company()
            a_signing(company, since=since, since_precision=precision)
            if given is not None:
                a_report(company, url="https://example.org/", **given)
    second = a_company()
    a_signing(second, since=SINCE[0])
    a_report(second, period=2, published_on=SINCE[-1], url="https://example.org/")
    a_report(second, period=1)

    signed = Signing.objects.on(DAY).signed()
    at_once = with_report_state(signed, months=months, day=DAY)
    states = dict(at_once.values_list("pk", "report_state"))

    for signing in signed:
        with known_as_of(DAY):
            reports = list(ProgressReport.objects.filter(company=signing.company))
        clock = ReportClock.of(signing, reports, DAY)
        assert states[signing.pk] == clock.state, (signing.since, clock)
    assert len(states) == len(SINCE) * len(REPORTS) + 1
    assert set(states.values()) == set(ReportState.values) - (
        {"date_unknown"} if precision == "day" else set()
    )
    assert pact.report_after_months == months


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-10-09", 12, "2025-10-09"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-12-31", 2, "2025-02-28"),
    ],
)
def test_adding_months_keeps_the_day_of_the_month_or_takes_the_last(day, months, later):
    start = datetime.date.fromisoformat(day)

    assert months_after(start, months) == datetime.date.fromisoformat(later)


def test_the_reports_page_says_that_reporting_is_optional_and_accuses_nobody(client):
    a_signing(a_company("Acme"))

    response = client.get("/reports/")

    lead = response.text.split('class="lead">')[1]
    assert lead.startswith("<strong>Reporting is optional.</strong>")
    assertContains(response, "12 months have passed and we found no published report.")
    said = re.sub(r"<[^>]+>", " ", response.text).lower().split()
    assert not {"late", "overdue", "failed", "compliance", "refused", "owes", "missing"} & {*said}


def test_each_entry_says_how_its_due_date_was_derived_and_links_to_the_record(client):
    a_citation(signing=a_signing(a_company("Acme"), since_basis=STATED))
    stated = a_company("Bmce")
    a_signing(stated)
    a_report(stated, due_on=datetime.date(2025, 12, 1), due_basis="stated")

    response = client.get("/reports/")

    assertContains(response, "counted from the stated day of signing")
    assertContains(response, "stated by the pact")
    assertContains(response, '<time datetime="2025-12-01">1\u00a0December\u00a02025</time>')
    assertContains(response, 'href="/companies/acme/"><bdi>Acme</bdi>')


def test_the_number_of_reports_the_issuer_has_is_shown_beside_the_published_ones(client):
    one_of_each_state()
    Milestone.objects.create(
        date=datetime.date(2025, 12, 15),
        topic="ai_pact",
        title_en="105 progress reports received",
        pact=a_pact(),
        reports_received=105,
        source=a_source(title="One year"),
    )

    response = client.get("/reports/")

    fact = "European Commission: 105 reports received by 15\u00a0December\u00a02025."
    assertContains(response, f"{fact} Public, as far as we know: 1.")
    assertContains(response, "<bdi>One year</bdi>")
    then = client.get("/reports/?as_of=2025-12-15")
    assertContains(then, f"{fact} We know of none that is public.")
    before = client.get("/reports/?as_of=2025-12-14")
    assertContains(before, "We know of no figure from the issuer for this date.")


def test_signatories_with_the_same_state_and_due_date_are_grouped(client):
    for name in ("Acme", "Beta"):
        a_signing(a_company(name))
    a_signing(a_company("Alpha"), since_basis=STATED)

    groups = client.get("/reports/").context["groups"]

    assert [[line.company.name for line in group.lines] for group in groups] == [
        ["Acme", "Beta"],
        ["Alpha"],
    ]


def test_the_seed_register_states_the_105_reports_with_their_source():
    data = Path(__file__).parent.parent / "companies/data/milestones.csv"
    with data.open(newline="", encoding="utf-8") as file:
        stated = [row for row in csv.DictReader(file) if row["reports_received"]]

    (row,) = stated
    assert (row["date"], row["pact"]) == ("2025-12-15", "eu-ai-pact")
    assert row["reports_received"] == "105"
    assert row["source"] == "digital-strategy-ec-europa-eu-en-news-ai-pact-marks-one-year"


def test_a_later_report_is_not_shown_as_of_a_past_day(client):
    company = a_company("Acme")
    a_signing(company, since=datetime.date(2024, 10, 9))
    a_report(company, published_on=datetime.date(2025, 11, 3), url="https://example.org/r")

    assert listed(client.get("/reports/?as_of=2025-11-03")) == {"Acme": "published"}
    before = client.get("/reports/?as_of=2025-11-02")
    assert listed(before) == {"Acme": "none_found"}
    assertContains(before, 'href="/companies/acme/?as_of=2025-11-02"')
    assert listed(client.get("/reports/?as_of=2025-10-09")) == {"Acme": "invited_soon"}
    assert listed(client.get("/reports/?as_of=2024-10-09")) == {"Acme": "not_yet_invited"}


@pytest.mark.parametrize("day", ["0001-01-01", "2024-10-08"])
def test_before_the_first_signature_nobody_is_invited(client, day):
    a_signing()

    assertContains(client.get(f"/reports/?as_of={day}"), "No signatory is known on this date")


def test_a_pact_that_invites_no_report_has_no_clock(client):
    code = a_pact("gpai-code", name_en="GPAI Code", report_after_months=None)
    a_signing(pact=code)

    response = client.get("/reports/?pact=gpai-code")

    assertContains(response, "GPAI Code: this pact does not invite progress reports")
    assert listed(response) == {}


def test_a_state_without_signatories_says_so(client):
    a_signing()

    response = client.get("/reports/?state=published")

    assertContains(response, "No signatory on this date.")


def test_an_unknown_state_or_parameter_is_refused_with_the_valid_ones(client):
    response = client.get("/reports/?state=late&colour=red")

    assert response.status_code == 400
    for state in ReportState.values:
        assertContains(response, state, status_code=400)


def test_the_csv_has_every_line_and_no_formula(client):
    for i in range(60):
        a_signing(a_company(f"Acme {i}"))
    a_signing(a_company("=1+1"), since=datetime.date(2024, 9, 25))

    response = client.get("/reports/report-clock.csv?as_of=2026-11-01")

    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert len(rows) == 61
    assert rows[0]["name"] == "'=1+1"
    assert (rows[0]["invited_by"], rows[0]["state"]) == ("2025-09-25", "none_found")
    assert rows[0]["invited_by_basis"] == "from_first_seen"
    assert response["Content-Disposition"] == (
        'attachment; filename="report-clock-eu-ai-pact-2026-11-01.csv"'
    )


# Version, pact, number of lines, lines, their reports, totals, pacts to choose from,
# milestones.
QUERIES = 13  # most of them for the roster, which a process keeps


@pytest.mark.parametrize("number", [2, 5])
def test_the_page_takes_the_same_queries_for_any_number_of_companies(
    client, django_assert_num_queries, number
):
    for _ in range(number):
        a_report(a_signing().company)
    with django_assert_num_queries(QUERIES):
        response = client.get("/reports/")
    assert len(listed(response)) == number
