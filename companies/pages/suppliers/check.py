"""The supplier check; nothing is stored unless the reader asks for it."""

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.validators import slug_re
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import activate, get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from companies import queries
from companies.importers.spreadsheet import write
from companies.importers.spreadsheet.file_names import fits
from companies.models import DEFAULT_PACT, Signing, SupplierCheck
from companies.pages.downloads import (
    how_to_cite,
    in_every_language,
    separator,
    what_no_list_proves,
)
from companies.pages.links import private
from companies.register import suppliers
from companies.register.suppliers import BadSpreadsheet, NameList, OwnColumns
from pactwatch.limits import is_over_limit
from pactwatch.outages.costly_requests import costly

from .check_result import cells, headers, result

AT_ONCE = 200  # names; a longer list shows its progress
EVERY = 100  # names between two lines of progress
CHOICE = re.compile(r"choice(-[0-9]{1,4})+")
MOST_LETTERS = 1_000_000  # of the reader's own columns; beyond, they are left out
MOST_CHECKS, WHILE = 40, 600  # requests in so many seconds
_SLACK = 5_000_000  # bytes of a form beside its file
TYPES: Mapping[suppliers.Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Choices = dict[int, str]


# Exempt from CSRF: there is no login and no cookie that another site could use, and a request
# changes nothing, except that it may store a list which only its sender can find again.
@csrf_exempt
@sensitive_post_parameters()
def check(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    if request.method != "POST":
        return show_form(request)
    return private(answer(request))


@costly
def answer(request: HttpRequest) -> HttpResponseBase:
    """Answer a submitted list with a page, a file, or a redirect to the saved list."""
    if "example" in request.POST:
        return show_form(request, names="\n".join(example()))
    if is_over_limit(request, what="check", most=MOST_CHECKS, seconds=WHILE):
        return too_many(request)
    try:
        listed = submitted_names(request)
    except BadSpreadsheet as error:
        return show_form(request, error.faults, status=400)
    names, own = without_repetitions(listed, submitted_columns(request))
    choices = submitted_choices(request, len(names))
    if request.POST.get("keep"):
        token = suppliers.keep(names, choices)
        return HttpResponseRedirect(reverse("check-kept", args=[token]))
    if kind := submitted_kind(request):
        return download(names, choices, kind, own)
    unticked = bool(request.POST.get("take"))
    context = {"listed": listed, "unticked": unticked}
    return show_result(request, names, choices, context, own)


# Exempt from CSRF for the same reason: whoever knows the token may read and delete the list.
@csrf_exempt
def kept(request: HttpRequest, token: str) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    if is_over_limit(request, what="check", most=MOST_CHECKS, seconds=WHILE):
        return private(too_many(request))
    found = suppliers.kept_check(token)
    if found is None:
        raise Http404(_("There is no list at this address. It was deleted or has expired."))
    if request.method == "POST":
        return private(delete(request, found))
    return private(show_kept(request, found, token))


@costly
def show_kept(request: HttpRequest, found: SupplierCheck, token: str) -> HttpResponseBase:
    context = {"kept": found, "token": token}
    return show_result(request, found.names, found.choices, context)


def delete(request: HttpRequest, found: SupplierCheck) -> HttpResponseBase:
    suppliers.forget(found)
    return render(request, "companies/suppliers/check_deleted.html")


# Reading the request


def submitted_names(request: HttpRequest) -> NameList:
    """The submitted names, from text or file; raises BadSpreadsheet if there are none."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > suppliers.MAX_BYTES + _SLACK:
        # Refused before Django reads it, which would write a larger file to disk.
        raise _fault(_("This file is larger than %(limit)s MB.") % {"limit": 2})
    text, file = typed_names(request), request.FILES.get("file")
    if text.strip() and file:
        raise _fault(_("Type names or choose a file, not both."))
    content = file.read() if file else b""
    if file and not fits(file.name or "", content):
        raise _fault(_("The file name must end in .csv or .xlsx, to match its format."))
    read = suppliers.names_in_file(content) if file else suppliers.names_in_text(text)
    if not read.names:
        raise _fault(_("Enter at least one company name, or choose a file."))
    return read


def typed_names(request: HttpRequest) -> str:
    """The submitted names, with the one in the separate field that no script added."""
    return "\n".join(filter(None, (request.POST.get(field) for field in ("names", "one"))))


def _fault(reason: str) -> BadSpreadsheet:
    return BadSpreadsheet([suppliers.SpreadsheetFault(None, "", reason)])


def submitted_columns(request: HttpRequest) -> OwnColumns | None:
    """The reader's own columns, sent back by the result page; None if not."""
    try:
        headings, rows = json.loads(request.POST.get("columns", ""))
        own = OwnColumns(tuple(map(str, headings)), tuple(tuple(map(str, row)) for row in rows))
    except (ValueError, TypeError, RecursionError):
        return None
    fits = all(len(row) == len(own.headings) for row in own.rows)
    return own if fits else None


def without_repetitions(listed: NameList, sent: OwnColumns | None) -> tuple[list[str], OwnColumns]:
    """Remove repeated names, unless their other cells differ."""
    own = sent or suppliers.own_columns(listed, ours=_our_headers() if listed.headings else [])
    if len(own.rows) != len(listed.names) or _letters(own) > MOST_LETTERS:
        own = OwnColumns((), ((),) * len(listed.names))
    rows = {
        (one.written or one.name, cells): one.name
        for one, cells in zip(listed.names, own.rows, strict=True)
    }
    return list(rows.values()), OwnColumns(own.headings, tuple(cells for _name, cells in rows))


def _letters(own: OwnColumns) -> int:
    return sum(len(cell) for row in own.rows for cell in row)


def _our_headers() -> list[list[str]]:
    """The headings of our own columns, in each language."""
    pact, found = queries.pact_or_404(DEFAULT_PACT), []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append(headers(pact))
    return found


def submitted_choices(request: HttpRequest, names: int) -> Choices:
    """The submitted choices for unsure names, by position of the name.

    A field may be about several names, such as choice-3-5-9; one about fewer takes precedence.
    """
    chosen: Choices = {}
    fields = [key for key in request.POST if CHOICE.fullmatch(key)]
    for key in sorted(fields, key=lambda key: -key.count("-")):
        choice = request.POST.get(key, "")
        for position in map(int, key.split("-")[1:]):
            if position < names and slug_re.fullmatch(choice):
                chosen[position] = choice
    return chosen


def submitted_kind(request: HttpRequest) -> suppliers.Kind | None:
    wanted = request.POST.get("download")
    return next((kind for kind in TYPES if kind == wanted), None)


# Answering


def example() -> list[str]:
    """Example names, one for each kind of result."""
    periods = Signing.objects.on(timezone.localdate()).filter(pact__slug=DEFAULT_PACT)
    periods = periods.select_related("company").order_by("company__name_folded")
    signed = [one.company.name for one in periods.signed()[:3]]
    absent = [one.company.name for one in periods.filter(status=Signing.Status.NOT_SIGNED)[:1]]
    similar = [f"{name} Services" for name in signed[1:2]]
    unknown = [_("Example Bakery")]
    return [*(name.upper() for name in signed[:1]), *signed[2:], *absent, *similar, *unknown]


def show_form(
    request: HttpRequest,
    faults: Sequence[suppliers.SpreadsheetFault] = (),
    *,
    status: int = 200,
    names: str = "",
) -> HttpResponse:
    pact = queries.pact_or_none(DEFAULT_PACT)
    context = {
        "faults": faults,
        "names": typed_names(request) if status == 400 else names,
        "pact": pact,
        "signatories": queries.signatories(pact, queries.Clock()) if pact else 0,
        "list_days": settings.KEEP_LISTS_DAYS,
    }
    return render(request, "companies/suppliers/check.html", context, status=status)


def too_many(request: HttpRequest) -> HttpResponse:
    reason = _("You have checked many lists in a short time. Wait a few minutes, then try again.")
    response = show_form(request, [suppliers.SpreadsheetFault(None, "", reason)], status=429)
    response.headers["Retry-After"] = str(WHILE)
    return response


def show_result(
    request: HttpRequest,
    names: list[str],
    choices: Choices,
    context: dict[str, Any],
    own: OwnColumns = OwnColumns(),  # noqa: B008  # frozen
) -> HttpResponseBase:
    context["columns"] = json.dumps([own.headings, own.rows]) if own.headings else ""
    parts = result_page(request, names, choices, context, own)
    if len(names) > AT_ONCE:
        return StreamingHttpResponse(parts)
    return HttpResponse("".join(parts))


def result_page(
    request: HttpRequest,
    names: list[str],
    choices: Choices,
    context: dict[str, Any],
    own: OwnColumns,
) -> Iterator[str]:
    """The page, streamed: long lists take seconds, and progress needs no script."""
    language = get_language() or "en"
    pact, today = queries.pact_or_404(DEFAULT_PACT), timezone.localdate()
    context |= {"names": names, "pact": pact, "today": today, "total": len(names)}
    context["list_days"] = settings.KEEP_LISTS_DAYS
    page = render_to_string("companies/suppliers/check_result.html", context, request)
    head, tail = page.split("<!-- result -->")

    def parts() -> Iterator[str]:
        # Django deactivates the language of the request before it streams the response.
        activate(language)
        yield head
        found = []
        for one in suppliers.find(names, choices):
            found.append(one)
            if len(names) > AT_ONCE and len(found) % EVERY == 0:
                progress = {"number": len(found), "total": len(names)}
                yield render_to_string("companies/suppliers/_check_progress.html", progress)
        shown = context | {"result": result(found, pact, today, own)}
        yield render_to_string("companies/suppliers/_check_result.html", shown)
        yield tail

    return parts()


def download(
    names: list[str], choices: Choices, kind: suppliers.Kind, own: OwnColumns
) -> HttpResponse:
    pact, today = queries.pact_or_404(DEFAULT_PACT), timezone.localdate()
    checked = result(list(suppliers.find(names, choices)), pact, today, own)
    ours = headers(pact)
    theirs = [
        _("%(name)s (your list)") % {"name": name} if name in ours else name
        for name in own.headings
    ]
    content = write(
        [[*cells(row, today), *row.own_cells] for row in checked.rows],
        headers=[*ours, *theirs],
        kind=kind,
        cover=in_every_language(lambda: what_it_proves(today)),
        separator=separator(),
    )
    name = f"pactwatch-suppliers-{today.isoformat()}.{kind}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=TYPES[kind], headers=disposition)


def what_it_proves(day: datetime.date) -> Iterator[tuple[str, str]]:
    """The cover sheet of the workbook, as (label, text)."""
    yield "PactWatch", _("Check suppliers")
    yield (
        _("What a match proves, and what it does not"),
        _(
            "A match means the name is on the register. You must check that it is your "
            "supplier’s legal entity: the record gives its country and, where known, its legal "
            "name."
        ),
    )
    yield "", _("A company we do not list may still have signed.")
    yield (
        _("Result"),
        _(
            "One of three results. “matched”: the name belongs to one company, or you chose it. "
            "“unsure”: similar names, not decided yet. “not on the register”: no similar name, "
            "or you rejected them."
        ),
    )
    yield from what_no_list_proves()
    yield from how_to_cite(day)
