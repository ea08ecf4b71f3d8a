"""The badge: a company's current status as an SVG for other sites."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import DEFAULT_PACT, Company, Pact, PartialDate, Signing
from companies.pages.links import redirect_renamed, with_cache_key

MAX_AGE = 300  # seconds that a badge may be older than the status
SVG = "image/svg+xml; charset=utf-8"
COLOURS = {
    Signing.Status.SIGNED: "0f6b43",
    Signing.Status.DECLINED: "a3281c",
    Signing.Status.REMOVED: "8a5a00",
    Signing.Status.WITHDRAWN: "8a5a00",
    Signing.Status.NOT_SIGNED: "4a5160",
    Signing.Status.INTERESTED: "4a5160",
    Signing.Status.UNKNOWN: "565d69",
}

# The measured width of Verdana's letters in hundredths of the font size. The picture states the
# length of each text, so that another font is stretched to it.
_WIDTHS = {
    30: " ',.IJijl|:;/\\-·\u00a0\u202f’",
    40: "!()[]rtf",
    53: '*_`szc"“”–',
    60: "FPTYaekovxyLéèêàçôû?",
    65: "0123456789bdghnpquESKB$",
    80: "&OQwDGHNUABCRVXZ",
    95: "%mM@Wœ#+<=>",
}
_WIDTH = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_WIDEST = 100  # for a letter that was not measured
_BOLDER = 1.12
_PAD, _ICON, _HEIGHT = 10, 28, 44


def width(text: str, *, size: int, bold: bool = False) -> int:
    """The width of `text` in pixels."""
    hundredths = sum(_WIDTH.get(letter, _WIDEST) for letter in text)
    return round(hundredths * size / 100 * (_BOLDER if bold else 1))


@dataclass(frozen=True)
class BadgeLine:
    """One line of a badge and its width."""

    text: str
    width: int


@dataclass(frozen=True)
class Badge:
    """The text of a badge; the company is named in the title only."""

    label: str
    message: str
    status: str
    company: str = ""
    retracted_on: datetime.date | None = None

    @property
    def correction(self) -> str:
        """A note that the badge showed a wrong status; "" if none was retracted lately."""
        if self.retracted_on is None:
            return ""
        day = PartialDate(self.retracted_on).in_words(get_language() or "en")
        return _("corrected on %(day)s") % {"day": day}

    @property
    def colour(self) -> str:
        return COLOURS[Signing.Status(self.status)]

    @property
    def lines(self) -> list[BadgeLine]:
        """The two lines: pact and publisher, then the status."""
        whose = " · ".join(filter(None, (self.label, "PactWatch", self.correction)))
        return [
            BadgeLine(whose, width(whose, size=11)),
            BadgeLine(self.message, width(self.message, size=12, bold=True)),
        ]

    @property
    def height(self) -> int:
        return _HEIGHT

    @property
    def width(self) -> int:
        return _PAD + _ICON + max(line.width for line in self.lines) + _PAD

    @property
    def words(self) -> str:
        """All its text on one line, for screen readers."""
        said = _("%(pact)s: %(status)s (PactWatch)") % {
            "pact": self.label,
            "status": " · ".join(filter(None, (self.message, self.correction))),
        }
        return f"{self.company} – {said}" if self.company else said


def svg(request: HttpRequest, slug: str) -> HttpResponse:
    pact = pact_of(request)
    company = company_of(slug, pact)
    if company is None:
        return _unknown(request, slug, "badge-svg", pact)
    return with_cache_key(_key(company), _picture(request, badge_of(company, pact)))


def as_json(request: HttpRequest, slug: str) -> HttpResponse:
    pact = pact_of(request)
    company = company_of(slug, pact)
    if company is None:
        return _unknown(request, slug, "badge-json", pact)
    answer = _brief(JsonResponse(_in_json(company, pact, badge_of(company, pact))))
    return with_cache_key(_key(company), answer)


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a company's badge, with the code to embed it."""
    pact = pact_of(request)
    company = company_of(slug, pact)
    if company is None:
        return redirect_renamed(request, "badge", slug)
    badge = badge_of(company, pact)
    query = "" if pact.slug == DEFAULT_PACT else f"?pact={pact.slug}"
    image = settings.SITE_URL + reverse("badge-svg", args=[slug]) + query
    record = settings.SITE_URL + company.get_absolute_url()
    # Embedded code is never updated, so it has no status and no width, which change.
    words = _("%(company)s and the %(pact)s: the signing status, by PactWatch") % {
        "company": company.name,
        "pact": pact.name,
    }
    context = {
        "company": company,
        "pact": pact,
        "badge": badge,
        "is_offered": badge.status == Signing.Status.SIGNED,
        "html": format_html(
            '<a href="{}"><img src="{}" alt="{}" height="{}"></a>', record, image, words, _HEIGHT
        ),
        "markdown": f"[![{_in_markdown(words)}]({image})]({record})",
        "json_url": reverse("badge-json", args=[slug]) + query,
        "svg_url": reverse("badge-svg", args=[slug]) + query,
    }
    return render(request, "companies/embedding/badge.html", context)


def _key(company: Any) -> str:
    return queries.record_key(company.slug, [company.status], queries.Clock())


def pact_of(request: HttpRequest) -> Pact:
    query = queries.BadgeQuery.of(request)
    query.refuse_faults()
    chosen: Pact | None = query.form.cleaned_data["pact"]
    return chosen or queries.pact_or_404(DEFAULT_PACT)


def company_of(slug: str, pact: Pact) -> Any:
    """The company with its current status and the lists that it is missing from."""
    companies = Company.objects.with_status(pact, timezone.localdate())
    company: Any = companies.filter(slug=slug).first()
    if company:
        queries.full_lists(queries.Clock()).mark_companies([company], pact)
    return company


def badge_of(company: Any, pact: Pact) -> Badge:
    status = company.status or Signing.Status.UNKNOWN
    message = queries.in_few_words(company, get_language() or "en")
    return Badge(pact.name, message, status, company.name, _retracted_on(company, pact))


def _retracted_on(company: Company, pact: Pact) -> datetime.date | None:
    """The date of the newest retraction, while badges still mention it."""
    newest = company.retractions.filter(pact=pact).first()
    return newest.retracted_on if newest and newest.is_on_badge(timezone.localdate()) else None


def _in_json(company: Any, pact: Pact, badge: Badge) -> dict[str, Any]:
    """The JSON from which shields.io and others draw a badge, with the basis of the status."""
    since = PartialDate(company.since, company.since_precision) if company.since else None
    lists = company.lists_without
    return {
        "schemaVersion": 1,
        "cacheSeconds": MAX_AGE,
        "label": badge.label,
        "message": " · ".join(filter(None, (badge.message, badge.correction))),
        "color": badge.colour,
        "retracted_on": badge.retracted_on,
        "status": badge.status,
        "since": str(since) if since else None,
        "since_basis": company.since_basis,
        "checked_on": str(lists.last) if lists else None,
        "url": settings.SITE_URL + company.get_absolute_url(),
    }


def _unknown(request: HttpRequest, slug: str, view: str, pact: Pact) -> HttpResponse:
    """A 308 for a former slug, else a badge with the error, since an image cannot show a page."""
    if queries.company_moved_from(slug):
        return _brief(redirect_renamed(request, view, slug))
    badge = Badge(pact.name, _("company not on the register"), Signing.Status.UNKNOWN)
    if view == "badge-svg":
        return _picture(request, badge, status=404)
    said = {"label": badge.label, "message": badge.message, "color": badge.colour, "isError": True}
    return _brief(JsonResponse({"schemaVersion": 1} | said, status=404))


def _picture(request: HttpRequest, badge: Badge, status: int = 200) -> HttpResponse:
    context = {"badge": badge}
    return _brief(
        render(request, "companies/embedding/badge.svg", context, content_type=SVG, status=status)
    )


def _brief(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


def _in_markdown(text: str) -> str:
    """Text for a Markdown link, its special characters escaped."""
    for mark in "\\[]()`*_<>":
        text = text.replace(mark, f"\\{mark}")
    return text
