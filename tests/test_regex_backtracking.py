"""No pattern takes exponential time on a text that somebody else wrote."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import companies
import pactwatch
from companies.importers.official_page.listed_names import FOOTNOTE

from .backtracking import explodes


def modules() -> Iterator[ModuleType]:
    for ours in (companies, pactwatch):
        for found in pkgutil.walk_packages(ours.__path__, f"{ours.__name__}."):
            if ".migrations." not in found.name and ".settings" not in found.name:
                yield importlib.import_module(found.name)


def patterns_in(value: Any) -> Iterator[re.Pattern[Any]]:
    """The patterns that a name of a module stands for, also those in its tuples and mappings."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from patterns_in(one)


def compiled() -> dict[re.Pattern[Any], str]:
    """Every compiled pattern of the project with the first name it goes by."""
    found: dict[re.Pattern[Any], str] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in patterns_in(value):
                found.setdefault(pattern, f"{module.__name__}.{name}")
    return found


def test_no_regular_expression_backtracks_exponentially():
    found = compiled()

    assert len(found) > 70
    assert FOOTNOTE in found
    assert {name: explodes(one) for one, name in found.items() if explodes(one)} == {}


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:\s*[*†‡]+)+$",
        r"(?:\w+\s?)+!",
        r"(?:a|aa)+$",
        r"(?:a|a)*b",
        r"foo\((?:[^()]|\w+)*\)",
        r"(?:[g-z0-9]+|[0-9a-f]+)+$",
        r"\s*\s*\s*\s*x",
        r"(?:(?:x+)?y?)*z",
        r"(?=(?:a+)+$)b",
    ],
)
def test_the_check_finds_exponential_backtracking(pattern):
    assert explodes(re.compile(pattern))


@pytest.mark.parametrize(
    "pattern",
    [r"(?>(?:\s*[*†‡]+)+)$", r"(?:\s*[*†‡]++)++$", r"(?:\w+\s)+!", r"\d+\.\d*", r"(?:ab|cd)+$"],
)
def test_the_check_accepts_a_linear_pattern(pattern):
    assert explodes(re.compile(pattern)) == ""


@pytest.mark.parametrize("marks", ["*" * 30, "†*" * 50, "[1]" * 50, "(1) " * 50])
def test_footnote_marks_are_not_part_of_a_name(marks):
    assert FOOTNOTE.sub("", f"Acme {marks}".strip()) == "Acme"
    assert FOOTNOTE.sub("", f"Acme {marks}x") == f"Acme {marks}x"
