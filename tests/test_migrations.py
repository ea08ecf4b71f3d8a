"""Migrations: from nothing, back to nothing, and forward again to the very same tables."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from companies.models import Change

from .builders import a_company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history]

SCHEMA = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE tbl_name LIKE 'companies_%' ORDER BY name",
    "postgresql": """
        SELECT table_name || '.' || column_name,
               concat_ws(' ', data_type, character_maximum_length, collation_name, is_nullable,
                         column_default)
        FROM information_schema.columns WHERE table_name LIKE 'companies_%'
        UNION ALL SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE conrelid::regclass::text LIKE 'companies_%'
        UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'companies_%'
        UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'companies_%'
        ORDER BY 1, 2""",
}


def schema():
    """Columns, constraints, indexes and triggers of the register, each with its definition."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA[connection.vendor])
        return cursor.fetchall()


def tables():
    return {name for name in connection.introspection.table_names() if "companies_" in name}


def rights():
    return {group.name: group.permissions.count() for group in Group.objects.all()}


def migrate(*target):
    call_command("migrate", *target, verbosity=0, interactive=False)


@pytest.fixture
def put_back(transactional_db):
    """Whatever happens on the way, the tests that follow find all tables."""
    yield
    migrate()


def names():
    """The register's migrations, in their order."""
    loader = MigrationLoader(connection)
    (last,) = loader.graph.leaf_nodes("companies")
    return [name for app, name in loader.graph.forwards_plan(last) if app == "companies"]


def test_back_to_nothing_and_forward_again_gives_the_same_tables(put_back):
    before = schema()

    migrate("companies", "zero")
    assert tables() == set()
    assert not Group.objects.filter(name__in=["Editors", "Reviewers"]).exists()

    migrate()
    assert schema() == before
    assert rights()["Reviewers"] > rights()["Editors"] > 0
    a_company("Acme")
    assert Change.objects.exists()
    for forbidden in (Change.objects.all().delete, lambda: Change.objects.update(what_en="x")):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            forbidden()


def test_each_migration_can_be_taken_back_alone(put_back):
    for name, previous in zip(names()[:0:-1], names()[-2::-1], strict=True):
        migrate("companies", name)
        there = schema()
        migrate("companies", previous)
        migrate("companies", name)
        assert schema() == there, name


def test_no_model_has_changed_without_its_migration():
    answer = StringIO()

    call_command("makemigrations", check_changes=True, dry_run=True, stdout=answer)

    assert answer.getvalue() == "No changes detected\n"
