"""What every test needs: settings from a test's environment and an empty cache."""

import os
from collections.abc import Iterator

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
from django.core.cache import cache

django.setup()


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def static_files_without_collectstatic(settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
