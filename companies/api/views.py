"""The API's addresses: each reads through the same filters and querysets as the pages."""

import datetime
from functools import partial
from typing import Any, TypeVar

from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from companies import queries
from companies.models import Commitment, Company, Milestone, Pact, Pledge, Signing, Source
from companies.queries import PactQuery, RegisterFilter, StrictFilter
from companies.queries.recorded import read_by
from companies.queries.statistics import statistics

from . import answers, serializers
from .fields import absolute, title_slug
from .pagination import RegisterPagination

Row = TypeVar("Row", bound=Model)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


class Answering(APIView):
    """What every view has in common: any other site's script may ask which methods there are."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Read the register by the clock of the request."""
        answer = partial(super().dispatch, request, *args, **kwargs)
        return read_by(queries.clock_of(request), answer)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)


class ListView(Answering, ListAPIView[Any]):
    """Rows that a filter chooses, a page at a time."""

    filterset_class: type[RegisterFilter]
    paginator: RegisterPagination

    def filterset(self) -> RegisterFilter:
        return self.filterset_class.of(self.request, queryset=self.get_queryset())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.filterset().page_of_rows(), {})

    def answer(self, page: Page[Any], context: dict[str, Any]) -> Response:
        context = {**self.get_serializer_context(), **context}
        rows = self.get_serializer_class()(page.object_list, many=True, context=context)
        return self.paginator.answer(page, rows.data, self.request)


class DetailView(Answering, RetrieveAPIView[Any]):
    """One row; only the day of the record can be chosen."""

    filterset_class: type[StrictFilter] = queries.RecordedQuery

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.filterset_class.of(request).refuse_faults()
        return Response(self.get_serializer(self.get_object()).data)


class CompanyList(ListView):
    """Companies, signatory or not, each with its status on one day toward one pact.

    `not_signed` is what we saw on a list on a day; it is not a refusal. A company without any
    period toward the pact has the status `unknown`.
    """

    serializer_class = serializers.CompanySerializer
    filterset_class = queries.CompanyFilter
    queryset = Company.objects.all()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        companies = queries.CompanyFilter.of(request)
        return self.answer(companies.page_of_rows(), {"pact": companies.chosen_pact})


class CompanyDetail(Answering, GenericAPIView[Company]):
    """One company: its periods, pledges, reports and the sources of each.

    A company that moved to another public id answers 308 with its present address.
    """

    serializer_class = serializers.CompanyDetailSerializer
    filterset_class = PactQuery
    queryset = Company.objects.all()

    def get(self, request: Request, slug: str) -> HttpResponse:
        asked = PactQuery.of(request)
        pact, day = asked.chosen_pact, asked.day
        company = queries.record(pact, day).filter(slug=slug).first()
        if company is None:
            return _moved(request, slug)
        context = {**self.get_serializer_context(), "pact": pact, "day": day}
        return Response(self.get_serializer_class()(company, context=context).data)


def _moved(request: Request, slug: str) -> HttpResponse:
    company = queries.company_moved_from(slug)
    if company is None:
        raise Http404(_("The register knows no company called “%(slug)s”.") % {"slug": slug[:100]})
    query = request.query_params.urlencode()
    address = reverse("api:company", args=[company.slug]) + (f"?{query}" if query else "")
    return HttpResponsePermanentRedirect(absolute(address), preserve_request=True)


class PactList(ListView):
    """The voluntary instruments that companies sign."""

    serializer_class = serializers.PactSerializer
    filterset_class = queries.PactFilter
    queryset = Pact.objects.all()


class PactDetail(DetailView):
    """One pact with its commitments."""

    serializer_class = serializers.PactDetailSerializer
    filterset_class = queries.DayQuery
    queryset = Pact.objects.prefetch_related("commitments__pact", "commitments__source")

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


class SigningDetail(DetailView):
    """The period of one company toward one pact that began on one day."""

    serializer_class = serializers.SigningSerializer
    queryset = queries.signings()

    def get_object(self) -> Signing:
        return one(
            self.queryset.all(),
            company__slug=self.kwargs["company"],
            pact__slug=self.kwargs["pact"],
            since=_day(self.kwargs["since"]),
        )


class PledgeList(ListView):
    """Who took on which commitment, and what is known of its doing."""

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
        raise _nothing()


class StatisticsView(Answering, GenericAPIView[Pact]):
    """Counts over the signatories of a pact on one day; each breakdown adds up to `signatories`."""

    serializer_class = answers.StatisticsSerializer
    filterset_class = PactQuery
    queryset = Pact.objects.all()

    def get(self, request: Request) -> Response:
        asked = PactQuery.of(request)
        return Response(self.get_serializer(statistics(asked.chosen_pact, asked.day)).data)


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
)


class Index(Answering, GenericAPIView[Any]):
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


def one(rows: QuerySet[Row], **lookup: Any) -> Row:
    row = rows.filter(**lookup).first()
    if row is None:
        raise _nothing()
    return row


def _nothing() -> Http404:
    return Http404(_("The register has nothing at this address."))


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise _nothing() from error
