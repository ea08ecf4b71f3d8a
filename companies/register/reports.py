"""The report clock: when a signatory is invited to report in public, and whether it did."""

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import ProgressReport, Signing

SOON = datetime.timedelta(days=60)


class ReportState(models.TextChoices):
    """Where a signatory stands with its public report; reporting is an invitation."""

    NOT_DUE = "not_due", _("not yet invited")
    DUE_SOON = "due_soon", _("invited soon")
    OVERDUE = "overdue", _("none found in public")
    SUBMITTED = "submitted", _("submitted, not public")
    PUBLISHED = "published", _("published")
    DATE_UNKNOWN = "date_unknown", _("date not known")


@dataclass(frozen=True)
class ReportClock:
    """When a report is invited, how that day was derived, and what became of it."""

    state: ReportState
    due_on: datetime.date | None
    counted_from_signing: bool
    report: ProgressReport | None


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
    if signing.since_precision != "day":
        return None
    total = signing.since.month - 1 + months
    year, month = signing.since.year + total // 12, total % 12 + 1
    day = min(signing.since.day, calendar.monthrange(year, month)[1])
    return datetime.date(year, month, day)


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
