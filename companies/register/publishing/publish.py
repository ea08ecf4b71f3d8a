"""Publishes a unit of work: each change that the public should know becomes a line of `Change`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import override

from companies.models import (
    Change,
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Milestone,
    Pact,
    Pledge,
    ProgressReport,
    PublishedShare,
    Sector,
    Signing,
    Source,
)

from . import evidence_lines as evidence
from . import merge_lines as merges
from . import record_lines as records
from . import status_lines as statuses
from .lines import Line, Related

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork

BATCH = 1000

# In the order in which the lines of one unit are published.
LINES: dict[type[Model], Callable[["RowChange", "UnitOfWork", Related], Iterator[Line]]] = {
    Pact: records.pact,
    Commitment: records.commitment,
    Sector: records.sector,
    Source: records.source,
    Milestone: records.milestone,
    PublishedShare: records.published_share,
    CompanyRedirect: merges.redirect,
    Company: records.company,
    CompanyName: records.name,
    CompanyIdentifier: records.identifier,
    Signing: statuses.signing,
    Pledge: evidence.pledge,
    ProgressReport: evidence.report,
    Citation: evidence.citation,
}


def publish(unit: "UnitOfWork") -> list[Change]:
    """Append the public lines of `unit` to the chain; inside its transaction and lock."""
    last = Change.objects.order_by("-number").first()
    now, role = timezone.now(), role_of(unit.by)
    changes: list[Change] = []
    for line, french in _lines_by_date(unit):
        change = Change(
            what_en=_shortened(line.what),
            what_fr=_shortened(french.what),
            recorded_at=now,
            by_role=role,
            **line.columns(),
        )
        if unit.cause:
            change.cause = unit.cause
        change.follow(last)
        changes.append(change)
        last = change
    return Change.objects.bulk_create(changes, batch_size=BATCH)


def _lines_by_date(unit: "UnitOfWork") -> list[tuple[Line, Line]]:
    """Each line in English and in French, in the order in which things happened in the world."""
    related = Related(unit)
    lines: dict[str, list[Line]] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            lines[language] = list(lines_of(unit, related))
    pairs = zip(lines["en"], lines["fr"], strict=True)
    return sorted(pairs, key=lambda pair: pair[0].order)


def lines_of(unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    """Every line of `unit` in the active language; the same rows give as many in any language."""
    merged = merges.merged_in(unit)
    for model, lines in LINES.items():
        for row in unit.of(model):
            if not (merged and merges.only_moved(row, merged)):
                yield from lines(row, unit, related)


def _shortened(text: str, limit: int = 500) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def role_of(user: AbstractBaseUser | None) -> Change.ByRole:
    """The role that a public line names in place of the person."""
    if user is None:
        return Change.ByRole.MACHINE
    may_decide = user.has_perm("companies.change_proposal")  # type: ignore[attr-defined]
    return Change.ByRole.REVIEWER if may_decide else Change.ByRole.EDITOR
