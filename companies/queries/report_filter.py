"""The report clocks of the signatories of a pact: filtered, in their order, and counted."""

import datetime
import re
from typing import Any

import django_filters
from django.db.models import Case, Count, Prefetch, Value, When
from django.utils.translation import gettext_lazy as _

from companies.models import Milestone, ProgressReport, ReportState, Signing

from .parameters import PactQuery, RegisterFilter
from .querysets import number_of_sources, report_states

# The order of the page: reports first, then the longest overdue.
REPORT_STATES = (
    ReportState.PUBLISHED,
    ReportState.SUBMITTED,
    ReportState.OVERDUE,
    ReportState.DUE_SOON,
    ReportState.NOT_DUE,
    ReportState.DATE_UNKNOWN,
)
_RANK = Case(*(When(report_state=state, then=Value(i)) for i, state in enumerate(REPORT_STATES)))
_RECEIVED = re.compile(r"\b(\d+) reports\b", re.ASCII)


class ReportFilter(PactQuery, RegisterFilter):
    """Signatories of a pact that invites reports, with their `report_state`."""

    state = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("report clock"),
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


def reports_received(topics: list[str], day: datetime.date) -> tuple[int, Milestone] | None:
    """The number of reports that an issuer last announced by `day`, and the milestone with it."""
    milestones = Milestone.objects.filter(
        topic__in=topics, date__lte=day, value__endswith=" reports"
    ).select_related("source")
    for milestone in milestones.order_by("-date"):
        number = _RECEIVED.search(milestone.value)
        if number:
            return int(number[1]), milestone
    return None
