"""The API's views: each reads through the same filters and querysets as the pages."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, reverse
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from companies import queries
from companies.models import Commitment, Company, Milestone, Pact, Pledge, Signing, Source
from companies.queries.roster.table_state import TableState

from . import response_serializers, serializers
from .base_views import (
    Deprecated,
    DetailView,
    ListView,
    RegisterView,
    moved,
    nothing_here,
    one,
)
from .parameters.api_parameters import (
    CompanyItemSerializer,
    CompanyListQuery,
    CompanyQuery,
    details,
    for_programs,
    only,
)
from .quick.company_list import company_list
from .quick.items import items
from .quick.quick_view import QuickView
from .quick.record_json import company_record, pact_of_query
from .quick.rendering import cached_serializer, query_of, render
from .serializer_fields import absolute, title_slug

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
FILES = ("companies-csv", "companies-xlsx", "companies-json", "matrix-csv", "reports-csv")
LISTS_WITH_FEEDS = (
    *("companies", "absent", "left", "reports", "commitments", "matrix", "happened", "releases"),
)
FEEDS = (
    *("changes-atom", "changes-json"),
    *(f"{name}-feed-{form}" for name in LISTS_WITH_FEEDS for form in ("atom", "json")),
)
_ARGUMENT = re.compile(r"<\w+:(\w+)>")


class CompanyList(QuickView, ListView):
    """Companies, signatory or not, each with its status for one pact on one day.

    `not_signed` is what we saw on a list on a day; it is not a refusal. A company without a period
    for the pact has the status `unknown`.
    """

    serializer_class = CompanyItemSerializer
    filterset_class = CompanyListQuery
    queryset = Company.objects.all()
    answer = staticmethod(company_list)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        query: Any = CompanyListQuery.of(request)  # a filter of companies, too
        names = query.form.cleaned_data["facets"]
        page, keys = query.requested_page()
        lists, pact = queries.full_lists(query.clock), query.chosen_pact
        rows = items(query.rows_of(keys), pact, query.core, lists)
        more = details(keys, query)
        found = [query.chosen_fields(row) | more.get(row["slug"], {}) for row in rows]
        counted = {"facets": queries.facets(query, names)} if names else {}
        return self.paginator.answer(page, found, request, **counted)


class CompanyDetail(QuickView, GenericAPIView[Company]):
    """One company: its periods, pledges, reports and the sources of each.

    A company that moved to another public id answers 308 with its present address.
    """

    serializer_class = serializers.CompanyDetailSerializer
    filterset_class = CompanyQuery
    queryset = Company.objects.all()
    answer = staticmethod(company_record)

    def get(self, request: Request, slug: str) -> HttpResponse:
        query = CompanyQuery.of(request)
        pact, day = query.chosen_pact, query.day
        company = queries.record_of(slug, pact, day)
        if company is None:
            return moved(request, slug, "api:company")
        lists = queries.full_lists(query.clock)
        lists.mark(company.signings.all())
        lists.mark_companies([company], pact)
        context = {**self.get_serializer_context(), "pact": pact, "day": day}
        every = cached_serializer(self.get_serializer_class(), context)
        shown = every if query.shown is None else only(query.shown, **context)
        statuses = [one.status for one in company.signings.all()]
        key = queries.record_key(company.slug, statuses, query.clock)
        headers = {"Surrogate-Key": key} if key else None
        return Response(shown.to_representation(company), headers=headers)


class PactList(ListView):
    """The voluntary instruments that companies sign."""

    serializer_class = serializers.PactSerializer
    filterset_class = for_programs(queries.PactFilter, serializers.PactSerializer)
    queryset = Pact.objects.with_reading()


class PactDetail(DetailView):
    """One pact with its commitments, and opinions on why companies stay away."""

    serializer_class = serializers.PactDetailSerializer
    filterset_class = queries.DayQuery
    queryset = Pact.objects.with_reading().prefetch_related(
        "commitments__pact", "commitments__source", "opinions__source"
    )

    def get_object(self) -> Pact:
        return one(self.queryset.all(), slug=self.kwargs["slug"])


class CommitmentList(ListView):
    """What the pacts let a company promise."""

    serializer_class = serializers.CommitmentSerializer
    filterset_class = for_programs(queries.CommitmentFilter, serializers.CommitmentSerializer)
    queryset = queries.commitments()


class CommitmentDetail(DetailView):
    """One commitment of one pact."""

    serializer_class = serializers.CommitmentSerializer
    queryset = queries.commitments()

    def get_object(self) -> Commitment:
        return one(self.queryset.all(), pact__slug=self.kwargs["pact"], code=self.kwargs["code"])


class SigningList(ListView):
    """Periods of signing status, past and present, of all pacts or some."""

    serializer_class = serializers.SigningSerializer
    filterset_class = for_programs(queries.SigningFilter, serializers.SigningSerializer)
    queryset = queries.signings()
    deprecated = {  # a constant
        "on": Deprecated(datetime.date(2026, 11, 29), datetime.date(2027, 11, 29), "as_of")
    }

    def mark(self, rows: Any) -> None:
        queries.full_lists(queries.clock_of(self.request)).mark(rows)


class SigningDetail(DetailView):
    """One company’s period for one pact, by its first day."""

    serializer_class = serializers.SigningSerializer
    queryset = queries.signings()

    def get_object(self) -> Signing:
        found = one(
            self.queryset.all(),
            company__slug=self.kwargs["company"],
            pact__slug=self.kwargs["pact"],
            since=_day(self.kwargs["since"]),
        )
        queries.full_lists(queries.clock_of(self.request)).mark([found])
        return found


class PledgeList(ListView):
    """Who took on which commitment, and what is known of its implementation."""

    serializer_class = serializers.PledgeSerializer
    filterset_class = for_programs(queries.PledgeFilter, serializers.PledgeSerializer)
    queryset = queries.pledges()


class PledgeDetail(DetailView):
    """One company taking on one commitment."""

    serializer_class = serializers.PledgeSerializer
    queryset = queries.pledges()

    def get_object(self) -> Pledge:
        return one(
            self.queryset.all(),
            company__slug=self.kwargs["company"],
            commitment__pact__slug=self.kwargs["pact"],
            commitment__code=self.kwargs["code"],
        )


class SourceList(ListView):
    """The documents that the register cites."""

    serializer_class = serializers.SourceSerializer
    filterset_class = for_programs(queries.SourceFilter, serializers.SourceSerializer)
    queryset = Source.objects.all()


class SourceDetail(DetailView):
    """One document."""

    serializer_class = serializers.SourceSerializer
    queryset = Source.objects.all()

    def get_object(self) -> Source:
        return one(self.queryset.all(), slug=self.kwargs["slug"])


class MilestoneList(ListView):
    """Dated events of the pacts and of the AI Act."""

    serializer_class = serializers.MilestoneSerializer
    filterset_class = for_programs(queries.MilestoneFilter, serializers.MilestoneSerializer)
    queryset = queries.milestones()


class MilestoneDetail(DetailView):
    """One event, by its day and title."""

    serializer_class = serializers.MilestoneSerializer
    queryset = queries.milestones()

    def get_object(self) -> Milestone:
        for milestone in self.queryset.filter(date=_day(self.kwargs["date"])):
            if title_slug(milestone) == self.kwargs["title"]:
                return milestone
        raise nothing_here()


def _statistics(
    request: HttpRequest, clock: queries.Clock, now: TableState, kind: Any
) -> tuple[bytes, dict[str, str]] | None:
    pact = pact_of_query(kind, query_of(request), now.shared, clock.today)
    return (figures(pact, clock), {}) if pact else None


@queries.cached
def figures(pact: Pact, clock: queries.Clock) -> bytes:
    """The statistics as JSON bytes, cached: serializing takes most of the time."""
    every = cached_serializer(response_serializers.StatisticsSerializer, {})
    return render(every.to_representation(queries.statistics_of(pact, clock)))


class StatisticsView(QuickView, GenericAPIView[Pact]):
    """Counts over the signatories of a pact on one day; each breakdown adds up to `signatories`."""

    serializer_class = response_serializers.StatisticsSerializer
    filterset_class = queries.PactQuery
    queryset = Pact.objects.all()
    answer = staticmethod(_statistics)

    def get(self, request: Request) -> Response:
        query = queries.PactQuery.of(request)
        statistics = queries.statistics_of(query.chosen_pact, query.clock)
        return Response(response_serializers.StatisticsSerializer(statistics).data)


class CoverageView(RegisterView, GenericAPIView[Any]):
    """What is known: the share of rows that state each value, and when lists and sources were read.

    A share says how much we know, not how much there is.
    """

    serializer_class: type[BaseSerializer[Any]] = response_serializers.CoverageSerializer
    filterset_class = None

    def get(self, request: Request) -> Response:
        queries.refuse_parameters(request.query_params)
        clock = queries.clock_of(request)
        coverage = {
            "day": clock.day,
            "columns": queries.known_values(),
            "lists": list(_lists(clock)),
            "sources": queries.checks_of_sources(),
            "method_changes": queries.changes_of_method(),
            "page": absolute(reverse("method")),
        }
        return Response(self.get_serializer(coverage).data)


def _lists(clock: queries.Clock) -> Iterator[dict[str, Any]]:
    lists = queries.full_lists(clock)
    for pact in Pact.objects.all():
        newest = lists.newest(pact)
        yield {
            "pact": pact.slug,
            "signatories": queries.signatories(pact, clock),
            "listed_total": pact.listed_total,
            "listed_total_on": pact.listed_total_on,
            "list_date": newest and newest.day,
            "list_names": newest and newest.names,
            "read_at": newest and newest.read_at,
        }


class ApiRoot(RegisterView, GenericAPIView[Any]):
    """Where everything is."""

    serializer_class: type[BaseSerializer[Any]] = response_serializers.IndexSerializer
    filterset_class = None

    def get(self, request: Request) -> Response:
        queries.refuse_parameters(request.query_params)
        docs = absolute(reverse("api:docs"))
        patterns: list[Any] = get_resolver("companies.api.urls").url_patterns
        every = {
            one.name: absolute(reverse("api:index") + _ARGUMENT.sub(r"{\1}", str(one.pattern)))
            for one in patterns
            if str(one.pattern).endswith(("/", "^")) or not str(one.pattern)
        }
        return Response(
            {
                "name": "PactWatch",
                "version": settings.VERSION,
                "licence": LICENCE,
                "documentation": docs,
                "limits": f"{docs}#limits",
                "stability": f"{docs}#stability",
                "changelog": f"{docs}#changelog",
                "schema": every["schema"],
                "endpoints": {name: url for name, url in every.items() if "{" not in url},
                "templates": {name: url for name, url in every.items() if "{" in url},
                "files": {name: absolute(reverse(name)) for name in FILES},
                "feeds": {name: absolute(reverse(name)) for name in FEEDS},
                "page": absolute(reverse("home")),
            }
        )


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise nothing_here() from error
