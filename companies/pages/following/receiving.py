"""What the forms of followers share: which ones are not accepted, and the answer that says why."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from companies.models import SupplierCheck
from companies.register.suppliers import kept_check
from pactwatch.guards import is_cross_site
from pactwatch.limits import is_over_limit

HOUR = 3600  # seconds


class NotAccepted(Exception):
    """A form is not accepted: the status of the answer, and a sentence where no field says why."""

    def __init__(self, status: HTTPStatus, reason: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def refuse_other_sites(request: HttpRequest) -> None:
    if is_cross_site(request):
        reason = _("This form was sent from another site. Please send it again from this page.")
        raise NotAccepted(HTTPStatus.FORBIDDEN, reason)


def refuse_invalid(form: forms.Form) -> None:
    if not form.is_valid():
        raise NotAccepted(HTTPStatus.BAD_REQUEST)


def refuse_too_many(request: HttpRequest, *, what: str, an_hour: int) -> None:
    """Refuse what one network sends more than `an_hour` times within an hour."""
    if is_over_limit(request, what=what, most=an_hour, seconds=HOUR):
        reason = _("Too many requests from this network. Try again in %(seconds)d seconds.")
        raise NotAccepted(HTTPStatus.TOO_MANY_REQUESTS, reason % {"seconds": HOUR})


def kept_list(token: str) -> SupplierCheck:
    """The kept list of suppliers that is to be followed; Http404 where it is gone."""
    found = kept_check(token)
    if found is None:
        raise Http404(_("There is no list at this address. It was deleted or has expired."))
    return found


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], refused: NotAccepted | None
) -> HttpResponse:
    """The page of a form; where it was refused, with the status and the reason."""
    if refused is None:
        return render(request, template, dict(context))
    filled = {**context, "refused": refused.reason}
    response = render(request, template, filled, status=refused.status)
    if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(HOUR)
    return response
