"""Check that a proposal still fits the register."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _

from companies.models import (
    Commitment,
    Company,
    CompanyName,
    CompanyRedirect,
    ImportRun,
    Pledge,
    Proposal,
    RefusedMatch,
    Sector,
    Signing,
)
from companies.names.letters import fold

from .record_values import as_values, in_words, values_now

Action = Proposal.Action


class NotDecided(Exception):
    """The decision is not possible; the message says why."""


class AlreadyDecided(NotDecided):
    """The proposal is not open any more."""


class StaleProposal(NotDecided):
    """The register changed since: the values to change are no longer there."""


class RegisterNow:
    """The rows of the register that proposals of one run are about.

    They are read in a fixed number of queries, whatever the number of proposals. A planned
    proposal adds its rows, so that the next one does not claim the same name, slug or period.
    """

    def __init__(self, run: ImportRun, proposals: Sequence[Proposal]) -> None:
        self.run, self.pact = run, run.pact
        self.proposals = proposals

    @cached_property
    def companies(self) -> dict[int, Company]:
        ids = {proposal.company_id for proposal in self.proposals if proposal.company_id}
        ids |= {one["company"] for proposal in self.proposals for one in proposal.suggestions}
        companies = Company.objects.filter(pk__in=ids).select_related("sector")
        return {company.pk: company for company in companies}

    @cached_property
    def names(self) -> dict[int, set[str]]:
        """The names of each company, in lower case as in the database constraint."""
        found = defaultdict(set)
        names = CompanyName.objects.filter(company__in=self.companies)
        for company_id, name in names.values_list("company_id", "name"):
            found[company_id].add(name.lower())
        for pk, company in self.companies.items():
            found[pk].add(company.name.lower())
        return found

    @cached_property
    def owners(self) -> dict[str, str]:
        """The companies that have names which proposals would add, by folded name."""
        folded = {fold(proposal.new_name) for proposal in self.proposals} - {""}
        names = CompanyName.objects.filter(name_folded__in=folded).select_related("company")
        found = {name.name_folded: name.company.name for name in names}
        companies = Company.objects.filter(name_folded__in=folded)
        return found | {company.name_folded: company.name for company in companies}

    @cached_property
    def sectors(self) -> Mapping[str, Sector]:
        return Sector.objects.in_bulk(field_name="code")

    @cached_property
    def periods(self) -> dict[int, list[Signing]]:
        found = defaultdict(list)
        for period in Signing.objects.filter(pact=self.pact, company__in=self.companies):
            found[period.company_id].append(period)
        return found

    @cached_property
    def chapters(self) -> list[Commitment]:
        """The chapters of the pact, which can be signed one by one."""
        return list(self.pact.commitments.filter(kind=Commitment.Kind.CHAPTER))

    @cached_property
    def pledged(self) -> set[tuple[int, int]]:
        """The existing pledges of chapters, as (company, commitment)."""
        pledges = Pledge.objects.filter(company__in=self.companies, commitment__in=self.chapters)
        return set(pledges.values_list("company", "commitment"))

    @cached_property
    def slugs(self) -> set[str]:
        """Used slugs that new companies might want."""
        wanted = {slug_of(proposal.new_name) for proposal in self.proposals}
        taken = set(Company.objects.filter(slug__in=wanted).values_list("slug", flat=True))
        redirects = CompanyRedirect.objects.filter(old_slug__in=wanted)
        return taken | set(redirects.values_list("old_slug", flat=True))

    @cached_property
    def unsure(self) -> list[Proposal]:
        """The run's open unsure matches."""
        return list(
            Proposal.objects.filter(
                run=self.run, action=Action.MATCH_UNSURE, state=Proposal.State.PROPOSED
            )
        )

    @cached_property
    def listed(self) -> Mapping[str, str]:
        """The names on the list in its spelling, by lower case."""
        names = ImportRun.objects.filter(pk=self.run.pk).values_list("listed", flat=True)
        entries = (one for rows in names for one in rows if "left" not in one)
        return {one["name"].lower(): one["name"] for one in entries}

    @cached_property
    def refused(self) -> set[tuple[int, str]]:
        """Refused matches, as (company, folded name)."""
        refused = RefusedMatch.objects.filter(company__in=self.companies)
        return set(refused.values_list("company_id", "name_folded"))

    def listed_name_of(self, company: Company) -> str:
        """The list's name for the company, "" if it does not name it."""
        named = self.listed.keys() & self.names_of(company)
        mine = (name for name in sorted(named) if (company.pk, fold(name)) not in self.refused)
        return self.listed.get(next(mine, ""), "")

    def plan(self, proposal: Proposal) -> None:
        """Mark an unsure match as decided, so that others need not wait for it."""
        if proposal.action == Action.MATCH_UNSURE:
            self.unsure = [one for one in self.unsure if one.pk != proposal.pk]

    def company_of(self, proposal: Proposal) -> Company:
        return self.companies[proposal.company_id]  # type: ignore[index]  # the types are wider

    def first_period(self, company: Company) -> Signing | None:
        return min(self.periods_of(company), key=lambda one: one.since, default=None)

    def open_period(self, company: Company) -> Signing | None:
        return next((one for one in self.periods_of(company) if one.until is None), None)

    def periods_of(self, company: Company) -> list[Signing]:
        return self.periods[company.pk] if company.pk else []

    def names_of(self, company: Company) -> set[str]:
        return self.names[company.pk] if company.pk else {company.name.lower()}

    def free_slug(self, name: str) -> str:
        base = slug_of(name)
        slug, number = base, 1
        while slug in self.slugs or (number > 1 and _is_taken(slug)):
            number += 1
            slug = f"{base}-{number}"
        return slug

    def include(self, company: Company) -> Company:
        """The company with its rows, read now if no proposal named it."""
        if company.pk not in self.companies:
            self.companies[company.pk] = company
            self.names[company.pk] = {company.name.lower()} | {
                name.lower() for name in company.names.values_list("name", flat=True)
            }
            self.periods[company.pk] = list(company.signings.filter(pact=self.pact))
        return self.companies[company.pk]

    def add_company(self, company: Company, listed_name: str) -> None:
        self.slugs.add(company.slug)
        for name in (company.name, listed_name):
            self.owners[fold(name)] = company.name

    def add_period(self, signing: Signing, ended: Signing | None) -> None:
        if pk := signing.company.pk:
            closed = [period for period in self.periods[pk] if period.until]
            self.periods[pk] = [*closed, *([ended] if ended else []), signing]


def slug_of(name: str) -> str:
    return slugify(name)[:90].strip("-") or "company"


def _is_taken(slug: str) -> bool:
    redirects = CompanyRedirect.objects.filter(old_slug=slug)
    return Company.objects.filter(slug=slug).exists() or redirects.exists()


def check(proposal: Proposal, now: RegisterNow) -> None:
    """Raise StaleProposal, or ValidationError if another decision must come first."""
    for one in CHECKS[Action(proposal.action)]:
        one(proposal, now)


def _check_status(proposal: Proposal, now: RegisterNow) -> None:
    _check_same(proposal, as_values(now.open_period(now.company_of(proposal))))


def _check_values(proposal: Proposal, now: RegisterNow) -> None:
    if "status" in proposal.new:
        _check_status(proposal, now)
    else:
        _check_same(proposal, values_now(now.company_of(proposal), proposal.old))


def _check_same(proposal: Proposal, values: Mapping[str, str]) -> None:
    if {name: values.get(name, "") for name in proposal.old or values} != proposal.old:
        raise StaleProposal(
            _("%(company)s has changed since this was proposed: %(now)s, not %(old)s.")
            % {
                "company": proposal.company,
                "now": in_words(values) or _("no status"),
                "old": in_words(proposal.old) or _("no status"),
            }
        )


def _check_still_new(proposal: Proposal, now: RegisterNow) -> None:
    if owner := now.owners.get(fold(proposal.new_name)):
        raise StaleProposal(
            _("“%(name)s” is now on the register, as %(company)s.")
            % {"name": proposal.new_name, "company": owner}
        )


def _check_not_yet_named(proposal: Proposal, now: RegisterNow) -> None:
    company = now.company_of(proposal)
    if company.names.filter(name=proposal.new_name).exists():
        raise StaleProposal(
            _("%(company)s now has the name “%(name)s”.")
            % {"company": company, "name": proposal.new_name}
        )


def _check_seen_later(proposal: Proposal, now: RegisterNow) -> None:
    """Check that the company is still first seen later than on this list."""
    first = now.first_period(now.company_of(proposal))
    is_first_sight = first and first.status == "signed" and first.since_basis == "first_seen"
    if not first or not is_first_sight or str(first.since) <= proposal.new["since"]:
        _check_same(proposal, as_values(first))


def _check_no_open_match(proposal: Proposal, now: RegisterNow) -> None:
    """Check that no open unsure match may be this company."""
    for other in now.unsure:
        if any(one["company"] == proposal.company_id for one in other.suggestions):
            raise ValidationError(
                _("The list has “%(name)s”, which may be %(company)s. Decide on that name first.")
                % {"name": other.new_name, "company": proposal.company}
            )


def _check_not_named(proposal: Proposal, now: RegisterNow) -> None:
    """Check that no name on the list has turned out to be this company.

    A removal with a name is about a remark on that name, not about its absence.
    """
    company = now.company_of(proposal)
    if not proposal.new_name and (name := now.listed_name_of(company)):
        raise StaleProposal(
            _("The list names %(company)s, as “%(name)s”.") % {"company": company, "name": name}
        )


def named_after_all(run: ImportRun) -> Iterator[tuple[int, StaleProposal]]:
    """The open removals of companies that the list names after all."""
    removals = run.proposals.filter(action=Action.NO_LONGER_LISTED, state=Proposal.State.PROPOSED)
    now = RegisterNow(run, list(removals))
    for proposal in now.proposals:
        try:
            _check_not_named(proposal, now)
        except StaleProposal as fault:
            yield proposal.pk, fault


Check = Callable[[Proposal, RegisterNow], None]

CHECKS: Mapping[Action, Sequence[Check]] = {
    Action.NEW_COMPANY: [_check_still_new],
    Action.MATCH_UNSURE: [_check_still_new],
    Action.NEW_SIGNING: [_check_status],
    Action.BACK_ON_LIST: [_check_status],
    Action.NO_LONGER_LISTED: [_check_status, _check_no_open_match, _check_not_named],
    Action.SPELLED_DIFFERENTLY: [_check_not_yet_named],
    Action.SEEN_EARLIER: [_check_seen_later],
    Action.CHANGE: [_check_values],
}
