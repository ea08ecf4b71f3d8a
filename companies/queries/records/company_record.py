"""One company with all its rows, for pages and the API."""

import datetime
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from companies.models import (
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    Pact,
    Pledge,
    ProgressReport,
    Retraction,
    Signing,
    surest_first,
)

from .prepared import Prepared, Row, parameter_count, placeholder_keys, placeholder_texts

# What lists can include of each company, and what its record has besides.
DETAILS = ("names", "signings", "pledges", "citations", "reports")
OF_RECORD_ALONE = ("subsidiaries", "identifiers", "retractions")


class Queries(NamedTuple):
    """The compiled queries of records, by public id or primary key."""

    company: Prepared[Company]
    by_key: Prepared[Company]
    subsidiaries: Prepared[Company]
    names: Prepared[CompanyName]
    identifiers: Prepared[CompanyIdentifier]
    retractions: Prepared[Retraction]
    signings: Prepared[Signing]
    pledges: Prepared[Pledge]
    reports: Prepared[ProgressReport]
    citations: Prepared[Citation]
    cited: dict[str, Prepared[Citation]]  # those of periods, pledges and reports


def record_of(slug: str, pact: Pact, day: datetime.date) -> Company | None:
    """The company with everything that its record shows; None for an unknown public id."""
    return next(iter(records_of([slug], pact, day)), None)


def records_of(slugs: Sequence[str], pact: Pact, day: datetime.date) -> list[Company]:
    """Companies with everything that their records show, in any order.

    Each row knows the one it belongs to. Nine queries and one for each kind of citations.
    """
    queries = _queries(pact.pk, day, timezone.localdate(), parameter_count(slugs))
    companies = queries.company.of(slugs)
    above = queries.by_key.of(list({one.parent_id for one in companies if one.parent_id}))
    parents = {parent.pk: parent for parent in above}
    for company in companies:
        if company.parent_id:
            company.parent = parents[company.parent_id]
    return _with((*OF_RECORD_ALONE, *DETAILS), companies, queries)


def group_of(company: Company) -> set[int]:
    """The companies shown on a record, by primary key: itself, parent, subsidiaries."""
    parts = {one.pk for one in company.subsidiaries.all()}
    return {company.pk, company.parent_id or company.pk} | parts


def details_of(
    keys: Sequence[int], names: Iterable[str], pact: Pact, day: datetime.date
) -> list[Company]:
    """Companies with some of `DETAILS`; one query for each, and one for its citations."""
    queries = _queries(pact.pk, day, timezone.localdate(), parameter_count(keys))
    return _with(names, queries.by_key.of(keys), queries)


def _with(names: Iterable[str], companies: list[Company], queries: Queries) -> list[Company]:
    keys = [company.pk for company in companies]
    for name in names:
        rows = getattr(queries, name).of(keys)
        _attach(companies, name, rows)
        if name in queries.cited:
            _attach(rows, "citations", queries.cited[name].of(keys) if rows else [])
    return companies


def _attach(owners: Sequence[Any], name: str, rows: Iterable[Model]) -> None:
    """Attach rows to their owners under `name`, as prefetch_related does.

    Rows without an owner here are skipped: as of a past day these are citations of later
    periods and pledges.
    """
    by_key = {owner.pk: owner for owner in owners}
    for owner in owners:
        owner.__dict__.setdefault("_prefetched_objects_cache", {})[name] = []
    for row in rows if owners else ():
        field = owners[0]._meta.get_field(name).field
        if owner := by_key.get(getattr(row, field.attname)):
            field.set_cached_value(row, owner)
            owner._prefetched_objects_cache[name].append(row)


@lru_cache(16)
def _queries(pact: int, day: datetime.date, today: datetime.date, number: int) -> Queries:
    """The compiled queries for `number` companies; those of today and of a past day differ."""
    keys, slugs = placeholder_keys(number), placeholder_texts(number)
    # By an expression, not by the index: SQLite would read all names to find a few.
    by_name = (Coalesce("name_folded", Value("")), "pk")
    companies = Company.objects.with_status(Pact(pk=pact), day)
    citations = Citation.objects.select_related("source", "quote_check").order_by(*surest_first())
    of = {"company__in": keys}
    pledges = Pledge.objects.known(day).filter(**of).select_related("commitment__pact")
    named = companies.filter(slug__in=slugs).select_related("sector").order_by()

    def of_keys(rows: QuerySet[Row]) -> Prepared[Row]:
        return Prepared(rows, keys)

    def cited(**targets: Any) -> Prepared[Citation]:
        # Of two companies, SQLite would read all citations to find theirs: 1 s of 1,000,000.
        those = Citation.objects.filter(**targets).order_by().values("pk")
        return of_keys(citations.filter(pk__in=those))

    def rows_of(model: type[Model]) -> QuerySet[Model, Any]:
        return model._default_manager.filter(**of).order_by().values("pk")

    return Queries(
        Prepared(named, slugs),
        of_keys(companies.filter(pk__in=keys).order_by()),
        of_keys(companies.filter(parent__in=keys).order_by(*by_name)),
        of_keys(CompanyName.objects.filter(**of)),
        of_keys(CompanyIdentifier.objects.filter(**of)),
        of_keys(Retraction.objects.filter(**of).select_related("pact")),
        of_keys(Signing.objects.filter(**of, since__lte=day).select_related("pact")),
        of_keys(pledges),
        of_keys(ProgressReport.objects.filter(**of).select_related("pact")),
        cited(**of),
        {
            "signings": cited(signing__in=rows_of(Signing)),
            "pledges": cited(pledge__in=rows_of(Pledge)),
            "reports": cited(report__in=rows_of(ProgressReport)),
        },
    )
