"""After a migration the register is compared with its entries only where it is another."""

from types import SimpleNamespace

import pytest
from django.db import connection

from companies.models import Change, Company, CompanyName, RegisterVersion, Sector
from companies.queries.roster.table_state import state
from companies.register.package import TABLES
from companies.register.publishing import after_migrating
from companies.register.publishing.before_migrating import hash_before_migrating, table_hashes
from companies.register.publishing.replay import differences
from companies.register.read_table import rebuild
from tests.builders import a_citation, a_company, a_sector, a_signing

pytestmark = [pytest.mark.django_db, pytest.mark.history]

OURS = [(SimpleNamespace(app_label="companies"), False)]
OTHERS = [(SimpleNamespace(app_label="accounts"), False)]


@pytest.fixture(autouse=True)
def _register():
    a_citation(signing=a_signing(a_company("Acme", country="FR")))
    rebuild()


@pytest.fixture
def compared(monkeypatch):
    """How often the register was compared with its entries."""
    times = []
    record = after_migrating.record_unrecorded
    monkeypatch.setattr(after_migrating, "record_unrecorded", lambda: (times.append(1), record()))
    return times


@pytest.fixture
def more_to_come(monkeypatch):
    """A database that stops at some migration before the last."""
    plans = []
    monkeypatch.setattr(after_migrating.MigrationExecutor, "migration_plan", lambda *of: plans)
    return plans


def migrate(write=lambda: None, plan=OURS):
    hash_before_migrating("default", plan=plan)
    write()
    after_migrating.record_after_migrating("default", plan=plan)


def rename():
    Company.objects.filter(slug="acme").update(country="DE")


def unrecorded():
    return differences(Change.objects.order_by("number").iterator(chunk_size=2000))


def test_a_migration_that_writes_nothing_leads_to_no_comparison(compared):
    migrate()
    migrate(plan=OTHERS)
    migrate(plan=[])

    assert compared == []


@pytest.mark.parametrize(
    "write",
    [
        rename,
        lambda: Sector.objects.bulk_create([Sector(code="new", label_en="New", label_fr="Neuf")]),
        lambda: CompanyName.objects.bulk_create(
            [CompanyName(company=Company.objects.get(), name="Bolt", name_folded="bolt")]
        ),
        lambda: Sector.objects.filter(code="old")._raw_delete("default"),
    ],
)
def test_what_a_migration_wrote_is_recorded(write, compared):
    a_sector("old")
    number = Change.objects.count()

    migrate(write)

    assert compared == [1]
    assert Change.objects.count() > number
    assert unrecorded() == []


def test_each_table_of_the_register_is_summed_up():
    assert {*table_hashes()} == {table.model._meta.db_table for table in TABLES}


def test_a_column_that_comes_or_goes_is_another_register_only_if_it_says_something():
    before = table_hashes()["companies_company"]
    columns = dict(before.columns)
    empty = columns["description"]

    def changed(**others):
        return before.__class__(before.rows, {**columns, **others})

    assert before.covers(changed(new=empty))
    assert changed(gone="x").covers(before)
    assert not before.covers(changed(new=columns["name"]))
    assert not before.covers(changed(country="x"))


def test_a_value_that_moves_to_another_row_is_another_register():
    a_company("Bolt", country="")
    before = table_hashes()["companies_company"]
    Company.objects.filter(slug="acme").update(country="")
    Company.objects.filter(slug="bolt").update(country="FR")

    assert not before.covers(table_hashes()["companies_company"])


def test_what_the_first_migrations_wrote_is_recorded_after_the_last(compared, more_to_come):
    more_to_come.append("a migration")
    migrate(rename)
    assert compared == []
    assert not state().follows
    more_to_come.clear()

    migrate()

    assert compared == [1]
    assert unrecorded() == []


def test_first_migrations_that_write_nothing_leave_the_read_table_in_use(more_to_come):
    more_to_come.append("a migration")

    migrate()

    assert state().follows


def test_a_register_that_older_code_wrote_is_compared(compared):
    RegisterVersion.objects.update(number=99)

    migrate()

    assert compared == [1]


def test_a_database_without_the_tables_has_nothing_to_sum_up(monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda *of: [])

    hash_before_migrating("default", plan=OURS)

    assert table_hashes() == {}
