"""Cards: one fact with source, date and licence, for iframes of other sites.

They need no script and no cookie, and are the only pages that may be framed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from math import ceil
from typing import Any

from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from companies import queries
from companies.models import DEFAULT_PACT, Company, Pact
from companies.pages.definitions import short_name
from companies.pages.home import step_chart
from companies.pages.links import redirect_renamed
from companies.pages.shown_matrix import groups, known_of, sentences
from companies.queries.matrix.matrix_filter import MatrixFilter
from companies.queries.wording.counted import with_large_number

from .badge import badge_of, company_of, pact_of, width
from .shown_status import ShownStatus, shown_status

EACH, ROWS = 2, 8  # companies of each group of the matrix, and of all
POLICY = {
    "frame-ancestors": ["*"],
    "script-src": [NONE],
    "connect-src": [NONE],
    "form-action": [NONE],
}
View = Callable[..., HttpResponseBase]


def framed(view: View) -> View:
    """Decorate a view that any site may frame, its error pages included."""

    @csp_replace(POLICY)
    @xframe_options_exempt
    @wraps(view)
    def card(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer = view(request, *args, **kwargs)
        except Http404 as error:
            context = {"reason": error.args[0]}
            answer = render(request, "companies/embedding/missing.html", context, status=404)
        # For pages that isolate themselves (Cross-Origin-Embedder-Policy).
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    return card


@framed
def count(request: HttpRequest) -> HttpResponse:
    return _card(request, "count", in_count(queries.PactQuery.of(request)))


@framed
def chart(request: HttpRequest) -> HttpResponse:
    return _card(request, "chart", in_chart(queries.PactQuery.of(request)))


@framed
def matrix(request: HttpRequest) -> HttpResponse:
    return _card(request, "matrix", in_matrix(MatrixFilter.of(request)))


@framed
def record(request: HttpRequest, slug: str) -> HttpResponse:
    query = queries.PactQuery.of(request)
    query.refuse_faults()
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, "embed-record", slug)
    return _card(request, "record", {"shown": shown_status(company, query)})


@framed
def badge(request: HttpRequest, slug: str) -> HttpResponse:
    pact = pact_of(request)
    company = company_of(slug, pact)
    if company is None:
        return redirect_renamed(request, "embed-badge", slug)
    return _card(request, "badge", {"company": company, "badge": badge_of(company, pact)})


def _card(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    shown = {"body": f"companies/embedding/_{name}.html"}
    return render(request, "companies/embedding/card.html", shown | context)


# The content of each


def in_count(query: queries.PactQuery) -> dict[str, Any]:
    pact = query.chosen_pact
    number = queries.signatories(pact, query.clock)
    newest = queries.full_lists(query.clock).newest(pact)
    return {"pact": pact, "sentence": with_large_number(pact, number), "newest_list": newest}


def in_chart(query: queries.PactQuery) -> dict[str, Any]:
    pact = query.chosen_pact
    points = queries.signatories_over_time(pact, query.clock)
    newest = queries.full_lists(query.clock).newest(pact)
    listed_on = newest.day if newest else None
    return {
        "pact": pact,
        "sentence": with_large_number(pact, points[-1][1] if points else 0),
        "chart": step_chart(points, query.day, of=pact.listed_total or 0, listed_on=listed_on),
        "newest_list": newest,
    }


def in_matrix(query: MatrixFilter) -> dict[str, Any]:
    companies = query.page_of_rows().paginator.count
    first = query.keys.first_of_each(EACH)
    return {
        "pacts": [(pact, short_name(pact), known_of(pact)) for pact in query.pacts],
        "groups": list(groups(query, first[:ROWS])),
        "sentences": list(sentences(query)),
        "companies": companies,
        "each": EACH,
    }


# The page that offers them


@dataclass(frozen=True)
class OfferedCard:
    """A card with its embed code and its heights by width."""

    name: str
    heading: str
    code: str
    heights: Sequence[tuple[int, int]]

    @property
    def body(self) -> str:
        return f"companies/embedding/_{self.name}.html"


# Measured in Chromium, in pixels: the height of the taller language in frames of three widths, of
# the record for a name of 45 letters.
WIDTHS = (320, 480, 720)
HEIGHTS = {
    "count": (330, 260, 220),
    "chart": (490, 405, 385),
    "record": (540, 420, 345),
    "badge": (140, 125, 125),
    "matrix": (1770, 1450, 980),
}


NAME, SAID = 32, 15  # sizes of the name in the record, and of the sentence that has it again
LETTERS = 45
EDGES = 42  # beside the text of a card


def heights_of(name: str, company: str = "") -> list[int]:
    """The heights of a card by width; a record card grows with the length of the name."""
    beyond = max(0, width(company, size=100) - width("n" * LETTERS, size=100)) / 100
    # A line is filled to two thirds where long words follow each other.
    rooms = [(one - EDGES) * 2 / 3 for one in WIDTHS]
    lines = [(ceil(beyond * NAME / room), ceil(beyond * SAID / room)) for room in rooms]
    return [
        height + 36 * names + 22 * said
        for height, (names, said) in zip(HEIGHTS[name], lines, strict=True)
    ]


def page(request: HttpRequest) -> HttpResponse:
    """The page of all cards with their code, for the requested company or a signatory."""
    query = queries.VerifyQuery.of(request)
    pact, name = query.chosen_pact, query.named_company
    company = queries.company_meant(name) if name else queries.first_signatory(pact, query.clock)
    shown = shown_status(company, query) if company else None
    context = {
        **in_matrix(MatrixFilter(None, clock=query.clock)),
        **in_chart(query),
        "asked": name,
        "shown": shown,
        "offers": list(of_pact(pact)) + (list(of_company(shown)) if shown else []),
    }
    if company and shown and shown.has_signed:
        context |= {"company": company, "badge": badge_of(company_of(company.slug, pact), pact)}
    return render(request, "companies/embedding/embed.html", context)


def of_pact(pact: Pact) -> Iterator[OfferedCard]:
    words = {"pact": pact.name}
    title = _("PactWatch: how many companies signed the %(pact)s") % words
    yield offer("count", _("The count"), title, reverse("embed-count") + query_of(pact))
    title = _("PactWatch: known signatories of the %(pact)s over time") % words
    yield offer("chart", _("The count over time"), title, reverse("embed-chart") + query_of(pact))
    title = _("PactWatch: which companies signed which AI pact")
    yield offer("matrix", _("Who signed what"), title, reverse("embed-matrix"))


def of_company(shown: ShownStatus) -> Iterator[OfferedCard]:
    """The record card, and for signatories the badge: absences get no badge."""
    company, pact = shown.company, shown.pact
    title = _("PactWatch: %(company)s and the %(pact)s") % {
        "company": company.name,
        "pact": pact.name,
    }
    url = reverse("embed-record", args=[company.slug]) + query_of(pact)
    yield offer("record", _("One company"), title, url, of=company.name)
    if shown.has_signed:
        url = reverse("embed-badge", args=[company.slug]) + query_of(pact)
        yield offer("badge", _("Badge"), title, url)


def query_of(pact: Pact) -> str:
    return "" if pact.slug == DEFAULT_PACT else f"?pact={pact.slug}"


def offer(name: str, heading: str, title: str, url: str, of: str = "") -> OfferedCard:
    """A card with its embed code; the iframe's title is for screen readers."""
    heights = heights_of(name, of)
    # The table is for wide pages; all others show whole on a phone too.
    wide, high = (WIDTHS[2], heights[2]) if name == "matrix" else (WIDTHS[1], heights[0])
    code = format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy"'
        ' style="border:0;max-width:100%"></iframe>',
        settings.SITE_URL + url,
        title,
        wide,
        high,
    )
    return OfferedCard(name, heading, code, list(zip(WIDTHS, heights, strict=True)))
