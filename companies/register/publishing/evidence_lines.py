"""The public lines on pledges, progress reports and citations."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from companies.models import Change, Company, PartialDate, Pledge, ProgressReport, Signing
from companies.register.history import RowChange, UnitOfWork

from .lines import Line, Related, fields_changed, in_words

Kind, Cause = Change.Kind, Change.Cause


def pledge(row: RowChange, unit: UnitOfWork, related: Related) -> Iterator[Line]:
    values = row.values
    commitment = related.commitments.get(values["commitment_id"])
    if commitment is None:
        return
    about: dict[str, Any] = {
        "company": related.company(values["company_id"]),
        "pact": related.pact(commitment.pact_id),
        "subject": commitment.code,
    }
    title = {"title": commitment.title}
    by_signing = values["basis"] == Pledge.Basis.IMPLIED_BY_SIGNATURE
    if row.is_new and not (by_signing and _bare(values)):
        yield Line(
            Kind.PLEDGE,
            _("pledge “%(title)s”") % title,
            **about,
            field="pledge",
            new=commitment.code,
        )
    if row.is_deleted and not (by_signing and _bare(values)):
        yield Line(
            Kind.PLEDGE,
            _("pledge “%(title)s” taken back") % title,
            **about,
            field="pledge",
            old=commitment.code,
            cause=Cause.CORRECTION,
        )
    old = row.old or {"implementation": Pledge.Implementation.NO_EVIDENCE}
    if not row.is_deleted and old["implementation"] != values["implementation"]:
        what = _("“%(title)s”: %(implementation)s") % {
            **title,
            "implementation": Pledge.Implementation(values["implementation"]).label,
        }
        yield Line(
            Kind.PLEDGE,
            what,
            **about,
            field="implementation",
            old=old["implementation"],
            new=values["implementation"],
            happened=PartialDate(values["as_of"]) if values["as_of"] else None,
        )
    elif not row.is_new and not row.is_deleted:
        material = row.changed("basis", "implementation_basis", "target_on")
        yield from fields_changed(row, Pledge, related, Kind.PLEDGE, about, all_material=material)


def _bare(values: Mapping[str, Any]) -> bool:
    return bool(values["implementation"] == Pledge.Implementation.NO_EVIDENCE)


def report(row: RowChange, unit: UnitOfWork, related: Related) -> Iterator[Line]:
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


def citation(row: RowChange, unit: UnitOfWork, related: Related) -> Iterator[Line]:
    values = row.values
    model, pk = next(
        (model, values[name])
        for name, model in (
            ("signing_id", Signing),
            ("pledge_id", Pledge),
            ("report_id", ProgressReport),
            ("company_id", Company),
        )
        if values[name]
    )
    target = unit.rows.get((model, pk))
    # A citation that is added or deleted with its fact has no line beside that of the fact.
    if target and (target.is_new or target.is_deleted):
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
