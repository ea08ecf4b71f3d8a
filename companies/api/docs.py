"""Views of the API's description: schema/ for programs, docs/ for people."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from markdown_it import MarkdownIt
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from companies.queries import BadParameter, BadQuery, refuse_parameters
from pactwatch.languages import translations
from pactwatch.problems import problem

from .exceptions import bad_query

FORMATS = ("json", "yaml")
MOST_LISTED = 30  # values of a parameter; of countries one is an example
EXAMPLE = "https://register.example.org"  # in docs/api.md


@cache
def document() -> Any:
    """The OpenAPI document, generated once: it depends on the code alone."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # it has no types


class Schema(SpectacularAPIView):
    """The OpenAPI document as YAML or JSON, chosen by `format=` or else by Accept."""

    def get_renderers(self) -> list[BaseRenderer]:
        name = self.request.GET.get("format")
        chosen = [r for r in super().get_renderers() if name in (r.format, None)]
        return chosen or super().get_renderers()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_parameters(request.query_params, known=["format"])
        given = request.query_params.getlist("format")
        if given and (len(given) > 1 or given[0] not in FORMATS):
            raise BadQuery([BadParameter("format", "There is no such format.", list(FORMATS))])
        return Response(document())


@dataclass(frozen=True)
class Parameter:
    """One parameter of the reference."""

    name: str
    values: str
    description: str
    deprecated: bool


@dataclass(frozen=True)
class Operation:
    """One URL of the reference with its parameters."""

    path: str
    summary: str
    description: str
    parameters: list[Parameter]

    @property
    def anchor(self) -> str:
        return slugify(self.path.replace("/api/v1", "")) or "index"


def docs(request: HttpRequest) -> HttpResponse:
    """The manual of docs/api.md, and below it every parameter from the OpenAPI document."""
    if request.method not in ("GET", "HEAD"):
        reason = str(MethodNotAllowed(request.method or "").detail)
        return problem(request, 405, reason, headers={"Allow": "GET, HEAD"})
    try:
        refuse_parameters(request.GET)
    except BadQuery as error:
        return bad_query(request, error)
    contents, manual = written()
    context = {
        "contents": contents,
        "manual": manual.replace(EXAMPLE, settings.SITE_URL),
        "operations": operations(),
        "languages": translations(reverse("home")),
    }
    return render(request, "companies/api/docs.html", context)


@cache
def written() -> tuple[list[tuple[str, str]], str]:
    """The headings of docs/api.md as (id, text), and the page as HTML."""
    reader = MarkdownIt("commonmark").enable("table")
    tokens = reader.parse((settings.BASE_DIR / "docs" / "api.md").read_text())
    contents = []
    for token, text in pairwise(tokens):
        if token.type == "heading_open":
            anchor = slugify(text.content)
            token.attrSet("id", anchor)
            if token.tag == "h2":
                contents.append((anchor, text.content))
        elif token.type == "fence":
            token.attrSet("tabindex", "0")  # where it is wider than a phone it is scrolled
    return contents, reader.renderer.render(tokens, reader.options, {})


@cache
def operations() -> list[Operation]:
    return [
        Operation(
            path if method == "get" else f"{method.upper()} {path}",
            one["summary"],
            one.get("description", ""),
            [
                Parameter(
                    parameter["name"],
                    _values(parameter["schema"]),
                    parameter.get("description", ""),
                    parameter.get("deprecated", False),
                )
                for parameter in one.get("parameters", [])
            ],
        )
        for path, item in document()["paths"].items()
        for method, one in item.items()
    ]


def _values(schema: dict[str, Any]) -> str:
    if "items" in schema:
        return _values(schema["items"])
    if len(schema.get("enum", ())) in range(1, MOST_LISTED):
        return ", ".join(schema["enum"])
    if "minimum" in schema:
        return f"{schema['minimum']} to {schema['maximum']}"
    return ", ".join(str(one) for one in schema.get("examples", ())) or schema["type"]
