"""Generate the OpenAPI document: parameters from the filter sets, errors as RFC 9457 problems."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.utils.text import capfirst
from django.utils.translation import override
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from companies.queries import PAGE_SIZE, StrictFilter
from companies.queries.parameters import (
    Day,
    Instant,
    KnownCompaniesField,
    PactChoice,
    WholeNumber,
    country_choices,
)
from companies.queries.read_query import CodeList
from pactwatch.problems import MEDIA_TYPE

from .base_views import Deprecated
from .response_serializers import BadQuerySerializer, ProblemSerializer

# Values of the seed register, so that each example works as written.
_PATH = {
    "company": ("The company’s public id.", "openai"),
    "pact": ("The pact’s public id.", "eu-ai-pact"),
    "code": ("The commitment’s code in its pact.", "ai-literacy"),
    "since": ("The first day of the period, as YYYY-MM-DD.", "2024-09-25"),
    "date": ("The day, as YYYY-MM-DD.", "2024-07-12"),
    "title": (
        "The title as the list of milestones links it.",
        "ai-act-published-in-the-official-journal",
    ),
}
_PUBLIC_ID = {
    "companies": "openai",
    "pacts": "eu-ai-pact",
    "sources": "digital-strategy-ec-europa-eu-en-policies-ai-pact",
}
_EXAMPLES = {
    "q": "bank",
    "country": "DE",
    "country__not": "US",
    "sector": "automotive",
    "sector__not": "automotive",
    "company": "openai",
    "company__not": "openai",
    "commitment": "ai-literacy",
    "pact": "eu-ai-pact",
    "cursor": "*",
    "page": 1,
    "page_size": PAGE_SIZE,
}
_INSTANT = {
    "type": "string",
    "anyOf": [{"format": "date"}, {"format": "date-time"}],
    "examples": ["2026-11-01", "2026-11-23T05:55:10Z"],
}
_REQUESTS = r'"api";[qr]=\d+;[wt]=\d+'
_PROBLEMS = [400, 404, 406, 429]
_COUNTED = [200, *_PROBLEMS]
_HEADERS = {
    "ETag": (
        [200, 304],
        {"pattern": '^"[0-9a-f]+(-gzip)?"$'},
        "Send it back as If-None-Match.",
    ),
    "Link": ([200], {}, "Other pages of a list, by RFC 8288; what is deprecated, and where."),
    "RateLimit-Policy": (
        [200, *_PROBLEMS],
        {"pattern": _REQUESTS},
        "How many requests in how many seconds.",
    ),
    "RateLimit": (_COUNTED, {"pattern": _REQUESTS}, "Requests left, and for how many seconds."),
    "Location": ([308], {"format": "uri"}, "The present URL."),
    "Retry-After": ([429], {"pattern": r"^\d+$"}, "For how many seconds to wait."),
    "X-Request-Id": (_PROBLEMS, {"pattern": "^[0-9a-f]{16}$"}, "As in the problem."),
}
_DEPRECATED = {
    "Deprecation": ({"pattern": r"^@\d+$"}, "Since when something asked for is deprecated."),
    "Sunset": ({}, "After which day it may be gone, by RFC 8594."),
}
# Of values that are data: an error lists them.
_SLUG = "^[-a-zA-Z0-9_]+$"
_PATTERNS = {"q": r"^[^\u0000]*$", "cursor": r"^(\*|[-_A-Za-z0-9]+)$"}


class RegisterSchema(AutoSchema):
    """Describes a view by its docstring, path and filter set."""

    def get_tags(self) -> list[str]:
        tokens: list[str] = self._tokenize_path()
        return [tokens[0] if tokens else "index"]

    def get_summary(self) -> str:
        return (self.view.__doc__ or "").strip().split("\n")[0]

    def get_description(self) -> str:  # type: ignore[override]  # DRF's own schemas differ
        lines = (self.view.__doc__ or "").strip().split("\n")
        return "\n".join(line.strip() for line in lines[1:]).strip()

    def get_auth(self) -> list[Any]:
        return []

    def get_override_parameters(self) -> list[Any]:
        filterset: type[StrictFilter] | None = getattr(self.view, "filterset_class", None)
        with override("en"):
            query = [] if filterset is None else _query_parameters(filterset)
        for one in query:
            if what := _deprecated(self.view).get(one.name):
                one.deprecated = True
                one.description += f" Deprecated: use {what.instead}; gone after {what.until}."
        path = self.path.removeprefix("/api/v1/")
        return [*_path_parameters(path), *query, *_headers(deprecated=bool(_deprecated(self.view)))]

    def is_deprecated(self) -> bool:
        return "" in _deprecated(self.view)

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]  # it has no types
        if getattr(serializer, "refuses_others", False):
            schema["additionalProperties"] = False
        return schema

    def _answer(self) -> Any:
        """The response serializer; views that read a body name it `answer_class`."""
        return getattr(self.view, "answer_class", None) or super().get_response_serializers()

    def _unchanged(self) -> dict[int, OpenApiResponse]:
        if self.method != "GET":
            return {}
        description = "The answer is the one that If-None-Match names."
        return {304: OpenApiResponse(description=description)}

    def get_response_serializers(self) -> Any:
        answers: dict[Any, Any] = {
            200: OpenApiResponse(self._answer(), "The answer."),
            **self._unchanged(),
            (400, MEDIA_TYPE): OpenApiResponse(
                BadQuerySerializer,
                "A parameter or value the register does not offer; `errors` lists the valid ones.",
            ),
            (404, MEDIA_TYPE): OpenApiResponse(
                ProblemSerializer, "Nothing at this URL, or no such page."
            ),
            (406, MEDIA_TYPE): OpenApiResponse(ProblemSerializer, "Only JSON is available."),
            (429, MEDIA_TYPE): OpenApiResponse(
                ProblemSerializer, "Too many requests; `Retry-After` says for how many seconds."
            ),
        }
        if "/companies/{slug}/" in self.path:
            answers[308] = OpenApiResponse(
                description="The company moved; Location is its present URL."
            )
        return answers


def _deprecated(view: Any) -> Mapping[str, Deprecated]:
    found: Mapping[str, Deprecated] = getattr(view, "deprecated", {})
    return found


def _path_parameters(path: str) -> list[OpenApiParameter]:
    every = _PATH | {"slug": ("The public id.", _PUBLIC_ID.get(path.partition("/")[0], ""))}
    return [
        OpenApiParameter(
            name,
            {"type": "string", "examples": [example]}
            | ({"format": "date"} if name in ("since", "date") else {"pattern": _SLUG}),
            OpenApiParameter.PATH,
            required=True,
            description=description,
        )
        for name, (description, example) in every.items()
        if f"{{{name}}}" in path
    ]


def _headers(*, deprecated: bool) -> list[OpenApiParameter]:
    """The response headers that the API documents."""
    more = {name: ([200], *one) for name, one in _DEPRECATED.items()} if deprecated else {}
    return [
        OpenApiParameter(
            name,
            {"type": "string"} | schema,
            OpenApiParameter.HEADER,
            description=description,
            response=statuses,
        )
        for name, (statuses, schema, description) in (_HEADERS | more).items()
    ]


def _query_parameters(filterset: type[StrictFilter]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name,
            _schema(name, parameter),
            description=_description(name, parameter),
            explode=_is_repeatable(parameter) if _is_list(parameter) else None,
            style="form" if _is_list(parameter) else None,
        )
        for name, parameter in filterset.base_filters.items()
    ]


def _is_repeatable(parameter: django_filters.Filter) -> bool:
    return isinstance(parameter, django_filters.MultipleChoiceFilter)


def _is_list(parameter: django_filters.Filter) -> bool:
    return _is_repeatable(parameter) or isinstance(parameter, CodeList)


def allow_empty_values(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Mark parameters as allowing empty values: forms submit all their fields."""
    operations = [one for item in result["paths"].values() for one in item.values()]
    for one in (one for operation in operations for one in operation.get("parameters", ())):
        if one["in"] == "query":
            one["allowEmptyValue"] = True
    return result


def allow_chosen_fields(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Describe rows reduced by `fields` as having only some of their properties."""
    schemas = result["components"]["schemas"]
    for item in result["paths"].values():
        operation = item.get("get", {})
        if any(one["name"] == "fields" for one in operation.get("parameters", ())):
            answer = operation["responses"]["200"]["content"]["application/json"]
            name = _row_of(answer["schema"], schemas)
            some = {key: value for key, value in schemas[name].items() if key != "required"}
            some["description"] = f"The fields of {name} that `fields` names."
            schemas[f"Some{name}Fields"] = some
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def _row_of(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Also allow the partial schema for rows of a response; returns the full schema's name."""
    holder = schema
    page = schemas[str(schema["$ref"]).rpartition("/")[2]].get("properties", {})
    if "results" in page:
        holder = page["results"]["items"]
    if "anyOf" not in holder:  # two operations may share a page
        whole = holder.pop("$ref")
        some = whole.rpartition("/")[2]
        holder["anyOf"] = [{"$ref": whole}, {"$ref": f"#/components/schemas/Some{some}Fields"}]
    return str(holder["anyOf"][0]["$ref"]).rpartition("/")[2]


def _description(name: str, parameter: django_filters.Filter) -> str:
    label = capfirst(str(parameter.label or name.replace("_", " ")))
    help_text = str(parameter.extra.get("help_text", ""))
    repeated = "May be repeated: any of the values." if _is_repeatable(parameter) else ""
    return " ".join(text for text in (f"{label}.", help_text, repeated) if text)


def _schema(name: str, parameter: django_filters.Filter) -> dict[str, Any]:
    extra = parameter.extra
    example = {"examples": [_EXAMPLES[name]]} if name in _EXAMPLES else {}
    if isinstance(parameter, WholeNumber):
        limits = {"minimum": extra["min_value"], "maximum": extra["max_value"]}
        default = {"default": PAGE_SIZE if name == "page_size" else 1}
        return {"type": "integer", **limits, **default}
    if isinstance(parameter, Day):
        return {"type": "string", "format": "date", "examples": ["2024-10-09"]}
    if isinstance(parameter, Instant):
        return _INSTANT
    if isinstance(parameter, PactChoice):
        return {"type": "string", "pattern": _SLUG, **example}
    choices = country_choices() if extra.get("choices") == country_choices else extra.get("choices")
    values: dict[str, Any] = {"pattern": _PATTERNS.get(name, _SLUG)}
    if choices is not None and not callable(choices):
        values = {"enum": [code for code, _label in choices]}
    one = {"type": "string", **values, **example}
    if _is_list(parameter):
        most = {"maxItems": KnownCompaniesField.MOST} if name.startswith("company") else {}
        return {"type": "array", "items": one, **most}
    if "max_length" in extra:
        one["maxLength"] = extra["max_length"]
    return one
