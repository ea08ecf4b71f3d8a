"""Merge two records of one company."""

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
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
    Proposal,
    RefusedMatch,
    Retraction,
    early_days,
)
from companies.names.letters import fold
from companies.register.approval import second_person
from companies.register.history import delete, save, save_changed, unit_of_work
from companies.register.stored_rows import StoredRow, stored, stored_without_history, values_of

from .clashes import TARGETS, MergePreview, preview
from .plan import TAKEN, Plan, plan_of

# A merge is undone from its own record, so that it cannot wait as rows do.
ALONE = _(
    "Merging these records would give %(companies)s a status that needs a second person. Merge "
    "them the other way round, or change that status first."
)


@early_days()  # what was accepted stays accepted
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
    """Move every row of `merged` to `kept`, delete `merged` and leave a redirect.

    `decisions` holds a choice by the key of each clash; missing ones take the default. Raises
    ValidationError, and then writes nothing.
    """
    with second_person.refused(ALONE), unit_of_work(by=by) as unit:
        unit.cause = cause
        list(Company.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, merged.pk]))
        kept, merged = (Company.objects.get(pk=company.pk) for company in (kept, merged))
        name, slug, number = merged.name, merged.slug, merged.pk
        seen = preview(kept, merged)
        merging = _Merging(seen, plan_of(seen, decisions), reason)
        merging.run(name_kind)
        return Merge.objects.create(
            kept_id=kept.pk,
            merged_id=number,
            merged_slug=slug,
            merged_name=name,
            rows=stored(unit) + merging.without_history,
            reason=reason,
            merged_by=unit.by,  # type: ignore[misc]  # the project has one user model
        )


class _Merging:
    """Writes one merge; `without_history` collects rows that no unit of work records."""

    def __init__(self, seen: MergePreview, plan: Plan, reason: str) -> None:
        self.seen, self.kept, self.merged = seen, seen.kept, seen.merged
        self.plan, self.reason = plan, reason
        self.without_history: list[StoredRow] = []

    def run(self, name_kind: str) -> None:
        self.drop_rows()
        self.take_values_over()
        self.move_rows()
        self.move_citations(self.seen.rows[Citation], self.kept)
        self.move_groups()
        self.move_rows_without_history()
        self.end_record(name_kind)

    def drop_rows(self) -> None:
        for row, heir in self.plan.dropped.items():
            if heir:
                self.move_citations(row.citations.all(), heir)
        for row in self.plan.dropped:
            delete(copy(row), self.reason)  # Django sets the primary key of a deleted row to None

    def take_values_over(self) -> None:
        for row, other, names in self.plan.taken:
            for name in names:
                setattr(row, name, getattr(other, name))
            save(row, self.reason)
        for name in self.plan.profile:
            setattr(self.kept, name, getattr(self.merged, name))

    def move_rows(self) -> None:
        for model, rows in self.seen.rows.items():
            if model in (CompanyName, CompanyIdentifier, CompanyRedirect, Retraction, *TAKEN):
                staying = [row for row in rows if row not in self.plan.dropped]
                for row in staying:
                    row.company = self.kept
                if staying:
                    save_changed(staying, model, self.reason)

    def move_citations(self, citations: Iterable[Citation], heir: Any) -> None:
        """Move `citations` to `heir`, except duplicates: the same quote of the same source."""
        known = set(heir.citations.values_list("source_id", "quote"))
        moved = []
        for citation in citations:
            if (citation.source_id, citation.quote) in known:
                delete(citation, self.reason)
                continue
            known.add((citation.source_id, citation.quote))
            for model, name in TARGETS.items():
                setattr(citation, name, heir if isinstance(heir, model) else None)
            moved.append(citation)
        if moved:
            save_changed(moved, Citation, self.reason)

    def move_groups(self) -> None:
        """Move the subsidiaries, and save the remaining company if it changed."""
        if self.kept.parent_id == self.merged.pk:
            above = self.merged.parent
            self.kept.parent = None if above == self.kept else above
        subsidiaries = [row for row in self.seen.rows[Company] if row.pk != self.kept.pk]
        for row in subsidiaries:
            row.parent = self.kept
        self.check_groups({row.pk for row in subsidiaries})
        if subsidiaries:
            save_changed(subsidiaries, Company, self.reason)
        before, after = values_of(Company.objects.get(pk=self.kept.pk)), values_of(self.kept)
        if before != after:
            save(self.kept, self.reason)

    def check_groups(self, subsidiaries: set[int]) -> None:
        """Raise ValidationError if a company would own itself through others."""
        seen, above = set(), self.kept.parent
        while above and above.pk not in seen:
            if above.pk in subsidiaries or above.pk == self.kept.pk:
                raise ValidationError(
                    _(
                        "%(company)s would belong to itself, through %(group)s. Correct these "
                        "groups first."
                    ),
                    params={"company": self.kept, "group": above},
                )
            seen.add(above.pk)
            above = above.parent

    def move_rows_without_history(self) -> None:
        self.drop_refused_matches()
        for model in (Proposal, RefusedMatch, Correction):
            for row in model._default_manager.filter(company=self.merged):
                self.change_without_history(row, {"company_id": self.kept.pk})
        unsure = Proposal.objects.filter(
            state=Proposal.State.PROPOSED, action=Proposal.Action.MATCH_UNSURE
        )
        for proposal in unsure:
            if any(one["company"] == self.merged.pk for one in proposal.suggestions):
                self.change_without_history(proposal, {"suggestions": self.suggested(proposal)})

    def drop_refused_matches(self) -> None:
        """Delete refused matches that both have, or between the two."""
        names = {fold(company.name) for company in (self.kept, self.merged)}
        rows = list(RefusedMatch.objects.filter(company__in=[self.kept, self.merged]))
        known = {row.name_folded for row in rows if row.company_id == self.kept.pk}
        for row in rows:
            twice = row.company_id == self.merged.pk and row.name_folded in known
            if twice or row.name_folded in names:
                self.without_history.append(stored_without_history(row, None))
                row.delete()

    def suggested(self, proposal: Proposal) -> list[Any]:
        """The suggestions of a proposal, with the merged company replaced."""
        companies, found = set(), []
        for one in proposal.suggestions:
            company = self.kept.pk if one["company"] == self.merged.pk else one["company"]
            if company not in companies:
                companies.add(company)
                found.append(one | {"company": company})
        return found

    def change_without_history(self, row: Any, values: Mapping[str, Any]) -> None:
        self.without_history.append(stored_without_history(row, values))
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
