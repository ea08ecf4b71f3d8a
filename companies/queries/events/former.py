"""Former signatories: companies that were signatories, but not on the day of the query."""

import datetime
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.core.paginator import Page
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet
from django.utils.functional import cached_property

from companies.models import Pact, Signing, in_force
from companies.queries.clocks import Clock
from companies.queries.parameters import Dated, PactChoice, RegisterFilter, first_pact
from companies.queries.querysets import signings
from companies.queries.roster.keys import among
from companies.queries.roster.orders import ByKeys, ByName, Ordered
from companies.queries.roster.roster import Roster
from companies.queries.roster.rosters import roster_of
from companies.queries.roster.table_state import CachedCompanies

GONE = (Signing.Status.SIGNED, *Signing.LEFT)


class FormerFilter(Dated, RegisterFilter):
    """The filter set of former signatories, each with the period that says it left."""

    pact = PactChoice(field_name="pact")

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        """The status that says it left, else its last period as a signatory.

        Each has `company.periods`, its periods as a signatory of any pact, oldest first.
        """
        day = self.day
        rows = super().filter_queryset(signings())
        same = Signing.objects.filter(company=OuterRef("company"), pact=OuterRef("pact"))
        now, signed = same.on(day), same.signed()
        left = Q(status__in=Signing.LEFT) & in_force(day)
        ended = (
            Q(status=Signing.Status.SIGNED, until__lte=day)
            & ~Exists(now.filter(status__in=GONE))
            & ~Exists(signed.filter(since__lte=day, since__gt=OuterRef("since")))
        )
        before = Signing.objects.signed().filter(since__lte=day).order_by("since")
        periods = Prefetch("company__signings", before, to_attr="periods")
        return rows.filter(left | ended).prefetch_related(periods).order_by(*self.ORDER)

    ORDER = ("pact__position", "-since", "company__name_folded", "pk")

    def page_of_rows(self) -> Page[Any]:
        """The roster chooses and orders the companies, the database gives the periods of a page.

        Counting and sorting them there takes 8 s of 1,000,000 companies.
        """
        self.refuse_faults()
        page = self.page_of(_OneAfterAnother(self._former))
        keys: list[tuple[int, int]] = list(page.object_list)
        periods = self.qs.filter(company__in={company for _pact, company in keys}).order_by()
        found = {(one.pact_id, one.company_id): one for one in periods}
        page.object_list = [found[key] for key in keys if key in found]
        return page

    @cached_property
    def _former(self) -> list["_Former"]:
        self.refuse_faults()
        chosen = self.form.cleaned_data["pact"]
        return [
            former
            for pact in Pact.objects.with_list_read()
            if chosen is None or pact == chosen
            for former in [_former(pact, self.clock)]
            if former.companies
        ]

    def companies(self) -> int:
        """The number of companies that left any pact."""
        return self.found[1].bit_count()

    @property
    def found(self) -> tuple[Roster, int]:
        """A roster, and the bitmap of the companies that left any pact."""
        # The rosters of all pacts have each company at the same place.
        places = reduce(or_, (one.companies for one in self._former), 0)
        return roster_of(first_pact(self.clock) or Pact(pk=0), self.clock), places

    def pacts_without(self) -> list[Pact]:
        """Pacts with known statuses that no company is known to have left."""
        left = {one.pact for one in self._former}
        return [pact for pact in Pact.objects.with_list_read() if pact not in left]


@dataclass(frozen=True)
class _Former:
    """The bitmap of the companies that left a pact, and their sorted primary keys."""

    pact: Pact
    companies: int
    keys: Ordered


def _former(pact: Pact, clock: Clock) -> _Former:
    """The companies whose status says that they left, or whose period as a signatory ended."""
    roster = roster_of(pact, clock)
    since = roster.orders["since"]
    over = _ended(pact, clock.day, None) if clock.is_past else _ENDED.of(pact, clock.day)
    ended = roster.places_of(over) & ~roster.having("status", GONE)
    if ended:
        keys = Ordered(roster, ended, [ByName()])[:]
        signed = Signing.objects.signed().filter(pact=pact, company__in=keys)
        began = signed.filter(since__lte=clock.day).order_by()
        lasts = dict(began.values_list("company").annotate(Max("since")))
        days = array("q", (lasts[key].toordinal() for key in keys))
        since = since.replaced(days, [roster.keys.at(key) for key in keys])
    found = roster.having("status", Signing.LEFT) | ended
    return _Former(pact, found, Ordered(roster, found, [ByKeys(since, falling=True), ByName()]))


def _ended(
    pact: Pact, day: datetime.date, companies: Collection[int] | None
) -> QuerySet[Signing, int]:
    """The companies with a period as a signatory that is over. An index holds these alone."""
    ended = Signing.objects.filter(pact=pact, until__lte=day, status=Signing.Status.SIGNED)
    return ended.filter(**among(companies)).order_by().values_list("company", flat=True)


_ENDED = CachedCompanies(_ended)


class _OneAfterAnother(Sequence[tuple[int, int]]):
    """Pacts and companies, those that left the first pact first."""

    def __init__(self, lists: Sequence[_Former]) -> None:
        self.lists = lists

    def __len__(self) -> int:
        return sum(len(one.keys) for one in self.lists)

    def __getitem__(self, part: Any) -> Any:
        start, stop, _step = part.indices(len(self))
        found = list[tuple[int, int]]()
        for one in self.lists:
            number = len(one.keys)
            if start < number and stop > 0:
                here = one.keys[max(start, 0) : min(stop, number)]
                found += [(one.pact.pk, key) for key in here]
            start, stop = start - number, stop - number
        return found
