"""What `collectstatic` brings together."""

import re
from pathlib import Path

from django.contrib.staticfiles.finders import get_finders


def test_static_files_of_unused_packages_are_left_out():
    paths = [path for finder in get_finders() for path, _storage in finder.list([])]

    assert "site.css" in paths
    assert not [path for path in paths if path.startswith(("drf_spectacular", "rest_framework"))]


def test_colours_are_defined_in_tokens_css_only():
    told = re.compile(r"^ +--(\w[\w-]*): ", re.MULTILINE)
    static = Path(__file__).parent.parent / "static"
    tokens = set(told.findall((static / "tokens.css").read_text()))

    again = {
        sheet.name: found
        for sheet in static.glob("*.css")
        if sheet.name != "tokens.css"
        and (found := tokens & set(told.findall(sheet.read_text().partition("@media print")[0])))
    }
    assert again == {}
