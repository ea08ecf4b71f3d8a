"""What `collectstatic` brings together."""

from django.contrib.staticfiles.finders import get_finders


def test_what_no_page_asks_for_is_left_out():
    paths = [path for finder in get_finders() for path, _storage in finder.list([])]

    assert "site.css" in paths
    assert not [path for path in paths if path.startswith(("drf_spectacular", "rest_framework"))]
