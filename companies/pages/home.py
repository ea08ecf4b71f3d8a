"""Home: the number of signatories, who is missing, what changed, and what is due next."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from companies import queries
from companies.models import DEFAULT_PACT, Citation, Company, Milestone, Pact, Signing

ABSENT_ON_HOME = 9  # of each group
CHANGES_ON_HOME = 4
MILESTONES_ON_HOME = 3
# Fields that two statuses must share to be one entry of the latest changes.
ALIKE = ("since", "pact_id", "status", "since_basis", "since_precision")
LAW = {Milestone.Topic.AI_ACT, Milestone.Topic.OMNIBUS}


def home(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    today = timezone.localdate()
    pact = queries.pact_or_none(DEFAULT_PACT)
    if pact is None:
        return render(request, "companies/home/empty.html")
    points = queries.signatories_over_time(pact, today)
    lists = queries.full_lists(queries.Clock())
    milestones = list(queries.milestones())
    ahead = [milestone for milestone in milestones if milestone.date >= today]
    years = timeline(milestones)
    context = {
        "pact": pact,
        "signatories": points[-1][1] if points else 0,
        "chart": step_chart(points, today, of=pact.listed_total or 0),
        "newest_list": lists.newest(pact),
        **absences(pact, today, lists),
        "changes": latest_changes(today),
        "milestones": ahead[:MILESTONES_ON_HOME],
        "past_years": [year for year in years if year.number < today.year],
        "past_events": sum(milestone.date.year < today.year for milestone in milestones),
        "years": [year for year in years if year.number >= today.year],
        "today": today,
        "lists_read": queries.lists_read(lists),
    }
    return render(request, "companies/home/home.html", context)


def absences(pact: Pact, today: datetime.date, lists: queries.FullLists) -> dict[str, Any]:
    """Who is no signatory, in groups that are never mixed: said no, not found on a list, left."""
    counts = queries.absence_counts(pact, today)
    groups = {
        "declined": (counts.declined, (Signing.Status.DECLINED,)),
        "looked_for": (counts.looked_for, (Signing.Status.NOT_SIGNED,)),
        "left": (counts.left, Signing.LEFT),
    }
    found: dict[str, list[Signing]] = {
        name: list(queries.absent(pact, today, *statuses)[:ABSENT_ON_HOME]) if number else []
        for name, (number, statuses) in groups.items()
    }
    lists.mark(found["looked_for"])
    large = any(one.company.size == Company.Size.LARGE for some in found.values() for one in some)
    return {"counts": counts, "large_are_absent": large, **found}


# The chart

# The browser stretches the picture, so its words are text beside it, at the reader's size.
CHART_WIDTH, CHART_HEIGHT = 440, 110


@dataclass(frozen=True)
class StepChart:
    """A number over time: its line and area as SVG paths, and the facts for its caption.

    `jump_on` and `jump_to` are the day of the largest rise and the number it led to; None when the
    number changed only once. `total_at` is the height of the last number from the top, in percent.
    """

    line: str
    area: str
    first: datetime.date
    last: datetime.date
    total: int
    total_at: int
    jump_on: datetime.date | None
    jump_to: int | None
    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT


def step_chart(
    points: Sequence[tuple[datetime.date, int]], today: datetime.date, *, of: int = 0
) -> StepChart | None:
    """The steps from the first change until `today`, on a scale that reaches `of`.

    None when nothing has changed yet.
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
    jump_on, jump_to = largest_rise(points) if len(points) > 1 else (None, None)
    return StepChart(
        path, f"{path} V{CHART_HEIGHT} Z", first, today, total, total_at, jump_on, jump_to
    )


def largest_rise(points: Sequence[tuple[datetime.date, int]]) -> tuple[datetime.date, int]:
    before = [0, *(number for _day, number in points)]
    rises = [number - before[i] for i, (_day, number) in enumerate(points)]
    return points[rises.index(max(rises))]


# The timeline


@dataclass(frozen=True)
class Year:
    """The milestones of one year: those of the pacts, and those of the law."""

    number: int
    pacts: Sequence[Milestone]
    law: Sequence[Milestone]


def timeline(milestones: Iterable[Milestone]) -> list[Year]:
    """The years of `milestones`, which are sorted by date."""
    found = []
    for number, in_year in groupby(milestones, key=attrgetter("date.year")):
        of_year = list(in_year)
        pacts = [milestone for milestone in of_year if milestone.topic not in LAW]
        law = [milestone for milestone in of_year if milestone.topic in LAW]
        found.append(Year(number, pacts, law))
    return found


@dataclass(frozen=True)
class Happening:
    """Companies with the same new status toward one pact on one day."""

    signings: list[Signing]

    @property
    def first(self) -> Signing:
        return self.signings[0]

    @property
    def shown(self) -> list[Company]:
        return [signing.company for signing in self.signings[:2]]

    @property
    def more(self) -> int:
        return len(self.signings) - len(self.shown)


def latest_changes(today: datetime.date) -> list[Happening]:
    """The newest statuses that have a source, those that are `ALIKE` in one entry."""
    proved = Exists(Citation.objects.filter(signing=OuterRef("pk")))
    begun = (
        Signing.objects.filter(proved, since__lte=today)
        .exclude(status=Signing.Status.UNKNOWN)
        .order_by("-since", "pact__position", *ALIKE, "company__name_folded")
    )
    grounds = begun.order_by("-since", "pact__position", *ALIKE).values(*ALIKE).distinct()
    shown = list(grounds[:CHANGES_ON_HOME])
    if not shown:
        return []
    signings = begun.filter(since__gte=shown[-1]["since"]).select_related("company", "pact")
    together = groupby(signings, key=attrgetter(*ALIKE))
    happenings = [Happening(list(alike)) for _ground, alike in together]
    return happenings[:CHANGES_ON_HOME]
