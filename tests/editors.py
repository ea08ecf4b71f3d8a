"""Editors at their screens: logins, and a form as their browser would send it."""

from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client


def a_user(name: str = "ann", **fields: Any) -> User:
    return User.objects.create_user(name, is_staff=True, **fields)


def a_login(name: str = "root", group: str = "") -> Client:
    """A browser in which `name` is logged in; a superuser where no group is named."""
    user = a_user(name, is_superuser=not group)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def an_editor(name: str = "ann") -> Client:
    return a_login(name, "Editors")


def a_reviewer(name: str = "rob") -> Client:
    return a_login(name, "Reviewers")


class Screen(HTMLParser):
    """What a form on a screen would send, its messages, and the text a reader sees."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.errors: list[str] = []
        self.texts: list[str] = []
        self.in_form = self.in_errors = False
        self.select = self.textarea = ""
        self.feed(response.content.decode())
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        name = given.get("name") or ""
        if tag == "form":
            self.in_form = given.get("method") == "post" and given.get("id") != "logout-form"
        elif tag == "ul":
            self.in_errors = "errorlist" in (given.get("class") or "")
        elif tag == "li" and self.in_errors:
            self.errors.append("")
        if not self.in_form or "__prefix__" in name:
            return
        if tag == "input" and name and _is_sent(given):
            value = given.get("value") or ""
            self.values[name] = value or ("on" if given.get("type") == "checkbox" else "")
        elif tag == "select":
            self.select = name
        elif (
            tag == "option"
            and self.select
            and ("selected" in given or self.select not in self.values)
        ):
            self.values[self.select] = given.get("value") or ""
        elif tag == "textarea":
            self.textarea = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.in_form = False
        elif tag == "ul":
            self.in_errors = False
        elif tag == "select":
            self.values.setdefault(self.select, "") if self.select else None
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.textarea:
            self.values[self.textarea] += data.removeprefix("\r\n").removeprefix("\n")
        elif self.in_errors and self.errors:
            self.errors[-1] += data.strip()


def _is_sent(field: dict[str, str | None]) -> bool:
    kind = field.get("type")
    if kind in ("checkbox", "radio"):
        return "checked" in field
    return kind not in ("submit", "button", "file")


def typed(response: HttpResponse, **changes: Any) -> dict[str, Any]:
    """What the page's form would send, with `changes` typed into it; __ stands for a hyphen."""
    values = Screen(response).values
    return values | {name.replace("__", "-"): value for name, value in changes.items()}


def page(record: Model, kind: str = "change") -> str:
    """The address of a record's screen."""
    return f"/admin/companies/{record._meta.model_name}/{record.pk}/{kind}/"


def save(client: Client, record: Model, **changes: Any) -> Any:
    """Open the record's page, type `changes` and press Save."""
    return client.post(page(record), typed(client.get(page(record)), **changes))


def errors(response: HttpResponse) -> list[str]:
    """The messages beside the fields and above the form."""
    return Screen(response).errors


def text(response: HttpResponse) -> str:
    return " ".join(" ".join(Screen(response).texts).split())
