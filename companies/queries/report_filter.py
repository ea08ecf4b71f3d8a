"""The report clocks of the signatories of a pact: filtered, in their order, and counted."""

import datetime
from typing import Any

import django_filters
from django.db.models import Case, Count, Prefetch, Value, When
from django.utils.translation import gettext_lazy as _

from companies.models import Milestone, Pact, ProgressReport, ReportState, Signing

from .parameters import PactQuery, RegisterFilter
from .querysets import number_of_sources, report_states

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

    def counts(self) -> dict[str, int]:
        """Signatories by the state of their report clock; states without any are left out."""
        rows = self._signatories().order_by().values_list("report_state")
        return dict(rows.annotate(number=Count("pk")))

    def _signatories(self) -> Any:
        return report_states(self.chosen_pact, self.day)


def reports_in_state(pact: Pact, day: datetime.date, state: ReportState) -> int:
    """The number of signatories whose report clock is in that state."""
    return int(report_states(pact, day).filter(report_state=state).count())


def reports_received(pact: Pact, day: datetime.date) -> Milestone | None:
    """The newest milestone by `day` with the number of reports that the pact's issuer has."""
    milestones = Milestone.objects.filter(pact=pact, date__lte=day, reports_received__isnull=False)
    return milestones.select_related("source").order_by("-date").first()
