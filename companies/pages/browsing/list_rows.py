"""The rows of the list of companies, rendered from cached HTML that many rows share."""

import datetime
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from companies import queries
from companies.countries import country_name
from companies.models import ListsWithout, PartialDate, Pledge, Signing
from companies.queries.roster.rows import ListRow

ROWS_CACHED = 2_000  # rows, of a kilobyte each; 50 took 57 ms of every page
# Gaps in cached HTML; no text of a page contains a NUL.
SLUG, NAME, PLACE, DAY, SINCE = "\0slug\0", "\0name\0", "\0place\0", "\0day\0", "\0since\0"
BARS, CHANGED, CHANGED_ON = "\0bars\0", "\0changed\0", "\0changed_on\0"
_LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)  # stands for the instant of a change


class Common(NamedTuple):
    """What all rows of a page share; `core` are the core commitments with titles."""

    view: str
    core: tuple[tuple[str, str], ...]
    clock: queries.Clock
    language: str


class ShownRow(NamedTuple):
    """A listed company, with the lists that it is missing from."""

    company: ListRow
    lists_without: ListsWithout | None
    is_ticked: bool
    common: Common

    @property
    def html(self) -> SafeString:
        return row_html(self)


def shown_rows(companies: queries.CompanyPage, page: Iterable[ListRow]) -> Iterator[ShownRow]:
    values, pact = companies.form.cleaned_data, companies.chosen_pact
    lists, ticked = queries.full_lists(companies.clock), {one.pk for one in values["compare"]}
    core = tuple((str(one.pk), one.title) for one in companies.core)
    common = Common(values["view"] or "table", core, companies.clock, get_language() or "en")
    for one in page:
        yield ShownRow(one, lists.without(one.pk, pact.pk, one), one.pk in ticked, common)


def row_html(row: ShownRow) -> SafeString:
    """Render a row: cached HTML shared by many companies, filled with its own values."""
    company, language = row.company, row.common.language
    country = country_name(company.country, language) if company.country else ""
    sector = company.sector_fr if language == "fr" else company.sector_en
    own = [
        (NAME, company.name),
        (SLUG, company.slug),
        (PLACE, " · ".join(filter(None, (country, sector)))),
    ]
    if company.since:
        first = PartialDate(company.since, company.since_precision)  # type: ignore[arg-type]  # both or neither
        own += [(DAY, str(company.since)), (SINCE, first.in_words(language))]
    if company.changed_at:
        changed = timezone.localdate(company.changed_at)
        own += [(CHANGED_ON, str(changed)), (CHANGED, PartialDate(changed).in_words(language))]
    bars = bars_of(row)
    html = _row_html(_in_common(row), bool(bars)).replace(BARS, _bars_html(bars, language))
    for gap, text in own:
        html = html.replace(gap, escape(text))
    return mark_safe(html)  # noqa: S308  # nosec B308, B703  # each text is escaped


def _in_common(row: ShownRow) -> ShownRow:
    """The row without its own values: name, URL, dates and pledges."""
    company = row.company
    alike = company._replace(
        pk=0,
        slug=SLUG,
        name=NAME,
        country="",
        size="",
        role="",
        **dict.fromkeys(("sector", "sector_en", "sector_fr", "since_basis")),
        since=company.since and datetime.date.min,
        pledges=None,
        changed_at=company.changed_at and _LONG_AGO,
    )
    return row._replace(company=alike)


@lru_cache(ROWS_CACHED)
def _row_html(row: ShownRow, has_bars: bool) -> str:
    """Render a row with gaps. It depends on its arguments only, so that no edit can outdate it."""
    company, common = row.company, row.common
    context = {
        "company": company,
        "url": reverse("company", args=["a-company"]).replace("a-company", SLUG),
        "place": PLACE,
        "day": DAY,
        "since": SINCE,
        "lists_without": row.lists_without,
        "changed_on": company.changed_at and CHANGED_ON,
        "changed": CHANGED,
        "bars": has_bars and mark_safe(BARS),  # noqa: S308  # nosec B308, B703  # a gap
        "core": common.core,
        "clock": common.clock,
        "ticked": row.is_ticked,
    }
    return render_to_string(f"companies/browse/_row_of_{common.view}.html", context)


def bars_of(row: ShownRow) -> tuple[tuple[str, str], ...]:
    """The core pledges of a signatory, each with the title of its commitment."""
    if row.company.status != Signing.Status.SIGNED:
        return ()
    pledged = dict(one.split(":") for one in (row.company.pledges or "").split())
    return tuple((title, pledged[pk]) for pk, title in row.common.core if pk in pledged)


@lru_cache(ROWS_CACHED)
def _bars_html(bars: tuple[tuple[str, str], ...], language: str) -> str:
    """The HTML of these bars in the active language, which must be `language`."""
    shown = [(title, Pledge.Implementation(level)) for title, level in bars]
    return render_to_string("companies/browse/_bars.html", {"bars": shown}).strip()
