"""`make next`: the newest releases of what the project names, and a verdict in one line."""

import pytest

from tools.next_versions import OVERRIDES, requirements, verdict


def test_the_newest_versions_of_all_direct_requirements_are_tried_without_the_lock():
    asked = requirements().splitlines()

    assert {"urllib3", "pytest-django", "argon2-cffi"} <= {*asked}
    assert [line for line in asked if line.startswith("-")] == []
    assert OVERRIDES.startswith("django>=6")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            {"passed": 9, "failed": 0, "errors": 0, "skipped": 1},
            "9 passed, 1 skipped; nothing fails.",
        ),
        ({"passed": 9, "failed": 2}, "9 passed, 2 failed; which ones is above."),
        ({"errors": 1}, "1 errors; which ones is above."),
        ({}, "no test ran, the reason is above."),
    ],
)
def test_the_report_says_how_many_tests_failed(counts, said):
    assert verdict("Django 6.1", counts) == f"Django 6.1: {said}"
