"""The rows of applied proposals: planned one by one, saved together."""

import datetime
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.official_page.wording import numbers_of_parts
from companies.models import (
    Citation,
    Company,
    CompanyName,
    ImportRun,
    PartialDate,
    Pledge,
    Proposal,
    RefusedMatch,
    Signing,
    Source,
    faults,
    refuse_names_of_others,
)
from companies.names.letters import fold
from companies.register.history import save, save_changed, save_new
from companies.register.new_sources import free_source_slug
from companies.register.statuses import next_period

from .record_values import cite, set_values, with_typed

if TYPE_CHECKING:
    from .checks import RegisterNow

Action = Proposal.Action


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision on a proposal.

    `company` is the company an unsure name is; None creates a new one. `values` replace the
    proposed ones: name, since (YYYY, YYYY-MM or YYYY-MM-DD), reason_en, reason_fr, and the
    profile of a new company: country, sector, role, website, profile_url.
    """

    reason: str = ""
    company: Company | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass
class PlannedRows:
    """Rows to save, each list in the order in which they were planned."""

    changed_companies: list[Company] = field(default_factory=list)
    ended: list[Signing] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    names: list[CompanyName] = field(default_factory=list)
    signings: list[Signing] = field(default_factory=list)
    pledges: list[Pledge] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    refused: list[RefusedMatch] = field(default_factory=list)

    def __iadd__(self, other: "PlannedRows") -> "PlannedRows":
        for name in self.__dataclass_fields__:
            getattr(self, name).extend(getattr(other, name))
        return self


def rows_of(
    proposal: Proposal, decision: Decision, now: "RegisterNow", by: AbstractBaseUser
) -> PlannedRows:
    """The rows of a checked proposal. Raises ValidationError."""
    rows = PlannedRows()
    match Action(proposal.action):
        case Action.NEW_COMPANY:
            _add_company(proposal, decision, now, rows)
        case Action.MATCH_UNSURE:
            _decide_match(proposal, decision, now, by, rows)
        case Action.NEW_SIGNING | Action.BACK_ON_LIST:
            company = now.company_of(proposal)
            _set_status(company, proposal, decision, now, rows)
            _add_listed_name(company, proposal, now, rows)
        case Action.NO_LONGER_LISTED:
            _set_status(now.company_of(proposal), proposal, decision, now, rows)
        case Action.SPELLED_DIFFERENTLY:
            _add_listed_name(now.company_of(proposal), proposal, now, rows)
        case Action.SEEN_EARLIER:
            _begin_earlier(now.company_of(proposal), proposal, decision, now, rows)
            _add_listed_name(now.company_of(proposal), proposal, now, rows)
        case Action.CHANGE:
            _change(proposal, decision, now, rows)
    return rows


def save_rows(rows: PlannedRows, reason: str) -> None:
    """Save all rows with history, within a unit of work."""
    # A period ends before the next begins.
    if rows.changed_companies:
        save_changed(rows.changed_companies, Company, reason)
    if rows.ended:
        save_changed(rows.ended, Signing, reason)
    added: tuple[list[Any], ...] = (
        rows.companies,
        rows.names,
        rows.signings,
        rows.pledges,
        rows.citations,
    )
    for new in added:
        save_new(new, reason)
    for refused in rows.refused:
        RefusedMatch.objects.get_or_create(
            company_id=refused.company_id,
            name_folded=fold(refused.name),
            defaults={
                "name": refused.name,
                "decided_by_id": refused.decided_by_id,
                "decided_at": refused.decided_at,
            },
        )


# Each part of a proposal


def _add_company(
    proposal: Proposal, decision: Decision, now: "RegisterNow", rows: PlannedRows
) -> None:
    name = decision.values.get("name") or proposal.new_name
    company = Company(slug=now.free_slug(name), name=name)
    set_values(company, with_typed(proposal.new, decision.values), now.sectors)
    _clean(company)
    if company.legal_name:
        refuse_names_of_others(company, company, ["legal_name"])
    _set_status(company, proposal, decision, now, rows)
    rows.companies.append(company)
    now.add_company(company, proposal.new_name)
    _add_listed_name(company, proposal, now, rows)


def _decide_match(
    proposal: Proposal,
    decision: Decision,
    now: "RegisterNow",
    by: AbstractBaseUser,
    rows: PlannedRows,
) -> None:
    """Assign the unsure name to a company or a new one; store the other matches as refused."""
    chosen = decision.company and now.include(decision.company)
    for suggestion in proposal.suggestions:
        other = now.companies.get(suggestion["company"])
        if other and other != chosen:
            rows.refused.append(
                RefusedMatch(
                    company_id=other.pk,
                    name=proposal.new_name,
                    decided_by_id=by.pk,
                    decided_at=timezone.now(),
                )
            )
    if chosen is None:
        _add_company(proposal, decision, now, rows)
        return
    _add_listed_name(chosen, proposal, now, rows)
    period = now.open_period(chosen)
    if period is None or period.status != proposal.new.get("status"):
        _set_status(chosen, proposal, decision, now, rows)


def _change(proposal: Proposal, decision: Decision, now: "RegisterNow", rows: PlannedRows) -> None:
    company = now.company_of(proposal)
    if "status" in proposal.new:
        _set_status(company, proposal, decision, now, rows)
        return
    set_values(company, proposal.new, now.sectors)
    _clean(company)
    if "legal_name" in proposal.new:
        refuse_names_of_others(company, company, ["legal_name"])
    rows.changed_companies.append(company)


def _add_listed_name(
    company: Company, proposal: Proposal, now: "RegisterNow", rows: PlannedRows
) -> None:
    """Add the listed spelling as another name, so that the next reading knows it."""
    known = now.names_of(company)
    if not proposal.new_name or proposal.new_name.lower() in known:
        return
    listed = now.run.kind == ImportRun.Kind.OFFICIAL_LIST
    kind = CompanyName.Kind.AS_LISTED if listed else CompanyName.Kind.ALIAS
    name = CompanyName(company=company, name=proposal.new_name, kind=kind)
    _clean(name)
    rows.names.append(name)
    known.add(proposal.new_name.lower())


def _set_status(
    company: Company,
    proposal: Proposal,
    decision: Decision,
    now: "RegisterNow",
    rows: PlannedRows,
) -> None:
    """Start the proposed status, citing the run; a spreadsheet may propose none."""
    new = proposal.new
    if "status" not in new:
        return
    present = copy(now.open_period(company))
    signing = next_period(
        company=company,
        pact=now.pact,
        present=present,
        status=new["status"],
        since=_since(proposal, decision),
        since_basis=new["since_basis"],
        reason_en=decision.values.get("reason_en", ""),
        reason_fr=decision.values.get("reason_fr", ""),
    )
    _clean(signing)
    _check_apart(signing, now)
    citation = cite(signing, source_of(now.run), _quote(proposal, now.run), new)
    _clean(citation)
    names = [proposal.new_name, company.legal_name, *now.names_of(company)]
    if wrong := faults(signing, [citation], names):
        raise ValidationError(wrong)
    if present:
        rows.ended.append(present)
    now.add_period(signing, present)
    rows.signings.append(signing)
    rows.citations.append(citation)
    _pledge_chapters(signing, citation, proposal, now, rows)


def _pledge_chapters(
    signing: Signing,
    citation: Citation,
    proposal: Proposal,
    now: "RegisterNow",
    rows: PlannedRows,
) -> None:
    """Add pledges of the chapters that the list says a company signed."""
    parts = numbers_of_parts(proposal.new.get("note", ""))
    for chapter in now.chapters if parts and signing.status == Signing.Status.SIGNED else []:
        if chapter.position in parts and (signing.company_id, chapter.pk) not in now.pledged:
            pledge = Pledge(company=signing.company, commitment=chapter, basis=Pledge.Basis.STATED)
            rows.pledges.append(pledge)
            cited = Citation(pledge=pledge, source=citation.source, quote=citation.quote)
            rows.citations.append(cited)


def _begin_earlier(
    company: Company,
    proposal: Proposal,
    decision: Decision,
    now: "RegisterNow",
    rows: PlannedRows,
) -> None:
    """Move the start of the company's first period to the date of an earlier list, citing it."""
    signing = copy(min(now.periods_of(company), key=attrgetter("since")))
    since = _since(proposal, decision)
    signing.since, signing.since_precision = since.date, since.precision
    signing.refuse_impossible_days()
    citation = cite(signing, source_of(now.run), _quote(proposal, now.run), proposal.new)
    _clean(citation)
    names = [proposal.new_name, company.legal_name, *now.names_of(company)]
    if wrong := faults(signing, [citation], names):
        raise ValidationError(wrong)
    rows.ended.append(signing)
    rows.citations.append(citation)


def _check_apart(signing: Signing, now: "RegisterNow") -> None:
    """Raise ValidationError if a past period overlaps the new one."""
    for other in now.periods_of(signing.company):
        if other.until and signing.overlaps(other):  # the open one ends where this one begins
            raise ValidationError(
                {"since": _("This period overlaps another one of the same company and pact.")}
            )


def _since(proposal: Proposal, decision: Decision) -> PartialDate:
    text = decision.values.get("since") or proposal.new["since"]
    try:
        return PartialDate.parse(text)
    except ValueError:
        raise ValidationError(
            {
                "since": _("“%(text)s” is not a valid date. Write 2024-10-09, 2024-10 or 2024.")
                % {"text": text}
            }
        ) from None


def _quote(proposal: Proposal, run: ImportRun) -> str:
    """The quote: on a list the name as listed, with its remark.

    A spreadsheet row is in its editor's words, except in the quote column; a list has no quote
    about a company that it does not name.
    """
    if proposal.action == Action.NO_LONGER_LISTED or run.kind == ImportRun.Kind.SPREADSHEET:
        return str(proposal.new.get("quote", ""))
    note = proposal.new.get("note", "")
    return f"{proposal.new_name} ({note})" if note else proposal.new_name


def _clean(row: Model) -> None:
    """Validate the row's own fields; relations and uniqueness are checked here."""
    pointers = [f.name for f in row._meta.concrete_fields if isinstance(f, ForeignKey)]
    row.clean_fields(exclude=[*pointers, "id", "name_folded"])


# The run as a source


def source_of(run: ImportRun) -> Source:
    """The source for a run; saved when its first proposal is applied."""
    if run.source:
        return run.source
    source = Source.objects.filter(url=run.source_url, sha256=run.sha256).first()
    if source is None:
        source = Source(
            slug=free_source_slug(f"{run.pact.slug}-list-{run.seen_on}"),
            url=run.source_url,
            title=f"{run.pact.name_en}, {run.seen_on}",
            publisher=run.pact.issuer,
            publisher_fr=run.pact.issuer_fr,
            kind=Source.Kind.OFFICIAL_LIST,
            sha256=run.sha256,
            obtained=Source.Obtained.SAVED_FILE if run.file_name else "",
            received_from=run.received_from,
            **_days(run),
        )
        save(source, f"run {run.pk}")
    run.source = source
    run.save(update_fields=["source"])
    return source


def _days(run: ImportRun) -> dict[str, datetime.date]:
    """The dates of the source: a copy has its own date, a live page that of reading."""
    if run.is_copy:
        read_on = timezone.localdate(run.retrieved_at)
        return {"published_on": run.seen_on, "retrieved_on": read_on}
    return {"retrieved_on": run.seen_on}
