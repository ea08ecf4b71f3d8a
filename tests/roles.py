"""Who gets what at each address: every one that there is, asked as each role.

`docs/roles.csv` is the table. A cell holds what GET, POST, OPTIONS and all other methods get; HEAD
gets what GET does. `make test` asks where rights begin or end: the cells that differ from that of
the role below or above, and all of readers who are not logged in. `make test-all` asks every cell.
"""

import csv
from collections.abc import Iterator
from contextlib import nullcontext
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.apps import apps
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.models import LoginSession
from companies.models import (
    Company,
    Correction,
    ImportRun,
    Milestone,
    Proposal,
    QuoteCheck,
    RefusedMatch,
    Signing,
    Source,
)
from companies.register.history import current_version
from tests.editors import a_login
from tests.sampling import ALL
from tests.test_every_url import PART, filled_in

TABLE = Path(__file__).parent.parent / "docs/roles.csv"
ROLES = {
    "anonymous": None,
    "viewer": "Viewers",
    "editor": "Editors",
    "reviewer": "Reviewers",
    "administrator": "",
}
READERS = ("anonymous", "viewer")  # who must write nothing
METHODS = (("POST",), ("OPTIONS",), ("PUT", "PATCH", "DELETE"))
# What forms of the desk ask for beside their own addresses.
QUERIES = (
    "admin/autocomplete/?app_label=companies&model_name=citation&field_name=source",
    "admin/autocomplete/?app_label=companies&model_name=company&field_name=sector",
    "admin/companies/source/add/?_popup=1&_to_field=id",
    "admin/companies/source/?_popup=1&_to_field=id",
    "admin/companies/source/?_to_field=title",
    "admin/companies/correction/?_popup=1",
    "admin/auth/user/?_to_field=password",
)
# Enough of a form for what needs no more: a deletion, and an action on the rows of a list.
SENT = {"post": "yes", "action": "delete_selected", "change_reason": "a test"}


def routes() -> list[str]:
    """The route of each address there is, in English, and the questions of the desk's forms."""

    def walk(patterns: list[Any], start: str = "") -> Iterator[str]:
        for pattern in patterns:
            route = start + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                yield route
            else:
                yield from walk(pattern.url_patterns, route)

    return [*dict.fromkeys(walk(get_resolver().url_patterns)), *QUERIES]


def readable(route: str) -> str:
    """The route as the table has it: /admin/companies/company/<object_id>/change/."""
    for pattern, name in (
        ("^([^/]+)/history/([^/]+)/$", "<object_id>/history/<version>/"),
        ("^(?P<app_label>accounts|companies|auth)/$", "<app_label>/"),
        ("(?P<url>.*)$", "<anything else>"),
    ):
        route = route.replace(pattern, name)
    return "/" + route


def address(route: str) -> str:
    """The address of a row that there is: each screen of the admin is asked about its own."""
    parts = route.split("/")
    if parts[0] == "admin" and len(parts) > 3:
        label = (parts[1], parts[2])
        if label[0] in ("companies", "accounts", "auth") and len(PART.findall(route)):
            return _of_row(route, *label)
    source, event = Source.objects.first(), Milestone.objects.first()
    for part, text in {
        "sources/<slug:slug>": f"sources/{source.slug}",
        "pledges/<slug:company>/<slug:pact>/<slug:code>": "pledges/acme/eu-ai-pact/a-promise",
        "milestones/<slug:date>/<slug:title>": f"milestones/{event.date}/launch",
        "<slug:code>": "a-promise",
        "<str:receipt>": Correction.objects.latest("pk").receipt,
        "data/<str:name>": "data/companies.csv",
    }.items():
        route = route.replace(part, text)
    return filled_in(route)


def _of_row(route: str, app: str, name: str) -> str:
    model = apps.get_model(app, name)
    row = model._default_manager.order_by("pk").last()
    company = Company.objects.get(slug="acme")
    if model is Signing:
        row = company.signings.get()
    if model is Company:
        row = company
    if model is LoginSession:  # somebody else's
        row = LoginSession.objects.get(account__username="logged-in")
    known = {
        "company_id": company.pk,
        "signing_id": company.signings.get().pk,
        "merge_id": "1",
        "run_id": ImportRun.objects.latest("pk").pk,
        "correction_id": Correction.objects.latest("pk").pk,
        "check_id": QuoteCheck.objects.latest("pk").pk,
        "kind": "csv",
        "which": "page",
        "object_id": row.pk,
        "id": row.pk,
    }
    if "history/([^/]+)" in route:
        version = model.history.filter(id=row.pk).first()
        return f"/admin/{app}/{name}/{row.pk}/history/{version.pk if version else 0}/"
    for part in PART.findall(route):
        route = route.replace(part, str(known[part.strip("<>").rpartition(":")[2]]), 1)
    return "/" + route


def a_client(role: str) -> Client:
    group = ROLES[role]
    client = Client() if group is None else a_login(role, group)
    client.raise_request_exception = False
    return client


def is_asked(role: str, address: str) -> bool:
    """Whether the role has other rights there than the one below it, or than the one above it."""
    cells = [*table().get(address, {}).values()]
    place = [*ROLES].index(role)
    return ALL or place == 0 or len({*cells[place - 1 : place + 2]}) != 1


class Asked:
    """What a role is answered at each address; `wrote` changed a row."""

    def __init__(self, role: str) -> None:
        self.role, self.client = role, a_client(role)
        self.wrote: list[str] = []
        self.addresses = {
            route: address(route) for route in routes() if is_asked(role, readable(route))
        }
        self.rows = _rows()
        self.cells = {readable(route): self.cell(route) for route in self.addresses}

    def cell(self, route: str) -> str:
        """What each kind of method gets; methods of a kind get the same."""
        found = []
        # HEAD gets the same for every role.
        has_head = self.role == "viewer" and (ALL or len(route) % 4 == 0)
        head = ("GET", "HEAD") if has_head else ("GET",)
        for methods in (head, *METHODS):
            if not ALL and methods != head:  # of the same kind, one by turns
                methods = methods[len(route) % len(methods) :][:1]
            told = {method: self.status(method, route) for method in methods}
            found.append(told[methods[0]] if len({*told.values()}) == 1 else told)
        return " ".join(map(str, found))

    def status(self, method: str, route: str) -> int:
        """One answer; what it wrote is undone, and the role stays logged in."""
        cookies = copy(self.client.cookies)
        with transaction.atomic():
            path = self.addresses[route]
            if method == "POST":
                sent = SENT | {"_selected_action": _last_row(path)}
                with nullcontext() if ALL else without_pages():
                    answer = self.client.post(path, sent)
            else:
                answer = self.client.generic(method, path)
            if method == "POST" and self.role in READERS and _rows() != self.rows:
                self.wrote.append(path)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return int(answer.status_code)


def without_pages() -> Any:
    """Render no template: what a form is answered is decided before its page is made."""
    return patch.object(Template, "render", lambda template, context, request=None: "")


def _rows() -> list[int]:
    """The version of the register, and how many rows the desk decides on."""
    tables = (Correction, ImportRun, Proposal, RefusedMatch)
    return [current_version(), *(table.objects.count() for table in tables)]


def _last_row(path: str) -> str:
    """The row of a change list that an action is about."""
    parts = path.split("/")
    if len(parts) != 5 or parts[1] != "admin" or parts[2] not in ("accounts", "auth", "companies"):
        return ""
    return str(apps.get_model(parts[2], parts[3])._default_manager.order_by("pk").last().pk)


@cache
def table() -> dict[str, dict[str, str]]:
    """The cells of each address by role, as the table has them."""
    with TABLE.open() as file:
        return {row.pop("address"): row for row in csv.DictReader(file)}
