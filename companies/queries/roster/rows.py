"""The rows of a list about the present, from the read table. One query for a page."""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import FilteredRelation, Q

from companies.models import Company, Pact

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
    """What a list says of one company and its status toward one pact."""

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
    pledges: str | None


def list_rows(keys: Sequence[int], pact: Pact) -> list[ListRow]:
    """The rows of these companies, in this order."""
    found = FilteredRelation("status_rows", condition=Q(status_rows__pact=pact.pk))
    companies = Company.objects.filter(pk__in=keys).annotate(found=found).order_by()
    rows = companies.values_list(*_PROFILE.values(), *(f"found__{name}" for name in _STATUS))
    by_key = {row[0]: row for row in rows}
    return [ListRow(*by_key[key]) for key in keys if key in by_key]
