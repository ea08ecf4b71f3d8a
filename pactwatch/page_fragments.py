"""Cached HTML fragments: what responses to one URL share, with gaps for the rest.

Rendering a template that is little more than that takes 5 ms of CPU time, most of it for 40 names
with links; filling the gaps takes 0.1 ms.
"""

import datetime
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language

VERSION = "pactwatch.register_version"  # of the environment: what views put into URLs
STATE = "pactwatch.register_state"  # of the environment: what a request that reads starts from
LIMIT = 3_000_000  # bytes of all fragments; one has 11,000
# Stands in a page for the version of the register, where it has to be a number.
PRESENT = 918_273_645_546_372_819


class Fragments:
    """The fragments cached by this process; the least recently used is dropped first."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self.cached: OrderedDict[Hashable, bytes] = OrderedDict()
        self.changing = Lock()

    def get(self, key: Hashable) -> bytes | None:
        with self.changing:
            fragment = self.cached.get(key)
            if fragment is not None:
                self.cached.move_to_end(key)
        return fragment

    def add(self, key: Hashable, fragment: bytes) -> None:
        with self.changing:
            self.size += len(fragment) - len(self.cached.pop(key, b""))
            self.cached[key] = fragment
            while self.size > self.limit:
                self.size -= len(self.cached.popitem(last=False)[1])

    def clear(self) -> None:
        with self.changing:
            self.cached.clear()
            self.size = 0


FRAGMENTS = Fragments(LIMIT)


def render_cached(
    request: HttpRequest,
    template: str,
    context: Callable[[], dict[str, Any]],
    *,
    key: Hashable,
    parts: Mapping[str, str],
) -> HttpResponse:
    """Render a page from its cached fragment.

    The template writes `gaps`, by the names of `parts`, where the parts belong. The fragment is
    cached by URL and `key`, which must contain all else that it depends on; None caches nothing.
    `context` is called for a new fragment only.
    """
    cache_key = (request.path, request.META["QUERY_STRING"], get_language(), template, key)
    fragment = None if key is None else FRAGMENTS.get(cache_key)
    version = str(request.META.get(VERSION, 0))
    if fragment is None:
        request.META[VERSION] = PRESENT
        gaps = {name: _gap(name) for name in parts}
        fragment = render_to_string(template, context() | {"gaps": gaps}, request).encode()
        if key is not None:
            FRAGMENTS.add(cache_key, fragment)
    page = fragment.replace(b"%d" % PRESENT, version.encode())
    for name, html in parts.items():
        page = page.replace(_gap(name).encode(), html.encode())
    return HttpResponse(page)


_PLAIN = (str, int, float, datetime.date, type(None), type)


def content_of(value: Any) -> Hashable:
    """A cache key of all that a template can show of a value: of a model instance, what is loaded.

    So edits that change nothing of what is shown do not make a fragment stale.
    """
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return tuple((key, content_of(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(content_of, value))
    if isinstance(value, Model):
        loaded = {name: one for name, one in vars(value).items() if name != "_state"}
        cached = value._state.fields_cache
        beside = [cached.get(one.name) for one in value._meta.concrete_fields]
        return content_of([type(value), loaded, beside])
    if is_dataclass(value):
        return content_of([type(value), *(getattr(value, one.name) for one in fields(value))])
    found: Hashable = value
    return found


def _gap(name: str) -> str:
    """The placeholder of a part; no page text contains a NUL."""
    return f"\0{name}\0"
