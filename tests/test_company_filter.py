"""How companies are found, filtered, counted and sorted, for pages and API alike."""

import datetime

import pytest
from django.http import Http404, QueryDict

from companies.models import CompanyName
from companies.queries import BadQuery, CompanyFilter
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

pytestmark = pytest.mark.django_db


def ask(query=""):
    a_pact()
    return CompanyFilter(QueryDict(query))


def names(query=""):
    return [company.name for company in ask(query).rows]


def faults(query):
    with pytest.raises(BadQuery) as refused:
        _ = ask(query).rows
    return {fault.parameter: fault for fault in refused.value.faults}


@pytest.mark.parametrize(
    "query", ["telefonica", "TELEFÓNICA", "telefónica s.a.", "tecnologia", "telef s a"]
)
def test_a_company_is_found_by_any_name_without_case_accents_and_points(query):
    company = a_company("Telefónica")
    CompanyName.objects.create(company=company, name="Telefónica Tecnología, S.A.", kind="legal")
    a_company("Orange")

    assert names(f"q={query}") == ["Telefónica"]


def test_every_word_must_be_found():
    a_company("Orange Bank")
    a_company("Orange")

    assert names("q=orange+bank") == ["Orange Bank"]


def test_a_search_for_nothing_but_signs_finds_everything_a_search_for_nothing_finds():
    a_company("Orange")

    assert names("q=%26%26") == ["Orange"]


def test_companies_without_a_period_are_not_known():
    a_signing(a_company("Signed"))
    a_company("Never looked at")

    assert names("status=unknown") == ["Never looked at"]


def test_only_the_period_in_force_counts():
    company = a_company("Left")
    until = datetime.date(2025, 1, 1)
    a_signing(company, since=datetime.date(2024, 10, 9), until=until)
    a_signing(company, status="withdrawn", since=until)

    assert names("status=signed") == []
    assert names("status=withdrawn") == ["Left"]


def test_a_period_in_the_future_is_not_yet_a_status():
    company = a_company("Soon")
    a_signing(company, since=datetime.date(2999, 1, 1))

    assert names("status=unknown") == ["Soon"]


def test_values_of_one_parameter_add_up_and_parameters_narrow():
    a_signing(a_company("A", country="FR"))
    a_signing(a_company("B", country="DE"))
    a_signing(a_company("C", country="US"))
    a_signing(a_company("D", country="FR"), status="declined")

    assert names("country=FR&country=DE&status=signed") == ["A", "B"]


@pytest.mark.parametrize(
    ("region", "expected"),
    [("eu", ["Paris"]), ("us", ["Reno"]), ("other", ["Bern"]), ("unknown", ["Nowhere"])],
)
def test_regions_part_all_companies(region, expected):
    for name, country in [("Paris", "FR"), ("Reno", "US"), ("Bern", "CH"), ("Nowhere", "")]:
        a_company(name, country=country)

    assert names(f"region={region}") == expected


def test_the_pact_chosen_is_the_one_status_is_about():
    company = a_company("Aleph")
    a_signing(company)
    a_signing(company, status="not_signed", pact=a_pact("gpai-code"))

    assert names("status=signed&pact=gpai-code") == []
    assert names("status=not_signed&pact=gpai-code") == ["Aleph"]


def test_facets_count_what_each_value_would_give_with_the_other_filters_kept():
    software = a_sector("software")
    a_signing(a_company("A", country="FR", sector=software))
    a_signing(a_company("B", country="DE", sector=software))
    a_signing(a_company("C", country="FR"), status="declined")

    facets = ask("country=FR").facets()

    assert facets["status"] == {"signed": 1, "declined": 1}
    assert facets["country"] == {"FR": 2, "DE": 1}
    assert facets["sector"] == {"software": 1, "unknown": 1}
    assert facets["region"] == {"eu": 2}


@pytest.mark.parametrize("facet", ["status", "country", "region", "sector", "size", "role"])
def test_each_count_is_the_length_of_the_list_it_leads_to(facet):
    sector = a_sector("legal")
    for number, (country, status) in enumerate(
        [("FR", "signed"), ("US", "signed"), ("", "not_signed"), ("CH", "declined"), ("FR", "")]
    ):
        company = a_company(country=country, sector=sector if number % 2 else None)
        if status:
            a_signing(company, status=status)

    for value, count in ask().facets()[facet].items():
        assert ask(f"{facet}={value}").page_of_rows().paginator.count == count, value


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Ågren", "Zeta", "Zürich"]),
        ("-name", ["Zürich", "Zeta", "Ågren"]),
        ("since", ["Zürich", "Zeta", "Ågren"]),
        ("-since", ["Zeta", "Zürich", "Ågren"]),
    ],
)
def test_sorting_ignores_accents_and_puts_the_unknown_last(sort, expected):
    a_signing(a_company("Zürich"), since=datetime.date(2024, 9, 25))
    a_signing(a_company("Zeta"), since=datetime.date(2025, 4, 16))
    a_company("Ågren")

    assert names(f"sort={sort}") == expected


@pytest.mark.parametrize(
    ("query", "parameter", "valid"),
    [
        ("colour=red", "colour", "status"),
        ("status=refused", "status", "not_signed"),
        ("country=ZZ", "country", "FR"),
        ("sector=piracy", "sector", "unknown"),
        ("pact=warsaw", "pact", "eu-ai-pact"),
        ("sort=price", "sort", "-since"),
        ("page=²", "page", "1..1000000"),
        ("page=" + "9" * 5000, "page", "1..1000000"),
        ("page=1e999", "page", "1..1000000"),
        ("page=0", "page", "1..1000000"),
        ("page_size=101", "page_size", "1..100"),
    ],
)
def test_a_query_that_cannot_be_answered_says_what_could_stand_there(query, parameter, valid):
    assert valid in faults(query)[parameter].valid


def test_all_faults_are_told_at_once():
    assert set(faults("colour=red&status=refused&page=x")) == {"colour", "status", "page"}


def test_a_single_value_given_twice_is_refused():
    assert faults("q=a&q=b")["q"].reason == "It may be given only once."


def test_the_empty_fields_of_a_form_ask_for_nothing():
    a_company("A")

    assert names("q=&country=&page=&sort=") == ["A"]


def test_a_page_past_the_last_is_not_found():
    a_company()

    with pytest.raises(Http404, match="the last one is 1"):
        ask("page=2").page_of_rows()


@pytest.mark.parametrize("companies", [3, 30])
def test_a_page_of_rows_takes_the_same_queries_for_3_and_30_companies(
    companies, django_assert_num_queries
):
    commitment, source = a_commitment(), a_source()
    for _number in range(companies):
        company = a_company()
        signing = a_signing(company)
        a_pledge(company, commitment=commitment)
        a_citation(signing=signing, source=source)
    companies_asked = ask("sort=-since&status=signed")

    # The pact, the count, the rows, their core pledges.
    with django_assert_num_queries(4):
        page = companies_asked.page_of_rows()
        rows = [(c.source_count, [p.commitment.code for p in c.core_pledges]) for c in page]

    assert rows == [(1, ["governance"])] * companies
