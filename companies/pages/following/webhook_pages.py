"""Pages of webhooks: the form, and the private page of each."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from companies import queries
from companies.models import Subscription, SupplierCheck
from companies.pages.links import private, query_string
from companies.queries.following.followed_list import FollowedList
from companies.register.following import subscribing
from pactwatch.guards import is_cross_site
from pactwatch.limits import is_over_limit

from . import receiving
from .follow_forms import ActionForm, WebhookForm
from .receiving import HOUR, NotAccepted

AN_HOUR = 20  # new webhooks, and tests, of one network


# Exempt from CSRF, as all forms here: public pages set no cookie and nobody is logged in, so that
# another site gains nothing; a form sent from another site is refused all the same.
@csrf_exempt
def new(request: HttpRequest) -> HttpResponse:
    """The form for the list in the query."""
    followed = FollowedList.of(request)
    followed.refuse_faults()
    if request.method == "POST":
        return private(_received(request, WebhookForm(request.POST)))
    return _form(request, WebhookForm(initial={"query": followed.canonical}))


@csrf_exempt
def of_kept_list(request: HttpRequest, token: str) -> HttpResponse:
    """The form for a saved list of suppliers."""
    queries.refuse_parameters(request.GET)
    check = receiving.kept_list(token)
    if request.method == "POST":
        return private(_received(request, WebhookForm(request.POST), check))
    return private(_form(request, WebhookForm(), check))


def _received(
    request: HttpRequest, form: WebhookForm, check: SupplierCheck | None = None
) -> HttpResponse:
    try:
        receiving.refuse_other_sites(request)
        receiving.refuse_too_many(request, what="webhook", an_hour=AN_HOUR)
        receiving.refuse_invalid(form)
        made = _followed(form, check)
    except NotAccepted as refused:
        return _form(request, form, check, refused)
    return _shown(request, made.subscription, made.token, secret=made.secret, is_new=True)


def _followed(form: WebhookForm, check: SupplierCheck | None) -> subscribing.NewWebhook:
    values = form.cleaned_data
    query = "" if check else values["query"]
    try:
        return subscribing.follow(
            values["address"],
            query=query,
            members=FollowedList.of_query(query).members,
            check=check,
            language=get_language() or settings.LANGUAGE_CODE,
        )
    except subscribing.WebhookRefused as error:
        raise NotAccepted(HTTPStatus.BAD_REQUEST, str(error)) from None


def _form(
    request: HttpRequest,
    form: WebhookForm,
    check: SupplierCheck | None = None,
    refused: NotAccepted | None = None,
) -> HttpResponse:
    query = "" if check else str(form["query"].value() or "")
    context = {"form": form, "check": check, "list": _listed(query)}
    return receiving.page(request, "companies/following/webhook_new.html", context, refused)


def _listed(query: str) -> dict[str, Any]:
    """The followed list and its current number of companies."""
    followed = FollowedList.of_query(query)
    if followed.faults:
        return {"url": reverse("companies"), "number": 0}
    url = reverse("companies") + query_string(QueryDict(query))
    return {"url": url, "number": followed.found().bit_count()}


# Exempt for the same reason: whoever knows the token may read and end the subscription.
@csrf_exempt
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """The private page of a webhook: state, log and actions."""
    queries.refuse_parameters(request.GET)
    found = subscribing.subscription_of(token)
    if found is None:
        raise Http404(_("There is no webhook at this address. It was deleted or has ended."))
    if request.method != "POST":
        return private(_shown(request, found, token))
    if is_cross_site(request):
        return private(_shown(request, found, token, status=HTTPStatus.FORBIDDEN))
    return private(_act_on(request, found, token, ActionForm(request.POST).chosen))


def _act_on(request: HttpRequest, found: Subscription, token: str, action: str) -> HttpResponse:
    match action:
        case "test":
            if is_over_limit(request, what="webhook-test", most=AN_HOUR, seconds=HOUR):
                return _shown(request, found, token, status=HTTPStatus.TOO_MANY_REQUESTS)
            subscribing.send_test(found)
        case "secret":
            return _shown(request, found, token, secret=subscribing.renew_secret(found))
        case "pause":
            subscribing.pause(found)
        case "resume":
            subscribing.resume(found)
        case "delete":
            subscribing.delete(found)
            return render(request, "companies/following/webhook_deleted.html")
        case _:
            return _shown(request, found, token, status=HTTPStatus.BAD_REQUEST)
    response = HttpResponseRedirect(reverse("subscription", args=[token]))
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def _shown(
    request: HttpRequest,
    found: Subscription,
    token: str,
    *,
    status: int = HTTPStatus.OK,
    secret: str = "",
    is_new: bool = False,
) -> HttpResponse:
    context = {
        "subscription": found,
        "link": settings.SITE_URL + reverse("subscription", args=[token]),
        "secret": secret,
        "is_new": is_new,
        "refused": status != HTTPStatus.OK,
        "too_many": status == HTTPStatus.TOO_MANY_REQUESTS,
        "list": None if found.supplier_check_id else _listed(found.query),
        "deliveries": subscribing.deliveries_of(found),
        "log_days": settings.KEEP_DELIVERIES_DAYS,
    }
    page = render(request, "companies/following/webhook.html", context, status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        page.headers["Retry-After"] = str(HOUR)
    return page
