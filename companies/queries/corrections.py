"""Corrections as the public may see them: counts, how long answers take, published statements."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, F, Min, QuerySet

from companies.models import Company, Correction


@dataclass(frozen=True)
class AnswerTime:
    """How long the middle one of all answers took, and how many there are."""

    number: int
    since: datetime.datetime
    median: datetime.timedelta

    @property
    def days(self) -> int:
        """Whole days, part of a day counting as one."""
        return -(-self.median // datetime.timedelta(days=1))


def answer_time() -> AnswerTime | None:
    """None while nothing was answered. Two queries."""
    closed = Correction.objects.closed().order_by()
    known = closed.aggregate(number=Count("pk"), since=Min("closed_at"))
    number = known["number"]
    if not number:
        return None
    took = closed.annotate(took=F("closed_at") - F("received_at")).order_by("took", "pk")
    middle = list(took.values_list("took", flat=True)[(number - 1) // 2 : number // 2 + 1])
    return AnswerTime(number, known["since"], sum(middle, datetime.timedelta()) / len(middle))


def correction_counts() -> dict[str, int]:
    """How many corrections are in each state, none left out. One query."""
    rows = Correction.objects.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(Correction.State.values, 0) | dict(rows)


def statements(company: Company, day: datetime.date) -> QuerySet[Correction]:
    """What the company itself says, published until `day`, the newest first."""
    published = Correction.objects.published().filter(company_id=company.pk)
    return published.filter(closed_at__date__lte=day).order_by("-closed_at", "-pk")
