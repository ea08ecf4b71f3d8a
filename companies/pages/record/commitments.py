"""The commitments of a pact, with the pledges of one company."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import zip_longest

from companies.models import Citation, Commitment, Company, Pledge

_OF_ROLE = {
    Company.Role.PROVIDER: {Commitment.Audience.PROVIDER},
    Company.Role.DEPLOYER: {Commitment.Audience.DEPLOYER},
}
_EVERY_ROLE = {Commitment.Audience.PROVIDER, Commitment.Audience.DEPLOYER}
_SHOWN = ("basis", "implementation", "implementation_basis", "as_of", "target_on")  # of a pledge
_NOTHING_DONE = (Pledge.Implementation.NO_EVIDENCE, Pledge.Implementation.EVIDENCE_WITHDRAWN)


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment and the company's pledge to it, if any."""

    commitment: Commitment
    pledge: Pledge | None

    @property
    def is_evidenced(self) -> bool:
        return self.pledge is not None and self.pledge.implementation not in _NOTHING_DONE

    @property
    def is_core(self) -> bool:
        return self.commitment.kind == Commitment.Kind.CORE

    @property
    def citations(self) -> list[Citation]:
        return list(self.pledge.citations.all()) if self.pledge else []

    @property
    def note(self) -> str:
        return str(self.pledge.note) if self.pledge else ""

    @property
    def said(self) -> list[tuple[int, str]]:
        """The contents of its citations, to compare them with another row's."""
        return [(one.source_id, one.quote) for one in self.citations]


@dataclass(frozen=True)
class ProvedRow:
    """A row with the note and citations shown under it.

    Rows that share them show them once, under the last one. `source_follows`: so does the
    source of its only quote.
    """

    row: CommitmentRow
    note: str
    citations: list[Citation]
    source_follows: bool


@dataclass(frozen=True)
class CommitmentGroup:
    """Commitments of one kind for one audience."""

    kind: Commitment.Kind
    audience: Commitment.Audience
    rows: list[CommitmentRow]

    @property
    def pledged(self) -> int:
        return sum(row.pledge is not None for row in self.rows)

    @property
    def by_signing(self) -> bool:
        """Whether all were pledged by the signature only."""
        return all(row.pledge and row.pledge.basis != Pledge.Basis.STATED for row in self.rows)

    @property
    def evidenced(self) -> int:
        return sum(row.is_evidenced for row in self.rows)


@dataclass(frozen=True)
class CommitmentTable:
    """The groups for a company's role; `others` counts commitments for the other role only."""

    groups: list[CommitmentGroup]
    others: int

    @property
    def has_choice(self) -> bool:
        """Whether commitments were optional and no source says which were chosen."""
        optional = (group for group in self.groups if group.kind != Commitment.Kind.CORE)
        return any(group.pledged < len(group.rows) for group in optional)

    @property
    def rows(self) -> list[CommitmentRow]:
        return [row for group in self.groups for row in group.rows]

    @property
    def core(self) -> CommitmentGroup:
        """All core commitments, whatever the role."""
        rows = [row for row in self.rows if row.is_core]
        return CommitmentGroup(Commitment.Kind.CORE, Commitment.Audience.ALL, rows)

    @property
    def optional(self) -> list[CommitmentRow]:
        """The other commitments that it pledged."""
        return [row for row in self.rows if row.pledge and not row.is_core]

    @property
    def silent(self) -> int:
        """The number of optional commitments that no source says it pledged."""
        return sum(not row.pledge and not row.is_core for row in self.rows)

    @property
    def pledged(self) -> list[Pledge]:
        return [row.pledge for group in self.groups for row in group.rows if row.pledge]


def proved(rows: list[CommitmentRow], best: Citation | None) -> list[ProvedRow]:
    """Rows with each quote once; what `best`, the status's first source, says is shown above."""
    above = [(best.source_id, best.quote)] if best else []
    return [
        _proved(row, above, after or CommitmentRow(row.commitment, None))
        for row, after in zip_longest(rows, rows[1:])
    ]


def shown_pledges(rows: Iterable[ProvedRow]) -> Hashable:
    """What a table of these rows shows besides the commitments themselves.

    None if a note or a quote is the company's own, which no other shares.
    """
    if any(one.note or one.citations for one in rows):
        return None
    return tuple((one.row.commitment.pk, _shown(one.row.pledge)) for one in rows)


def _shown(pledge: Pledge | None) -> Hashable:
    return pledge and tuple(getattr(pledge, name) for name in _SHOWN)


def _proved(row: CommitmentRow, above: list[tuple[int, str]], after: CommitmentRow) -> ProvedRow:
    note = "" if after.note == row.note else row.note
    citations = [] if row.said in (above, after.said) else row.citations
    alone = len(row.said) == len(after.said) == 1
    return ProvedRow(row, note, citations, alone and row.said[0][0] == after.said[0][0])


def commitment_table(
    company: Company, commitments: Iterable[Commitment], pledges: Iterable[Pledge]
) -> CommitmentTable:
    """The `commitments` of a pact for the company's role, and any others that it pledged."""
    made = {pledge.commitment_id: pledge for pledge in pledges}
    offered = list(commitments)
    rows = [
        CommitmentRow(c, made.get(c.pk)) for c in offered if c.pk in made or concerns(company, c)
    ]
    groups = [
        CommitmentGroup(kind, audience, found)
        for kind in Commitment.Kind
        for audience in Commitment.Audience
        if (found := [r for r in rows if _belongs(r.commitment, kind, audience)])
    ]
    return CommitmentTable(groups, len(offered) - len(rows))


def concerns(company: Company, commitment: Commitment) -> bool:
    """Whether a commitment is for the company's role; an unknown role excludes nothing."""
    roles = _OF_ROLE.get(Company.Role(company.role), _EVERY_ROLE)
    return commitment.audience == Commitment.Audience.ALL or commitment.audience in roles


def _belongs(commitment: Commitment, kind: Commitment.Kind, audience: Commitment.Audience) -> bool:
    return (commitment.kind, commitment.audience) == (kind, audience)
