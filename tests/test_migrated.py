"""The database kept between test runs is never that of other migrations."""

import pytest

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
def test_another_migration_model_setting_or_version_finds_no_kept_database(tree, name):
    before = migrated.kept()
    (tree / name).write_text("2")

    assert migrated.kept() != before


def test_a_migration_of_another_name_or_gone_finds_no_kept_database(tree):
    before = migrated.kept()
    file = (tree / "companies/migrations/0001_a.py").rename(tree / "companies/migrations/0009_a.py")
    renamed = migrated.kept()
    file.unlink()

    assert len({before, renamed, migrated.kept()}) == 3
