"""The list of companies of a subscription: the filters of the page, as of now."""

from collections.abc import Collection
from typing import Any, Self

from django.http import QueryDict

from companies.queries.clocks import Clock
from companies.queries.company_filter import WholeResult
from companies.queries.roster import bitmaps

# Parameters in the URL of a page that choose no companies.
OF_THE_PAGE = ("page", "page_size", "sort", "view", "compare", "to", "sep")


class FollowedList(WholeResult):
    """The filters that select companies, as of now, without page parameters."""

    as_of = None  # type: ignore[assignment]  # how django-filter drops a filter
    recorded_as_of = None  # type: ignore[assignment]  # how django-filter drops a filter
    sort = None  # type: ignore[assignment]  # how django-filter drops a filter

    def __init__(self, data: QueryDict | None = None, *args: Any, **kwargs: Any) -> None:
        chosen = QueryDict(mutable=True) if data is None else data.copy()
        for name in OF_THE_PAGE:
            chosen.pop(name, None)
        super().__init__(chosen, *args, **{**kwargs, "clock": Clock()})

    @classmethod
    def of_query(cls, query: str) -> Self:
        """Build it from a query string; errors are raised when it is read."""
        return cls(QueryDict(query))

    @property
    def canonical(self) -> str:
        """The normalized query string. Raises BadQuery."""
        self.refuse_faults()
        chosen = QueryDict(mutable=True)
        for name in sorted(self.data):
            chosen.setlist(name, sorted({*self.data.getlist(name)}))
        return chosen.urlencode()

    def members(self) -> Collection[int]:
        """The primary keys of the matching companies, unordered. Raises BadQuery."""
        self.refuse_faults()
        found = self.found()
        return list(bitmaps.keys_of(found, self.roster.keys.by_place))
