"""Where companies stand toward one pact on one day, for the database to filter and count."""

import datetime
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Change,
    Commitment,
    CompanyRedirect,
    Pact,
    Pledge,
    PledgeQuerySet,
    Signing,
    implementation_on,
    with_report_state,
)

WITHOUT_EVIDENCE = (Pledge.Implementation.NO_EVIDENCE, Pledge.Implementation.EVIDENCE_WITHDRAWN)


class EvidenceLevel(models.TextChoices):
    """For how many of a pact's core commitments there is evidence of a signatory's doing."""

    NONE = "none", _("for no core commitment")
    SOME = "some", _("for some core commitments")
    ALL = "all", _("for all core commitments")


def evidenced(pledges: PledgeQuerySet, day: datetime.date) -> PledgeQuerySet:
    """Pledges for whose implementation there was evidence on `day`."""
    return pledges.alias(then=implementation_on(day)).exclude(then__in=WITHOUT_EVIDENCE)


def number_of(rows: QuerySet[Any], group: str) -> Coalesce:
    """How many of `rows`, which share one value of `group`, as a subquery."""
    counted = rows.order_by().values(group).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def core_pledges(pact: Pact) -> PledgeQuerySet:
    return Pledge.objects.filter(commitment__pact=pact, commitment__kind=Commitment.Kind.CORE)


def evidence_level(done: int, core: int) -> str:
    """Where a signatory stands with evidence for `done` of `core` commitments."""
    if done >= core:
        return str(EvidenceLevel.ALL)
    return str(EvidenceLevel.SOME if done else EvidenceLevel.NONE)


def evidence_rules(pact: Pact, core: int, day: datetime.date) -> dict[str, Q]:
    """Which signatories stand at which level, `core` being the number of core commitments."""
    done = (
        evidenced(core_pledges(pact), day).order_by().values("company").annotate(done=Count("pk"))
    )
    return {
        EvidenceLevel.NONE: ~Q(pk__in=done.values("company")),
        EvidenceLevel.SOME: Q(pk__in=done.filter(done__lt=core).values("company")),
        EvidenceLevel.ALL: Q(pk__in=done.filter(done__gte=core).values("company")),
    }


def report_states(pact: Pact, day: datetime.date) -> Any:
    """The periods of signatories with their `report_state`; none where no report is invited."""
    months = pact.report_after_months or 0
    signed = Signing.objects.on(day).signed().filter(pact=pact)
    return with_report_state(signed if months else signed.none(), months=months, day=day)


def with_last_change(companies: Any) -> Any:
    """Companies with `changed_at`, when the register last recorded a change of theirs."""
    recorded = Change.objects.order_by("-number").values("recorded_at")
    former = CompanyRedirect.objects.filter(company=OuterRef(OuterRef("pk"))).values("old_slug")
    return companies.annotate(
        changed_at=Coalesce(
            Subquery(recorded.filter(company_slug=OuterRef("slug"))[:1]),
            Subquery(recorded.filter(company_slug__in=former)[:1]),
        )
    )
