"""What a search that finds nothing may have meant, found without an index of all names."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import Company, CompanyName
from companies.names.typos import mistyped, one_word_less, runs
from companies.queries import Clock, lookup
from companies.queries.roster.rosters import roster_of
from companies.register import read_table
from tests.builders import a_company, a_pact
from tests.sharing import shared

pytestmark = pytest.mark.django_db


def a_register():
    a_pact()
    for name in ("Lumière Pharma", "Lumière Vision", "Łódź Robotics", "SAP", "Deutsche Telekom"):
        a_company(name)
    CompanyName.objects.create(company=a_company("Acier Data"), name="Steel Works", kind="brand")
    read_table.rebuild()


rows = shared(a_register)


@pytest.fixture(autouse=True)
def large(monkeypatch):
    """A register that is too large to compare all names."""
    monkeypatch.setattr(lookup, "_COMPARED", 0)


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


def test_a_suggestion_does_not_build_the_index_of_all_names(monkeypatch):
    monkeypatch.setattr(lookup.NAMES, "refresh", None)  # to call it fails

    searched = search("Deutsche Telekon")
    with CaptureQueriesContext(connection) as sent:
        [suggestion] = searched.beside()

    assert suggestion.name == "Deutsche Telekom"
    read = [one["sql"] for one in sent if "companies_companyname" in one["sql"]]
    assert all("IN (" in sql for sql in read)


@pytest.mark.database
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Lumière Pharma", "Lumière Pharma"),
        ("LUMIERE PHARMA", "Lumière Pharma"),
        ("steel works", "Acier Data"),
        ("acier-data", "Acier Data"),
    ],
)
def test_a_name_means_the_same_company_as_among_all_names(monkeypatch, typed, meant):
    [among_all] = lookup.look_up_all([typed])
    monkeypatch.setattr(lookup.NAMES, "refresh", None)

    found = lookup.look_up(typed)

    assert (found.company_id, found.basis) == (among_all.company_id, among_all.basis)
    assert Company.objects.get(pk=found.company_id).name == meant


@pytest.mark.database
@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [("/verify/", "company", "Lumiere"), ("/compare/", "add", "Deustche Telekom")],
)
def test_verify_and_compare_suggest_without_the_index_of_all_names(
    client, monkeypatch, path, field, typed
):
    monkeypatch.setattr(lookup.NAMES, "refresh", None)

    page = client.get(path, {field: typed})

    assert page.status_code == 200
    assert {"Lumiere": "Lumière Vision"}.get(typed, "Deutsche Telekom") in page.text


@pytest.mark.database
def test_a_name_of_two_companies_is_one_to_choose_between():
    for name in ("Acme Iron", "Acme Wind"):
        CompanyName.objects.create(company=a_company(name), name="Acme", kind="alias")
    read_table.rebuild()

    [among_all] = lookup.look_up_all(["Acme"])

    assert lookup.look_up("Acme").shared == among_all.shared != set()


def search(text):
    return lookup.Search(text, roster_of(a_pact(), Clock()))


@pytest.mark.parametrize("typed", ["qq", "x", "zzzzzzzz", "a b c d e f g h i j", "!", "OR AND"])
def test_a_meaningless_search_suggests_nothing(typed):
    assert search(typed).beside() == []


def test_a_mistyped_word_is_searched_by_the_parts_before_and_after_the_slip():
    found = [("mixre",), ("ixre",), ("lumi",), ("lumix",), ("lumixre",)]
    assert mistyped(["lumixre", "ai"]) == found
    assert ("tele", "deutsche") in mistyped(["telekom", "deutsche"])


@pytest.mark.parametrize("words", [[], ["a"], ["ab", "cd"]])
def test_words_too_short_for_the_index_are_not_searched(words):
    assert list(mistyped(words)) == list(one_word_less(words)) == []


def test_every_run_of_adjacent_words_may_be_a_name():
    assert list(runs(["a", "b", "c"])) == ["a", "a b", "a b c", "b", "b c", "c"]
