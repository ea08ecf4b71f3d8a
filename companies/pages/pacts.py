"""Pacts, their commitments, who has not signed them, and what the register counts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from companies import queries
from companies.models import DEFAULT_PACT, Milestone, Pact, Pledge, Signing, Source
from companies.register.statistics import signatories, statistics

from .breakdowns import COMMISSION, STUDY, breakdowns, comparisons, outside_the_union
from .definitions import STATUSES
from .errors import answers_bad_queries

# What one reads first: who said no, then who is missing, then who left.
ABSENCES = (
    Signing.Status.DECLINED,
    Signing.Status.NOT_SIGNED,
    Signing.Status.REMOVED,
    Signing.Status.WITHDRAWN,
    Signing.Status.INTERESTED,
)
# The most that is known comes first.
LEVELS = (
    Pledge.Implementation.FULL,
    Pledge.Implementation.PARTIAL,
    Pledge.Implementation.PLANNED,
    Pledge.Implementation.EVIDENCE_WITHDRAWN,
    Pledge.Implementation.NO_EVIDENCE,
)
TOPICS = {
    "eu-ai-pact": [Milestone.Topic.AI_PACT],
    "gpai-code": [Milestone.Topic.GPAI_CODE],
}


@dataclass(frozen=True)
class Group:
    """Companies that stand alike toward a pact, and what that means."""

    status: str
    label: str
    meaning: str
    signings: list[Signing]


@answers_bad_queries
def absent(request: HttpRequest) -> HttpResponse:
    asked = queries.PactQuery(request.GET)
    pact, today = asked.chosen_pact, asked.day
    signings = list(queries.absent(pact, today))
    context = {
        "pact": pact,
        "pacts": Pact.objects.all(),
        "today": today,
        "number": len(signings),
        "declined": sum(s.status == Signing.Status.DECLINED for s in signings),
        "groups": absence_groups(signings),
    }
    return render(request, "companies/absent.html", context)


def absence_groups(signings: Iterable[Signing]) -> list[Group]:
    groups = [
        Group(
            status,
            str(status.label),
            str(STATUSES[status]),
            [signing for signing in signings if signing.status == status],
        )
        for status in ABSENCES
    ]
    return [group for group in groups if group.signings]


@answers_bad_queries
def commitments(request: HttpRequest) -> HttpResponse:
    found = queries.CommitmentFilter(request.GET)
    today = found.day
    found.queryset = queries.counted_commitments(today)
    context = {
        "page": found.page_of_rows(),
        "pact": found.form.cleaned_data["pact"],
        "pacts": Pact.objects.all(),
        "today": today,
    }
    return render(request, "companies/commitments.html", context)


@dataclass(frozen=True)
class Level:
    """The pledges of which equally much is known."""

    value: str
    label: str
    pledges: list[Pledge]


@answers_bad_queries
def commitment(request: HttpRequest, code: str) -> HttpResponse:
    asked = queries.PactQuery(request.GET)
    pact, today = asked.chosen_pact, asked.day
    found = queries.commitments().filter(pact=pact, code=code).first()
    if found is None:
        raise Http404(_("This pact has no commitment called “%(code)s”.") % {"code": code[:100]})
    signed = Signing.objects.on(today).signed().filter(pact=pact).values("company")
    pledges = queries.pledges(today).filter(commitment=found, company__in=signed)
    levels = [
        Level(level, str(level.label), [p for p in pledges if p.implementation == level])
        for level in LEVELS
    ]
    context = {
        "pact": pact,
        "commitment": found,
        "today": today,
        "signatories": signatories(pact, today),
        "pledged": len(pledges),
        "levels": [level for level in levels if level.pledges],
        "evidence": [level for level in levels[:-1] if level.pledges],
        "without_evidence": levels[-1],
    }
    return render(request, "companies/commitment.html", context)


@answers_bad_queries
def pacts(request: HttpRequest) -> HttpResponse:
    today = queries.DayQuery(request.GET).day
    context = {"pacts": queries.counted_pacts(today), "today": today}
    return render(request, "companies/pacts.html", context)


@answers_bad_queries
def pact(request: HttpRequest, slug: str) -> HttpResponse:
    today = queries.DayQuery(request.GET).day
    found = queries.pact_or_404(slug)
    found.forget_after(today)
    counts = statistics(found, today)
    context = {
        "pact": found,
        "today": today,
        "counts": counts,
        "statuses": statuses(counts.by_status),
        "commitments": queries.counted_commitments(today).filter(pact=found),
        "milestones": queries.milestones().filter(topic__in=TOPICS.get(slug, [])),
    }
    return render(request, "companies/pact.html", context)


def statuses(by_status: dict[str, int]) -> list[tuple[str, str, int]]:
    """The statuses that some company has, as (value, label, number)."""
    return [
        (str(status), str(status.label), by_status[status])
        for status in STATUSES
        if by_status.get(status)
    ]


@answers_bad_queries
def statistics_page(request: HttpRequest) -> HttpResponse:
    asked = queries.PactQuery(request.GET)
    pact = asked.chosen_pact
    counts = statistics(pact, asked.day)
    context = {
        "pact": pact,
        "pacts": Pact.objects.all(),
        "counts": counts,
        "statuses": statuses(counts.by_status),
        "breakdowns": breakdowns(counts),
        "comparisons": comparisons(counts)
        if pact.slug == DEFAULT_PACT and pact.listed_total
        else [],
        "outside": outside_the_union(counts),
        "sources": Source.objects.filter(slug__in=[COMMISSION, STUDY]).order_by("slug"),
        "implementation": [
            (found, implementation_row(counts.implementation[found.code]))
            for found in queries.counted_commitments(counts.day).filter(pact=pact)
        ],
        "levels": [(str(level), str(level.label)) for level in LEVELS],
    }
    return render(request, "companies/statistics.html", context)


def implementation_row(numbers: dict[str, int]) -> list[tuple[str, str, int]]:
    """One commitment's pledges by level, as (value, label, number)."""
    return [(str(level), str(level.label), numbers.get(level, 0)) for level in LEVELS]
