"""Filters of pledges, of which the roster finds the companies of a page."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from threading import RLock
from typing import Any

import django_filters
from django.core.paginator import Page
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import Pact, Pledge, implementation_on
from companies.queries.clocks import Clock
from companies.queries.counting.rows_by_company import RowsByCompany
from companies.queries.parameters import (
    Dated,
    KnownCompany,
    PactChoice,
    RegisterFilter,
    commitment_codes,
    companies_named,
    refuse_foreign,
)
from companies.queries.roster.roster import Roster
from companies.queries.roster.rosters import CHUNK, roster_of
from companies.queries.roster.table_state import (
    MOST_NAMED,
    TableState,
    cached,
    on_forgetting,
    state,
    written_since,
)

# The roster does not have what these choose by.
NOT_IN_ROSTER = ("company", "company__not", "recorded_as_of")


class PledgeFilter(Dated, RegisterFilter):
    """Filters of pledges of any company; with a day, only those of signatories."""

    company, company__not = companies_named(KnownCompany, field_name="company__slug")
    pact = PactChoice(field_name="commitment__pact")
    commitment = django_filters.ChoiceFilter(
        field_name="commitment__code",
        label=_("commitment"),
        choices=lambda: [(code, code) for code in commitment_codes()],
        empty_label=None,
        help_text=_("Its code."),
    )
    implementation = django_filters.MultipleChoiceFilter(
        method="filter_implementation",
        label=_("implementation"),
        choices=Pledge.Implementation.choices,
    )
    basis = django_filters.MultipleChoiceFilter(
        label=_("basis"), choices=Pledge.Basis.choices, distinct=False
    )

    class Meta:
        model = Pledge
        fields: list[str] = []

    def filter_implementation(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        return queryset.alias(then=implementation_on(self.day)).filter(then__in=value)

    def filter_queryset(self, queryset: Any) -> Any:
        """With a day, only pledges of signatories on it."""
        chosen = self.form.cleaned_data
        if chosen["pact"] and chosen["commitment"]:
            refuse_foreign([chosen["commitment"]], chosen["pact"])
        rows: Any = super().filter_queryset(queryset)
        return rows.of_signatories(self.clock.as_of) if self.clock.as_of else rows

    def page_of_rows(self) -> Page[Any]:
        """The roster finds the companies of the page, the database gives their pledges.

        Counting and sorting all pledges there takes 2 to 5 s of 1,000,000 companies.
        """
        found = self._by_company
        return self.page_of(self.rows if found is None else found)

    def number_of_rows(self) -> int:
        found = self._by_company
        return super().number_of_rows() if found is None else len(found)

    @cached_property
    def _by_company(self) -> RowsByCompany | None:
        """None where the database has to choose."""
        self.refuse_faults()
        chosen = self.form.cleaned_data
        if any(chosen[name] for name in NOT_IN_ROSTER) or (chosen["basis"] and self.clock.is_past):
            return None
        pacts = [chosen["pact"]] if chosen["pact"] else [*Pact.objects.all()]
        rosters = {pact: roster_of(pact, self.clock) for pact in pacts}
        places = [
            one for pact, roster in rosters.items() for one in self._by_commitment(pact, roster)
        ]
        return RowsByCompany(rosters[pacts[0]], places, self.qs) if pacts else None

    def _by_commitment(self, pact: Pact, roster: Roster) -> Iterator[int]:
        """The companies with such a pledge, for each commitment of a pact."""
        chosen = self.form.cleaned_data
        levels, code = chosen["implementation"], chosen["commitment"]
        of_one_basis = len(chosen["basis"]) == 1
        stated = _stated(pact, self.clock) if of_one_basis else {}
        for one in [code] if code else roster.levels:
            found = roster.pledging([one], levels or Pledge.Implementation.values)
            if self.clock.as_of:
                found &= roster.signed
            if of_one_basis:
                here = stated.get(one, 0)
                found &= here if chosen["basis"] == [Pledge.Basis.STATED] else ~here
            yield found


class _Stated:
    """The companies of which a source states the pledge, by commitment, toward one pact."""

    def __init__(self, now: TableState, pact: Pact) -> None:
        self.state, self.pact = now, pact
        self.companies = defaultdict[str, set[int]](set)
        self._add(None)

    def _add(self, among: Collection[int] | None) -> None:
        rows = Pledge.objects.filter(basis=Pledge.Basis.STATED, commitment__pact=self.pact)
        rows = rows if among is None else rows.filter(company__in=among)
        codes = rows.order_by().values_list("commitment__code", "company")
        for code, company in codes.iterator(CHUNK):
            self.companies[code].add(company)

    def follow(self, now: TableState) -> bool:
        """Query the companies written since again; False if it is not known which."""
        is_traced = now.is_traced_since(self.state)
        written = written_since(self.state.number, MOST_NAMED) if is_traced else None
        if written is None:
            return False
        for companies in self.companies.values():
            companies.difference_update(written)
        if written:
            self._add(written)
        self.state = now
        return True


_cached: dict[int, _Stated] = {}  # by pact
_reading = RLock()
on_forgetting(_cached.clear)


@cached
def _stated(pact: Pact, clock: Clock) -> Mapping[str, int]:
    """Bitmaps of the companies of which a source states the pledge, by commitment."""
    now, roster = state(), roster_of(pact, clock)
    with _reading:
        stated = _cached.get(pact.pk)
        if stated is None or not stated.follow(now):
            stated = _cached[pact.pk] = _Stated(now, pact)
        return {code: roster.places_of(keys) for code, keys in stated.companies.items()}
