"""Pages of periods, newest first: found by counts of each day, and on a day of many by the roster.

The database counts and sorts all periods up to a page: of 1,000,000 companies in up to 12 s.
"""

import datetime
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.db.models import Count, QuerySet

from companies.models import Pact, Signing
from companies.queries.clocks import Clock
from companies.queries.roster.keys import Companies, among
from companies.queries.roster.roster import Roster
from companies.queries.roster.table_state import cached

from .cached_counts import CachedCounts
from .rows_by_company import RowsByCompany

MANY = 5_000  # periods of a day; of fewer the database finds a page


def _by_day(companies: Companies | None) -> dict[tuple[int, str, datetime.date], int]:
    """The number of periods by pact, status and first day: 0.13 s of 1,000,000. One query."""
    rows = Signing.objects.filter(**among(companies)).order_by()
    counted = rows.values_list("pact_id", "status", "since").annotate(number=Count("pk"))
    return {(pact, status, since): number for pact, status, since, number in counted}


_BY_DAY = CachedCounts(_by_day)


@cached
def _of_days(clock: Clock) -> list[tuple[int, str, datetime.date, int]]:
    return [(*of_day, number) for of_day, number in _BY_DAY.of().items()]


class SigningsByDay(Sequence[Signing]):
    """The periods of some pacts and statuses; the newest first, those of a day by company.

    `rows` are the same periods, in order; `roster_of` gives the roster of a pact.
    """

    def __init__(
        self,
        clock: Clock,
        rows: QuerySet[Signing],
        roster_of: Callable[[Pact, Clock], Roster],
        *,
        pact: Pact | None,
        statuses: Iterable[str],
        days: tuple[datetime.date | None, datetime.date | None],
    ) -> None:
        self.clock, self.rows, self.roster_of, self.pact = clock, rows, roster_of, pact
        self.statuses = [*statuses]
        self.numbers = dict(sorted(self._counted(*days).items(), reverse=True))

    def _counted(
        self, first: datetime.date | None, last: datetime.date | None
    ) -> Mapping[datetime.date, int]:
        """The number of periods by first day."""
        found = Counter[datetime.date]()
        for pact, status, since, number in _of_days(self.clock):
            if self.pact and pact != self.pact.pk:
                continue
            if self.statuses and status not in self.statuses:
                continue
            if not (first and since < first) and not (last and since > last):
                found[since] += number
        return found

    def __len__(self) -> int:
        return sum(self.numbers.values())

    def __getitem__(self, part: Any) -> Any:
        start, stop, _step = part.indices(len(self))
        found = list[Signing]()
        for rows, first, last in self._parts(start, stop):
            found += rows[first:last]
        return found

    def _parts(self, start: int, stop: int) -> Iterator[tuple[Any, int, int]]:
        """The periods of each day of many, and of the days between, with a slice of them."""
        before, of_page = 0, dict[datetime.date, int]()  # the number before each day of the page
        for day, number in self.numbers.items():
            if before < stop and before + number > start:
                of_page[day] = before
            before += number
        for is_large, days in groupby(of_page, key=self._is_large):
            some = [*days]
            for day in some if is_large else some[:1]:
                of_days = self.rows.filter(since__lte=day, since__gte=some[-1])
                rows = self._of_day(day) if is_large else of_days
                yield rows, max(start - of_page[day], 0), stop - of_page[day]

    def _is_large(self, day: datetime.date) -> bool:
        return self.numbers[day] > MANY and day <= self.clock.today

    def _of_day(self, day: datetime.date) -> RowsByCompany:
        pacts = [self.pact] if self.pact else [*Pact.objects.all()]
        statuses = tuple(self.statuses or Signing.Status.values)
        rosters = {pact.pk: self.roster_of(pact, self.clock) for pact in pacts}
        places = [
            one
            for pact, roster in rosters.items()
            for one in (
                self._in_force(roster, day),
                roster.places_of(_over(pact, day, statuses, self.clock)),
            )
        ]
        # As in a roster, of whose names two may be the same but for their accents.
        rows = self.rows.filter(since=day).order_by("company__name_folded", "company_id", "pk")
        return RowsByCompany(next(iter(rosters.values())), places, rows)

    def _in_force(self, roster: Roster, day: datetime.date) -> int:
        days, number = roster.orders["since"], day.toordinal()
        found = days.at_least(number) & ~days.at_least(number + 1)
        return found & roster.having("status", self.statuses) if self.statuses else found


@cached
def _over(pact: int, day: datetime.date, statuses: Sequence[str], clock: Clock) -> "array[int]":
    """The companies of periods that began on a day and are over. One query."""
    over = Signing.objects.filter(pact=pact, status__in=statuses, since=day)
    ended = over.filter(until__lte=clock.today).order_by()
    return array("q", ended.values_list("company", flat=True))
