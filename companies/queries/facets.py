"""Facets: for each filter of companies, how many each of its values would give."""

from typing import TYPE_CHECKING

from companies.models import Pledge

from .roster.roster import numbers

if TYPE_CHECKING:
    from .company_filter import CompanyFilter


def facets(companies: "CompanyFilter") -> dict[str, dict[str, int]]:
    """Companies by each value of each facet, all parameters kept but that of the facet itself."""
    from .company_filter import PROPERTIES

    companies.refuse_faults()
    counts = {
        name: companies.roster.counts(name, companies.found(without=name)) for name in PROPERTIES
    }
    return counts | _of_pledges(companies)


def _of_pledges(companies: "CompanyFilter") -> dict[str, dict[str, int]]:
    """Signatories by the commitments pledged and by their implementation: they may have several."""
    found, codes, levels = companies.found(without="commitment"), companies.codes, companies.levels
    by_commitment = {
        one.code: companies.pledging([one.code], levels) for one in companies.commitments
    }
    by_level = {level: companies.pledging(codes, [level]) for level in Pledge.Implementation.values}
    return {
        "commitment": numbers(by_commitment, found),
        "implementation": numbers(by_level, found),
    }
