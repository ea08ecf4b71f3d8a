"""Sources and quotes of companies, as the read table counts them."""

import datetime
from collections import Counter, defaultdict

from django.db.models import Count

from companies.models import Citation, surest_first

from .keys import Companies, Key, among


def sources_of_periods(companies: Companies | None) -> dict[int | None, list[int]]:
    """Primary keys of each period's sources, most reliable first. One query."""
    cited = Citation.objects.filter(signing__isnull=False, **among(companies, "signing__company"))
    found = defaultdict[int | None, list[int]](list)
    for signing, source in cited.order_by(*surest_first()).values_list("signing_id", "source_id"):
        if source not in found[signing]:
            found[signing].append(source)
    return found


def quotes_of(day: datetime.date, companies: Companies | None = None) -> Counter[Key]:
    """The number of quotes of statuses begun by `day`, of pledges and of reports.

    By company and pact. Three queries.
    """
    quoted, found = Citation.objects.exclude(quote="").order_by(), Counter[Key]()
    for path, pact, more in (
        ("signing", "signing__pact", {"signing__since__lte": day}),
        ("pledge", "pledge__commitment__pact", {}),
        ("report", "report__pact", {}),
    ):
        company = f"{path}__company"
        of = {f"{path}__isnull": False} | more | among(companies, company)
        rows = quoted.filter(**of).values_list(company, pact).annotate(number=Count("pk"))
        for one, its_pact, number in rows:
            found[one, its_pact] += number
    return found
