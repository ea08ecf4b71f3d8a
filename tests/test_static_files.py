"""What `collectstatic` brings together."""

from django.apps import apps
from django.contrib.staticfiles.finders import get_finders


def test_what_no_page_asks_for_is_left_out():
    ignored = apps.get_app_config("staticfiles").ignore_patterns
    paths = [path for finder in get_finders() for path, _storage in finder.list(ignored)]

    assert "site.css" in paths
    assert not [path for path in paths if "redoc" in path or path.startswith("rest_framework")]
