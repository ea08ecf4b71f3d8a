"""Deciding on proposals: applied through the register's own rules, or rejected."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import ImportRun, Proposal
from companies.register.history import unit_of_work
from companies.register.package import apply as package
from companies.register.package.results import BrokenPackage

from .checks import (
    AlreadyDecided,
    NotDecided,
    RegisterNow,
    StaleProposal,
    check,
    named_after_all,
)
from .writes import Decision, PlannedRows, rows_of, save_rows

__all__ = [
    "AlreadyDecided",
    "Decided",
    "Decision",
    "NotDecided",
    "StaleProposal",
    "apply",
    "apply_all",
    "apply_together",
    "reject",
    "reject_all",
]

State = Proposal.State
TOGETHER = 50  # proposals written in one transaction

Fault = NotDecided | ValidationError
Write = Callable[
    [Mapping[int, "Decision"], AbstractBaseUser], tuple[int, list[tuple[int, "Fault"]]]
]
REFUSALS = (IntegrityError, BrokenPackage)


def apply(proposal_id: int, decision: Decision, *, by: AbstractBaseUser) -> Proposal:
    """Write what the proposal says, if it still fits; all of it or nothing.

    Raises AlreadyDecided, StaleProposal (and marks it stale) or ValidationError.
    """
    for tally in apply_all({proposal_id: decision}, by=by):
        for _id, fault in tally.faults:
            raise fault
    return Proposal.objects.get(pk=proposal_id)


def reject(proposal_id: int, *, reason: str, by: AbstractBaseUser) -> Proposal:
    """Write nothing; the same difference is not proposed again."""
    with transaction.atomic():
        proposal = _check_open(_locked([proposal_id]).get(proposal_id))
        _decide([proposal], State.REJECTED, {proposal_id: Decision(reason)}, by)
    return proposal


@dataclass
class Decided:
    """What became of many proposals so far: how many were decided, and why others were not."""

    done: int = 0
    faults: list[tuple[int, Fault]] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.done + len(self.faults)


def apply_all(decisions: Mapping[int, Decision], *, by: AbstractBaseUser) -> Iterator[Decided]:
    """Apply many, TOGETHER at a time, and yield the tally after each batch.

    Each batch is one transaction: whoever stops in the middle finds the rest still proposed.
    """
    tally = Decided()
    ids = list(decisions)
    for start in range(0, len(ids), TOGETHER):
        some = {pk: decisions[pk] for pk in ids[start : start + TOGETHER]}
        try:
            done, faults = _apply_some(some, by)
        except REFUSALS:
            # Something that only shows in all of them together: find out which one it is.
            done, faults = _apply_one_by_one(some, by)
        _mark_stale(faults)
        tally.done += done
        tally.faults += faults
        yield tally


class _NothingApplied(Exception):
    """Carries the faults out of the transaction that they undo."""

    def __init__(self, faults: list[tuple[int, Fault]]) -> None:
        super().__init__()
        self.faults = faults


def apply_together(decisions: Mapping[int, Decision], *, by: AbstractBaseUser) -> Decided:
    """Apply all in one transaction, or none: then the tally says why, proposal by proposal.

    What somebody decided before is told and holds up nothing, so that a form sent twice writes
    once.
    """
    try:
        try:
            return Decided(*_all_or_none(_apply_some, decisions, by))
        except REFUSALS:
            return Decided(*_all_or_none(_apply_one_by_one, decisions, by))
    except _NothingApplied as nothing:
        _mark_stale(nothing.faults)
        return Decided(faults=nothing.faults)


def _all_or_none(
    write: Write, decisions: Mapping[int, Decision], by: AbstractBaseUser
) -> tuple[int, list[tuple[int, Fault]]]:
    with transaction.atomic():
        done, faults = write(decisions, by)
        if not all(isinstance(fault, AlreadyDecided) for _id, fault in faults):
            raise _NothingApplied(faults)
    return done, faults


def reject_all(proposal_ids: list[int], *, reason: str, by: AbstractBaseUser) -> Iterator[Decided]:
    tally = Decided()
    for proposal_id in proposal_ids:
        try:
            reject(proposal_id, reason=reason, by=by)
            tally.done += 1
        except NotDecided as fault:
            tally.faults.append((proposal_id, fault))
        yield tally


def _apply_some(
    decisions: Mapping[int, Decision], by: AbstractBaseUser
) -> tuple[int, list[tuple[int, Fault]]]:
    """Write those that fit in one unit of work: how many, and what is wrong with the others."""
    faults: list[tuple[int, Fault]] = []
    with unit_of_work(by=by):
        locked = _locked(list(decisions))
        by_run: dict[int, list[Proposal]] = {}
        for proposal_id in decisions:
            try:
                proposal = _check_open(locked.get(proposal_id))
                by_run.setdefault(proposal.run_id, []).append(proposal)
            except NotDecided as fault:
                faults.append((proposal_id, fault))
        done = 0
        for proposals in by_run.values():
            done += _apply_of_run(proposals, decisions, by, faults)
    return done, faults


def _apply_of_run(
    proposals: list[Proposal],
    decisions: Mapping[int, Decision],
    by: AbstractBaseUser,
    faults: list[tuple[int, Fault]],
) -> int:
    own_package = proposals[0].run.kind == ImportRun.Kind.PACKAGE
    write = _write_package_rows if own_package else _write
    planned = write(proposals, decisions, by, faults)
    _decide(planned, State.APPLIED, decisions, by)
    if any(one.action == Proposal.Action.MATCH_UNSURE for one in planned):
        _mark_stale(named_after_all(planned[0].run))
    return len(planned)


def _write(
    proposals: list[Proposal],
    decisions: Mapping[int, Decision],
    by: AbstractBaseUser,
    faults: list[tuple[int, Fault]],
) -> list[Proposal]:
    """Write the proposals that fit, and return them."""
    now = RegisterNow(proposals[0].run, proposals)
    rows, planned = PlannedRows(), []
    for proposal in proposals:
        try:
            check(proposal, now)
            rows += rows_of(proposal, decisions[proposal.pk], now, by)
            now.plan(proposal)
            planned.append(proposal)
        except (NotDecided, ValidationError) as fault:
            faults.append((proposal.pk, fault))
    if planned:
        save_rows(rows, _why(planned, decisions))
    return planned


def _write_package_rows(
    proposals: list[Proposal],
    decisions: Mapping[int, Decision],
    by: AbstractBaseUser,
    faults: list[tuple[int, Fault]],
) -> list[Proposal]:
    """The same for proposals that the register's own package made."""
    register, planned = package.register_rows(), []
    before = set(register)
    for proposal in proposals:
        try:
            package.put_rows(register, proposal)
            planned.append(proposal)
        except NotDecided as fault:
            faults.append((proposal.pk, fault))
    if planned:
        package.write(register, before, _why(planned, decisions))
    return planned


def _apply_one_by_one(
    decisions: Mapping[int, Decision], by: AbstractBaseUser
) -> tuple[int, list[tuple[int, Fault]]]:
    done, faults = 0, []
    for proposal_id, decision in decisions.items():
        try:
            one, fault = _apply_some({proposal_id: decision}, by)
        except REFUSALS as error:
            refused = _("The register refused it: %(error)s") % {"error": error}
            one, fault = 0, [(proposal_id, NotDecided(refused))]
        done += one
        faults += fault
    return done, faults


def _why(planned: list[Proposal], decisions: Mapping[int, Decision]) -> str:
    """The reason of the history rows: the reviewer's, and the run it comes from."""
    run = f"run {planned[0].run_id}"
    reason = decisions[planned[0].pk].reason
    return f"{reason} ({run})" if reason else run


def _locked(proposal_ids: list[int]) -> dict[int, Proposal]:
    proposals = Proposal.objects.select_for_update(of=("self",)).filter(pk__in=proposal_ids)
    related = proposals.select_related("company", "run__pact", "run__source", "decided_by")
    return {proposal.pk: proposal for proposal in related.defer("run__content", "run__listed")}


def _check_open(proposal: Proposal | None) -> Proposal:
    if proposal is None:
        raise AlreadyDecided(_("This proposal does not exist any more."))
    if proposal.state == State.PROPOSED:
        return proposal
    if proposal.decided_by and proposal.decided_at:
        raise AlreadyDecided(
            _("%(who)s decided this already, at %(when)s: %(state)s.")
            % {
                "who": proposal.decided_by,
                "when": timezone.localtime(proposal.decided_at).strftime("%Y-%m-%d %H:%M"),
                "state": proposal.get_state_display(),
            }
        )
    raise AlreadyDecided(
        _("This proposal is not open any more: %(state)s.")
        % {"state": proposal.get_state_display()}
    )


def _decide(
    proposals: list[Proposal],
    state: State,
    decisions: Mapping[int, Decision],
    by: AbstractBaseUser,
) -> None:
    now = timezone.now()
    for proposal in proposals:
        proposal.state, proposal.reason = state, decisions[proposal.pk].reason
        proposal.decided_by_id, proposal.decided_at = by.pk, now
    Proposal.objects.bulk_update(proposals, ["state", "reason", "decided_by", "decided_at"])


def _mark_stale(faults: Iterable[tuple[int, Fault]]) -> None:
    for proposal_id, fault in faults:
        if isinstance(fault, StaleProposal):
            Proposal.objects.filter(pk=proposal_id, state=State.PROPOSED).update(
                state=State.STALE, reason=str(fault)
            )
