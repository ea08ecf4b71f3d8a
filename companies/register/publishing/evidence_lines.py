"""The public lines on pledges, progress reports and citations."""

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext as _

from companies.models import (
    Change,
    Commitment,
    Company,
    PartialDate,
    Pledge,
    ProgressReport,
    Signing,
)

from .lines import Line, Related, fields_changed, in_words

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork, Values

Kind, Cause = Change.Kind, Change.Cause
FACTS: dict[str, type[Model]] = {
    "signing_id": Signing,
    "pledge_id": Pledge,
    "report_id": ProgressReport,
    "company_id": Company,
}


def pledge(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    commitment = related.commitments.get(row.values["commitment_id"])
    if commitment is None:
        return
    about: dict[str, Any] = {
        "company": related.company(row.values["company_id"]),
        "pact": related.pact(commitment.pact_id),
        "subject": commitment.code,
    }
    if (row.is_new or row.is_deleted) and not _is_implied(row.values):
        yield _pledged(row, commitment, about)
    old = row.old or {"implementation": Pledge.Implementation.NO_EVIDENCE}
    if not row.is_deleted and old["implementation"] != row.values["implementation"]:
        yield _implemented(old, row.values, commitment, about)
    elif not row.is_new and not row.is_deleted:
        material = row.changed("basis", "implementation_basis", "target_on")
        yield from fields_changed(row, Pledge, related, Kind.PLEDGE, about, all_material=material)


def _pledged(row: "RowChange", commitment: Commitment, about: dict[str, Any]) -> Line:
    what = _("pledge “%(title)s”") if row.is_new else _("pledge “%(title)s” taken back")
    return Line(
        Kind.PLEDGE,
        what % {"title": commitment.title},
        **about,
        field="pledge",
        old="" if row.is_new else commitment.code,
        new=commitment.code if row.is_new else "",
        cause=Cause.SOURCE if row.is_new else Cause.CORRECTION,
    )


def _implemented(
    old: "Values", new: "Values", commitment: Commitment, about: dict[str, Any]
) -> Line:
    what = _("“%(title)s”: %(implementation)s") % {
        "title": commitment.title,
        "implementation": Pledge.Implementation(new["implementation"]).label,
    }
    return Line(
        Kind.PLEDGE,
        what,
        **about,
        field="implementation",
        old=old["implementation"],
        new=new["implementation"],
        happened=PartialDate(new["as_of"]) if new["as_of"] else None,
    )


def _is_implied(values: "Values") -> bool:
    """Whether the signature alone says it; such a pledge has no line beside that of the period."""
    return (values["basis"], values["implementation"]) == (
        Pledge.Basis.IMPLIED_BY_SIGNATURE,
        Pledge.Implementation.NO_EVIDENCE,
    )


def report(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    values = row.values
    about: dict[str, Any] = {
        "company": related.company(values["company_id"]),
        "pact": related.pact(values["pact_id"]),
        "subject": str(values["period"]),
    }
    if row.is_deleted:
        what, cause = _("progress report %(period)s taken back"), Cause.CORRECTION
    elif values["published_on"]:
        what, cause = _("progress report %(period)s published on %(date)s"), Cause.WORLD
    elif values["submitted_on"]:
        what, cause = _("progress report %(period)s submitted on %(date)s"), Cause.WORLD
    else:
        what, cause = _("progress report %(period)s invited"), Cause.SOURCE
    day: datetime.date | None = values["published_on"] or values["submitted_on"]
    public = ("published_on", "submitted_on", "due_on", "url")
    if not (row.is_new or row.is_deleted or row.changed(*public)):
        return
    yield Line(
        Kind.REPORT,
        what % {"period": values["period"], "date": in_words(PartialDate(day)) if day else ""},
        **about,
        field="report",
        new="" if row.is_deleted else str(day or ""),
        happened=PartialDate(day) if day and not row.is_deleted else None,
        cause=cause,
        material=row.is_new or row.is_deleted or row.changed("published_on", "submitted_on"),
    )


def citation(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    values = row.values
    model, pk = next((model, values[name]) for name, model in FACTS.items() if values[name])
    fact = unit.rows.get((model, pk))
    # A citation that is added or deleted with its fact has no line beside that of the fact.
    if fact and (fact.is_new or fact.is_deleted):
        return
    supported = {"company_id": pk} if model is Company else related.targets.get((model, pk))
    if supported is None:  # deleted a moment before, in another unit
        return
    source = related.sources.get(values["source_id"])
    what = _("evidence changed: %(title)s")
    if row.is_new:
        what = _("evidence added: %(title)s")
    elif row.is_deleted:
        what = _("evidence taken back: %(title)s")
    yield Line(
        Kind.EVIDENCE,
        what % {"title": source.title if source else ""},
        company=related.company(supported["company_id"]),
        subject=source.slug if source else "",
        field="citation",
        cause=Cause.SOURCE if row.is_new else Cause.CORRECTION,
        material=False,
    )
