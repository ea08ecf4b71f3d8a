"""POST /api/v1/match/: the companies that a list of names may mean."""

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from companies import queries
from companies.api.base_views import RegisterView
from companies.api.parsers import StrictJSONParser
from companies.api.quick.items import items
from companies.models import DEFAULT_PACT, Company, Pact
from companies.queries.candidates.scoring import LikelyCompany, candidates_of
from pactwatch.outages.costly_requests import one_at_a_time

from .match_form import (
    CoverageOfPactSerializer,
    MatchAnswerSerializer,
    MatchRequestSerializer,
    ReasonSerializer,
    faults,
)


class MatchNames(RegisterView, GenericAPIView[Company]):
    """The companies that names may mean, up to 500 names at once.

    A name leads to a company by itself only where it is a name of it and nothing you say of its
    country or its identifiers speaks against it. All other candidates are questions for a person.
    Candidates have their status for one pact on one day. Nothing that you send is stored.
    """

    parser_classes = [StrictJSONParser]
    serializer_class = MatchRequestSerializer
    answer_class = MatchAnswerSerializer
    filterset_class = queries.PactQuery

    def post(self, request: Request) -> Response:
        query = queries.PactQuery.of(request)
        query.refuse_faults()
        body = MatchRequestSerializer(data=request.data)
        if not body.is_valid():
            raise queries.BadQuery(list(faults(body.errors))[:100])
        names, limit = body.validated_data["names"], body.validated_data["limit"]
        with one_at_a_time():
            found = [candidates[:limit] for candidates in candidates_of(names)]
            companies = companies_by_key(
                {one.company_id for candidates in found for one in candidates}, query
            )
        results = [
            {
                "name": description.name,
                "known": bool(candidates),
                "candidates": [*serialized(candidates, companies)],
            }
            for description, candidates in zip(names, found, strict=True)
        ]
        return Response(
            {
                "pact": pact_of(query),
                "day": query.day,
                "coverage": coverage(query),
                "results": results,
            }
        )


def pact_of(query: queries.PactQuery) -> str:
    """The pact's public id; the default one if the register has no pact yet."""
    return query.chosen_pact.slug if Pact.objects.exists() else DEFAULT_PACT


def coverage(query: queries.PactQuery) -> dict[str, Any]:
    """The coverage of the pact, with the field names of coverage/; empty without a pact."""
    if not Pact.objects.exists():
        return dict.fromkeys(CoverageOfPactSerializer().fields) | {"signatories": 0}
    pact, clock = query.chosen_pact, query.clock
    newest = queries.full_lists(clock).newest(pact)
    return {
        "signatories": queries.signatories(pact, clock),
        "listed_total": pact.listed_total,
        "listed_total_on": pact.listed_total_on,
        "list_date": newest and newest.day,
    }


def serialized(
    candidates: Iterable[LikelyCompany], companies: dict[int, dict[str, Any]]
) -> Iterable[Any]:
    """Serialize candidates; as of a past day, without companies that were not recorded yet."""
    reasons = ReasonSerializer(many=True)
    for one in candidates:
        if one.company_id in companies:
            yield {
                "score": one.score,
                "match": one.is_match,
                "reasons": reasons.to_representation(one.reasons),
                "company": companies[one.company_id],
            }


def companies_by_key(keys: set[int], query: queries.PactQuery) -> dict[int, dict[str, Any]]:
    """Serialized companies by primary key, as in the list of companies."""
    if not keys:
        return {}
    pact: Pact = query.chosen_pact
    parameters = QueryDict(mutable=True)
    parameters["pact"] = pact.slug
    companies = queries.CompanyFilter(parameters, clock=query.clock)
    rows = companies.rows_of(sorted(keys))
    lists = queries.full_lists(query.clock)
    found = items(rows, pact, companies.core, lists)
    return {row.pk: item for row, item in zip(rows, found, strict=True)}
