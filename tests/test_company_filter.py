"""How companies are searched, filtered, counted and sorted, for pages and API alike."""

import datetime
from itertools import product

import pytest
from django.http import Http404, QueryDict

from companies.models import (
    Commitment,
    Company,
    CompanyName,
    ProgressReport,
    ReportClock,
    ReportState,
    Signing,
    known_as_of,
)
from companies.queries import BadQuery, CompanyFilter, facets
from companies.register.history import save
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
from tests.sampling import on_both

pytestmark = pytest.mark.django_db


def ask(query=""):
    a_pact()
    return CompanyFilter(QueryDict(query))


def names(query=""):
    return [company.name for company in ask(query).page_of_rows()]


def faults(query):
    with pytest.raises(BadQuery) as refused:
        ask(query).page_of_rows()
    return {fault.parameter: fault for fault in refused.value.faults}


@pytest.mark.database
@pytest.mark.parametrize(
    "query", ["telefonica", "TELEFÓNICA", "telefónica s.a.", "tecnologia", "telef s a"]
)
def test_a_search_finds_any_name_whatever_its_case_accents_and_points(query):
    company = a_company("Telefónica")
    CompanyName.objects.create(company=company, name="Telefónica Tecnología, S.A.", kind="legal")
    a_company("Orange")

    assert names(f"q={query}") == ["Telefónica"]


@pytest.mark.database
def test_a_search_finds_names_with_all_of_its_words():
    a_company("Orange Bank")
    a_company("Orange")

    assert names("q=orange+bank") == ["Orange Bank"]


@pytest.mark.database
@pytest.mark.parametrize("signs", ["%26%26", "%F0%9F%98%80", "%E2%80%8B", "..."])
def test_a_search_without_letters_or_digits_finds_nothing(signs):
    a_company("Orange")

    assert names(f"q={signs}") == []


def test_a_company_without_a_period_has_the_status_unknown():
    a_signing(a_company("Signed"))
    a_company("Never looked at")

    assert names("status=unknown") == ["Never looked at"]


def test_a_status_filters_by_the_period_in_force():
    company = a_company("Left")
    until = datetime.date(2025, 1, 1)
    a_signing(company, since=datetime.date(2024, 10, 9), until=until)
    a_signing(company, status="withdrawn", since=until)

    assert names("status=signed") == []
    assert names("status=withdrawn") == ["Left"]


def test_a_period_that_begins_in_the_future_is_no_status_yet():
    company = a_company("Soon")
    a_signing(company, since=datetime.date(2999, 1, 1))

    assert names("status=unknown") == ["Soon"]


def test_values_of_one_parameter_are_joined_with_or_and_parameters_with_and():
    a_signing(a_company("A", country="FR"))
    a_signing(a_company("B", country="DE"))
    a_signing(a_company("C", country="US"))
    a_signing(a_company("D", country="FR"), status="declined")

    assert names("country=FR&country=DE&status=signed") == ["A", "B"]


@pytest.mark.database
@pytest.mark.parametrize(
    ("region", "expected"),
    [("eu", ["Paris"]), ("us", ["Reno"]), ("other", ["Bern"]), ("unknown", ["Nowhere"])],
)
def test_every_company_is_in_exactly_one_region(region, expected):
    for name, country in [("Paris", "FR"), ("Reno", "US"), ("Bern", "CH"), ("Nowhere", "")]:
        a_company(name, country=country)

    assert names(f"region={region}") == expected


def test_a_status_is_the_one_toward_the_chosen_pact():
    company = a_company("Aleph")
    a_signing(company)
    a_signing(company, status="not_signed", pact=a_pact("gpai-code"))

    assert names("status=signed&pact=gpai-code") == []
    assert names("status=not_signed&pact=gpai-code") == ["Aleph"]


@pytest.mark.database
def test_a_facet_counts_with_all_filters_but_its_own():
    software = a_sector("software")
    a_signing(a_company("A", country="FR", sector=software))
    a_signing(a_company("B", country="DE", sector=software))
    a_signing(a_company("C", country="FR"), status="declined")

    counts = facets(ask("country=FR"))

    assert counts["status"] == {"signed": 1, "declined": 1}
    assert counts["country"] == {"FR": 2, "DE": 1}
    assert counts["sector"] == {"software": 1, "unknown": 1}
    assert counts["region"] == {"eu": 2}


@pytest.mark.parametrize(
    "facet",
    [
        *("status", "country", "region", "sector", "size", "role"),
        *("commitment", "implementation", "implementation_evidence", "report"),
    ],
)
def test_the_count_of_a_facet_is_the_length_of_the_list_it_links_to(facet):
    sector = a_sector("legal")
    for number, (country, status) in enumerate(
        [("FR", "signed"), ("US", "signed"), ("", "not_signed"), ("CH", "declined"), ("FR", "")]
    ):
        company = a_company(country=country, sector=sector if number % 2 else None)
        if status:
            a_signing(company, status=status)
    a_signatory("Some", "no_evidence", "planned", "full")
    a_signatory("All", "full", "partial", "full")

    for value, count in facets(ask())[facet].items():
        assert ask(f"{facet}={value}").page_of_rows().paginator.count == count, value


@pytest.mark.database
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Ågren", "Zeta", "Zürich"]),
        ("-name", ["Zürich", "Zeta", "Ågren"]),
        ("since", ["Zürich", "Zeta", "Ågren"]),
        ("-since", ["Zeta", "Zürich", "Ågren"]),
    ],
)
def test_companies_sort_without_accents_and_unknown_values_last(sort, expected):
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
def test_a_bad_parameter_is_refused_with_the_valid_values(query, parameter, valid):
    assert valid in faults(query)[parameter].valid


def test_all_bad_parameters_are_reported_at_once():
    assert set(faults("colour=red&status=refused&page=x")) == {"colour", "status", "page"}


def test_a_parameter_of_one_value_given_twice_is_refused():
    assert faults("q=a&q=b")["q"].reason == "This parameter can be used only once."


def test_empty_fields_of_a_form_filter_nothing():
    a_company("A")

    assert names("q=&country=&page=&sort=") == ["A"]


def test_a_page_past_the_last_is_not_found():
    a_company()

    with pytest.raises(Http404, match="the last one is 1"):
        ask("page=2").page_of_rows()


@pytest.mark.parametrize("companies", [2, 5])
def test_a_page_of_rows_takes_the_same_queries_for_2_and_5_companies(
    companies, django_assert_num_queries
):
    commitment, source = a_commitment(), a_source()
    for _number in range(companies):
        company = a_company()
        signing = a_signing(company)
        a_pledge(company, commitment=commitment)
        a_citation(signing=signing, source=source)
    ask().page_of_rows()  # the process now keeps how all companies stand
    companies_asked = ask("sort=-since&status=signed")

    # The register's version, for the pact, for how companies stand and for what was found
    # before; rows and core pledges.
    with django_assert_num_queries(5):
        rows = [(row.source_count, row.pledges) for row in companies_asked.page_of_rows()]

    assert rows == [(1, f"{commitment.pk}:no_evidence")] * companies


def a_signatory(name, *levels, codes=("governance", "risks", "literacy"), **signing):
    """A company that signed, with one core pledge for each level of implementation."""
    company = a_company(name)
    a_signing(company, **signing)
    for code, level in zip(codes, levels, strict=False):
        found = Commitment.objects.filter(code=code).first()
        a_pledge(
            company,
            commitment=found or a_commitment(code),
            implementation=level,
            implementation_basis="" if level == "no_evidence" else "self_reported",
        )
    return company


def three_signatories():
    a_signatory("None", "no_evidence", "no_evidence", "evidence_withdrawn")
    a_signatory("Some", "no_evidence", "planned", "full")
    a_signatory("All", "full", "partial", "full")
    a_signing(a_company("Absent"), status="not_signed")


@pytest.mark.parametrize(
    ("query", "expected"),
    on_both(
        3,
        [
            ("commitment=governance", ["All", "None", "Some"]),
            ("implementation=full", ["All", "Some"]),
            ("commitment=literacy&implementation=full", ["All", "Some"]),
            ("commitment=governance&implementation=full", ["All"]),
            ("commitment=governance&commitment=risks&implementation=planned", ["Some"]),
            ("commitment=literacy&implementation=planned&implementation=partial", []),
            ("implementation=evidence_withdrawn&status=not_signed", []),
        ],
    ),
)
def test_commitment_and_implementation_filter_by_the_same_pledge(query, expected):
    three_signatories()

    assert names(query) == expected


def test_a_pledge_counts_while_its_company_is_a_signatory():
    company = a_signatory("Left", "full", until=datetime.date(2025, 6, 1))
    a_signing(company, status="withdrawn", since=datetime.date(2025, 6, 1))

    assert names("implementation=full") == []
    assert names("implementation=full&as_of=2025-05-31") == ["Left"]


def test_facets_of_a_past_day_leave_later_evidence_out():
    company = a_signatory("Late", "full")
    company.pledges.update(as_of=datetime.date(2025, 6, 1))

    assert names("implementation=full&as_of=2025-06-01") == ["Late"]
    assert names("implementation=full&as_of=2025-05-31") == []
    assert names("implementation=no_evidence&as_of=2025-05-31") == ["Late"]
    assert facets(ask("as_of=2025-05-31"))["implementation"] == {"no_evidence": 1}
    assert facets(ask("as_of=2025-05-31"))["implementation_evidence"] == {"none_found": 1}


def test_a_commitment_of_another_pact_is_refused_with_the_commitments_of_this_one():
    a_commitment("governance")
    a_commitment("copyright", pact=a_pact("gpai-code"), kind="chapter")

    assert faults("commitment=copyright")["commitment"].valid == ["governance"]
    assert "copyright" in faults("commitment=nothing")["commitment"].valid


@pytest.mark.database
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("implementation_evidence=none_found", ["None"]),
        ("implementation_evidence=some_core", ["Some"]),
        ("implementation_evidence=all_core", ["All"]),
        ("implementation_evidence=all_core&implementation_evidence=some_core", ["All", "Some"]),
    ],
)
def test_evidence_filters_signatories_by_core_commitments(query, expected):
    three_signatories()

    assert names(query) == expected


def test_a_pact_without_core_commitments_has_no_level_of_evidence():
    a_signing(a_company("Meta"), pact=a_pact("gpai-code"))

    assert names("pact=gpai-code&implementation_evidence=none_found") == []
    assert facets(ask("pact=gpai-code"))["implementation_evidence"] == {}


def test_facets_of_pledges_and_evidence_keep_the_other_filters():
    three_signatories()

    counts = facets(ask("commitment=literacy&implementation=full"))

    assert counts["commitment"] == {"governance": 1, "literacy": 2}
    assert counts["implementation"] == {"evidence_withdrawn": 1, "full": 2}
    assert counts["implementation_evidence"] == {"some_core": 1, "all_core": 1}
    assert counts["status"] == {"signed": 2}


DAY = datetime.date(2026, 2, 28)
SIGNED_ON = [
    datetime.date(2024, 2, 29),
    datetime.date(2025, 2, 27),
    datetime.date(2025, 2, 28),
    datetime.date(2025, 3, 1),
    datetime.date(2025, 4, 28),
    datetime.date(2025, 4, 29),
    datetime.date(2025, 4, 30),
    datetime.date(2025, 12, 31),
]
GIVEN = [
    {},
    {"due_on": datetime.date(2026, 2, 27)},
    {"due_on": datetime.date(2026, 2, 28)},
    {"due_on": datetime.date(2026, 4, 29)},
    {"due_on": datetime.date(2026, 4, 30)},
    {"submitted_on": datetime.date(2026, 2, 28)},
    {"submitted_on": datetime.date(2026, 3, 1)},
    {"submitted_on": datetime.date(2026, 1, 1), "published_on": datetime.date(2026, 2, 28)},
    {"published_on": datetime.date(2026, 3, 1), "due_on": datetime.date(2026, 2, 1)},
]


def a_report(company, **given):
    url = "https://example.org/report" if "published_on" in given else ""
    return ProgressReport.objects.create(company=company, pact=a_pact(), url=url, **given)


@pytest.mark.long
def test_the_report_filter_agrees_with_the_report_clock_of_each_company():
    pact = a_pact()
    for number, (since, precision) in enumerate(product(SIGNED_ON, ["day", "month"])):
        a_signing(a_company(f"Plain {number}"), since=since, since_precision=precision)
        for place, given in enumerate(GIVEN):
            company = a_company(f"Given {number} {place}")
            a_signing(company, since=since, since_precision=precision)
            a_report(company, **given)
    expected = {}
    for signing in Signing.objects.select_related("company", "pact"):
        with known_as_of(DAY):
            reports = list(ProgressReport.objects.filter(company=signing.company))
        clock = ReportClock.of(signing, reports, DAY)
        expected.setdefault(str(clock.state), set()).add(signing.company.name)

    found = {
        state: set(names(f"report={state}&as_of={DAY}&page_size=100"))
        for state, _label in ReportState.choices
    }

    assert pact.report_after_months == 12
    assert found == expected
    assert set(expected) == set(ReportState.values)
    counts = {state: len(companies) for state, companies in expected.items()}
    assert facets(ask(f"as_of={DAY}"))["report"] == counts


def test_companies_without_a_report_clock_are_in_no_report_facet():
    a_signing(a_company("Meta"), status="declined")
    a_signing(a_company("xAI"), pact=a_pact("seoul", report_after_months=None))

    assert facets(ask())["report"] == {}
    assert facets(ask("pact=seoul"))["report"] == {}
    assert names("pact=seoul&report=none_found") == []


@pytest.mark.database
@pytest.mark.history
def test_companies_sort_by_their_last_recorded_change():
    for name in ["Acme", "Bolt", "Cargo"]:
        a_company(name)
    for slug in ["cargo", "acme"]:
        company = Company.objects.get(slug=slug)
        company.country = "FR"
        save(company, "a source")

    assert names("sort=-changed") == ["Acme", "Cargo", "Bolt"]
    assert names("sort=changed") == ["Bolt", "Cargo", "Acme"]


def test_a_past_record_cannot_be_sorted_by_the_last_change():
    assert "recorded_as_of" in faults("sort=changed&recorded_as_of=2026-11-01")["sort"].reason


@pytest.mark.database
@pytest.mark.parametrize("query", ["TELEFONICA SA", "telefónica s.a.", "Telefonica S. A."])
def test_a_search_leaves_out_a_legal_form_that_no_company_has(query):
    a_company("Telefónica")
    a_company("Orange")

    assert names(f"q={query}") == ["Telefónica"]


@pytest.mark.database
def test_a_search_keeps_a_legal_form_that_a_company_has():
    a_company("Orange SA")
    a_company("Orange Bank")

    assert names("q=orange+sa") == ["Orange SA"]
    assert names("q=orange+gmbh") == ["Orange Bank", "Orange SA"]


@pytest.mark.parametrize("query", ["as_of=2024-13-99", "nonsense=1", "country=XX", "page=0"])
def test_an_invalid_query_has_no_clock_to_read_by(query):
    with pytest.raises(BadQuery):
        assert ask(query).clock
    assert ask("as_of=2024-11-01").clock.day == datetime.date(2024, 11, 1)
