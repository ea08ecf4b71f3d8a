"""Report clocks of a pact's signatories: filtered, ordered and counted."""

import datetime
from collections.abc import Mapping
from typing import Any

import django_filters
from django.core.paginator import Page
from django.db.models import Case, Prefetch, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.models import Milestone, Pact, ProgressReport, ReportState, Signing

from .clocks import Clock
from .parameters import PactQuery, RegisterFilter
from .querysets import number_of_sources, report_states
from .roster.orders import ByKeys, ByName, Order
from .roster.periods import chosen_of, page_of_periods
from .roster.roster import Roster, numbers
from .roster.rosters import roster_of

# The order of the page: reports first, then those invited longest ago.
REPORT_STATES = (
    ReportState.PUBLISHED,
    ReportState.SUBMITTED,
    ReportState.NONE_FOUND,
    ReportState.INVITED_SOON,
    ReportState.NOT_YET_INVITED,
    ReportState.DATE_UNKNOWN,
)
_RANK = Case(*(When(report_state=state, then=Value(i)) for i, state in enumerate(REPORT_STATES)))


class ReportFilter(PactQuery, RegisterFilter):
    """Signatories of a pact that invites reports, with their `report_state`."""

    state = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("progress report"),
        choices=[(state.value, state.label) for state in REPORT_STATES],
    )

    class Meta:
        model = Signing
        fields: list[str] = []

    def filter_queryset(self, queryset: Any) -> Any:
        chosen = self.form.cleaned_data["state"]
        signatories = self._signatories()
        signatories = signatories.filter(report_state__in=chosen) if chosen else signatories
        reports = ProgressReport.objects.filter(pact=self.chosen_pact)
        return (
            signatories.select_related("company", "pact")
            .annotate(source_count=number_of_sources("pk"))
            .prefetch_related(Prefetch("company__reports", reports.order_by("period")))
            .order_by(_RANK, "since", "company__name_folded", "pk")
        )

    @cached_property
    def roster(self) -> Roster:
        return roster_of(self.chosen_pact, self.clock)

    def page_of_rows(self) -> Page[Signing]:
        orders: list[Order] = [ByKeys(self.roster.orders["since"]), ByName()]
        return page_of_periods(self, self.roster, self.states, orders)

    def counts(self) -> dict[str, int]:
        """The number of signatories by report state, without empty states."""
        return numbers(self.states, self.roster.all)

    @property
    def states(self) -> Mapping[str, int]:
        """The signatories in each state, as roster bitmaps."""
        found = self.roster.values["report"]
        return {state: found.get(state, 0) for state in REPORT_STATES}

    @property
    def found(self) -> int:
        """The bitmap of the companies of all pages."""
        return chosen_of(self, self.states)

    def _signatories(self) -> Any:
        return report_states(self.chosen_pact, self.day)


def reports_in_state(pact: Pact, clock: Clock, state: ReportState) -> int:
    """The number of signatories whose report clock is in that state."""
    return roster_of(pact, clock).having("report", [state]).bit_count()


def reports_received(pact: Pact, day: datetime.date) -> Milestone | None:
    """The newest milestone by `day` with the number of reports that the pact's issuer has."""
    milestones = Milestone.objects.filter(pact=pact, date__lte=day, reports_received__isnull=False)
    return milestones.select_related("source").order_by("-date").first()
