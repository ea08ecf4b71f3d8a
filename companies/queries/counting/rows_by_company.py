"""Pages of rows in the order of the names of their companies, found by counting bits."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import QuerySet

from companies.queries.roster import bitmaps
from companies.queries.roster.roster import Roster


class RowsByCompany(Sequence[Any]):
    """Rows in the order of the names of their companies.

    `places` has a bitmap of companies for each kind of row of which a company has one at most;
    `rows` are the same rows in order.
    """

    def __init__(self, roster: Roster, places: Sequence[int], rows: QuerySet[Any]) -> None:
        self.roster, self.places, self.rows = roster, places, rows
        self.number = sum(one.bit_count() for one in places)

    def __len__(self) -> int:
        return self.number

    def before(self, place: int) -> int:
        """The number of rows of the companies before a place."""
        first = (1 << place) - 1
        return sum((one & first).bit_count() for one in self.places)

    def __getitem__(self, part: Any) -> Any:
        start, stop, _step = part.indices(self.number)
        if start >= stop:
            return []
        place = bisect_right(range(len(self.roster)), start, key=self.before) - 1
        some = reduce(or_, self.places, 0) >> place
        found = bitmaps.members(some, 0, stop - start)  # each has one row at least
        keys = [self.roster.keys.by_place[place + one] for one in found]
        skipped = start - self.before(place)
        rows = self.rows.filter(company__in=keys)
        return list(rows[skipped : skipped + stop - start])
