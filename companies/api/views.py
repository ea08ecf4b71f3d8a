"""The API's views: each reads through the same filters and querysets as the pages."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from companies import queries
from companies.models import Commitment, Company, Milestone, Pact, Pledge, Signing, Source
from companies.queries.roster.rows import list_rows

from . import answers, serializers
from .base_views import DetailView, ListView, RegisterView, moved, nothing_here, one
from .company_items import items
from .serializer_fields import absolute, title_slug

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


class CompanyList(ListView):
    """Companies, signatory or not, each with its status for one pact on one day.

    `not_signed` is what we saw on a list on a day; it is not a refusal. A company without a period
    for the pact has the status `unknown`.
    """

    serializer_class = serializers.CompanySerializer
    filterset_class = queries.CompanyFilter
    queryset = Company.objects.all()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        companies = queries.CompanyFilter.of(request)
        lists, pact = queries.full_lists(companies.clock), companies.chosen_pact
        if companies.roster.stored:
            page = companies.page_of_keys()
            rows = list_rows(list(page.object_list), pact)
            found = list(items(rows, pact, companies.core, lists))
            return self.paginator.answer(page, found, request)
        page = companies.page_of_rows()
        lists.mark_companies(page, pact)
        return self.answer(page, {"pact": pact})


class CompanyDetail(RegisterView, GenericAPIView[Company]):
    """One company: its periods, pledges, reports and the sources of each.

    A company that moved to another public id answers 308 with its present address.
    """

    serializer_class = serializers.CompanyDetailSerializer
    filterset_class = queries.PactQuery
    queryset = Company.objects.all()

    def get(self, request: Request, slug: str) -> HttpResponse:
        query = queries.PactQuery.of(request)
        pact, day = query.chosen_pact, query.day
        company = queries.record(pact, day).filter(slug=slug).first()
        if company is None:
            return moved(request, slug, "api:company")
        lists = queries.full_lists(query.clock)
        lists.mark(company.signings.all())
        lists.mark_companies([company], pact)
        context = {**self.get_serializer_context(), "pact": pact, "day": day}
        return Response(self.get_serializer_class()(company, context=context).data)


class PactList(ListView):
    """The voluntary instruments that companies sign."""

    serializer_class = serializers.PactSerializer
    filterset_class = queries.PactFilter
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
    filterset_class = queries.CommitmentFilter
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
    filterset_class = queries.SigningFilter
    queryset = queries.signings()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.filterset().page_of_rows()
        queries.full_lists(queries.clock_of(request)).mark(page)
        return self.answer(page, {})


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
    filterset_class = queries.PledgeFilter
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
    filterset_class = queries.SourceFilter
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
    filterset_class = queries.MilestoneFilter
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


class StatisticsView(RegisterView, GenericAPIView[Pact]):
    """Counts over the signatories of a pact on one day; each breakdown adds up to `signatories`."""

    serializer_class = answers.StatisticsSerializer
    filterset_class = queries.PactQuery
    queryset = Pact.objects.all()

    def get(self, request: Request) -> Response:
        query = queries.PactQuery.of(request)
        statistics = queries.statistics_of(query.chosen_pact, query.day)
        return Response(self.get_serializer(statistics).data)


class CoverageView(RegisterView, GenericAPIView[Any]):
    """What is known: the share of rows that state each value, and when lists and sources were read.

    A share says how much we know, not how much there is.
    """

    serializer_class: type[BaseSerializer[Any]] = answers.CoverageSerializer
    filterset_class = None

    def get(self, request: Request) -> Response:
        queries.refuse_parameters(request.query_params)
        day = queries.clock_of(request).day
        coverage = {
            "day": day,
            "columns": queries.known_values(),
            "lists": list(_lists(day, queries.full_lists(queries.clock_of(request)))),
            "sources": queries.checks_of_sources(),
            "method_changes": queries.changes_of_method(),
            "page": absolute(reverse("method")),
        }
        return Response(self.get_serializer(coverage).data)


def _lists(day: datetime.date, lists: queries.FullLists) -> Iterator[dict[str, Any]]:
    for pact in Pact.objects.all():
        newest = lists.newest(pact)
        yield {
            "pact": pact.slug,
            "signatories": queries.signatories(pact, day),
            "listed_total": pact.listed_total,
            "listed_total_on": pact.listed_total_on,
            "list_date": newest and newest.day,
            "list_names": newest and newest.names,
            "read_at": newest and newest.read_at,
        }


ENDPOINTS = (
    "companies",
    "pacts",
    "commitments",
    "signings",
    "pledges",
    "sources",
    "milestones",
    "changes",
    "statistics",
    "coverage",
)


class ApiRoot(RegisterView, GenericAPIView[Any]):
    """Where everything is."""

    serializer_class: type[BaseSerializer[Any]] = answers.IndexSerializer
    filterset_class = None

    def get(self, request: Request) -> Response:
        queries.refuse_parameters(request.query_params)
        return Response(
            {
                "name": "PactWatch",
                "licence": LICENCE,
                "documentation": absolute(reverse("api:docs")),
                "schema": absolute(reverse("api:schema")),
                "endpoints": {name: absolute(reverse(f"api:{name}")) for name in ENDPOINTS},
                "page": absolute(reverse("home")),
            }
        )


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise nothing_here() from error
