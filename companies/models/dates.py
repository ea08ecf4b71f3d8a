"""Dates as precise as their source (a year stays a year, no day is invented), and periods."""

import datetime
import re
from dataclasses import dataclass
from typing import Self

from babel.dates import format_date
from babel.lists import format_list
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

_SKELETONS = {"year": "y", "month": "LLLL y", "day": "d MMMM y"}
_SHORT_SKELETONS = {"year": "y", "month": "MMM y", "day": "d MMM y"}
SHOWN = 3  # days; of more, the first and the last are named
_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class Precision(models.TextChoices):
    """How much of a date its source states."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


@dataclass(frozen=True, order=True)
class PartialDate:
    """A date and its precision; `date` is the first day of the month or year stated."""

    date: datetime.date
    precision: str = Precision.DAY

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read YYYY, YYYY-MM or YYYY-MM-DD; anything else is a ValueError."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(text)
        year, month, day = match.groups()
        precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
        return cls(datetime.date(int(year), int(month or 1), int(day or 1)), precision)

    def __str__(self) -> str:
        length = {Precision.YEAR: 4, Precision.MONTH: 7}.get(Precision(self.precision), 10)
        return self.date.isoformat()[:length]

    def may_be_after(self, day: datetime.date) -> bool:
        """Whether `day` lies in the month or year stated, so that the true day may be later."""
        return self.precision != Precision.DAY and day.isoformat().startswith(str(self))

    def in_words(self, language: str) -> str:
        """9 October 2024, October 2024 or 2024, on one line."""
        return self._written(_SKELETONS[self.precision], language)

    def in_few_words(self, language: str) -> str:
        """9 Oct 2024, Oct 2024 or 2024, on one line."""
        return self._written(_SHORT_SKELETONS[self.precision], language)

    def _written(self, skeleton: str, language: str) -> str:
        text = format_date(self.date, skeleton, locale=language)
        if language == "fr" and self.precision == Precision.DAY and self.date.day == 1:
            text = text.replace("1 ", "1er ", 1)
        return text.replace(" ", "\u00a0")


@dataclass(frozen=True)
class ListsWithout:
    """The days of the lists on which a company was looked for and not found, the oldest first."""

    days: tuple[PartialDate, ...]

    @property
    def last(self) -> PartialDate:
        """The day for which it was last looked for."""
        return self.days[-1]

    @property
    def earlier(self) -> "ListsWithout":
        return ListsWithout(self.days[:-1])

    def in_words(self, language: str) -> str:
        """9 October 2024 and 28 November 2026; of many days, the first, the last and a number."""
        said = [day.in_words(language) for day in self.days]
        if len(said) > SHOWN:
            between = gettext("%(number)s in between") % {"number": len(said) - 2}
            said = [said[0], said[-1], between]
        # As the pages, without a comma before the last one.
        return format_list(said, locale="en_GB" if language == "en" else language)


def in_force(day: datetime.date, path: str = "") -> Q:
    """Periods that hold on `day`: they include their first day, and not the day they end.

    `path` leads from the rows that are filtered to the periods, such as `signings__`.
    """
    open_or_later = Q(**{f"{path}until__isnull": True}) | Q(**{f"{path}until__gt": day})
    return Q(open_or_later, **{f"{path}since__lte": day})


def sharing_a_day(since: datetime.date, until: datetime.date | None) -> Q:
    """Periods that hold on a day from `since` on and before `until`, or on any later one."""
    open_or_later = Q(until__isnull=True) | Q(until__gt=since)
    return open_or_later & Q(since__lt=until) if until else open_or_later
