"""Proposals as rows to write: planned one by one, written together in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyName,
    CompanyRedirect,
    ImportRun,
    PartialDate,
    Pledge,
    Proposal,
    RefusedMatch,
    Signing,
    Source,
)
from companies.names.letters import fold
from companies.register.history import save, save_changed, save_new
from companies.register.statuses import next_period

from .differences import as_values
from .record_values import set_values, values_now

Action = Proposal.Action


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


@dataclass
class Rows:
    """What the planned proposals write, each in the order they were planned."""

    companies: list[Company] = field(default_factory=list)
    changed_companies: list[Company] = field(default_factory=list)
    names: list[CompanyName] = field(default_factory=list)
    ended: list[Signing] = field(default_factory=list)
    signings: list[Signing] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    pledges: list[Pledge] = field(default_factory=list)
    refused: list[RefusedMatch] = field(default_factory=list)

    def __iadd__(self, other: "Rows") -> "Rows":
        for name in self.__dataclass_fields__:
            getattr(self, name).extend(getattr(other, name))
        return self


class Batch:
    """Proposals of one run, checked against the register as it is now.

    `plan` adds what one proposal would write, or raises and adds nothing; `write` writes it all.
    """

    def __init__(self, run: ImportRun, proposals: Sequence[Proposal], by: AbstractBaseUser) -> None:
        self.run, self.pact, self.by = run, run.pact, by
        self.proposals = proposals
        self.rows = Rows()

    def plan(self, proposal: Proposal, decision: Decision) -> None:
        """Raises StaleProposal or ValidationError."""
        planned = Rows()
        match Action(proposal.action):
            case Action.NEW_COMPANY:
                self._check_still_new(proposal)
                self._add_company(proposal, decision, planned)
            case Action.MATCH_UNSURE:
                self._check_still_new(proposal)
                self._decide_match(proposal, decision, planned)
            case Action.NEW_SIGNING | Action.BACK_ON_LIST:
                self._check_status(proposal)
                self._set_status(self._company(proposal), proposal, decision, planned)
                self._name_as_listed(self._company(proposal), proposal, planned)
            case Action.NO_LONGER_LISTED:
                self._check_status(proposal)
                self._check_no_open_match(proposal)
                self._set_status(self._company(proposal), proposal, decision, planned)
            case Action.SPELLED_DIFFERENTLY:
                self._check_not_yet_named(proposal)
                self._name_as_listed(self._company(proposal), proposal, planned)
            case Action.CHANGE:
                self._change(proposal, decision, planned)
        self.rows += planned

    def write(self, reason: str) -> None:
        """Save all planned rows, each with its history; inside an act."""
        rows = self.rows
        # A period ends before the next begins.
        if rows.changed_companies:
            save_changed(rows.changed_companies, Company, reason)
        if rows.ended:
            save_changed(rows.ended, Signing, reason)
        added: tuple[tuple[list[Any], type[Model]], ...] = (
            (rows.companies, Company),
            (rows.names, CompanyName),
            (rows.signings, Signing),
            (rows.citations, Citation),
            (rows.pledges, Pledge),
        )
        for new, model in added:
            if new:
                save_new(new, model, reason)
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

    # What the register holds, in a fixed number of queries

    @cached_property
    def companies(self) -> dict[int, Company]:
        ids = {proposal.company_id for proposal in self.proposals if proposal.company_id}
        ids |= {one["company"] for proposal in self.proposals for one in proposal.suggestions}
        companies = Company.objects.filter(pk__in=ids).select_related("sector")
        return {company.pk: company for company in companies}

    @cached_property
    def spellings(self) -> dict[int, set[str]]:
        """Names of each company, in lower case as the database compares them."""
        found = defaultdict(set)
        names = CompanyName.objects.filter(company__in=self.companies)
        for company_id, name in names.values_list("company_id", "name"):
            found[company_id].add(name.lower())
        for pk, company in self.companies.items():
            found[pk].add(company.name.lower())
        return found

    @cached_property
    def holders(self) -> dict[str, str]:
        """Who has a name that a proposal would add, by the folded name."""
        folded = {fold(proposal.new_name) for proposal in self.proposals} - {""}
        names = CompanyName.objects.filter(name_folded__in=folded).select_related("company")
        held = {name.name_folded: name.company.name for name in names}
        companies = Company.objects.filter(name_folded__in=folded)
        return held | {company.name_folded: company.name for company in companies}

    @cached_property
    def periods(self) -> dict[int, list[Signing]]:
        found = defaultdict(list)
        for period in Signing.objects.filter(pact=self.pact, company__in=self.companies):
            found[period.company_id].append(period)
        return found

    @cached_property
    def core(self) -> list[Commitment]:
        return list(Commitment.objects.core().filter(pact=self.pact))

    @cached_property
    def pledged(self) -> set[tuple[int, int]]:
        pledges = Pledge.objects.filter(company__in=self.companies, commitment__in=self.core)
        return set(pledges.values_list("company_id", "commitment_id"))

    @cached_property
    def slugs(self) -> set[str]:
        """Public ids that companies have or had and that a new one could want."""
        wanted = {_slug(proposal.new_name) for proposal in self.proposals}
        taken = set(Company.objects.filter(slug__in=wanted).values_list("slug", flat=True))
        redirects = CompanyRedirect.objects.filter(old_slug__in=wanted)
        return taken | set(redirects.values_list("old_slug", flat=True))

    @cached_property
    def source(self) -> Source:
        return source_of(self.run)

    @cached_property
    def unsure(self) -> list[Proposal]:
        """Names of the same run that may be a company of the register and are not decided yet."""
        return list(
            Proposal.objects.filter(
                run=self.run, action=Action.MATCH_UNSURE, state=Proposal.State.PROPOSED
            )
        )

    def _company(self, proposal: Proposal) -> Company:
        return self.companies[proposal.company_id]  # type: ignore[index]

    def _open_period(self, company: Company) -> Signing | None:
        if company.pk is None:
            return None
        return next((p for p in self.periods[company.pk] if p.until is None), None)

    # Whether the proposal still fits

    def _check_status(self, proposal: Proposal) -> None:
        company = self._company(proposal)
        self._check_same(proposal, as_values(self._open_period(company)))

    def _check_same(self, proposal: Proposal, now: Mapping[str, str]) -> None:
        if {name: now.get(name, "") for name in proposal.old or now} != proposal.old:
            raise StaleProposal(
                _("%(company)s is no longer as it was when proposed: %(now)s, not %(old)s.")
                % {
                    "company": proposal.company,
                    "now": in_words(now) or _("no status"),
                    "old": in_words(proposal.old) or _("no status"),
                }
            )

    def _check_still_new(self, proposal: Proposal) -> None:
        """The name has not become a company's meanwhile."""
        if holder := self.holders.get(fold(proposal.new_name)):
            raise StaleProposal(
                _("“%(name)s” is on the register by now, as %(company)s.")
                % {"name": proposal.new_name, "company": holder}
            )

    def _check_not_yet_named(self, proposal: Proposal) -> None:
        company = self._company(proposal)
        if company.names.filter(name=proposal.new_name).exists():
            raise StaleProposal(
                _("%(company)s has the name “%(name)s” by now.")
                % {"company": company, "name": proposal.new_name}
            )

    def _check_no_open_match(self, proposal: Proposal) -> None:
        """A name of the same list that may be this company is to be decided first."""
        for other in self.unsure:
            if any(one["company"] == proposal.company_id for one in other.suggestions):
                raise ValidationError(
                    _(
                        "The list has “%(name)s”, which may be %(company)s. "
                        "Please decide on that name first."
                    )
                    % {"name": other.new_name, "company": proposal.company}
                )

    # What it writes

    def _add_company(self, proposal: Proposal, decision: Decision, rows: Rows) -> None:
        name = decision.values.get("name") or proposal.new_name
        company = Company(slug=self._free_slug(name), name=name)
        set_values(company, proposal.new)
        _clean(company)
        self._set_status(company, proposal, decision, rows)
        rows.companies.append(company)
        self.slugs.add(company.slug)
        for taken in (name, proposal.new_name):
            self.holders[fold(taken)] = name
        self._name_as_listed(company, proposal, rows)

    def _decide_match(self, proposal: Proposal, decision: Decision, rows: Rows) -> None:
        """The name is one of the register's companies, or a new one; either is remembered."""
        chosen = decision.company and self._known(decision.company)
        for suggestion in proposal.suggestions:
            if chosen is None or suggestion["company"] != chosen.pk:
                self._refuse_match(proposal, suggestion["company"], rows)
        if chosen is None:
            self._add_company(proposal, decision, rows)
            return
        self._name_as_listed(chosen, proposal, rows)
        period = self._open_period(chosen)
        if period is None or period.status != proposal.new.get("status"):
            self._set_status(chosen, proposal, decision, rows)

    def _known(self, company: Company) -> Company:
        """The same company as this batch has it, though no suggestion named it."""
        if company.pk not in self.companies:
            self.companies[company.pk] = company
            self.spellings[company.pk] = {company.name.lower()} | {
                name.lower() for name in company.names.values_list("name", flat=True)
            }
            self.periods[company.pk] = list(company.signings.filter(pact=self.pact))
        return self.companies[company.pk]

    def _refuse_match(self, proposal: Proposal, company_id: int, rows: Rows) -> None:
        if company_id in self.companies:
            refused = RefusedMatch(
                company_id=company_id,
                name=proposal.new_name,
                decided_by_id=self.by.pk,
                decided_at=timezone.now(),
            )
            rows.refused.append(refused)

    def _change(self, proposal: Proposal, decision: Decision, rows: Rows) -> None:
        company = self._company(proposal)
        if "status" in proposal.new:
            self._check_status(proposal)
            self._set_status(company, proposal, decision, rows)
            return
        self._check_same(proposal, values_now(company, proposal.old))
        set_values(company, proposal.new)
        _clean(company)
        rows.changed_companies.append(company)

    def _name_as_listed(self, company: Company, proposal: Proposal, rows: Rows) -> None:
        """So that the spelling is known next time."""
        known = self.spellings[company.pk] if company.pk else {company.name.lower()}
        if not proposal.new_name or proposal.new_name.lower() in known:
            return
        listed = self.run.kind == ImportRun.Kind.OFFICIAL_LIST
        kind = CompanyName.Kind.AS_LISTED if listed else CompanyName.Kind.ALIAS
        name = CompanyName(company=company, name=proposal.new_name, kind=kind)
        _clean(name)
        rows.names.append(name)
        known.add(proposal.new_name.lower())

    def _set_status(
        self, company: Company, proposal: Proposal, decision: Decision, rows: Rows
    ) -> None:
        """Begin the proposed status, with the run as its source; a spreadsheet may propose none."""
        new = proposal.new
        if "status" not in new:
            return
        present = copy(self._open_period(company))
        signing = next_period(
            company=company,
            pact=self.pact,
            present=present,
            status=new["status"],
            since=_since(proposal, decision),
            since_basis=new["since_basis"],
            reason_en=decision.values.get("reason_en", ""),
            reason_fr=decision.values.get("reason_fr", ""),
        )
        _clean(signing)
        self._check_apart(company, signing)
        citation = Citation(signing=signing, source=self.source, quote=_quote(proposal))
        _clean(citation)
        if present:
            rows.ended.append(present)
        if company.pk:
            closed = [period for period in self.periods[company.pk] if period.until]
            self.periods[company.pk] = [*closed, *([present] if present else []), signing]
        rows.signings.append(signing)
        rows.citations.append(citation)
        if signing.status == Signing.Status.SIGNED:
            rows.pledges += [
                Pledge(
                    company=company,
                    commitment=commitment,
                    basis=Pledge.Basis.IMPLIED_BY_SIGNATURE,
                )
                for commitment in self.core
                if (company.pk, commitment.pk) not in self.pledged
            ]

    def _check_apart(self, company: Company, signing: Signing) -> None:
        for other in self.periods[company.pk] if company.pk else ():
            if other.until and signing.overlaps(other):  # the open one ends above
                raise ValidationError(
                    {"since": _("This period overlaps another one of the same company and pact.")}
                )

    def _free_slug(self, name: str) -> str:
        base = _slug(name)
        slug, number = base, 1
        while slug in self.slugs or (number > 1 and _is_taken(slug)):
            number += 1
            slug = f"{base}-{number}"
        return slug


def in_words(values: Mapping[str, Any]) -> str:
    """Values as a reviewer reads them."""
    shown = dict(values)
    words = []
    if status := shown.pop("status", ""):
        since = shown.pop("since", "")
        shown.pop("since_basis", "")
        words.append(f"{Signing.Status(status).label} ({since})")
    return ", ".join([*words, *(f"{name}: {value or '–'}" for name, value in shown.items())])


def source_of(run: ImportRun) -> Source:
    """The document that this reading is; made when the first proposal of it is applied."""
    if run.source:
        return run.source
    source = Source.objects.filter(url=run.source_url, sha256=run.sha256).first()
    if source is None:
        source = Source(
            slug=_free_source_slug(f"{run.pact.slug}-list-{run.seen_on}"),
            url=run.source_url,
            title=f"{run.pact.name_en}, {run.seen_on}",
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


def _slug(name: str) -> str:
    return slugify(name)[:90].strip("-") or "company"


def _is_taken(slug: str) -> bool:
    redirects = CompanyRedirect.objects.filter(old_slug=slug)
    return Company.objects.filter(slug=slug).exists() or redirects.exists()


def _since(proposal: Proposal, decision: Decision) -> PartialDate:
    text = decision.values.get("since") or proposal.new["since"]
    try:
        return PartialDate.parse(text)
    except ValueError:
        raise ValidationError(
            {"since": _("“%(text)s” is no date as 2024-10-09, 2024-10 or 2024.") % {"text": text}}
        ) from None


def _quote(proposal: Proposal) -> str:
    """The list's own words: the name as it stands there, with the remark beside it."""
    if proposal.action == Action.NO_LONGER_LISTED:
        return ""
    if "quote" in proposal.new:
        return str(proposal.new["quote"])
    note = proposal.new.get("note", "")
    return f"{proposal.new_name} ({note})" if note else proposal.new_name


def _clean(row: Model) -> None:
    """Validate the row's own values; what it points to and must differ from is checked here."""
    pointers = [f.name for f in row._meta.concrete_fields if isinstance(f, ForeignKey)]
    row.clean_fields(exclude=[*pointers, "id", "name_folded"])
