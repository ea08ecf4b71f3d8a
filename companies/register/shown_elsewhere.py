"""Find other records that show what an edit changed.

A cached response about one company is valid until that company or what its record shares with
others changes. Anything not known here counts as shared by all.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Model, Q

from companies.models import (
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Merge,
    Pledge,
    ProgressReport,
    Retraction,
    Signing,
    Source,
)

if TYPE_CHECKING:
    from .history import UnitOfWork

# Rows that are part of one record. A new source is cited by such rows alone.
OF_A_RECORD: tuple[type[Model], ...] = (
    *(Company, CompanyIdentifier, CompanyName, CompanyRedirect, Signing, Pledge, ProgressReport),
    *(Citation, Retraction, Source),
)


def others_shown(unit: "UnitOfWork", touched: Collection[int]) -> set[int] | None:
    """Companies whose records show something of `touched`, by primary key; None is all.

    A record names its parent and its subsidiaries with their statuses, and its changes name
    companies and sources by their current names.
    """
    if any(row.model not in OF_A_RECORD for row in unit.rows.values()):
        return None
    if _changes_a_source(unit) or _renames_a_company(unit):
        return None
    if _decides_a_pact(unit) or _decides_a_list(unit):
        return None
    versions = [values for row in unit.of(Company) for values in row.versions]
    parents = {values["parent_id"] for values in versions if values["parent_id"]}
    group = Company.objects.order_by()
    parents |= set(group.filter(pk__in=touched).values_list("parent_id", flat=True)) - {None}
    return parents | set(group.filter(parent__in=touched).values_list("pk", flat=True))


def _changes_a_source(unit: "UnitOfWork") -> bool:
    """Whether a source changed, or reuses the public id of a former one."""
    rows = unit.of(Source)
    if any(not row.is_new for row in rows):
        return True
    slugs = [row.values["slug"] for row in rows]
    former = Source.history.filter(slug__in=slugs).exclude(id__in=[row.pk for row in rows])
    return bool(rows) and former.exists()


def _renames_a_company(unit: "UnitOfWork") -> bool:
    """Whether other companies' changes name a company that was renamed."""
    rows = [row for row in unit.of(Company) if row.differs("name", "slug")]
    if not rows:
        return False
    keys = [row.pk for row in rows]
    slugs = [row.values["slug"] for row in rows]
    others = Company.history.exclude(id__in=keys)
    if others.filter(Q(parent_id__in=keys) | Q(slug__in=slugs)).exists():
        return True
    return Merge.objects.filter(Q(kept_id__in=keys) | Q(merged_id__in=keys)).exists()


def _decides_a_pact(unit: "UnitOfWork") -> bool:
    """Whether a pact gets its first period or loses its last: records show pacts with any."""
    rows = [row for row in unit.of(Signing) if row.differs("pact_id")]
    pacts = {values["pact_id"] for row in rows for values in row.versions}
    others = Signing.objects.exclude(pk__in=[row.pk for row in rows])
    return any(not others.filter(pact=pact).exists() for pact in pacts)


def _decides_a_list(unit: "UnitOfWork") -> bool:
    """Whether a pact's periods cite an official list for the first time, or no longer.

    Records of others show it as the list without them.
    """
    if any(row.changed("pact_id") for row in unit.of(Signing)):
        return True
    rows = [row for row in unit.of(Citation) if row.differs("signing_id", "source_id")]
    cited = {(values["signing_id"], values["source_id"]) for row in rows for values in row.versions}
    sources = Source.objects.filter(pk__in={source for _signing, source in cited})
    lists = {*sources.filter(kind=Source.Kind.OFFICIAL_LIST).values_list("pk", flat=True)}
    signings = {signing for signing, source in cited if signing and source in lists}
    if not signings:
        return False
    pacts = dict(Signing.objects.filter(pk__in=signings).values_list("pk", "pact_id"))
    pacts |= {row.pk: row.values["pact_id"] for row in unit.of(Signing)}
    if signings - pacts.keys():  # gone, as a unit before this one said
        return True
    others = Citation.objects.exclude(pk__in=[row.pk for row in rows])
    decided = {(pacts[one], source) for one, source in cited if one in signings and source in lists}
    return any(
        not others.filter(signing__pact=pact, source=source).exists() for pact, source in decided
    )
