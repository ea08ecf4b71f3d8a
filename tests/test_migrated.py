"""The database of the tests is the one that today's migrations make."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.migrations import operations
from django.db.migrations.state import ProjectState
from django.db.models import CharField

from . import migrated


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.setattr(migrated, "ROOT", tmp_path)
    for name in ("companies/migrations", "companies/models", "pactwatch"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("companies/migrations/0001_a.py", "companies/models/a.py", "requirements.txt"):
        (tmp_path / name).write_text("1")
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "companies/migrations/0001_a.py",
        "companies/migrations/0002_b.py",
        "companies/models/a.py",
        "pactwatch/settings.py",
        "requirements.txt",
    ],
)
def test_a_changed_migration_model_setting_or_version_needs_a_new_database(tree, name):
    before = migrated.kept()
    (tree / name).write_text("2")

    assert migrated.kept() != before


def test_a_renamed_or_deleted_migration_needs_a_new_database(tree):
    before = migrated.kept()
    file = (tree / "companies/migrations/0001_a.py").rename(tree / "companies/migrations/0009_a.py")
    renamed = migrated.kept()
    file.unlink()

    assert len({before, renamed, migrated.kept()}) == 3


def test_a_process_waits_while_another_one_migrates(tmp_path, monkeypatch):
    monkeypatch.setattr(migrated, "FOLDER", tmp_path / "new")
    first = migrated.turn()

    with ThreadPoolExecutor() as pool:
        second = pool.submit(migrated.turn)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.05)
        first.close()
        second.result(timeout=30).close()


def altered(field):
    """The SQL of altering the only column of a table, and whether its models were rendered."""
    before = ProjectState()
    operations.CreateModel("Row", [("name", CharField(max_length=9))]).state_forwards("a", before)
    before.apps  # noqa: B018  # renders the models, as `migrate` does at its start
    after, operation = before.clone(), operations.AlterField("Row", "name", field)
    model = after.apps.get_model("a", "Row")
    operation.state_forwards("a", after)
    rendered = after.apps.get_model("a", "Row") is not model
    with connection.schema_editor(collect_sql=True) as editor:
        operation.database_forwards("a", editor, before, after)
        return bool(editor.collected_sql), rendered


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"max_length": 9, "verbose_name": "Name", "help_text": "x"}, (False, False)),
        ({"max_length": 9, "choices": [("a", "A")], "blank": True}, (False, False)),
        ({"max_length": 8}, (True, True)),
        ({"max_length": 9, "null": True}, (True, True)),
        ({"max_length": 9, "db_default": ""}, (True, True)),
        ({"max_length": 9, "unique": True}, (True, True)),
    ],
)
def test_only_a_change_of_columns_renders_migration_models_again(options, answer):
    assert altered(CharField(**options)) == answer
