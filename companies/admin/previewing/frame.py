"""The preview iframe beside a form: what it may show, and which pages may embed it."""

from typing import Any

from csp.constants import NONE, SELF
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

PREVIEW = "_preview"  # the name of the button
# No script runs in the iframe, and no other site may embed it.
IN_FRAME = {"frame-ancestors": [SELF], "script-src": [NONE], "connect-src": [NONE]}


def is_preview(request: HttpRequest) -> bool:
    """Whether the preview button was pressed."""
    return PREVIEW in request.POST


def refused(request: HttpRequest, summary: Any) -> HttpResponse:
    """The errors of the form, shown in place of the record."""
    context = {"summary": summary, "title": _("No preview yet")}
    return for_frame(render(request, "admin/previewing/refused.html", context))


def for_frame(page: HttpResponse) -> HttpResponse:
    page.headers["X-Frame-Options"] = "SAMEORIGIN"
    page._csp_replace = IN_FRAME  # type: ignore[attr-defined]  # as django-csp's decorator does
    return page


def beside(page: HttpResponse) -> HttpResponse:
    """Allow an admin page to embed the iframe."""
    if not hasattr(page, "_csp_replace"):
        page._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]  # the same
    return page
