"""Facets: for each filter of companies, how many each of its values would give."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from companies.models import Pledge
from companies.queries.roster.roster import Places, numbers

if TYPE_CHECKING:
    from companies.queries.company_filter import CompanyFilter

COMMITMENT, IMPLEMENTATION = "commitment", "implementation"
# Each is a parameter and a property of the roster.
PROPERTIES = (
    *("country", "region", "sector", "size", "role"),
    *("status", "report", "implementation_evidence"),
)
FACETS = (*PROPERTIES, COMMITMENT, IMPLEMENTATION)


def facets(
    companies: "CompanyFilter", names: Collection[str] = FACETS
) -> dict[str, dict[str, int]]:
    """Count companies by each value of these facets, ignoring the facet's own parameter."""
    companies.refuse_faults()
    return {name: _facet(companies, name) for name in FACETS if name in names}


def _facet(companies: "CompanyFilter", name: str) -> dict[str, int]:
    key = companies.key(without=name if name in PROPERTIES else "")
    counts: dict[str, int] = companies.results.of(
        key and (*key, name), lambda: _counts(companies, name)
    )
    return counts


def _counts(companies: "CompanyFilter", name: str) -> dict[str, int]:
    if name in PROPERTIES:
        return companies.roster.counts(name, companies.found(without=name))
    return numbers(_by_pledge(companies, name), companies.found(without=COMMITMENT))


def _by_pledge(companies: "CompanyFilter", name: str) -> Places:
    """Signatories by pledged commitment or by implementation: each may have several."""
    codes, levels = companies.codes, companies.levels
    if name == COMMITMENT:
        return {one.code: companies.pledging([one.code], levels) for one in companies.commitments}
    return {level: companies.pledging(codes, [level]) for level in Pledge.Implementation.values}
