"""What every test needs: settings from a test's environment and an empty cache."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Set here, before Django reads its settings; a DATABASE_URL from outside chooses the database.
os.environ["DJANGO_SETTINGS_MODULE"] = "pactwatch.settings"
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["SITE_URL"] = "http://testserver"
os.environ["DEBUG"] = "off"
os.environ["HTTPS"] = "off"
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")

import django
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from .append_only import lifted

django.setup()

# Hashing a password takes half a second by design.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Else the client of every test begins by reading the folder of static files.
settings.WHITENOISE_AUTOREFRESH = True

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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that empty the tables, the groups of editors with them, run after all others.

    On PostgreSQL only what touches the database runs; the rest would repeat its first run.
    """
    items.sort(key=empties_tables)
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


@pytest.fixture(autouse=True, scope="session")
def changes_can_be_flushed() -> Iterator[None]:
    """A test with real transactions is cleaned up by emptying tables; changes refuse that."""
    flush = type(connection.ops).execute_sql_flush

    def flush_without_triggers(operations, statements):
        with lifted():
            flush(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "execute_sql_flush", flush_without_triggers)
        yield


@pytest.fixture(autouse=True)
def language_of_the_settings() -> Iterator[None]:
    """A request in French leaves its language to whatever runs next in the thread."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def static_files_without_collectstatic(settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
