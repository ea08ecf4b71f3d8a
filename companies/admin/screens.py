"""The base of every screen: URLs of our own, and nonsense in a URL answered with a 400."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.contrib.admin import helpers
from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db import DataError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path

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


class Screens:
    """Views about one model, at URLs below its change list.

    `routes` maps the name of each view to its route; the URL of the view `merge` of companies is
    called `admin:companies_company_merge`, its template admin/companies/company/merge.html.
    """

    routes: Mapping[str, str]

    def __init__(self, model_admin: "GuardedAdmin") -> None:
        self.model_admin = model_admin
        self.opts = model_admin.opts

    def urls(self) -> Iterator[URLPattern]:
        for name, route in self.routes.items():
            view = self.model_admin.admin_site.admin_view(getattr(self, name))
            full_name = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
            yield path(route, self.model_admin.guarded(view), name=full_name)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """What every template of the admin needs."""
        return self.model_admin.admin_site.each_context(request) | {"opts": self.opts}

    def render(
        self, request: HttpRequest, template: str, context: dict[str, Any], form: Any = None
    ) -> HttpResponse:
        shown = {"form": form, "errors": helpers.AdminErrorList(form, []) if form else []}
        name = f"admin/{self.opts.app_label}/{self.opts.model_name}/{template}.html"
        return render(request, name, self.context(request) | shown | context)

    def laid_out(self, form: Any, fieldsets: Any) -> helpers.AdminForm:
        """`form` as Django's own templates lay out the form of a model."""
        return helpers.AdminForm(form, fieldsets, {}, model_admin=self.model_admin)


_registered: dict[type[Model], list[type[Screens]]] = defaultdict(list)
AnyScreens = TypeVar("AnyScreens", bound=type[Screens])


def register(model: type[Model]) -> Callable[[AnyScreens], AnyScreens]:
    """Add the decorated screens to the admin of `model`, as `admin.register` adds the admin."""

    def add(screens: AnyScreens) -> AnyScreens:
        _registered[model].append(screens)
        return screens

    return add


def urls_for(model_admin: "GuardedAdmin") -> list[URLPattern]:
    """URLs of all screens registered for the model of `model_admin`."""
    registered = _registered[model_admin.model]
    return [url for screens in registered for url in screens(model_admin).urls()]


class GuardedAdmin(ModelAdmin):
    """A model's screens, where nonsense in the URL is a 400."""

    def get_urls(self) -> list[URLPattern]:
        urls = super().get_urls()
        for pattern in urls:
            if callable(pattern.callback):
                pattern.callback = self.guarded(pattern.callback)
        return [*urls_for(self), *urls]

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
