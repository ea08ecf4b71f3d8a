"""What waits for editors on the first page of the admin, and what Django’s templates lack."""

import re
from typing import Any

from django import template
from django.core.cache import cache
from django.db.models import Count, OuterRef, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from companies.models import (
    Citation,
    Correction,
    ImportRun,
    OfficialList,
    Proposal,
    QuoteCheck,
    RegisterVersion,
    Signing,
    Source,
    stronger_than_quote,
    without_quote,
)

register = template.Library()

# Tables that an editor opens a few times a year.
SETTINGS = {
    *("CompanyRedirect", "ListHeading", "OfficialList", "PublishedShare", "RefusedMatch"),
    "Sector",
}


@register.filter
def with_settings(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The applications of the admin, the rare tables of each under a heading of their own."""
    grouped = []
    for app in apps:
        rare = [one for one in app["models"] if one["object_name"] in SETTINGS]
        usual = [one for one in app["models"] if one not in rare]
        grouped += [{**app, "models": usual}] if usual else []
        grouped += [{**app, "name": _("Settings"), "models": rare}] if rare else []
    return grouped


@register.filter
def without_empty_headings(table: SafeString) -> str:
    """Empty cells in place of headings that name nothing."""
    return re.sub(r"<th([^>]*)></th>", r"<td\1></td>", table)


@register.simple_tag
def waiting_proposals() -> int:
    """How many proposals nobody decided yet."""
    return Proposal.objects.filter(state=Proposal.State.PROPOSED).count()


@register.simple_tag
def waiting_corrections() -> int:
    """How many corrections nobody decided yet."""
    return Correction.objects.waiting().count()


@register.simple_tag
def weak_evidence() -> dict[str, int]:
    """How much evidence is missing, and how many statuses say more than theirs."""
    version = RegisterVersion.objects.values_list("number", flat=True).first()
    return cache.get_or_set(f"evidence-{version}", _weak_evidence) or {}


def _weak_evidence() -> dict[str, int]:
    checks = QuoteCheck.objects.standing()
    results = dict(checks.order_by().values_list("result").annotate(Count("pk")))
    return {
        "lost": sum(results.get(one, 0) for one in QuoteCheck.LOST),
        "gone": results.get(QuoteCheck.Result.GONE, 0),
        "not_seen": sum(results.get(one, 0) for one in QuoteCheck.NOT_SEEN),
        "never_checked": Citation.objects.count() - sum(results.values()),
        "too_strong": len(stronger_than_quote(Signing.objects.all())),
        "without_quote": without_quote(Citation.objects.all()).count(),
        "without_date": Source.objects.filter(published_on=None).count(),
    }


@register.simple_tag
def last_attempts() -> list[tuple[OfficialList, ImportRun | None]]:
    """Each watched list with the newest attempt to read it, None before the first."""
    newest = ImportRun.objects.of_lists().filter(pact=OuterRef("pact"))
    newest = newest.order_by("-retrieved_at", "-pk")
    watched = list(
        OfficialList.objects.filter(watched=True)
        .select_related("pact")
        .annotate(last_run=Subquery(newest.values("pk")[:1]))
    )
    runs = ImportRun.objects.without_bytes().in_bulk([one.last_run for one in watched])
    return [(one, runs.get(one.last_run)) for one in watched]
