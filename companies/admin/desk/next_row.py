"""“Save and next”: opens the row after this one in the filtered list."""

from copy import copy
from itertools import pairwise
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.urls import reverse

NEXT = "_next"  # the name of the button
FILTERS = "_changelist_filters"  # as Django's admin names them in the URL of a form


def is_to_go_on(request: HttpRequest) -> bool:
    return NEXT in request.POST


def row_after(model_admin: Any, request: HttpRequest, pk: int) -> int | None:
    """The primary key of the next row in the filtered list the form was opened from.

    None for the last row, and if the filters in the URL are invalid.
    """
    listed = copy(request)
    listed.GET = QueryDict(request.GET.get(FILTERS, ""))
    try:
        rows = model_admin.get_changelist_instance(listed).queryset
    except (IncorrectLookupParameters, SuspiciousOperation):
        return None
    pks = rows.values_list("pk", flat=True).iterator()
    return next((after for one, after in pairwise(pks) if one == pk), None)


def gap_of_list(request: HttpRequest) -> str:
    """The code of the gap by which the list was filtered, if any."""
    return str(QueryDict(request.GET.get(FILTERS, "")).get("lacks", ""))


def url_of(opts: Any, request: HttpRequest, pk: int | None) -> str:
    """The URL of a row's form, or of the list if `pk` is None, with the same filters."""
    name = f"admin:{opts.app_label}_{opts.model_name}"
    url = reverse(f"{name}_change", args=[pk]) if pk else reverse(f"{name}_changelist")
    filters = request.GET.get(FILTERS, "")
    if pk is None:
        return f"{url}?{filters}" if filters else url
    kept = {"preserved_filters": f"{FILTERS}={filters}" if filters else "", "opts": opts}
    return add_preserved_filters(kept, url)
