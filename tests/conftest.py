"""What every test needs: settings from a test's environment and an empty cache."""

import gc
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management.commands import flush as flush_command
from django.db import connection
from django.template import Context, Template
from django.test import client
from django.utils import translation
from simple_history.manager import HistoryManager

from . import (  # noqa: F401
    environment,
    fast_lookups,
    fast_migrations,
    fast_widgets,
    migrated,
    other_days,
    reader_client,
)
from .append_only import lifted
from .sampling import ALL

other_days.begin()  # before a model takes the clock as the default of a field
django.setup()
admin.autodiscover()  # which a server puts off
fast_migrations.make_quick()
fast_lookups.keep_by_thread()
fast_lookups.read_settings_directly()
if not ALL:
    fast_widgets.use_jinja()

# Hashing a password takes half a second by design.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Else the client of every test begins by reading the folder of static files.
settings.WHITENOISE_AUTOREFRESH = True

settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}

store_rendered_template = client.store_rendered_templates


def store_whole_templates(
    store: dict[str, Any], *, template: Template, context: Context, **rendered: Any
) -> None:
    """Keep for `response.context` no copy for each part and widget of a page.

    Those take a tenth of a screen's time.
    """
    is_included = context.template is not template
    if not is_included and not (template.name or "").startswith("django/forms/"):
        store_rendered_template(store, template=template, context=context, **rendered)


client.store_rendered_templates = store_whole_templates

reader_client.answer_clients_through_the_cache()

# Else each audit row that is written begins by making the class of its manager: 1.3 % of the time.
HistoryManager.from_queryset = cache(HistoryManager.from_queryset)

LOCALE = Path(__file__).parent.parent / "locale"


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues when one is newer than what Django would read."""
    is_worker = hasattr(config, "workerinput")
    if not is_worker and any(is_stale(catalogue) for catalogue in LOCALE.glob("*/*/django.po")):
        command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "compile"]
        subprocess.run([*command, f"--directory={LOCALE}", "--domain=django"], check=True)


def is_stale(catalogue: Path) -> bool:
    compiled = catalogue.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime


DATABASE = {"db", "transactional_db", "live_server"}


def pytest_collection_finish() -> None:
    """Spare modules and collected tests every later garbage collection: 5 % of the time.

    To collect the rest a hundred times as seldom takes 1 % less again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(70_000, 10, 10)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests with real transactions run first: they are the longest.

    On PostgreSQL only what touches the database runs; the rest would repeat its first run.
    """
    items.sort(key=empties_tables, reverse=True)
    if connection.vendor != "postgresql":
        return
    touching = [
        item
        for item in items
        if item.get_closest_marker("django_db") or DATABASE & {*getattr(item, "fixturenames", ())}
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching


def empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    names = getattr(item, "fixturenames", ())
    return bool({"transactional_db", "live_server"} & {*names}) or (
        marker is not None and bool(marker.kwargs.get("transaction"))
    )


@pytest.fixture(scope="session")
def filled(django_db_use_migrations) -> Iterator[None]:
    """Django finds its migrations applied where another process or run has kept the database."""
    migrated.copy_template()
    memory = migrated.fill() if django_db_use_migrations else None
    yield
    if memory:
        memory.close()


@pytest.fixture(scope="session")
def django_db_setup(filled, django_db_setup, django_db_blocker, django_db_use_migrations) -> None:
    if django_db_use_migrations:
        with django_db_blocker.unblock():
            migrated.keep()
            from companies.models import ReadTable  # Django must be set up first

            # Most tests write rows without changes, which the read table does not follow.
            ReadTable.objects.all().delete()


# The migrations write into these; all other tables of a fresh database are empty.
FILLED = ("auth_group", "auth_group_permissions", "auth_permission", "django_content_type")


@pytest.fixture(autouse=True, scope="session")
def tables_can_be_emptied() -> Iterator[None]:
    """A test with real transactions empties the tables at its end: as they were when migrated."""
    operations = type(connection.ops)
    statements_for, flush = operations.sql_flush, operations.execute_sql_flush

    def statements_for_filled(operations, style, tables, **options):
        tables = [name for name in tables if name not in FILLED]
        if connection.vendor == "postgresql":
            # TRUNCATE makes each table and index a new file: 120 ms, where this takes 2.
            names = (operations.quote_name(name) for name in tables)
            return ["; ".join(f"DELETE FROM {name}" for name in names)]  # noqa: S608  # of ours
        return statements_for(operations, style, tables, **options)

    def flush_without_triggers(operations, statements):
        with lifted():  # changes are append-only
            flush(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", statements_for_filled)
        patch.setattr(operations, "execute_sql_flush", flush_without_triggers)
        # It would look for content types and permissions to add: two thirds of the time.
        patch.setattr(flush_command, "emit_post_migrate_signal", lambda *told: None)
        yield


@pytest.fixture(autouse=True)
def nothing_of_another_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Builders write public changes only for tests marked `history`; caches begin and end empty.

    Where the clock stands still, two tests have registers of the same version. A request in French
    leaves its language to whatever runs next in the thread. One fixture, because each takes 0.1 ms
    of each test.
    """
    from companies.queries import readings  # Django must be set up first
    from companies.queries.roster import rosters
    from companies.register.open_data import public_files
    from pactwatch.page_fragments import FRAGMENTS

    from . import builders

    builders.with_history = request.node.get_closest_marker("history") is not None
    readings.forget()
    rosters.forget()
    public_files.forget()
    FRAGMENTS.clear()
    yield
    builders.with_history = True  # for rows of a whole module
    translation.activate(settings.LANGUAGE_CODE)
    reader_client.forget_answers()
