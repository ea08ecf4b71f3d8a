"""What a process keeps of the register is what it says now; hot reads find rows by an index."""

import dataclasses
import datetime
from collections import Counter
from itertools import accumulate

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.api.quick.record_json import RECORDS
from companies.models import Citation, Company, CompanyName, ProgressReport, Signing
from companies.pages.record.record_page import PAGES
from companies.queries import (
    Clock,
    absence_counts,
    most_cited,
    record_of,
    signatories_over_time,
    statistics_of,
)
from companies.queries.roster.table_state import CachedCompanies, cached, until_rolled_back
from companies.register import read_table
from companies.register.history import new_version, save
from pactwatch.page_fragments import FRAGMENTS
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_signing,
    a_source,
)
from tests.reader_client import forget_answers
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]

DAY = datetime.date(2025, 1, 10)
A_WEEK = datetime.timedelta(days=7)


def a_register():
    """Signatories, one of whom left, others who did not sign; all of it in the read table."""
    governance = a_commitment("governance")
    for number, status in enumerate(["signed", "signed", "not_signed", "declined", "interested"]):
        company = a_company(f"Firm {number}", country="FR")
        signing = a_signing(company, status=status, since=DAY + number * A_WEEK)
        for _one in range(number):
            a_citation(signing=signing, source=a_source())
    leaver = a_company("Leaver")
    a_signing(leaver, since=DAY, until=DAY + 3 * A_WEEK)
    a_citation(signing=a_signing(leaver, status="withdrawn", since=DAY + 3 * A_WEEK))
    a_citation(pledge=a_pledge(Company.objects.get(slug="firm-0"), commitment=governance))
    read_table.rebuild()


rows = shared(a_register, history=True)


def steps(day):
    """The signatories over time, counted one by one."""
    changes = Counter()
    for one in Signing.objects.filter(status="signed", since__lte=day):
        changes[one.since] += 1
        if one.until and one.until <= day:
            changes[one.until] -= 1
    days = sorted(changes)
    return list(zip(days, accumulate(changes[one] for one in days), strict=True))


@pytest.mark.parametrize("weeks", [-1, 0, 1, 3, 4, None])
def test_signatories_over_time_are_those_of_the_periods(weeks):
    clock = Clock() if weeks is None else Clock(as_of=DAY + weeks * A_WEEK)

    assert signatories_over_time(a_pact(), clock) == steps(clock.day)


def test_a_signature_that_ends_on_a_day_to_come_is_counted_until_then():
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    a_signing(a_company("Leaving"), since=DAY, until=tomorrow)

    assert signatories_over_time(a_pact(), Clock())[-1][1] == 3
    assert signatories_over_time(a_pact(), Clock(today=tomorrow))[-1] == (tomorrow, 2)


def test_the_companies_with_most_sources_of_all_their_statuses_come_first():
    company = Company.objects.get(slug="firm-0")
    assert [one.company.slug for one in most_cited(a_pact(), Clock(), "signed", 9)] == [
        "firm-1",
        "firm-0",
    ]

    before = a_signing(company, status="interested", since=DAY - A_WEEK, until=DAY)
    for _one in range(2):
        a_citation(signing=before, source=a_source())

    [first] = most_cited(a_pact(), Clock(), "signed", 1)
    assert first.company == company


def not_checked():
    """The quotes toward the pact by the read table, and as they are counted one by one."""
    statistics = statistics_of(a_pact(), Clock())
    assert statistics.of_read_table
    counted = dataclasses.replace(statistics, of_read_table=False)
    return statistics.quotes["not_checked"], counted.quotes["not_checked"]


@pytest.mark.database
def test_the_read_table_counts_the_quotes_of_statuses_pledges_and_reports():
    company = Company.objects.get(slug="firm-0")
    report = ProgressReport.objects.create(company=company, pact=a_pact(), period=1)
    cited = [{"signing": company.signings.get()}, {"pledge": company.pledges.first()}]
    [before, same] = not_checked()
    assert before == same

    citations = [a_citation(**of, quote="So it says.") for of in (*cited, {"report": report})]
    a_citation(company=company, quote="Of the profile, not of a pact.")
    assert not_checked() == (before + 3, before + 3)

    save(rows_changed(citations[0], quote=""), "No quote.")
    citations[1].delete()
    assert not_checked() == (before + 1, before + 1)

    save(rows_changed(company.signings.get(), since=DAY - A_WEEK), "Earlier.")
    report.delete()
    assert not_checked() == (before, before)


ADDRESSES = ("/", "/statistics/", "/absent/", "/api/v1/statistics/", "/companies/", "/llms.txt")


def test_an_edit_shows_at_once_in_everything_that_is_cached(client):
    before = [client.get(address).content for address in ADDRESSES]
    company = Company.objects.get(slug="firm-2")
    period = company.signings.get()
    period.status = "signed"
    save(period, "It signed.")

    after = [client.get(address).content for address in ADDRESSES]

    assert all(one != other for one, other in zip(before, after, strict=True))
    assert absence_counts(a_pact(), Clock()).looked_for == 0


def test_cached_results_are_read_again_after_an_edit_and_on_another_day():
    asked = []

    @cached
    def number(clock):
        asked.append(clock)
        return Company.objects.count()

    assert [number(Clock()), number(Clock()), len(asked)] == [6, 6, 1]
    number(Clock(today=timezone.localdate() + A_WEEK))
    assert len(asked) == 2
    new_version()
    number(Clock())
    assert len(asked) == 3


@pytest.mark.database
def test_after_an_edit_only_the_companies_that_it_wrote_are_queried():
    asked = []

    def of_country(country, companies):
        asked.append(companies)
        of = {} if companies is None else {"pk__in": companies}
        return Company.objects.filter(country=country, **of).values_list("pk", flat=True)

    kept_companies = CachedCompanies(of_country)
    everyone, company = set(kept_companies.of("FR")), Company.objects.get(slug="firm-2")
    kept_companies.of("FR")
    assert (asked, len(everyone)) == ([None], 5)

    save(rows_changed(company, country="DE"), "It moved.")
    assert kept_companies.of("FR") == everyone - {company.pk}
    assert kept_companies.of("DE") == {company.pk}
    other = a_company("Another", country="FR")
    assert kept_companies.of("FR") == everyone - {company.pk} | {other.pk}
    assert asked == [None, [company.pk], None, [other.pk]]

    Company.objects.get(slug="firm-0").delete()
    assert len(kept_companies.of("FR")) == 4
    assert asked[-1] is None
    with until_rolled_back():
        kept_companies.of("FR")
    assert len(asked) == 6
    kept_companies.of("FR")
    assert len(asked) == 6


# Records


@pytest.mark.database
def test_the_compiled_queries_of_a_record_give_the_rows_that_the_orm_gives():
    company = a_company("Group", parent=Company.objects.get(slug="firm-1"))
    a_company("Part", parent=company)
    CompanyName.objects.create(company=company, name="Grp", kind="alias")
    a_citation(company=company)
    a_citation(signing=a_signing(company, since=DAY, until=DAY + A_WEEK))
    a_citation(pledge=a_pledge(company, commitment=a_commitment("literacy")))
    report = ProgressReport.objects.create(company=company, pact=a_pact(), period=1)
    a_citation(report=report)

    found, plain = (
        record_of("group", a_pact(), timezone.localdate()),
        Company.objects.get(slug="group"),
    )

    assert (found, found.parent.status) == (company, "signed")
    for name in ("subsidiaries", "names", "identifiers", "citations"):
        assert list(getattr(found, name).all()) == list(getattr(plain, name).all()), name
    for name in ("signings", "pledges", "reports"):
        of = [list(getattr(one, name).all()) for one in (found, plain)]
        cited = [[list(row.citations.all()) for row in rows] for rows in of]
        assert (of[0], cited[0]) == (of[1], cited[1]), name
    assert record_of("nobody", a_pact(), timezone.localdate()) is None


def test_a_past_record_leaves_out_what_was_cited_later(client):
    leaver = Company.objects.get(slug="leaver")
    address = f"/api/v1/companies/leaver/?as_of={DAY + A_WEEK}"

    [period] = client.get(address).json()["signings"]

    assert (period["status"], period["citations"]) == ("signed", [])
    assert Citation.objects.filter(signing__company=leaver).exists()
    assert client.get(f"/companies/leaver/?as_of={DAY + A_WEEK}").status_code == 200


# Plans

HOT = (
    *("/api/v1/companies/", "/api/v1/companies/?q=firm&sort=-since&page_size=2"),
    *("/api/v1/companies/firm-0/", "/companies/firm-0/", "/companies/?status=signed", "/"),
    *("/left/", "/left/?pact=eu-ai-pact", "/matrix/", "/matrix/?show=left", "/pacts/"),
    *("/api/v1/pledges/", "/api/v1/pledges/?implementation=no_evidence&page_size=1&page=2"),
    *("/commitments/", "/commitments/governance/", "/compare/?company=firm-0&company=firm-1"),
)
# Tables whose rows grow with the companies; the others have some tens of rows.
LARGE = (
    "company", "companyname", "companyidentifier", "companyrow", "statusrow", "signing", "pledge",
    "citation", "change", "progressreport", "retraction", "source", "companyredirect",
)  # fmt: skip


def plan_of(cursor, statement):
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    cursor.execute(explain + statement)
    return [f"{row[-1]} " for row in cursor.fetchall()]


@pytest.mark.database
def test_hot_reads_scan_no_table_that_grows_with_the_companies(client):
    for address in HOT:
        client.get(address)
    forget_answers()
    PAGES.forget()
    RECORDS.forget()
    FRAGMENTS.clear()
    with CaptureQueriesContext(connection) as sent:
        for address in HOT:
            assert client.get(address).status_code == 200

    scanned = scans_in(query["sql"] for query in sent.captured_queries)

    assert len(scanned) >= 20
    assert any("UNION ALL" in one for one in scanned)  # the record by the API
    assert not {one: found for one, found in scanned.items() if found}


@pytest.mark.database
def test_an_edit_scans_no_table_that_grows_with_the_companies():
    company, group = (Company.objects.get(slug=f"firm-{number}") for number in (0, 1))
    period, other = (one.signings.get() for one in (company, group))
    source = a_source()
    with CaptureQueriesContext(connection) as sent:
        save(rows_changed(company, name="Firm Zero", slug="firm-zero", parent=group), "Renamed.")
        save(rows_changed(period, status="declined"), "It said so.")
        save(rows_changed(source, title="Another title"), "A slip.")
        a_citation(signing=other, source=source)

    scanned = scans_in(query["sql"] for query in sent.captured_queries)

    assert len(scanned) > 60
    assert not {one: found for one, found in scanned.items() if found}


def rows_changed(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    return row


def scans_in(statements):
    """The steps of each plan that read a whole table which grows with the companies."""
    scans = [f"{how} companies_{name} " for name in LARGE for how in ("SCAN", "Seq Scan on")]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which scans small tables, where it may
            cursor.execute("SET LOCAL enable_seqscan = off")
        asking = [one for one in statements if "SELECT" in one[:9] and "WHERE" in one]
        plans = {one: plan_of(cursor, one) for one in asking}
    return {
        one: [step for step in steps_of for scan in scans if scan in step]
        for one, steps_of in plans.items()
    }


def sorts_in(statements):
    """The steps of their plans that sort rows, although an index might have them in order."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which sorts few rows, where it may
            for way in ("sort", "seqscan", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        steps = [step for one in statements for step in plan_of(cursor, one)]
    return [step for step in steps if "TEMP B-TREE" in step or "Sort" in step]
