"""Pages of pacts and commitments, and the timeline."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from companies import queries
from companies.models import DEFAULT_PACT, Milestone, Pact, Pledge
from companies.queries.wording.counted import known_in_a_sentence, pledged_in_sentences

from .definitions import statuses

NO_EVIDENCE = Pledge.Implementation.NO_EVIDENCE


def commitments(request: HttpRequest) -> HttpResponse:
    found = queries.CommitmentFilter.of(request)
    found.queryset = queries.commitments()
    page = found.page_of_rows()
    page.object_list = queries.with_counts(page.object_list, found.clock)
    context = {
        "page": page,
        "pact": found.form.cleaned_data["pact"],
        "pacts": Pact.objects.all(),
    }
    return render(request, "companies/pacts/commitments.html", context)


@dataclass(frozen=True)
class Level:
    """The pledges with one level of implementation: how many, and those of this page.

    They begin on the page `begins`.
    """

    value: str
    label: str
    number: int
    begins: int
    pledges: list[Pledge]


def commitment(request: HttpRequest, code: str) -> HttpResponse:
    query = queries.CommitmentQuery.of(request)
    pact, day = query.chosen_pact, query.day
    found = query.commitment(code)
    page, counts = query.page_of_pledges(found), query.counts(found)
    shown = levels(page, counts)
    pledged = sum(counts.values())
    signed = queries.signatories(pact, query.clock)
    said = pledged_in_sentences(found, pact, pledged, signed, day)
    context = {
        "pact": pact,
        "commitment": found,
        "said": said,
        "page": page,
        "pledged": pledged,
        "companies_query": "?" + urlencode({"pact": pact.slug, "commitment": found.code}),
        "levels": shown,
        "evidence": [level for level in shown if level.value != NO_EVIDENCE and level.pledges],
        "without_evidence": next((one for one in shown if one.value == NO_EVIDENCE), None),
    }
    return render(request, "companies/pacts/commitment.html", context)


def levels(page: Page[Pledge], counts: Mapping[str, int]) -> list[Level]:
    """The levels with a pledge."""
    found, before = [], 0
    for level in filter(counts.get, queries.LEVELS):
        number, begins = counts[level], before // page.paginator.per_page + 1
        pledges = [one for one in page if one.implementation == level]
        found.append(Level(level.value, str(level.label), number, begins, pledges))
        before += number
    return found


def pacts(request: HttpRequest) -> HttpResponse:
    query = queries.DayQuery.of(request)
    context = {"pacts": queries.with_signatories(Pact.objects.with_reading(), query.clock)}
    return render(request, "companies/pacts/pacts.html", context)


def pact(request: HttpRequest, slug: str) -> HttpResponse:
    query = queries.DayQuery.of(request)
    day = query.day
    found = queries.pact_or_404(slug)
    counts = queries.statistics_of(found, query.clock) if found.was_read else None
    context = {
        "pact": found,
        "said": [known_in_a_sentence(found, counts.signatories if counts else 0)],
        "counts": counts,
        "statuses": statuses(counts.by_status) if counts else [],
        "commitments": queries.with_counts(queries.commitments().filter(pact=found), query.clock),
        **timeline(milestones_beside(found), day),
    }
    return render(request, "companies/pacts/pact.html", context)


# The timeline

LAW = {Milestone.Topic.AI_ACT, Milestone.Topic.OMNIBUS}


@dataclass(frozen=True)
class Year:
    """The milestones of one year: those of the pacts, and those of the law."""

    number: int
    pacts: Sequence[Milestone]
    law: Sequence[Milestone]


def milestones_beside(pact: Pact) -> list[Milestone]:
    """The milestones of a pact and of the law; for the EU AI Pact those of all pacts."""
    found = queries.milestones()
    if pact.slug == DEFAULT_PACT:
        return list(found)
    return list(found.filter(Q(pact=pact) | Q(topic__in=LAW)))


def timeline(milestones: Iterable[Milestone], day: datetime.date) -> dict[str, Any]:
    """The years of `milestones`, sorted by date: those before the year of `day`, and the rest."""
    years = []
    for number, in_year in groupby(milestones, key=attrgetter("date.year")):
        of_year = list(in_year)
        pacts = [milestone for milestone in of_year if milestone.topic not in LAW]
        law = [milestone for milestone in of_year if milestone.topic in LAW]
        years.append(Year(number, pacts, law))
    past = [year for year in years if year.number < day.year]
    return {
        "past_years": past,
        "past_events": sum(len(year.pacts) + len(year.law) for year in past),
        "years": [year for year in years if year.number >= day.year],
    }
