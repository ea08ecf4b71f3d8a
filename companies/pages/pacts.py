"""Pacts and their commitments."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Pact, Pledge, Signing

from .definitions import LEVELS, statuses


def commitments(request: HttpRequest) -> HttpResponse:
    found = queries.CommitmentFilter.of(request)
    day = found.day
    found.queryset = queries.counted_commitments(day)
    context = {
        "page": found.page_of_rows(),
        "pact": found.form.cleaned_data["pact"],
        "pacts": Pact.objects.all(),
    }
    return render(request, "companies/pacts/commitments.html", context)


@dataclass(frozen=True)
class Level:
    """The pledges with one level of implementation."""

    value: str
    label: str
    pledges: list[Pledge]


def commitment(request: HttpRequest, code: str) -> HttpResponse:
    query = queries.CommitmentQuery.of(request)
    pact, day = query.chosen_pact, query.day
    found = queries.commitments().filter(pact=pact, code=code).first()
    if found is None:
        raise Http404(_("This pact has no commitment called “%(code)s”.") % {"code": code[:100]})
    signed = Signing.objects.on(day).signed().filter(pact=pact).values("company")
    pledges = queries.pledges(day).filter(commitment=found, company__in=signed)
    levels = [
        Level(level, str(level.label), [p for p in pledges if p.implementation == level])
        for level in LEVELS
    ]
    context = {
        "pact": pact,
        "commitment": found,
        "signatories": queries.signatories(pact, day),
        "pledged": len(pledges),
        "levels": [level for level in levels if level.pledges],
        "evidence": [level for level in levels[:-1] if level.pledges],
        "without_evidence": levels[-1],
    }
    return render(request, "companies/pacts/commitment.html", context)


def pacts(request: HttpRequest) -> HttpResponse:
    day = queries.DayQuery.of(request).day
    context = {"pacts": queries.counted_pacts(day)}
    return render(request, "companies/pacts/pacts.html", context)


def pact(request: HttpRequest, slug: str) -> HttpResponse:
    day = queries.DayQuery.of(request).day
    found = queries.pact_or_404(slug)
    counts = queries.statistics_of(found, day) if found.was_read else None
    context = {
        "pact": found,
        "counts": counts,
        "statuses": statuses(counts.by_status) if counts else [],
        "commitments": queries.counted_commitments(day).filter(pact=found),
        "milestones": queries.milestones().filter(pact=found),
    }
    return render(request, "companies/pacts/pact.html", context)
