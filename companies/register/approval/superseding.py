"""Preserves a first approval when a newer import run finds the same difference."""

from collections.abc import Sequence

from django.db.models import QuerySet

from companies.models import Proposal


def supersede(open_ones: QuerySet[Proposal], found: Sequence[Proposal]) -> list[Proposal]:
    """Close the open proposals that `found` replaces; returns those of `found` to create.

    A proposal with a first approval stays open if `found` has the same difference, which is not
    created again: else the second person could never approve the same on a list that changes
    every day. It keeps its list and the date on which the difference was first seen.
    """
    differences = [one.difference for one in found]
    approved = open_ones.filter(approved_by__isnull=False, difference__in=differences)
    approved_before = dict(approved.values_list("pk", "difference"))
    open_ones.exclude(pk__in=approved_before).update(state=Proposal.State.SUPERSEDED)
    still_open = set(approved_before.values())
    return [one for one in found if one.difference not in still_open]


def carry_over(open_ones: QuerySet[Proposal], found: Sequence[Proposal]) -> None:
    """Close the open proposals; those in `found` with the same values get their first approval."""
    approved = {one.difference: one for one in open_ones.filter(approved_by__isnull=False)}
    for one in found:
        if before := approved.get(one.difference):
            one.approved_by, one.approved_at = before.approved_by, before.approved_at
            one.approved, one.reason = before.approved, before.reason
    open_ones.update(state=Proposal.State.SUPERSEDED)
