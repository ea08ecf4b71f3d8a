"""Decide which rows a merge drops and which values it takes over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.models import (
    CompanyName,
    CompanyRedirect,
    Pledge,
    ProgressReport,
    Retraction,
    Signing,
)

from .clashes import Choice, Clash, MergePreview

# What says which fact a row is: the same in both rows, but for the company.
IDENTITY = ("company", "pact", "commitment", "period")
# What a fact of the merged company may bring into the row of the other: all the rest of it.
TAKEN: dict[type[models.Model], tuple[str, ...]] = {
    model: tuple(
        own.name
        for own in model._meta.concrete_fields
        if not own.primary_key and own.name not in IDENTITY
    )
    for model in (Signing, Pledge, ProgressReport)
}
STARTS = ("since", "since_precision", "since_basis")


@dataclass
class Plan:
    """Rows to drop, each with the row that gets its citations, and rows that take values over.

    `profile` names the fields of the merged record that the remaining company takes over.
    """

    dropped: dict[Any, Any] = field(default_factory=dict)
    taken: list[tuple[Any, Any, tuple[str, ...]]] = field(default_factory=list)
    profile: list[str] = field(default_factory=list)


def plan_of(seen: MergePreview, decisions: Mapping[str, str]) -> Plan:
    """Plan the merge; raises ValidationError for invalid or contradicting decisions."""
    plan = Plan()
    chosen = [(clash, _choice(clash, decisions)) for clash in seen.clashes]
    _plan_periods(plan, [pair for pair in chosen if isinstance(pair[0].ours, Signing)])
    for clash, choice in chosen:
        _plan_clash(plan, clash, choice)
    kept = seen.kept
    known = {name.name.lower() for name in kept.names.all()} | {kept.name.lower()}
    for row in seen.rows[CompanyName]:
        if row.name.lower() in known:
            plan.dropped[row] = None
    taken_back = {retracted(row) for row in kept.retractions.all()}
    for row in seen.rows[Retraction]:
        if retracted(row) in taken_back:
            plan.dropped[row] = None
    for row in seen.rows[CompanyRedirect]:
        if row.old_slug == kept.slug:
            plan.dropped[row] = None
    _check_periods(plan, [*kept.signings.all(), *seen.rows[Signing]])
    return plan


def retracted(row: Retraction) -> tuple[Any, ...]:
    """The identity of a retraction within one company."""
    return row.pact_id, row.status, row.since, row.retracted_on


def _choice(clash: Clash, decisions: Mapping[str, str]) -> Choice:
    chosen = decisions.get(clash.key, clash.choices[0])
    if chosen not in clash.choices:
        raise ValidationError(
            _("Choose one of the options for %(subject)s."),
            params={"subject": clash.subject},
        )
    return Choice(chosen)


def _plan_clash(plan: Plan, clash: Clash, choice: Choice) -> None:
    if isinstance(clash.ours, Pledge | ProgressReport):
        plan.dropped[clash.theirs] = clash.ours
        if choice == Choice.MERGED:
            plan.taken.append((clash.ours, clash.theirs, TAKEN[type(clash.ours)]))
    elif clash.key.startswith("identifier-") and choice != Choice.BOTH:
        gone = clash.theirs if choice == Choice.KEPT else clash.ours
        plan.dropped |= dict.fromkeys(gone)
    elif clash.key.startswith("profile-") and choice == Choice.MERGED:
        plan.profile.append(clash.key.removeprefix("profile-"))


def _plan_periods(plan: Plan, chosen: list[tuple[Clash, Choice]]) -> None:
    """Drop one of each pair of overlapping periods. Raises ValidationError."""
    by_ours: dict[Any, list[Any]] = {}
    by_theirs: dict[Any, list[Any]] = {}
    sides: dict[Any, set[bool]] = {}
    for clash, choice in chosen:
        by_ours.setdefault(clash.ours, []).append(clash.theirs)
        by_theirs.setdefault(clash.theirs, []).append(clash.ours)
        for row in (clash.ours, clash.theirs):
            sides.setdefault(row, set()).add(choice == Choice.MERGED)
    if contradicting := next((row for row in sides if len(sides[row]) > 1), None):
        raise ValidationError(
            _(
                "%(period)s overlaps several periods. Choose the same company’s for all of "
                "these overlaps."
            ),
            params={"period": contradicting},
        )
    for clash, choice in chosen:
        ours, theirs = clash.ours, clash.theirs
        alone = len(by_ours[ours]) == len(by_theirs[theirs]) == 1
        if choice == Choice.MERGED and not alone:
            plan.dropped.setdefault(ours, theirs)
            continue
        plan.dropped.setdefault(theirs, ours)
        if choice == Choice.MERGED:
            plan.taken.append((ours, theirs, TAKEN[Signing]))
        elif choice == Choice.EARLIER and theirs.since < ours.since:
            plan.taken.append((ours, theirs, STARTS))


def _check_periods(plan: Plan, periods: list[Signing]) -> None:
    """Check that the resulting periods do not overlap. Raises ValidationError."""
    taken = {row: (other, names) for row, other, names in plan.taken}
    days = []
    for row in periods:
        if row not in plan.dropped:
            other, names = taken.get(row, (row, ()))
            since = other.since if "since" in names else row.since
            until = other.until if "until" in names else row.until
            days.append(Signing(pact_id=row.pact_id, since=since, until=until))
    if any(one.overlaps(other) for one, other in combinations(days, 2)):
        raise ValidationError(
            _(
                "With these answers two periods of the same pact would overlap. Choose "
                "others, or correct the periods of one company first."
            )
        )
