"""How much is tried of all that could be: a sample by `make test`, all by `make test-all`."""

import os
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from django.db import connection

ALL = os.environ.get("TEST_ALL") == "1"


def seeds(number: int) -> range:
    """Starts of random comparisons: `make test-all` has five times as many."""
    return range(number * 5 if ALL else number)


def each(step: int, values: Sequence[Any]) -> Sequence[Any]:
    """Every `step`th value; in `make test-all` every one."""
    return values if ALL else values[::step]


def on_both(step: int, values: Iterable[Any]) -> list[Any]:
    """Parameters of a test that SQLite runs with all; PostgreSQL runs every `step`th of them."""
    return [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=marks)
        for number, value in enumerate(values)
        for marks in [() if number % step else (pytest.mark.database,)]
    ]


def only_on(vendor: str) -> pytest.MarkDecorator:
    """`make test` runs it on that database alone, `make test-all` on both."""
    return pytest.mark.database if connection.vendor == vendor else pytest.mark.long
