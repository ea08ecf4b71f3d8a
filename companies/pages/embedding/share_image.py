"""The picture beside a shared link: 1200 x 630, and readable at 300 pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.template.loader_tags import ExtendsNode
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import DEFAULT_PACT, Company, Pact, PartialDate, Signing
from companies.pages.definitions import short_name
from companies.pages.links import redirect_renamed
from pactwatch.drawing import Measure, drawable, lines, png

from .badge import COLOURS, width
from .counted import known_in_a_sentence
from .shown_status import ShownStatus, shown_status, voluntary

# The templates that hold the titles of pages, by the names of their URLs. Others have the picture
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
    "changes": "history/changes",
    "verify": "proof/verify",
    "corrections": "corrections/corrections",
    "embed": "embedding/embed",
    "data": "about/data",
    "method": "about/method",
    "about": "about/about",
    "privacy": "about/privacy",
}
OF_PACTS = {"home", "companies", "absent", "pact", "reports", "statistics", "changes", "verify"}


def address(request: HttpRequest) -> str:
    """The picture of the page that is asked for, on its day, at the register's version."""
    match = request.resolver_match
    name, slug = (match.url_name or "", match.kwargs.get("slug")) if match else ("", None)
    clock = queries.clock_of(request)
    asked: dict[str, Any] = dict(clock.past)
    if slug and name != "pact":
        url = reverse("share-company", args=[slug])
    else:
        url = reverse("share-page", args=[name if name in TITLED else "home"])
        pact = slug or request.GET.get("pact", DEFAULT_PACT)
        if pact != DEFAULT_PACT and name in OF_PACTS:
            asked["pact"] = pact
    asked["v"] = getattr(request, "register_version", 0)
    return f"{settings.SITE_URL}{url}?{urlencode(asked)}"


# The views


def of_page(request: HttpRequest, name: str) -> HttpResponse:
    query = queries.PactQuery.of(request)
    pact = query.chosen_pact
    if name not in TITLED:
        reason = _("There is no picture called “%(name)s”.") % {"name": name[:100]}
        raise Http404(reason)
    said = known_in_a_sentence(pact, queries.signatories(pact, query.day))
    return drawn(ShareImage(PartialDate(query.day), title_of(name, pact), [said], voluntary()))


def of_company(request: HttpRequest, slug: str) -> HttpResponse:
    query = queries.PactQuery.of(request)
    query.refuse_faults()
    company = Company.objects.filter(slug=slug).first()
    if company is None:
        return redirect_renamed(request, "share-company", slug)
    return drawn(of_status(shown_status(company, query), PartialDate(query.day)))


def title_of(name: str, pact: Pact) -> str:
    """The title of a page, from the block of its template that social networks read."""
    template: Any = get_template(f"companies/{TITLED[name]}.html").template  # type: ignore[attr-defined]  # Django's own engine
    (extends,) = template.nodelist.get_nodes_by_type(ExtendsNode)
    context = Context({"pact": pact})
    with context.bind_template(template):
        return str(extends.blocks["og_title"].nodelist.render(context))


def drawn(image: "ShareImage") -> HttpResponse:
    return HttpResponse(png(image.svg()), content_type="image/png")


# The picture

LEFT, ROOM = 72, 1056
TOP, BOTTOM = 124, 496  # between which title, status and sentences stand
TITLES = ((104, 1), (88, 2), (66, 2), (50, 3), (40, 4))  # sizes, and the lines one may have
SERIF = 0.92  # of the width that letters have in the badge's font
STATUSES = (38, 33, 28, 24)
STATUS_HIGH, STATUS_ABOVE, STATUS_PADS = 66, 24, 100
CAUTION, CAUTION_ROOM = 26, 880  # beside the licence
SAID, SAID_HIGH, SAID_ABOVE, SAID_MOST = 30, 41, 16, 4
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
    """The width of a title; letters without a serif come from the bold sans."""
    return SERIF * width(text, size=size, bold=not text.isascii())


def balanced(title: str, measure: Measure, found: list[str]) -> list[str]:
    """The same number of lines, about as long as each other, and no word broken for it."""
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
    """The words of the picture; `status` and `label` are those of a company."""

    day: PartialDate
    title: str
    said: Sequence[str]
    caution: str
    status: str = ""
    label: str = ""

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
            line for text in self.said for line in lines(drawable(text), measure, ROOM, most=3)
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


def of_status(shown: ShownStatus, day: PartialDate) -> ShareImage:
    status = shown.label[:1].lower() + shown.label[1:]
    labels = [
        _("%(pact)s: %(status)s") % {"pact": name, "status": status}
        for name in (shown.pact.name, short_name(shown.pact))
    ]
    # A status that is cut would say something else.
    label = next((one for one in labels if fits_in_pill(one, STATUSES[-1])), labels[-1])
    said = [*filter(None, (shown.sentence, shown.also_signed))]
    return ShareImage(day, shown.company.name, said, shown.caution, shown.status, label)
