"""The JSON of a record, cached until the company or what it shows changes."""

import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict

from companies import queries
from companies.api.serializers import CompanyDetailSerializer
from companies.models import Company, Pact
from companies.queries.roster.kept_rows import KeptByCompany
from companies.queries.roster.table_state import TableState

from .rendering import kept_serializer, query_of, render

RECORDS = KeptByCompany(16_000_000)


def company_record(
    request: HttpRequest, clock: queries.Clock, now: TableState, kind: Any, slug: str
) -> tuple[bytes, dict[str, str]] | None:
    """The record; None if there is none, or only some fields are requested."""
    pact = pact_asked(kind, query_of(request), now.shared, clock.today)
    if pact is None:
        return None
    lists = queries.full_lists(clock)
    shelf = RECORDS.at(now, (clock.today, lists, settings.SITE_URL, now.records))
    kept = shelf.get((pact.pk, slug))
    if kept is None:
        company = queries.record_of(slug, pact, clock.day)
        if company is None:
            return None
        statuses = [one.status for one in company.signings.all()]
        about = queries.record_key(company, statuses, clock).encode()
        text = about + b"\n" + _json(company, pact, clock)
        kept = shelf.add((pact.pk, slug), text, now.number, *queries.group_of(company))
    key, _line, body = kept.partition(b"\n")
    return body, {"Surrogate-Key": key.decode()} if key else {}


@lru_cache(100)
def pact_asked(kind: Any, text: bytes, shared: TableState, today: datetime.date) -> Pact | None:
    """The pact of a query, which no edit of a company changes; None if it chooses fields."""
    query = kind(QueryDict(text))
    pact: Pact = query.chosen_pact
    return pact if getattr(query, "shown", None) is None else None


def _json(company: Company, pact: Pact, clock: queries.Clock) -> bytes:
    lists = queries.full_lists(clock)
    lists.mark(company.signings.all())
    lists.mark_companies([company], pact)
    context = {"pact": pact, "day": clock.day}
    return render(kept_serializer(CompanyDetailSerializer, context).to_representation(company))
