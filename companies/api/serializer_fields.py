"""Serializer fields: dates with their precision, texts in both languages, absolute URLs."""

from datetime import date
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils.text import slugify
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from companies.models import Milestone, PartialDate, QuoteCheck

if TYPE_CHECKING:
    from companies.queries.statistics import Statistics

_STATED_DATE = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$",
    "description": "YYYY, YYYY-MM or YYYY-MM-DD: as much as the source states.",
}
_BOTH_LANGUAGES = {
    "type": "object",
    "required": ["en", "fr"],
    "properties": {"en": {"type": "string"}, "fr": {"type": "string"}},
}
_URL = {"type": "string", "format": "uri"}


class _RowField(serializers.Field[Any, Any, Any, Any]):
    """A read-only field made from several attributes of a row."""

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {"source": "*", "read_only": True}
        super().__init__(**options | kwargs)


@extend_schema_field(_STATED_DATE)
class StatedDateField(_RowField):
    """A date with the precision of its source: YYYY, YYYY-MM or YYYY-MM-DD."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        self.name = name
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> str | None:
        day: date | None = getattr(row, self.name)
        return str(PartialDate(day, getattr(row, f"{self.name}_precision"))) if day else None


@extend_schema_field(_STATED_DATE)
class LastCheckedField(_RowField):
    """The date of the newest list without the company; null if it is not an absence."""

    def to_representation(self, row: Any) -> str | None:
        return str(row.lists_without.last) if row.lists_without else None


@extend_schema_field({"type": "array", "items": _STATED_DATE | {"type": "string"}})
class ListsWithoutField(_RowField):
    """The dates of all lists without the company, oldest first."""

    def to_representation(self, row: Any) -> list[str]:
        return [str(day) for day in row.lists_without.days] if row.lists_without else []


@extend_schema_field(_BOTH_LANGUAGES)
class BothLanguagesField(_RowField):
    """`<name>_en` and `<name>_fr`, as stored."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        self.name = name
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> dict[str, str]:
        return {language: getattr(row, f"{self.name}_{language}") for language in ("en", "fr")}


@cache
def url_template(view: str, count: int) -> str:
    """The URL of a view with a placeholder for each argument: reverse() is slow for every row.

    The arguments are public ids, codes and dates, which need no quoting.
    """
    placeholders = [f"at{number}" for number in range(count)]
    url = reverse(view, args=placeholders)
    for placeholder in placeholders:
        url = url.replace(placeholder, f"{{{placeholder}}}")
    return url


@extend_schema_field(_URL)
class ApiUrlField(_RowField):
    """The URL of a row in the API: the name of a view and the attributes that are its arguments."""

    def __init__(self, view: str, *attributes: str, **kwargs: Any) -> None:
        self.view = view
        self.attributes = attributes
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> str:
        values = {f"at{n}": attrgetter(name)(row) for n, name in enumerate(self.attributes)}
        return absolute(url_template(self.view, len(values)).format(**values))


@extend_schema_field(_URL)
class PageUrlField(_RowField):
    """The URL of the English page that shows this row or the one it belongs to."""

    def to_representation(self, row: Model) -> str:
        return absolute(row.get_absolute_url())  # type: ignore[attr-defined]  # every row here has one


@extend_schema_field(_URL)
class MilestoneUrlField(_RowField):
    """The URL of a milestone, by its day and title."""

    def to_representation(self, row: Milestone) -> str:
        return absolute(reverse("api:milestone", args=[row.date.isoformat(), title_slug(row)]))


@extend_schema_field(_URL)
class ViewUrlField(_RowField):
    """The URL of a view without arguments."""

    def __init__(self, view: str, **kwargs: Any) -> None:
        self.view = view
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> str:
        return absolute(reverse(self.view))


@extend_schema_field(_URL)
class StatisticsUrlField(_RowField):
    """The URL of the statistics of one pact, in the API or on a page."""

    def __init__(self, view: str, **kwargs: Any) -> None:
        self.view = view
        super().__init__(**kwargs)

    def to_representation(self, row: "Statistics") -> str:
        return absolute(f"{reverse(self.view)}?pact={row.pact.slug}")


class NullableField(serializers.CharField):
    """A text, or null where the register stores "" because no source states one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_null": True} | kwargs)

    def to_representation(self, value: Any) -> Any:
        return value or None


class QuoteCheckSerializer(serializers.ModelSerializer[QuoteCheck]):
    """What our program found when it last fetched the cited page, never more.

    `changed` was found at an earlier check or by a person; `not_found` was never found in the
    text that the program could read, which may be less than the page. `not_reachable` and
    `not_read` say nothing of the quote. `in_copy` is about the archived copy, `sha256` is that
    of the page.
    """

    reason = NullableField()
    sha256 = NullableField()

    class Meta:
        model = QuoteCheck
        fields = [
            "result", "reason", "checked_on", "since", "found_on", "sha256", "in_copy", "copy_of",
        ]  # fmt: skip


def title_slug(milestone: Milestone) -> str:
    return slugify(milestone.title_en)[:80].strip("-") or "milestone"


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
