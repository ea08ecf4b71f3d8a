"""Deciding on proposals: applied through the same rules as an editor's own edits, or rejected."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import (
    Company,
    CompanyName,
    CompanyRedirect,
    Confidence,
    ImportRun,
    Pact,
    PartialDate,
    Proposal,
    RefusedMatch,
    Signing,
    Source,
)
from companies.models.text import fold

from .differences import as_values
from .history import one_act, save
from .record_values import set_values, values_now
from .signings import change_status

Action, State = Proposal.Action, Proposal.State


class NotDecided(Exception):
    """A decision that could not be taken; the message says why."""


class AlreadyDecided(NotDecided):
    """Someone else was faster."""


class StaleProposal(NotDecided):
    """The register no longer holds what the proposal would change."""


@dataclass(frozen=True)
class Decision:
    """What a reviewer makes of a proposal.

    `company` is the company an unsure name is; None makes a new one of it. `values` replace the
    proposed ones: name, since (YYYY, YYYY-MM or YYYY-MM-DD), reason_en, reason_fr.
    """

    reason: str = ""
    company: Company | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def apply(proposal_id: int, decision: Decision, *, by: AbstractBaseUser) -> Proposal:
    """Write what the proposal says, if it still fits; all of it or nothing.

    Raises AlreadyDecided, StaleProposal (and marks it stale) or ValidationError.
    """
    try:
        with one_act(by=by):
            proposal = _locked(proposal_id)
            _check_current(proposal)
            WRITERS[Action(proposal.action)](proposal, decision, by)
            _decide(proposal, State.APPLIED, decision.reason, by)
    except StaleProposal as stale:
        _mark_stale(proposal_id, str(stale))
        raise
    return proposal


def reject(proposal_id: int, *, reason: str, by: AbstractBaseUser) -> Proposal:
    """Keep the register as it is; the same difference is not proposed again."""
    with transaction.atomic():
        proposal = _locked(proposal_id)
        _decide(proposal, State.REJECTED, reason, by)
    return proposal


@dataclass
class Decided:
    """What became of many proposals: how many were written, and why others were not."""

    done: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)


def decide_many(
    proposal_ids: Iterable[int],
    decide: Callable[[int], object],
) -> "Iterable[Decided]":
    """Decide one after the other, each on its own; yields the tally after each."""
    tally = Decided()
    for proposal_id in proposal_ids:
        try:
            decide(proposal_id)
            tally.done += 1
        except NotDecided as error:
            tally.faults.append((proposal_id, str(error)))
        except ValidationError as error:
            tally.faults.append((proposal_id, " ".join(error.messages)))
        yield tally


def _locked(proposal_id: int) -> Proposal:
    proposals = Proposal.objects.select_for_update(of=("self",)).select_related("company")
    proposal = proposals.select_related("run__pact", "decided_by").filter(pk=proposal_id).first()
    if proposal is None:
        raise AlreadyDecided(_("This proposal does not exist any more."))
    if proposal.state != State.PROPOSED:
        raise AlreadyDecided(_already(proposal))
    return proposal


def _already(proposal: Proposal) -> str:
    if proposal.decided_by and proposal.decided_at:
        return _("%(who)s decided this already, at %(when)s: %(state)s.") % {
            "who": proposal.decided_by,
            "when": timezone.localtime(proposal.decided_at).strftime("%Y-%m-%d %H:%M"),
            "state": proposal.get_state_display(),
        }
    return _("This proposal is not open any more: %(state)s.") % {
        "state": proposal.get_state_display()
    }


def _decide(proposal: Proposal, state: State, reason: str, by: AbstractBaseUser) -> None:
    proposal.state, proposal.reason = state, reason
    proposal.decided_by_id, proposal.decided_at = by.pk, timezone.now()
    proposal.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _mark_stale(proposal_id: int, why: str) -> None:
    Proposal.objects.filter(pk=proposal_id, state=State.PROPOSED).update(
        state=State.STALE, reason=why
    )


# Whether the register still holds the old value


def _check_current(proposal: Proposal) -> None:
    if proposal.action in (Action.NEW_COMPANY, Action.MATCH_UNSURE):
        _check_still_new(proposal)
    elif proposal.action == Action.SPELLED_DIFFERENTLY:
        _check_not_yet_named(proposal)
    elif proposal.action == Action.CHANGE and "status" not in proposal.new:
        _check_unchanged(proposal, values_now(proposal.company, proposal.old))
    else:
        period = _open_period(proposal.company, proposal.run.pact)
        _check_unchanged(proposal, as_values(period))


def _check_unchanged(proposal: Proposal, now: Mapping[str, str]) -> None:
    if now != proposal.old:
        raise StaleProposal(
            _("%(company)s is no longer as it was when this was proposed: %(now)s, not %(old)s.")
            % {
                "company": proposal.company,
                "now": in_words(now) or _("no status"),
                "old": in_words(proposal.old) or _("no status"),
            }
        )


def _check_still_new(proposal: Proposal) -> None:
    """The name has not become a company's meanwhile."""
    folded = fold(proposal.new_name)
    held = Company.objects.filter(name_folded=folded).first() if folded else None
    if held is None and (name := CompanyName.objects.filter(name_folded=folded).first()):
        held = name.company
    if folded and held:
        raise StaleProposal(
            _("“%(name)s” is on the register by now, as %(company)s.")
            % {"name": proposal.new_name, "company": held}
        )


def _check_not_yet_named(proposal: Proposal) -> None:
    if proposal.company.names.filter(name=proposal.new_name).exists():
        raise StaleProposal(
            _("%(company)s has the name “%(name)s” by now.")
            % {"company": proposal.company, "name": proposal.new_name}
        )


def in_words(values: Mapping[str, Any]) -> str:
    """Values as a reviewer reads them."""
    shown = dict(values)
    words = []
    if status := shown.pop("status", ""):
        since = shown.pop("since", "")
        words.append(f"{Signing.Status(status).label} ({since})")
    return ", ".join([*words, *(f"{name}: {value or '–'}" for name, value in shown.items())])


# Writing


def _add_company(proposal: Proposal, decision: Decision, by: AbstractBaseUser) -> None:
    name = decision.values.get("name") or proposal.new_name
    company = Company(slug=_free_slug(name), name=name)
    set_values(company, proposal.new)
    save(company, _why(proposal, decision))
    if name != proposal.new_name:
        _name_as_listed(company, proposal, decision)
    _set_status(company, proposal, decision)


def _decide_match(proposal: Proposal, decision: Decision, by: AbstractBaseUser) -> None:
    """The name is one of the register's companies, or a new one; either is remembered."""
    chosen = decision.company
    for suggestion in proposal.suggestions:
        if not chosen or suggestion["company"] != chosen.pk:
            _remember_refusal(proposal, suggestion["company"], by)
    if chosen is None:
        _add_company(proposal, decision, by)
        return
    _name_as_listed(chosen, proposal, decision)
    period = _open_period(chosen, proposal.run.pact)
    if period is None or period.status != proposal.new.get("status"):
        _set_status(chosen, proposal, decision)


def _remember_refusal(proposal: Proposal, company_id: int, by: AbstractBaseUser) -> None:
    if Company.objects.filter(pk=company_id).exists():
        RefusedMatch.objects.get_or_create(
            company_id=company_id,
            name_folded=fold(proposal.new_name),
            defaults={
                "name": proposal.new_name,
                "decided_by_id": by.pk,
                "decided_at": timezone.now(),
            },
        )


def _begin(proposal: Proposal, decision: Decision, by: AbstractBaseUser) -> None:
    _set_status(proposal.company, proposal, decision)
    spelled = proposal.company.names.filter(name=proposal.new_name).exists()
    if proposal.new_name != proposal.company.name and not spelled:
        _name_as_listed(proposal.company, proposal, decision)


def _end(proposal: Proposal, decision: Decision, by: AbstractBaseUser) -> None:
    _check_no_open_match(proposal)
    _set_status(proposal.company, proposal, decision)


def _check_no_open_match(proposal: Proposal) -> None:
    """A name of the same list that may be this company is to be decided first."""
    unsure = Proposal.objects.filter(
        run=proposal.run, action=Action.MATCH_UNSURE, state=State.PROPOSED
    )
    for other in unsure:
        if any(suggestion["company"] == proposal.company_id for suggestion in other.suggestions):
            raise ValidationError(
                _(
                    "The list has “%(name)s”, which may be %(company)s. "
                    "Please decide on that name first."
                )
                % {"name": other.new_name, "company": proposal.company}
            )


def _spell(proposal: Proposal, decision: Decision, by: AbstractBaseUser) -> None:
    _name_as_listed(proposal.company, proposal, decision)


def _change(proposal: Proposal, decision: Decision, by: AbstractBaseUser) -> None:
    if "status" in proposal.new:
        _set_status(proposal.company, proposal, decision)
        return
    set_values(proposal.company, proposal.new)
    save(proposal.company, _why(proposal, decision))


def _name_as_listed(company: Company, proposal: Proposal, decision: Decision) -> None:
    """So that the spelling is known next time."""
    known = [company.name, *company.names.values_list("name", flat=True)]
    if proposal.new_name.lower() not in (name.lower() for name in known):
        name = CompanyName(company=company, name=proposal.new_name, kind=CompanyName.Kind.AS_LISTED)
        save(name, _why(proposal, decision))


def _set_status(company: Company, proposal: Proposal, decision: Decision) -> None:
    """Begin the proposed status, with the run as its source; a spreadsheet may propose none."""
    new, pact = proposal.new, proposal.run.pact
    if "status" not in new:
        return
    change_status(
        company=company,
        pact=pact,
        status=new["status"],
        since=_since(proposal, decision),
        since_basis=new["since_basis"],
        source=source_of(proposal.run),
        quote=_quote(proposal),
        confidence=Confidence.HIGH,
        reason_en=decision.values.get("reason_en", ""),
        reason_fr=decision.values.get("reason_fr", ""),
        change_reason=_why(proposal, decision),
        seen=_open_period(company, pact),
    )


def _quote(proposal: Proposal) -> str:
    """The list's own words: the name as it stands there, with the remark beside it."""
    if "quote" in proposal.new:
        return str(proposal.new["quote"])
    note = proposal.new.get("note", "")
    return f"{proposal.new_name} ({note})" if note else proposal.new_name


def _since(proposal: Proposal, decision: Decision) -> PartialDate:
    text = decision.values.get("since") or proposal.new["since"]
    try:
        return PartialDate.parse(text)
    except ValueError:
        raise ValidationError(
            {"since": _("“%(text)s” is no date as 2024-10-09, 2024-10 or 2024.") % {"text": text}}
        ) from None


def _why(proposal: Proposal, decision: Decision) -> str:
    told = f"proposal {proposal.pk} of run {proposal.run_id}"
    return f"{decision.reason} ({told})" if decision.reason else told


def _open_period(company: Company, pact: Pact) -> Signing | None:
    return Signing.objects.filter(company=company, pact=pact, until__isnull=True).first()


def _free_slug(name: str) -> str:
    """A public id that no company has or had."""
    base = slugify(name)[:90] or "company"
    slug, number = base, 1
    while (
        Company.objects.filter(slug=slug).exists()
        or CompanyRedirect.objects.filter(old_slug=slug).exists()
    ):
        number += 1
        slug = f"{base}-{number}"
    return slug


def source_of(run: ImportRun) -> Source:
    """The document that this reading is; made when the first proposal of it is applied."""
    if run.source:
        return run.source
    source = Source.objects.filter(url=run.source_url, sha256=run.sha256).first()
    if source is None:
        with override("en"):
            day = PartialDate(run.seen_on).in_words("en").replace("\u00a0", " ")
            source = Source(
                slug=_free_source_slug(f"{run.pact.slug}-list-{run.seen_on}"),
                url=run.source_url,
                title=f"{run.pact.name_en}: list of signatories as read on {day}",
                publisher=run.pact.issuer,
                kind=Source.Kind.OFFICIAL_LIST,
                retrieved_on=run.seen_on,
                sha256=run.sha256,
            )
            save(source, f"run {run.pk}")
    run.source = source
    run.save(update_fields=["source"])
    return source


def _free_source_slug(base: str) -> str:
    slug, number = base, 1
    while Source.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug


WRITERS: Mapping[Action, Callable[[Proposal, Decision, AbstractBaseUser], None]] = {
    Action.NEW_COMPANY: _add_company,
    Action.NEW_SIGNING: _begin,
    Action.BACK_ON_LIST: _begin,
    Action.NO_LONGER_LISTED: _end,
    Action.SPELLED_DIFFERENTLY: _spell,
    Action.MATCH_UNSURE: _decide_match,
    Action.CHANGE: _change,
}
