"""The register version at which a company's record last changed, for cache keys.

The history hook raises it after each edit (`register/shown_elsewhere.py`), so that a cached
response about one company stays valid whatever else is edited.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS

from companies.models import Signing

from .statements import rows_of_statement

if TYPE_CHECKING:
    from companies.queries.clocks import Clock

_KEY = "company-"


def record_key(slug: str, statuses: Iterable[str | None], clock: "Clock") -> str:
    """The `Surrogate-Key` of a response that shows these statuses.

    Empty if it depends on more than this record: an absence depends on the companies that lists
    name, and a recorded past is read from a copy.
    """
    if Signing.Status.NOT_SIGNED in statuses or "recorded_as_of" in clock.past:
        return ""
    return f"{_KEY}{slug}"


def changed_at(key: str) -> int:
    """The register version at which anything under this key last changed. One query.

    The current version for an empty key, or if the read table does not know.
    """
    found = rows_of_statement(
        DEFAULT_DB_ALIAS,
        "SELECT v.number, t.version, t.records, r.version FROM companies_registerversion v "
        "LEFT JOIN companies_readtable t ON t.id = v.id "
        "LEFT JOIN companies_company c ON c.slug = %s "
        "LEFT JOIN companies_companyrow r ON r.company_id = c.id WHERE v.id = 1",
        [key.removeprefix(_KEY)],
    )
    if not found:
        return 0
    now, table, of_all, of_one = found[0]
    if table != now or of_all is None or of_one is None:
        return int(now)
    return int(max(of_all, of_one))
