"""The charts of the statistics, each with title, total, date and table."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from companies.models import Commitment, Pact, PartialDate
from companies.queries import LEVELS

from . import charts
from .breakdowns import Breakdown, BreakdownRow, Comparison
from .maps import map_chart

if TYPE_CHECKING:
    from companies.queries.clocks import Clock
    from companies.queries.statistics import Statistics

Value = str | int
LONG = datetime.timedelta(days=90)


@dataclass(frozen=True)
class Picture:
    """A chart with its words, and its numbers as rows of a CSV."""

    name: str
    title: str
    note: str
    form: str
    chart: Any
    columns: Sequence[str]
    records: list[list[Value]]
    notes: Sequence[str] = ()

    @property
    def template(self) -> str:
        return f"companies/statistics/pictures/_{self.form}.svg"


@dataclass(frozen=True)
class Lists:
    """The URLs behind each number; a downloaded chart has `site` before them."""

    pact: Pact
    clock: "Clock"
    site: str = ""

    @property
    def question(self) -> str:
        """The query for the same pact on the same day."""
        then = self.clock.query
        return f"?{urlencode({'pact': self.pact.slug})}" + (f"&{then}" if then else "")

    def companies(self, **chosen: str | Sequence[str]) -> str:
        query = urlencode({"pact": self.pact.slug, "status": "signed"} | chosen, doseq=True)
        return self._then(f"{reverse('companies')}?{query}")

    def signatories_on(self, day: datetime.date) -> str:
        then = replace(self, clock=replace(self.clock, as_of=None))
        return then.companies(as_of=str(day))

    def commitment(self, commitment: Commitment, level: str = "") -> str:
        url = self._then(commitment.get_absolute_url())
        return f"{url}#{level}" if level else url

    def _then(self, url: str) -> str:
        joint = "&" if "?" in url else "?"
        then = self.clock.query
        return self.site + url + (f"{joint}{then}" if then else "")


# Words


def figure(number: int) -> str:
    return _figure(number, get_language() or "en")


# Babel takes 20 us for a number or a day, of which the statistics name thousands.
WORDS_CACHED = 5_000


@lru_cache(WORDS_CACHED)
def _figure(number: int, language: str) -> str:
    return format_decimal(number, locale=language)


def share(part: int, whole: int) -> str:
    """A share in whole percent, as the reader's language writes it."""
    return format_percent(part / whole if whole else 0, locale=get_language() or "en")


def short_day(day: datetime.date) -> str:
    """A short date: 9 Oct 2024, « 9 oct. 2024 »."""
    return _short_day(day, get_language() or "en")


@lru_cache(WORDS_CACHED)
def _short_day(day: datetime.date, language: str) -> str:
    text = format_date(day, "d MMM y", locale=language)
    if language == "fr" and day.day == 1:
        text = text.replace("1 ", "1er ", 1)
    return text.replace(" ", "\u00a0")


def long_day(day: datetime.date) -> str:
    return PartialDate(day).in_words(get_language() or "en")


def of_known(number: int, counts: "Statistics") -> str:
    return _("Known for %(number)s of %(known)s on %(day)s.") % {
        "number": figure(number), **_known_then(counts),
    }  # fmt: skip


def _signatories(counts: "Statistics") -> str:
    return _("%(known)s on %(day)s.") % _known_then(counts)


def _known_then(counts: "Statistics") -> dict[str, str]:
    return {"known": counts.pact.known(counts.signatories), "day": long_day(counts.day)}


# Pictures


def over_time(
    counts: "Statistics", lists: Lists, newest_list: datetime.date | None = None
) -> Picture:
    """The chart of signatories over time; `newest_list` is the date of the last full list."""
    before, changes, first = 0, [], datetime.date.min
    url_of_first = lists.signatories_on(first)
    for day, number in counts.over_time:
        words = {"day": short_day(day), "number": figure(number), "rise": f"{number - before:+d}"}
        label = _("%(number)s on %(day)s") % words
        url = url_of_first.replace(str(first), str(day))
        # Voice control needs the accessible name to begin with the visible label.
        says = ngettext(
            "%(label)s: known signatory (%(rise)s)",
            "%(label)s: known signatories (%(rise)s)",
            number,
        ) % {"label": label, "rise": words["rise"]}
        changes.append(charts.ChartStep(day, number, label, says, url))
        before = number
    return Picture(
        "signatories-over-time",
        _("Known signatories over time"),
        _signatories(counts)
        + " "
        + _("Each step is the first day on which a source names a company, or the day it left."),
        "steps",
        charts.steps(
            changes, counts.day, months=months(counts), quiet=quiet(newest_list, counts.day)
        ),
        ("day", "signatories"),
        [[str(day), number] for day, number in counts.over_time],
    )  # fmt: skip


def quiet(
    newest_list: datetime.date | None, day: datetime.date
) -> tuple[datetime.date, str] | None:
    """The date since which no full list was read, with a label; None if recent."""
    if newest_list is None or day - newest_list < LONG:
        return None
    return newest_list, _("no full list read since %(day)s") % {"day": short_day(newest_list)}


def months(counts: "Statistics") -> list[tuple[datetime.date, str]]:
    """The first days of months or years to label the time axis."""
    if not counts.over_time:
        return []
    first, last = counts.over_time[0][0], counts.day
    total = (last.year - first.year) * 12 + last.month - first.month
    # A phone has room for four months, or for nine years.
    every = next((n for n in (1, 3, 6) if total <= n * 3), 0) or next(
        (n for n in (12, 24, 60, 120) if total <= n * 8), 240
    )
    starts = [
        datetime.date(month // 12, month % 12 + 1, 1)
        for month in range(first.year * 12, last.year * 12 + 12)
        if month % every == 0
    ]
    form = "y" if every >= 12 else "MMM y"
    return [
        (day, format_date(day, form, locale=get_language() or "en").replace(" ", "\u00a0"))
        for day in starts
        if first <= day <= last
    ]


def by(table: Breakdown, counts: "Statistics", lists: Lists) -> Picture:
    """The chart of signatories by one property, most frequent first, unknown last."""
    data = [_datum(row, table, lists) for row in table.rows]
    if table.unknown:
        words = {"label": _("unknown"), "number": figure(table.unknown)}
        says = _("%(label)s: %(number)s") % words
        url = lists.companies(**{table.parameter: "unknown"})
        data.append(
            charts.Datum(
                _("unknown"), figure(table.unknown),
                [(table.unknown, "unknown", "", says, url)], says, url,
            )
        )  # fmt: skip
    highest = max([row.number for row in table.rows] + [table.unknown], default=0)
    beside = table.parameter == "country"
    return Picture(
        table.picture,
        _("Known signatories: %(title)s") % {"title": table.title[:1].lower() + table.title[1:]},
        of_known(table.known, counts),
        "bars",
        charts.bars(data, whole=highest, beside=beside),
        (table.parameter, "label", "signatories", "known", "total"),
        [
            [row.value, row.label, row.number, table.known, table.signatories]
            for row in (*table.rows, BreakdownRow("unknown", _("unknown"), table.unknown))
        ],
    )


def _datum(row: BreakdownRow, table: Breakdown, lists: Lists) -> charts.Datum:
    url = lists.companies(**{table.parameter: row.value})
    text = f"{figure(row.number)} ({share(row.number, table.known)})"
    says = _words_of(row, table)
    return charts.Datum(row.label, text, [(row.number, "full", "", says, url)], says, url)


def _words_of(row: BreakdownRow, table: Breakdown) -> str:
    return _("%(label)s: %(number)s of %(known)s (%(share)s)") % {
        "label": row.label,
        "number": figure(row.number),
        "known": figure(table.known),
        "share": share(row.number, table.known),
    }


def map_of(name: str, table: Breakdown, counts: "Statistics", lists: Lists) -> Picture:
    values = {
        row.value: (
            row.number,
            figure(row.number),
            _words_of(row, table),
            lists.companies(country=row.value),
        )
        for row in table.rows
    }
    chart = map_chart(name, values)
    shown = sum(values[mark.code][0] for mark in chart.marks) if chart else 0
    titles = {
        "europe": _("Known signatories in Europe, by country of headquarters"),
        "world": _("Known signatories in the world, by country of headquarters"),
    }
    on_map = _("On this map: %(number)s.") % {"number": figure(shown)}
    note = f"{of_known(table.known, counts)} {on_map}"
    notes = [_("Borders are drawn as the EU and the UN depict them; this takes no position.")]
    if chart and any(mark.code == "XK" for mark in chart.marks):
        notes.append(f"* {kosovo()}")
    return Picture(
        name,
        titles[name],
        note,
        "map",
        chart,
        ("country", "label", "signatories", "known", "total"),
        [
            [row.value, row.label, row.number, table.known, table.signatories]
            for row in table.rows
            if chart and row.value in {mark.code for mark in chart.marks}
        ],
        notes,
    )


def kosovo() -> str:
    return _(
        "This designation is without prejudice to positions on status, and is in line with UNSCR "
        "1244/1999 and the ICJ Opinion on the Kosovo declaration of independence."
    )


def implementation(commitments: Sequence[Any], counts: "Statistics", lists: Lists) -> Picture:
    """The chart of pledges by commitment and level of implementation."""
    data = []
    for found in commitments:
        numbers = counts.implementation[found.code]
        parts = [
            (
                float(numbers[level]),
                level.value,
                figure(numbers[level]),
                f"{found.title}: {level.label}: {figure(numbers[level])}",
                lists.commitment(found, level.value),
            )
            for level in LEVELS
            if numbers.get(level)
        ]
        pledged = sum(numbers.values())
        text = _("%(number)s of %(whole)s") % {
            "number": figure(pledged), "whole": figure(counts.signatories),
        }  # fmt: skip
        text = text if pledged else _("not public")
        says = f"{found.title}: {text}"
        data.append(charts.Datum(found.title, text, parts, says, lists.commitment(found)))
    return Picture(
        "implementation",
        _("Pledges by what is known of their implementation"),
        _signatories(counts)
        + " "
        + _("A line covers only the signatories known to have pledged."),
        "bars",
        charts.bars(
            data,
            whole=counts.signatories,
            keys=[(level.value, str(level.label)) for level in LEVELS],
        ),
        ("commitment", "title", *(level.value for level in LEVELS), "signatories"),
        [
            [
                found.code,
                found.title,
                *(counts.implementation[found.code].get(level, 0) for level in LEVELS),
                counts.signatories,
            ]
            for found in commitments
        ],
    )  # fmt: skip


def compared(comparison: Comparison, counts: "Statistics", lists: Lists) -> Picture:
    """The chart of our percentages beside published ones."""
    data = []
    for one in comparison.shares:
        words = {
            "label": one.label,
            "ours": share(one.number, comparison.known),
            "theirs": share(one.published.percent, 100),
            "publisher": one.publisher,
        }
        ours = one.number / (comparison.known or 1)
        says = _("%(label)s: %(ours)s here") % words
        url = lists.companies(**{comparison.parameter: one.values})
        parts = [(ours, "full", "", says, url)]
        data.append(charts.Datum(one.label, f"{words['ours']} PactWatch", parts, says, url))
        says = _("%(label)s: %(theirs)s (%(publisher)s)") % words
        url = one.published.source.url
        parts = [(one.published.percent / 100, "theirs", "", says, url)]
        text = f"{words['theirs']} {one.publisher}"
        data.append(charts.Datum("", text, parts, says, url))
    return Picture(
        comparison.picture,
        _("Shares of signatories, here and as others published them: %(head)s")
        % {"head": comparison.head[:1].lower() + comparison.head[1:]},
        of_known(comparison.known, counts),
        "bars",
        charts.bars(data, whole=1.0),
        (comparison.parameter, "label", "signatories", "known", "published_percent", "publisher"),
        [
            [" ".join(one.values), one.label, one.number, comparison.known,
             one.published.percent, one.publisher]
            for one in comparison.shares
        ],
    )  # fmt: skip
