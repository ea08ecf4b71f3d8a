"""The proposals of a run grouped by kind, in the order in which to decide them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from companies.admin.form_errors import FieldError, errors_of, in_row
from companies.models import ImportRun, Proposal
from companies.register.approval.agreement import first_person, needs_two
from companies.register.review.cautions import Cautions, cautions
from companies.register.review.guesses import Guess, guess_country

from .decision_form import DecisionForm
from .proposal_words import Side, sides, was, will

Action, State = Proposal.Action, Proposal.State

# Others wait for an unsure match, and whoever is off the list may be one: first and last.
TITLES: dict[str, Any] = {
    Action.MATCH_UNSURE: _("Unsure matches"),
    Action.NEW_SIGNING: _("New signatories"),
    Action.BACK_ON_LIST: _("Back on the list"),
    Action.NEW_COMPANY: _("New companies"),
    Action.SEEN_EARLIER: _("Seen earlier"),
    Action.CHANGE: _("Changes of a record"),
    Action.CONFLICT: _("Changed here too"),
    Action.SPELLED_DIFFERENTLY: _("Spelled differently"),
    Action.NO_LONGER_LISTED: _("No longer listed"),
}
EFFECTS: dict[str, Any] = {
    Action.MATCH_UNSURE: _("most likely company first; tick each one you have checked"),
    Action.NEW_SIGNING: _("on the register, not recorded as a signatory"),
    Action.BACK_ON_LIST: _("signed again, first seen on this list"),
    Action.NEW_COMPANY: _("not on the register; signed, first seen on this list"),
    Action.SEEN_EARLIER: _("first seen on the earlier day of this list"),
    Action.CHANGE: _("other values than on the register"),
    Action.CONFLICT: _("the package’s values replace an editor’s"),
    Action.SPELLED_DIFFERENTLY: _("kept as another name"),
    Action.NO_LONGER_LISTED: _("shown publicly; the list gives no reason"),
}
RANK = Case(
    *(When(action=action, then=Value(rank)) for rank, action in enumerate(TITLES)),
    output_field=IntegerField(),
)


def in_order(proposals: "QuerySet[Proposal]") -> "QuerySet[Proposal]":
    """Order by kind; unsure matches by likelihood, all others as on the list."""
    likeliest = F("suggestions__0__score").desc(nulls_last=True)
    return proposals.order_by(RANK, likeliest, "pk")


def guess_of(proposal: Proposal) -> Guess | None:
    return guess_country(proposal.new_name, proposal.new.get("note", ""))


@dataclass
class Line:
    """One proposal for the template."""

    proposal: Proposal
    form: DecisionForm
    is_selected: bool = False
    caution: str = ""
    fault: str = ""  # why it could not be applied

    @property
    def subject(self) -> Any:
        return self.proposal.subject

    @cached_property
    def needs_two(self) -> bool:
        return self.proposal.state == State.PROPOSED and needs_two(self.proposal)

    @property
    def first_person(self) -> Any:
        """The user who approved or entered it, if two people must."""
        if not self.needs_two or first_person(self.proposal) is None:
            return None
        return self.proposal.approved_by or self.proposal.run.started_by

    @cached_property
    def was(self) -> str:
        return was(self.proposal)

    @cached_property
    def will(self) -> str:
        return will(self.proposal)

    @cached_property
    def sides(self) -> list[Side]:
        """The values one by one, unless one line can say it or a match is chosen."""
        by_value = self.proposal.rows or self.proposal.action == Action.CHANGE
        return sides(self.proposal) if by_value else []

    @property
    def has_old(self) -> bool:
        return bool(self.proposal.old) or any(row["old"] for row in self.proposal.rows)

    @property
    def is_unfolded(self) -> bool:
        return self.form.is_bound and bool(self.form.folded_names)

    @property
    def country(self) -> str:
        """The country as the form field shows it."""
        field = self.form["country"]
        return str(field.field.widget.format_value(field.value()))

    @property
    def sector(self) -> str:
        return str(self.form["sector"].value() or "")

    @property
    def guess(self) -> Guess | None:
        """The country guessed from the list, while the row has none."""
        if "country" not in self.form.fields or self.form["country"].value():
            return None
        return guess_of(self.proposal)

    @cached_property
    def errors(self) -> list[FieldError]:
        """The errors of this row for the summary above the form."""
        where = str(self.subject)
        found = list(errors_of(self.form, where)) if self.is_selected else []
        if self.fault:
            found.append(FieldError(f"selected-{self.proposal.pk}", in_row(where, self.fault)))
        return found


@dataclass
class KindGroup:
    """The proposals of one kind on this page, and their number on all pages."""

    action: str
    total: int
    careful: int  # that "select all" leaves out
    is_selected: bool = False
    lines: list[Line] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(TITLES[self.action])

    @property
    def effect(self) -> str:
        return str(EFFECTS[self.action])

    @property
    def selectable(self) -> int:
        return self.total - self.careful

    @property
    def all_need_two(self) -> bool:
        """Whether all need a second person, which the heading then says once."""
        return bool(self.lines) and all(line.needs_two for line in self.lines)

    @property
    def is_cut(self) -> bool:
        return len(self.lines) < self.total


@dataclass
class OpenProposals:
    """The open proposals of a run, read once: the number of each kind, and which need attention."""

    run: ImportRun

    @cached_property
    def rows(self) -> "QuerySet[Proposal]":
        waiting = self.run.proposals.filter(state=State.PROPOSED)
        return in_order(waiting).select_related("company").defer("rows")

    @cached_property
    def cautions(self) -> Cautions:
        return cautions(self.run, self.rows)

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(one.action for one in self.rows)

    @cached_property
    def careful(self) -> Counter[str]:
        return Counter(one.action for one in self.rows if one.pk in self.cautions)

    def selected_together(self, actions: set[str]) -> list[Proposal]:
        """The proposals of these kinds, except those that need attention."""
        return [one for one in self.rows if one.action in actions and one.pk not in self.cautions]

    def grouped(
        self, lines: Sequence[Line], counts: Mapping[str, int], chosen_kinds: set[str]
    ) -> list[KindGroup]:
        groups: dict[str, KindGroup] = {}
        for line in lines:
            action = line.proposal.action
            if action not in groups:
                groups[action] = KindGroup(
                    action, counts[action], self.careful[action], action in chosen_kinds
                )
            groups[action].lines.append(line)
        return list(groups.values())

    def kinds(self) -> list[tuple[str, str, int]]:
        """Each kind as (code, title, number)."""
        counts = self.counts
        return [(kind, str(title), counts[kind]) for kind, title in TITLES.items() if counts[kind]]
