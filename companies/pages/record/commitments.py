"""The commitments of a pact, with the pledges of one company."""

from collections.abc import Iterable
from dataclasses import dataclass

from companies.models import Commitment, Company, Pledge

_OF_ROLE = {
    Company.Role.PROVIDER: {Commitment.Audience.PROVIDER},
    Company.Role.DEPLOYER: {Commitment.Audience.DEPLOYER},
}
_EVERY_ROLE = {Commitment.Audience.PROVIDER, Commitment.Audience.DEPLOYER}
_NOTHING_DONE = (Pledge.Implementation.NO_EVIDENCE, Pledge.Implementation.EVIDENCE_WITHDRAWN)


@dataclass(frozen=True)
class CommitmentRow:
    """A commitment and the company's pledge to it, None if no source or signature says so."""

    commitment: Commitment
    pledge: Pledge | None

    @property
    def is_evidenced(self) -> bool:
        return self.pledge is not None and self.pledge.implementation not in _NOTHING_DONE


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
    def evidenced(self) -> int:
        return sum(row.is_evidenced for row in self.rows)


@dataclass(frozen=True)
class CommitmentTable:
    """The groups for a company's role; `others` counts the commitments for the other role alone."""

    groups: list[CommitmentGroup]
    others: int

    @property
    def has_choice(self) -> bool:
        """Whether there were commitments to choose from and no source says which were chosen."""
        optional = (group for group in self.groups if group.kind != Commitment.Kind.CORE)
        return any(group.pledged < len(group.rows) for group in optional)

    @property
    def pledged(self) -> list[Pledge]:
        return [row.pledge for group in self.groups for row in group.rows if row.pledge]


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
