"""Contradictions between two records, to be decided before a merge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Citation,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Correction,
    Pledge,
    ProgressReport,
    Proposal,
    RefusedMatch,
    Retraction,
    Signing,
)

# Of these a company has one; of the others it may have several.
SINGLE = {"lei", "wikidata", "eu-transparency-register"}
TARGETS: dict[type[models.Model], str] = {
    Signing: "signing",
    Pledge: "pledge",
    ProgressReport: "report",
    Company: "company",
}


class Choice(models.TextChoices):
    """What to do with two contradicting rows."""

    KEPT = "kept", _("as the company that stays has it")
    MERGED = "merged", _("as the merged company has it")
    EARLIER = "earlier", _("as the company that stays has it, since the earlier date")
    BOTH = "both", _("both")


@dataclass(frozen=True)
class Clash:
    """A contradiction between the remaining and the merged company.

    `key` is stable while neither record changes; the first of `choices` is the default.
    """

    key: str
    subject: Any  # as the screen shows it
    ours: Any
    theirs: Any
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class MergePreview:
    """All rows of the merged company, by table, and the clashes to decide."""

    kept: Company
    merged: Company
    rows: Mapping[type[models.Model], list[Any]]
    clashes: list[Clash]


def preview(kept: Company, merged: Company) -> MergePreview:
    """Preview a merge. Raises ValidationError if the two cannot be merged."""
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
    return MergePreview(kept, merged, theirs, clashes)


def _rows_of(company: Company) -> dict[type[models.Model], list[Any]]:
    return {
        Signing: list(company.signings.select_related("company", "pact").order_by("since")),
        Pledge: list(company.pledges.select_related("company", "commitment")),
        ProgressReport: list(company.reports.select_related("company", "pact")),
        CompanyName: list(company.names.all()),
        CompanyIdentifier: list(company.identifiers.all()),
        CompanyRedirect: list(company.redirects.all()),
        Retraction: list(company.retractions.select_related("pact")),
        Citation: list(company.citations.select_related("source")),
        Company: list(company.subsidiaries.all()),
        Proposal: list(company.proposals.select_related("company")),
        RefusedMatch: list(company.refused_matches.select_related("company")),
        Correction: list(company.corrections.all()),
    }


# One kind of clash after another


def _period_clashes(mine: list[Signing], theirs: list[Signing]) -> Iterable[Clash]:
    for ours in mine:
        for other in theirs:
            if ours.overlaps(other):
                choices: tuple[Choice, ...] = (Choice.KEPT, Choice.MERGED)
                if ours.status == other.status and _may_begin_with(ours, other, mine):
                    choices = (Choice.EARLIER, *choices)
                yield Clash(f"period-{ours.pk}-{other.pk}", ours.pact, ours, other, choices)


def _may_begin_with(ours: Signing, other: Signing, mine: list[Signing]) -> bool:
    """Whether `ours` could begin as early as `other` without overlapping another period."""
    gained = Signing(pact_id=ours.pact_id, since=other.since, until=ours.since)
    return other.since < ours.since and not any(gained.overlaps(row) for row in mine if row != ours)


def _fact_clashes(mine: list[Any], theirs: list[Any]) -> Iterable[Clash]:
    """Clashes of pledges to the same commitment, and of reports of the same period."""
    known = {_about(row): row for row in mine}
    for other in theirs:
        if ours := known.get(_about(other)):
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
        return not row.says_more
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


def profile_fields() -> list[str]:
    """Every field of a company except its names.

    The old name becomes another name of the remaining company, the old public id a redirect to
    it.
    """
    fields = [own for own in Company._meta.concrete_fields if own.editable and not own.primary_key]
    return [own.name for own in fields if own.name not in ("name", "slug")]


def _profile_clashes(kept: Company, merged: Company) -> Iterable[Clash]:
    for name in profile_fields():
        ours, other = getattr(kept, name), getattr(merged, name)
        # A company that goes is nobody's group, and the one that stays is not its own.
        decided = name == "parent" and (other == kept or ours == merged)
        if ours != other and other not in (None, "", "unknown") and not decided:
            label = Company._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column, no relation
            mine, theirs = _shown(kept, name), _shown(merged, name)
            yield Clash(f"profile-{name}", label, mine, theirs, (Choice.KEPT, Choice.MERGED))


def _shown(company: Company, name: str) -> str:
    if name == "country":
        return company.country_name or _t("unknown")
    display = getattr(company, f"get_{name}_display", None)
    return str(display() if display else getattr(company, name) or _t("unknown"))
