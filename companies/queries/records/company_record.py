"""One company with its rows, as pages and the API show it."""

import copy
import datetime
from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.utils import timezone

from companies.models import (
    SUREST_FIRST,
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    Pact,
    Pledge,
    ProgressReport,
    Retraction,
    Signing,
)
from companies.queries.querysets import by_name, made_by

Row = TypeVar("Row", bound=Model)
A_NUMBER, A_TEXT = -1_000_003, "-a-key-"  # where a query will be given its key


class Prepared(Generic[Row]):
    """The rows of a queryset that is filtered by A_NUMBER or A_TEXT, for any key in its place.

    Django compiles a query each time it is asked, which takes ten times as long as the answer:
    these are compiled once for each kind of database.
    """

    def __init__(self, rows: QuerySet[Row]) -> None:
        self.rows = rows
        self._compiled = dict[str, Any]()

    def of(self, key: int | str) -> list[Row]:
        """The rows of this key, without prefetched ones. One query."""
        using = self.rows.db
        compiler = copy.copy(self._compiler(using))
        sql, params = compiler.statement
        bound = tuple(key if one in (A_NUMBER, A_TEXT) else one for one in params)
        compiler.connection, compiler.as_sql = connections[using], lambda: (sql, bound)
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        read: Any = SimpleNamespace(
            query=query, db=using, model=self.rows.model, _known_related_objects={}
        )
        return list(ModelIterable(read))

    def _compiler(self, using: str) -> Any:
        vendor = connections[using].vendor
        if vendor not in self._compiled:
            compiler = self.rows.query.get_compiler(using)
            compiler.statement = compiler.as_sql()
            converters = compiler.get_converters([one[0] for one in compiler.select])
            compiler.get_converters = lambda expressions: converters
            self._compiled[vendor] = compiler
        return self._compiled[vendor]


class Queries(NamedTuple):
    """The queries of a record: the company by its public id, the others by its primary key."""

    company: Prepared[Company]
    parent: Prepared[Company]
    subsidiaries: Prepared[Company]
    names: Prepared[CompanyName]
    identifiers: Prepared[CompanyIdentifier]
    retractions: Prepared[Retraction]
    signings: Prepared[Signing]
    pledges: Prepared[Pledge]
    reports: Prepared[ProgressReport]
    citations: dict[str, Prepared[Citation]]


def record_of(slug: str, pact: Pact, day: datetime.date) -> Company | None:
    """The company with everything that its record shows; None for an unknown public id.

    Each row knows the one it belongs to. Nine queries and one for each kind of citations.
    """
    queries = _queries(pact.pk, day, timezone.localdate())
    company = next(iter(queries.company.of(slug)), None)
    if company is None:
        return None
    key = company.pk
    if company.parent_id:
        company.parent = queries.parent.of(company.parent_id)[0]
    for name in ("subsidiaries", "names", "identifiers", "retractions"):
        _attach([company], name, getattr(queries, name).of(key))
    _attach([company], "citations", queries.citations["company"].of(key))
    for name, target in (("signings", "signing"), ("pledges", "pledge"), ("reports", "report")):
        rows = getattr(queries, name).of(key)
        _attach([company], name, rows)
        _attach(rows, "citations", queries.citations[target].of(key) if rows else [])
    return company


def _attach(owners: Sequence[Any], name: str, rows: Iterable[Model]) -> None:
    """Give each owner its rows under `name`, as prefetch_related does; others have no owner here.

    On a past day these are citations of periods and pledges of later.
    """
    by_key = {owner.pk: owner for owner in owners}
    for owner in owners:
        owner.__dict__.setdefault("_prefetched_objects_cache", {})[name] = []
    for row in rows if owners else ():
        field = owners[0]._meta.get_field(name).field
        if owner := by_key.get(getattr(row, field.attname)):
            field.set_cached_value(row, owner)
            owner._prefetched_objects_cache[name].append(row)


@lru_cache(8)
def _queries(pact: int, day: datetime.date, today: datetime.date) -> Queries:
    """The queries of a day; those of today and of a past day differ."""
    companies = Company.objects.with_status(Pact(pk=pact), day)
    citations = Citation.objects.select_related("source", "quote_check").order_by(*SUREST_FIRST)
    of = {"company": A_NUMBER}
    pledges = made_by(day).filter(**of).select_related("commitment__pact")
    return Queries(
        Prepared(companies.filter(slug=A_TEXT).select_related("sector").order_by()),
        Prepared(companies.filter(pk=A_NUMBER).order_by()),
        Prepared(by_name(companies.filter(parent=A_NUMBER))),
        Prepared(CompanyName.objects.filter(**of)),
        Prepared(CompanyIdentifier.objects.filter(**of)),
        Prepared(Retraction.objects.filter(**of).select_related("pact")),
        Prepared(Signing.objects.filter(**of, since__lte=day).select_related("pact")),
        Prepared(pledges),
        Prepared(ProgressReport.objects.filter(**of).select_related("pact")),
        {
            "company": Prepared(citations.filter(**of)),
            "signing": Prepared(citations.filter(signing__company=A_NUMBER)),
            "pledge": Prepared(citations.filter(pledge__company=A_NUMBER)),
            "report": Prepared(citations.filter(report__company=A_NUMBER)),
        },
    )
