"""The two dates of a request: the day its response is true of, and the day of recording."""

import datetime
import re
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

AS_OF, RECORDED_AS_OF = "as_of", "recorded_as_of"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 3339; the + of an offset arrives as a blank where nobody escaped it.
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+ -]\d{2}:\d{2})",
    re.ASCII | re.IGNORECASE,
)
_FIRST = datetime.datetime(1, 1, 2, tzinfo=datetime.UTC)
_LAST = datetime.datetime(9999, 12, 30, tzinfo=datetime.UTC)


class DayField(forms.DateField):
    """A date as YYYY-MM-DD and in no local format, so that a URL means the same everywhere."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"input_formats": ["%Y-%m-%d"]} | kwargs)

    def to_python(self, value: Any) -> Any:
        if value and not DAY.fullmatch(value):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class PastDayField(DayField):
    """A date that is not in the future."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value > timezone.localdate():
            raise forms.ValidationError(_("This day is in the future."), code="future")


class InstantField(forms.CharField):
    """A date or RFC 3339 timestamp, as a datetime: a date means its start in our time zone."""

    default_error_messages = {
        "invalid": _("Enter a date (YYYY-MM-DD) or a time (YYYY-MM-DDThh:mm:ssZ).")
    }

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return self.instant(text)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def instant(self, text: str) -> datetime.datetime:
        """Raises ValueError for another form."""
        if DAY.fullmatch(text):
            return _in_utc(self.of_day(datetime.date.fromisoformat(text)))
        match = _INSTANT.fullmatch(text)
        if match is None:
            raise ValueError(text)
        offset = match[2].upper().replace(" ", "+")
        return _in_utc(datetime.datetime.fromisoformat(match[1].upper() + offset))

    def of_day(self, day: datetime.date) -> datetime.datetime:
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


class LastInstantField(InstantField):
    """As `InstantField`, but a date means its end."""

    def of_day(self, day: datetime.date) -> datetime.datetime:
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time.max))


def _in_utc(instant: datetime.datetime) -> datetime.datetime:
    """The datetime in UTC, kept a day away from the ends of the calendar for every time zone."""
    try:
        return min(max(instant.astimezone(datetime.UTC), _FIRST), _LAST)
    except OverflowError:
        return _FIRST if instant.year == 1 else _LAST


@dataclass(frozen=True)
class Clock:
    """The dates in a request's query; None if not given."""

    as_of: datetime.date | None = None
    recorded_as_of: datetime.date | None = None
    today: datetime.date = field(default_factory=timezone.localdate)

    @classmethod
    def read(cls, data: QueryDict) -> Self:
        """Read the dates of a query; None for an invalid one, which the filter sets refuse."""
        return cls(_day_in(data, AS_OF), _day_in(data, RECORDED_AS_OF))

    @property
    def day(self) -> datetime.date:
        """The day that the response is about."""
        return self.as_of or self.today

    @property
    def past(self) -> dict[str, datetime.date]:
        """The parameters with a day before today."""
        days = {AS_OF: self.as_of, RECORDED_AS_OF: self.recorded_as_of}
        return {name: day for name, day in days.items() if day and day < self.today}

    @property
    def is_past(self) -> bool:
        return bool(self.past)

    @property
    def query(self) -> str:
        """The query string that keeps a URL at the same past day."""
        return urlencode(self.past)


def clock_of(request: HttpRequest) -> Clock:
    """The clock of a request, read from its query once and stored as `request.clock`."""
    if not hasattr(request, "clock"):
        try:
            clock = Clock.read(request.GET)
        except TooManyFieldsSent:  # the page that refuses such a request has a clock, too
            clock = Clock()
        request.clock = clock  # type: ignore[attr-defined]  # an attribute of ours
    found: Clock = request.clock  # type: ignore[attr-defined]  # an attribute of ours
    return found


def _day_in(data: QueryDict, name: str) -> datetime.date | None:
    if name not in data:
        return None
    try:
        day: datetime.date | None = PastDayField(required=False).clean(data.get(name, "").strip())
    except forms.ValidationError:
        return None
    return day
