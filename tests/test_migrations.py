"""Migrations: the one of a new database, and those it replaces, give the very same tables.

Back to nothing and forward again by way of a release: tests/test_release.py.
"""

import datetime
import re
from io import StringIO
from itertools import pairwise

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from companies.models import Change, Company, Milestone, PublishedShare
from companies.register.publishing import chain
from companies.register.publishing.replay import differences

from .builders import a_company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.history, pytest.mark.database]

SQUASHED = "0001_squashed_0016_published_shares"
BEFORE_THE_SQUASH = "0013_receipts_outlive_records"  # what a database of before it has
REPLACED = [
    name for app, name in MigrationLoader(None).disk_migrations["companies", SQUASHED].replaces
]

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
    """Columns, constraints, indexes and triggers of the register, each with its definition.

    The order of columns does not count: a column that was added later stands last.
    """
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA[connection.vendor])
        return [(name, in_any_order(definition)) for name, definition in cursor.fetchall()]


def in_any_order(definition):
    """A table's definition as SQLite keeps it, its columns and constraints sorted."""
    if not definition or not definition.startswith("CREATE TABLE"):
        return definition
    head, body = definition.removesuffix(")").split("(", 1)
    # Commas between columns stand outside of any parentheses.
    while (flat := re.sub(r"\(([^()]*)\)", lambda m: f"<{m[1].replace(',', ';')}>", body)) != body:
        body = flat
    return head, sorted(part.strip() for part in body.split(","))


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


def migrate_unsquashed(name):
    """Migrate to one of the migrations that the squashed one replaces."""
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    # Counted as applied after the last of them, it would give them its tables once more.
    executor.loader.applied_migrations.pop(("companies", SQUASHED), None)
    executor.migrate([("companies", name)])
    return executor.loader.project_state(("companies", name)).apps


def applied():
    return {
        name
        for app, name in MigrationRecorder(connection).applied_migrations()
        if app == "companies"
    }


def test_the_tests_run_on_the_tables_of_the_squashed_migration():
    assert SQUASHED in applied()


@pytest.mark.long
def test_the_replaced_migrations_give_the_same_tables_and_rights(put_back):
    migrate("companies", SQUASHED)
    before, allowed = schema(), rights()
    migrate("companies", "zero")

    migrate_unsquashed(REPLACED[-1])

    assert schema() == before
    assert rights() == allowed


@pytest.mark.long
def test_each_replaced_migration_can_be_reversed(put_back):
    migrate("companies", "zero")
    migrate_unsquashed(REPLACED[0])
    for previous, name in pairwise(REPLACED):
        migrate_unsquashed(name)
        there = schema()
        migrate_unsquashed(previous)
        migrate_unsquashed(name)
        assert schema() == there, name


@pytest.mark.long
def test_a_database_from_before_the_squash_keeps_its_rows(put_back):
    before = schema()
    migrate("companies", "zero")
    fill(migrate_unsquashed(BEFORE_THE_SQUASH))

    migrate()

    assert schema() == before
    assert SQUASHED in applied()
    assert Company.objects.get().name == "Acme"
    *first, opening = Change.objects.order_by("number")
    assert {change.cause for change in first} == {"method"}
    assert (opening.kind, opening.about) == ("register", {"rows": str(len(first))})
    assert differences(chain.in_order()) == []


def with_a_change_in_a_sentence():
    """Migrate to the squashed migration and fill the register; the models of it."""
    migrate("companies", SQUASHED)
    old = MigrationExecutor(connection).loader.project_state(("companies", SQUASHED)).apps
    fill(old)
    line = {"number": 1, "what_en": "added", "what_fr": "ajout", "recorded_at": timezone.now()}
    old.get_model("companies", "Change").objects.create(**line, hash="0" * 64)
    return old


@pytest.mark.long
def test_a_register_with_changes_stored_as_sentences_starts_a_new_chain(put_back):
    with_a_change_in_a_sentence()

    migrate()
    migrate()

    changes = Change.objects.order_by("number")
    assert [change.table for change in changes] == [
        "sources", "pacts", "milestones", "milestones", "companies", "",
    ]  # fmt: skip
    assert differences(chain.in_order()) == []
    assert chain_is_whole()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        changes.update(subject="x")
    a_company("Bolt")
    assert (changes.last().number, changes.last().key) == (7, {"slug": "bolt"})


@pytest.mark.long
def test_reversing_the_migration_of_changes_deletes_them_and_migrating_starts_a_new_chain(put_back):
    old = with_a_change_in_a_sentence()
    migrate()
    a_company("Bolt")

    migrate("companies", SQUASHED)
    assert old.get_model("companies", "Change").objects.count() == 0
    migrate()
    assert Change.objects.count() == 7


def chain_is_whole():
    return chain.verify(chain.in_order())[1] is None


@pytest.mark.long
def test_the_migration_turns_pacts_and_shares_from_code_into_rows(put_back):
    migrate("companies", "zero")
    recorded_at = fill(migrate_unsquashed(BEFORE_THE_SQUASH))

    migrate()

    review, law = Milestone.objects.order_by("date")
    assert (review.pact.slug, review.reports_received) == ("eu-ai-pact", 105)
    assert (law.pact, law.reports_received) == (None, None)
    past = review.history.get()
    assert (past.pact_id, past.reports_received) == (review.pact_id, 105)
    shares = {share.value: share.percent for share in PublishedShare.objects.all()}
    assert shares == {"eu": 63, "us": 23, "other": 14, "both": 63, "deployer": 18, "provider": 14}
    first = PublishedShare.history.first()
    assert (first.history_type, first.history_date) == ("+", recorded_at)


def fill(apps):
    """A company, a pact, its review and one law, with the history of the review and its source."""
    model = {model.__name__: model for model in apps.get_app_config("companies").get_models()}
    model["Company"].objects.create(slug="acme", name="Acme", name_folded="acme")
    model["Pact"].objects.create(
        slug="eu-ai-pact", name_en="A", name_fr="A", issuer="B", opened_on="2024-09-25", url="x"
    )
    slug = "digital-strategy-ec-europa-eu-en-news-ai-pact-marks-one-year"
    values = {"slug": slug, "url": "https://example.org/", "title": "A", "kind": "press"}
    source = model["Source"].objects.create(**values)
    recorded = {"history_type": "+", "history_date": timezone.now()}
    model["HistoricalSource"].objects.create(id=source.pk, **values, **recorded)
    values = {"topic": "ai_pact", "title_en": "A", "title_fr": "A", "value": "230+; 105 reports"}
    values |= {"date": datetime.date(2025, 12, 15), "source_id": source.pk}
    review = model["Milestone"].objects.create(**values)
    model["HistoricalMilestone"].objects.create(id=review.pk, **values, **recorded)
    law = values | {"topic": "ai_act", "date": datetime.date(2026, 8, 2), "value": ""}
    model["Milestone"].objects.create(**law)
    return recorded["history_date"]


def test_no_model_has_changed_without_its_migration():
    answer = StringIO()

    call_command("makemigrations", check_changes=True, dry_run=True, stdout=answer)

    assert answer.getvalue() == "No changes detected\n"
