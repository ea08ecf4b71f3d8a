"""The report clock: when a signatory is invited to report in public, and whether it did."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from companies.models import ProgressReport, ReportState, Signing
from companies.models.report_clock import SOON, months_after

__all__ = ["ReportClock", "ReportState", "report_clock"]


@dataclass(frozen=True)
class ReportClock:
    """When a report is invited, how that day was derived, and what became of it."""

    state: ReportState
    due_on: datetime.date | None
    counted_from_signing: bool
    report: ProgressReport | None

    @property
    def due_basis(self) -> ProgressReport.DueBasis:
        """How the day was derived: as an editor says, or else as it was counted."""
        if self.report and self.report.due_on and self.report.due_basis:
            return ProgressReport.DueBasis(self.report.due_basis)
        if self.counted_from_signing:
            return ProgressReport.DueBasis.FROM_STATED_SIGNING
        return ProgressReport.DueBasis.FROM_FIRST_SEEN


def report_clock(
    signing: Signing, reports: Iterable[ProgressReport], today: datetime.date
) -> ReportClock | None:
    """The clock of a signatory; None where its pact invites no report or it is no signatory."""
    months = signing.pact.report_after_months
    if signing.status != Signing.Status.SIGNED or not months:
        return None
    given = next((r for r in reports if r.pact_id == signing.pact_id), None)
    due_on = given.due_on if given and given.due_on else _months_after(signing, months)
    stated = signing.since_basis == Signing.SinceBasis.STATED
    return ReportClock(_state(given, due_on, today), due_on, stated, given)


def _months_after(signing: Signing, months: int) -> datetime.date | None:
    """The same day of the month later; None where the day itself is not known."""
    return months_after(signing.since, months) if signing.since_precision == "day" else None


def _state(
    report: ProgressReport | None, due_on: datetime.date | None, today: datetime.date
) -> ReportState:
    if report and report.published_on:
        return ReportState.PUBLISHED
    if report and report.submitted_on:
        return ReportState.SUBMITTED
    if due_on is None:
        return ReportState.DATE_UNKNOWN
    if due_on < today:
        return ReportState.OVERDUE
    return ReportState.DUE_SOON if due_on - today <= SOON else ReportState.NOT_DUE
