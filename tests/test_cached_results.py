"""What queries of companies found, kept until the register changes."""

import datetime
import random
from array import array

import pytest
from django.http import QueryDict

from companies.countries import country_codes
from companies.models import Company
from companies.queries import CompanyFilter, CompanyPage, CsvResult, facets
from companies.queries.company_filter import OF_SHOWING
from companies.queries.finding.cached_results import RESULTS
from companies.queries.finding.facets import FACETS
from companies.queries.roster import bitmaps, rosters
from companies.register import read_table
from companies.register.history import save
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
)
from tests.sampling import each
from tests.sharing import shared
from tests.test_read_table import EDITS, do

pytestmark = [pytest.mark.django_db, pytest.mark.history]

QUERIES = [
    *("", "sort=-since", "sort=country", "sort=-name", "sort=-changed,name", "page_size=7&page=3"),
    *("country=DE", "country=DE&country=FR&sort=country", "country__not=DE", "size=sme&role=both"),
    *("status=signed&country=DE&sort=since", "status=signed&commitment=governance", "q=firm+1"),
    *("implementation=no_evidence", "commitment=governance&implementation=full", "region=eu"),
    *("since__gte=2025-01-01", "changed_since=2020-01-01", "company__not=firm-03", "sector=legal"),
    *("report=none_found", "implementation_evidence=some_core", "report__not=published"),
]


def a_register():
    """Forty companies that differ in all that is counted."""
    sectors = [a_sector("software"), a_sector("legal"), None]
    codes = [a_commitment("governance"), a_commitment("literacy")]
    for number in range(40):
        company = a_company(
            f"Firm {number:02}",
            country=["DE", "FR", "", "US"][number % 4],
            sector=sectors[number % 3],
            size=["sme", "large"][number % 2],
            role=["provider", "both", "unknown"][number % 3],
        )
        status = ["signed", "not_signed", "signed", "declined", "signed"][number % 5]
        since = datetime.date(2024 + number % 3, 1 + number % 9, 1)
        a_citation(signing=a_signing(company, status=status, since=since))
        for one in codes[: number % 3] if status == "signed" else ():
            level = {"implementation": "full", "implementation_basis": "self_reported"}
            a_pledge(company, commitment=one, **(level if number % 2 else {}))
    read_table.rebuild()


rows = shared(a_register, history=True)


def found(query):
    """What a page shows of a query."""
    companies = CompanyPage(QueryDict(query))
    page = companies.page_of_keys()
    return page.paginator.count, list(page.object_list), facets(companies)


def found_anew(query):
    rosters.forget()
    return found(query)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_the_same_again_without_reading_the_roster(query, monkeypatch):
    first = found(query)
    monkeypatch.setattr(CompanyFilter, "found", lambda *_args, **_kw: pytest.fail("counted again"))

    assert found(query) == first


def test_queries_that_differ_in_one_parameter_share_no_result():
    for query in QUERIES:
        found(query)
    kept = {query: found(query) for query in QUERIES}

    assert kept == {query: found_anew(query) for query in QUERIES}


@pytest.mark.parametrize("edit", each(4, EDITS))
def test_after_an_edit_every_result_is_computed_again(edit):
    chance = random.Random(edit.__name__)
    for query in QUERIES:
        found(query)

    do(edit, chance)

    asked = [one for one in QUERIES if a_valid(one)]
    kept = {query: found(query) for query in asked}
    assert kept == {query: found_anew(query) for query in asked}


def a_valid(query):
    return not CompanyPage(QueryDict(query)).faults


def test_after_an_edit_a_company_is_counted_where_it_is_now():
    before = found("country=DE")[0]
    company = Company.objects.get(slug="firm-01")
    company.country = "DE"

    save(company, "country")

    assert found("country=DE")[0] == before + 1
    assert found("")[2]["country"]["DE"] == before + 1


def test_every_parameter_chooses_companies_or_says_how_they_are_shown():
    """One that is in neither list would be part of the key, and so never wrong."""
    for filters in (CompanyPage, CsvResult):
        chosen = {*filters.base_filters} - OF_SHOWING
        assert {*FACETS} < chosen
        assert not chosen & {"page", "sort", "view", "sep"}


def test_a_facet_and_an_order_of_the_same_name_are_kept_apart():
    assert {"country"} <= {*FACETS} & {*CompanyFilter.SORTS}
    found("sort=country")

    assert found("sort=country") == found_anew("sort=country")


def test_a_query_of_a_past_day_is_not_cached():
    found("as_of=2025-01-01")

    assert RESULTS.shelf is None


def test_a_very_long_query_is_not_cached():
    found("&".join(f"country={code}" for code in country_codes()))

    assert [*RESULTS.shelf.texts] == [(a_pact().pk, "[]", "country")]  # as of no country


def test_results_of_whole_files_are_not_cached():
    companies = CompanyFilter(QueryDict(""))

    assert len(companies.keys[0:200]) == 40
    keys = companies.keys
    assert keys[0:40] == companies.keys[:40]
    assert RESULTS.shelf.size < RESULTS.limit


def test_an_unknown_commitment_is_refused_however_often_it_is_requested():
    a_commitment("safety", pact=a_pact("seoul"))

    for _time in range(2):
        with pytest.raises(Exception, match="commitment"):
            found("commitment=safety")


# Bitmaps


@pytest.mark.parametrize("size", [0, 1, 900, 5000, 70_000])
@pytest.mark.parametrize("falling", [False, True])
def test_any_page_in_the_order_of_keys_is_that_of_a_plain_sort(size, falling):
    chance = random.Random(size)
    places = chance.getrandbits(size) if size else 0
    keys = array("q", (chance.choice([0, 738_000 + chance.randrange(900)]) for _ in range(size)))
    slices = bitmaps.slices(keys)
    every = [place for place in range(size) if places >> place & 1]
    wanted = sorted(every, key=lambda place: (-keys[place] if falling else keys[place], place))

    for _page in range(20):
        start = chance.randrange(size + 10)
        part = bitmaps.ordered(places, keys, slices, start, start + 60, falling=falling)
        assert part == wanted[start : start + 60]
        assert bitmaps.members(places, start, start + 60) == every[start : start + 60]


def test_bits_that_all_keys_share_are_not_counted(monkeypatch):
    """The dates of a register have ten high bits in common."""
    size = 5000
    keys = array("q", [(0b1011 << 16) + place % 3 for place in range(size)])
    asked = []

    class Counted(int):
        def bit_count(self):
            asked.append(self)
            return int(self).bit_count()

        def __and__(self, other):
            return Counted(int(self) & int(other))

        def __xor__(self, other):
            return Counted(int(self) ^ int(other))

    everything = Counted((1 << size) - 1)
    part = bitmaps.ordered(everything, keys, bitmaps.slices(keys), 0, 3, falling=False)

    assert part == [0, 3, 6]
    assert len(asked) == 3  # all, and a half for each of the two bits in which keys differ
