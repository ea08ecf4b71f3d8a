"""Requests that Django's admin would answer with a 500, refused with a sentence instead."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern

from . import screens

log = logging.getLogger(__name__)

# What ids, dates, page numbers and field names that are none raise deep inside Django; not
# TypeError, which is a fault of our own and must be seen as one.
NOT_UNDERSTOOD = (
    DataError,
    FieldDoesNotExist,
    FieldError,
    OverflowError,
    ValidationError,
    ValueError,
)
View = Callable[..., HttpResponse]
# Characters. Each word is one more condition: SQLite takes 1,000, and PostgreSQL takes minutes.
LONGEST_SEARCH = 300

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class GuardedAdmin(ModelAdmin):
    """A model's screens, where nonsense in the URL is a 400."""

    def get_urls(self) -> list[URLPattern]:
        urls = super().get_urls()
        for pattern in urls:
            if callable(pattern.callback):
                pattern.callback = self.guarded(pattern.callback)
        return [*screens.urls_for(self), *urls]

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        if len(search_term) > LONGEST_SEARCH:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)

    def guarded(self, view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
                if isinstance(response, SimpleTemplateResponse):
                    # Dates and lookups are read as late as in the template.
                    response.render()
            except NOT_UNDERSTOOD:
                log.warning("Not understood: %s", request.get_full_path(), exc_info=True)
                return self.refuse(request)
            return response

        return answer

    def refuse(self, request: HttpRequest) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts}
        return render(request, "admin/not_understood.html", context, status=400)
