"""Lists of periods, one a company, each in a state by which the list begins.

The roster chooses and orders them; the database gives the periods of one page. Counting and
sorting them there reads all periods: 2.4 s of 1,000,000 companies, in place of 30 ms.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page

from .orders import InGroups, Order, Ordered
from .roster import Roster

if TYPE_CHECKING:
    from companies.queries.parameters import RegisterFilter


def page_of_periods(
    query: "RegisterFilter", roster: Roster, states: Mapping[str, int], orders: Iterable[Order]
) -> Page[Any]:
    """The requested page of periods, filtered by `state`.

    `states` has the bitmap of each in the order of the list; within a state, `orders` decide.
    """
    groups = _groups(query, states)
    found = Ordered(roster, reduce(or_, groups, 0), [InGroups(groups), *orders])
    page = query.page_of(found)
    keys = list(page.object_list)
    periods = query.qs.filter(company__in=keys).order_by()
    by_company = {one.company_id: one for one in periods}
    page.object_list = [by_company[key] for key in keys if key in by_company]
    return page


def chosen_of(query: "RegisterFilter", states: Mapping[str, int]) -> int:
    """The companies in the states that the query asks for."""
    return reduce(or_, _groups(query, states), 0)


def _groups(query: "RegisterFilter", states: Mapping[str, int]) -> list[int]:
    query.refuse_faults()
    chosen = query.form.cleaned_data["state"]
    return [places for state, places in states.items() if not chosen or state in chosen]
