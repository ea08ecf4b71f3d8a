"""What the public is told of pledges, progress reports and citations."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from companies.models import Change, Company, PartialDate, Pledge, ProgressReport, Signing
from companies.register.units import Act, Step

from .lines import Line, Named, fields_changed, in_words

Kind, Cause = Change.Kind, Change.Cause


def pledge(step: Step, act: Act, named: Named) -> Iterator[Line]:
    values = step.values
    commitment = named.commitments.get(values["commitment_id"])
    if commitment is None:
        return
    about: dict[str, Any] = {
        "company": named.company(values["company_id"]),
        "pact": named.pact(commitment.pact_id),
    }
    title = {"title": commitment.title}
    by_signing = values["basis"] == Pledge.Basis.IMPLIED_BY_SIGNATURE
    if step.is_new and not (by_signing and _bare(values)):
        yield Line(
            Kind.PLEDGE,
            _("pledge “%(title)s”") % title,
            **about,
            field="pledge",
            new=commitment.code,
        )
    if step.is_gone and not (by_signing and _bare(values)):
        yield Line(
            Kind.PLEDGE,
            _("pledge “%(title)s” taken back") % title,
            **about,
            field="pledge",
            old=commitment.code,
            cause=Cause.CORRECTION,
        )
    old = step.old or {"implementation": Pledge.Implementation.NO_EVIDENCE}
    if not step.is_gone and old["implementation"] != values["implementation"]:
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
    elif not step.is_new and not step.is_gone:
        material = step.changed("basis", "implementation_basis", "target_on")
        yield from fields_changed(step, Pledge, named, Kind.PLEDGE, about, all_material=material)


def _bare(values: Mapping[str, Any]) -> bool:
    return bool(values["implementation"] == Pledge.Implementation.NO_EVIDENCE)


def report(step: Step, act: Act, named: Named) -> Iterator[Line]:
    values = step.values
    about: dict[str, Any] = {
        "company": named.company(values["company_id"]),
        "pact": named.pact(values["pact_id"]),
    }
    if step.is_gone:
        what, cause = _("progress report %(period)s taken back"), Cause.CORRECTION
    elif values["published_on"]:
        what, cause = _("progress report %(period)s published on %(date)s"), Cause.WORLD
    elif values["submitted_on"]:
        what, cause = _("progress report %(period)s submitted on %(date)s"), Cause.WORLD
    else:
        what, cause = _("progress report %(period)s invited"), Cause.SOURCE
    day: datetime.date | None = values["published_on"] or values["submitted_on"]
    told = ("published_on", "submitted_on", "due_on", "url")
    if not (step.is_new or step.is_gone or step.changed(*told)):
        return
    yield Line(
        Kind.REPORT,
        what % {"period": values["period"], "date": in_words(PartialDate(day)) if day else ""},
        **about,
        field="report",
        new="" if step.is_gone else str(day or ""),
        happened=PartialDate(day) if day and not step.is_gone else None,
        cause=cause,
        material=step.is_new or step.is_gone or step.changed("published_on", "submitted_on"),
    )


def citation(step: Step, act: Act, named: Named) -> Iterator[Line]:
    values = step.values
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
    target = act.steps.get((model, pk))
    # Evidence that came or went with what it supports is told with it.
    if target and (target.is_new or target.is_gone):
        return
    supported = {"company_id": pk} if model is Company else named.targets.get((model, pk))
    if supported is None:  # deleted just now, in an act of its own
        return
    title = {"title": source.title if (source := named.sources.get(values["source_id"])) else ""}
    what = _("evidence changed: %(title)s")
    if step.is_new:
        what = _("evidence added: %(title)s")
    elif step.is_gone:
        what = _("evidence taken back: %(title)s")
    yield Line(
        Kind.EVIDENCE,
        what % title,
        company=named.company(supported["company_id"]),
        field="citation",
        cause=Cause.SOURCE if step.is_new else Cause.CORRECTION,
        material=False,
    )
