"""The list of companies that a subscription follows: the parameters of the page, of the present."""

from collections.abc import Collection
from typing import Self

from django.http import QueryDict

from companies.queries.clocks import Clock
from companies.queries.company_filter import WholeResult
from companies.queries.roster import bitmaps

# What the address of a page has beside what chooses companies.
OF_THE_PAGE = ("page", "page_size", "sort", "view", "compare", "to", "sep")


class FollowedList(WholeResult):
    """The parameters that choose companies, as of now."""

    as_of = None  # type: ignore[assignment]  # how django-filter drops a filter
    recorded_as_of = None  # type: ignore[assignment]  # how django-filter drops a filter
    sort = None  # type: ignore[assignment]  # how django-filter drops a filter

    @classmethod
    def of_query(cls, query: str) -> Self:
        """That of a query string; one with faults is refused when it is read."""
        asked = QueryDict(query, mutable=True)
        for name in OF_THE_PAGE:
            asked.pop(name, None)
        return cls(asked, clock=Clock())

    @property
    def canonical(self) -> str:
        """The query string that means the same, in one order. Raises BadQuery."""
        self.refuse_faults()
        chosen = QueryDict(mutable=True)
        for name in sorted(self.data):
            chosen.setlist(name, sorted({*self.data.getlist(name)}))
        return chosen.urlencode()

    def members(self) -> Collection[int]:
        """The primary keys of the companies that it finds, in no order. Raises BadQuery."""
        self.refuse_faults()
        found = self.found()
        return list(bitmaps.keys_of(found, self.roster.keys.by_place))
