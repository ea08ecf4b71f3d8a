"""Rendered records, cached until the company or anything its record shows changes."""

from collections.abc import Callable, Collection, Hashable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from companies import queries
from companies.pages.links import with_cache_key
from companies.queries.roster.cached_texts import CachedTexts
from companies.queries.roster.table_state import state
from pactwatch.page_fragments import PRESENT

# A page has 17 KB and takes 15 ms of CPU time, from the cache 0.4.
PAGES = CachedTexts(16_000_000)


class RecordPage(NamedTuple):
    """A rendered record with its cache key (see `record_key`) and the companies it mentions.

    Without a key it contains PRESENT in place of the register version.
    """

    html: bytes
    key: str
    companies: Collection[int]


def finished_page(
    request: HttpRequest, make: Callable[[], RecordPage | None]
) -> HttpResponse | None:
    """The current record from the cache, or rendered by `make`; None if there is none."""
    clock, now = queries.clock_of(request), state()
    shelf = PAGES.at(now, (clock.today, now.records, settings.SITE_URL))
    text = shelf.get(request.path)
    if text is None:
        # What a record says of an absence depends on the lists.
        of_lists = (request.path, queries.full_lists(clock))
        text = shelf.get(of_lists)
    if text is None:
        made = make()
        if made is None:
            return None
        text = made.key.encode() + b"\n" + made.html
        shelf_key: Hashable = request.path if made.key else of_lists
        shelf.add(shelf_key, text, now.number, *made.companies)
    key, _line, html = text.partition(b"\n")
    if not key:
        html = html.replace(b"%d" % PRESENT, b"%d" % now.number)
    return with_cache_key(key.decode(), HttpResponse(html))
