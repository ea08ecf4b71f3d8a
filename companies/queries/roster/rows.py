"""The rows of lists, as the read table or the roster finds them."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import FilteredRelation, Q

from companies.models import Company, Pact, Signing

from .orders import ByKeys, Ordered
from .rosters import roster_of
from .table_state import kept

if TYPE_CHECKING:
    from companies.queries.clocks import Clock

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
    pledges: str | None  # as in the read table; of core commitments at least
    changed_at: datetime.datetime | None = None  # where lists are sorted by it


def list_rows(keys: Sequence[int], pact: Pact) -> list[ListRow]:
    """The rows of these companies in this order, from the read table. One query."""
    found = FilteredRelation("status_rows", condition=Q(status_rows__pact=pact.pk))
    companies = Company.objects.filter(pk__in=keys).annotate(found=found).order_by()
    rows = companies.values_list(*_PROFILE.values(), *(f"found__{name}" for name in _STATUS))
    by_key = {row[0]: row for row in rows}
    return [ListRow(*by_key[key]) for key in keys if key in by_key]


def of_company(company: Any) -> ListRow:
    """The row of a company as `listing` gives it, for a past day or without the read table."""
    sector = company.sector
    return ListRow(
        *(company.pk, company.slug, company.name, company.country),
        *((sector.code, sector.label_en, sector.label_fr) if sector else (None, None, None)),
        *(company.size, company.role, company.status, company.since),
        *(company.since_precision, company.since_basis, company.source_count),
        " ".join(f"{one.commitment_id}:{one.implementation}" for one in company.core_pledges),
    )


@kept
def most_cited(pact: Pact, clock: "Clock", status: str, number: int) -> list[Signing]:
    """Periods of this status; the companies with the most sources come first, then by name.

    The sources of all statuses of a company count. The page /method/ states this rule.
    """
    roster = roster_of(pact, clock)
    by_sources = ByKeys(roster.orders["sources"], falling=True)
    keys = Ordered(roster, roster.having("status", [status]), [by_sources])[:number]
    periods = Signing.objects.on(clock.day).filter(pact=pact, company__in=keys)
    found = {one.company_id: one for one in periods.select_related("company")}
    return [found[key] for key in keys if key in found]
