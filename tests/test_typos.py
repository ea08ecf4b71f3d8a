"""What a search that finds nothing may have meant, whichever way it is asked."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import Company, CompanyName, ReadTable
from companies.queries import Clock, lookup
from companies.queries.roster import table_state
from companies.queries.roster.rosters import roster_of
from companies.register import read_table
from companies.register.history import save
from tests.builders import a_company, a_pact
from tests.sharing import shared
from tests.test_cached_reads import scans_in, sorts_in

pytestmark = pytest.mark.django_db


def a_register():
    a_pact()
    for name in ("Lumière Pharma", "Lumière Vision", "Łódź Robotics", "SAP", "Deutsche Telekom"):
        a_company(name)
    CompanyName.objects.create(company=a_company("Acier Data"), name="Steel Works", kind="brand")
    read_table.rebuild()


rows = shared(a_register)


@pytest.mark.database
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Lumire Pharma", "Lumière Pharma"),  # a letter left out
        ("Lumiiere Pharma", "Lumière Pharma"),  # one too many
        ("Lumière Pharna", "Lumière Pharma"),  # a wrong one
        ("Deustche Telekom", "Deutsche Telekom"),  # two swapped
        ("deutsche telekmo", "Deutsche Telekom"),  # at the end
        ("Lodz Robottics", "Łódź Robotics"),
        ("Steal Works", "Acier Data"),  # another name of it
        ("Lumière Pharma Holding", "Lumière Pharma"),  # a word too many
        ("SAP Labs", "SAP"),  # a name that is a part of it
    ],
)
def test_a_search_suggests_the_name_that_was_meant(client, typed, meant):
    page = client.get("/companies/", {"q": typed})

    assert f"<bdi>{meant}</bdi>" in page.text


def test_a_suggestion_reads_the_names_of_few_companies():
    searched = search("Deutsche Telekon")
    with CaptureQueriesContext(connection) as sent:
        [suggestion] = searched.beside()

    assert suggestion.name == "Deutsche Telekom"
    read = [one["sql"] for one in sent if "companies_companyname" in one["sql"]]
    assert read
    assert all(" IN (" in sql or "ANY" in sql for sql in read)


# Names with a slip, of another company, in another script, of one word more or less.
ASKED = ("Lumière Pharma", "steel works", "acier-data", "Lumire Pharma", "Deustche Telekom", "SPA")
ASKED += (
    "Lumiere",
    "Steal Works",
    "SAP Labs",
    "Дойче Телеком",
    "DT",
    "Lumièrepharma",
    "Qwxzy",
    "?",
)


@pytest.mark.database
def test_names_have_the_same_answers_with_and_without_a_read_table():
    with_table = list(lookup.look_up_all(ASKED))
    ReadTable.objects.all().delete()
    table_state.forget()

    assert list(lookup.look_up_all(ASKED)) == with_table
    assert sum(bool(one.company_id) for one in with_table) == 3
    assert sum(bool(one.suggestions) for one in with_table) >= 9


@pytest.mark.database
def test_a_name_of_a_list_has_the_answer_that_it_has_alone(monkeypatch):
    alone = [lookup.look_up(name) for name in ASKED]
    monkeypatch.setattr(lookup, "_CHUNK", 5)

    assert list(lookup.look_up_all([*ASKED, *ASKED])) == alone * 2


@pytest.mark.database
def test_a_list_of_names_costs_as_many_queries_as_two(django_assert_num_queries):
    two = ["Lumière Pharma", "Lumire Pharma"]
    list(lookup.look_up_all(two))
    with CaptureQueriesContext(connection) as sent:
        list(lookup.look_up_all(two))

    with django_assert_num_queries(len(sent)):
        list(lookup.look_up_all([*ASKED, *(f"Lumiere {number}" for number in range(100))]))


@pytest.mark.database
@pytest.mark.history
def test_names_are_looked_up_without_a_scan_or_a_sort(client):
    addresses = ("/compare/?add=Deustche+Telekom", "/companies/?q=Lodz")
    for address in addresses:
        client.get(address)
    company = Company.objects.get(name="Łódź Robotics")
    company.name = "Łódź Robots"
    save(company, "renamed")

    with CaptureQueriesContext(connection) as sent:
        list(lookup.look_up_all(ASKED))
        list(lookup.look_up_listed(ASKED))
        for address in addresses:
            assert client.get(address).status_code == 200

    sql = [one["sql"] for one in sent]
    scanned = scans_in(sql)
    assert len(scanned) >= 12
    assert not {one: found for one, found in scanned.items() if found}
    assert not sorts_in([one for one in sql if "companies_namekey" in one])


@pytest.mark.database
@pytest.mark.history
def test_names_after_an_edit_have_the_answers_of_a_new_process():
    lookup.look_up("Lumire Pharma")
    company = Company.objects.get(name="Łódź Robotics")
    company.name = "Lumière Robotics"
    company.save()
    CompanyName.objects.create(company=a_company("Nova"), name="Telekom Nova", kind="alias")
    asked = [*ASKED, "Lodz Robotics", "Lumiere Robotiks", "Telekom Novva"]

    followed = list(lookup.look_up_all(asked))
    table_state.forget()

    assert list(lookup.look_up_all(asked)) == followed
    assert [one.suggestions[0].name for one in followed[-2:]] == [
        "Lumière Robotics",
        "Telekom Nova",
    ]


@pytest.mark.database
@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [("/verify/", "company", "Lumiere"), ("/compare/", "add", "Deustche Telekom")],
)
def test_verify_and_compare_suggest_what_was_meant(client, path, field, typed):
    page = client.get(path, {field: typed})

    assert page.status_code == 200
    assert {"Lumiere": "Lumière Vision"}.get(typed, "Deutsche Telekom") in page.text


@pytest.mark.database
def test_a_name_of_two_companies_is_one_to_choose_between():
    companies = [a_company(name) for name in ("Acme Iron", "Acme Wind")]
    for company in companies:
        CompanyName.objects.create(company=company, name="Acme", kind="alias")
    read_table.rebuild()

    assert lookup.look_up("Acme").shared == {company.pk for company in companies}


def search(text):
    return lookup.Search(text, roster_of(a_pact(), Clock()))


@pytest.mark.parametrize("typed", ["qq", "x", "zzzzzzzz", "a b c d e f g h i j", "!", "OR AND"])
def test_a_meaningless_search_suggests_nothing(typed):
    assert search(typed).beside() == []
