"""Rows that are counted once: what is known of each column, and the periods of each day."""

import datetime
import random
from collections import Counter
from itertools import product

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from companies.models import Company, ReadTable, Signing
from companies.queries import SigningFilter, signings
from companies.queries.counting import cached_counts, coverage, signings_by_day
from companies.queries.counting.cached_counts import CachedCounts
from companies.queries.counting.rows_by_company import RowsByCompany
from companies.queries.roster import rosters
from companies.queries.roster.keys import among
from companies.register import read_table
from companies.register.history import save
from companies.register.open_data.public_files import has_more_than, row_counts
from companies.register.package.tables import TABLES
from tests.builders import a_company, a_pact, a_signing
from tests.sampling import each, on_both
from tests.sharing import shared
from tests.test_read_table import EDITS, a_register, do

pytestmark = [pytest.mark.django_db, pytest.mark.history]

TODAY = timezone.localdate()
DAYS = [datetime.date(2024, 10, 9), datetime.date(2025, 3, 1), datetime.date(2025, 3, 2)]


def periods():
    """Beside those of every kind, some of three days that follow one another, and some to come."""
    a_register()
    seoul = a_pact("seoul")
    for number in range(12):
        name = {3: "Cafés", 6: "CAFES"}.get(number, f"Row {number:02}")  # which fold alike
        company = a_company(name, slug=f"row-{number}")
        end = DAYS[number % 3] + datetime.timedelta(days=200)
        a_signing(company, since=DAYS[number % 3], until=end if number % 4 == 0 else None)
        if number % 4 == 0:
            a_signing(company, status="withdrawn", since=end)
        if number % 3 == 0:
            a_signing(company, pact=seoul, status="declined", since=DAYS[0])
    a_signing(a_company("Later"), since=TODAY + datetime.timedelta(days=9))
    read_table.rebuild()


rows = shared(periods, history=True)


# Counts by ranges of companies


@pytest.fixture
def ranges(monkeypatch):
    """Counts of two companies at a time."""
    monkeypatch.setattr(cached_counts, "RANGE", 2)


@pytest.mark.parametrize("edit", on_both(4, each(3, EDITS)))
def test_after_an_edit_the_columns_are_counted_as_all_at_once(ranges, edit):
    chance = random.Random(edit.__name__)
    for _time in range(2):
        coverage.known_values()
        do(edit, chance)

        kept = coverage.known_values()

        rosters.forget()
        cached_counts.RANGE = 10**9
        assert kept == coverage.known_values()
        cached_counts.RANGE = 2
        rosters.forget()


@pytest.mark.parametrize("edit", on_both(4, each(3, EDITS)))
def test_after_an_edit_each_file_has_as_many_rows_as_are_stated(ranges, edit):
    chance = random.Random(edit.__name__)
    for _time in range(2):
        row_counts()
        do(edit, chance)

        assert row_counts() == {table.name: table.stated_rows().count() for table in TABLES}


def test_an_edit_counts_the_periods_of_the_companies_near_it_again_and_no_others(ranges):
    asked("status=signed").page_of_rows()
    company = Company.objects.get(slug="row-3")
    save(company, "seen")

    with CaptureQueriesContext(connection) as sent:
        asked("status=signed").page_of_rows()

    counts = [one["sql"] for one in sent if "COUNT(" in one["sql"]]
    assert [" >= " in sql and " < " in sql for sql in counts] == [True]


@pytest.mark.database
def test_a_register_has_more_rows_than_one_less_than_all():
    all_rows = sum(table.stated_rows().count() for table in TABLES)

    assert has_more_than(all_rows - 1)
    assert not has_more_than(all_rows)


def test_an_edit_counts_the_companies_near_it_again_and_no_others(ranges):
    asked = []

    def count(companies):
        asked.append(companies)
        found = Company.objects.filter(**among(companies, "pk")).order_by()
        return Counter(found.values_list("country", flat=True))

    counts = CachedCounts(count)
    before = counts.of()
    asked.clear()
    company = Company.objects.order_by("pk").first()
    company.country = "PL"

    save(company, "moved")

    assert counts.of() == {**before, "PL": 1, "FR": before["FR"] - 1}
    assert [company.pk in one for one in asked] == [True]
    counts.of()
    assert len(asked) == 1


def test_no_range_before_the_first_company_is_counted(ranges):
    """As where a register was filled again: primary keys continue from the former ones."""
    asked = []
    first, last = (Company.objects.order_by(order)[0].pk for order in ("pk", "-pk"))
    Company.objects.bulk_create([Company(pk=last + 901, name="Far", slug="far")])
    Company.objects.filter(pk__lte=last).delete()
    read_table.rebuild()

    CachedCounts(lambda companies: asked.append(companies) or {}).of()

    assert first < last
    assert [last + 901 in one for one in asked] == [True]


def test_without_a_read_table_that_follows_all_is_counted_each_time(ranges):
    asked = []
    counts = CachedCounts(lambda companies: asked.append(companies) or {})
    ReadTable.objects.update(version=0)

    counts.of()
    counts.of()

    assert asked == [None, None]


# Periods by their first day

QUERIES = [
    *(
        "",
        "pact=seoul",
        "status=signed",
        "status=withdrawn&status=declined",
        "since__gte=2025-03-01",
    ),
    *("since__lte=2025-03-01&status=signed", "since__gte=2025-03-01&since__lte=2025-03-01"),
    *("pact=eu-ai-pact&status=signed&since__lte=2024-12-31", "status=unknown"),
]


@pytest.mark.parametrize(
    ("query", "size", "many"), on_both(4, each(4, [*product(QUERIES, [1, 3, 100], [0, 2, 1000])]))
)
def test_each_page_of_periods_is_that_of_the_database(monkeypatch, query, size, many):
    monkeypatch.setattr(signings_by_day, "MANY", many)
    monkeypatch.setattr(SigningFilter, "SOON_FOUND", 0)
    wanted = list(asked(query).rows)

    found = []
    for page in range(1, max(1, -(-len(wanted) // size)) + 1):
        shown = asked(f"{query}&page_size={size}&page={page}").page_of_rows()
        assert shown.paginator.count == len(wanted)
        found += shown.object_list

    assert found == wanted


def asked(query):
    return SigningFilter(QueryDict(query), queryset=signings())


def test_a_page_far_down_names_its_companies_and_days_alone(monkeypatch):
    monkeypatch.setattr(signings_by_day, "MANY", 2)
    monkeypatch.setattr(SigningFilter, "SOON_FOUND", 0)
    asked("page=2&page_size=5").page_of_rows()
    query = asked("page=3&page_size=5")
    sent = []
    monkeypatch.setattr(
        RowsByCompany, "__getitem__", lambda self, part: sent.append(part) or list(self.rows[:0])
    )

    query.page_of_rows()

    assert sent  # of a day with more than two periods, the roster finds the companies


def test_the_first_pages_of_all_periods_count_no_day(monkeypatch):
    monkeypatch.setattr(signings_by_day, "_of_days", None)  # to call it fails

    assert asked("page=1").page_of_rows().paginator.count == Signing.objects.count()


@pytest.mark.database
def test_a_status_that_was_written_is_on_its_page(monkeypatch):
    monkeypatch.setattr(SigningFilter, "SOON_FOUND", 0)
    before = asked("status=signed").page_of_rows().paginator.count

    save(
        Signing(
            company=Company.objects.get(slug="later"),
            pact=a_pact("seoul"),
            status="signed",
            since=DAYS[1],
            since_basis="stated",
        ),
        "signed",
    )

    page = asked("status=signed&since__gte=2025-03-01&since__lte=2025-03-01").page_of_rows()
    assert "later" in [one.company.slug for one in page]
    assert asked("status=signed").page_of_rows().paginator.count == before + 1
