"""What the register counts, and why others count differently."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from companies import queries
from companies.models import DEFAULT_PACT, Pact, Source
from companies.register.statistics import statistics as statistics_of

from .breakdowns import COMMISSION, STUDY, breakdowns, comparisons, outside_the_union
from .definitions import statuses
from .errors import answers_bad_queries
from .pacts import LEVELS


@answers_bad_queries
def statistics(request: HttpRequest) -> HttpResponse:
    asked = queries.PactQuery(request.GET)
    pact = asked.chosen_pact
    counts = statistics_of(pact, asked.day)
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
