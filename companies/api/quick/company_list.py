"""The list of companies, assembled from the cached JSON of each."""

import copy
import datetime
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, QueryDict

from companies import queries
from companies.api.pagination import PageLinks, envelope
from companies.queries.roster.cached_texts import CachedTexts
from companies.queries.roster.table_state import TableState

from .items import items
from .rendering import query_of, render

ITEMS = CachedTexts(16_000_000)
MOST_PARSED = 500  # parsed queries in the cache
LONGEST = 500  # characters of one of them


class ReadList(NamedTuple):
    """A parsed list query; each response uses a copy."""

    query: Any
    links: PageLinks


def company_list(
    request: HttpRequest, clock: queries.Clock, now: TableState, kind: Any
) -> tuple[bytes, dict[str, str]] | None:
    """The list for a query of this kind; None if it needs rows that are not cached."""
    text = query_of(request)
    read = _question if len(text) < LONGEST else _question.__wrapped__
    question = read(kind, request.path, text, now.shared, clock.today)
    values = question.query.form.cleaned_data
    if values["company"] or values["company__not"]:  # whose public ids may be others by now
        question = _question.__wrapped__(kind, request.path, text, now.shared, clock.today)
        values = question.query.form.cleaned_data
    if values["fields"] or values["include"]:
        return None
    query = copy.copy(question.query)
    page, keys = query.requested_page()
    about, headers = envelope(page, question.links)
    if names := values["facets"]:
        about["facets"] = queries.facets(query, names)
    start = render(about | {"results": []})
    rows = b",".join(_items(query, keys, now))
    return start.removesuffix(b"]}") + rows + b"]}", headers


@lru_cache(MOST_PARSED)
def _question(
    kind: Any, path: str, text: bytes, shared: TableState, today: datetime.date
) -> ReadList:
    """Parse the query of a URL; cached by register version, since valid values depend on it."""
    given = QueryDict(text)
    query = kind(given)
    query.refuse_faults()
    return ReadList(query, PageLinks(path, given))


def _items(query: Any, keys: Sequence[int], now: TableState) -> list[bytes]:
    """The JSON of these companies in order, without deleted ones."""
    pact, lists = query.chosen_pact, queries.full_lists(query.clock)
    shelf = ITEMS.at(now, (query.clock.today, lists, settings.SITE_URL))
    found = {key: shelf.get((pact.pk, key)) for key in keys}
    if missing := [key for key, text in found.items() if text is None]:
        rows = query.rows_of(missing)
        for row, item in zip(rows, items(rows, pact, query.core, lists), strict=True):
            found[row.pk] = shelf.add((pact.pk, row.pk), render(item), now.number, row.pk)
    return [text for text in found.values() if text is not None]
