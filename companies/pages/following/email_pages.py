"""Pages of e-mail alerts: the form, and the private page linked in each mail."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from companies import queries
from companies.models import Subscription, SupplierCheck, packed
from companies.pages.links import private
from companies.queries.following.followed_list import FollowedList
from companies.register.following import signups
from companies.register.following.mail_contents import followed
from companies.register.following.outbox import CONFIRM_WITHIN, resume
from companies.register.following.supplier_news import news_of
from pactwatch.guards import is_cross_site

from . import receiving
from .follow_forms import RHYTHMS, AlertActionForm, AlertForm
from .receiving import HOUR, NotAccepted

AN_HOUR = 10  # forms of one network
State = Subscription.State


# Exempt from CSRF, as all forms here: public pages set no cookie and nobody is logged in, so that
# another site gains nothing; a form sent from another site is refused all the same.
@csrf_exempt
def new(request: HttpRequest) -> HttpResponse:
    """The form for the list in the query."""
    chosen = FollowedList.of(request)
    chosen.refuse_faults()
    if request.method == "POST":
        return private(_received(request, AlertForm(request.POST)))
    return private(_form(request, AlertForm(initial={"query": chosen.canonical})))


@csrf_exempt
def of_kept_list(request: HttpRequest, token: str) -> HttpResponse:
    """The form for a saved list of suppliers."""
    queries.refuse_parameters(request.GET)
    check = receiving.kept_list(token)
    if request.method == "POST":
        return private(_received(request, AlertForm(request.POST), check))
    return private(_form(request, AlertForm(), check))


def _received(
    request: HttpRequest, form: AlertForm, check: SupplierCheck | None = None
) -> HttpResponse:
    try:
        receiving.refuse_other_sites(request)
        receiving.refuse_invalid(form)
        _refuse_without_mail()
        receiving.refuse_too_many(request, what="alert", an_hour=AN_HOUR)
    except NotAccepted as refused:
        return _form(request, form, check, refused)
    given = form.cleaned_data
    signups.sign_up(
        given["email"],
        rhythm=given["rhythm"],
        language=get_language() or settings.LANGUAGE_CODE,
        query="" if check else given["query"],
        check=check,
    )
    # The same response whether the address is new, follows already, or got too many mails.
    return render(request, "companies/following/alert_asked.html", {"hours": _hours()})


def _refuse_without_mail() -> None:
    if not settings.EMAIL_URL:
        raise NotAccepted(HTTPStatus.SERVICE_UNAVAILABLE)


def _form(
    request: HttpRequest,
    form: AlertForm,
    check: SupplierCheck | None = None,
    refused: NotAccepted | None = None,
) -> HttpResponse:
    query = "" if check else _canonical(str(form["query"].value() or ""))
    context = {
        "form": form,
        "check": check,
        "followed": followed(Subscription(query=query, supplier_check=check)),
        "hours": _hours(),
    }
    return receiving.page(request, "companies/following/alert_new.html", context, refused)


def _canonical(query: str) -> str:
    chosen = FollowedList.of_query(query)
    return "" if chosen.faults else chosen.canonical


def _hours() -> int:
    return int(CONFIRM_WITHIN.total_seconds() // HOUR)


# Exempt for the same reason: whoever has the link may confirm and end. Opening it changes nothing,
# because mail scanners open every link.
@csrf_exempt
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """The private page of a subscription: confirm it, change it or end it."""
    queries.refuse_parameters(request.GET)
    found = _found(token)
    if request.method != "POST":
        return private(_shown(request, found))
    action = AlertActionForm(request.POST).chosen
    if is_cross_site(request) or not action:
        return private(_shown(request, found, HTTPStatus.BAD_REQUEST))
    match action:
        case "stop":
            signups.end(found)
            return private(render(request, "companies/following/alert_stopped.html"))
        case "confirm":
            signups.confirm(found, partial(_members, found))
        case "resume":
            resume(found)
        case rhythm:
            signups.change_rhythm(found, rhythm)
    response = HttpResponseRedirect(reverse("alert", args=[token]))
    response.status_code = HTTPStatus.SEE_OTHER
    return private(response)


# Exempt because a mail program sends it (RFC 8058), without a cookie and from its own servers.
@csrf_exempt
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe in one click; repeating the POST gives the same response."""
    queries.refuse_parameters(request.GET)
    if request.method == "POST":
        form = forms.Form(request.POST)
        found = signups.with_token(token)
        if form.is_valid() and found:
            signups.end(found)
        return private(render(request, "companies/following/alert_stopped.html"))
    return private(render(request, "companies/following/alert_stop.html", _about(_found(token))))


def _members(found: Subscription) -> bytes:
    """What it follows now, packed: companies of a list, or positions of matched names."""
    if found.supplier_check:
        _changes, matches = news_of(found.supplier_check)
        return packed({match.position for match in matches})
    return packed(FollowedList.of_query(found.query).members()) if found.query else b""


def _found(token: str) -> Subscription:
    found = signups.with_token(token)
    if found is None:
        raise Http404(_("This link is not valid: nothing is sent to this address."))
    return found


def _shown(request: HttpRequest, found: Subscription, status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"refused": status != HTTPStatus.OK, "hours": _hours()} | _about(found)
    return render(request, "companies/following/alert.html", context, status=status)


def _about(found: Subscription) -> dict[str, Any]:
    rhythm = dict(RHYTHMS)[Subscription.Rhythm(found.rhythm)]
    return {"subscription": found, "followed": followed(found), "rhythm": rhythm}
