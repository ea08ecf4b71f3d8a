"""The report clock's words, and its rules for many signatories at once."""

import calendar
import datetime

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from .evidence import ProgressReport
from .signing import SigningQuerySet

SOON = datetime.timedelta(days=60)
_DAY = datetime.timedelta(days=1)
# Nothing was signed before; earlier days have no day a year before them to count from.
_EARLIEST = datetime.date(1900, 1, 1)


class ReportState(models.TextChoices):
    """Where a signatory stands with its public report; reporting is an invitation."""

    NOT_DUE = "not_due", _("not yet invited")
    DUE_SOON = "due_soon", _("invited soon")
    OVERDUE = "overdue", _("none found in public")
    SUBMITTED = "submitted", _("submitted, not public")
    PUBLISHED = "published", _("published")
    DATE_UNKNOWN = "date_unknown", _("date not known")


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or its last day where it is shorter."""
    total = day.month - 1 + months
    year, month = day.year + total // 12, total % 12 + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def with_report_state(
    signings: SigningQuerySet, *, months: int, day: datetime.date
) -> SigningQuerySet:
    """Signings with their `report_state` on `day`, as `report_clock` finds it for one."""
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
            When(due_on__lt=day, then=Value(ReportState.OVERDUE.value)),
            When(due_on__lte=day + SOON, then=Value(ReportState.DUE_SOON.value)),
            When(due_on__isnull=False, then=Value(ReportState.NOT_DUE.value)),
            default=_counted_from_since(months, day),
            output_field=models.CharField(),
        )
    )


def _counted_from_since(months: int, day: datetime.date) -> Case:
    return Case(
        When(~Q(since_precision="day"), then=Value(ReportState.DATE_UNKNOWN.value)),
        When(since__lte=_last_start(day - _DAY, months), then=Value(ReportState.OVERDUE.value)),
        When(since__lte=_last_start(day + SOON, months), then=Value(ReportState.DUE_SOON.value)),
        default=Value(ReportState.NOT_DUE.value),
        output_field=models.CharField(),
    )


def _last_start(due_on: datetime.date, months: int) -> datetime.date:
    """The last day from which the months end on `due_on` or before: databases cannot add months."""
    start = months_after(due_on, -months)
    while months_after(start + _DAY, months) <= due_on:
        start += _DAY
    return start
