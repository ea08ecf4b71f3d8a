"""How much is tried of all that could be: a sample by `make test`, all by `make test-all`."""

import os
from collections.abc import Sequence
from typing import Any

ALL = os.environ.get("TEST_ALL") == "1"


def seeds(number: int) -> range:
    """Starts of random comparisons: `make test-all` has five times as many."""
    return range(number * 5 if ALL else number)


def each(step: int, values: Sequence[Any]) -> Sequence[Any]:
    """Every `step`th value; in `make test-all` every one."""
    return values if ALL else values[::step]
