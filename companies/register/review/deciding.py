"""Decide on proposals: apply by the register's rules, or reject."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import ImportRun, Proposal, Signing
from companies.register.approval import entries, notices
from companies.register.approval.agreement import first_person, needs_two
from companies.register.approval.second_person import NeedsSecondPerson
from companies.register.history import UnitOfWork, unit_of_work
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
# What a decision may say of a status, which two people must say alike.
OF_STATUS = ("name", "since", "reason_en", "reason_fr")

Fault = NotDecided | ValidationError
Write = Callable[[Mapping[int, "Decision"], AbstractBaseUser], "Decided"]
REFUSALS = (IntegrityError, BrokenPackage, NeedsSecondPerson)


class SecondPersonMissing(AlreadyDecided):
    """The same person approved the proposal again."""


def apply(proposal_id: int, decision: Decision, *, by: AbstractBaseUser) -> Proposal:
    """Apply a proposal if it still fits, completely or not at all.

    If it needs two people, the first one approves it, and the second one's approval applies it.
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
    """The results for many proposals: how many were decided, and why others were not.

    `waiting` are the primary keys of those approved that need a second person.
    """

    done: int = 0
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.done + len(self.waiting) + len(self.faults)

    def __iadd__(self, other: "Decided") -> "Decided":
        self.done += other.done
        self.faults += other.faults
        self.waiting += other.waiting
        return self


def apply_all(decisions: Mapping[int, Decision], *, by: AbstractBaseUser) -> Iterator[Decided]:
    """Apply many, TOGETHER at a time, and yield the tally after each batch.

    Each batch is one transaction: whoever stops in the middle finds the rest still proposed.
    """
    tally = Decided()
    ids = list(decisions)
    for start in range(0, len(ids), TOGETHER):
        some = {pk: decisions[pk] for pk in ids[start : start + TOGETHER]}
        try:
            batch = _apply_some(some, by)
        except REFUSALS:
            # Something that only shows in all of them together: find out which one it is.
            batch = _apply_one_by_one(some, by)
        _mark_stale(batch.faults)
        tally += batch
        yield tally


class _NothingApplied(Exception):
    """Raised to roll back the transaction; carries the faults."""

    def __init__(self, faults: list[tuple[int, Fault]]) -> None:
        super().__init__()
        self.faults = faults


def apply_together(decisions: Mapping[int, Decision], *, by: AbstractBaseUser) -> Decided:
    """Apply all in one transaction, or none: then the faults say why.

    Proposals decided before are reported but do not block the others, so that a form sent twice
    applies once.
    """
    try:
        try:
            return _all_or_none(_apply_some, decisions, by)
        except REFUSALS:
            return _all_or_none(_apply_one_by_one, decisions, by)
    except _NothingApplied as nothing:
        _mark_stale(nothing.faults)
        return Decided(faults=nothing.faults)


def _all_or_none(write: Write, decisions: Mapping[int, Decision], by: AbstractBaseUser) -> Decided:
    with transaction.atomic():
        decided = write(decisions, by)
        if not all(isinstance(fault, AlreadyDecided) for _id, fault in decided.faults):
            raise _NothingApplied(decided.faults)
    return decided


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
    """The open proposals, locked, and the faults of the others."""
    open_ones, faults = list[Proposal](), list[tuple[int, Fault]]()
    locked = _locked(list(proposal_ids))
    for proposal_id in proposal_ids:
        try:
            open_ones.append(_check_open(locked.get(proposal_id)))
        except NotDecided as fault:
            faults.append((proposal_id, fault))
    return open_ones, faults


def _apply_some(decisions: Mapping[int, Decision], by: AbstractBaseUser) -> Decided:
    """Apply those that fit in one unit of work; approve those that need a second person."""
    with unit_of_work(by=by) as unit:
        open_ones, faults = _open_ones(decisions)
        deciding = _Deciding(unit, decisions, by, Decided(faults=faults))
        by_run: dict[int, list[Proposal]] = {}
        for proposal in open_ones:
            by_run.setdefault(proposal.run_id, []).append(proposal)
        for proposals in by_run.values():
            deciding.decide(proposals)
        return deciding.tally


@dataclass
class _Deciding:
    """One person's decisions, within a unit of work."""

    unit: UnitOfWork
    decisions: Mapping[int, Decision]
    by: AbstractBaseUser
    tally: Decided

    def decide(self, proposals: list[Proposal]) -> None:
        """Decide on proposals of one run."""
        now = RegisterNow(proposals[0].run, proposals)
        ready = [one for one in proposals if self.is_agreed(one, now)]
        kinds = {ImportRun.Kind.PACKAGE: self.write_package, ImportRun.Kind.ENTRY: self.write_entry}
        write = kinds.get(proposals[0].run.kind, self.write)  # type: ignore[call-overload]  # a code
        planned: list[Proposal] = write(ready, now) if ready else []
        _decide(planned, State.APPLIED, self.decisions, self.by)
        if any(one.action == Proposal.Action.MATCH_UNSURE for one in planned):
            _mark_stale(named_after_all(planned[0].run))
        self.tally.done += len(planned)

    def fail(self, proposal: Proposal, fault: Fault) -> None:
        self.tally.faults.append((proposal.pk, fault))

    def is_agreed(self, proposal: Proposal, now: RegisterNow) -> bool:
        """Whether one person is enough, or this is the second one with the same values."""
        if not needs_two(proposal):
            proposal.approved_by_id = None
            return True
        first, chosen = first_person(proposal), _chosen(proposal, self.decisions[proposal.pk])
        as_before = chosen == (proposal.approved or _chosen(proposal, Decision()))
        if first is not None and first != self.by.pk and as_before:
            proposal.approved_by_id = first
            return True
        if first == self.by.pk and as_before:
            self.fail(proposal, SecondPersonMissing(_("You approved this. Someone else must too.")))
            return False
        try:
            if not proposal.rows:
                check(proposal, now)
        except (NotDecided, ValidationError) as fault:
            self.fail(proposal, fault)
        else:
            self.approve(proposal, chosen)
        return False

    def approve(self, proposal: Proposal, chosen: Mapping[str, Any]) -> None:
        """Record the first approval and the approved values."""
        Proposal.objects.filter(pk=proposal.pk).update(
            approved_by=self.by.pk,
            approved_at=timezone.now(),
            approved=chosen,
            reason=self.decisions[proposal.pk].reason,
        )
        self.tally.waiting.append(proposal.pk)
        notices.of_proposals([proposal])

    def write(self, proposals: list[Proposal], now: RegisterNow) -> list[Proposal]:
        """Save the rows of proposals that fit; returns these."""
        rows, planned, agreed = PlannedRows(), [], list[Signing]()
        for proposal in proposals:
            try:
                check(proposal, now)
                found = rows_of(proposal, self.decisions[proposal.pk], now, self.by)
                rows += found
                now.plan(proposal)
                planned.append(proposal)
                agreed += [*found.signings, *found.ended] if proposal.approved_by_id else []
            except (NotDecided, ValidationError) as fault:
                self.fail(proposal, fault)
        if planned:
            save_rows(rows, _why(planned, self.decisions))
            self.unit.agreed |= {period.pk for period in agreed}
        return planned

    def write_package(self, proposals: list[Proposal], now: RegisterNow) -> list[Proposal]:
        """Save the rows of proposals of the shipped package that fit; returns these."""
        register, planned = package.register_rows(), []
        before = set(register)
        for proposal in proposals:
            try:
                package.put_rows(register, proposal)
                planned.append(proposal)
            except NotDecided as fault:
                self.fail(proposal, fault)
        if planned:
            package.write(register, before, _why(planned, self.decisions))
            rows = [row for one in planned if one.approved_by_id for row in one.rows]
            slugs = {row["key"][0] for row in rows if row["table"] == "signings"}
            agreed = Signing.objects.filter(company__slug__in=slugs).values_list("pk", flat=True)
            self.unit.agreed |= set(agreed)
        return planned

    def write_entry(self, proposals: list[Proposal], now: RegisterNow) -> list[Proposal]:
        """Save the rows of editors' entries that fit; returns these."""
        planned = []
        for proposal in proposals:
            reason = " – ".join(
                filter(None, [proposal.new["reason"], _why([proposal], self.decisions)])
            )
            try:
                entries.apply(self.unit, proposal, reason)
                planned.append(proposal)
            except entries.MovedOn as moved:
                self.fail(proposal, StaleProposal(str(moved)))
            except ValidationError as fault:
                self.fail(proposal, fault)
        return planned


def _chosen(proposal: Proposal, decision: Decision) -> dict[str, Any]:
    """The decided values and match; values that stay as proposed are left out."""
    typed = {name: decision.values.get(name, "") for name in OF_STATUS}
    said = {n: text if text != proposal.new.get(n, "") else "" for n, text in typed.items()}
    return {"company": decision.company and decision.company.pk} | said


def _apply_one_by_one(decisions: Mapping[int, Decision], by: AbstractBaseUser) -> Decided:
    tally = Decided()
    for proposal_id, decision in decisions.items():
        try:
            tally += _apply_some({proposal_id: decision}, by)
        except NeedsSecondPerson:  # which nothing in the proposal itself shows
            tally += _approve_one(proposal_id, decision, by)
        except REFUSALS as error:
            refused = _("Not accepted: %(error)s") % {"error": error}
            tally.faults.append((proposal_id, NotDecided(refused)))
    return tally


def _approve_one(proposal_id: int, decision: Decision, by: AbstractBaseUser) -> Decided:
    with unit_of_work(by=by) as unit:
        [proposal], faults = _open_ones([proposal_id])
        deciding = _Deciding(unit, {proposal_id: decision}, by, Decided(faults=faults))
        deciding.approve(proposal, _chosen(proposal, decision))
        return deciding.tally


def _why(planned: list[Proposal], decisions: Mapping[int, Decision]) -> str:
    """The change reason of the history rows: the reviewer's, and the run."""
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
    alike = defaultdict[tuple[str, int | None], list[int]](list)
    for proposal in proposals:
        alike[decisions[proposal.pk].reason, proposal.approved_by_id].append(proposal.pk)
    for (reason, first), ids in alike.items():
        Proposal.objects.filter(pk__in=ids).update(reason=reason, approved_by=first, **decided)


def _mark_stale(faults: Iterable[tuple[int, Fault]]) -> None:
    for proposal_id, fault in faults:
        if isinstance(fault, StaleProposal):
            Proposal.objects.filter(pk=proposal_id, state=State.PROPOSED).update(
                state=State.STALE, reason=str(fault)
            )
