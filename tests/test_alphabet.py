"""Lists are sorted as an index in the language of the reader."""

import datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils.translation import override

from companies.models import Company
from companies.names.letters import alphabetical, fold
from companies.pages.history.changes_page import countries
from companies.pages.statistics.breakdowns import breakdowns
from companies.queries import Clock
from companies.queries.statistics import statistics_of
from tests.builders import a_company, a_pact, a_sector, a_signing


def companies_in(*codes):
    for code in codes:
        a_signing(a_company(f"Company {code}", country=code))


def listed(client, query, language=""):
    page = client.get(f"{language}/companies/?{query}")
    return [company.country for company in page.context["page"]]


def test_accents_and_case_only_order_words_of_the_same_letters():
    words = ["Émirats", "Zone", "emirats", "Emirats", "État", "Îles", "Irlande", "Œuvre", "Offre"]

    assert sorted(words, key=alphabetical) == [
        *("emirats", "Emirats", "Émirats", "État", "Îles", "Irlande", "Œuvre", "Offre", "Zone")
    ]


def test_special_letters_are_folded_as_people_without_them_write_them():
    assert fold("Cœur Ægir Łódź Ørsted Đuro þing STRASSE ÿ") == (
        "coeur aegir lodz orsted duro thing strasse y"
    )
    assert fold("Straße") == "strasse"


@pytest.mark.database
@pytest.mark.django_db
def test_companies_are_sorted_alike_on_both_databases(client):
    a_pact()
    names = [
        *("2bcom", "10bis", "Ämter", "a b", "ab", "Cœur", "Coffre", "Straße 1", "Strasse 2"),
        *("Ünder", "Uzer", "Ypsilon", "ÿz", "zeta", "Ωmega"),
    ]
    for number, name in enumerate(reversed(names)):
        a_company(name, slug=f"company-{number}")

    page = client.get("/companies/?sort=name")

    assert [company.name for company in page.context["page"]] == [
        *("10bis", "2bcom", "a b", "ab", "Ämter", "Cœur", "Coffre", "Straße 1", "Strasse 2"),
        *("Ünder", "Uzer", "Ypsilon", "ÿz", "zeta", "Ωmega"),
    ]
    assert [one.name for one in Company.objects.search("coeur")] == ["Cœur"]


@pytest.mark.database
@pytest.mark.django_db
def test_a_letter_that_folds_into_several_fits_into_the_column():
    a_company("\ufdfa" * 200, slug="long")  # a whole blessing in one letter

    company = Company.objects.get(slug="long")
    assert len(company.name_folded) == 600
    assert [one.slug for one in Company.objects.search("\ufdfa")] == ["long"]


@pytest.mark.database
@pytest.mark.django_db
def test_sorting_by_country_uses_its_name_and_puts_unknown_last(client):
    a_pact()
    companies_in("US", "AE", "ES", "EE", "", "DE")

    assert listed(client, "sort=country") == ["EE", "DE", "ES", "AE", "US", ""]
    assert listed(client, "sort=-country") == ["US", "AE", "ES", "DE", "EE", ""]


@pytest.mark.database
@pytest.mark.django_db
def test_in_french_the_united_states_are_sorted_under_e(client):
    a_pact()
    companies_in("US", "AE", "ES", "EE", "", "DE", "FR", "KY", "IE")

    # Allemagne, Émirats arabes unis, Espagne, Estonie, États-Unis, France, îles Caïmans, Irlande
    assert listed(client, "sort=country", language="/fr") == [
        *("DE", "AE", "ES", "EE", "US", "FR", "KY", "IE", "")
    ]


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "codes"),
    [("", ["EE", "DE", "ES", "AE", "US"]), ("/fr", ["DE", "AE", "ES", "EE", "US"])],
)
def test_facet_values_of_equal_count_are_sorted_by_label(client, language, codes):
    a_pact()
    companies_in("US", "AE", "ES", "EE", "DE")

    page = client.get(f"{language}/companies/")

    (country,) = [facet for facet in page.context["facets"] if facet.name == "country"]
    assert [choice.value for choice in country.choices] == codes


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "codes", "sectors"),
    [
        ("en", ["EE", "DE", "AE", "US"], ["energy", "software"]),
        ("fr", ["DE", "AE", "EE", "US"], ["software", "energy"]),
    ],
)
def test_breakdown_rows_of_equal_count_are_sorted_by_label(language, codes, sectors):
    energy = a_sector("energy", label_en="Energy", label_fr="Énergie")
    software = a_sector("software", label_en="Software", label_fr="Applications")
    for code, sector in {"US": energy, "AE": energy, "EE": software, "DE": software}.items():
        a_signing(a_company(country=code, sector=sector))

    with override(language):
        tables = {
            table.parameter: [row.value for row in table.rows]
            for table in breakdowns(statistics_of(a_pact(), Clock(as_of=datetime.date(2026, 1, 1))))
        }

    assert tables["country"] == codes
    assert tables["sector"] == sectors


@pytest.mark.database
@pytest.mark.django_db
def test_countries_to_filter_changes_by_are_sorted_by_name():
    companies_in("US", "AE", "EE", "DE")

    with override("fr"):
        found = [option.value for option in countries([])]

    assert found == ["DE", "AE", "EE", "US", "unknown"]


@pytest.mark.database
@pytest.mark.django_db
def test_the_migration_folds_the_names_that_are_already_stored():
    company = a_company("Cœur")
    Company.objects.filter(pk=company.pk).update(name_folded="cœur")

    migration = import_module("companies.migrations.0011_folded_letters")
    migration.fold_letters(apps, connection.schema_editor())

    company.refresh_from_db()
    assert company.name_folded == "coeur"


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite sorts by code anyway")
def test_the_migration_sets_the_collation_of_an_existing_database_and_keeps_its_indexes():
    def columns():
        return rows("""
            SELECT table_name, collation_name FROM information_schema.columns
            WHERE column_name = 'name_folded' ORDER BY table_name""")

    def indexes():
        return rows(
            "SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '%name_folded%' ORDER BY 1"
        )

    def rows(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    kept = indexes()
    assert {table for table, _collation in columns()} == {
        "companies_company", "companies_companyname", "companies_refusedmatch",
        "companies_historicalcompany", "companies_historicalcompanyname",
    }  # fmt: skip
    with connection.cursor() as cursor:
        for table, _collation in columns():
            cursor.execute(
                f"ALTER TABLE {table} ALTER COLUMN name_folded"
                ' TYPE varchar(600) COLLATE pg_catalog."default"'
            )
    assert "C" not in {collation for _table, collation in columns()}

    migration = import_module("companies.migrations.0011_folded_letters")
    with connection.schema_editor() as editor:
        migration.sort_by_code(apps, editor)

    assert {collation for _table, collation in columns()} == {"C"}
    assert indexes() == kept
