"""What the public is told of companies, their names, and of pacts and sources."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from companies.models import (
    Change,
    Commitment,
    Company,
    CompanyIdentifier,
    Milestone,
    Pact,
    Sector,
    Source,
)
from companies.register.units import Act, Step

from .lines import Line, Named, fields_changed

Kind, Cause = Change.Kind, Change.Cause
MATERIAL_OF_COMPANY = ("name", "country", "sector_id", "size", "role", "parent_id")


def company(step: Step, act: Act, named: Named) -> Iterator[Line]:
    about: dict[str, Any] = {"company": named.company(step.pk)}
    if step.is_new:
        if step.pk not in named.newly_signing:
            yield Line(Kind.PROFILE, _("added to the register"), **about, material=False)
    elif step.is_gone:
        cause = act.cause or Cause.CORRECTION
        yield Line(Kind.PROFILE, _("taken off the register"), **about, cause=cause)
    else:
        yield from fields_changed(
            step, Company, named, Kind.PROFILE, about, material_fields=MATERIAL_OF_COMPANY
        )


def name(step: Step, act: Act, named: Named) -> Iterator[Line]:
    values = step.values
    company = act.steps.get((Company, values["company_id"]))
    if company and (company.is_new or company.is_gone):
        return
    what = _("other name corrected: %(name)s")
    if step.is_new:
        what = _("other name added: %(name)s")
    elif step.is_gone:
        what = _("other name taken back: %(name)s")
    yield Line(
        Kind.NAME,
        what % {"name": values["name"]},
        company=named.company(values["company_id"]),
        field="name",
        old="" if step.is_new else step.old["name"],  # type: ignore[index]
        new="" if step.is_gone else values["name"],
        cause=Cause.SOURCE if step.is_new else Cause.CORRECTION,
        material=False,
    )


def identifier(step: Step, act: Act, named: Named) -> Iterator[Line]:
    values = step.values
    company = act.steps.get((Company, values["company_id"]))
    if company and (company.is_new or company.is_gone):
        return
    scheme = CompanyIdentifier.Scheme(values["scheme"]).label
    what = _("%(scheme)s taken back: %(value)s") if step.is_gone else _("%(scheme)s: %(value)s")
    yield Line(
        Kind.PROFILE,
        what % {"scheme": scheme, "value": values["value"]},
        company=named.company(values["company_id"]),
        field=values["scheme"],
        old="" if step.is_new else step.old["value"],  # type: ignore[index]
        new="" if step.is_gone else values["value"],
        material=False,
    )


# Pacts and what belongs to no company


def pact(step: Step, act: Act, named: Named) -> Iterator[Line]:
    about: dict[str, Any] = {"pact": step.values["slug"]}
    subject = Pact(**step.values).name
    material = ("opened_on", "closed_on", "report_after_months", "listed_total", "listed_total_on")
    yield from _whole(step, Pact, named, Kind.PACT, about, subject, material)


def commitment(step: Step, act: Act, named: Named) -> Iterator[Line]:
    about: dict[str, Any] = {"pact": named.pact(step.values["pact_id"])}
    subject = Commitment(**step.values).title
    material = ("kind", "audience", "text")
    yield from _whole(step, Commitment, named, Kind.PACT, about, subject, material)


def milestone(step: Step, act: Act, named: Named) -> Iterator[Line]:
    subject = Milestone(**step.values).title
    yield from _whole(step, Milestone, named, Kind.PACT, {}, subject, ("date", "value"))


def sector(step: Step, act: Act, named: Named) -> Iterator[Line]:
    yield from _whole(step, Sector, named, Kind.SOURCE, {}, Sector(**step.values).label, ())


def source(step: Step, act: Act, named: Named) -> Iterator[Line]:
    # A new document says nothing until a fact cites it, and then the fact is told.
    if not step.is_new:
        yield from _whole(step, Source, named, Kind.SOURCE, {}, step.values["title"], ())


def _whole(
    step: Step,
    model: type[Model],
    named: Named,
    kind: str,
    about: dict[str, Any],
    subject: str,
    material: tuple[str, ...],
) -> Iterator[Line]:
    """A row that stands for itself: added, taken back, or some of its fields changed."""
    if step.is_new:
        what = _("%(subject)s: added") % {"subject": subject}
        yield Line(kind, what, **about, material=False)
    elif step.is_gone:
        what = _("%(subject)s: taken back") % {"subject": subject}
        yield Line(kind, what, **about, cause=Cause.CORRECTION, material=bool(material))
    else:
        yield from fields_changed(
            step, model, named, kind, about, subject=f"{subject}: ", material_fields=material
        )
