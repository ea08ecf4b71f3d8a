"""Dates as precise as their source (a year stays a year, no day is invented), and periods."""

import datetime
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Self

from babel.dates import format_date
from babel.lists import format_list
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .pact import Pact

    Row = models.Model
else:
    Row = object

_SKELETONS = {"year": "y", "month": "LLLL y", "day": "d MMMM y"}
_SHORT_SKELETONS = {"year": "y", "month": "MMM y", "day": "d MMM y"}
_LENGTHS = {"year": 4, "month": 7, "day": 10}
SHOWN = 3  # days; of more, the first and the last are named
_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class Precision(models.TextChoices):
    """The precision of a date."""

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
        return self.date.isoformat()[: _LENGTHS[self.precision]]

    @property
    def typed(self) -> datetime.date | str:
        """A full date as `date`, for typed files; a month or year as text."""
        return self.date if self.precision == Precision.DAY else str(self)

    def may_be_after(self, day: datetime.date) -> bool:
        """Whether `day` is within the stated month or year, so that the true date may be later."""
        return self.precision != Precision.DAY and day.isoformat().startswith(str(self))

    def in_words(self, language: str) -> str:
        """9 October 2024, October 2024 or 2024, on one line."""
        return self._written(_SKELETONS[self.precision], language)

    def in_few_words(self, language: str) -> str:
        """9 Oct 2024, Oct 2024 or 2024, on one line."""
        return self._written(_SHORT_SKELETONS[self.precision], language)

    def _written(self, skeleton: str, language: str) -> str:
        return _in_words(self.date, self.precision, skeleton, language)


@lru_cache(4096)
def _in_words(day: datetime.date, precision: str, skeleton: str, language: str) -> str:
    """Cached, because a page formats 40 dates and many pages the same."""
    text = format_date(day, skeleton, locale=language)
    if language == "fr" and precision == Precision.DAY and day.day == 1:
        text = text.replace("1 ", "1er ", 1)
    return text.replace(" ", "\u00a0")


# No source of the register is older than the web.
FIRST_DAY = datetime.date(1990, 1, 1)
_early: ContextVar[bool] = ContextVar("early_days", default=False)


@contextmanager
def early_days(*, accepted: bool = True) -> Iterator[None]:
    """Accept dates before a pact opened inside this context: with a reason, or for stored rows."""
    token = _early.set(accepted or _early.get())
    try:
        yield
    finally:
        _early.reset(token)


class PossibleDays(Row):
    """A model whose dates must be possible; unchanged stored dates are not checked again."""

    # Days of what was seen or read: none of them lies ahead.
    OBSERVED: ClassVar[Collection[str]] = ()

    @property
    def pact_of_days(self) -> "Pact | None":
        """The pact before whose opening no date may be."""
        return getattr(self, "pact", None)

    def clean(self) -> None:
        super().clean()
        self.refuse_impossible_days()

    def refuse_impossible_days(self) -> None:
        """Raise ValidationError for each impossible date, by field."""
        faults = {name: fault for name, day in self._days() if (fault := self._fault(name, day))}
        if faults and self.pk:
            stored = type(self)._base_manager.filter(pk=self.pk).values(*faults).first() or {}
            faults = {n: fault for n, fault in faults.items() if stored.get(n) != getattr(self, n)}
        if faults:
            raise ValidationError(faults)

    def _days(self) -> Iterator[tuple[str, datetime.date]]:
        for field in self._meta.concrete_fields:
            day = getattr(self, field.attname)
            if type(field) is models.DateField and isinstance(day, datetime.date):
                yield field.name, day

    def _fault(self, name: str, day: datetime.date) -> str:
        pact = self._opening()
        if pact and day < pact.opened_on and (day < FIRST_DAY or not _early.get()):
            stated = PartialDate(day, getattr(self, f"{name}_precision", Precision.DAY))
            if not stated.may_be_after(pact.opened_on):
                return _too_early(pact)
        if day < FIRST_DAY:
            return _t("The year %(year)s is not possible.") % {"year": day.year}
        if name in self.OBSERVED and day > timezone.localdate():
            return _t("This day is in the future.")
        return ""

    def _opening(self) -> "Pact | None":
        try:
            return self.pact_of_days
        except ObjectDoesNotExist:  # a reference to nothing, which is refused elsewhere
            return None


def _too_early(pact: "Pact") -> str:
    opened = PartialDate(pact.opened_on).in_words(get_language() or "en")
    return _t(
        "%(pact)s opened on %(day)s, so an earlier date is not possible. A reviewer can accept "
        "one on the record’s own page, with a reason."
    ) % {"pact": pact.name, "day": opened}


@dataclass(frozen=True)
class ListsWithout:
    """The dates of the lists without a company, oldest first."""

    days: tuple[PartialDate, ...]

    @property
    def last(self) -> PartialDate:
        """The date of the newest of these lists."""
        return self.days[-1]

    @property
    def earlier(self) -> "ListsWithout":
        return ListsWithout(self.days[:-1])

    def in_words(self, language: str) -> str:
        """9 October 2024 and 28 November 2026; for many dates the first, the last and a count."""
        said = [day.in_words(language) for day in self.days]
        if len(said) > SHOWN:
            between = gettext("%(number)s in between") % {"number": len(said) - 2}
            said = [said[0], said[-1], between]
        # As the pages, without a comma before the last one.
        return format_list(said, locale="en_GB" if language == "en" else language)


def in_force(day: "datetime.date | OuterRef", path: str = "") -> Q:
    """Condition for periods in force on `day`: start included, end excluded.

    `path` leads from the filtered model to the periods, such as `signings__`.
    """
    open_or_later = Q(**{f"{path}until__isnull": True}) | Q(**{f"{path}until__gt": day})
    return Q(open_or_later, **{f"{path}since__lte": day})


def sharing_a_day(since: datetime.date, until: datetime.date | None) -> Q:
    """Condition for periods in force on any day from `since` on and before `until`, if given."""
    open_or_later = Q(until__isnull=True) | Q(until__gt=since)
    return open_or_later & Q(since__lt=until) if until else open_or_later
