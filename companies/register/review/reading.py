"""One reading of an official list: its run, its proposals, and the operator's output."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from companies.models import ImportRun, Proposal


@dataclass
class Reading:
    """One run and its proposals; unsaved after a dry run."""

    run: ImportRun
    proposals: list[Proposal] = field(default_factory=list)
    is_older_copy: bool = False
    approved_before: int = 0  # differences that wait for a second person in an earlier run

    @property
    def is_usable(self) -> bool:
        return self.run.state in (ImportRun.State.READ, ImportRun.State.UNCHANGED)

    @property
    def next_step(self) -> str:
        """The URL of the review; "" without stored proposals."""
        if not (self.run.pk and self.proposals):
            return ""
        review = reverse("admin:companies_importrun_review", args=[self.run.pk])
        return f"Next: review them at {settings.SITE_URL}{review}"

    def by_kind(self) -> Iterator[str]:
        """How many proposals of each kind: 93 new company, 3 no longer on the list."""
        counts = Counter(proposal.action for proposal in self.proposals)
        return (f"{number} {Proposal.Action(action).label}" for action, number in counts.items())

    def __str__(self) -> str:
        """A table for the operator, one line per proposal."""
        run = self.run
        what = f"{run.pact}: {run.get_state_display()}"
        if run.state != ImportRun.State.READ:
            return "\n".join([f"{what}. {run.refusal}".rstrip(), *self._remarks()])
        lines = [f"{what}, {run.names_count} names, {len(self.proposals)} proposals"]
        lines += [f"  {', '.join(self.by_kind())}"] if self.proposals else []
        if self.approved_before:
            lines.append(f"  {self.approved_before} more, approved once, wait in an earlier review")
        lines += [f"  {line}" for line in extent_lines(run)]
        for proposal in self.proposals:
            about = str(proposal.subject)
            as_listed = proposal.new_name if proposal.new_name != about else ""
            suggested = ", ".join(f"{s['name']} ({s['score']})" for s in proposal.suggestions[:3])
            said = in_words_of_page(proposal.new)
            parts = [as_listed, suggested and f"perhaps {suggested}", said]
            notes = "; ".join(filter(None, parts))
            lines.append(f"  {proposal.get_action_display():<22} {about:<40} {notes}".rstrip())
        for entry in self.left_without_proposal:
            said = in_words_of_page(entry | {"left_as": entry["left"]})
            lines.append(f"  {'named, not listed':<22} {entry['name']:<40} {said}".rstrip())
        lines += [f"The list is of {run.seen_on}.", *self._remarks()]
        return "\n".join([*lines, *filter(None, [self.next_step])])

    def _remarks(self) -> list[str]:
        run = self.run
        dated = f"The page says {run.page_date} ({run.get_page_date_basis_display()})."
        return [*([dated] if run.page_date else []), *run.remarks.splitlines()]

    @property
    def left_without_proposal(self) -> list[dict[str, str]]:
        """Names that the page says left, of companies that are no signatories."""
        return left_without(self.run, self.proposals)


def left_without(run: ImportRun, proposals: Iterable[Proposal]) -> list[dict[str, str]]:
    proposed = {one.new_name for one in proposals if "left_as" in one.new}
    return [entry for entry in run.left if entry["name"] not in proposed]


def in_words_of_page(values: Mapping[str, str]) -> str:
    """How a page shows that a company left, in words for an operator; "" for other values."""
    if "left_as" not in values:
        return ""
    said = f"“{values['note']}”" if values.get("note") else ""
    also = "also listed without a remark" if values.get("also_listed") else ""
    shown = ImportRun.LeftAs(values["left_as"]).label
    return ", ".join(filter(None, [str(shown), said, also]))


def extent_lines(run: ImportRun) -> list[str]:
    """Lines for the operator about the length and pages of the list."""
    lines = []
    if run.documents:
        numbers = " + ".join(str(page["names"]) for page in run.documents)
        lines.append(
            _("%(pages)s pages were read: %(numbers)s names.")
            % {"pages": len(run.documents), "numbers": numbers}
        )
    if run.stated and run.stated not in run.part_because:
        lines.append(
            _("The page says “%(words)s”; %(number)s names were read.")
            % {"words": run.stated, "number": run.names_count}
        )
    if run.part_because:
        lines.append(
            _("Partial list, so no removals proposed: %(why)s") % {"why": run.part_because}
        )
    return lines
