"""Deciding on proposals: applied through the register's own rules, or rejected."""

from collections import defaultdict
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
    for tally in reject_all([proposal_id], reason=reason, by=by):
        for _id, fault in tally.faults:
            raise fault
    return Proposal.objects.get(pk=proposal_id)


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
    """Reject many, TOGETHER at a time, and yield the tally after each batch."""
    tally = Decided()
    for start in range(0, len(proposal_ids), TOGETHER):
        some = proposal_ids[start : start + TOGETHER]
        with transaction.atomic():
            open_ones, faults = _open_ones(some)
            _decide(open_ones, State.REJECTED, dict.fromkeys(some, Decision(reason)), by)
        tally.done += len(open_ones)
        tally.faults += faults
        yield tally


def _open_ones(proposal_ids: Iterable[int]) -> tuple[list[Proposal], list[tuple[int, Fault]]]:
    """The proposals that nobody decided yet, locked, and what is wrong with the others."""
    open_ones, faults = list[Proposal](), list[tuple[int, Fault]]()
    locked = _locked(list(proposal_ids))
    for proposal_id in proposal_ids:
        try:
            open_ones.append(_check_open(locked.get(proposal_id)))
        except NotDecided as fault:
            faults.append((proposal_id, fault))
    return open_ones, faults


def _apply_some(
    decisions: Mapping[int, Decision], by: AbstractBaseUser
) -> tuple[int, list[tuple[int, Fault]]]:
    """Write those that fit in one unit of work: how many, and what is wrong with the others."""
    with unit_of_work(by=by):
        open_ones, faults = _open_ones(decisions)
        by_run: dict[int, list[Proposal]] = {}
        for proposal in open_ones:
            by_run.setdefault(proposal.run_id, []).append(proposal)
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
            refused = _("Not accepted: %(error)s") % {"error": error}
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
        raise AlreadyDecided(_("This proposal no longer exists."))
    if proposal.state == State.PROPOSED:
        return proposal
    if proposal.decided_by and proposal.decided_at:
        raise AlreadyDecided(
            _("%(who)s decided this at %(when)s: %(state)s.")
            % {
                "who": proposal.decided_by,
                "when": timezone.localtime(proposal.decided_at).strftime("%Y-%m-%d %H:%M"),
                "state": proposal.get_state_display(),
            }
        )
    raise AlreadyDecided(
        _("This proposal is no longer open: %(state)s.") % {"state": proposal.get_state_display()}
    )


def _decide(
    proposals: list[Proposal],
    state: State,
    decisions: Mapping[int, Decision],
    by: AbstractBaseUser,
) -> None:
    decided = {"state": state, "decided_by": by.pk, "decided_at": timezone.now()}
    by_reason = defaultdict[str, list[int]](list)
    for proposal in proposals:
        by_reason[decisions[proposal.pk].reason].append(proposal.pk)
    for reason, ids in by_reason.items():
        Proposal.objects.filter(pk__in=ids).update(reason=reason, **decided)


def _mark_stale(faults: Iterable[tuple[int, Fault]]) -> None:
    for proposal_id, fault in faults:
        if isinstance(fault, StaleProposal):
            Proposal.objects.filter(pk=proposal_id, state=State.PROPOSED).update(
                state=State.STALE, reason=str(fault)
            )
