"""Screens of our own, beside those that Django's admin makes for a model."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.admin import helpers
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

if TYPE_CHECKING:
    from .guard import GuardedAdmin


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
        path = f"admin/{self.opts.app_label}/{self.opts.model_name}/{template}.html"
        return render(request, path, self.context(request) | shown | context)

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
