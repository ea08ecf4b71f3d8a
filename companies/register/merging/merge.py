"""Two records of one company become one."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Change,
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Correction,
    Merge,
    Pact,
    Pledge,
    ProgressReport,
    Proposal,
    RefusedMatch,
    Signing,
)
from companies.names.letters import fold
from companies.register.history import delete, save, save_changed, unit_of_work
from companies.register.statuses import bare_core_pledges, missing_core_pledges

from .undo import Rows, as_rows

PROFILE = (
    "legal_name",
    "country",
    "sector",
    "size",
    "role",
    "website",
    "parent",
    "description",
    "profile_basis",
    "profile_url",
)
# Of these a company has one; of the others it may have several.
SINGLE = {"lei", "wikidata", "eu-transparency-register"}
# What a fact of the merged company may bring into the row of the other.
TAKEN: dict[type[models.Model], tuple[str, ...]] = {
    Signing: (
        "status",
        "since",
        "since_precision",
        "since_basis",
        "until",
        "until_precision",
        "reason_en",
        "reason_fr",
        "asked",
        "asked_on",
    ),
    Pledge: (
        "basis",
        "implementation",
        "implementation_basis",
        "as_of",
        "target_on",
        "note_en",
        "note_fr",
    ),
    ProgressReport: ("due_on", "due_basis", "submitted_on", "published_on", "url"),
}
STARTS = ("since", "since_precision", "since_basis")
TARGETS: dict[type[models.Model], str] = {
    Signing: "signing",
    Pledge: "pledge",
    ProgressReport: "report",
    Company: "company",
}


class Choice(models.TextChoices):
    """What becomes of two rows that contradict each other."""

    KEPT = "kept", _("as the company that stays has it")
    MERGED = "merged", _("as the merged company has it")
    EARLIER = "earlier", _("as the company that stays has it, since the earlier date")
    BOTH = "both", _("both")


@dataclass(frozen=True)
class Clash:
    """What the two companies say differently: of the one that stays, and of the merged one.

    `key` is stable while neither record changes; the first of `choices` is the one proposed.
    """

    key: str
    subject: Any  # what it is about, in words
    ours: Any
    theirs: Any
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Preview:
    """Everything of the merged company, by table, and what must be decided."""

    kept: Company
    merged: Company
    rows: Mapping[type[models.Model], list[Any]]
    clashes: list[Clash]


@dataclass
class _Plan:
    """Rows that go, each with the one its citations move to, and rows that take values over."""

    dropped: dict[Any, Any] = field(default_factory=dict)
    taken: list[tuple[Any, Any, tuple[str, ...]]] = field(default_factory=list)


def preview(kept: Company, merged: Company) -> Preview:
    """What `merge` would do. Raises ValidationError where the two cannot be merged."""
    if kept.pk == merged.pk:
        raise ValidationError(_("A company cannot be merged with itself. Choose another one."))
    mine, theirs = _rows_of(kept), _rows_of(merged)
    clashes = [
        *_period_clashes(mine[Signing], theirs[Signing]),
        *_fact_clashes(mine[Pledge], theirs[Pledge]),
        *_fact_clashes(mine[ProgressReport], theirs[ProgressReport]),
        *_identifier_clashes(mine[CompanyIdentifier], theirs[CompanyIdentifier]),
        *_profile_clashes(kept, merged),
    ]
    return Preview(kept, merged, theirs, clashes)


def merge(
    *,
    kept: Company,
    merged: Company,
    decisions: Mapping[str, str],
    name_kind: str,
    cause: Change.Cause,
    reason: str,
    by: AbstractBaseUser | None = None,
) -> Merge:
    """Move every row of `merged` to `kept` and leave a redirect in its place.

    `decisions` holds a choice by the key of each clash; one that is missing is as proposed.
    Raises ValidationError with what to mend; then nothing is written.
    """
    with unit_of_work(by=by) as unit:
        unit.cause = cause
        list(Company.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, merged.pk]))
        kept, merged = (Company.objects.get(pk=company.pk) for company in (kept, merged))
        name, slug, number = merged.name, merged.slug, merged.pk
        merging = _Merging(preview(kept, merged), decisions, reason)
        merging.run(name_kind)
        return Merge.objects.create(
            kept_id=kept.pk,
            merged_id=number,
            merged_slug=slug,
            merged_name=name,
            rows=as_rows(unit) + merging.beside,
            reason=reason,
            merged_by=unit.by,  # type: ignore[misc]  # the project has one user model
        )


class _Merging:
    """One merge at work; `beside` collects what it did to rows that have no history."""

    def __init__(self, seen: Preview, decisions: Mapping[str, str], reason: str) -> None:
        self.seen, self.kept, self.merged = seen, seen.kept, seen.merged
        self.decisions, self.reason = decisions, reason
        self.beside: Rows = []

    def run(self, name_kind: str) -> None:
        plan = self.planned()
        self.check_periods(plan)
        for row, heir in plan.dropped.items():
            if heir:
                self.move_citations(row.citations.all(), heir)
        for row in plan.dropped:
            delete(copy(row), self.reason)  # a deleted row has no number to be found by
        for row, other, names in plan.taken:
            for name in names:
                setattr(row, name, getattr(other, name))
            save(row, self.reason)
        self.move_rows(plan)
        self.move_citations(self.seen.rows[Citation], self.kept)
        self.move_groups()
        self.move_rows_without_history()
        self.end_record(name_kind)
        self.set_implied_pledges()

    def choice(self, clash: Clash) -> Choice:
        chosen = self.decisions.get(clash.key, clash.choices[0])
        if chosen not in clash.choices:
            raise ValidationError(
                _("Choose one of the offered answers for %(subject)s."),
                params={"subject": clash.subject},
            )
        return Choice(chosen)

    def planned(self) -> _Plan:
        plan = _Plan()
        chosen = [(clash, self.choice(clash)) for clash in self.seen.clashes]
        _plan_periods(plan, [pair for pair in chosen if isinstance(pair[0].ours, Signing)])
        for clash, choice in chosen:
            if isinstance(clash.ours, Pledge | ProgressReport):
                plan.dropped[clash.theirs] = clash.ours
                if choice == Choice.MERGED:
                    plan.taken.append((clash.ours, clash.theirs, TAKEN[type(clash.ours)]))
            elif clash.key.startswith("identifier-") and choice != Choice.BOTH:
                gone = clash.theirs if choice == Choice.KEPT else clash.ours
                plan.dropped |= dict.fromkeys(gone)
            elif clash.key.startswith("profile-") and choice == Choice.MERGED:
                name = clash.key.removeprefix("profile-")
                setattr(self.kept, name, getattr(self.merged, name))
        known = {name.name.lower() for name in self.kept.names.all()} | {self.kept.name.lower()}
        for row in self.seen.rows[CompanyName]:
            if row.name.lower() in known:
                plan.dropped[row] = None
        for row in self.seen.rows[CompanyRedirect]:
            if row.old_slug == self.kept.slug:
                plan.dropped[row] = None
        return plan

    def check_periods(self, plan: _Plan) -> None:
        """The periods as they will be do not overlap. Raises ValidationError."""
        taken = {row: (other, names) for row, other, names in plan.taken}
        days = []
        for row in [*self.kept.signings.all(), *self.seen.rows[Signing]]:
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

    def move_rows(self, plan: _Plan) -> None:
        for model, rows in self.seen.rows.items():
            if model in (CompanyName, CompanyIdentifier, CompanyRedirect, *TAKEN):
                staying = [row for row in rows if row not in plan.dropped]
                for row in staying:
                    row.company = self.kept
                if staying:
                    save_changed(staying, model, self.reason)

    def move_citations(self, citations: Iterable[Citation], heir: Any) -> None:
        """The same words of the same source prove a fact once."""
        held = set(heir.citations.values_list("source_id", "quote"))
        moved = []
        for citation in citations:
            if (citation.source_id, citation.quote) in held:
                delete(citation, self.reason)
                continue
            held.add((citation.source_id, citation.quote))
            for model, name in TARGETS.items():
                setattr(citation, name, heir if isinstance(heir, model) else None)
            moved.append(citation)
        if moved:
            save_changed(moved, Citation, self.reason)

    def move_groups(self) -> None:
        """Subsidiaries, and what the company that stays takes over of the profile."""
        if self.kept.parent_id == self.merged.pk:
            above = self.merged.parent
            self.kept.parent = None if above == self.kept else above
        subsidiaries = [row for row in self.seen.rows[Company] if row.pk != self.kept.pk]
        for row in subsidiaries:
            row.parent = self.kept
        self.check_groups({row.pk for row in subsidiaries})
        if subsidiaries:
            save_changed(subsidiaries, Company, self.reason)
        before = Company.objects.get(pk=self.kept.pk)
        if any(getattr(before, f.attname) != getattr(self.kept, f.attname) for f in _fields()):
            save(self.kept, self.reason)

    def check_groups(self, subsidiaries: set[int]) -> None:
        """No company owns itself through others. Raises ValidationError."""
        seen, above = set(), self.kept.parent
        while above and above.pk not in seen:
            if above.pk in subsidiaries or above.pk == self.kept.pk:
                raise ValidationError(
                    _(
                        "%(company)s would own itself, through %(group)s. Correct the groups of "
                        "these companies first."
                    ),
                    params={"company": self.kept, "group": above},
                )
            seen.add(above.pk)
            above = above.parent

    def move_rows_without_history(self) -> None:
        self.drop_refused_matches()
        for model in (Proposal, RefusedMatch, Correction):
            for row in model._default_manager.filter(company=self.merged):
                self.change_beside(row, {"company_id": self.kept.pk})
        unsure = Proposal.objects.filter(
            state=Proposal.State.PROPOSED, action=Proposal.Action.MATCH_UNSURE
        )
        for proposal in unsure:
            if any(one["company"] == self.merged.pk for one in proposal.suggestions):
                self.change_beside(proposal, {"suggestions": self.suggested(proposal)})

    def drop_refused_matches(self) -> None:
        """Those both have, and those that say the two are not the same company."""
        names = {fold(company.name) for company in (self.kept, self.merged)}
        rows = list(RefusedMatch.objects.filter(company__in=[self.kept, self.merged]))
        held = {row.name_folded for row in rows if row.company_id == self.kept.pk}
        for row in rows:
            twice = row.company_id == self.merged.pk and row.name_folded in held
            if twice or row.name_folded in names:
                self.beside += as_rows([(row, None)])
                row.delete()

    def suggested(self, proposal: Proposal) -> list[Any]:
        """Its suggestions, where the company that stays takes the merged one's place."""
        companies, found = set(), []
        for one in proposal.suggestions:
            company = self.kept.pk if one["company"] == self.merged.pk else one["company"]
            if company not in companies:
                companies.add(company)
                found.append(one | {"company": company})
        return found

    def change_beside(self, row: Any, values: Mapping[str, Any]) -> None:
        self.beside += as_rows([(row, values)])
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))

    def end_record(self, name_kind: str) -> None:
        name, slug = self.merged.name, self.merged.slug
        delete(Company.objects.get(pk=self.merged.pk), self.reason)
        save(CompanyRedirect(old_slug=slug, company=self.kept), self.reason)
        known = {row.name.lower() for row in self.kept.names.all()} | {self.kept.name.lower()}
        if name.lower() not in known:
            save(CompanyName(company=self.kept, name=name, kind=name_kind), self.reason)

    def set_implied_pledges(self) -> None:
        for pact in Pact.objects.filter(signings__company=self.kept).distinct():
            signed = Signing.objects.signed().filter(company=self.kept, pact=pact).exists()
            for pledge in missing_core_pledges(pact, self.kept) if signed else []:
                save(pledge, self.reason)
            for pledge in [] if signed else bare_core_pledges(self.kept, pact):
                delete(pledge, self.reason)


def _rows_of(company: Company) -> dict[type[models.Model], list[Any]]:
    return {
        Signing: list(company.signings.select_related("company", "pact").order_by("since")),
        Pledge: list(company.pledges.select_related("company", "commitment")),
        ProgressReport: list(company.reports.select_related("company", "pact")),
        CompanyName: list(company.names.all()),
        CompanyIdentifier: list(company.identifiers.all()),
        CompanyRedirect: list(company.redirects.all()),
        Citation: list(company.citations.select_related("source")),
        Company: list(company.subsidiaries.all()),
        Proposal: list(company.proposals.select_related("company")),
        RefusedMatch: list(company.refused_matches.select_related("company")),
        Correction: list(company.corrections.all()),
    }


def _fields() -> list[Any]:
    return [column for column in Company._meta.concrete_fields if column.editable]


def _period_clashes(mine: list[Signing], theirs: list[Signing]) -> Iterable[Clash]:
    for ours in mine:
        for other in theirs:
            if ours.overlaps(other):
                choices: tuple[Choice, ...] = (Choice.KEPT, Choice.MERGED)
                if ours.status == other.status and _may_begin_with(ours, other, mine):
                    choices = (Choice.EARLIER, *choices)
                yield Clash(f"period-{ours.pk}-{other.pk}", ours.pact, ours, other, choices)


def _may_begin_with(ours: Signing, other: Signing, mine: list[Signing]) -> bool:
    """Whether `ours` could begin as early as `other` does."""
    gained = Signing(pact_id=ours.pact_id, since=other.since, until=ours.since)
    return other.since < ours.since and not any(gained.overlaps(row) for row in mine if row != ours)


def _fact_clashes(mine: list[Any], theirs: list[Any]) -> Iterable[Clash]:
    """Pledges to the same commitment; reports of the same period."""
    held = {_about(row): row for row in mine}
    for other in theirs:
        if ours := held.get(_about(other)):
            choices = (Choice.KEPT, Choice.MERGED)
            if _says_nothing(ours) and not _says_nothing(other):
                choices = choices[::-1]
            subject = ours.commitment if isinstance(ours, Pledge) else ours.pact
            yield Clash(
                f"{TARGETS[type(ours)]}-{ours.pk}-{other.pk}", subject, ours, other, choices
            )


def _about(row: Any) -> tuple[int, ...]:
    return (row.commitment_id,) if isinstance(row, Pledge) else (row.pact_id, row.period)


def _says_nothing(row: Any) -> bool:
    if isinstance(row, Pledge):
        implied = row.basis == Pledge.Basis.IMPLIED_BY_SIGNATURE
        return implied and row.implementation == Pledge.Implementation.NO_EVIDENCE
    return not (row.submitted_on or row.published_on)


def _identifier_clashes(mine: list[Any], theirs: list[Any]) -> Iterable[Clash]:
    for scheme in CompanyIdentifier.Scheme:
        ours = [row for row in mine if row.scheme == scheme]
        other = [row for row in theirs if row.scheme == scheme]
        if ours and other:
            choices = (Choice.KEPT, Choice.MERGED, Choice.BOTH)
            if scheme not in SINGLE:
                choices = (Choice.BOTH, Choice.KEPT, Choice.MERGED)
            yield Clash(f"identifier-{scheme}", scheme.label, ours, other, choices)


def _profile_clashes(kept: Company, merged: Company) -> Iterable[Clash]:
    for name in PROFILE:
        ours, other = getattr(kept, name), getattr(merged, name)
        # A company that goes is nobody's group, and the one that stays is not its own.
        decided = name == "parent" and (other == kept or ours == merged)
        if ours != other and other not in (None, "", "unknown") and not decided:
            label = Company._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            mine, theirs = _shown(kept, name), _shown(merged, name)
            yield Clash(f"profile-{name}", label, mine, theirs, (Choice.KEPT, Choice.MERGED))


def _shown(company: Company, name: str) -> str:
    if name == "country":
        return company.country_name or _t("not known")
    display = getattr(company, f"get_{name}_display", None)
    return str(display() if display else getattr(company, name) or _t("not known"))


def _plan_periods(plan: _Plan, chosen: list[tuple[Clash, Choice]]) -> None:
    """Overlapping periods: one of each pair goes. Raises ValidationError."""
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
