"""Base classes of the API's views: reading by the clock, lists and single rows."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from companies import queries
from companies.queries.roster.table_state import one_state
from pactwatch.page_fragments import STATE

from .quick.rendering import cached_serializer
from .serializer_fields import absolute

if TYPE_CHECKING:
    from .pagination import RegisterPagination
    from .parameters.api_parameters import ProgramQuery

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Deprecated:
    """A deprecation: since when it is announced, the last day it works, and what to use."""

    since: datetime.date
    until: datetime.date
    instead: str

    @property
    def headers(self) -> dict[str, str]:
        """Deprecation of RFC 9745 and Sunset of RFC 8594."""
        since, until = (
            datetime.datetime.combine(day, datetime.time.min, datetime.UTC).timestamp()
            for day in (self.since, self.until)
        )
        link = f'<{absolute(reverse("api:docs"))}#deprecated>; rel="deprecation"'
        return {"Deprecation": f"@{since:.0f}", "Sunset": http_date(until), "Link": link}


class RegisterView(APIView):
    """A view that reads rows as known and recorded on the days of the query."""

    # By parameter; under "" the view itself.
    deprecated: ClassVar[Mapping[str, Deprecated]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = partial(super().dispatch, request, *args, **kwargs)
        with one_state(request.META.get(STATE)):
            return queries.read_by(queries.clock_of(request), answer)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        for name, what in self.deprecated.items():
            if not name or name in request.query_params:
                links = filter(None, (response.headers.get("Link"), what.headers["Link"]))
                for header, value in (what.headers | {"Link": ", ".join(links)}).items():
                    response.headers[header] = value
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer OPTIONS, also for scripts of other sites."""
        return Response(status=204)


class ListView(RegisterView, ListAPIView[Any]):
    """A filtered list, a page at a time or from a cursor on."""

    filterset_class: "type[ProgramQuery]"
    paginator: "RegisterPagination"

    def filterset(self) -> "ProgramQuery":
        return self.filterset_class.of(self.request, queryset=self.get_queryset())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        query = self.filterset()
        cursor = query.cursor
        page = query.page_of_rows() if cursor is None else query.rows_after(cursor)
        self.mark(page.object_list)
        serializer = cached_serializer(self.get_serializer_class(), self.get_serializer_context())
        rows = [serializer.to_representation(row) for row in page.object_list]
        return self.paginator.answer(page, [*map(query.chosen_fields, rows)], request)

    def mark(self, rows: Any) -> None:
        """Hook to set attributes of rows that the queryset does not provide."""


class DetailView(RegisterView, RetrieveAPIView[Any]):
    """One row; the only parameter is the day of recording."""

    filterset_class: type[queries.StrictFilter] = queries.RecordedQuery

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.filterset_class.of(request).refuse_faults()
        serializer = cached_serializer(self.get_serializer_class(), self.get_serializer_context())
        return Response(serializer.to_representation(self.get_object()))


def one(rows: QuerySet[Row], **lookup: Any) -> Row:
    """Get the row with these values or raise Http404."""
    row = rows.filter(**lookup).first()
    if row is None:
        raise nothing_here()
    return row


def nothing_here() -> Http404:
    return Http404(_("There is no page at this address."))


def moved(request: Request, slug: str, view: str) -> HttpResponsePermanentRedirect:
    """Redirect to `view` of the company that had `slug` before; Http404 for an unknown one."""
    company = queries.company_moved_from(slug)
    if company is None:
        raise Http404(_("We have no company called “%(slug)s”.") % {"slug": slug[:100]})
    query = request.query_params.urlencode()
    path = reverse(view, args=[company.slug]) + (f"?{query}" if query else "")
    return HttpResponsePermanentRedirect(absolute(path), preserve_request=True)
