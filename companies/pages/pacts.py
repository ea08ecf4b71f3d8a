"""Pacts, their commitments, who has not signed them, and what the register counts."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Company, Milestone, Pact, Pledge, Region, Sector, Signing
from companies.register.statistics import Statistics, statistics

from .errors import answers_bad_queries

TOPICS = {
    "eu-ai-pact": [Milestone.Topic.AI_PACT],
    "gpai-code": [Milestone.Topic.GPAI_CODE],
}


@dataclass(frozen=True)
class Group:
    """Companies with the same status, and what that status means."""

    status: str
    label: str
    signings: list[Signing]


@answers_bad_queries
def absent(request: HttpRequest) -> HttpResponse:
    pact = queries.PactQuery(request.GET).chosen_pact
    today = timezone.localdate()
    signings = list(queries.absent(pact, today))
    groups = [
        Group(status, str(label), [s for s in signings if s.status == status])
        for status, label in Signing.Status.choices
    ]
    context = {
        "pact": pact,
        "pacts": Pact.objects.all(),
        "number": len(signings),
        "groups": [group for group in groups if group.signings],
    }
    return render(request, "companies/absent.html", context)


@answers_bad_queries
def commitments(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    pacts = Pact.objects.prefetch_related("commitments__pact").all()
    return render(request, "companies/commitments.html", {"pacts": pacts})


@answers_bad_queries
def commitment(request: HttpRequest, code: str) -> HttpResponse:
    pact = queries.PactQuery(request.GET).chosen_pact
    found = queries.commitments().filter(pact=pact, code=code).first()
    if found is None:
        raise Http404(_("This pact has no commitment called “%(code)s”.") % {"code": code[:100]})
    today = timezone.localdate()
    signatories = Signing.objects.on(today).signed().filter(pact=pact).values("company")
    pledges = queries.pledges().filter(commitment=found, company__in=signatories)
    evidenced = pledges.exclude(implementation=Pledge.Implementation.NO_EVIDENCE)
    by_level = dict(pledges.order_by().values_list("implementation").annotate(number=Count("pk")))
    context = {
        "commitment": found,
        "pledged": sum(by_level.values()),
        "signatories": signatories.count(),
        "levels": [
            (value, label, by_level.get(value, 0))
            for value, label in Pledge.Implementation.choices
            if by_level.get(value) or value != Pledge.Implementation.EVIDENCE_WITHDRAWN
        ],
        "evidenced": evidenced,
    }
    return render(request, "companies/commitment.html", context)


@answers_bad_queries
def pacts(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    today = timezone.localdate()
    in_force = Q(signings__since__lte=today) & (
        Q(signings__until__isnull=True) | Q(signings__until__gt=today)
    )
    signed = Count("signings", filter=in_force & Q(signings__status=Signing.Status.SIGNED))
    return render(
        request, "companies/pacts.html", {"pacts": Pact.objects.annotate(signatories=signed)}
    )


@answers_bad_queries
def pact(request: HttpRequest, slug: str) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    found = queries.pact_or_404(slug)
    counts = statistics(found, timezone.localdate())
    context = {
        "pact": found,
        "counts": counts,
        "statuses": [
            (value, label, counts.by_status.get(value, 0))
            for value, label in Signing.Status.choices
            if counts.by_status.get(value) and value != Signing.Status.UNKNOWN
        ],
        "commitments": found.commitments.select_related("pact"),
        "milestones": queries.milestones().filter(topic__in=TOPICS.get(slug, [])),
    }
    return render(request, "companies/pact.html", context)


@dataclass(frozen=True)
class Breakdown:
    """One table of the statistics: its rows as (value, label, number)."""

    anchor: str
    title: str
    parameter: str
    rows: list[tuple[str, str, int]]
    total: int


@answers_bad_queries
def statistics_page(request: HttpRequest) -> HttpResponse:
    chosen = queries.PactQuery(request.GET).chosen_pact
    counts = statistics(chosen, timezone.localdate())
    known = counts.signatories - counts.by_region[Region.UNKNOWN]
    shares = [
        (str(Region(region).label), counts.by_region[region], published)
        for region, published in ((Region.EU, 63), (Region.US, 23), (Region.OTHER, 14))
    ]
    outside = counts.by_region[Region.US] + counts.by_region[Region.OTHER]
    context = {
        "pact": chosen,
        "pacts": Pact.objects.all(),
        "counts": counts,
        "breakdowns": breakdowns(counts),
        "known": known,
        "shares": shares,
        "outside": outside,
        "commitments": [
            (c, counts.implementation[c.code]) for c in chosen.commitments.select_related("pact")
        ],
        "levels": Pledge.Implementation.choices[:4],
    }
    return render(request, "companies/statistics.html", context)


def breakdowns(counts: Statistics) -> list[Breakdown]:
    unknown = {"unknown": _("not known")}
    sectors = {sector.code: sector.label for sector in Sector.objects.all()}
    tables: list[tuple[str, str, dict[str, int], dict[str, Any]]] = [
        ("region", _("By headquarters"), counts.by_region, dict(Region.choices)),
        ("country", _("By country"), counts.by_country, queries.country_labels() | unknown),
        ("sector", _("By sector"), counts.by_sector, sectors | unknown),
        ("size", _("By size"), counts.by_size, dict(Company.Size.choices)),
        ("role", _("By role under the AI Act"), counts.by_role, dict(Company.Role.choices)),
    ]
    return [
        Breakdown(
            f"by-{parameter}",
            title,
            parameter,
            [(value, str(labels.get(value, value)), number) for value, number in rows.items()],
            counts.signatories,
        )
        for parameter, title, rows, labels in tables
    ]
