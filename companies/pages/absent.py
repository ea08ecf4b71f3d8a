"""Who has not signed: each with what is known of why, and never a bare no."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from companies import queries
from companies.models import Pact, Signing

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
