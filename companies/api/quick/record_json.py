"""The JSON of a record, cached until the company or what it shows changes."""

import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict

from companies import queries
from companies.models import Pact
from companies.queries.records.record_values import record_values
from companies.queries.roster.cached_texts import CachedTexts
from companies.queries.roster.table_state import TableState

from .record_fields import record_fields
from .rendering import query_of, render

RECORDS = CachedTexts(16_000_000)


def company_record(
    request: HttpRequest, clock: queries.Clock, now: TableState, kind: Any, slug: str
) -> tuple[bytes, dict[str, str]] | None:
    """The record; None if there is none, or it is for the serializers to write."""
    pact = pact_of_query(kind, query_of(request), now.shared, clock.today)
    if pact is None:
        return None
    lists = queries.full_lists(clock)
    shelf = RECORDS.at(now, (clock.today, lists, settings.SITE_URL, now.records))
    cached = shelf.get((pact.pk, slug))
    if cached is None:
        values = record_values(slug, clock.day)
        if values is None:
            return None
        (company,) = values["company"]
        statuses = [one["status"] for one in values["signings"]]
        about = queries.record_key(slug, statuses, clock).encode()
        text = about + b"\n" + render(record_fields(values, pact, lists))
        group = {company["pk"], company["parent"] or company["pk"]}
        group |= {one["pk"] for one in values["subsidiaries"]}
        cached = shelf.add((pact.pk, slug), text, now.number, *group)
    key, _line, body = cached.partition(b"\n")
    return body, {"Surrogate-Key": key.decode()} if key else {}


@lru_cache(100)
def pact_of_query(kind: Any, text: bytes, shared: TableState, today: datetime.date) -> Pact | None:
    """The pact of a query, which no edit of a company changes; None if it chooses fields."""
    query = kind(QueryDict(text))
    pact: Pact = query.chosen_pact
    return pact if getattr(query, "shown", None) is None else None
