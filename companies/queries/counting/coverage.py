"""How many rows state each value that may be missing."""

from typing import Any

from django.db import models
from django.db.models import Count, Q

from companies.models import Company, Pact, Pledge, ProgressReport, Signing, Source
from companies.queries.clocks import Clock
from companies.queries.roster.keys import Companies, among
from companies.queries.roster.roster import UNKNOWN

from .cached_counts import CachedCounts

# The tables of the package whose columns may stand empty because no source says more.
OF_COMPANIES = (Company, Signing, Pledge, ProgressReport)
COVERED = (*OF_COMPANIES, Source)


def known_values() -> list[dict[str, Any]]:
    """For each column that may lack a value, how many rows have one. Five queries."""
    known = {**_KNOWN.of(), **_known_of(Source.objects.all())}
    found = []
    for model in COVERED:
        rows = known.get((model.__name__, ""), 0)
        for column in _optional(model):
            number = known.get((model.__name__, column.name), 0)
            share = round(number / rows, 4) if rows else None
            counted = {"model": model.__name__, "column": column.name, "known": number}
            found.append(counted | {"rows": rows, "share": share})
    return found


def _of_companies(companies: Companies | None) -> dict[tuple[str, str], int]:
    found = dict[tuple[str, str], int]()
    for model in OF_COMPANIES:
        path = "pk" if model is Company else "company"
        found |= _known_of(model._default_manager.filter(**among(companies, path)))
    return found


_KNOWN = CachedCounts(_of_companies)


def _known_of(rows: Any) -> dict[tuple[str, str], int]:
    """The number of rows with a value, by model and column; of all rows under "". One query."""
    conditions = {one.name: _states(one) for one in _optional(rows.model)}
    counts = {f"{name}_known": Count("pk", filter=one) for name, one in conditions.items()}
    number, *known = rows.order_by().aggregate(rows=Count("pk"), **counts).values()
    return {
        (rows.model.__name__, name): one
        for name, one in zip(("", *conditions), (number, *known), strict=True)
    }


def _optional(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    fields = [one for one in model._meta.concrete_fields if one.editable]
    return [one for one in fields if one.blank or one.null or UNKNOWN in dict(one.flatchoices)]


def _states(field: "models.Field[Any, Any]") -> Q:
    """Condition for rows with a value that is neither empty nor unknown."""
    states = Q(**{f"{field.name}__isnull": False})
    if isinstance(field, models.CharField | models.TextField):
        states &= ~Q(**{f"{field.name}__in": ["", UNKNOWN]})
    return states


def days_stated(pact: Pact, clock: Clock) -> int:
    """The number of signatories of whom a source states the day."""
    return _DAYS_STATED.of(pact, clock.day).get("", 0)


def _days_stated(pact: Pact, day: Any, companies: Companies | None) -> dict[str, int]:
    stated = Signing.SinceBasis.STATED
    signed = Signing.objects.on(day).signed().filter(pact=pact, since_basis=stated)
    return {"": signed.filter(**among(companies)).count()}


_DAYS_STATED = CachedCounts(_days_stated)
