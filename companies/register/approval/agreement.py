"""Which statuses need two people, and who already agreed to a proposal.

A status that can harm a company is entered by one person and published by another.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from companies.models import ImportRun, Proposal, Signing, SigningQuerySet
from companies.register.stored_rows import puts_in_force

Status = Signing.Status


def guarded_statuses() -> frozenset[str]:
    """The statuses that need a second person."""
    everything = frozenset(Status.values)
    return {"all": everything, "off": frozenset[str]()}.get(
        settings.SECOND_PERSON, frozenset(Signing.HARMFUL)
    )


def guarded_periods(companies: Iterable[int]) -> SigningQuerySet:
    """The periods in force of these companies whose status needs a second person."""
    return Signing.objects.on(timezone.localdate()).filter(
        company__in=companies, status__in=guarded_statuses()
    )


def needs_two(proposal: Proposal) -> bool:
    """Whether applying the proposal needs two people, or was approved by one before."""
    if settings.SECOND_PERSON == "off":
        return False
    if proposal.approved_by_id:
        return True
    if proposal.rows:
        # An entry is only stored because one person may not publish it.
        return proposal.run.kind == ImportRun.Kind.ENTRY or any(
            _is_guarded(row) for row in proposal.rows
        )
    status = proposal.new.get("status") or ("since" in proposal.new and proposal.old.get("status"))
    return status in guarded_statuses()


def _is_guarded(row: Mapping[str, Any]) -> bool:
    """Whether a row of an editor's entry, or of the package, puts a guarded status in force."""
    if row.get("model") == "signing":
        return puts_in_force(row["old"], row["new"], guarded_statuses())
    if row.get("table") != "signings" or row["new"] is None:
        return False
    return ((row["old"] or {}) | row["new"]).get("status") in guarded_statuses()


def first_person(proposal: Proposal) -> int | None:
    """The user who approved the proposal first, or entered it."""
    if proposal.approved_by_id:
        return proposal.approved_by_id
    run = proposal.run
    return run.started_by_id if run.kind in (run.Kind.SPREADSHEET, run.Kind.ENTRY) else None
