"""The submitted review: which proposals are selected, and the values of each row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property

from companies.models import Proposal

from .decision_form import IN_LINE, NEW, DecisionForm, RowChoices
from .proposal_kinds import TITLES, OpenProposals

LARGEST_KEY = 2**63


@dataclass
class TypedRows:
    """A submitted review form; nothing is lost when the page is shown again."""

    data: QueryDict = field(default_factory=lambda: QueryDict(mutable=True))
    faults: dict[int, str] = field(default_factory=dict)

    @cached_property
    def selected(self) -> set[int]:
        """Primary keys of the rows ticked individually."""
        texts = self.data.getlist("selected")
        numbers = (int(text) for text in texts if text.isascii() and text.isdigit())
        return {number for number in numbers if number < LARGEST_KEY}

    @cached_property
    def kinds(self) -> set[str]:
        """Kinds selected as a whole, except proposals that need attention."""
        return set(self.data.getlist("kind")) & TITLES.keys()

    @cached_property
    def sent(self) -> set[str]:
        """The form prefixes of the submitted rows."""
        return {name.partition("-")[0] for name in self.data if "-" in name}

    def form_of(self, proposal: Proposal, choices: RowChoices) -> DecisionForm:
        data = self.data if f"p{proposal.pk}" in self.sent else None
        return DecisionForm(data, proposal, choices)

    def is_selected(self, proposal: Proposal, waiting: OpenProposals) -> bool:
        together = proposal.action in self.kinds and proposal.pk not in waiting.cautions
        return proposal.pk not in self.faults and (together or proposal.pk in self.selected)

    def chosen(self, waiting: OpenProposals) -> list[Proposal]:
        """The selected proposals in the order to decide them, on whatever page they are."""
        together = (
            {one.pk for one in waiting.selected_together(self.kinds)} if self.kinds else set()
        )
        ids = self.selected | together
        chosen = [one for one in waiting.rows if one.pk in ids]
        closed = ids - {one.pk for one in chosen}
        return [*chosen, *waiting.run.proposals.filter(pk__in=closed)]

    def fill_in(self, proposals: Iterable[Proposal], values: Mapping[str, Any]) -> None:
        """Fill empty values in the rows of new companies."""
        for proposal in proposals:
            prefix = f"p{proposal.pk}"
            if prefix not in self.sent or not self._makes_a_company(proposal):
                continue
            for name, text in values.items():
                if not self.data.get(f"{prefix}-{name}", "").strip():
                    self.data[f"{prefix}-{name}"] = text

    def _makes_a_company(self, proposal: Proposal) -> bool:
        if proposal.action == Proposal.Action.MATCH_UNSURE:
            return self.data.get(f"p{proposal.pk}-match") == NEW
        return proposal.action == Proposal.Action.NEW_COMPANY

    def unfold(self, proposal: Proposal) -> None:
        """Show the rarely used fields of one row."""
        form = DecisionForm(None, proposal, RowChoices([]))
        for name in form.folded_names:
            self.data.setdefault(form.add_prefix(name), str(form[name].value() or ""))
        self.__dict__.pop("sent", None)

    def forget_typed_once(self) -> None:
        for name in IN_LINE:
            self.data[f"all_{name}"] = ""
