"""One page of changes, newest first: of all companies, or of those on a list.

A join with the companies of a list, and the number of all its changes, takes the database 2 to 7 s
of 1,000,000 companies. Here the changes are read until the page is full.
"""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet

from companies.models import Change, Company, CompanyRedirect
from companies.queries.parameters import PAGE_SIZE
from companies.queries.querysets import companies_with_ids
from companies.queries.read_query import LONGEST_NUMBER
from companies.queries.roster import bitmaps
from companies.queries.roster.roster import Roster

if TYPE_CHECKING:
    from companies.queries.change_log import ChangeFilter

FEW = 500  # companies whose public ids a query names
CHUNK = 500  # changes that are looked through together
BEYOND = 10**LONGEST_NUMBER  # any change


class Listed(NamedTuple):
    """The companies of a list, as a bitmap of the roster; of changes about these `pacts`, if any.

    An index of pacts would be read instead of the one that has the newest changes first.
    """

    roster: Roster
    places: int
    pacts: tuple[str, ...] = ()


class NewestChanges(NamedTuple):
    """The changes of a page, and the number of the next, if any."""

    changes: list[Change]
    next: int | None


def newest_changes_of(query: "ChangeFilter", listed: Listed | None = None) -> NewestChanges:
    """The page that the query asks for; Http404 past the last one."""
    rows, values = query.rows, query.form.cleaned_data
    number, size = values["page"] or 1, values["page_size"] or PAGE_SIZE
    start, stop = (number - 1) * size, number * size + 1
    if listed and listed.places.bit_count() <= FEW:
        of = {"pact_slug__in": listed.pacts} if listed.pacts else {}
        rows, listed = rows.filter(company_slug__in=_public_ids(listed), **of), None
    if listed is None:
        found = list(rows[start:stop])
    else:
        keys = list(islice(_numbers(rows, listed), start, stop))
        by_number = Change.objects.in_bulk(keys)
        found = [by_number[key] for key in keys]
    if not found:
        total = rows.count() if listed is None else sum(1 for _one in _numbers(rows, listed))
        query.page_of(range(total))
    return NewestChanges(found[:size], number + 1 if len(found) > size else None)


def _public_ids(listed: Listed) -> list[str]:
    """All public ids that a few companies have and had. Two queries."""
    keys = list(bitmaps.keys_of(listed.places, listed.roster.keys.by_place))
    present = Company.objects.using("default").filter(pk__in=keys).order_by()
    former = CompanyRedirect.objects.using("default").filter(company__in=keys).order_by()
    return [*present.values_list("slug", flat=True), *former.values_list("old_slug", flat=True)]


def _numbers(rows: QuerySet[Change], listed: Listed) -> Iterator[int]:
    """The numbers of changes of many companies. Three queries for each chunk."""
    places = listed.roster.keys.places
    octets = listed.places.to_bytes(len(listed.roster) // 8 + 1, "little")
    newest = rows.order_by("-number").values_list("number", "company_slug", "pact_slug")
    last = BEYOND
    while chunk := list(newest.filter(number__lt=last)[:CHUNK]):
        known = companies_with_ids({slug for _number, slug, _pact in chunk} - {""})
        for number, slug, pact in chunk:
            key = known.get(slug, 0)
            place = places[key] - 1 if key < len(places) else -1
            is_here = place >= 0 and octets[place >> 3] >> (place & 7) & 1
            if is_here and (not listed.pacts or pact in listed.pacts):
                yield number
        last = chunk[-1][0]
