"""“Preview”: the public record as the form would change it, in an iframe beside the form.

The button submits the form to the iframe, so that nothing typed is lost and no script is needed.
What the form would write is written and rolled back (`register/publishing/trial.py`).
"""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import resolve

from companies.admin.form_errors import forget_messages
from companies.models import Company
from companies.register.publishing import trial

from .frame import beside, for_frame, is_preview

MARK = b"<!-- notice -->"  # in base.html
SCRIPT = re.compile(rb"<script src=[^>]*></script>")
SENT_TO = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "wsgi.url_scheme")
Answer = Callable[[], HttpResponse]


class _NothingWritten(Exception):
    """Raised to leave the transaction; carries the response, such as form errors."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


def previewed(request: HttpRequest, answer: Answer, company: Callable[[], Company]) -> HttpResponse:
    """The public record of `company` after `answer` has saved, which is rolled back.

    A response that is no redirect saved nothing and is returned as it is.
    """

    def write() -> None:
        response = answer()
        if response.status_code != 302:
            raise _NothingWritten(response)

    def read(alone: str) -> HttpResponse:
        return record_of(request, company(), {"would_be": True, "alone": alone})

    try:
        return trial.after(write, read)
    except _NothingWritten as nothing:
        return nothing.answer
    finally:
        forget_messages(request)


def record_of(request: HttpRequest, company: Company, facts: dict[str, Any]) -> HttpResponse:
    """The current public page of `company`, prepared for the iframe."""
    url = company.get_absolute_url()
    page_request = HttpRequest()
    page_request.method, page_request.path, page_request.path_info = "GET", url, url
    # Nothing of the editor's own request but where it was sent.
    page_request.META = {name: request.META[name] for name in SENT_TO if name in request.META}
    view, args, kwargs = resolve(url)
    page = view(page_request, *args, **kwargs)
    notice = render_to_string("admin/previewing/_notice.html", facts)
    # Links lead out of the iframe, in which no other page is shown.
    html = page.content.replace(b"<head>", b'<head>\n  <base target="_blank">', 1)
    html = SCRIPT.sub(b"", html)  # a browser would complain of each
    return for_frame(HttpResponse(html.replace(MARK, notice.encode(), 1)))


def with_preview(request: HttpRequest, company: Company, answer: Answer) -> HttpResponse:
    """The response of `answer`; a preview if the preview button was pressed."""
    if is_preview(request):
        return previewed(request, answer, lambda: company)
    return beside(answer())
