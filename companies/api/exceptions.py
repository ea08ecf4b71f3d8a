"""Exceptions as RFC 9457 problem responses."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from companies.queries import BadQuery
from pactwatch.problems import problem


def problem_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """The response to an exception; None for programming errors, which Django answers with 500."""
    request = context["request"]
    if isinstance(error, BadQuery):
        return bad_query(request._request, error)
    if isinstance(error, Http404):
        detail = str(error) or _("There is no page at this address.")
        return problem(request._request, 404, detail)
    if isinstance(error, SuspiciousOperation):
        return problem(request._request, 400, _("The request cannot be read."))
    if isinstance(error, APIException):
        return problem(request._request, error.status_code, str(error.detail))
    return None


def bad_query(request: HttpRequest, error: BadQuery) -> HttpResponse:
    """A problem response with each wrong parameter, the reason and the valid values."""
    return problem(
        request,
        400,
        _("This address contains a filter or a value that does not exist."),
        kind=f"{settings.SITE_URL}{reverse('api:docs')}#bad-query",
        members={"errors": [asdict(fault) for fault in error.faults]},
    )
