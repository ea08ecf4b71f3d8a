"""The two clocks a question may be about: as of which day it is true, and as of which recorded."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django.core.exceptions import TooManyFieldsSent, ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.models import DEFAULT_PACT, Pact

from .parameters import Day, DayField, StrictFilter
from .querysets import pact_or_404

AS_OF, RECORDED_AS_OF = "as_of", "recorded_as_of"


class PastDayField(DayField):
    """A day that has begun: nobody knows what a later one will bring."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value > timezone.localdate():
            raise ValidationError(_("That day has not come yet."), code="future")


class PastDay(Day):
    field_class = PastDayField


class Recorded(StrictFilter):
    """Questions that may be asked of the register as it was recorded."""

    recorded_as_of = PastDay(
        method="unfiltered",
        label=_("as recorded on"),
        help_text=_("A day as YYYY-MM-DD: what the register said at its end."),
    )

    @property
    def recorded_day(self) -> datetime.date | None:
        return self._given(RECORDED_AS_OF)

    def _given(self, name: str) -> datetime.date | None:
        day: datetime.date | None = getattr(self.form, "cleaned_data", {}).get(name)
        return day


class Dated(Recorded):
    """Questions about what is true on one day, today when none is given."""

    as_of = PastDay(
        method="unfiltered",
        label=_("as of"),
        help_text=_("A day as YYYY-MM-DD: what was true then."),
    )

    @property
    def as_of_day(self) -> datetime.date | None:
        return self._given(AS_OF)

    @cached_property
    def day(self) -> datetime.date:
        """The day asked about; BadQuery when the query cannot be answered."""
        self.refuse_faults()
        return self.as_of_day or timezone.localdate()

    def pact_then(self, chosen: Pact | None) -> Pact:
        """The pact asked for, or else the EU AI Pact, as it was known."""
        if chosen is None or self.recorded_day:
            chosen = pact_or_404(chosen.slug if chosen else DEFAULT_PACT)
        chosen.forget_after(self.day)
        return chosen


class DayQuery(Dated):
    """What is about one day and is no list: the parameters of a page that takes no others."""

    class Meta:
        model = Pact
        fields: list[str] = []


class RecordedQuery(Recorded):
    """What says nothing of a day but may be asked of the register as it was recorded."""

    class Meta:
        model = Pact
        fields: list[str] = []


@dataclass(frozen=True)
class Clock:
    """The days that a request asks about; None where it names none."""

    as_of: datetime.date | None = None
    recorded_as_of: datetime.date | None = None
    today: datetime.date = field(default_factory=timezone.localdate)

    @classmethod
    def read(cls, data: QueryDict) -> Self:
        """The days in a query, as far as they can be understood: the filter sets report faults."""
        return cls(_day_of(data, AS_OF), _day_of(data, RECORDED_AS_OF))

    @property
    def day(self) -> datetime.date:
        """The day of which the answer is true."""
        return self.as_of or self.today

    @property
    def past(self) -> dict[str, datetime.date]:
        """The parameters that name a day before today."""
        days = {AS_OF: self.as_of, RECORDED_AS_OF: self.recorded_as_of}
        return {name: day for name, day in days.items() if day and day < self.today}

    @property
    def is_past(self) -> bool:
        return bool(self.past)

    @property
    def query(self) -> str:
        """The query with which a URL stays in the same past."""
        return urlencode(self.past)


def clock_of(request: HttpRequest) -> Clock:
    """The clock of a request, read from its query at first use."""
    if not hasattr(request, "clock"):
        try:
            request.clock = Clock.read(request.GET)  # type: ignore[attr-defined]  # ours
        except TooManyFieldsSent:  # the page that says so has a clock, too
            request.clock = Clock()  # type: ignore[attr-defined]
    clock: Clock = request.clock  # type: ignore[attr-defined]
    return clock


def _day_of(data: QueryDict, name: str) -> datetime.date | None:
    try:
        day: datetime.date | None = DayQuery.base_filters[name].field.clean(
            data.get(name, "").strip()
        )
    except ValidationError:
        return None
    return day
