"""Values as the API writes them: dates as stated, texts in both languages, absolute addresses."""

from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils.text import slugify
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from companies.models import Milestone, PartialDate
from companies.queries.statistics import Statistics

_STATED = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$",
    "description": "YYYY, YYYY-MM or YYYY-MM-DD: as much as the source states.",
}
_BOTH = {
    "type": "object",
    "required": ["en", "fr"],
    "properties": {"en": {"type": "string"}, "fr": {"type": "string"}},
}
_ADDRESS = {"type": "string", "format": "uri"}


class _OfRow(serializers.Field[Any, Any, Any, Any]):
    """A field made of several attributes of its row."""

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {"source": "*", "read_only": True}
        super().__init__(**options | kwargs)


@extend_schema_field(_STATED)
class StatedDate(_OfRow):
    """A date and its precision as one text; null when there is none."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        self.name = name
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> str | None:
        day: date | None = getattr(row, self.name)
        return str(PartialDate(day, getattr(row, f"{self.name}_precision"))) if day else None


@extend_schema_field(_BOTH)
class BothLanguages(_OfRow):
    """`<name>_en` and `<name>_fr`; where only one is written, the other is empty."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        self.name = name
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> dict[str, str]:
        return {language: getattr(row, f"{self.name}_{language}") for language in ("en", "fr")}


@cache
def _address(view: str, values: int) -> str:
    """A view's address with a place for each value: reverse() is slow to ask for every row.

    The values are public ids, codes and dates, which an address holds as they are.
    """
    places = [f"at{number}" for number in range(values)]
    address = reverse(view, args=places)
    for place in places:
        address = address.replace(place, f"{{{place}}}")
    return address


@extend_schema_field(_ADDRESS)
class ApiAddress(_OfRow):
    """Where the API has this row: a view's name, and the attributes its address is made of."""

    def __init__(self, view: str, *attributes: str, **kwargs: Any) -> None:
        self.view = view
        self.attributes = attributes
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> str:
        values = {f"at{n}": attrgetter(name)(row) for n, name in enumerate(self.attributes)}
        return absolute(_address(self.view, len(values)).format(**values))


@extend_schema_field(_ADDRESS)
class PageAddress(_OfRow):
    """The public page, in English, that shows this row or the one it belongs to."""

    def to_representation(self, row: Model) -> str:
        return absolute(row.get_absolute_url())  # type: ignore[attr-defined]


@extend_schema_field(_ADDRESS)
class MilestoneAddress(_OfRow):
    """A milestone goes by its day and title."""

    def to_representation(self, row: Milestone) -> str:
        return absolute(reverse("api:milestone", args=[row.date.isoformat(), title_slug(row)]))


@extend_schema_field(_ADDRESS)
class SharedPage(_OfRow):
    """A page or an API address that is not about one row alone, by its name."""

    def __init__(self, view: str, **kwargs: Any) -> None:
        self.view = view
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> str:
        return absolute(reverse(self.view))


@extend_schema_field(_ADDRESS)
class StatisticsAddress(_OfRow):
    """The statistics of one pact, in the API or on a page."""

    def __init__(self, view: str, **kwargs: Any) -> None:
        self.view = view
        super().__init__(**kwargs)

    def to_representation(self, row: Statistics) -> str:
        return absolute(f"{reverse(self.view)}?pact={row.pact.slug}")


class Code(serializers.CharField):
    """A code, or null where the register stores nothing because no source says."""

    def to_representation(self, value: Any) -> Any:
        return value or None


def title_slug(milestone: Milestone) -> str:
    return slugify(milestone.title_en)[:80].strip("-") or "milestone"


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
