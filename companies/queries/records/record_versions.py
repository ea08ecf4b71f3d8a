"""The version at which the record of a company last showed something else than before.

What the history hook says of each act (`register/shown_elsewhere.py`) makes it grow, so that an
answer about one company that is not newer still holds, whatever was edited elsewhere.
"""

from django.db import DEFAULT_DB_ALIAS, connections

_KEY = "company-"


def key_of(slug: str) -> str:
    """What answers about the company with this public id are kept by, as in `Surrogate-Key`."""
    return f"{_KEY}{slug}"


def changed_at(key: str) -> int:
    """The register's version at which what is kept by this key last changed. One query."""
    return record_version(key.removeprefix(_KEY))


def record_version(slug: str) -> int:
    """The register's version at which a record last changed, as far as the read table says."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT v.number, t.version, t.records, r.version FROM companies_registerversion v "
            "LEFT JOIN companies_readtable t ON t.id = v.id "
            "LEFT JOIN companies_company c ON c.slug = %s "
            "LEFT JOIN companies_companyrow r ON r.company_id = c.id WHERE v.id = 1",
            [slug],
        )
        found = cursor.fetchone()
    if found is None:
        return 0
    now, table, of_all, of_one = found
    if table != now or of_all is None or of_one is None:
        return int(now)
    return int(max(of_all, of_one))
