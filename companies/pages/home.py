"""Home: how many signed, who is missing, what changed, and what is due next."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from companies import queries
from companies.models import DEFAULT_PACT, Citation, Company, Milestone, Pact, Signing, Source
from companies.pages.statistics.charts import step_chart
from companies.queries.readings import lists_read
from companies.queries.statistics import signatories_over_time

from .errors import register_page

ABSENT_ON_HOME = 9
CHANGES_ON_HOME = 4
MILESTONES_ON_HOME = 3
# What two periods must share to be told in one sentence.
ALIKE = ("since", "pact_id", "status", "since_basis", "since_precision")
LAW = {Milestone.Topic.AI_ACT, Milestone.Topic.OMNIBUS}


@register_page
def home(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    today = timezone.localdate()
    pact = queries.pact_or_none(DEFAULT_PACT)
    if pact is None:
        return render(request, "companies/home/empty.html")
    points = signatories_over_time(pact, today)
    absent = queries.absent(pact, today)
    milestones = list(queries.milestones())
    ahead = [milestone for milestone in milestones if milestone.date >= today]
    years = timeline(milestones)
    context = {
        "pact": pact,
        "signatories": points[-1][1] if points else 0,
        "chart": step_chart(points, today, of=pact.listed_total or 0),
        "last_list_on": last_list_on(pact),
        "absent_count": absent.count(),
        "large_are_absent": absent.filter(company__size=Company.Size.LARGE).exists(),
        "absent": absent[:ABSENT_ON_HOME],
        "changes": latest_changes(today),
        "milestones": ahead[:MILESTONES_ON_HOME],
        "past_years": [year for year in years if year.number < today.year],
        "past_events": sum(milestone.date.year < today.year for milestone in milestones),
        "years": [year for year in years if year.number >= today.year],
        "today": today,
        "lists_read": lists_read(),
    }
    return render(request, "companies/home/home.html", context)


def last_list_on(pact: Pact) -> datetime.date | None:
    """The day of the newest official list that we could read."""
    lists = Source.objects.filter(
        kind=Source.Kind.OFFICIAL_LIST, citations__signing__pact=pact, published_on__isnull=False
    )
    return lists.order_by("-published_on").values_list("published_on", flat=True).first()


@dataclass(frozen=True)
class Year:
    """What one year brought to the pacts, and what to the law."""

    number: int
    pacts: Sequence[Milestone]
    law: Sequence[Milestone]


def timeline(milestones: Iterable[Milestone]) -> list[Year]:
    """The years of `milestones`, which are in the order of their dates."""
    found = []
    for number, in_year in groupby(milestones, key=attrgetter("date.year")):
        of_year = list(in_year)
        pacts = [milestone for milestone in of_year if milestone.topic not in LAW]
        law = [milestone for milestone in of_year if milestone.topic in LAW]
        found.append(Year(number, pacts, law))
    return found


@dataclass(frozen=True)
class Happening:
    """What one day brought to one pact: several companies with the same new status."""

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
    """The newest beginnings of a status; those of one day on the same ground stand together."""
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
