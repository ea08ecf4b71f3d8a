"""Share images: 1200 x 630 pixels, readable at 300."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.template.loader_tags import ExtendsNode
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import (
    DEFAULT_PACT,
    Commitment,
    Company,
    Pact,
    PartialDate,
    ReportState,
    Signing,
)
from companies.pages.definitions import short_name
from companies.pages.links import redirect_renamed
from companies.queries.wording.counted import (
    known_in_a_sentence,
    looked_for_in_sentences,
    pledged_in_sentences,
    received_in_a_sentence,
)
from pactwatch.drawing import Measure, drawable, lines, png
from pactwatch.page_fragments import VERSION

from .badge import COLOURS, width
from .shown_status import ShownStatus, no_refusal, shown_status, voluntary

# The templates with the titles of pages, by the names of their URLs. Others have the picture
# of the home page.
TITLED: Mapping[str, str] = {
    "home": "home/home",
    "companies": "browse/companies",
    "absent": "absent/absent",
    "compare": "comparing/compare",
    "matrix": "comparing/matrix",
    "check": "suppliers/check",
    "commitments": "pacts/commitments",
    "pacts": "pacts/pacts",
    "pact": "pacts/pact",
    "reports": "reports/reports",
    "statistics": "statistics/statistics",
    "changes": "history/happened",
    "left": "history/left",
    "verify": "proof/verify",
    "corrections": "corrections/corrections",
    "embed": "embedding/embed",
    "data": "about/data",
    "releases": "open_data/releases",
    "method": "about/method",
    "about": "about/about",
    "privacy": "about/privacy",
}


@dataclass(frozen=True)
class PictureOfPage:
    """The share image of the current page, as of its date and register version."""

    request: HttpRequest

    @property
    def url(self) -> str:
        parameters: dict[str, Any] = dict(queries.clock_of(self.request).past)
        if self._pact != DEFAULT_PACT and (self._name in COUNTED or self._code):
            parameters["pact"] = self._pact
        parameters["v"] = self.request.META.get(VERSION, 0)
        return f"{settings.SITE_URL}{self._path}?{urlencode(parameters)}"

    def words(self, shown: Mapping[str, Any]) -> str:
        """The alternative text of the page's share image; "" for a register without pacts."""
        try:
            return self._image(shown).words
        except Http404:
            return ""

    def _image(self, shown: Mapping[str, Any]) -> "ShareImage":
        clock = queries.clock_of(self.request)
        if "current" in shown:
            signed = [one.pact for one in shown["others"] if one.signing.status == SIGNED]
            status = ShownStatus(shown["company"], shown["pact"], shown["current"], signed)
            return of_status(status, clock.day)
        if self._code:
            return of_commitment(shown["commitment"], shown["said"], clock.day)
        if self._name in COUNTED and "said" in shown:
            return of_titled(self._name, shown["pact"], shown["said"], clock.day)
        # Pages that count nothing themselves: the status or the count is read for them.
        query = queries.PactQuery(QueryDict(), clock=clock)
        company = Company.objects.filter(slug=self._slug).first() if self._slug else None
        if company:
            return of_status(shown_status(company, query), clock.day)
        return of_page_named(self._titled, query)

    @property
    def _path(self) -> str:
        if self._code:
            return reverse("share-commitment", args=[self._code])
        if self._slug:
            return reverse("share-company", args=[self._slug])
        return reverse("share-page", args=[self._titled])

    @property
    def _name(self) -> str:
        match = self.request.resolver_match
        return (match.url_name if match else None) or ""

    @property
    def _titled(self) -> str:
        return self._name if self._name in TITLED else "home"

    @property
    def _kwargs(self) -> dict[str, Any]:
        match = self.request.resolver_match
        return match.kwargs if match else {}

    @property
    def _code(self) -> str:
        return self._kwargs.get("code", "") if self._name == "commitment" else ""

    @property
    def _slug(self) -> str:
        return self._kwargs.get("slug", "") if self._name != "pact" else ""

    @property
    def _pact(self) -> str:
        named = self._kwargs.get("slug") if self._name == "pact" else self.request.GET.get("pact")
        return named or DEFAULT_PACT


# The views


def of_page(request: HttpRequest, name: str) -> HttpResponse:
    query = queries.CommitmentQuery.of(request)
    query.refuse_faults()
    if name not in TITLED:
        reason = _("There is no picture called “%(name)s”.") % {"name": name[:100]}
        raise Http404(reason)
    return drawn(of_page_named(name, query))


def of_company(request: HttpRequest, slug: str) -> HttpResponse:
    query = queries.PactQuery.of(request)
    query.refuse_faults()
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, "share-company", slug)
    return drawn(of_status(shown_status(company, query), query.day))


def commitment(request: HttpRequest, code: str) -> HttpResponse:
    query = queries.CommitmentQuery.of(request)
    found = query.commitment(code)
    pledged = sum(query.counts(found).values())
    pact, day = query.chosen_pact, query.day
    signed = queries.signatories(pact, query.clock)
    said = pledged_in_sentences(found, pact, pledged, signed, day)
    return drawn(of_commitment(found, said, query.day))


def known_of(query: queries.PactQuery) -> list[str]:
    pact = query.chosen_pact
    return [known_in_a_sentence(pact, queries.signatories(pact, query.clock))]


def looked_for(query: queries.PactQuery) -> list[str]:
    pact = query.chosen_pact
    number = queries.absence_counts(pact, query.clock).looked_for
    return looked_for_in_sentences(pact, number, queries.full_lists(query.clock).newest(pact))


def received(query: queries.PactQuery) -> list[str]:
    pact = query.chosen_pact
    published = queries.reports_in_state(pact, query.clock, ReportState.PUBLISHED)
    return [received_in_a_sentence(pact, published, queries.reports_received(pact, query.day))]


# What the pictures of these pages count, as the pages do; all others say what the page is for.
COUNTED: Mapping[str, Callable[[queries.PactQuery], list[str]]] = {
    "home": known_of,
    "companies": known_of,
    "pact": known_of,
    "statistics": known_of,
    "absent": looked_for,
    "reports": received,
}


def of_page_named(name: str, query: queries.PactQuery) -> "ShareImage":
    if name in COUNTED:
        return of_titled(name, query.chosen_pact, COUNTED[name](query), query.day)
    return of_titled(name, None, [block_of(name, "description", None)], query.day)


def block_of(name: str, block: str, pact: Pact | None) -> str:
    """The `og_title` or `description` block of a page, which social networks read."""
    template: Any = get_template(f"companies/{TITLED[name]}.html").template  # type: ignore[attr-defined]  # Django's own engine
    (extends,) = template.nodelist.get_nodes_by_type(ExtendsNode)
    context = Context({"pact": pact})
    with context.bind_template(template):
        return unescape(extends.blocks[block].nodelist.render(context)).strip()


def drawn(image: "ShareImage") -> HttpResponse:
    return HttpResponse(png(image.svg()), content_type="image/png")


# The picture

SIGNED = Signing.Status.SIGNED
LEFT, ROOM = 72, 1056
TOP, BOTTOM = 124, 496  # between which title, status and sentences are
TITLES = ((104, 1), (88, 2), (66, 2), (50, 3), (40, 4))  # sizes, and the lines one may have
SERIF = 1.02  # of the width that letters have in the badge's font: at most, of ten or more
STATUSES = (38, 33, 28, 24)
STATUS_HIGH, STATUS_ABOVE, STATUS_PADS = 66, 24, 100
CAUTION, CAUTION_ROOM = 26, 880  # beside the licence
SAID, SAID_HIGH, SAID_ABOVE, SAID_MOST = 30, 41, 16, 5
WASHES = {
    "signed": "e4f2ea",
    "declined": "fbe6e3",
    "removed": "f8edd6",
    "withdrawn": "f8edd6",
    "not_signed": "eeedea",
    "interested": "eeedea",
    "unknown": "fbfaf6",
}


@dataclass(frozen=True)
class PlacedLine:
    """A line of text and its baseline."""

    text: str
    y: float


def serif_width(text: str, *, size: int) -> float:
    """The width of a title in pixels; glyphs missing in the serif come from the bold sans."""
    return SERIF * width(text, size=size, bold=not text.isascii())


def balanced(title: str, measure: Measure, found: list[str]) -> list[str]:
    """Rebreak the title into as many lines of similar length, without breaking words."""
    widest = max((measure(word) for word in title.split()), default=ROOM)
    for room in range(ROOM // 2, ROOM, 24):
        narrower = lines(title, measure, room, most=len(found) + 1)
        if room >= widest and len(narrower) == len(found):
            return narrower
    return found


def placed(texts: Sequence[str], first: float, step: float) -> list[PlacedLine]:
    return [PlacedLine(text, round(first + step * i, 1)) for i, text in enumerate(texts)]


def fits_in_pill(label: str, size: int) -> bool:
    return width(drawable(label), size=size, bold=True) <= ROOM - STATUS_PADS


@dataclass(frozen=True)
class ShareImage:
    """The content of a share image; `status` and `label` are those of a company."""

    day: PartialDate
    title: str
    said: Sequence[str]
    caution: str
    status: str = ""
    label: str = ""

    @property
    def words(self) -> str:
        """All text of the image, as alternative text."""
        dated = f"PactWatch, {self.day.in_words(get_language() or 'en')}"
        said = [self.title, self.label, *self.said, self.caution, dated]
        return " ".join(text if text[-1] in ".?!" else f"{text}." for text in said if text)

    def svg(self) -> str:
        size, title = self._title
        top = (TOP + BOTTOM - self._height(size, len(title))) / 2
        after = top + size * 1.05 * len(title)
        said_from = after + self._status_height + SAID_ABOVE + SAID
        caution = self._caution
        context = {
            "title": placed(title, top + size * 0.86, size * 1.05),
            "size": size,
            "status": self.status,
            "pill": self._pill(after + STATUS_ABOVE) if self.status else None,
            "said": placed(self._said, said_from, SAID_HIGH),
            "caution": placed(caution, 566 - 10 * (len(caution) - 1), CAUTION + 6),
            "day": self.day.in_words(get_language() or "en"),
        }
        return render_to_string("companies/embedding/share.svg", context)

    def _pill(self, top: float) -> dict[str, Any]:
        label = drawable(self.label)
        size = next((one for one in STATUSES if fits_in_pill(label, one)), STATUSES[-1])
        measure = partial(width, size=size, bold=True)
        (text,) = lines(label, measure, ROOM - STATUS_PADS, most=1)
        return {
            "text": text,
            "size": size,
            "top": top,
            "icon": top + STATUS_HIGH / 2 - 18,
            "baseline": top + STATUS_HIGH / 2 + size * 0.36,
            "width": width(text, size=size, bold=True) + STATUS_PADS,
            "colour": COLOURS[Signing.Status(self.status)],
            "wash": WASHES[self.status],
        }

    @property
    def _caution(self) -> list[str]:
        measure = partial(width, size=CAUTION, bold=True)
        return lines(drawable(self.caution), measure, CAUTION_ROOM, most=2)

    @cached_property
    def _said(self) -> list[str]:
        measure = partial(width, size=SAID)
        broken = [
            line
            for text in self.said
            for line in balanced(
                drawable(text), measure, lines(drawable(text), measure, ROOM, most=3)
            )
        ]
        return broken[:SAID_MOST]

    @cached_property
    def _title(self) -> tuple[int, list[str]]:
        """The largest size in which the title fits, and its lines."""
        title = drawable(self.title)
        for size, most in TITLES:
            measure = partial(serif_width, size=size)
            found = lines(title, measure, ROOM, most=most + 1)
            if len(found) <= most and self._height(size, len(found)) <= BOTTOM - TOP:
                return size, balanced(title, measure, found)
        size, most = TITLES[-1][0], 2
        return size, lines(title, partial(serif_width, size=size), ROOM, most=most)

    @property
    def _status_height(self) -> int:
        return STATUS_ABOVE + STATUS_HIGH if self.status else 0

    def _height(self, size: int, titles: int) -> float:
        below = self._status_height + SAID_ABOVE + SAID_HIGH * len(self._said)
        return size * 1.05 * titles + below


# What each shows


def of_titled(name: str, pact: Pact | None, said: Sequence[str], day: datetime.date) -> ShareImage:
    caution = no_refusal() if name == "absent" else voluntary()
    return ShareImage(PartialDate(day), block_of(name, "og_title", pact), said, caution)


def of_commitment(found: Commitment, said: Sequence[str], day: datetime.date) -> ShareImage:
    return ShareImage(PartialDate(day), found.title, [found.pact.name, *said], voluntary())


def of_status(shown: ShownStatus, day: datetime.date) -> ShareImage:
    status = shown.label[:1].lower() + shown.label[1:]
    labels = [
        _("%(pact)s: %(status)s") % {"pact": name, "status": status}
        for name in (shown.pact.name, short_name(shown.pact))
    ]
    # A status that is cut would say something else.
    label = next((one for one in labels if fits_in_pill(one, STATUSES[-1])), labels[-1])
    said = [*filter(None, (shown.sentence, shown.also_signed))]
    return ShareImage(
        PartialDate(day), shown.company.name, said, shown.caution, shown.status, label
    )
