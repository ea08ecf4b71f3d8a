"""Pages of corrections: the form, the state of each, and confirmation links."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from companies import queries
from companies.models import Company, Correction, read_receipt
from companies.queries import BadParameter, BadQuery
from companies.register import confirmation
from companies.register import corrections as register
from companies.register.approval import notices
from companies.register.personal.inventory import in_words
from pactwatch.guards import is_cross_site
from pactwatch.limits import is_over_limit

from .correction_form import CorrectionForm, SentByUsForm, new_token

AN_HOUR = 10  # corrections from one IP address
HOUR = 3600  # seconds


def corrections(request: HttpRequest) -> HttpResponse:
    query = queries.ReceiptQuery.of(request)
    query.refuse_faults()
    typed = query.form.cleaned_data["receipt"]
    receipt = read_receipt(typed)
    if receipt and Correction.objects.filter(receipt=receipt).exists():
        return redirect("correction", receipt)
    counts = queries.correction_counts()
    context = {
        "typed": typed,
        "is_receipt": bool(receipt),
        "counts": [(state, state.label, counts[state]) for state in Correction.State],
        "total": sum(counts.values()),
        "answers": queries.answer_time(),
    }
    return _fresh(render(request, "companies/corrections/corrections.html", context))


def correction(request: HttpRequest, receipt: str) -> HttpResponse:
    """The page of one correction; other spellings of its receipt redirect to its URL."""
    known = read_receipt(receipt)
    found = Correction.objects.select_related("company").filter(receipt=known).first()
    if not known or found is None:
        raise Http404(_("We have no correction with this receipt number."))
    if receipt != known:
        return redirect(found)
    queries.refuse_parameters(request.GET)
    context = {"correction": found}
    return _fresh(render(request, "companies/corrections/correction.html", context))


# Exempt from CSRF: public pages set no cookie and nobody is logged in here, so another site gains
# nothing; a form sent from another site is refused all the same.
@csrf_exempt
def new(request: HttpRequest) -> HttpResponse:
    query = queries.CorrectionQuery.of(request)
    query.refuse_faults()
    if request.method == "POST":
        return _fresh(_received(request, CorrectionForm(request.POST)))
    form = CorrectionForm(initial=_beginning(query) | {"opened": new_token()})
    return _fresh(_form(request, form))


# Exempt from CSRF: whoever has the link may confirm, and there is no login to abuse.
@csrf_exempt
def confirm(request: HttpRequest, receipt: str, code: str) -> HttpResponse:
    """Confirm that the reader of this link sent the statement; only the button does so."""
    queries.refuse_parameters(request.GET)
    correction = confirmation.correction_to_confirm(receipt, code)
    if correction is None:
        raise Http404(_("This link is not valid, or has expired. Write to us instead."))
    form = SentByUsForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and not is_cross_site(request):
        confirmation.confirm_sender(receipt, code, **form.cleaned_data)
        return _see(receipt)
    context = {
        "correction": correction,
        "form": form,
        "notice_period": in_words(settings.KEEP_NOTICES_DAYS),
    }
    page = render(request, "companies/corrections/confirm.html", context)
    page.headers["Referrer-Policy"] = "no-referrer"
    return _fresh(page)


# Exempt from CSRF for the same reason.
@csrf_exempt
def untold(request: HttpRequest, receipt: str, code: str) -> HttpResponse:
    """Unsubscribe from status notices; only the button does so."""
    queries.refuse_parameters(request.GET)
    correction = notices.wish_to_end(receipt, code)
    if correction is None:
        raise Http404(_("This link is not valid: nothing is sent to this address."))
    form = forms.Form(request.POST if request.method == "POST" else None)
    ended = form.is_valid() and not is_cross_site(request)
    if ended:
        notices.end_wish(correction)
    page = render(
        request, "companies/corrections/untold.html", {"correction": correction, "ended": ended}
    )
    page.headers["Referrer-Policy"] = "no-referrer"
    return _fresh(page)


def _beginning(query: queries.CorrectionQuery) -> dict[str, str]:
    """Initial values of the form from the query, such as the company."""
    values = query.form.cleaned_data
    # A record links here with its public id, which may also be the name of another company.
    record = Company.objects.filter(slug=values["company"]).first()
    company = record or queries.company_meant(values["company"])
    if values["company"] and company is None and values["kind"] != Correction.Kind.NEW_COMPANY:
        raise BadQuery([BadParameter("company", _("This company is not on the register."), [])])
    return {"company": company.name if company else values["company"], "kind": values["kind"]}


def _received(request: HttpRequest, form: CorrectionForm) -> HttpResponse:
    if is_cross_site(request):
        return _form(request, form, HTTPStatus.FORBIDDEN, from_elsewhere=True)
    if not form.is_valid():
        return _form(request, form, HTTPStatus.BAD_REQUEST)
    given = form.given() | {"language": get_language() or settings.LANGUAGE_CODE}
    # A reload or a second click sends the form again; it remains one correction.
    sent = register.received_with(form.number, **given)
    if sent:
        return _see(sent.receipt)
    if is_over_limit(request, what="correction", most=AN_HOUR, seconds=HOUR):
        return _form(request, form, HTTPStatus.TOO_MANY_REQUESTS, too_many=True)
    return _see(register.receive(opening=form.number, **given).receipt)


def _see(receipt: str) -> HttpResponse:
    response: HttpResponseRedirect = redirect("correction", receipt)
    response.status_code = HTTPStatus.SEE_OTHER
    return response


def _form(
    request: HttpRequest, form: CorrectionForm, status: int = HTTPStatus.OK, **refused: Any
) -> HttpResponse:
    context = {"form": form, "an_hour": AN_HOUR} | refused
    response = render(request, "companies/corrections/correction_new.html", context, status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = str(HOUR)
    return response


def _fresh(response: HttpResponse) -> HttpResponse:
    """Forbid caching: the page is private, or changes without a register version."""
    patch_cache_control(response, no_store=True, private=True)
    return response
