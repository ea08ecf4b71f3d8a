"""Build the JSON of listed companies without serializers, which take most of the time.

`CompanySerializer` defines the fields; a test compares the two for every company.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from companies.api.serializer_fields import absolute, url_template
from companies.models import Commitment, Company, Pact, PartialDate

if TYPE_CHECKING:
    from companies.queries import FullLists
    from companies.queries.roster.rows import ListRow


def items(
    rows: "Iterable[ListRow]", pact: Pact, core: Iterable[Commitment], lists: "FullLists"
) -> Iterator[dict[str, Any]]:
    """The rows as `CompanySerializer` represents them; `core` are the pact's core commitments."""
    url, page = (absolute(url_template(view, 1)).format for view in ("api:company", "company"))
    codes = {str(one.pk): one.code for one in core}
    for row in rows:
        missed = lists.without(row.pk, pact.pk, row)
        yield {
            "slug": row.slug,
            "name": row.name,
            "country": row.country or None,
            "region": region_of(row.country),
            "sector": _sector(row),
            "size": row.size,
            "role": row.role,
            "pact": pact.slug,
            "status": row.status or "unknown",
            "since": str(PartialDate(row.since, row.since_precision)) if row.since else None,  # type: ignore[arg-type]  # both or neither
            "since_precision": row.since_precision,
            "since_basis": row.since_basis,
            "last_checked": str(missed.last) if missed else None,
            "source_count": row.source_count or 0,
            "core_pledges": _pledges(row.pledges or "", codes),
            "url": url(at0=row.slug),
            "page": page(at0=row.slug),
        }


def _sector(row: "ListRow") -> dict[str, Any] | None:
    if row.sector is None:
        return None
    return {"code": row.sector, "label": {"en": row.sector_en, "fr": row.sector_fr}}


def _pledges(text: str, codes: Mapping[str, str]) -> list[dict[str, str]]:
    pledged = dict(pledge.split(":") for pledge in text.split())
    return [
        {"commitment": code, "implementation": pledged[key]}
        for key, code in codes.items()
        if key in pledged
    ]


@cache
def region_of(country: str) -> str:
    return Company(country=country).region.value
