"""The list filter for rows that lack something, as the desk counts them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from companies.queries.desk.gaps import gaps_of


class GapFilter(admin.SimpleListFilter):
    """Filters rows by what they lack."""

    title = _("what is missing")
    parameter_name = "lacks"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        gaps = gaps_of(model_admin.model)
        own = self.parameter_name
        return [(code, gap.label) for code, gap in gaps.items() if gap.parameter == own]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        gap = gaps_of(queryset.model).get(self.value() or "")
        return gap.of(queryset, timezone.localdate()) if gap else queryset
