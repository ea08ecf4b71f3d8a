"""GET and POST /api/v1/reconcile/: the Entity Reconciliation API 0.2 and 1.0-draft.

Both share the URL. An Accept header that names 1.0 gets the manifest of 1.0-draft; the routes below
the URL belong to 1.0-draft alone, and the manifest of 0.2 names them too.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_from_request, override
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from companies import queries
from companies.api.base_views import RegisterView
from companies.api.parsers import StrictJSONParser
from companies.api.serializer_fields import absolute
from companies.countries import country_name
from companies.models import DEFAULT_PACT, Company, CompanyIdentifier, Pact
from companies.queries import WholeResult
from companies.queries.candidates.scoring import (
    MOST_NAMES,
    LikelyCompany,
    candidates_of,
    profiles_of,
    ranked,
)
from companies.queries.company_table import CompanyTable
from pactwatch.outages.costly_requests import one_at_a_time

from . import reconciliation
from .reconcile_queries import BatchQuery, PreviewQuery, ProposalQuery, SuggestQuery
from .reconciliation import NEW, OLD, TYPE, EntityQuery, refuse

PREVIEW = {"width": 420, "height": 320}
SUGGESTED = 10


class AnyAccept(DefaultContentNegotiation):
    """Renders JSON whatever the Accept header, which chooses the version instead."""

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> Any:
        first = next(iter(renderers))
        return first, first.media_type


@extend_schema(exclude=True)
class ReconcileView(RegisterView):
    """A route of the protocol, in the language that the client prefers."""

    content_negotiation_class = AnyAccept
    parser_classes = [StrictJSONParser, FormParser, MultiPartParser]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with override(get_language_from_request(request)):
            response = super().dispatch(request, *args, **kwargs)
            response.headers["Content-Language"] = get_language() or settings.LANGUAGE_CODE
        patch_vary_headers(response, ["Accept", "Accept-Language"])
        return response


class Service(ReconcileView):
    """The manifest; in version 0.2 also batches of queries and queries for values."""

    def get(self, request: Request) -> Response:
        query = BatchQuery(request.query_params)
        return answer_old(query) if query.given else Response(manifest(version_of(request)))

    def post(self, request: Request) -> Response:
        if isinstance(request.data, QueryDict):
            return answer_old(BatchQuery(request.data))
        return Response(matched_new(request.data))


class MatchBatch(ReconcileView):
    """A batch of queries of 1.0-draft."""

    def post(self, request: Request) -> Response:
        queries.refuse_parameters(request.query_params)
        return Response(matched_new(request.data))


class Extend(ReconcileView):
    """Values of companies, in the shape of 1.0-draft."""

    def post(self, request: Request) -> Response:
        queries.refuse_parameters(request.query_params)
        return Response(extension(request.data).new())


class ProposedProperties(ReconcileView):
    """The properties whose values can be requested."""

    def get(self, request: Request) -> Response:
        known = known_properties()
        limit = ProposalQuery(request.query_params).number("limit", len(known))
        return Response({"properties": known[:limit], "type": TYPE, "limit": limit})


class SuggestCompany(ReconcileView):
    """Companies with a name that begins so, or with this public id.

    The protocol has `cursor` (0.2: `offset`) as the number of suggestions to skip, so that one
    may be repeated or missed when a name is added or merged between two requests.
    """

    def get(self, request: Request) -> Response:
        query = SuggestQuery(request.query_params)
        prefix = query.value("prefix")
        first = query.number("offset", query.number("cursor", 0))
        last = first + query.number("limit", SUGGESTED)
        with_id = queries.companies_with_ids([prefix.strip().lower()]).values()
        keys = [*dict.fromkeys([*with_id, *queries.names_beginning(prefix, last)])][first:last]
        described = describe_companies(keys)
        return Response({"result": [described[key] | {"notable": [TYPE]} for key in keys]})


class SuggestProperty(ReconcileView):
    """The properties by which a company can be looked for."""

    def get(self, request: Request) -> Response:
        query = SuggestQuery(request.query_params)
        return Response({"result": [*beginning(query, matching_properties())]})


class SuggestType(ReconcileView):
    """The one type there is."""

    def get(self, request: Request) -> Response:
        return Response({"result": [*beginning(SuggestQuery(request.query_params), [the_type()])]})


class Preview(ReconcileView):
    """The card of a company, which any site may show in an iframe."""

    def get(self, request: Request) -> HttpResponseRedirect:
        slug = PreviewQuery(request.query_params).value("id")
        if slug not in queries.companies_with_ids([slug]):
            refuse("id", _("We have no company called “%(slug)s”.") % {"slug": slug[:100]})
        return HttpResponseRedirect(absolute(reverse("embed-record", args=[slug])))


# The manifest


def version_of(request: Request) -> str:
    return NEW if "1.0" in request.headers.get("Accept", "") else OLD


def manifest(version: str) -> dict[str, Any]:
    """The manifest of the service in one of the versions."""
    root = absolute(reverse("api:reconcile"))
    both = {
        "versions": [OLD, NEW],
        "name": "PactWatch",
        "documentation": f"{absolute(reverse('api:docs'))}#match-your-own-list",
        "serviceVersion": settings.SPECTACULAR_SETTINGS["VERSION"],
        "defaultTypes": [the_type()],
        "batchSize": MOST_NAMES,
    }
    if version == NEW:
        return both | {
            "lang": get_language(),
            "view": {"url": _template("company", "{id}")},
            "preview": PREVIEW,
            "suggest": {"entity": True, "property": True, "type": True},
            "extend": {"proposeProperties": True, "propertySettings": []},
            "standardizedScore": True,
        }
    url = "{{id}}"
    return both | {
        "identifierSpace": _template("company", "x").removesuffix("x/"),
        "schemaSpace": f"{root}suggest/type",
        "view": {"url": _template("company", url)},
        "preview": PREVIEW | {"url": _template("embed-record", url)},
        "suggest": {
            name: {"service_url": root.rstrip("/"), "service_path": f"/suggest/{name}"}
            for name in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {
                "service_url": root.rstrip("/"),
                "service_path": "/extend/propose",
            },
            "property_settings": [],
        },
    }


def _template(view: str, variable: str) -> str:
    return absolute(reverse(view, args=["id"])).replace("/id/", f"/{variable}/")


def the_type() -> dict[str, str]:
    return {"id": TYPE, "name": _("Company")}


def matching_properties() -> list[dict[str, str]]:
    names = {
        reconciliation.COUNTRY: _("Country of the headquarters"),
        reconciliation.WEBSITE: _("Website"),
        reconciliation.ANY_IDENTIFIER: _("Any identifier"),
        **{code: str(label) for code, label in CompanyIdentifier.Scheme.choices},
    }
    return [{"id": one, "name": names[one]} for one in reconciliation.PROPERTIES]


# Batches


def answer_old(query: BatchQuery) -> Response:
    if batch := query.value("queries"):
        questions = reconciliation.read_old(_json("queries", batch))
        found_ones = found([*questions.values()])
        return Response(reconciliation.results_old([*questions], found_ones))
    return Response(extension(_json("extend", query.value("extend"))).old())


def matched_new(body: Any) -> dict[str, Any]:
    return reconciliation.results_new(found(reconciliation.read_new(body)))


def found(questions: Sequence[EntityQuery]) -> Iterator[list[dict[str, Any]]]:
    """The candidates for each query, best first, with the members of both versions."""
    described = [(place, one) for place, q in enumerate(questions) for one in q.descriptions]
    candidates: list[dict[int, LikelyCompany]] = [{} for _question in questions]
    ids = queries.companies_with_ids({slug for one in questions for slug in one.ids})
    with one_at_a_time():
        answers = candidates_of([one for _place, one in described])
        for (place, _one), some in zip(described, answers, strict=True):
            for one in some:
                before = candidates[place].get(one.company_id)
                if before is None or (one.is_match, one.score) > (before.is_match, before.score):
                    candidates[place][one.company_id] = one
    for place, question in enumerate(questions):
        for pk in {ids[slug] for slug in question.ids if slug in ids}:
            candidates[place][pk] = LikelyCompany(pk, 100, True, ())
    keys = {pk for some in candidates for pk in some}
    profiles, by_key = profiles_of(keys), describe_companies(keys)
    for question, its_own in zip(questions, candidates, strict=True):
        fitting = [
            one
            for pk, one in its_own.items()
            if question.of_companies and pk in profiles and question.fits(profiles[pk])
        ]
        yield [_candidate(one, by_key) for one in ranked(fitting)[: question.limit]]


def _candidate(one: LikelyCompany, companies: dict[int, dict[str, str]]) -> dict[str, Any]:
    reasons = [{"id": why.code, "name": str(why.text), "value": True} for why in one.reasons]
    return companies[one.company_id] | {
        "type": [the_type()],
        "score": one.score,
        "match": one.is_match,
        "features": reasons,
    }


def describe_companies(keys: Any) -> dict[int, dict[str, str]]:
    """Public id, name and a description of companies: status, its date, and the country."""
    if not keys:
        return {}
    language = get_language() or settings.LANGUAGE_CODE
    query = queries.CompanyFilter(QueryDict(f"pact={DEFAULT_PACT}"))
    rows = query.rows_of(sorted(keys))
    lists, pact = queries.full_lists(query.clock), query.chosen_pact
    found = {}
    for row in rows:
        shown = Shown(row, lists.without(row.pk, pact.pk, row))
        status = f"{pact.name}: {queries.in_few_words(shown, language)}"
        country = country_name(row.country, language) if row.country else ""
        description = " · ".join(filter(None, (status, country)))
        found[row.pk] = {"id": row.slug, "name": row.name, "description": description}
    return found


class Shown:
    """A row of a list, annotated with the lists without the company."""

    def __init__(self, row: Any, lists_without: Any) -> None:
        self.status, self.since = row.status, row.since
        self.since_precision, self.since_basis = row.since_precision, row.since_basis
        self.lists_without = lists_without


# Values


def the_table(keys: Sequence[int] = ()) -> CompanyTable:
    """The table of these companies, as the downloads have it."""
    return CompanyTable(WholeResult(QueryDict(f"pact={DEFAULT_PACT}")), keys)


def known_properties() -> list[dict[str, str]]:
    if not Pact.objects.exists():  # an empty register states no value of anybody
        return []
    table = the_table()
    meanings = table.meanings
    return [
        {"id": name, "name": name.replace("_", " ").capitalize()}
        | ({"description": meanings[name]} if name in meanings else {})
        for name in table.columns
    ]


def extension(body: Any) -> reconciliation.Extension:
    """The requested property values, for the submitted public ids."""
    known = {one["id"]: one for one in known_properties()}
    slugs, names = reconciliation.read_extension(body, list(known))
    keys = queries.companies_with_ids(slugs)
    with one_at_a_time():
        table = the_table(sorted({*keys.values()}))
        rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table}
    present = dict(Company.objects.filter(pk__in=keys.values()).values_list("pk", "slug"))
    values = {slug: rows.get(present.get(keys.get(slug, 0), ""), {}) for slug in slugs}
    properties = [{"id": one, "name": known[one]["name"]} for one in names]
    return reconciliation.Extension(properties, values)


# Reading parameters


def _json(name: str, text: str) -> Any:
    if not text:
        refuse(name, _("Give queries or extend."))
    try:
        return StrictJSONParser.read(text.encode(errors="surrogatepass"))
    except ParseError as error:
        refuse(name, str(error.detail))


def beginning(query: SuggestQuery, rows: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The rows whose id or name contains the text."""
    prefix = query.value("prefix").strip().casefold()
    for one in rows:
        if prefix in one["id"] or prefix in one["name"].casefold():
            yield one
