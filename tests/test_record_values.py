"""A record by the API is made from the values of one statement, byte by byte as by serializers."""

import datetime
import sqlite3

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.api.quick.record_json import RECORDS
from companies.models import (
    Company,
    CompanyIdentifier,
    CompanyName,
    ImportRun,
    ProgressReport,
    QuoteCheck,
    Retraction,
)
from companies.queries.records.record_values import _query, record_values
from companies.register import read_table
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
)
from tests.reader_client import forget_answers
from tests.sampling import on_both
from tests.serialized import answers, assert_answers_are_those_of_serializers
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]

FIRM = "/api/v1/companies/firm/"
DAY = datetime.date
LATE = datetime.datetime(2025, 3, 1, 23, 30, tzinfo=datetime.UTC)  # the next day in Brussels
TOMORROW = timezone.localdate() + datetime.timedelta(days=2)


def a_firm():
    """A company with several rows of each kind, stored in another order than they are shown in."""
    group = a_company("Group")
    firm = a_company(
        "Firm",
        legal_name="Firm “One” AG",
        parent=group,
        country="FR",
        sector=a_sector(label_fr="Édition\u2028"),
        website="https://firm.example",
        description="Makes\nthings.",
        profile_basis="source",
        profile_url="https://register.example/firm",
    )
    for name in ("Zeta", "Ärzte", "Alpha"):
        a_company(name, parent=firm)
    for name, kind in (("Firma", "former"), ("F.", "alias"), ("Éf", "alias")):
        CompanyName.objects.create(company=firm, name=name, kind=kind)
    for scheme, value in (("wikidata", "Q1"), ("vat", "FR40303265045")):
        CompanyIdentifier.objects.create(company=firm, scheme=scheme, value=value)
    return firm


def with_statuses(firm):
    listed = a_source("list", kind="official_list", published_on=DAY(2024, 11, 1), sha256="a" * 64)
    press = a_source("press", publisher="Paper", retrieved_on=DAY(2025, 1, 2))
    letter = a_source("letter", kind="company", archived_url="https://archive.example/letter")
    absent = a_signing(
        firm,
        "not_signed",
        since=DAY(2024, 11, 1),
        since_precision="month",
        until=DAY(2025, 2, 1),
        until_precision="year",
        asked="no_answer",
        asked_on=DAY(2024, 12, 1),
    )
    left = a_signing(firm, "removed", since=DAY(2025, 9, 1), reason_en="Why.", reason_fr="Motif.")
    signed = a_signing(firm, since=DAY(2025, 2, 1), until=DAY(2025, 9, 1), since_basis="stated")
    seoul = a_pact("seoul", name_en="Seoul", position=2, report_after_months=None)
    a_signing(firm, "declined", pact=seoul, since=DAY(2025, 1, 1), since_precision="year")
    for signing in (absent, left, signed):
        for source in (press, letter, listed):
            a_citation(signing=signing, source=source, quote="Firm", verified_on=DAY(2025, 5, 5))
        a_citation(signing=signing, source=letter)
    said = a_citation(
        signing=left,
        source=letter,
        quote="Wir sind weg.",
        language="de",
        translation_en="We left.",
        own_words="has_left",
        about_on=DAY(2025, 9, 1),
        about_on_precision="month",
    )
    for citation, result in ((said, "found"), (absent.citations.first(), "gone")):
        a_check(citation, result, quote=citation.quote)
    a_check(signed.citations.first(), "found", quote="another quote")
    a_citation(company=firm, source=letter)
    a_citation(company=firm, source=listed, quote="Firm")
    return press, seoul


def a_check(citation, result, **values):
    return QuoteCheck.objects.create(
        citation=citation,
        url=citation.source.url,
        result=result,
        reason="status" if result == "gone" else "",
        checked_at=LATE,
        since=DAY(2025, 2, 1),
        found_on=DAY(2025, 3, 1),
        in_copy=result == "found",
        copy_of=DAY(2024, 12, 24) if result == "found" else None,
        **values,
    )


def with_deeds(firm, press, seoul):
    """Pledges, reports and retractions."""
    for position, code in enumerate(("late", "early")):
        commitment = a_commitment(code, kind="additional", position=9 - position)
        pledge = a_pledge(firm, commitment=commitment, note_en="Note.", target_on=DAY(2027, 1, 1))
        a_citation(pledge=pledge, source=press, quote="Pledged.")
    a_pledge(
        firm,
        commitment=a_commitment("safety", pact=seoul),
        implementation="partial",
        implementation_basis="self_reported",
        as_of=DAY(2025, 8, 1),
    )
    for period in (2, 1):
        report = ProgressReport.objects.create(
            company=firm,
            pact=a_pact(),
            period=period,
            due_on=DAY(2026, 1, 1),
            due_basis="announced" if period == 2 else "",
            submitted_on=DAY(2026, 1, 2),
            url="https://firm.example/report",
        )
        a_citation(report=report, source=press)
    for day in (1, 2):
        Retraction.objects.create(
            company=firm,
            pact=a_pact(),
            status="declined",
            since=DAY(2025, 4, day),
            since_precision="month",
            published_from=DAY(2025, 5, 1),
            retracted_on=DAY(2025, 6, day),
            reason_en="Wrong.",
            reason_fr="Faux.",
        )


def the_firm():
    firm = a_firm()
    with_deeds(firm, *with_statuses(firm))
    for day in (DAY(2024, 11, 1), DAY(2024, 12, 1), DAY(2026, 1, 1)):
        ImportRun.objects.create(
            pact=a_pact(),
            retrieved_at=timezone.now(),
            seen_on=day,
            state=ImportRun.State.READ,
            sha256=f"{day:%Y%m%d}" * 8,
            names_count=1,
            listed=[{"name": "Other"}],
        )
    read_table.rebuild()


rows = shared(the_firm, history=True)


@pytest.mark.database
def test_a_record_with_several_rows_of_each_kind_is_that_of_the_serializers():
    values = record_values("firm", timezone.localdate())

    assert values is not None
    assert {kind for kind, rows in values.items() if not rows} == set()
    assert {*answers()} == {"eu-ai-pact", "seoul"}
    assert_answers_are_those_of_serializers()
    answer = Client().get(FIRM).json()
    assert answer["signings"][3]["lists_without"] == ["2024-11-01", "2024-12-01"]
    checks = [one["check"] for period in answer["signings"] for one in period["citations"]]
    assert {one["checked_on"] for one in checks if one} == {"2025-03-02"}
    assert len([one for one in checks if one]) == 2
    assert (answer["status"], answer["other_pacts"][0]["since"]) == ("removed", "2025")


def ends_later(firm):
    firm.signings.filter(status="removed").update(until=TOMORROW)


def asked_later(firm):
    firm.signings.filter(status="not_signed").update(asked_on=TOMORROW)


def known_later(firm):
    firm.pledges.filter(commitment__code="safety").update(as_of=TOMORROW)


def submitted_later(firm):
    firm.reports.filter(period=1).update(submitted_on=TOMORROW)


def published_later(firm):
    firm.reports.filter(period=1).update(published_on=TOMORROW)


def checked_later(firm):
    later = timezone.now() + datetime.timedelta(days=2)
    QuoteCheck.objects.filter(result="found").update(checked_at=later)


@pytest.mark.parametrize(
    "happens",
    on_both(
        5, [ends_later, asked_later, known_later, submitted_later, published_later, checked_later]
    ),
)
def test_what_happens_on_a_later_day_is_not_in_the_record(happens):
    happens(Company.objects.get(slug="firm"))
    read_table.rebuild()
    forget_answers()

    assert record_values("firm", timezone.localdate()) is None
    assert_answers_are_those_of_serializers()
    assert TOMORROW.isoformat() not in Client().get(FIRM).text


@pytest.mark.database
def test_a_record_that_nobody_requested_takes_one_statement():
    Client().get("/api/v1/companies/group/")
    RECORDS.forget()
    _query.cache_clear()
    # What Django asks a database once for each process, it asks in a transaction that writes.
    vars(connection.features).pop("supports_json_field", None)

    with CaptureQueriesContext(connection) as sent:
        assert Client().get(FIRM).status_code == 200

    read = [one["sql"] for one in sent if "companies_registerversion" not in one["sql"]]
    assert len(read) == 1


@pytest.mark.database
def test_a_company_without_anything_has_a_record():
    a_company("Bare")

    assert_answers_are_those_of_serializers()
    answer = Client().get("/api/v1/companies/bare/").json()
    assert (answer["status"], answer["sector"], answer["signings"]) == ("unknown", None, [])


# As ANALYZE counts 100,000 companies, of which no citation is of a company or of a report.
STATISTICS = {
    "companies_company": {"sqlite_autoindex_companies_company_1": "100000 1"},
    "companies_source": {"sqlite_autoindex_companies_source_1": "674 1"},
    "companies_citation": {
        "companies_citation_company_id_8a94f5a0": "276200 276200",
        "companies_citation_report_id_95116fac": "276200 276200",
        "companies_citation_pledge_id_74ee8373": "276200 4",
        "companies_citation_signing_id_0cb5552b": "276200 3",
        "companies_citation_source_id_d24a4858": "276200 554",
    },
}


def test_sqlite_reads_a_record_from_its_company_whatever_the_tables_hold():
    if connection.vendor != "sqlite":
        pytest.skip("what ANALYZE counts is SQLite's own")
    rows = connection.connection.execute(
        "SELECT sql, tbl_name, name FROM sqlite_schema WHERE sql IS NOT NULL "
        "AND type IN ('table', 'index') AND tbl_name LIKE 'companies%' "
        "ORDER BY type DESC"
    )
    schema = [*rows]
    read = _query()._compiled_for("default")
    like = sqlite3.connect(":memory:")
    for sql, _table, _name in schema:
        like.execute(sql)
    like.execute("ANALYZE")
    counted = [(table, *one) for table, of in STATISTICS.items() for one in of.items()]
    like.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", counted)
    like.execute("ANALYZE sqlite_schema")

    explained = like.execute(f"EXPLAIN QUERY PLAN {read.sql.replace('%s', '?')}", read.params)
    steps = [row[-1] for row in explained]

    assert {index for of in STATISTICS.values() for index in of} <= {
        name for *_of, name in schema
    } | {
        "sqlite_autoindex_companies_company_1",
        "sqlite_autoindex_companies_source_1",
    }
    assert len([one for one in steps if "companies_citation" in one]) == 4
    assert [one for one in steps if one.startswith("SCAN") and "(subquery" not in one] == []
