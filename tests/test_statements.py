"""Statements that are sent again and again: planned once on PostgreSQL, values sent apart."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from companies.queries.records.statements import rows_of_statement
from tests.builders import a_company

pytestmark = [pytest.mark.django_db, pytest.mark.database]
on_postgresql = pytest.mark.skipif(
    connections["default"].vendor != "postgresql", reason="SQLite plans a statement in no time"
)
NAMED = "SELECT name FROM companies_company WHERE slug = %s AND country <> %s"


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_a_statement_gives_the_rows_for_its_values_each_time():
    for name in ("Acme", "Bolt"):
        a_company(name)

    for name in ("Acme", "Bolt", "Acme"):
        assert rows_of_statement("default", NAMED, [name.lower(), "FR"]) == [(name,)]
    assert rows_of_statement("default", NAMED, ["acme' OR '1'='1", "FR"]) == []


def test_a_statement_may_contain_a_percent_sign():
    sql = "SELECT '100 %%' FROM companies_company WHERE name = %s"
    a_company("Acme")

    for _time in range(3):
        assert rows_of_statement("default", sql, ["Acme"]) == [("100 %",)]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_postgresql_plans_a_statement_once():
    for slug in ("acme", "bolt", "café"):
        rows_of_statement("default", NAMED, [slug, ""])

    assert [one for one in prepared() if "slug = $1" in one] == [
        NAMED.replace("%s", "$1", 1).replace("%s", "$2", 1)
    ]


@contextmanager
def after_a_migration() -> Iterator[list[tuple[str]]]:
    """Send a statement, and change one of its columns by another connection; yields its rows."""
    a_company("Acme")
    rows, other = rows_of_statement("default", NAMED, ["acme", "FR"]), connection.copy()
    alter = "ALTER TABLE companies_company ALTER COLUMN name TYPE varchar({})"
    try:
        with other.cursor() as cursor:
            cursor.execute(alter.format(250))
        yield rows
    finally:
        with other.cursor() as cursor:
            cursor.execute(alter.format(200))
        other.close()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_transaction_is_not_lost_with_a_statement_that_a_migration_outdated():
    with after_a_migration() as rows, transaction.atomic():
        assert rows_of_statement("default", NAMED, ["acme", "FR"]) == rows == [("Acme",)]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_statement_is_planned_again_after_a_migration_changed_its_columns():
    with after_a_migration() as rows:
        for _time in range(2):
            assert rows_of_statement("default", NAMED, ["acme", "FR"]) == rows == [("Acme",)]
