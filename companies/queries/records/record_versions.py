"""The version at which the record of a company last showed something else than before.

What the history hook says of each act (`register/shown_elsewhere.py`) makes it grow, so that an
answer about one company that is not newer still holds, whatever was edited elsewhere.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, connections

from companies.models import Company, Signing

if TYPE_CHECKING:
    from companies.queries.clocks import Clock

_KEY = "company-"


def record_key(company: Company, statuses: Iterable[str | None], clock: "Clock") -> str:
    """What an answer that shows these statuses is kept by, as `Surrogate-Key`.

    Empty where it depends on more than this record: what an absence says of the lists depends on
    the companies that they name, and what was recorded on a past day is read from a copy.
    """
    if Signing.Status.NOT_SIGNED in statuses or "recorded_as_of" in clock.past:
        return ""
    return f"{_KEY}{company.slug}"


def changed_at(key: str) -> int:
    """The register's version at which what is kept by this key last changed. One query.

    The present version, where the key is empty or the read table does not say.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT v.number, t.version, t.records, r.version FROM companies_registerversion v "
            "LEFT JOIN companies_readtable t ON t.id = v.id "
            "LEFT JOIN companies_company c ON c.slug = %s "
            "LEFT JOIN companies_companyrow r ON r.company_id = c.id WHERE v.id = 1",
            [key.removeprefix(_KEY)],
        )
        found = cursor.fetchone()
    if found is None:
        return 0
    now, table, of_all, of_one = found
    if table != now or of_all is None or of_one is None:
        return int(now)
    return int(max(of_all, of_one))
