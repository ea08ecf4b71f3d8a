"""Progress reports, and the report clock: when signatories are invited to report.

The rules exist twice, and a test compares them: in Python for one signing, whose pages explain the
due date, and as SQL for lists, which filter, sort and count.
"""

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .as_of import AsOfModel
from .dates import PossibleDays
from .fields import WebField

if TYPE_CHECKING:
    from .signing import Signing, SigningQuerySet

SOON = datetime.timedelta(days=60)
_DAY = datetime.timedelta(days=1)
# Nothing was signed before; earlier days have no day a year before them to count from.
_EARLIEST = datetime.date(1900, 1, 1)


class ReportState(models.TextChoices):
    """The state of a signatory's report; reporting is an invitation."""

    NOT_YET_INVITED = "not_yet_invited", _("not yet invited")
    INVITED_SOON = "invited_soon", _("invited soon")
    NONE_FOUND = "none_found", _("no public report found")
    SUBMITTED = "submitted", _("submitted, not public")
    PUBLISHED = "published", _("published")
    DATE_UNKNOWN = "date_unknown", _("date unknown")


class ProgressReport(PossibleDays, AsOfModel):
    """A report a company was invited to give, or gave."""

    class DueBasis(models.TextChoices):
        """How the due date was derived."""

        FROM_STATED_SIGNING = "from_stated_signing", _("counted from the stated day of signing")
        FROM_FIRST_SEEN = "from_first_seen", _("counted from the first list that names the company")
        STATED = "stated", _("stated by the pact")

    company = models.ForeignKey(
        "Company", verbose_name=_("company"), on_delete=models.CASCADE, related_name="reports"
    )
    pact = models.ForeignKey(
        "Pact", verbose_name=_("pact"), on_delete=models.PROTECT, related_name="reports"
    )
    period = models.PositiveSmallIntegerField(
        _("reporting period"), default=1, help_text=_("1 is the first report after signing.")
    )
    due_on = models.DateField(_("invited by"), null=True, blank=True)
    due_basis = models.CharField(
        _("how the date was worked out"), max_length=20, choices=DueBasis, blank=True
    )
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    url = WebField(_("address"), blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ["company", "pact", "period"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "pact", "period"],
                name="report_unique_in_period",
                violation_error_message=_("This company already has a report for that period."),
            ),
            models.CheckConstraint(
                condition=Q(published_on__isnull=True) | ~Q(url=""),
                name="report_published_has_address",
                violation_error_message=_("A published report needs its address."),
            ),
        ]

    OBSERVED = ("submitted_on", "published_on")

    def __str__(self) -> str:
        return f"{self.company}, {self.pact}, {self.period}"

    def forget_after(self, day: datetime.date) -> None:
        """Remove what was submitted or published after `day`."""
        if self.submitted_on and self.submitted_on > day:
            self.submitted_on = None
        if self.published_on and self.published_on > day:
            self.published_on, self.url = None, ""


@dataclass(frozen=True)
class ReportClock:
    """When a report is invited, how that date was derived, and its state."""

    state: ReportState
    due_on: datetime.date | None
    counted_from_signing: bool
    report: ProgressReport | None

    @classmethod
    def of(
        cls, signing: "Signing", reports: Iterable[ProgressReport], day: datetime.date
    ) -> Self | None:
        """The clock of a signatory; None where its pact invites no report or it is no signatory."""
        months = signing.pact.report_after_months
        if signing.status != signing.Status.SIGNED or not months:
            return None
        given = next((r for r in reports if r.pact_id == signing.pact_id), None)
        due_on = given.due_on if given and given.due_on else _counted_due_on(signing, months)
        stated = signing.since_basis == signing.SinceBasis.STATED
        return cls(_state(given, due_on, day), due_on, stated, given)

    @property
    def due_basis(self) -> ProgressReport.DueBasis:
        """How the due date was derived: by an editor's statement, or else counted."""
        if self.report and self.report.due_on and self.report.due_basis:
            return ProgressReport.DueBasis(self.report.due_basis)
        if self.counted_from_signing:
            return ProgressReport.DueBasis.FROM_STATED_SIGNING
        return ProgressReport.DueBasis.FROM_FIRST_SEEN


def _counted_due_on(signing: "Signing", months: int) -> datetime.date | None:
    """The date `months` after the signing; None if the signing date is not known."""
    return months_after(signing.since, months) if signing.since_precision == "day" else None


def _state(
    report: ProgressReport | None, due_on: datetime.date | None, day: datetime.date
) -> ReportState:
    if report and report.published_on:
        return ReportState.PUBLISHED
    if report and report.submitted_on:
        return ReportState.SUBMITTED
    return _owed(due_on, day)


def _owed(due_on: datetime.date | None, day: datetime.date) -> ReportState:
    if due_on is None:
        return ReportState.DATE_UNKNOWN
    if due_on < day:
        return ReportState.NONE_FOUND
    return ReportState.INVITED_SOON if due_on - day <= SOON else ReportState.NOT_YET_INVITED


class ReportStates:
    """Computes report states in bulk, caching by the values that decide them."""

    def __init__(self, months: int, day: datetime.date) -> None:
        self.months, self.day = months, max(day, _EARLIEST)
        self._counted: dict[tuple[datetime.date, str], ReportState] = {}

    def of(
        self,
        since: datetime.date,
        precision: str,
        due_on: datetime.date | None = None,
        submitted_on: datetime.date | None = None,
        published_on: datetime.date | None = None,
    ) -> ReportState:
        """The state for a signatory since `since`, with the dates of its first report, if any."""
        if published_on and published_on <= self.day:
            return ReportState.PUBLISHED
        if submitted_on and submitted_on <= self.day:
            return ReportState.SUBMITTED
        if due_on:
            return _owed(due_on, self.day)
        key = since, precision
        if key not in self._counted:  # many signed on one day
            due_on = months_after(since, self.months) if precision == "day" else None
            self._counted[key] = _owed(due_on, self.day)
        return self._counted[key]


def with_report_state(
    signings: "SigningQuerySet", *, months: int, day: datetime.date
) -> "SigningQuerySet":
    """Signings with their `report_state` on `day`, as `ReportClock.of` finds it for one."""
    day = max(day, _EARLIEST)
    reports = ProgressReport.objects.filter(company=OuterRef("company"), pact=OuterRef("pact"))
    first = reports.order_by("period")
    # Most have no report: one look is enough for them.
    return signings.alias(
        due_on=Subquery(first.values("due_on")[:1]),
        submitted_on=Subquery(first.values("submitted_on")[:1]),
        published_on=Subquery(first.values("published_on")[:1]),
    ).annotate(
        report_state=Case(
            When(~Exists(reports), then=_counted_from_since(months, day)),
            When(published_on__lte=day, then=Value(ReportState.PUBLISHED.value)),
            When(submitted_on__lte=day, then=Value(ReportState.SUBMITTED.value)),
            When(due_on__lt=day, then=Value(ReportState.NONE_FOUND.value)),
            When(due_on__lte=day + SOON, then=Value(ReportState.INVITED_SOON.value)),
            When(due_on__isnull=False, then=Value(ReportState.NOT_YET_INVITED.value)),
            default=_counted_from_since(months, day),
            output_field=models.CharField(),
        )
    )


def _counted_from_since(months: int, day: datetime.date) -> Case:
    return Case(
        When(~Q(since_precision="day"), then=Value(ReportState.DATE_UNKNOWN.value)),
        When(since__lte=_last_start(day - _DAY, months), then=Value(ReportState.NONE_FOUND.value)),
        When(
            since__lte=_last_start(day + SOON, months), then=Value(ReportState.INVITED_SOON.value)
        ),
        default=Value(ReportState.NOT_YET_INVITED.value),
        output_field=models.CharField(),
    )


def _last_start(due_on: datetime.date, months: int) -> datetime.date:
    """The last start date whose `months` end by `due_on`: databases cannot add months."""
    start = months_after(due_on, -months)
    while months_after(start + _DAY, months) <= due_on:
        start += _DAY
    return start


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or its last day where it is shorter."""
    total = day.month - 1 + months
    year, month = day.year + total // 12, total % 12 + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
