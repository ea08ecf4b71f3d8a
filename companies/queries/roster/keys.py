"""Query conditions on the company of a row."""

from collections.abc import Collection
from typing import Any

Key = tuple[int, int]  # a company and a pact
Companies = range | Collection[int]  # primary keys


def among(companies: Companies | None, path: str = "company") -> dict[str, Any]:
    """The condition on rows of these companies; None is all."""
    if companies is None:
        return {}
    if isinstance(companies, range):
        return {f"{path}__gte": companies.start, f"{path}__lt": companies.stop}
    return {f"{path}__in": companies}
