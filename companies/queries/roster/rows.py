"""List rows, from the read table or the periods."""

import datetime
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import FilteredRelation, Q

from companies.models import Company, Pact
from companies.queries.records.prepared import Prepared, parameter_count, placeholder_keys

_PROFILE = {
    "pk": "pk",
    "slug": "slug",
    "name": "name",
    "country": "country",
    "sector": "sector__code",
    "sector_en": "sector__label_en",
    "sector_fr": "sector__label_fr",
    "size": "size",
    "role": "role",
}
_STATUS = ("status", "since", "since_precision", "since_basis", "source_count", "pledges")


class ListRow(NamedTuple):
    """A list row: one company and its status toward one pact."""

    pk: int
    slug: str
    name: str
    country: str
    sector: str | None
    sector_en: str | None
    sector_fr: str | None
    size: str
    role: str
    status: str | None
    since: datetime.date | None
    since_precision: str | None
    since_basis: str | None
    source_count: int | None
    pledges: str | None  # as in the read table; of core commitments at least
    changed_at: datetime.datetime | None = None  # where lists are sorted by it


def list_rows(keys: Sequence[int], pact: Pact) -> list[ListRow]:
    """The rows of these companies, in order, from the read table. One query."""
    by_key = {row[0]: row for row in _rows(pact.pk, parameter_count(keys)).values(keys)}
    return [ListRow(*by_key[key]) for key in keys if key in by_key]


@lru_cache(64)
def _rows(pact: int, number: int) -> Prepared[Company]:
    found = FilteredRelation("status_rows", condition=Q(status_rows__pact=pact))
    keys = placeholder_keys(number)
    companies = Company.objects.filter(pk__in=keys).annotate(found=found).order_by()
    columns = (*_PROFILE.values(), *(f"found__{name}" for name in _STATUS))
    return Prepared(companies.values_list(*columns), keys)


def of_company(company: Any) -> ListRow:
    """The row of a company annotated by `listing`, for past days or without read table."""
    sector = company.sector
    of_sector = (sector.code, sector.label_en, sector.label_fr) if sector else (None,) * 3
    pledges = (f"{one.commitment_id}:{one.implementation}" for one in company.core_pledges)
    return ListRow._make(
        [
            *(company.pk, company.slug, company.name, company.country, *of_sector),
            *(company.size, company.role, company.status, company.since),
            *(company.since_precision, company.since_basis, company.source_count),
            *(" ".join(pledges), None),
        ]
    )
