"""The release has one number, which everything that names it reads from pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from pytest_django.asserts import assertContains

from companies.models import Change, Company, CompanyName
from companies.register import implied_pledges
from companies.register.history import save
from companies.register.publishing import chain, replay

from .released import FOLDER, fill
from .sampling import ALL
from .test_migrations import put_back, rights, schema, tables  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parent.parent
NUMBER = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("url", ["/", "/fr/", "/companies/", "/nowhere/"])
def test_the_footer_of_a_page_names_the_release(client, url):
    response = client.get(url)

    assertContains(response, f"PactWatch {NUMBER}", status_code=response.status_code)


@pytest.mark.parametrize("url", ["/healthz", "/healthz/ready"])
def test_the_health_check_names_the_release_and_is_never_cached(client, url):
    response = client.get(url)

    assert response.json()["release"] == NUMBER
    assert "ETag" not in response


def test_the_schema_of_the_api_names_the_release(client):
    assert client.get("/api/v1/schema/?format=json").json()["info"]["version"] == NUMBER


def test_the_changelog_has_a_dated_section_of_the_release():
    assert re.search(
        rf"^## \[{re.escape(NUMBER)}\] - \d{{4}}-\d\d-\d\d$",
        (ROOT / "CHANGELOG.md").read_text(),
        re.MULTILINE,
    )


# A database of a release, upgraded to the present

RELEASES = sorted(FOLDER.glob("*.json"))


def test_the_current_release_has_a_stored_database():
    assert NUMBER in [path.stem for path in RELEASES]


def migrate_to(name):
    executor = MigrationExecutor(connection)
    executor.migrate([("companies", name)])
    return executor.loader.project_state([("companies", name)]).apps


@pytest.mark.database
@pytest.mark.history
@pytest.mark.parametrize("path", RELEASES, ids=[path.stem for path in RELEASES])
def test_the_database_of_each_release_upgrades_without_losing_rows(path, put_back, client):  # noqa: F811
    """Back to the release, by way of nothing in `make test-all`, and to the present tables."""
    before = schema()
    if ALL:
        call_command("migrate", "companies", "zero", verbosity=0)
        assert tables() == set()
        assert not Group.objects.filter(name__in=["Editors", "Reviewers"]).exists()
    apps = migrate_to(json.loads(path.read_text())["migration"])
    with transaction.atomic():
        apps.get_model("companies", "RegisterVersion").objects.all().delete()  # of the present
        counts = fill(path, apps)
    advance_sequences()
    changes = counts["companies.change"]

    call_command("migrate", verbosity=0)

    assert schema() == before
    assert rights()["Reviewers"] > rights()["Editors"] > 0
    verified, broken = chain.verify(chain.in_order())
    assert (broken, verified >= changes) == (None, True)
    assert replay.differences(chain.in_order()) == []
    assert list(implied_pledges.faults()) == []
    assert Company.history.count() >= counts["companies.historicalcompany"]
    for url in ("/", "/companies/", "/companies/acme/", "/companies/bolt/", "/changes/"):
        for language in ("", "/fr"):
            assert client.get(language + url).status_code == 200, url
    assertContains(client.get("/companies/bolt/"), "It was another Bolt.")
    company = Company.objects.get(slug="bolt")
    save(CompanyName(company=company, name="Bolt SE", kind="legal"), "edited after the upgrade")
    assert replay.differences(chain.in_order()) == []
    for forbidden in (Change.objects.all().delete, lambda: Change.objects.update(subject="x")):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            forbidden()


def columns_known_to(migration):
    """Table -> the columns that code of that migration writes."""
    state = MigrationLoader(connection).project_state([("companies", migration)])
    found = {}
    for model in state.apps.get_app_config("companies").get_models():
        fields = {field.column for field in model._meta.local_concrete_fields}
        found[model._meta.db_table] = fields
    return found


@pytest.mark.database
@pytest.mark.parametrize("path", RELEASES, ids=[path.stem for path in RELEASES])
def test_the_code_of_the_last_release_can_write_to_the_migrated_tables(path):
    """It runs on while an upgrade migrates, and again where the upgrade is taken back."""
    known = columns_known_to(json.loads(path.read_text())["migration"])

    for table, columns in known.items():
        with connection.cursor() as cursor:
            today = connection.introspection.get_table_description(cursor, table)
        assert columns <= {column.name for column in today}, table
        added = [column for column in today if column.name not in columns]
        required = [one.name for one in added if not one.null_ok and one.default is None]
        assert required == [], f"{table}: give them a db_default"


def advance_sequences():
    """Rows with given primary keys do not move what PostgreSQL counts by."""
    tables = {*connection.introspection.table_names()}  # later releases have more
    models = [one for one in django_apps.get_models() if one._meta.db_table in tables]
    statements = connection.ops.sequence_reset_sql(no_style(), models)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
