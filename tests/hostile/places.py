"""Where a request can go: each URL of the URLconf, and what the pages link and send there."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.conf.urls.i18n import LocalePrefixPattern
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize
from selectolax.lexbor import LexborHTMLParser, LexborNode

ORIGIN = "http://testserver"
LINK = re.compile(rf'"(?:{ORIGIN})?(/[^"<>\s]*)"')
STARTS = ("/", "/api/v1/", "/admin/", "/admin/login/", "/sitemap.xml", "/api/v1/schema/")
EXAMPLES = 4  # of one URL


@dataclass
class Form:
    """A form as a page gives it: what a browser would send, and by which button."""

    fields: list[tuple[str, str]]
    buttons: list[tuple[str, str]]
    files: list[str]
    choices: dict[str, list[str]]
    is_multipart: bool


@dataclass
class Place:
    """One URL of the URLconf, with what is known of it."""

    kind: str
    template: str  # such as "companies/%(slug)s/"
    names: tuple[str, ...]
    in_languages: bool
    paths: list[str] = field(default_factory=list)
    queries: dict[str, list[str]] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    was_read: bool = False

    def path_with(self, values: dict[str, str]) -> str:
        return "/" + self.template % values


def kind_of(pattern: URLPattern, route: str) -> str:
    """What the figures are counted by: the API, the screens of the admin, and a page's module."""
    module = str(getattr(pattern.callback, "__module__", ""))
    if route.startswith("admin/"):
        return f"admin {(pattern.name or 'other').rpartition('_')[2] or 'other'}"
    return "api" if route.startswith("api/") else module.removeprefix("companies.pages.")


def places() -> dict[str, Place]:
    """All places by their route, as Django names the one it resolves."""
    return dict(_walk(get_resolver().url_patterns, "", "", False))


def _walk(
    patterns: list[Any], route: str, start: str, in_languages: bool
) -> Iterator[tuple[str, Place]]:
    for pattern in patterns:
        if isinstance(pattern.pattern, LocalePrefixPattern):
            yield from _walk(pattern.url_patterns, route, start, True)
            continue
        here = route + str(pattern.pattern).removeprefix("^" if route else "")
        [(text, names), *_more] = normalize(pattern.pattern.regex.pattern.removeprefix("^"))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, here, start + text, in_languages)
        else:
            yield here, Place(kind_of(pattern, here), start + text, tuple(names), in_languages)


class Map:
    """The places, and what the pages that were read say of them."""

    def __init__(self, starts: Iterable[str] = ()) -> None:
        self.places = places()
        self.resolved: dict[str, Place | None] = {}
        self.parameters: dict[str, list[str]] = {}
        self.examples: dict[str, list[str]] = {}  # by the name of a part of a path
        for address in (*STARTS, *starts):
            self.note(address)

    def learn(self, address: str, page: str) -> None:
        """Keep what a page links and what its forms send."""
        for link in LINK.findall(page):
            self.note(urljoin(address, unescape(link)))
        for node in LexborHTMLParser(page).css("form"):
            self.note_form(address, node)

    def place_of(self, address: str) -> Place | None:
        """The place of an address; each path is resolved once, for 300 patterns are tried."""
        path = urlsplit(address).path
        if path not in self.resolved:
            try:
                match = resolve(path)
            except Resolver404:
                self.resolved[path] = None
            else:
                self.resolved[path] = self.places.get(match.route)
        return self.resolved[path]

    def note(self, address: str) -> None:
        """Keep a link's path as an example, and its parameters with their values."""
        parts = urlsplit(address)
        place = self.place_of(parts.path)
        if place is None or len(address) > 2_000 or "__" in parts.path:  # scripts fill that in
            return
        if parts.path not in place.paths and len(place.paths) < EXAMPLES:
            place.paths.append(parts.path)
            for name, value in resolve(parts.path).kwargs.items():
                self.examples.setdefault(name, []).append(str(value))
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            remember(place.queries, name, value)
            remember(self.parameters, name, value)

    def note_form(self, address: str, node: LexborNode) -> None:
        target = urljoin(address, node.attributes.get("action") or "")
        place, form = self.place_of(target), form_of(node)
        if place is None:
            return
        if (node.attributes.get("method") or "get").lower() == "post":
            path = urlsplit(target).path
            if path not in place.paths:
                place.paths.insert(0, path)
            if len(place.forms) < EXAMPLES:
                place.forms.append(form)
            return
        for name, value in form.fields:
            for known in (value, *form.choices.get(name, [])):
                remember(place.queries, name, known)
                remember(self.parameters, name, known)


def remember(values: dict[str, list[str]], name: str, value: str) -> None:
    known = values.setdefault(name, [])
    if value not in known and len(known) < 8:
        known.append(value)


def form_of(node: LexborNode) -> Form:
    form = Form([], [], [], {}, "multipart" in (node.attributes.get("enctype") or ""))
    for one in node.css("input, select, textarea, button"):
        name = one.attributes.get("name")
        if name and "__prefix__" not in name:
            add_field(form, one, name)
    return form


def add_field(form: Form, node: LexborNode, name: str) -> None:
    value, kind = node.attributes.get("value") or "", node.attributes.get("type") or ""
    if node.tag == "select":
        options = [one.attributes.get("value") or "" for one in node.css("option")]
        chosen = [one.attributes.get("value") or "" for one in node.css("option[selected]")]
        form.choices[name] = options[:50]
        form.fields += [(name, one) for one in chosen or options[:1]]
    elif node.tag == "textarea":
        form.fields.append((name, node.text()))
    elif node.tag == "button" or kind == "submit":
        form.buttons.append((name, value))
    elif kind == "file":
        form.files.append(name)
    elif kind in ("checkbox", "radio"):
        remember(form.choices, name, value or "on")
        if "checked" in node.attributes:
            form.fields.append((name, value or "on"))
    else:
        form.fields.append((name, value))
