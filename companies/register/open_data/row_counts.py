"""How many rows each file of the package has.

To count those of 1,000,000 companies takes 1.7 s, nearly all of it for the pledges that say more
than a signature.
"""

from collections.abc import Mapping

from companies.models import Citation, Company, Pledge
from companies.queries.counting.cached_counts import CachedCounts
from companies.queries.roster.keys import Companies, among
from companies.register.package.tables import TABLES, Table


def has_more_than(number: int) -> bool:
    """Whether there are more rows; no more than so many are counted."""
    left = number
    for table in TABLES:
        left -= table.stated_rows().order_by()[: left + 1].count()
        if left < 0:
            return True
    return False


def row_counts() -> Mapping[str, int]:
    """The rows of each table; after an edit those of companies near it are counted again."""
    of_companies = _OF_COMPANIES.of()
    return {
        table.name: of_companies.get(table.name, 0) if _path(table) else table.rows().count()
        for table in TABLES
    }


def _path(table: Table) -> str:
    """The path to the company of a row; "" for citations and for what belongs to no company."""
    if table.model is Company:
        return "pk"
    # A citation has one of four, which would have to be looked for.
    is_of_one = "company" in table.columns and table.model is not Citation
    return "company" if is_of_one else ""


def _of_companies(companies: Companies | None) -> dict[str, int]:
    found = {
        table.name: table.rows().filter(**among(companies, path)).count()
        for table in TABLES
        if (path := _path(table))
    }
    # Counted by themselves: to leave them out of the pledges of a range, all would be read.
    found["pledges"] -= Pledge.objects.computed().filter(**among(companies)).count()
    return found


_OF_COMPANIES = CachedCounts(_of_companies)
