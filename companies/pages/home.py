"""The home page: who signed, who is not on the list, what is new, and what is next."""

import datetime
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html

from companies import queries
from companies.models import Citation, Milestone, Pact, PartialDate, Precision, Signing
from companies.queries.records.prepared import ANY_DAY, ANY_KEY, Prepared, placeholder_texts
from companies.queries.roster.table_state import state
from companies.queries.wording.counted import known_in_a_sentence
from pactwatch.page_fragments import content_of, render_cached

NAMES_ON_HOME = 9  # of each list; the style sheet leaves the first five on a phone
EVENTS_ON_HOME = 3
NAMED = 2  # companies of an event
DATES_ON_HOME = 3
SOON = 30  # days, within which a date says how many are left
# What two statuses must share to be one event.
ALIKE = ("since", "pact_id", "status", "since_basis", "since_precision")
# Not being on a list is what we saw, and so no event of the world.
EVENTS = (Signing.Status.SIGNED, Signing.Status.DECLINED, *Signing.LEFT)


def home(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    clock = queries.Clock()
    shown = on_home(clock)
    if shown is None:
        return render(request, "companies/home/empty.html")
    return render_cached(
        request,
        "companies/home/home.html",
        lambda: around(shown, clock.day),
        key=(state().shared, clock, shown.content, shown.points),
        parts={},
    )


class OnHome(NamedTuple):
    """What home shows, in no language yet: `points` of the chart, and the rest with its content."""

    pact: Pact
    points: tuple[tuple[datetime.date, int], ...]
    rest: dict[str, Any]
    content: Hashable

    @property
    def signatories(self) -> int:
        return self.points[-1][1] if self.points else 0


def around(shown: OnHome, today: datetime.date) -> dict[str, Any]:
    """The context of the page, called only if the fragment is not cached."""
    pact, newest = shown.pact, shown.rest["newest_list"]
    total, listed_on = pact.listed_total or 0, newest.day if newest else None
    return shown.rest | {
        "signatories": shown.signatories,
        "chart": step_chart(shown.points, today, of=total, listed_on=listed_on),
        "said": [known_in_a_sentence(pact, shown.signatories)],
    }


@queries.cached
def on_home(clock: queries.Clock) -> OnHome | None:
    """The data of home, without any language; None if the register is empty."""
    pact = queries.first_pact(clock)
    if pact is None:
        return None
    points, rest = queries.signatories_over_time(pact, clock), _but_the_chart(pact, clock)
    return OnHome(pact, tuple(points), rest, content_of(rest))


def _but_the_chart(pact: Pact, clock: queries.Clock) -> dict[str, Any]:
    today, lists = clock.day, queries.full_lists(clock)
    newest, milestones = lists.newest(pact), queries.known_milestones()
    absent = queries.most_cited(pact, clock, Signing.Status.NOT_SIGNED, NAMES_ON_HOME)
    lists.mark(absent)
    return {
        "pact": pact,
        "signed": queries.most_cited(pact, clock, Signing.Status.SIGNED, NAMES_ON_HOME),
        "absent": absent,
        "counts": queries.absence_counts(pact, clock),
        "newest_list": newest,
        "list_day": newest_day(absent),
        "events": latest_events(milestones, today),
        "dates": next_dates(milestones, today),
        "first_year": milestones[0].date.year if milestones else None,
        "lists_read": queries.lists_read(lists),
    }


def newest_day(absent: Iterable[Signing]) -> PartialDate | None:
    """The date of the newest list without any of these companies."""
    days = [one.lists_without.last for one in absent if one.lists_without]
    return max(days, key=attrgetter("date"), default=None)


# The chart

# The browser stretches the picture, so its words are text beside it, at the reader's size.
CHART_WIDTH, CHART_HEIGHT = 440, 110
WIDE_ENOUGH = 60  # percent of the chart, from which its longest words fit


@dataclass(frozen=True)
class StepChart:
    """A small step chart: line and area as SVG paths, and facts for its description.

    `total_at` is the distance of the last number from the top, in percent. `unread_at` is the
    middle of the time since the last list, in percent of the width; None if that is short.
    """

    line: str
    area: str
    first: datetime.date
    last: datetime.date
    total: int
    total_at: int
    unread_at: int | None = None
    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT


def step_chart(
    points: Sequence[tuple[datetime.date, int]],
    today: datetime.date,
    *,
    of: int = 0,
    listed_on: datetime.date | None = None,
) -> StepChart | None:
    """Build the chart from the first change to `today`, on a scale that reaches `of`.

    None without any change. `listed_on` is the date of the newest list.
    """
    if not points:
        return None
    first = points[0][0]
    days = max((today - first).days, 1)
    highest = max(of, *(number for _day, number in points)) or 1
    total = points[-1][1]

    def x(day: datetime.date) -> float:
        return round(CHART_WIDTH * (day - first).days / days, 1)

    def y(number: int) -> float:
        return round(CHART_HEIGHT - (CHART_HEIGHT - 2) * number / highest, 1)

    path = f"M0 {CHART_HEIGHT}" + "".join(f" H{x(day)} V{y(number)}" for day, number in points)
    path += f" H{CHART_WIDTH}"
    total_at = round(100 * y(total) / CHART_HEIGHT)
    unread_at = middle_until_end(x(max(listed_on, first))) if listed_on else None
    return StepChart(path, f"{path} V{CHART_HEIGHT} Z", first, today, total, total_at, unread_at)


def middle_until_end(x: float) -> int | None:
    """The middle between `x` and the chart's end in percent; None if a label does not fit."""
    begin = 100 * x / CHART_WIDTH
    return round((begin + 100) / 2) if 100 - begin >= WIDE_ENOUGH else None


# What is new, and what comes next


@dataclass(frozen=True)
class StatusNews:
    """Companies with the same new status toward one pact on one day; the first are named."""

    signings: list[Signing]
    number: int

    @property
    def first(self) -> Signing:
        return self.signings[0]

    @property
    def links(self) -> list[str]:
        """Links to the records of the named companies."""
        shown = [signing.company for signing in self.signings]
        return [
            format_html('<a href="{}"><bdi>{}</bdi></a>', one.get_absolute_url(), one.name)
            for one in shown
        ]

    @property
    def more(self) -> int:
        return max(self.number - NAMED, 0)


@dataclass(frozen=True)
class NewsItem:
    """One day's news: new statuses, or a milestone."""

    when: PartialDate
    happening: StatusNews | None = None
    milestone: Milestone | None = None


@dataclass(frozen=True)
class KeyDate:
    """An upcoming milestone, with a countdown if it is near and its day known."""

    milestone: Milestone
    days: int | None


def latest_events(milestones: Iterable[Milestone], today: datetime.date) -> list[NewsItem]:
    """The newest statuses and milestones by date in the world, newest first."""
    events = [NewsItem(one.first.started, happening=one) for one in latest_status_news(today)]
    past = [one for one in milestones if one.date < today]
    events += [NewsItem(one.when, milestone=one) for one in past[-EVENTS_ON_HOME:]]
    events.sort(key=attrgetter("when.date"), reverse=True)
    return events[:EVENTS_ON_HOME]


def latest_status_news(today: datetime.date) -> list[StatusNews]:
    """The newest sourced statuses, grouped if `ALIKE`.

    Read one day at a time, newest first: a large register has most statuses on few days.
    """
    days, grounds, alike = _begun()
    found: list[StatusNews] = []
    day = today + datetime.timedelta(days=1)
    while len(found) < EVENTS_ON_HOME and (before := days.values([day])):
        ((day,),) = before
        for *ground, number in grounds.values([day]):
            found.append(StatusNews(alike.of(ground), number))
    return found[:EVENTS_ON_HOME]


@cache
def _begun() -> tuple[Prepared[Signing], Prepared[Signing], Prepared[Signing]]:
    """The last day before a day on which statuses begun, what is `ALIKE` on a day, and who is."""
    proved = Exists(Citation.objects.filter(signing=OuterRef("pk")))
    begun = Signing.objects.filter(proved, status__in=EVENTS)
    days = begun.filter(since__lt=ANY_DAY).order_by("-since").values_list("since")[:1]
    grounds = begun.filter(since=ANY_DAY).values(*ALIKE).annotate(number=Count("pk"))
    grounds = grounds.order_by("pact__position", *ALIKE).values_list(*ALIKE, "number")
    values = (ANY_DAY, ANY_KEY, *placeholder_texts(3))
    ground: dict[str, Any] = dict(zip(ALIKE, values, strict=True))
    alike = begun.filter(**ground).select_related("company", "pact")
    return (
        Prepared(days, [ANY_DAY]),
        Prepared(grounds, [ANY_DAY]),
        Prepared(alike.order_by("company__name_folded")[:NAMED], [*ground.values()]),
    )


def next_dates(milestones: Iterable[Milestone], today: datetime.date) -> list[KeyDate]:
    """The next milestones from `today` on."""
    ahead = [one for one in milestones if one.date >= today]
    return [KeyDate(one, days_until(one.when, today)) for one in ahead[:DATES_ON_HOME]]


def days_until(when: PartialDate, today: datetime.date) -> int | None:
    days = (when.date - today).days
    return days if when.precision == Precision.DAY and days <= SOON else None
