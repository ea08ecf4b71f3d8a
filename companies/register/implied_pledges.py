"""The implied pledges, computed from the periods and the pacts' commitments.

A company that ever signed a pact took on its core commitments; as of a day, readers look at the
periods. A pledge that says more is kept when its signature is removed: it loses its basis, and
regains it when the signature returns. The chapters of a pact can be signed one by one: such a
pledge is stated by people, and counts while there is a signature.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from companies.models import Commitment, Company, Pledge, Signing
from companies.queries.records.prepared import Prepared

from .history import UnitOfWork, delete_bare, save_changed, save_new

MANY = 500  # primary keys in one query; above it the whole table is read
Kind = Commitment.Kind
REASON = "implied by signature"
IMPLIED, STATED = Pledge.Basis.IMPLIED_BY_SIGNATURE, Pledge.Basis.STATED


@dataclass(frozen=True)
class Scope:
    """The commitments, and the companies if not all, whose pledges must be checked."""

    commitments: Mapping[int, tuple[int, str]]  # pact and kind, by primary key
    companies: Collection[int] | None = None
    no_longer_core: Collection[int] = ()

    @property
    def of_companies(self) -> dict[str, Collection[int]]:
        """The query condition on rows of these companies."""
        if self.companies is None or len(self.companies) > MANY:
            return {}
        return {"company__in": self.companies}


@dataclass(frozen=True)
class Due:
    """The pledges that differ from what the periods imply, as they should be."""

    new: list[Pledge] = field(default_factory=list)
    changed: list[Pledge] = field(default_factory=list)
    gone: list[Pledge] = field(default_factory=list)


def write(unit: UnitOfWork) -> None:
    """Save the pledges implied by the rows of `unit`, in a fixed number of queries."""
    scope = _scope_of(unit)
    if scope is None:
        return
    due = _due(scope)
    if due.gone:
        delete_bare(due.gone, Pledge, "no longer implied by a signature")
    if due.changed:
        save_changed(due.changed, Pledge, "what the signature implies")
    if due.new:
        save_new(due.new, REASON)


def faults() -> Iterator[str]:
    """Each pledge that differs from what the periods imply, by company and commitment."""
    due = _due(Scope(_commitments()))
    companies = Company.objects.in_bulk()
    commitments = Commitment.objects.select_related("pact").in_bulk()
    found = {
        "no pledge, though it signed": due.new,
        "a pledge of another basis than its periods imply": due.changed,
        # A row without a basis claims nothing, also where nothing is left that it keeps.
        "a pledge that no signature implies": [row for row in due.gone if row.basis],
    }
    for what, rows in found.items():
        for row in rows:
            commitment = commitments[row.commitment_id]
            company = companies[row.company_id].slug
            yield f"{company}, {commitment.pact.slug} {commitment.code}: {what}"


def first_implied() -> Pledge:
    """An implied pledge without further information: the fast load fills in the rest."""
    return Pledge(basis=IMPLIED)


def _commitments() -> dict[int, tuple[int, str]]:
    return {pk: (pact, kind) for pk, pact, kind in _compiled_commitments().every()}


@cache
def _compiled_commitments() -> Prepared[Commitment]:
    """Every edit of a period reads them, so the query is compiled once."""
    return Prepared(Commitment.objects.order_by("pk").values_list("pk", "pact_id", "kind"), [])


def _scope_of(unit: UnitOfWork) -> Scope | None:
    periods = unit.of(Signing)
    offered = [row for row in unit.of(Commitment) if row.differs("kind", "pact_id")]
    pledges = [
        row
        for row in unit.of(Pledge)
        if row.differs("company_id", "commitment_id", "basis")
        # Django deletes a company's or a commitment's pledges first, each a unit of its own.
        and not (unit.lone and row.is_deleted)
    ]
    if not (periods or offered or pledges):
        return None
    commitments = _commitments()
    pacts = {values["pact_id"] for row in (*periods, *offered) for values in row.versions}
    pledged = {values["commitment_id"] for row in pledges for values in row.versions}
    pacts |= {commitments[pk][0] for pk in pledged & commitments.keys()}
    return Scope(
        {pk: one for pk, one in commitments.items() if one[0] in pacts},
        None
        if offered
        else {values["company_id"] for row in (*periods, *pledges) for values in row.versions},
        {
            row.pk
            for row in offered
            if row.old and row.old["kind"] == Kind.CORE != row.values["kind"]
        },
    )


def _due(scope: Scope) -> Due:
    if not scope.commitments:
        return Due()
    signatories = _signatories(scope)
    missing = {
        (company, commitment)
        for commitment, (pact, kind) in scope.commitments.items()
        if kind == Kind.CORE
        for company in signatories.get(pact, ())
    }
    rows = Pledge.objects.filter(
        commitment__in=list(scope.commitments), **scope.of_companies
    ).order_by()
    wrong: dict[int, str] = {}
    unneeded: set[int] = set()
    for pk, company, commitment, basis in rows.values_list(
        "pk", "company_id", "commitment_id", "basis"
    ):
        missing.discard((company, commitment))
        pact, kind = scope.commitments[commitment]
        right = Pledge.unstated_basis(kind, signed=company in signatories.get(pact, ()))
        if basis not in (right, STATED):
            wrong[pk] = right
        if commitment in scope.no_longer_core or (not right and kind != Kind.CHAPTER):
            unneeded.add(pk)
    if unneeded:
        unneeded &= set(rows.bare().values_list("pk", flat=True))
    changed = Pledge.objects.in_bulk(wrong.keys() - unneeded)
    for pk, row in changed.items():
        row.basis = wrong[pk]
    return Due(
        [Pledge(company_id=one, commitment_id=two, basis=IMPLIED) for one, two in sorted(missing)],
        list(changed.values()),
        list(Pledge.objects.in_bulk(unneeded).values()),
    )


def _signatories(scope: Scope) -> dict[int, set[int]]:
    """The companies that ever signed each pact."""
    found: dict[int, set[int]] = defaultdict(set)
    pacts = {pact for pact, _kind in scope.commitments.values()}
    periods = Signing.objects.signed().filter(pact__in=pacts, **scope.of_companies).order_by()
    for pact, company in periods.values_list("pact_id", "company_id").distinct():
        found[pact].add(company)
    return found
