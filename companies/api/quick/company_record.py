"""A record as JSON: as its serializer made it, until the company or what it shows changes."""

import datetime
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from companies import queries
from companies.api.asked.program_query import CompanyQuery
from companies.api.base_views import kept_serializer
from companies.api.serializers import CompanyDetailSerializer
from companies.models import Company, Pact
from companies.queries.roster.kept_rows import KeptByCompany
from companies.queries.roster.table_state import TableState

from .answering import as_json, render

RECORDS = KeptByCompany(16_000_000)


def company_record(
    request: HttpRequest, clock: queries.Clock, now: TableState, slug: str
) -> HttpResponse | None:
    """The record; None where there is none, or only some of its fields are asked for."""
    pact = _pact(request.META.get("QUERY_STRING", ""), now, clock.today)
    if pact is None:
        return None
    lists = queries.full_lists(clock)
    shelf = RECORDS.at(now, (clock.today, lists, settings.SITE_URL, now.shared))
    body = shelf.get((pact.pk, slug))
    if body is None:
        company = queries.record_of(slug, pact, clock.day)
        if company is None:
            return None
        body = shelf.add((pact.pk, slug), _json(company, pact, clock), now.number, *_told(company))
    return as_json(body)


@lru_cache(100)
def _pact(query: str, now: TableState, today: datetime.date) -> Pact | None:
    """The pact that a query is about; None for one that chooses fields."""
    asked = CompanyQuery(QueryDict(query))
    return asked.chosen_pact if asked.shown is None else None


def _json(company: Company, pact: Pact, clock: queries.Clock) -> bytes:
    lists = queries.full_lists(clock)
    lists.mark(company.signings.all())
    lists.mark_companies([company], pact)
    context = {"pact": pact, "day": clock.day}
    made: bytes = render(
        kept_serializer(CompanyDetailSerializer, context).to_representation(company)
    )
    return made


def _told(company: Company) -> set[int]:
    """The companies that a record tells of: its own, and those of its group."""
    group = {one.pk for one in company.subsidiaries.all()}
    return {company.pk, company.parent_id or company.pk} | group
