"""The statistics page: tables, charts and published percentages."""

import datetime
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.importers.spreadsheet import write
from companies.models import Pact, PublishedShare, QuoteCheck, Source
from companies.pages.definitions import statuses
from companies.pages.downloads import separator
from companies.queries import LEVELS
from companies.queries.roster.table_state import state
from companies.queries.wording.counted import known_in_a_sentence
from pactwatch.drawing import png
from pactwatch.page_fragments import content_of, render_cached

from . import pictures
from .breakdowns import Breakdown, Comparison, Share, breakdowns, comparisons
from .charts import Tick
from .pictures import Lists, Picture


@dataclass(frozen=True)
class Counted:
    """The statistics of one pact on one day."""

    counts: queries.Statistics
    lists: Lists

    @property
    def pact(self) -> Pact:
        return self.counts.pact

    @cached_property
    def numbers(self) -> Hashable:
        """All that depends on companies, on lists and on the checks of quotes."""
        points = tuple(self.counts.over_time)
        rest = replace(self.counts, over_time=[])
        return content_of([rest, self.counts.quotes, self.newest_list]), points

    @cached_property
    def breakdowns(self) -> list[Breakdown]:
        return breakdowns(self.counts)

    @cached_property
    def comparisons(self) -> list[Comparison]:
        # Shares of a total that was not announced yet were not published either.
        return comparisons(self.counts, self.published) if self.pact.listed_total else []

    @cached_property
    def published(self) -> list[PublishedShare]:
        return list(self.pact.published_shares.select_related("pact", "source"))

    @property
    def study(self) -> Share | None:
        """The percentage outside the EU that someone other than the issuer published."""
        shares = [share for one in self.comparisons for share in one.shares]
        return next((share for share in shares if not share.is_the_issuers), None)

    @cached_property
    def newest_list(self) -> datetime.date | None:
        newest = queries.full_lists(self.lists.clock).newest(self.pact)
        return newest.day if newest else None

    @cached_property
    def commitments(self) -> list[Any]:
        """The commitments of the pact, with their counts."""
        return queries.with_counts(queries.commitments().filter(pact=self.pact), self.lists.clock)

    @cached_property
    def sources(self) -> list[Source]:
        """The sources of the published shares."""
        sources = {share.source.slug: share.source for share in self.published}
        return [sources[slug] for slug in sorted(sources)]

    @cached_property
    def pictures(self) -> dict[str, Picture]:
        counts, lists = self.counts, self.lists
        (countries,) = (table for table in self.breakdowns if table.parameter == "country")
        found = [
            pictures.over_time(counts, lists, self.newest_list),
            pictures.map_of("europe", countries, counts, lists),
            pictures.map_of("world", countries, counts, lists),
            *(pictures.by(table, counts, lists) for table in self.breakdowns),
            *(pictures.compared(one, counts, lists) for one in self.comparisons),
            pictures.implementation(self.commitments, counts, lists),
        ]
        return {picture.name: picture for picture in found}


def counted(request: HttpRequest, *, site: str = "") -> Counted:
    query = queries.PactQuery.of(request)
    return counted_by(query.chosen_pact, query.clock, site, get_language() or "en")


@queries.cached
def counted_by(pact: Pact, clock: queries.Clock, site: str, language: str) -> Counted:
    """The statistics with labels in the active language, which must be `language`."""
    return Counted(queries.statistics_of(pact, clock), Lists(pact, clock, site))


def statistics(request: HttpRequest) -> HttpResponse:
    found = counted(request)
    return render_cached(
        request,
        "companies/statistics/statistics.html",
        lambda: shown(found),
        key=(state().shared, found.lists.clock, found.numbers),
        parts={},
    )


def shown(found: Counted) -> dict[str, Any]:
    counts = found.counts
    return {
        "pact": found.pact,
        "said": [known_in_a_sentence(found.pact, counts.signatories)],
        "pacts": [one for one, _commitments in queries.pacts_read(found.lists.clock)],
        "counts": counts,
        "statuses": statuses(counts.by_status),
        "breakdowns": found.breakdowns,
        "comparisons": found.comparisons,
        "study": found.study,
        "sources": found.sources,
        "implementation": [
            (one, implementation_row(counts.implementation[one.code])) for one in found.commitments
        ],
        "levels": [(str(level), str(level.label)) for level in LEVELS],
        "quotes": quotes(counts.quotes),
        "quotes_found": counts.quotes[QuoteCheck.Result.FOUND],
        "quotes_total": sum(counts.quotes.values()),
        "pictures": found.pictures,
        "take": found.lists.question,
    }


def quotes(numbers: dict[str, int]) -> list[tuple[str, int]]:
    """Quote checks by result, as (label, count); empty without checks."""
    labels = {str(result): str(result.label) for result in QuoteCheck.Result}
    labels["not_checked"] = _("not checked yet")
    if sum(numbers.values()) == numbers["not_checked"]:
        return []
    return [(labels[code], number) for code, number in numbers.items()]


def implementation_row(numbers: dict[str, int]) -> list[tuple[str, str, int]]:
    """One commitment's pledges by level, as (value, label, count)."""
    return [(str(level), str(level.label), numbers.get(level, 0)) for level in LEVELS]


# Pictures to download


def picture_csv(request: HttpRequest, name: str) -> HttpResponse:
    found, picture = picture_or_404(request, name)
    pact = found.pact
    about = {
        "pact": pact.slug,
        "as_of": str(found.counts.day),
        "listed_total": pact.listed_total,
        "listed_total_on": pact.listed_total_on,
    }
    rows = ([*record, *about.values()] for record in picture.records)
    content = write(rows, headers=[*picture.columns, *about], kind="csv", separator=separator())
    return download(content, found, f"{name}.csv", "text/csv; charset=utf-8")


def picture_svg(request: HttpRequest, name: str) -> HttpResponse:
    found, picture = picture_or_404(request, name)
    return download(
        standalone(picture, found), found, f"{name}.svg", "image/svg+xml; charset=utf-8"
    )


def picture_png(request: HttpRequest, name: str) -> HttpResponse:
    found, picture = picture_or_404(request, name)
    return download(png(standalone(picture, found), zoom=ZOOM), found, f"{name}.png", "image/png")


def picture_or_404(request: HttpRequest, name: str) -> tuple[Counted, Picture]:
    """The chart called `name`; Http404 lists the valid names."""
    found = counted(request, site=settings.SITE_URL)
    picture = found.pictures.get(name)
    if picture is None:
        names = ", ".join(found.pictures)
        reason = _("There is no picture “%(name)s” for this pact. Available: %(names)s.")
        raise Http404(reason % {"name": name[:100], "names": names})
    return found, picture


def download(content: str | bytes, found: Counted, file: str, media_type: str) -> HttpResponse:
    name = f"pactwatch-{found.pact.slug}-{found.counts.day}-{file}"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


MARGIN, LINE = 28, 20
ZOOM = 2  # for screens and paper


def standalone(picture: Picture, found: Counted) -> str:
    """Render a chart as a stand-alone SVG with title, source, licence and date."""
    width = max(picture.chart.width if picture.chart else 0, 480)
    letters = width // 7
    title = placed(wrap(picture.title, width // 11), MARGIN + 20, 28)
    note = placed(wrap(picture.note, letters), title[-1].at + 28, LINE)
    top = note[-1].at + 24
    height = picture.chart.height if picture.chart else LINE
    origin = _("PactWatch, %(site)s, %(day)s. Data under CC BY 4.0.") % {
        "site": settings.SITE_URL, "day": pictures.long_day(found.counts.day),
    }  # fmt: skip
    said = [f"{found.pact.name}.", *picture.notes, origin]
    foot = placed([line for text in said for line in wrap(text, letters)], top + height + 36, LINE)
    context = {
        "picture": picture,
        "chart": picture.chart,
        "title": title,
        "note": note,
        "foot": foot,
        "top": top,
        "margin": MARGIN,
        "width": width + 2 * MARGIN,
        "height": foot[-1].at + MARGIN,
        "empty": _("No data on this date."),
    }
    return render_to_string("companies/statistics/pictures/standalone.svg", context)


def placed(texts: Iterable[str], first: float, step: float) -> list[Tick]:
    return [Tick(first + step * i, text) for i, text in enumerate(texts)]
